-- Unique constraints are named as SQLite names them in its errors ("table.column, table.column"),
-- so that db::violation gives one meaning to a conflict on both databases.
-- Sorted or compared text is COLLATE "C": the same order as SQLite's BINARY.

CREATE TABLE editors (
    id            uuid PRIMARY KEY,
    email         text NOT NULL,
    email_key     text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'editor', 'author', 'reviewer', 'moderator')),
    password_hash text NOT NULL,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT "editors.email_key" UNIQUE (email_key)
);

CREATE TABLE refresh_tokens (
    id         uuid PRIMARY KEY,
    family_id  uuid NOT NULL,
    editor_id  uuid NOT NULL REFERENCES editors ON DELETE CASCADE,
    token_hash text COLLATE "C" NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at   timestamptz,
    revoked_at timestamptz,
    CONSTRAINT "refresh_tokens.token_hash" UNIQUE (token_hash)
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_editor ON refresh_tokens (editor_id);

CREATE TABLE studies (
    id          uuid PRIMARY KEY,
    key         text COLLATE "C" NOT NULL,
    csl         jsonb NOT NULL,
    title       text COLLATE "C" NOT NULL,
    year        integer,
    doi         text COLLATE "C",
    pmid        text COLLATE "C",
    pmcid       text COLLATE "C",
    design      text,
    sample_size integer CHECK (sample_size > 0),
    version     integer NOT NULL CHECK (version > 0),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT "studies.key" UNIQUE (key),
    CONSTRAINT "studies.doi" UNIQUE (doi),
    CONSTRAINT "studies.pmid" UNIQUE (pmid),
    CONSTRAINT "studies.pmcid" UNIQUE (pmcid)
);
CREATE INDEX studies_title ON studies (title, id);
CREATE INDEX studies_updated ON studies (updated_at, id);

CREATE TABLE articles (
    id                uuid PRIMARY KEY,
    owner_id          uuid REFERENCES editors ON DELETE SET NULL,
    slug              text COLLATE "C" NOT NULL,
    language          text COLLATE "C" NOT NULL,
    title             text COLLATE "C" NOT NULL,
    subtitle          text,
    summary           text,
    comment_policy    text NOT NULL CHECK (comment_policy IN ('open', 'closed')),
    published_at      timestamptz,
    -- When it was first published; what the public sees when the editors gave no date.
    first_published_at timestamptz,
    version           integer NOT NULL CHECK (version > 0),
    -- The version of the working copy that the public reads; NULL when it reads none.
    published_version integer CHECK (published_version <= version),
    -- How often it was published: the number of the newest publication.
    publication_count integer NOT NULL DEFAULT 0 CHECK (publication_count >= 0),
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CHECK (published_version IS NULL OR publication_count > 0)
);
CREATE UNIQUE INDEX "articles.slug" ON articles (slug);
CREATE INDEX articles_updated ON articles (updated_at, id);
CREATE INDEX articles_title ON articles (title, id);
CREATE INDEX articles_owner ON articles (owner_id);

CREATE TABLE article_authors (
    article_id  uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    position    integer NOT NULL CHECK (position > 0),
    slug        text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    credentials text,
    orcid       text,
    PRIMARY KEY (article_id, position),
    CONSTRAINT "article_authors.article_id, article_authors.slug" UNIQUE (article_id, slug)
);

CREATE TABLE tags (
    id   uuid PRIMARY KEY,
    slug text COLLATE "C" NOT NULL,
    name text NOT NULL,
    CONSTRAINT "tags.slug" UNIQUE (slug)
);

CREATE TABLE article_tags (
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    position   integer NOT NULL CHECK (position > 0),
    tag_id     uuid NOT NULL REFERENCES tags ON DELETE RESTRICT,
    PRIMARY KEY (article_id, position),
    CONSTRAINT "article_tags.article_id, article_tags.tag_id" UNIQUE (article_id, tag_id)
);
CREATE INDEX article_tags_tag ON article_tags (tag_id);

CREATE TABLE sections (
    id         uuid PRIMARY KEY,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    -- Negative only inside a transaction that moves sections about.
    position   integer NOT NULL CHECK (position <> 0),
    heading    text,
    level      integer NOT NULL CHECK (level BETWEEN 2 AND 6),
    anchor     text COLLATE "C" NOT NULL,
    body       text NOT NULL,
    CONSTRAINT "sections.article_id, sections.position" UNIQUE (article_id, position),
    CONSTRAINT "sections.article_id, sections.anchor" UNIQUE (article_id, anchor)
);

CREATE TABLE citations (
    id         uuid PRIMARY KEY,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    study_id   uuid NOT NULL REFERENCES studies ON DELETE RESTRICT,
    position   integer NOT NULL CHECK (position <> 0),
    -- 'entry': given by an editor, stays without a marker. 'marker': there because the text cites it.
    origin     text NOT NULL CHECK (origin IN ('entry', 'marker')),
    CONSTRAINT "citations.article_id, citations.study_id" UNIQUE (article_id, study_id),
    CONSTRAINT "citations.article_id, citations.position" UNIQUE (article_id, position)
);
CREATE INDEX citations_study ON citations (study_id);

-- What the public reads. The documents are the frozen bytes of the JSON parts of an answer.
CREATE TABLE publications (
    article_id     uuid PRIMARY KEY REFERENCES articles ON DELETE RESTRICT,
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
    CONSTRAINT "publications.slug" UNIQUE (slug)
);
CREATE INDEX publications_published ON publications (published_at, article_id);
CREATE INDEX publications_updated ON publications (updated_at, article_id);
CREATE INDEX publications_title ON publications (title, article_id);
CREATE INDEX publications_language ON publications (language, published_at, article_id);

CREATE TABLE publication_authors (
    article_id uuid NOT NULL REFERENCES publications ON DELETE CASCADE,
    position   integer NOT NULL,
    slug       text COLLATE "C" NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX publication_authors_slug ON publication_authors (slug, article_id);

CREATE TABLE publication_tags (
    article_id uuid NOT NULL REFERENCES publications ON DELETE CASCADE,
    position   integer NOT NULL,
    slug       text COLLATE "C" NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX publication_tags_slug ON publication_tags (slug, article_id);

-- The cited studies as the public reads them; a study that no publication cites is not here.
CREATE TABLE published_studies (
    study_id   uuid PRIMARY KEY REFERENCES studies ON DELETE RESTRICT,
    key        text COLLATE "C" NOT NULL,
    title      text COLLATE "C" NOT NULL,
    year       integer,
    doi        text COLLATE "C",
    pmid       text COLLATE "C",
    pmcid      text COLLATE "C",
    document   text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT "published_studies.key" UNIQUE (key)
);
CREATE INDEX published_studies_title ON published_studies (title, study_id);
CREATE INDEX published_studies_doi ON published_studies (doi);

CREATE TABLE publication_citations (
    article_id uuid NOT NULL REFERENCES publications ON DELETE CASCADE,
    study_id   uuid NOT NULL REFERENCES published_studies ON DELETE RESTRICT,
    number     integer NOT NULL CHECK (number > 0),
    PRIMARY KEY (article_id, number),
    CONSTRAINT "publication_citations.article_id, publication_citations.study_id" UNIQUE (article_id, study_id)
);
CREATE INDEX publication_citations_study ON publication_citations (study_id, article_id);

-- Old slugs of published articles.
CREATE TABLE slug_redirects (
    slug       text COLLATE "C" PRIMARY KEY,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);
CREATE INDEX slug_redirects_article ON slug_redirects (article_id);

CREATE TABLE comments (
    id         uuid PRIMARY KEY,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    parent_id  uuid REFERENCES comments ON DELETE CASCADE,
    depth      integer NOT NULL CHECK (depth >= 0),
    name       text NOT NULL,
    email      text NOT NULL,
    url        text,
    body       text NOT NULL,
    html       text NOT NULL,
    status     text NOT NULL CHECK (status IN ('held', 'approved', 'spam', 'trash')),
    ip         text,
    user_agent text,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid REFERENCES editors ON DELETE SET NULL
);
CREATE INDEX comments_article ON comments (article_id, status, created_at, id);
CREATE INDEX comments_queue ON comments (status, created_at, id);
CREATE INDEX comments_parent ON comments (parent_id);

-- Appended in commit order: the writer holds the log's advisory lock from here to its commit.
CREATE TABLE changes (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    kind       text NOT NULL,
    subject_id uuid NOT NULL,
    detail     jsonb NOT NULL
);
