-- What a request with an Idempotency-Key was answered, so that the same request, sent again, does
-- nothing twice. Rows live for a day.
CREATE TABLE idempotency_keys (
    owner         text        NOT NULL,  -- the user; '' where authentication is off
    key           text        NOT NULL,
    fingerprint   text        NOT NULL,  -- SHA-256 of method, path and body
    operation_id  uuid        NOT NULL,  -- what the request makes has this id, also the second time
    running_until timestamptz NOT NULL,  -- whoever answers it has given up by then
    status        integer,               -- null: not answered yet
    location      text        NOT NULL DEFAULT '',
    body          text        NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (owner, key)
) WITH (fillfactor = 80);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
