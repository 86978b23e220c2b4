-- uuid, timestamptz and jsonb are text here: hyphenated lower case, fixed-width RFC 3339 in UTC, JSON.

CREATE TABLE editors (
    id            text PRIMARY KEY,
    email         text NOT NULL,
    email_key     text NOT NULL,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'editor', 'author', 'reviewer', 'moderator')),
    password_hash text NOT NULL,
    disabled_at   text,
    created_at    text NOT NULL,
    updated_at    text NOT NULL,
    UNIQUE (email_key)
) STRICT;

CREATE TABLE refresh_tokens (
    id         text PRIMARY KEY,
    family_id  text NOT NULL,
    editor_id  text NOT NULL REFERENCES editors ON DELETE CASCADE,
    token_hash text NOT NULL,
    issued_at  text NOT NULL,
    expires_at text NOT NULL,
    spent_at   text,
    revoked_at text,
    UNIQUE (token_hash)
) STRICT;
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_editor ON refresh_tokens (editor_id);

CREATE TABLE studies (
    id          text PRIMARY KEY,
    key         text NOT NULL,
    csl         text NOT NULL,
    title       text NOT NULL,
    year        integer,
    doi         text,
    pmid        text,
    pmcid       text,
    design      text,
    sample_size integer CHECK (sample_size > 0),
    version     integer NOT NULL CHECK (version > 0),
    created_at  text NOT NULL,
    updated_at  text NOT NULL,
    UNIQUE (key),
    UNIQUE (doi),
    UNIQUE (pmid),
    UNIQUE (pmcid)
) STRICT;
CREATE INDEX studies_title ON studies (title, id);
CREATE INDEX studies_updated ON studies (updated_at, id);

CREATE TABLE articles (
    id                text PRIMARY KEY,
    owner_id          text REFERENCES editors ON DELETE SET NULL,
    slug              text NOT NULL,
    language          text NOT NULL,
    title             text NOT NULL,
    subtitle          text,
    summary           text,
    comment_policy    text NOT NULL CHECK (comment_policy IN ('open', 'closed')),
    published_at      text,
    -- When it was first published; what the public sees when the editors gave no date.
    first_published_at text,
    version           integer NOT NULL CHECK (version > 0),
    -- The version of the working copy that the public reads; NULL when it reads none.
    published_version integer CHECK (published_version <= version),
    -- How often it was published: the number of the newest publication.
    publication_count integer NOT NULL DEFAULT 0 CHECK (publication_count >= 0),
    created_at        text NOT NULL,
    updated_at        text NOT NULL,
    CHECK (published_version IS NULL OR publication_count > 0)
) STRICT;
CREATE UNIQUE INDEX articles_slug ON articles (slug);
CREATE INDEX articles_updated ON articles (updated_at, id);
CREATE INDEX articles_title ON articles (title, id);
CREATE INDEX articles_owner ON articles (owner_id);

CREATE TABLE article_authors (
    article_id  text NOT NULL REFERENCES articles ON DELETE CASCADE,
    position    integer NOT NULL CHECK (position > 0),
    slug        text NOT NULL,
    name        text NOT NULL,
    credentials text,
    orcid       text,
    PRIMARY KEY (article_id, position),
    UNIQUE (article_id, slug)
) STRICT;

CREATE TABLE tags (
    id   text PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    UNIQUE (slug)
) STRICT;

CREATE TABLE article_tags (
    article_id text NOT NULL REFERENCES articles ON DELETE CASCADE,
    position   integer NOT NULL CHECK (position > 0),
    tag_id     text NOT NULL REFERENCES tags ON DELETE RESTRICT,
    PRIMARY KEY (article_id, position),
    UNIQUE (article_id, tag_id)
) STRICT;
CREATE INDEX article_tags_tag ON article_tags (tag_id);

CREATE TABLE sections (
    id         text PRIMARY KEY,
    article_id text NOT NULL REFERENCES articles ON DELETE CASCADE,
    -- Negative only inside a transaction that moves sections about.
    position   integer NOT NULL CHECK (position <> 0),
    heading    text,
    level      integer NOT NULL CHECK (level BETWEEN 2 AND 6),
    anchor     text NOT NULL,
    body       text NOT NULL,
    UNIQUE (article_id, position),
    UNIQUE (article_id, anchor)
) STRICT;

