-- outside a transaction
-- Bans that are about to end are looked for every second.
DROP INDEX CONCURRENTLY IF EXISTS bans_until;
CREATE INDEX CONCURRENTLY bans_until ON bans (until) WHERE lifted_at IS NULL;
