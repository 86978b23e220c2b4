-- timestamptz is text here: fixed-width RFC 3339 in UTC.

-- When the article was published, beside its tags and authors: a page of those under one name is read along an index, however
-- rare the name and however many articles there are.
ALTER TABLE publication_tags ADD COLUMN published_at text NOT NULL DEFAULT '';
UPDATE publication_tags SET published_at = (
    SELECT p.published_at FROM publications p WHERE p.article_id = publication_tags.article_id
);
CREATE INDEX publication_tags_published ON publication_tags (slug, published_at, article_id);

ALTER TABLE publication_authors ADD COLUMN published_at text NOT NULL DEFAULT '';
UPDATE publication_authors SET published_at = (
    SELECT p.published_at FROM publications p WHERE p.article_id = publication_authors.article_id
);
CREATE INDEX publication_authors_published ON publication_authors (slug, published_at, article_id);
