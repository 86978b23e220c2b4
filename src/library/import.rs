//! Studies from files: each entry becomes a study, fills the gaps of one that is there, or is refused; none spoils
//! another. The readers are `citing::exchange`'s.

mod answer;
mod entry;
mod find;

use std::collections::HashMap;
use std::io::Read;

use crate::citing::exchange::{Entry, Format, Refused, read};
use crate::citing::record::propose_key;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::ids::StudyId;

pub use answer::{Counts, ImportedEntry, Outcome};

use super::fill::fill;
use super::model::{NewStudy, Study, StudyRef};
use super::sources::Source;
use super::store::{self, names};
use entry::Offered;
use find::Found;

/// The most entries of one file; what follows is not read.
pub const MOST_ENTRIES: usize = 100_000;
/// How many entries are written in one transaction.
const AT_ONCE: usize = 100;
/// How many bytes of records are held at once, roughly.
const MOST_BYTES: usize = 4 * 1024 * 1024;

crate::words! {
    /// What to do with an entry whose study is in the library.
    OnDuplicate {
        /// Fill what the study lacks; nothing is overwritten.
        Merge = "merge",
        /// Leave the study as it is.
        Skip = "skip",
    }
}

/// What a reader makes of one entry of a file.
pub type Item = Result<Entry, Refused>;

/// The entries of a file, in lots that are written together.
pub fn lots<R: Read>(format: Format, input: R) -> impl Iterator<Item = Vec<Item>> {
    let mut entries = read(format, input).take(MOST_ENTRIES);
    std::iter::from_fn(move || {
        let (mut lot, mut bytes) = (Vec::new(), 0);
        while lot.len() < AT_ONCE && bytes < MOST_BYTES {
            let Some(item) = entries.next() else { break };
            bytes += item.as_ref().map_or(0, |entry| entry.record.to_value().to_string().len());
            lot.push(item);
        }
        (!lot.is_empty()).then_some(lot)
    })
}

/// An import of one file under way.
#[derive(Debug)]
pub struct Import {
    source: Source,
    on_duplicate: OnDuplicate,
    /// What would be there, of an import that only looks what would come of it.
    imagined: Option<HashMap<StudyId, Study>>,
    pub counts: Counts,
}

/// What came of one lot.
#[derive(Debug)]
pub struct Kept {
    pub entries: Vec<ImportedEntry>,
    /// Studies that were there and changed: publications have to follow them.
    pub changed: Vec<StudyId>,
}

impl Import {
    /// `dry_run`: nothing is written.
    pub fn new(format: Format, on_duplicate: OnDuplicate, dry_run: bool) -> Self {
        let source = match format {
            Format::CslJson => Source::CslJson,
            Format::Bibtex => Source::Bibtex,
            Format::Ris => Source::Ris,
            Format::Nbib => Source::Nbib,
            Format::PubmedXml => Source::PubmedXml,
        };
        Self { source, on_duplicate, imagined: dry_run.then(HashMap::new), counts: Counts::default() }
    }

    /// Whether nothing is written.
    pub fn is_dry(&self) -> bool {
        self.imagined.is_some()
    }

    /// Takes one lot in, each entry in a savepoint of its own.
    ///
    /// # Errors
    /// What the database refuses as a whole; the lot is then not kept.
    pub fn keep(&mut self, conn: &mut Conn, lot: Vec<Item>, now: Instant) -> Result<Kept, Problem> {
        let mut kept = Kept { entries: Vec::with_capacity(lot.len()), changed: Vec::new() };
        for item in lot {
            let entry = match item {
                Err(refused) => ImportedEntry::unread(refused),
                Ok(entry) => {
                    let (told, offered) = entry::offered(entry);
                    match self.one(conn, *offered, told.clone(), now) {
                        Ok(done) => done,
                        Err(problem) if problem.code().status() >= 500 => return Err(problem),
                        Err(problem) => told.refused(&problem),
                    }
                }
            };
            if entry.outcome == Outcome::Merged {
                kept.changed.extend(entry.id);
            }
            kept.entries.push(entry);
        }
        // Counted when the whole lot is through: one that is tried again counts once.
        kept.entries.iter().for_each(|entry| self.counts.add(entry.outcome));
        Ok(kept)
    }

