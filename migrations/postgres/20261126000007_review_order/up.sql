-- Articles of which no review is due come last in both directions.
CREATE INDEX articles_review_due_up ON articles (coalesce(review_due, 'infinity'), id);
CREATE INDEX articles_review_due_down ON articles (coalesce(review_due, '-infinity'), id);
CREATE INDEX publications_review_due_up ON publications (coalesce(review_due, 'infinity'), article_id);
CREATE INDEX publications_review_due_down ON publications (coalesce(review_due, '-infinity'), article_id);
