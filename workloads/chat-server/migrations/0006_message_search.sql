-- outside a transaction
-- Messages are sent all the while. What an interrupted attempt has left is taken away first.
DROP INDEX CONCURRENTLY IF EXISTS messages_replies;
CREATE INDEX CONCURRENTLY messages_replies ON messages (room_id, reply_to, seq)
    WHERE reply_to IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS messages_search;
CREATE INDEX CONCURRENTLY messages_search ON messages USING gin (to_tsvector('simple', body));
