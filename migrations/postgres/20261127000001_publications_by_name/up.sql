-- When the article was published, beside its tags and authors: a page of those under one name is read along an index, however
-- rare the name and however many articles there are.
ALTER TABLE publication_tags ADD COLUMN published_at timestamptz;
UPDATE publication_tags t SET published_at = p.published_at FROM publications p WHERE p.article_id = t.article_id;
ALTER TABLE publication_tags ALTER COLUMN published_at SET NOT NULL;
CREATE INDEX publication_tags_published ON publication_tags (slug, published_at, article_id);

ALTER TABLE publication_authors ADD COLUMN published_at timestamptz;
UPDATE publication_authors a SET published_at = p.published_at FROM publications p WHERE p.article_id = a.article_id;
ALTER TABLE publication_authors ALTER COLUMN published_at SET NOT NULL;
CREATE INDEX publication_authors_published ON publication_authors (slug, published_at, article_id);