    fn one(
        &mut self,
        conn: &mut Conn,
        offered: Offered,
        told: ImportedEntry,
        now: Instant,
    ) -> Result<ImportedEntry, Problem> {
        let candidate = Study::new(propose_key(&offered.new.csl.record), offered.new.clone(), self.source, now);
        match self.find(conn, &candidate)? {
            Found::Nothing => self.create(conn, offered, told, now),
            Found::Several(keys) => {
                let detail =
                    format!("Its identifiers are those of several studies: {}. Merge them first.", keys.join(", "));
                Ok(told.refused_as("ambiguous", detail))
            }
            Found::One(study) if self.on_duplicate == OnDuplicate::Skip => {
                Ok(told.of(Outcome::Unchanged, &study).because("The study is in the library."))
            }
            Found::One(study) => self.merge(conn, *study, &candidate, told, now),
        }
    }

    fn create(
        &mut self,
        conn: &mut Conn,
        offered: Offered,
        mut told: ImportedEntry,
        now: Instant,
    ) -> Result<ImportedEntry, Problem> {
        let Offered { mut new, key } = offered;
        if let Some(key) = key {
            let name = StudyRef::Key(key.as_str().to_owned());
            let taken = store::study(conn, &name).is_ok() || self.imagines_key(key.as_str());
            if taken {
                told.notes.push(format!("The key {} is another study's.", key.as_str()));
            } else {
                new.key = Some(key);
            }
        }
        let study = match &mut self.imagined {
            None => create_stepping_aside(conn, new, self.source, now)?,
            Some(imagined) => {
                let stem = propose_key(&new.csl.record);
                let key = match &new.key {
                    Some(key) => key.as_str().to_owned(),
                    None => {
                        names::free_key_beside(conn, &stem, &|key| imagined.values().any(|study| study.key == key))?
                    }
                };
                let study = Study::new(key, new, self.source, now);
                imagined.insert(study.id, study.clone());
                study
            }
        };
        let mut done = told.of(Outcome::Created, &study);
        if self.is_dry() {
            done.id = None;
        }
        Ok(done)
    }

    fn imagines_key(&self, key: &str) -> bool {
        self.imagined.as_ref().is_some_and(|imagined| imagined.values().any(|study| study.key == key))
    }

    fn merge(
        &mut self,
        conn: &mut Conn,
        study: Study,
        candidate: &Study,
        told: ImportedEntry,
        now: Instant,
    ) -> Result<ImportedEntry, Problem> {
        let filled = fill(&study, candidate);
        let outcome = if filled.fields.is_empty() { Outcome::Unchanged } else { Outcome::Merged };
        let present = match &mut self.imagined {
            _ if outcome == Outcome::Unchanged => study,
            Some(imagined) => {
                imagined.insert(study.id, filled.study.clone());
                filled.study
            }
            None => conn.transaction(|conn| store::keep(conn, &study, filled.study, now))?,
        };
        let mut done = told.of(outcome, &present);
        done.filled = filled.fields;
        done.differing = filled.differing;
        Ok(done)
    }
}

/// A key that another entry took in the meantime is not worth refusing a study for.
fn create_stepping_aside(conn: &mut Conn, new: NewStudy, source: Source, now: Instant) -> Result<Study, Problem> {
    let create = |conn: &mut Conn, new| conn.transaction(|conn| store::create_from(conn, new, source, now));
    match create(conn, new.clone()) {
        Err(problem) if problem.code() == Code::KeyTaken && new.key.is_some() => {
            create(conn, NewStudy { key: None, ..new })
        }
        done => done,
    }
}
