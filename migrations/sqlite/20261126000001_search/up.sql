-- What search finds of publications. Made with them, and for those that are there already when ibid starts.
CREATE TABLE publication_texts (
    -- The later an article came in, the higher.
    seq          integer PRIMARY KEY AUTOINCREMENT,
    article_id   text NOT NULL REFERENCES publications ON DELETE CASCADE,
    published_at text NOT NULL,
    title        text NOT NULL,
    -- How many words it has, and how often each.
    length       integer NOT NULL CHECK (length >= 0),
    profile      blob NOT NULL,
    -- JSON: tags, authors, year, designs; and the parts in plain text.
    labels       text NOT NULL,
    parts        text NOT NULL,
    UNIQUE (article_id)
) STRICT;

CREATE TABLE study_texts (
    seq      integer PRIMARY KEY AUTOINCREMENT,
    study_id text NOT NULL REFERENCES published_studies ON DELETE CASCADE,
    UNIQUE (study_id)
) STRICT;

-- Tokens are made by ibid; the tokenizer takes them apart at the blanks and leaves them as they are.
CREATE VIRTUAL TABLE publication_words USING fts5(
    title, lead, body, studies, marks,
    content = '', contentless_delete = 1, tokenize = "ascii tokenchars '.:-'"
);
CREATE VIRTUAL TABLE study_words USING fts5(
    words,
    content = '', contentless_delete = 1, tokenize = "ascii tokenchars '.:-'"
);
CREATE TRIGGER publication_words_gone AFTER DELETE ON publication_texts BEGIN
    DELETE FROM publication_words WHERE rowid = old.seq;
END;
CREATE TRIGGER study_words_gone AFTER DELETE ON study_texts BEGIN
    DELETE FROM study_words WHERE rowid = old.seq;
END;

-- The languages whose stems are in the words: what a query is stemmed by.
CREATE TABLE search_languages (
    code text PRIMARY KEY
) STRICT;
