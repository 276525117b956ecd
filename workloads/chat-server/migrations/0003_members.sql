-- Rooms that are there already are public, as they were. Both columns have constant defaults, so that
-- no row is rewritten and an older chat-server can go on beside.
ALTER TABLE rooms
    ADD COLUMN kind text NOT NULL DEFAULT 'public' CHECK (kind IN ('public', 'private', 'direct')),
    ADD COLUMN created_by uuid,
    -- The two users of a direct room, the lesser id first: "a b".
    ADD COLUMN direct_key text;
CREATE UNIQUE INDEX rooms_direct_key ON rooms (direct_key) WHERE direct_key IS NOT NULL;

CREATE TABLE room_members (
    room_id            uuid        NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id            uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    role               text        NOT NULL DEFAULT 'member'
                                   CHECK (role IN ('member', 'moderator', 'owner')),
    joined_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Receipts: up to which sequence messages have reached the user's devices, and were read.
    last_delivered_seq bigint      NOT NULL DEFAULT 0,
    last_read_seq      bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 70);  -- receipts change rows often, and no indexed column
CREATE INDEX room_members_user_id ON room_members (user_id, room_id);
