-- What says the same in several languages is a group; an article that nothing is translated from or to is one by itself.
ALTER TABLE articles ADD COLUMN translation_group uuid;
UPDATE articles SET translation_group = id;
ALTER TABLE articles ALTER COLUMN translation_group SET NOT NULL;
CREATE UNIQUE INDEX "articles.translation_group, articles.language" ON articles (translation_group, language);

-- As the article was published.
ALTER TABLE publications ADD COLUMN translation_group uuid;
UPDATE publications SET translation_group = article_id;
ALTER TABLE publications ALTER COLUMN translation_group SET NOT NULL;
CREATE UNIQUE INDEX "publications.translation_group, publications.language"
    ON publications (translation_group, language);
ALTER TABLE publication_versions ADD COLUMN translation_group uuid;
UPDATE publication_versions SET translation_group = article_id;
ALTER TABLE publication_versions ALTER COLUMN translation_group SET NOT NULL;

-- A sitemap tells the group too, and is read from this index alone.
DROP INDEX publications_sitemap;
CREATE INDEX publications_sitemap ON publications (article_id, slug, language, updated_at, translation_group);
