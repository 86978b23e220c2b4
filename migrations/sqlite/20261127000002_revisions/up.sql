-- uuid and timestamptz are text here: hyphenated lower case, fixed-width RFC 3339 in UTC.

-- What a working copy was: its newest revision holds what the last write left. Articles that are older than this table get
-- their first one with their next write.
CREATE TABLE revisions (
    article_id  text NOT NULL REFERENCES articles ON DELETE CASCADE,
    -- 1, 2 and so on within the article.
    number      integer NOT NULL CHECK (number > 0),
    -- The version of the working copy that it holds.
    version     integer NOT NULL CHECK (version > 0),
    -- Counts what happens to the revision itself: a write that folds into it, a name, a publication.
    changes     integer NOT NULL CHECK (changes > 0),
    kind        text NOT NULL CHECK (kind IN ('created', 'changed', 'restored', 'published', 'followed')),
    -- The number of the revision that it brought back.
    restored    integer CHECK (restored > 0),
    -- The number of the publication that was made of it.
    published   integer CHECK (published > 0),
    name        text,
    editor_id   text REFERENCES editors ON DELETE SET NULL,
    -- As the editor was called then.
    editor_name text,
    created_at  text NOT NULL,
    updated_at  text NOT NULL,
    -- Last: lists read all but this.
    document    text NOT NULL,
    PRIMARY KEY (article_id, number)
) STRICT;
CREATE INDEX revisions_editor ON revisions (editor_id);
