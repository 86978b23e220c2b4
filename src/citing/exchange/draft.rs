//! A record in the making: values come in as a format has them, and go in as CSL-JSON or are reported as dropped.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::evidence::Evidence;
use super::input::Piece;
use super::{Dropped, Entry, Refused};
use crate::citing::identifiers::{Doi, Isbn, Issn, Pmcid, Pmid};
use crate::citing::record::vocabulary::{self, MAX_ABSTRACT, MAX_NAMES, MAX_TEXT};
use crate::citing::record::{Record, RecordFault};

/// Most different remarks on one entry; more of them say no more.
const MOST_DROPPED: usize = 200;

/// Variables whose paragraphs are kept.
const PARAGRAPHS: [&str; 3] = ["abstract", "note", "annote"];

#[derive(Debug, Default)]
pub(super) struct Draft {
    members: Map<String, Value>,
    pub(super) key: Option<String>,
    pub(super) evidence: Evidence,
    dropped: Vec<Dropped>,
    notes: Vec<String>,
    /// What [`Draft::add`] was given, so that nothing is added twice.
    added: HashSet<(String, String)>,
}

impl Draft {
    /// A draft that remembers how its text was read.
    pub(super) fn of(piece: &Piece) -> Self {
        let mut draft = Self::default();
        if piece.legacy {
            draft.note("bytes that are not UTF-8 were read as Windows-1252");
        }
        draft
    }

    pub(super) fn has(&self, variable: &str) -> bool {
        self.members.contains_key(variable)
    }

    /// A text variable that is there already.
    pub(super) fn get(&self, variable: &str) -> Option<&str> {
        self.members.get(variable)?.as_str()
    }

