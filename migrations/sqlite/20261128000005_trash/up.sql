-- Deleted articles wait in the trash. There they hold neither their slugs nor their languages.
ALTER TABLE articles ADD COLUMN trashed_at text;
-- Who put it there; NULL when the account is gone.
ALTER TABLE articles ADD COLUMN trashed_by text REFERENCES editors ON DELETE SET NULL;
DROP INDEX articles_slug;
CREATE UNIQUE INDEX articles_slug ON articles (slug) WHERE trashed_at IS NULL;
DROP INDEX articles_translation;
CREATE UNIQUE INDEX articles_translation ON articles (translation_group, language) WHERE trashed_at IS NULL;
CREATE INDEX articles_trashed ON articles (trashed_at, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX articles_trashed_by ON articles (trashed_by) WHERE trashed_by IS NOT NULL;
