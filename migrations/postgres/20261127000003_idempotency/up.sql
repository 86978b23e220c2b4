-- Writes that were asked for under a key of the client's, and what was answered, for as long as a repetition is answered the
-- same. `id` is a hash of who asked and the key, `fingerprint` one of the request: neither tells anything about them.
CREATE TABLE idempotency_keys (
    id          text PRIMARY KEY NOT NULL,
    fingerprint text NOT NULL,
    -- Which of several attempts may write.
    attempt     uuid NOT NULL,
    state       text NOT NULL CHECK (state IN ('claimed', 'executed', 'answered')),
    -- Until when the attempt is taken to be at work.
    lease_until timestamptz NOT NULL,
    status      integer,
    headers     jsonb,
    body        bytea,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    CHECK ((state = 'answered') = (status IS NOT NULL AND headers IS NOT NULL AND body IS NOT NULL))
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
