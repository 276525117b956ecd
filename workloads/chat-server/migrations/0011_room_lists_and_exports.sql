-- outside a transaction
-- Public rooms, newest first: a list of rooms does not look at the private ones of others. The
-- messages of one user, in the order in which they are exported.
DROP INDEX CONCURRENTLY IF EXISTS rooms_public;
CREATE INDEX CONCURRENTLY rooms_public ON rooms (id) WHERE kind = 'public';
DROP INDEX CONCURRENTLY IF EXISTS messages_sender;
CREATE INDEX CONCURRENTLY messages_sender ON messages (sender, room_id, seq);
