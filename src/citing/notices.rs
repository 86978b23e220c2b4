//! Reading notices from the files and answers that tell of them: the Retraction Watch data set, and works of Crossref.
//!
//! Files are read entry by entry, whatever their size. One entry that cannot be read is refused with its place and
//! spoils no other; a file that is broken as a whole (cut off, not what it should be) is refused whole, since what is
//! missing from it cannot be told from what was taken back.

mod crossref;
mod retraction_watch;

use std::convert::Infallible;

use super::identifiers::{Doi, Pmid};
use super::record::PartialDate;
use super::retraction::Kind;

pub use crossref::{crossref, of_work, updates};
pub use retraction_watch::retraction_watch;

/// The most reasons of one notice.
pub const MOST_REASONS: usize = 100;
/// The most characters of one reason.
pub const MOST_REASON: usize = 500;
/// The most characters of what a source calls a notice.
pub const MOST_ID: usize = 1_100;

/// A notice as a source tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignNotice {
    /// What the source calls it: the same in each of its files.
    pub source_id: String,
    pub kind: Kind,
    /// The study that it is about.
    pub doi: Option<Doi>,
    pub pmid: Option<Pmid>,
    pub day: Option<PartialDate>,
    /// In the words of the source.
    pub reasons: Vec<String>,
    /// The notice itself.
    pub notice_doi: Option<Doi>,
    pub notice_pmid: Option<Pmid>,
}

/// Where an entry stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1; refused ones count.
    pub entry: u64,
    /// The line that it begins on, where the format has lines.
    pub line: Option<u64>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Notice(ForeignNotice),
    /// It cannot be read.
    Refused(Refusal),
    /// It names neither DOI nor PMID, so that no study can be told to be meant.
    Unidentified,
    /// It is no notice: a new edition, say.
    Other,
}

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the source calls the entry, as far as it says so.
    pub id: Option<String>,
    /// A stable name.
    pub code: &'static str,
    /// For people: a sentence.
    pub detail: String,
}

/// Why a file is refused whole.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Its first line does not name the columns.
    #[error("The first line does not name the columns of the Retraction Watch data set; missing: {0}.")]
    Header(String),
    /// It ends in the middle of an entry.
    #[error("The file ends in the middle of an entry, which begins in line {0}.")]
    Truncated(u64),
    /// It is no JSON, or ends before it should.
    #[error("The file is not well-formed JSON: {0}.")]
    Json(String),
    /// There is nothing like a notice in it.
    #[error("The file has no works of Crossref: expected a list, an answer with message.items, or one work a line.")]
    NoWorks,
    /// It cannot be read.
    #[error("The file cannot be read: {0}.")]
    Io(#[from] std::io::Error),
}

/// Why reading ended early.
#[derive(Debug)]
pub enum Stopped<E> {
    Broken(Broken),
    /// Who takes the items wants no more.
    Refused(E),
}

impl<E> From<Broken> for Stopped<E> {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl<E> From<std::io::Error> for Stopped<E> {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(Broken::Io(error))
    }
}

impl From<Stopped<Infallible>> for Broken {
    fn from(stopped: Stopped<Infallible>) -> Self {
        match stopped {
            Stopped::Broken(broken) => broken,
            Stopped::Refused(never) => match never {},
        }
    }
}

/// A DOI, where data sets write one or that there is none.
fn doi(text: &str) -> Result<Option<Doi>, String> {
    if is_absent(text) {
        return Ok(None);
    }
    Doi::parse(text).map(Some).map_err(|_| format!("{:?} is no DOI.", shortened(text)))
}

/// A PMID, where data sets write one or that there is none.
fn pmid(text: &str) -> Result<Option<Pmid>, String> {
    if is_absent(text) {
        return Ok(None);
    }
    // Spreadsheets make fractions of numbers.
    let text = text.trim().trim_end_matches(".0");
    Pmid::parse(text).map(Some).map_err(|_| format!("{:?} is no PMID.", shortened(text)))
}

fn is_absent(text: &str) -> bool {
    let text = text.trim();
    text.bytes().all(|b| b == b'0' || b == b'.')
        || ["unavailable", "not available", "n/a", "na", "none", "null", "-"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A text in one line without control characters, of at most so many.
fn one_line(text: &str, most: usize) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(most).collect()
}

#[cfg(test)]
mod tests;