    pub(super) fn item_type(&mut self, name: &str) {
        self.members.insert("type".to_owned(), name.into());
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) && self.notes.len() < MOST_DROPPED {
            self.notes.push(note);
        }
    }

    /// Reports a value that the record does not have.
    pub(super) fn drop(&mut self, field: &str, value: &str, reason: impl Into<String>) {
        let reason = reason.into();
        if let Some(known) = self.dropped.iter_mut().find(|known| known.field == field && known.reason == reason) {
            known.count = known.count.saturating_add(1);
            return;
        }
        if self.dropped.len() >= MOST_DROPPED {
            return self.note(format!("only the first {MOST_DROPPED} dropped fields are listed"));
        }
        let (field, value) = (shortened(field), shortened(value));
        self.dropped.push(Dropped { field, value, count: 1, reason });
    }

    /// Sets a text or number variable. A second value is dropped, unless it is the same.
    pub(super) fn text(&mut self, variable: &str, field: &str, value: &str) {
        let value = self.cleaned(variable, value);
        if value.is_empty() {
            return;
        }
        let most = if variable == "abstract" { MAX_ABSTRACT } else { MAX_TEXT };
        match self.get(variable) {
            Some(there) if there == value => {}
            Some(_) => self.drop(field, &value, format!("the record has another {variable}")),
            None if value.chars().count() > most => {
                self.drop(field, &value, format!("a record's {variable} has at most {most} characters"));
            }
            None => {
                self.members.insert(variable.to_owned(), value.into());
            }
        }
    }

    /// Sets a text variable, or adds to it behind `joint`.
    pub(super) fn add(&mut self, variable: &str, joint: &str, field: &str, value: &str) {
        let value = self.cleaned(variable, value);
        if value.is_empty() || !self.added.insert((variable.to_owned(), value.clone())) {
            return;
        }
        let Some(there) = self.get(variable) else { return self.text(variable, field, &value) };
        let most = if variable == "abstract" { MAX_ABSTRACT } else { MAX_TEXT };
        let joined = format!("{there}{joint}{value}");
        if joined.chars().count() > most {
            return self.drop(field, &value, format!("a record's {variable} has at most {most} characters"));
        }
        self.members.insert(variable.to_owned(), joined.into());
    }

    /// Takes a text variable out again.
    pub(super) fn take(&mut self, variable: &str) -> Option<String> {
        match self.members.remove(variable) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Sets a variable to what is known to have its shape; a second value is dropped.
    pub(super) fn set(&mut self, variable: &str, field: &str, value: Value) {
        if self.has(variable) {
            return self.drop(field, &value.to_string(), format!("the record has another {variable}"));
        }
        self.members.insert(variable.to_owned(), value);
    }

    /// Adds a name.
    pub(super) fn name(&mut self, variable: &str, field: &str, name: Option<Value>) {
        let Some(name) = name else { return };
        let mut name = name;
        for part in name.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Value::String(text) = part {
                *text = self.cleaned(variable, text);
            }
        }
        let list = self.members.entry(variable).or_insert_with(|| Value::Array(Vec::new()));
        match list.as_array_mut() {
            Some(list) if list.len() < MAX_NAMES => list.push(name),
            _ => {
                let reason = format!("a record has at most {MAX_NAMES} names of a kind");
                self.drop(field, &name.to_string(), reason);
            }
        }
    }

    pub(super) fn doi(&mut self, field: &str, value: &str) {
        match Doi::parse(value) {
            Ok(doi) if self.get("DOI").and_then(|there| Doi::parse(there).ok()).as_ref() == Some(&doi) => {}
            Ok(doi) => self.text("DOI", field, doi.display()),
            Err(error) => self.drop(field, value, error.to_string()),
        }
    }

    pub(super) fn pmid(&mut self, field: &str, value: &str) {
        match Pmid::parse(value) {
            Ok(id) => self.text("PMID", field, id.as_str()),
            Err(error) => self.drop(field, value, error.to_string()),
        }
    }

    pub(super) fn pmcid(&mut self, field: &str, value: &str) {
        match Pmcid::parse(value) {
            Ok(id) => self.text("PMCID", field, id.as_str()),
            Err(error) => self.drop(field, value, error.to_string()),
        }
    }

    /// Takes an address. One of the DOI's resolver gives the DOI as well.
    pub(super) fn url(&mut self, field: &str, value: &str) {
        let value: String = value.trim().trim_matches(['<', '>']).split_whitespace().collect();
        if value.is_empty() {
            return;
        }
        let lower = value.to_ascii_lowercase();
        let known = vocabulary::URL_SCHEMES.iter().any(|scheme| lower.starts_with(scheme));
        if !known && value.contains(':') {
            return self.drop(field, &value, "an address begins with http:// or https://");
        }
        if !known && !value.contains('.') {
            return self.drop(field, &value, "this is no address");
        }
        if lower.contains("doi.org/10.") && !self.has("DOI") {
            self.doi(field, &value);
        }
        self.text("URL", field, &value);
    }

    /// Takes the valid ISBNs of a text that may hold several, with hyphens as written.
    pub(super) fn isbn(&mut self, field: &str, value: &str) {
        let value = value.trim();
        if Isbn::parse(value).is_ok() {
            return self.add("ISBN", " ", field, &without_label(value));
        }
        let parts = value.split([' ', ',', ';', '/', '\n', '(', ')']).filter(|part| !is_qualifier(part));
        for part in parts {
            match Isbn::parse(part) {
                Ok(_) => self.add("ISBN", " ", field, &without_label(part)),
                Err(error) => self.drop(field, part, error.to_string()),
            }
        }
    }

    /// Takes the valid ISSNs of a text that may hold several.
    pub(super) fn issn(&mut self, field: &str, value: &str) {
        for part in value.split([' ', ',', ';', '\n', '(', ')']).filter(|part| !is_qualifier(part)) {
            match Issn::parse(part) {
                Ok(issn) => self.add("ISSN", ", ", field, issn.as_str()),
                Err(error) => self.drop(field, part, error.to_string()),
            }
        }
    }

    /// Takes numbers of serials or books, told apart by their shape.
    pub(super) fn issn_or_isbn(&mut self, field: &str, value: &str) {
        let book = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() >= 9 && Issn::parse(text).is_err();
        let whole = Isbn::parse(value).is_ok();
        for part in value.split(|c: char| c.is_whitespace() && !whole || ",;()\n".contains(c)) {
            match part {
                _ if is_qualifier(part) => {}
                _ if book(part) => self.isbn(field, part),
                _ => self.issn(field, part),
            }
        }
    }

    /// White space collapsed, characters that no record may hold removed.
    fn cleaned(&mut self, variable: &str, value: &str) -> String {
        let hidden = value.chars().any(is_hidden);
        let visible: String = value.chars().filter(|c| !is_hidden(*c)).collect();
        if hidden {
            self.note(format!("control characters were removed from {variable}"));
        }
        if PARAGRAPHS.contains(&variable) {
            let lines = visible.lines().map(collapsed).filter(|line| !line.is_empty());
            return lines.collect::<Vec<_>>().join("\n");
        }
        collapsed(&visible)
    }

    /// The entry, if it makes a record. Members that a record cannot have are reported as dropped, with their fault;
    /// a fault of the type, the title or the authors refuses the entry, with all faults found.
    pub(super) fn finish(mut self, piece: &Piece) -> Result<Entry, Refused> {
        let faults = match Record::parse(&Value::Object(self.members.clone())) {
            Ok(record) => return self.whole(record, piece),
            Err(faults) => faults,
        };
        if faults.iter().any(|fault| ["type", "title", "author"].contains(&member(fault).as_str())) {
            return Err(self.not_a_record(piece, faults));
        }
        for fault in &faults {
            let name = member(fault);
            if let Some(value) = self.members.remove(&name) {
                self.drop(&name, &plain(&value), fault.detail.clone());
            }
        }
        match Record::parse(&Value::Object(self.members.clone())) {
            Ok(record) => self.whole(record, piece),
            Err(faults) => Err(self.not_a_record(piece, faults)),
        }
    }

    fn whole(self, record: Record, piece: &Piece) -> Result<Entry, Refused> {
        let names_it = |variable: &str| record.members().contains_key(variable);
        if !["title", "author", "editor", "DOI", "PMID", "PMCID", "ISBN", "URL", "container-title"]
            .into_iter()
            .any(names_it)
        {
            let detail = "nothing in this entry says which study it is: it has no title, name or identifier";
            return Err(Refused { key: self.key, ..Refused::new(piece.place, "empty", detail) });
        }
        let Self { key, mut evidence, dropped, notes, .. } = self;
        if evidence.open_access_url.is_none() {
            evidence.open_access_url = record.pmcid().map(|id| format!("https://pmc.ncbi.nlm.nih.gov/articles/{id}/"));
        }
        Ok(Entry { place: piece.place, key, record, evidence, dropped, notes })
    }

    fn not_a_record(self, piece: &Piece, faults: Vec<RecordFault>) -> Refused {
        let said: Vec<String> =
            faults.iter().take(20).map(|fault| format!("{}: {}", fault.pointer, fault.detail)).collect();
        let detail = said.join("; ");
        Refused { key: self.key, faults, ..Refused::new(piece.place, "not_a_record", detail) }
    }
}

/// The member of the record that a fault is in.
fn member(fault: &RecordFault) -> String {
    let first = fault.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
    first.replace("~1", "/").replace("~0", "~")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Characters that [`Record::parse`] refuses.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Without white space around, and with one blank where there was any; no-break spaces stay.
pub(super) fn collapsed(text: &str) -> String {
    let words = text.split([' ', '\n', '\t', '\r', '\u{C}']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn shortened(text: &str) -> String {
    let text = collapsed(text);
    match text.char_indices().nth(Dropped::MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Nothing, or which of several numbers it is (`Print`).
fn is_qualifier(part: &str) -> bool {
    let word = part.trim_end_matches('.').to_ascii_lowercase();
    matches!(
        word.as_str(),
        "" | "print"
            | "electronic"
            | "online"
            | "linking"
            | "web"
            | "cd-rom"
            | "hbk"
            | "pbk"
            | "ebk"
            | "ebook"
            | "hardcover"
            | "paperback"
            | "issn"
            | "isbn"
            | "issn:"
            | "isbn:"
    )
}

fn without_label(isbn: &str) -> String {
    isbn.trim_start_matches(|c: char| !c.is_ascii_digit() && c != 'X').trim_start_matches("13:").trim().to_owned()
}
