//! What is told of each entry.

use serde::Serialize;
use utoipa::ToSchema;

use crate::citing::exchange::{Place, Refused};
use crate::error::Problem;
use crate::http::fault::{Fault, shortened};
use crate::ids::StudyId;
use crate::library::fill::Difference;
use crate::library::lookup::DroppedField;
use crate::library::model::Study;

crate::words! {
    /// What became of an entry.
    Outcome {
        /// It is a study of the library now.
        Created = "created",
        /// The study was there, and lacked something that the entry has.
        Merged = "merged",
        /// The study was there with all that the entry has.
        Unchanged = "unchanged",
        /// It could not become a study.
        Refused = "refused",
    }
}

/// The most faults, notes and the like that are told of one entry.
const MOST_TOLD: usize = 200;

/// What became of one entry of a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ImportedEntry {
    /// Its number in the file, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991i64, example = 1)]
    pub entry: u64,
    /// The line that it begins on, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991i64, example = 12)]
    pub line: u64,
    pub outcome: Outcome,
    /// The key that the file gives it.
    #[schema(max_length = 101, example = "Majid2009")]
    pub given_key: Option<String>,
    /// The study; null where there is none, as in a dry run of a new one.
    pub id: Option<StudyId>,
    /// The study's key.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: Option<String>,
    /// Why it was refused, for programs.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "malformed")]
    pub code: Option<String>,
    /// Why it was refused or left alone, for people.
    #[schema(max_length = 4001, example = "The study is in the library.")]
    pub detail: Option<String>,
    /// What is wrong with the record that it would be; pointers lead into the record.
    #[schema(max_items = 200)]
    pub errors: Vec<Fault>,
    /// What the study lacked and has now.
    #[schema(max_items = 500, value_type = Vec<ImportedField>, example = json!(["page"]))]
    pub filled: Vec<String>,
    /// Where the study says something else, which stays.
    #[schema(max_items = 500)]
    pub differing: Vec<Difference>,
    /// What the entry says and a study has no place for.
    #[schema(max_items = 200)]
    pub dropped: Vec<DroppedField>,
    /// What was mended to read it, and what else there is to know.
    #[schema(max_items = 200, value_type = Vec<ImportNote>, example = json!(["The key Majid2009 cannot be a study's."]))]
    pub notes: Vec<String>,
}

/// A variable of a record, or a member of a study beside it.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100, pattern = "^[A-Za-z][A-Za-z_-]*$", example = "page")]
pub struct ImportedField(#[expect(dead_code, reason = "only its schema is used")] String);

/// A remark about an entry.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 4000, example = "The key Majid2009 cannot be a study's.")]
pub struct ImportNote(#[expect(dead_code, reason = "only its schema is used")] String);

/// As many characters of a text as the contract has room for.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

impl ImportedEntry {
    /// An entry of which nothing is decided.
    pub(super) fn at(place: Place, given_key: Option<&str>) -> Self {
        Self {
            entry: place.entry.max(1),
            line: place.line.max(1),
            outcome: Outcome::Refused,
            given_key: given_key.map(|key| shortened(key).into_owned()),
            id: None,
            key: None,
            code: None,
            detail: None,
            errors: Vec::new(),
            filled: Vec::new(),
            differing: Vec::new(),
            dropped: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// An entry that no record could be read from.
    pub(super) fn unread(refused: Refused) -> Self {
        let told = Self::at(refused.place, refused.key.as_deref());
        let faults = refused.faults.iter().take(MOST_TOLD);
        let errors =
            faults.map(|fault| Fault::at(cut(&fault.pointer, 4000), fault.code, fault.detail.clone())).collect();
        Self { errors, ..told.refused_as(refused.code, refused.detail) }
    }

    pub(super) fn refused_as(self, code: &str, detail: impl AsRef<str>) -> Self {
        let (code, detail) = (Some(code.to_owned()), Some(cut(detail.as_ref(), 4000)));
        Self { outcome: Outcome::Refused, code, detail, ..self }.bounded()
    }

    pub(super) fn refused(self, problem: &Problem) -> Self {
        let errors = problem.errors().iter().take(MOST_TOLD).cloned().collect();
        Self { errors, ..self }.refused_as(problem.code().as_str(), problem.detail())
    }

    pub(super) fn of(self, outcome: Outcome, study: &Study) -> Self {
        Self { outcome, id: Some(study.id), key: Some(study.key.clone()), ..self }.bounded()
    }

    pub(super) fn because(self, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()), ..self }
    }

    fn bounded(mut self) -> Self {
        self.dropped.truncate(MOST_TOLD);
        self.notes.truncate(MOST_TOLD);
        for note in &mut self.notes {
            *note = cut(note, 4000);
        }
        self
    }
}

/// How many entries came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 10)]
    pub created: u64,
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
    pub merged: u64,
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 0)]
    pub unchanged: u64,
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
    pub refused: u64,
}

impl Counts {
    pub(super) fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Merged => &mut self.merged,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Refused => &mut self.refused,
        };
        *count += 1;
    }

    /// All entries.
    pub fn all(self) -> u64 {
        self.created + self.merged + self.unchanged + self.refused
    }
}
