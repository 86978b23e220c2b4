-- Where paths of the site lead that are there no longer, as editors say. Old slugs are in slug_redirects, and follow their articles by
-- themselves.
CREATE TABLE redirects (
    id         text PRIMARY KEY,
    version    integer NOT NULL CHECK (version > 0),
    -- As it was given.
    path       text NOT NULL,
    -- As it is looked for: decoded, without a slash at the end.
    name       text NOT NULL,
    status     integer NOT NULL CHECK (status IN (301, 302, 307, 308, 410)),
    -- A path of the site or an address elsewhere.
    location   text,
    article_id text REFERENCES articles ON DELETE CASCADE,
    note       text CHECK (length(note) BETWEEN 1 AND 200),
    -- Who changed it last; NULL when the account is gone.
    editor_id  text REFERENCES editors ON DELETE SET NULL,
    created_at text NOT NULL,
    updated_at text NOT NULL,
    UNIQUE (name),
    CHECK ((status = 410) = (location IS NULL AND article_id IS NULL)),
    CHECK (location IS NULL OR article_id IS NULL)
) STRICT;
CREATE INDEX redirects_path ON redirects (path, id);
CREATE INDEX redirects_updated ON redirects (updated_at, id);
CREATE INDEX redirects_article ON redirects (article_id);
CREATE INDEX redirects_editor ON redirects (editor_id);
