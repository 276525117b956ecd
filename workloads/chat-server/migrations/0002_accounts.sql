CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    handle        text        NOT NULL UNIQUE,
    display_name  text        NOT NULL,
    -- Argon2id in its encoded form, or bcrypt as other systems have left it: made anew at log-in.
    password_hash text        NOT NULL,
    role          text        NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'moderator', 'admin')),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row per log-in. Only SHA-256 of a refresh token's secret is kept, of the newest and of the one
-- before: who shows the one before has a copy, and the session ends for both.
CREATE TABLE sessions (
    id            uuid        PRIMARY KEY,
    user_id       uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    secret_hash   text        NOT NULL,
    previous_hash text,
    rotated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- A ban that is lifted stays as a row, so that every pod learns of the change.
CREATE TABLE bans (
    user_id    uuid        PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    reason     text        NOT NULL,
    banned_by  uuid        NOT NULL,
    until      timestamptz,
    lifted_at  timestamptz,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX bans_changed_at ON bans (changed_at);
