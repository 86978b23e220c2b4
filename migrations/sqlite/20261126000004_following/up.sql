-- uuid, timestamptz and jsonb are text here: hyphenated lower case, fixed-width RFC 3339 in UTC, JSON.

-- Publications that another one has taken the place of, as they stood then. The one that stands is in publications.
CREATE TABLE publication_versions (
    article_id     text NOT NULL REFERENCES articles ON DELETE CASCADE,
    number         integer NOT NULL CHECK (number > 0),
    slug           text NOT NULL,
    language       text NOT NULL,
    title          text NOT NULL,
    published_at   text NOT NULL,
    updated_at     text NOT NULL,
    word_count     integer NOT NULL CHECK (word_count >= 0),
    comment_policy text NOT NULL CHECK (comment_policy IN ('open', 'closed')),
    head           text NOT NULL,
    sections       text NOT NULL,
    citations      text NOT NULL,
    source         text,
    rendition      integer NOT NULL,
    style          text NOT NULL,
    bodies         text,
    PRIMARY KEY (article_id, number)
) STRICT;
CREATE INDEX publication_versions_rendition ON publication_versions (rendition, article_id, number);
