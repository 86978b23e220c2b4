-- What evidence needs beside the record.
ALTER TABLE studies ADD COLUMN isbn text COLLATE "C";
ALTER TABLE studies ADD COLUMN review text CHECK (review IN ('peer_reviewed', 'preprint', 'not_reviewed'));
-- An ISO 8601 duration.
ALTER TABLE studies ADD COLUMN follow_up text;
ALTER TABLE studies ADD COLUMN funding jsonb NOT NULL DEFAULT '[]'::jsonb;
ALTER TABLE studies ADD COLUMN conflicts_of_interest text;
ALTER TABLE studies ADD COLUMN open_access_url text;
-- Where each field came from: its name, and the source with the time.
ALTER TABLE studies ADD COLUMN sources jsonb NOT NULL DEFAULT '{}'::jsonb;
-- The editors' own; never public.
ALTER TABLE studies ADD COLUMN notes text;
-- What the notices come to; the notice that says so stands beside it.
ALTER TABLE studies ADD COLUMN retraction text
    CHECK (retraction IN ('retracted', 'expression_of_concern', 'corrected', 'reinstated'));
ALTER TABLE studies ADD COLUMN retraction_notice jsonb;
-- When Crossref was last asked for notices of this study.
ALTER TABLE studies ADD COLUMN crossref_checked_at timestamptz;
CREATE INDEX studies_isbn ON studies (isbn);
CREATE INDEX studies_year ON studies (year, id);
CREATE INDEX studies_retraction ON studies (retraction, id);

-- Every key that names a study: its own and those it had before, so that no key ever names two.
CREATE TABLE study_keys (
    key        text COLLATE "C" PRIMARY KEY,
    study_id   uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);
CREATE INDEX study_keys_study ON study_keys (study_id);
INSERT INTO study_keys (key, study_id, created_at) SELECT key, id, created_at FROM studies;

-- Merges, with what is needed to undo them.
CREATE TABLE study_merges (
    id        uuid PRIMARY KEY,
    kept_id   uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    gone      jsonb NOT NULL,
    editor_id uuid REFERENCES editors ON DELETE SET NULL,
    merged_at timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX study_merges_kept ON study_merges (kept_id, merged_at);

-- Retractions, expressions of concern, corrections and reinstatements, of any study in the world.
CREATE TABLE notices (
    id          uuid PRIMARY KEY,
    source      text NOT NULL CHECK (source IN ('retraction_watch', 'crossref', 'editor')),
    source_id   text COLLATE "C" NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('retraction', 'expression_of_concern', 'correction', 'reinstatement')),
    -- The study that an editor named; the other sources name identifiers.
    study_id    uuid REFERENCES studies ON DELETE CASCADE,
    doi         text COLLATE "C",
    pmid        text COLLATE "C",
    -- A day: YYYY-MM-DD.
    noticed_on  text COLLATE "C",
    reasons     jsonb NOT NULL,
    notice_doi  text COLLATE "C",
    notice_pmid text COLLATE "C",
    note        text,
    created_at  timestamptz NOT NULL,
    CONSTRAINT "notices.source, notices.source_id" UNIQUE (source, source_id)
);
CREATE INDEX notices_doi ON notices (doi);
CREATE INDEX notices_pmid ON notices (pmid);
CREATE INDEX notices_study ON notices (study_id);

-- What was imported from where, and when: a study that is not listed was not found at that time.
CREATE TABLE notice_imports (
    source      text PRIMARY KEY,
    sha256      text NOT NULL,
    entries     integer NOT NULL CHECK (entries >= 0),
    refused     integer NOT NULL CHECK (refused >= 0),
    imported_at timestamptz NOT NULL
);

-- Answers of the services that studies are looked up with.
CREATE TABLE lookups (
    source     text NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    status     integer NOT NULL,
    body       text NOT NULL,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (source, identifier)
);
-- For those that are too old.
CREATE INDEX lookups_fetched_at ON lookups (fetched_at);

-- Uploaded citation styles.
CREATE TABLE styles (
    name       text COLLATE "C" PRIMARY KEY,
    title      text NOT NULL,
    class      text NOT NULL,
    csl        text NOT NULL,
    sha256     text NOT NULL,
    -- What one can know of it without reading it: the JSON that is answered.
    info       text NOT NULL,
    version    integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- NULL: the site's.
ALTER TABLE articles ADD COLUMN style text COLLATE "C";
-- How strong the study is for the question of this article (Oxford CEBM 2011); NULL: what its design suggests.
ALTER TABLE citations ADD COLUMN evidence_level text CHECK (evidence_level IN ('1', '2', '3', '4', '5'));

-- What an article claims, and which studies speak for it and against it.
CREATE TABLE claims (
    id         uuid PRIMARY KEY,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    position   integer NOT NULL CHECK (position <> 0),
    statement  text NOT NULL,
    -- GRADE.
    certainty  text CHECK (certainty IN ('high', 'moderate', 'low', 'very_low')),
    CONSTRAINT "claims.article_id, claims.position" UNIQUE (article_id, position)
);

CREATE TABLE claim_studies (
    claim_id uuid NOT NULL REFERENCES claims ON DELETE CASCADE,
    study_id uuid NOT NULL REFERENCES studies ON DELETE RESTRICT,
    stance   text NOT NULL CHECK (stance IN ('for', 'against')),
    position integer NOT NULL CHECK (position > 0),
    PRIMARY KEY (claim_id, study_id)
);
CREATE INDEX claim_studies_study ON claim_studies (study_id);

-- Findings of the evidence check that an editor has answered for.
CREATE TABLE acknowledgements (
    id          uuid PRIMARY KEY,
    article_id  uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    rule        text NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    reason      text NOT NULL,
    editor_id   uuid REFERENCES editors ON DELETE SET NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT "acknowledgements.article_id, acknowledgements.fingerprint" UNIQUE (article_id, fingerprint)
);

-- What a publication was rendered from, so that it can follow the library; NULL: it was made before this was kept.
ALTER TABLE publications ADD COLUMN source text;
-- Which form of the documents it has; those of an older form are rendered anew when ibid starts.
ALTER TABLE publications ADD COLUMN rendition integer NOT NULL DEFAULT 0;
ALTER TABLE publications ADD COLUMN style text COLLATE "C" NOT NULL DEFAULT 'vancouver';
CREATE INDEX publications_rendition ON publications (rendition, article_id);
ALTER TABLE publication_citations ADD COLUMN evidence_level text CHECK (evidence_level IN ('1', '2', '3', '4', '5'));
ALTER TABLE published_studies ADD COLUMN design text;
ALTER TABLE published_studies ADD COLUMN retraction text;
CREATE INDEX published_studies_retraction ON published_studies (retraction, study_id);
CREATE INDEX published_studies_pmid ON published_studies (pmid);
