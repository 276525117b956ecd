-- A room's last_seq changes with each message sent to it: half of each page is left free, so that
-- the new version of the row stays on its page and touches no index.
CREATE TABLE rooms (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL,
    topic      text        NOT NULL DEFAULT '',
    version    bigint      NOT NULL DEFAULT 1,
    last_seq   bigint      NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- No foreign key to rooms: a message gets its sequence from the room's row, in the same statement,
-- and there is no sequence without a room. The key would cost another look at that row per message.
CREATE TABLE messages (
    room_id       uuid        NOT NULL,
    seq           bigint      NOT NULL,
    id            uuid        NOT NULL,
    sender        text        NOT NULL,
    client_msg_id text,
    body          text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (room_id, seq)
);

-- The same message sent again is found here, for ever.
CREATE UNIQUE INDEX messages_client_msg_id ON messages (room_id, sender, client_msg_id)
    WHERE client_msg_id IS NOT NULL;
