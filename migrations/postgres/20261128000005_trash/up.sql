-- Deleted articles wait in the trash. There they hold neither their slugs nor their languages.
ALTER TABLE articles ADD COLUMN trashed_at timestamptz;
-- Who put it there; NULL when the account is gone.
ALTER TABLE articles ADD COLUMN trashed_by uuid REFERENCES editors ON DELETE SET NULL;
DROP INDEX "articles.slug";
CREATE UNIQUE INDEX "articles.slug" ON articles (slug) WHERE trashed_at IS NULL;
DROP INDEX "articles.translation_group, articles.language";
CREATE UNIQUE INDEX "articles.translation_group, articles.language" ON articles (translation_group, language) WHERE trashed_at IS NULL;
CREATE INDEX articles_trashed ON articles (trashed_at, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX articles_trashed_by ON articles (trashed_by) WHERE trashed_by IS NOT NULL;
