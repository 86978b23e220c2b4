//! Exchange: studies read from the formats people have, and written for their programs.
//!
//! [`read`] goes through a file entry by entry and holds one entry at a time. What it gives is a [`Record`] that was
//! checked as one from the API is; what a format says and a record cannot hold is in [`Entry::dropped`], and an entry
//! that cannot be a record is [`Refused`] while the next one is read. No input makes it panic.
//!
//! The tokenising of RIS, NBIB and BibTeX is done here and not by a library: those at hand read whole files, stop at
//! the first fault of a file (`biblatex`), or lose the order of tags, line numbers, corrections and unreadable dates
//! (`biblib`). XML is read by `quick-xml`, JSON by `serde_json`, each entry by itself.

use std::io::Read;

use serde::Serialize;

use super::record::{Record, RecordFault};

mod bibtex;
mod csl_json;
mod date;
mod detect;
mod draft;
mod evidence;
mod input;
mod name;
mod pubmed;
mod ris;
mod tagged;
mod write;

pub use evidence::{Correction, Evidence, Grant};
pub use write::{BIBTEX_FIELDS, RIS_FIELDS, to_bibtex, to_csl_json, to_ris};

use input::Source;

/// Most bytes of one entry, as UTF-8.
pub const MAX_ENTRY: usize = 2_000_000;

/// A format that studies are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// CSL-JSON: a list, `{"items": […]}`, one record, or one record a line; Crossref's dialect as well.
    CslJson,
    /// BibTeX and BibLaTeX.
    Bibtex,
    /// RIS, in the dialects of Zotero, EndNote, Mendeley, Web of Science, Scopus and Cochrane.
    Ris,
    /// PubMed's tagged format (`.nbib`, MEDLINE).
    Nbib,
    /// PubMed's XML.
    PubmedXml,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its number in the input, from 1; refused entries count.
    pub entry: u64,
    /// The line that it begins on, from 1.
    pub line: u64,
}

/// A study that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// The key that the file gives it, as written: it need not be a valid [`StudyKey`](super::StudyKey).
    pub key: Option<String>,
    /// The record.
    pub record: Record,
    /// What the format says about the study as evidence.
    pub evidence: Evidence,
    /// What the entry says and the record does not.
    pub dropped: Vec<Dropped>,
    /// What was mended to read it, in English.
    pub notes: Vec<String>,
}

/// A field that did not become part of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The field as the format names it.
    pub field: String,
    /// Its value, cut to [`Dropped::MOST`] characters; the first one if there are several.
    pub value: String,
    /// How many values of the field were dropped for this reason.
    pub count: u32,
    /// Why, in English.
    pub reason: String,
}

impl Dropped {
    /// Most characters of a value that are repeated.
    pub const MOST: usize = 200;
}

/// An entry that is no study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Where it stands.
    pub place: Place,
    /// The key that the file gives it, if it could be read.
    pub key: Option<String>,
    /// A stable name: `too_long`, `cut_off`, `malformed`, `empty`, `not_a_record`, `unreadable`.
    pub code: &'static str,
    /// What is wrong, in English.
    pub detail: String,
    /// All faults of the record, if it is one.
    pub faults: Vec<RecordFault>,
}

impl Refused {
    fn new(place: Place, code: &'static str, detail: impl Into<String>) -> Self {
        Self { place, key: None, code, detail: detail.into(), faults: Vec::new() }
    }

    fn too_long(place: Place) -> Self {
        Self::new(place, "too_long", format!("an entry has at most {MAX_ENTRY} bytes"))
    }
}

/// Reads a file entry by entry.
///
/// UTF-8 and UTF-16 are told by their byte order mark; without one, bytes that are not UTF-8 are read as
/// Windows-1252, and the entry says so. Lines may end in any way. If the input itself fails, the last item is
/// refused as `unreadable`.
pub fn read<R: Read>(format: Format, input: R) -> Entries<R> {
    let reader = match format {
        Format::CslJson => Reader::CslJson(csl_json::Reader::default()),
        Format::Bibtex => Reader::Bibtex(Box::default()),
        Format::Ris => Reader::Ris(ris::Reader::default()),
        Format::Nbib => Reader::Nbib(pubmed::NbibReader::default()),
        Format::PubmedXml => Reader::PubmedXml(pubmed::XmlReader::default()),
    };
    Entries { source: Source::new(input), reader, ended: false }
}

/// The entries of a file in their order, but that a BibTeX entry which inherits from one not yet read comes last.
#[derive(Debug)]
pub struct Entries<R> {
    source: Source<R>,
    reader: Reader,
    ended: bool,
}

#[derive(Debug)]
enum Reader {
    CslJson(csl_json::Reader),
    Bibtex(Box<bibtex::Reader>),
    Ris(ris::Reader),
    Nbib(pubmed::NbibReader),
    PubmedXml(pubmed::XmlReader),
}

impl<R: Read> Iterator for Entries<R> {
    type Item = Result<Entry, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let source = &mut self.source;
        let read = match &mut self.reader {
            Reader::CslJson(reader) => reader.next(source),
            Reader::Bibtex(reader) => reader.next(source),
            Reader::Ris(reader) => reader.next(source),
            Reader::Nbib(reader) => reader.next(source),
            Reader::PubmedXml(reader) => reader.next(source),
        };
        if read.is_some() {
            return read;
        }
        self.ended = true;
        let failure = self.source.failure()?;
        let place = self.source.place_here();
        Some(Err(Refused::new(place, "unreadable", format!("the input could not be read further: {failure}"))))
    }
}

impl<R: Read> std::iter::FusedIterator for Entries<R> {}

#[cfg(test)]
mod tests;
