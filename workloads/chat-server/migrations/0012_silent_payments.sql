-- outside a transaction
-- Payments of which the gateway has told nothing are looked for again and again.
DROP INDEX CONCURRENTLY IF EXISTS payments_processing;
CREATE INDEX CONCURRENTLY payments_processing ON payments (updated_at) WHERE state = 'processing';
