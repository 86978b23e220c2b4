-- Publications that another one has taken the place of, as they stood then. The one that stands is in publications.
CREATE TABLE publication_versions (
    article_id     uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    number         integer NOT NULL CHECK (number > 0),
    slug           text COLLATE "C" NOT NULL,
    language       text COLLATE "C" NOT NULL,
    title          text COLLATE "C" NOT NULL,
    published_at   timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    word_count     integer NOT NULL CHECK (word_count >= 0),
    comment_policy text NOT NULL CHECK (comment_policy IN ('open', 'closed')),
    head           text NOT NULL,
    sections       text NOT NULL,
    citations      text NOT NULL,
    source         text,
    rendition      integer NOT NULL,
    style          text COLLATE "C" NOT NULL,
    bodies         text,
    PRIMARY KEY (article_id, number)
);
CREATE INDEX publication_versions_rendition ON publication_versions (rendition, article_id, number);
