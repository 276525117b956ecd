-- Jobs for the worker, written in the transaction that makes them necessary. Any pod adds them to
-- their queue in Redis and deletes them. Rows live for a moment.
CREATE TABLE job_outbox (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue         text        NOT NULL,
    name          text        NOT NULL,
    job_id        text        NOT NULL,  -- added a second time under this id, it is one job
    data          text        NOT NULL,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- A file has its row before it is written and until it has been removed: no file is forgotten.
CREATE TABLE uploads (
    id         uuid        PRIMARY KEY,
    owner      uuid        NOT NULL REFERENCES users,
    name       text        NOT NULL,
    media_type text        NOT NULL,
    extension  text        NOT NULL,
    bytes      bigint      NOT NULL,
    width      bigint      NOT NULL,
    height     bigint      NOT NULL,
    state      text        NOT NULL CHECK (state IN ('pending', 'stored', 'removed')),
    room_id    uuid,       -- of the message that it is attached to
    seq        bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX uploads_message ON uploads (room_id, seq) WHERE room_id IS NOT NULL;
CREATE INDEX uploads_loose ON uploads (created_at) WHERE room_id IS NULL;
CREATE INDEX uploads_removed ON uploads (id) WHERE state = 'removed';

CREATE TABLE payments (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users,
    amount       bigint      NOT NULL CHECK (amount > 0),
    currency     text        NOT NULL,
    method       text        NOT NULL,
    description  text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('review', 'processing', 'failed', 'rejected',
                                                       'succeeded', 'refunded')),
    risk_score   integer     NOT NULL,
    risk_reasons text        NOT NULL,
    failure      text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payments_user_id ON payments (user_id, created_at);
CREATE INDEX payments_review ON payments (id) WHERE state = 'review';

-- What the gateway has told, once each: told again it changes nothing.
CREATE TABLE payment_events (
    id         text        PRIMARY KEY,
    payment_id uuid        NOT NULL REFERENCES payments,
    state      text        NOT NULL,
    is_news    boolean     NOT NULL,
    told_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payment_events_payment_id ON payment_events (payment_id);

CREATE TABLE exports (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users,
    room_id    uuid,       -- null: all that the user has sent
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX exports_user_id ON exports (user_id, id);

-- As chatflow-worker makes it, whichever of the two comes first.
CREATE TABLE IF NOT EXISTS audit_log (
    job         text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor       text        NOT NULL,
    action      text        NOT NULL,
    target      text        NOT NULL,
    details     jsonb       NOT NULL,
    PRIMARY KEY (recorded_at, job)
);

-- Errors of clients, alike ones together: how often within each minute, and one of them in full.
CREATE TABLE error_groups (
    fingerprint text        PRIMARY KEY,
    message     text        NOT NULL,
    sample      text        NOT NULL,
    count       bigint      NOT NULL DEFAULT 0,
    first_seen  timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX error_groups_last_seen ON error_groups (last_seen);
CREATE TABLE error_minutes (
    fingerprint text        NOT NULL REFERENCES error_groups ON DELETE CASCADE,
    minute      timestamptz NOT NULL,
    count       bigint      NOT NULL,
    PRIMARY KEY (fingerprint, minute)
);
CREATE INDEX error_minutes_minute ON error_minutes (minute);
