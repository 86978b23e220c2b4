//! BibTeX and BibLaTeX: entries are cut out of the input, tokenised, completed with macros and parents, and mapped.

use std::collections::{HashMap, VecDeque};
use std::io::Read;
use std::rc::Rc;

use super::input::{End, Piece, Source};
use super::{Entry, MAX_ENTRY, Refused};

mod latex;
mod map;
mod names;
mod slice;
mod token;

use slice::Slicer;
use token::{Chunk, Item};

/// Most bytes of what a file defines for later entries: macros, and entries that others may inherit from.
const MOST_REMEMBERED: usize = 16_000_000;
/// Most bytes of entries that wait for their parent.
const MOST_WAITING: usize = 8_000_000;
/// Most bytes of a macro.
const MOST_MACRO: usize = 20_000;
/// Most steps up from child to parent.
const GENERATIONS: usize = 4;

/// Entries that others inherit from: what is part of nothing else.
const PARENTS: [&str; 11] = [
    "book",
    "mvbook",
    "collection",
    "mvcollection",
    "proceedings",
    "mvproceedings",
    "reference",
    "mvreference",
    "periodical",
    "misc",
    "xdata",
];

/// Fields that belong to the parent alone.
const OWN_FIELDS: [&str; 27] = [
    "crossref",
    "xref",
    "xdata",
    "entryset",
    "ids",
    "label",
    "options",
    "presort",
    "related",
    "relatedtype",
    "sortkey",
    "shorttitle",
    "shorthand",
    "doi",
    "url",
    "urldate",
    "eprint",
    "eprinttype",
    "archiveprefix",
    "pmid",
    "pmcid",
    "abstract",
    "pages",
    "pagetotal",
    "note",
    "keywords",
    "file",
];

