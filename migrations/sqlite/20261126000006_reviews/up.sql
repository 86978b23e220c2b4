-- Days are text here: YYYY-MM-DD.

-- The day on which experts reviewed the article, and the day by which they should do so again.
ALTER TABLE articles ADD COLUMN reviewed_at text;
ALTER TABLE articles ADD COLUMN review_due text CHECK (review_due IS NULL OR review_due >= reviewed_at);
CREATE INDEX articles_review_due ON articles (review_due, id);

-- Who reviewed it.
CREATE TABLE article_reviewers (
    article_id  text NOT NULL REFERENCES articles ON DELETE CASCADE,
    position    integer NOT NULL CHECK (position > 0),
    name        text NOT NULL,
    credentials text,
    orcid       text,
    PRIMARY KEY (article_id, position)
) STRICT;

-- When the next review is due of what the public reads; NULL: none is. The whole review is in the head.
ALTER TABLE publications ADD COLUMN review_due text;
CREATE INDEX publications_review_due ON publications (review_due, article_id);
ALTER TABLE publication_versions ADD COLUMN review_due text;
