-- Nullable and without default: no row is rewritten, and an older chat-server goes on beside.
ALTER TABLE outbox
    ADD COLUMN trace text;  -- W3C traceparent of the request, which the room is told with the event
