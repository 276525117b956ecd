-- Nullable columns without defaults: no row is rewritten, and an older chat-server goes on beside.
ALTER TABLE messages
    ADD COLUMN reply_to   bigint,       -- the sequence of the thread's first message
    ADD COLUMN edited_at  timestamptz,
    ADD COLUMN deleted_at timestamptz,  -- the body is gone then, the sequence stays
    ADD COLUMN reactions  jsonb;        -- {"👍": 2}, counted from the table below

CREATE TABLE reactions (
    room_id    uuid        NOT NULL,
    seq        bigint      NOT NULL,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    emoji      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (room_id, seq, emoji, user_id)
);
CREATE INDEX reactions_user_id ON reactions (user_id);
