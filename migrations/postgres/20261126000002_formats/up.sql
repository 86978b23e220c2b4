-- A sitemap names many articles and nothing of their text: it is read from this index alone.
CREATE INDEX publications_sitemap ON publications (article_id, slug, language, updated_at);
