-- The text of the sections in its other forms: an array of {markdown, text, blocks}, in the order of the sections. NULL:
-- the publication was made before this was kept.
ALTER TABLE publications ADD COLUMN bodies text;

-- As the article names them.
ALTER TABLE publication_authors ADD COLUMN name text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE publication_authors ADD COLUMN credentials text;
ALTER TABLE publication_authors ADD COLUMN orcid text COLLATE "C";
UPDATE publication_authors SET
    name = p.head::jsonb -> 'authors' -> (position - 1) ->> 'name',
    credentials = p.head::jsonb -> 'authors' -> (position - 1) ->> 'credentials',
    orcid = p.head::jsonb -> 'authors' -> (position - 1) ->> 'orcid'
FROM publications p WHERE p.article_id = publication_authors.article_id;
ALTER TABLE publication_tags ADD COLUMN name text COLLATE "C" NOT NULL DEFAULT '';
UPDATE publication_tags SET name = p.head::jsonb -> 'tags' -> (position - 1) ->> 'name'
FROM publications p WHERE p.article_id = publication_tags.article_id;

-- The authors of publications, as the newest article names them.
CREATE TABLE published_authors (
    slug        text COLLATE "C" PRIMARY KEY,
    name        text COLLATE "C" NOT NULL,
    credentials text,
    orcid       text COLLATE "C",
    articles    integer NOT NULL CHECK (articles > 0)
);
CREATE INDEX published_authors_name ON published_authors (name, slug);
CREATE INDEX published_authors_articles ON published_authors (articles, slug);
INSERT INTO published_authors (slug, name, credentials, orcid, articles)
SELECT a.slug, a.name, a.credentials, a.orcid, counted.articles
FROM publication_authors a
JOIN (
    SELECT slug, max(article_id::text COLLATE "C")::uuid AS newest, count(DISTINCT article_id) AS articles FROM publication_authors GROUP BY slug
) counted ON counted.slug = a.slug AND counted.newest = a.article_id
WHERE a.position = (
    SELECT min(b.position) FROM publication_authors b WHERE b.article_id = a.article_id AND b.slug = a.slug
);

-- The tags of publications, likewise.
CREATE TABLE published_tags (
    slug     text COLLATE "C" PRIMARY KEY,
    name     text COLLATE "C" NOT NULL,
    articles integer NOT NULL CHECK (articles > 0)
);
CREATE INDEX published_tags_name ON published_tags (name, slug);
CREATE INDEX published_tags_articles ON published_tags (articles, slug);
INSERT INTO published_tags (slug, name, articles)
SELECT t.slug, t.name, counted.articles
FROM publication_tags t
JOIN (
    SELECT slug, max(article_id::text COLLATE "C")::uuid AS newest, count(DISTINCT article_id) AS articles FROM publication_tags GROUP BY slug
) counted ON counted.slug = t.slug AND counted.newest = t.article_id
WHERE t.position = (
    SELECT min(b.position) FROM publication_tags b WHERE b.article_id = t.article_id AND b.slug = t.slug
);

-- Studies of an unknown year come last in both directions.
CREATE INDEX published_studies_year_up ON published_studies (coalesce(year, 10000), study_id);
CREATE INDEX published_studies_year_down ON published_studies (coalesce(year, -10000), study_id);
CREATE INDEX published_studies_pmcid ON published_studies (pmcid);
