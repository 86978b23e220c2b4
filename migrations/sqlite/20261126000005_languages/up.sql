-- What says the same in several languages is a group; an article that nothing is translated from or to is one by itself.
ALTER TABLE articles ADD COLUMN translation_group text NOT NULL DEFAULT '';
UPDATE articles SET translation_group = id;
CREATE UNIQUE INDEX articles_translation ON articles (translation_group, language);

-- As the article was published.
ALTER TABLE publications ADD COLUMN translation_group text NOT NULL DEFAULT '';
UPDATE publications SET translation_group = article_id;
CREATE UNIQUE INDEX publications_translation ON publications (translation_group, language);
ALTER TABLE publication_versions ADD COLUMN translation_group text NOT NULL DEFAULT '';
UPDATE publication_versions SET translation_group = article_id;

-- A sitemap tells the group too, and is read from this index alone.
DROP INDEX publications_sitemap;
CREATE INDEX publications_sitemap ON publications (article_id, slug, language, updated_at, translation_group);
