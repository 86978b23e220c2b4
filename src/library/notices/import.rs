//! Importing notices from files: read twice, first to see that the file is whole, then into the database, where what it
//! says takes the place of what its source said before in one step.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io::{Read, Seek, SeekFrom};

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Notice, SourceView};
use super::status::{StatusChange, recheck_all};
use super::store::{self, Scope};
use crate::citing::notices::{Broken, Item, Place, Stopped, crossref, retraction_watch};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::library::NoticeSource;

/// How many notices one statement takes.
const BATCH: usize = 500;
/// The most refusals that are told one by one.
const MOST_TOLD: usize = 1_000;
/// A data set of at least so many notices …
const MANY: i32 = 1_000;

/// A file of notices.
#[derive(Debug)]
pub struct File<R> {
    pub source: NoticeSource,
    pub content: R,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ImportedNotices)]
pub struct Imported {
    pub source: NoticeSource,
    /// The SHA-256 of the file.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// The file is the one that was imported last: nothing was done.
    pub unchanged: bool,
    /// How many notices it has.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 61234)]
    pub entries: i64,
    /// How many of them were not known.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 120)]
    pub added: i64,
    /// How many of them say something else than before.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 4)]
    pub changed: i64,
    /// How many that were known before it has no more.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
    pub removed: i64,
    /// How many entries name neither DOI nor PMID, so that no study can be found by them.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 250)]
    pub unidentified: i64,
    /// How many entries are no notices, such as new editions.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 0)]
    pub other: i64,
    /// How many entries cannot be read.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
    pub refused: i64,
    /// The first 1,000 of them.
    #[schema(max_items = 1000)]
    pub refusals: Vec<Refused>,
    /// How many studies of the library have another status for it.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 2)]
    pub studies_changed: i64,
}

/// An entry that cannot be read.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RefusedNotice)]
pub struct Refused {
    /// Its number in the file, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991i64, example = 17)]
    pub entry: i64,
    /// The line that it begins on; null where the format has no lines.
    #[schema(minimum = 1, maximum = 9007199254740991i64, example = 18)]
    pub line: Option<i64>,
    /// What the source calls it, as far as it says.
    #[schema(max_length = 1100, example = "12345")]
    pub id: Option<String>,
    /// Stable, for programs.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "invalid_date")]
    pub code: String,
    /// For people.
    #[schema(max_length = 4000, example = "\"13/45/2020\" is no day such as 1/31/2020 or 2020-01-31.")]
    pub detail: String,
}

/// Reads the file to its end without writing anything.
///
/// # Errors
/// `invalid_notices` when it is broken as a whole.
pub fn survey<R: Read + Seek>(file: &mut File<R>) -> Result<(), Problem> {
    read(file, |_, _| Ok::<(), Infallible>(())).map_err(|stopped| broken(&Broken::from(stopped)))
}

fn broken(broken: &Broken) -> Problem {
    Problem::new(Code::InvalidNotices, broken.to_string())
}

fn read<R: Read + Seek, E>(
    file: &mut File<R>,
    each: impl FnMut(Place, Item) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    file.content.seek(SeekFrom::Start(0))?;
    match file.source {
        NoticeSource::RetractionWatch => retraction_watch(&mut file.content, each),
        NoticeSource::Crossref | NoticeSource::Editor => crossref(&mut file.content, each),
    }
}

/// Imports the file in the transaction that is open: all of it, or on an error nothing. Answers what came of it, and
/// the studies whose status is another one now.
///
/// The Retraction Watch data set is taken for the whole of what that source says. Works of Crossref are a part, and
/// replace only what the same works said before.
///
/// # Errors
/// `invalid_notices` when it is broken as a whole, or a data set has less than half of the notices that the last one
/// had.
pub fn import<R: Read + Seek>(
    conn: &mut Conn,
    file: &mut File<R>,
    now: Instant,
) -> Result<(Imported, Vec<StatusChange>), Problem> {
    let last = store::imports(conn)?.into_iter().find(|import| import.source == file.source);
    let mut told = Imported::of(file);
    if let Some(last) = last.as_ref().filter(|last| last.sha256 == file.sha256) {
        told.unchanged = true;
        (told.entries, told.refused) = (last.entries.into(), last.refused.into());
        return Ok((told, Vec::new()));
    }
    store::stage(conn)?;
    gather(conn, file, &mut told, now)?;
    let scope = match file.source {
        NoticeSource::RetractionWatch => {
            is_plausible(&told, last.as_ref())?;
            Scope::All
        }
        NoticeSource::Crossref | NoticeSource::Editor => Scope::Works,
    };
    let swapped = store::swap(conn, file.source, scope)?;
    (told.added, told.changed, told.removed) = (swapped.added, swapped.changed, swapped.removed);
    let bounded = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    store::imported(
        conn,
        &SourceView {
            source: file.source,
            sha256: file.sha256.clone(),
            entries: bounded(told.entries),
            refused: bounded(told.refused),
            imported_at: now,
        },
    )?;
    let changes = recheck_all(conn)?;
    told.studies_changed = changes.len() as i64;
    Ok((told, changes))
}

/// … never loses half of them: such a file was cut off between two rows, or is another one.
fn is_plausible(told: &Imported, last: Option<&SourceView>) -> Result<(), Problem> {
    match last {
        Some(last) if last.entries >= MANY && told.entries < i64::from(last.entries / 2) => {
            let detail = format!("The file has {} notices and the last one had {}.", told.entries, last.entries);
            Err(Problem::new(Code::InvalidNotices, detail))
        }
        _ => Ok(()),
    }
}

/// Puts the notices of the file into the table for them.
fn gather<R: Read + Seek>(
    conn: &mut Conn,
    file: &mut File<R>,
    told: &mut Imported,
    now: Instant,
) -> Result<(), Problem> {
    let source = file.source;
    let (mut known, mut batch) = (HashSet::new(), Vec::with_capacity(BATCH));
    let done = read(file, |place, item| {
        match item {
            Item::Notice(notice) if known.insert(notice.source_id.clone()) => {
                told.entries += 1;
                batch.push(Notice::foreign(notice, source, now));
            }
            Item::Notice(notice) => {
                let detail = "An entry before this one is called the same.".to_owned();
                told.refuse(place, Some(notice.source_id), "repeated", detail);
            }
            Item::Refused(refusal) => told.refuse(place, refusal.id, refusal.code, refusal.detail),
            Item::Unidentified => told.unidentified += 1,
            Item::Other => told.other += 1,
        }
        if batch.len() >= BATCH {
            store::add_to_stage(conn, &batch)?;
            batch.clear();
        }
        Ok::<(), Problem>(())
    });
    done.map_err(|stopped| match stopped {
        Stopped::Broken(reason) => broken(&reason),
        Stopped::Refused(problem) => problem,
    })?;
    if batch.is_empty() { Ok(()) } else { store::add_to_stage(conn, &batch) }
}

impl Imported {
    fn of<R>(file: &File<R>) -> Self {
        Self {
            source: file.source,
            sha256: file.sha256.clone(),
            dry_run: false,
            unchanged: false,
            entries: 0,
            added: 0,
            changed: 0,
            removed: 0,
            unidentified: 0,
            other: 0,
            refused: 0,
            refusals: Vec::new(),
            studies_changed: 0,
        }
    }

    fn refuse(&mut self, place: Place, id: Option<String>, code: &str, detail: String) {
        self.refused += 1;
        if self.refusals.len() < MOST_TOLD {
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let (entry, line) = (number(place.entry), place.line.map(number));
            self.refusals.push(Refused { entry, line, id, code: code.to_owned(), detail });
        }
    }
}