/// An entry with its macros resolved.
#[derive(Debug, Clone, Default)]
struct Raw {
    kind: String,
    key: Option<String>,
    /// Lower-case names and values, still in LaTeX.
    fields: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Raw {
    fn get(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    fn bytes(&self) -> usize {
        self.fields.iter().map(|(name, value)| name.len() + value.len() + 48).sum()
    }

    fn parents(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = |field: &'static str| self.get(field).into_iter().map(move |keys| (field, keys));
        let list = named("crossref").chain(named("xdata"));
        list.flat_map(|(field, keys)| keys.split(',').map(move |key| (field, key.trim())))
            .filter(|(_, key)| !key.is_empty())
    }
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    slicer: Slicer,
    macros: HashMap<String, String>,
    parents: HashMap<String, Rc<Raw>>,
    remembered: usize,
    waiting: VecDeque<(Piece, Raw)>,
    waiting_bytes: usize,
}

impl Reader {
    pub(super) fn next<R: Read>(&mut self, source: &mut Source<R>) -> Option<Result<Entry, Refused>> {
        while let Some(slice) = self.slicer.next(source) {
            let kind = token::kind(&slice.text);
            if matches!(kind.as_str(), "comment" | "preamble") {
                continue;
            }
            let piece = match kind.as_str() {
                // What defines things for others is no entry.
                "string" | "xdata" if slice.end == End::Whole => slice.uncounted(),
                _ => slice.counted(source),
            };
            if let Some(mut read) = self.piece(piece) {
                if let Err(refused) = &mut read
                    && refused.place.entry == 0
                {
                    refused.place = source.place(refused.place.line);
                }
                return Some(read);
            }
        }
        let (piece, raw) = self.waiting.pop_front()?;
        Some(map::entry(self.inherited(raw), &piece))
    }

    /// What a piece gives: nothing if it is for later entries, or has to wait.
    fn piece(&mut self, piece: Piece) -> Option<Result<Entry, Refused>> {
        match piece.end {
            End::TooLong => return Some(Err(Refused::too_long(piece.place))),
            End::CutOff => {
                let detail = "the entry is not closed: its braces are not balanced";
                let key = token::key(&piece.text);
                return Some(Err(Refused { key, ..Refused::new(piece.place, "cut_off", detail) }));
            }
            End::Whole => {}
        }
        let item = match token::item(&piece.text) {
            Ok(item) => item,
            Err(fault) => {
                let line = piece.place.line + fault.lines;
                let detail = format!("on line {line}: {}", fault.what);
                let key = token::key(&piece.text);
                return Some(Err(Refused { key, ..Refused::new(piece.place, "malformed", detail) }));
            }
        };
        match item {
            Item::Strings(strings) => {
                self.define(strings);
                None
            }
            Item::Entry { kind, key, fields, notes } => {
                let mut raw = Raw { kind, key, fields: Vec::new(), notes };
                if let Err(detail) = self.resolve(fields, &mut raw) {
                    return Some(Err(Refused { key: raw.key, ..Refused::new(piece.place, "too_long", detail) }));
                }
                self.entry(piece, raw)
            }
        }
    }

    fn entry(&mut self, piece: Piece, raw: Raw) -> Option<Result<Entry, Refused>> {
        self.remember(&raw);
        if raw.kind == "xdata" {
            return None;
        }
        let bytes = raw.bytes();
        let complete = raw.parents().all(|(_, key)| self.parents.contains_key(&key.to_lowercase()));
        if complete || self.waiting_bytes + bytes > MOST_WAITING {
            return Some(map::entry(self.inherited(raw), &piece));
        }
        self.waiting_bytes += bytes;
        self.waiting.push_back((Piece { text: String::new(), ..piece }, raw));
        None
    }

    fn define(&mut self, strings: Vec<(String, Vec<Chunk<'_>>)>) {
        for (name, chunks) in strings {
            let mut notes = Vec::new();
            let Some(value) = self.value(&chunks, MOST_MACRO, &mut notes) else { continue };
            let bytes = name.len() + value.len();
            if self.remembered + bytes <= MOST_REMEMBERED {
                self.remembered += bytes;
                self.macros.insert(name, value);
            }
        }
    }

    fn remember(&mut self, raw: &Raw) {
        let bytes = raw.bytes();
        if let Some(key) = &raw.key
            && PARENTS.contains(&raw.kind.as_str())
            && self.remembered + bytes <= MOST_REMEMBERED
        {
            self.remembered += bytes;
            self.parents.insert(key.to_lowercase(), Rc::new(raw.clone()));
        }
    }

    fn resolve(&self, fields: Vec<(String, Vec<Chunk<'_>>)>, raw: &mut Raw) -> Result<(), String> {
        let mut left = MAX_ENTRY;
        for (name, chunks) in fields {
            let Some(value) = self.value(&chunks, left, &mut raw.notes) else {
                return Err(format!("with its macros written out the entry has more than {MAX_ENTRY} bytes"));
            };
            left -= value.len();
            raw.fields.push((name, value));
        }
        Ok(())
    }

    /// The chunks of a value joined; `None` if that is more than `most` bytes.
    fn value(&self, chunks: &[Chunk<'_>], most: usize, notes: &mut Vec<String>) -> Option<String> {
        let mut value = String::new();
        for chunk in chunks {
            let text = match chunk {
                Chunk::Text(text) => text,
                Chunk::Macro(name) => {
                    let name = name.to_lowercase();
                    match self.macros.get(&name).map(String::as_str).or_else(|| month(&name)) {
                        Some(text) => text,
                        None => {
                            let note = format!("the macro {name} is not defined; its name was taken as its value");
                            if notes.len() < 20 {
                                notes.push(note);
                            }
                            match chunk {
                                Chunk::Macro(written) => written,
                                Chunk::Text(text) => text,
                            }
                        }
                    }
                }
            };
            if value.len() + text.len() > most {
                return None;
            }
            value.push_str(text);
        }
        Some(value)
    }

    /// The entry with what it takes from its parents.
    fn inherited(&self, mut raw: Raw) -> Raw {
        for _ in 0..GENERATIONS {
            let parents: Vec<(String, String)> =
                raw.parents().map(|(field, key)| (field.to_owned(), key.to_owned())).collect();
            if parents.is_empty() {
                break;
            }
            raw.fields.retain(|(name, _)| name != "crossref" && name != "xdata");
            let mut grandparents = Vec::new();
            for (field, key) in parents.into_iter().take(20) {
                match self.parents.get(&key.to_lowercase()) {
                    Some(parent) => {
                        inherit(&mut raw, parent, &field);
                        grandparents.extend(
                            parent.fields.iter().filter(|(name, _)| name == "crossref" || name == "xdata").cloned(),
                        );
                    }
                    None => raw.fields.push((format!("{field} (not in the file)"), key)),
                }
            }
            raw.fields.extend(grandparents);
        }
        raw.fields.retain(|(name, _)| name != "crossref" && name != "xdata");
        raw
    }
}

fn inherit(raw: &mut Raw, parent: &Raw, field: &str) {
    let whole = field == "xdata";
    let part = raw.kind != parent.kind;
    let written_by_parent = matches!(raw.kind.as_str(), "inbook" | "bookinbook" | "suppbook" | "book");
    for (name, value) in &parent.fields {
        let target = match name.as_str() {
            own if !whole && OWN_FIELDS.contains(&own) => continue,
            "crossref" | "xdata" | "ids" => continue,
            "author" if !whole && !written_by_parent => continue,
            "title" if !whole && part && parent.kind.starts_with("mv") => "maintitle",
            "title" if !whole && part && parent.kind == "periodical" => "journaltitle",
            "title" if !whole && part => "booktitle",
            "subtitle" if !whole && part => "booksubtitle",
            "titleaddon" if !whole => continue,
            other => other,
        };
        if raw.get(target).is_none() {
            raw.fields.push((target.to_owned(), value.clone()));
        }
    }
}

fn month(name: &str) -> Option<&'static str> {
    Some(match name {
        "jan" => "January",
        "feb" => "February",
        "mar" => "March",
        "apr" => "April",
        "may" => "May",
        "jun" => "June",
        "jul" => "July",
        "aug" => "August",
        "sep" => "September",
        "oct" => "October",
        "nov" => "November",
        "dec" => "December",
        _ => return None,
    })
}
