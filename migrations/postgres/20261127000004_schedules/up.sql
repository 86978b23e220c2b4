-- When an article is published and taken down by itself. Version 1 is that of an article without a row; it counts the changes, those
-- that ibid makes by doing what was due among them. A row stays.
CREATE TABLE schedules (
    article_id    uuid PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    version       integer NOT NULL CHECK (version > 1),
    -- NULL: nothing is to be done, or it is done.
    publish_at    timestamptz,
    unpublish_at  timestamptz,
    -- Who set it last; NULL when the account is gone.
    editor_id     uuid REFERENCES editors ON DELETE SET NULL,
    changed_at    timestamptz NOT NULL,
    -- What could not be done when it was due: what, when it was due, when it was tried, and the problem as a document.
    failed_action text CHECK (failed_action IN ('publish', 'unpublish')),
    failed_due    timestamptz,
    failed_at     timestamptz,
    problem       jsonb,
    CHECK (unpublish_at > publish_at),
    CHECK ((failed_action IS NULL) = (failed_due IS NULL)),
    CHECK ((failed_action IS NULL) = (failed_at IS NULL)),
    CHECK ((failed_action IS NULL) = (problem IS NULL))
);
CREATE INDEX schedules_publish ON schedules (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX schedules_unpublish ON schedules (unpublish_at) WHERE unpublish_at IS NOT NULL;
CREATE INDEX schedules_editor ON schedules (editor_id);
