-- Links under which a working copy can be read without an account, until they expire or are revoked. What is shown is the token: the
-- id and the article, signed.
CREATE TABLE preview_tokens (
    id         uuid PRIMARY KEY,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    -- Who it is for.
    note       text CHECK (length(note) BETWEEN 1 AND 200),
    -- Who made it; NULL when the account is gone.
    editor_id  uuid REFERENCES editors ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX preview_tokens_article ON preview_tokens (article_id, created_at, id);
CREATE INDEX preview_tokens_expires ON preview_tokens (expires_at);
CREATE INDEX preview_tokens_editor ON preview_tokens (editor_id);
