//! What a revision is beside the state that it holds, and what requests may say about it.

use deserr::Deserr;
use diesel::prelude::*;
use utoipa::ToSchema;

use crate::config::Revisions as Keeping;
use crate::db::schema::revisions;
use crate::db::types::Instant;
use crate::http::body::Patch;
use crate::http::fault::{Faults, Reason};
use crate::http::query::ParseText;
use crate::ids::EditorId;

crate::words! {
    /// What made a revision.
    RevisionKind {
        /// The article was made.
        Created = "created",
        /// An editor changed it.
        Changed = "changed",
        /// An editor brought an earlier revision back.
        Restored = "restored",
        /// It was published, and no other revision was there to say so.
        Published = "published",
        /// No editor of the article: it stood so before revisions were kept, or the library changed it.
        Followed = "followed",
    }
}

impl ParseText for RevisionKind {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

impl ParseText for EditorId {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::new("invalid_id", "Expected the id of an editor."))
    }
}

crate::sort_keys! {
    /// By number, which is by age; a hyphen before it turns it round.
    RevisionKey {
        Number = "number",
    }
}

crate::checked_text! {
    /// What editors call a revision.
    RevisionName(1..=200, One),
}

/// A change of a revision (JSON Merge Patch).
#[derive(Debug, Clone, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct RevisionPatch {
    /// What editors call it; null for nothing.
    #[deserr(default)]
    #[schema(value_type = Option<RevisionName>, required = false)]
    pub name: Patch<Option<RevisionName>>,
}

/// The row of a revision without the state that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = revisions)]
pub struct Row {
    pub number: i32,
    /// The version of the working copy that it holds.
    pub version: i32,
    /// Counts what happens to the revision itself.
    pub changes: i32,
    pub kind: RevisionKind,
    /// The number of the revision that it brought back.
    pub restored: Option<i32>,
    /// The number of the publication that was made of it.
    pub published: Option<i32>,
    pub name: Option<String>,
    pub editor_id: Option<EditorId>,
    pub editor_name: Option<String>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// A write, as far as its revision tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    pub now: Instant,
    pub made: Made,
    pub keeping: Keeping,
}

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Changed,
    /// Brings back the revision of this number.
    Restored(i32),
}

impl Made {
    pub fn kind(self) -> RevisionKind {
        match self {
            Self::Changed => RevisionKind::Changed,
            Self::Restored(_) => RevisionKind::Restored,
        }
    }

    pub fn restored(self) -> Option<i32> {
        match self {
            Self::Changed => None,
            Self::Restored(number) => Some(number),
        }
    }
}

impl Writing {
    /// Whether a write by this editor goes into the article's newest revision instead of making one.
    pub fn folds_into(&self, newest: &Row, by: EditorId) -> bool {
        let changed = self.made == Made::Changed && newest.kind == RevisionKind::Changed;
        let bare = newest.name.is_none() && newest.published.is_none();
        let fold = self.keeping.fold_seconds;
        let soon = fold > 0 && self.now <= newest.created_at.plus_seconds(i64::from(fold));
        changed && bare && soon && newest.editor_id == Some(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_of_one_editor_fold_for_a_while() {
        let at = |text| Instant::parse(text).unwrap();
        let (ada, grace) = (EditorId::new(), EditorId::new());
        let newest = Row {
            number: 3,
            version: 5,
            changes: 1,
            kind: RevisionKind::Changed,
            restored: None,
            published: None,
            name: None,
            editor_id: Some(ada),
            editor_name: Some("Ada".into()),
            created_at: at("2026-11-27T10:00:00Z"),
            updated_at: at("2026-11-27T10:04:00Z"),
        };
        let writing =
            |now, fold_seconds, made| Writing { now: at(now), made, keeping: Keeping { fold_seconds, keep: 0 } };
        let soon = writing("2026-11-27T10:05:00Z", 300, Made::Changed);
        assert!(soon.folds_into(&newest, ada));
        assert!(!soon.folds_into(&newest, grace));
        // From the first write on, so that who goes on writing leaves revisions all the same.
        assert!(!writing("2026-11-27T10:05:01Z", 300, Made::Changed).folds_into(&newest, ada));
        assert!(!writing("2026-11-27T10:00:00Z", 0, Made::Changed).folds_into(&newest, ada));
        assert!(!writing("2026-11-27T10:00:01Z", 300, Made::Restored(1)).folds_into(&newest, ada));
        for other in [
            Row { name: Some("x".into()), ..newest.clone() },
            Row { published: Some(1), ..newest.clone() },
            Row { kind: RevisionKind::Created, ..newest.clone() },
            Row { editor_id: None, ..newest.clone() },
        ] {
            assert!(!soon.folds_into(&other, ada), "{other:?}");
        }
    }
}
