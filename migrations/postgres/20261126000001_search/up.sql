-- What search finds of publications. Made with them, and for those that are there already when ibid starts.
CREATE TABLE publication_texts (
    -- The later an article came in, the higher.
    seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id   uuid NOT NULL REFERENCES publications ON DELETE CASCADE,
    published_at timestamptz NOT NULL,
    title        text NOT NULL,
    -- How many words it has, and how often each.
    length       integer NOT NULL CHECK (length >= 0),
    profile      bytea NOT NULL,
    -- JSON: tags, authors, year, designs; and the parts in plain text.
    labels       text NOT NULL,
    parts        text NOT NULL,
    CONSTRAINT "publication_texts.article_id" UNIQUE (article_id)
);

-- Read of many rows at once: it stays in them.
ALTER TABLE publication_texts ALTER COLUMN profile SET STORAGE MAIN;

CREATE TABLE study_texts (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_id uuid NOT NULL REFERENCES published_studies ON DELETE CASCADE,
    CONSTRAINT "study_texts.study_id" UNIQUE (study_id)
);

-- Tokens are made by ibid and are lexemes as they are. A text that is too long for one vector has several.
CREATE TABLE publication_words (
    seq    bigint NOT NULL REFERENCES publication_texts ON DELETE CASCADE,
    volume integer NOT NULL CHECK (volume > 0),
    -- It is the only one of its text.
    alone  boolean NOT NULL,
    words  tsvector NOT NULL,
    PRIMARY KEY (seq, volume)
);
CREATE INDEX publication_words_words ON publication_words USING gin (words) WITH (fastupdate = off);
CREATE INDEX publication_words_volumes ON publication_words USING gin (words) WITH (fastupdate = off) WHERE NOT alone;

CREATE TABLE study_words (
    seq    bigint NOT NULL REFERENCES study_texts ON DELETE CASCADE,
    volume integer NOT NULL CHECK (volume > 0),
    alone  boolean NOT NULL,
    words  tsvector NOT NULL,
    PRIMARY KEY (seq, volume)
);
CREATE INDEX study_words_words ON study_words USING gin (words) WITH (fastupdate = off);
CREATE INDEX study_words_volumes ON study_words USING gin (words) WITH (fastupdate = off) WHERE NOT alone;

-- The languages whose stems are in the words: what a query is stemmed by.
CREATE TABLE search_languages (
    code text PRIMARY KEY
);