CREATE TABLE citations (
    id         text PRIMARY KEY,
    article_id text NOT NULL REFERENCES articles ON DELETE CASCADE,
    study_id   text NOT NULL REFERENCES studies ON DELETE RESTRICT,
    position   integer NOT NULL CHECK (position <> 0),
    -- 'entry': given by an editor, stays without a marker. 'marker': there because the text cites it.
    origin     text NOT NULL CHECK (origin IN ('entry', 'marker')),
    UNIQUE (article_id, study_id),
    UNIQUE (article_id, position)
) STRICT;
CREATE INDEX citations_study ON citations (study_id);

-- What the public reads. The documents are the frozen bytes of the JSON parts of an answer.
CREATE TABLE publications (
    article_id     text PRIMARY KEY REFERENCES articles ON DELETE RESTRICT,
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
    UNIQUE (slug)
) STRICT;
CREATE INDEX publications_published ON publications (published_at, article_id);
CREATE INDEX publications_updated ON publications (updated_at, article_id);
CREATE INDEX publications_title ON publications (title, article_id);
CREATE INDEX publications_language ON publications (language, published_at, article_id);

CREATE TABLE publication_authors (
    article_id text NOT NULL REFERENCES publications ON DELETE CASCADE,
    position   integer NOT NULL,
    slug       text NOT NULL,
    PRIMARY KEY (article_id, position)
) STRICT;
CREATE INDEX publication_authors_slug ON publication_authors (slug, article_id);

CREATE TABLE publication_tags (
    article_id text NOT NULL REFERENCES publications ON DELETE CASCADE,
    position   integer NOT NULL,
    slug       text NOT NULL,
    PRIMARY KEY (article_id, position)
) STRICT;
CREATE INDEX publication_tags_slug ON publication_tags (slug, article_id);

-- The cited studies as the public reads them; a study that no publication cites is not here.
CREATE TABLE published_studies (
    study_id   text PRIMARY KEY REFERENCES studies ON DELETE RESTRICT,
    key        text NOT NULL,
    title      text NOT NULL,
    year       integer,
    doi        text,
    pmid       text,
    pmcid      text,
    document   text NOT NULL,
    updated_at text NOT NULL,
    UNIQUE (key)
) STRICT;
CREATE INDEX published_studies_title ON published_studies (title, study_id);
CREATE INDEX published_studies_doi ON published_studies (doi);

CREATE TABLE publication_citations (
    article_id text NOT NULL REFERENCES publications ON DELETE CASCADE,
    study_id   text NOT NULL REFERENCES published_studies ON DELETE RESTRICT,
    number     integer NOT NULL CHECK (number > 0),
    PRIMARY KEY (article_id, number),
    UNIQUE (article_id, study_id)
) STRICT;
CREATE INDEX publication_citations_study ON publication_citations (study_id, article_id);

-- Old slugs of published articles.
CREATE TABLE slug_redirects (
    slug       text PRIMARY KEY,
    article_id text NOT NULL REFERENCES articles ON DELETE CASCADE,
    created_at text NOT NULL
) STRICT;
CREATE INDEX slug_redirects_article ON slug_redirects (article_id);

CREATE TABLE comments (
    id         text PRIMARY KEY,
    article_id text NOT NULL REFERENCES articles ON DELETE CASCADE,
    parent_id  text REFERENCES comments ON DELETE CASCADE,
    depth      integer NOT NULL CHECK (depth >= 0),
    name       text NOT NULL,
    email      text NOT NULL,
    url        text,
    body       text NOT NULL,
    html       text NOT NULL,
    status     text NOT NULL CHECK (status IN ('held', 'approved', 'spam', 'trash')),
    ip         text,
    user_agent text,
    created_at text NOT NULL,
    decided_at text,
    decided_by text REFERENCES editors ON DELETE SET NULL
) STRICT;
CREATE INDEX comments_article ON comments (article_id, status, created_at, id);
CREATE INDEX comments_queue ON comments (status, created_at, id);
CREATE INDEX comments_parent ON comments (parent_id);

-- Appended in commit order: there is one writer.
CREATE TABLE changes (
    seq        integer PRIMARY KEY AUTOINCREMENT,
    at         text NOT NULL,
    kind       text NOT NULL,
    subject_id text NOT NULL,
    detail     text NOT NULL
) STRICT;
