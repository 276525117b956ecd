-- What is to be told to a room, written in the transaction that changes it. One pod at a time publishes
-- it to Redis and deletes it. Rows live for milliseconds: they are vacuumed early.
CREATE TABLE outbox (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id    uuid,                  -- null: all gateways are told, not a room
    once       text        NOT NULL,  -- published a second time under this name, it is told once
    event      text        NOT NULL,  -- ["message.created", {…}]; {"type": "ban", "userId": …}
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Which pod does what only one may do at a time.
CREATE TABLE leases (
    name   text        PRIMARY KEY,
    holder uuid        NOT NULL,
    until  timestamptz NOT NULL
);
