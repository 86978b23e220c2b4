//! PubMed's tagged format.

use std::io::Read;

use super::{correct, correction_kind, item_type, language, pages, title};
use crate::citing::exchange::draft::{Draft, collapsed};
use crate::citing::exchange::input::{Piece, Source};
use crate::citing::exchange::tagged::{self, Dialect, Field, Line};
use crate::citing::exchange::{Entry, Grant, Refused, date, name};
use crate::citing::identifiers::Orcid;

#[derive(Debug, Default)]
pub(in crate::citing::exchange) struct Reader(tagged::Reader);

impl Reader {
    pub(in crate::citing::exchange) fn next<R: Read>(
        &mut self,
        source: &mut Source<R>,
    ) -> Option<Result<Entry, Refused>> {
        tagged::read::<Nbib, R>(&mut self.0, source, entry)
    }
}

struct Nbib;

impl Dialect for Nbib {
    const ENDS_ITSELF: bool = true;
    const OUTSIDE: &'static str = "this stands in no entry, since no PMID line is before it";

    fn line(line: &str) -> Line<'_> {
        if line.trim().is_empty() {
            return Line::Blank;
        }
        match tag(line) {
            Some(("PMID", _)) => Line::Begin,
            Some((tag, value)) => Line::Tagged(tag, value),
            None => Line::Continued(line),
        }
    }
}

/// `PMID- 20300368`, `TI  - Title`: four characters and a hyphen.
fn tag(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches('\u{FEFF}');
    let (tag, rest) = line.split_at_checked(4)?;
    let value = rest.strip_prefix('-')?;
    let name = tag.trim_end();
    let formed = name.len() >= 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (formed && (value.is_empty() || value.starts_with(' '))).then_some((name, value))
}

/// What PubMed keeps for itself.
const BOOKKEEPING: [&str; 22] = [
    "OWN", "STAT", "DCOM", "LR", "DA", "EDAT", "MHDA", "CRDT", "PHST", "PST", "JID", "SB", "RF", "PMCR", "MID", "OTO",
    "GS", "CTDT", "DRDT", "LRE", "SFM", "SPIN",
];

fn entry(piece: &Piece) -> Result<Entry, Refused> {
    let fields = tagged::fields::<Nbib>(&piece.text);
    let has = |tag: &str| fields.iter().any(|field| field.tag == tag && !field.value.is_empty());
    let (book, chapter) = (has("BTI"), has("BTI") && has("TI"));
    let mut mapper = Mapper {
        draft: Draft::of(piece),
        full_authors: has("FAU"),
        full_editors: has("FED"),
        full_journal: has("JT"),
        chapter,
        book,
    };
    for field in fields.iter().filter(|field| !field.value.is_empty()) {
        mapper.field(field);
    }
    mapper.dates(&fields);
    item_type(&mut mapper.draft, book, chapter);
    mapper.draft.finish(piece)
}

struct Mapper {
    draft: Draft,
    full_authors: bool,
    full_editors: bool,
    full_journal: bool,
    chapter: bool,
    book: bool,
}

impl Mapper {
    fn field(&mut self, field: &Field) {
        let (tag, value) = (field.tag.as_str(), field.value.as_str());
        let whole = || value.replace('\n', " ");
        match tag {
            "PMID" => self.draft.pmid(tag, value),
            "PMC" => self.draft.pmcid(tag, value),
            "TI" => self.draft.text("title", tag, &title(&whole())),
            "BTI" if self.chapter => self.draft.text("container-title", tag, &title(&whole())),
            "BTI" => self.draft.text("title", tag, &title(&whole())),
            "TT" => self.draft.text("original-title", tag, &title(&whole())),
            "CTI" => self.draft.text("collection-title", tag, &title(&whole())),
            "VTI" => self.draft.text("volume-title", tag, &title(&whole())),
            "JT" => self.draft.text("container-title", tag, &whole()),
            "TA" if self.full_journal => self.draft.text("container-title-short", tag, &whole()),
            "TA" => self.draft.text("container-title", tag, &whole()),
            "FAU" => self.draft.name("author", tag, name::family_first(&whole())),
            "AU" if !self.full_authors => self.draft.name("author", tag, name::initials_form(value)),
            "FED" => self.draft.name("editor", tag, name::family_first(&whole())),
            "ED" if !self.full_editors => self.draft.name("editor", tag, name::initials_form(value)),
            // The short form of a name that is there in full.
            "AU" | "ED" => {}
            "CN" => self.draft.name("author", tag, name::literal(&whole())),
            "VI" => self.draft.text("volume", tag, value),
            "IP" => self.draft.text("issue", tag, value),
            "PG" => self.draft.text("page", tag, &pages(value)),
            "EN" => self.draft.text("edition", tag, value),
            "LA" => self.draft.text("language", tag, language(value)),
            "PB" => self.draft.text("publisher", tag, value),
            "PL" if self.book => self.draft.text("publisher-place", tag, value),
            "PL" => self.draft.drop(tag, value, "the country of a journal is in no reference"),
            "AB" => self.draft.add("abstract", "\n", tag, &whole()),
            "GN" => self.draft.add("note", "\n", tag, &whole()),
            "MH" | "OT" => self.draft.add("keyword", "; ", tag, &whole()),
            "PT" => self.draft.evidence.publication_type(&collapsed(value)),
            "COIS" => self.draft.evidence.conflicts = Some(collapsed(value)),
            "GR" => self.draft.evidence.grant(grant(&whole())),
            "SI" => self.draft.evidence.registrations.push(collapsed(value)),
            "IS" => self.issn(value),
            "ISBN" => self.draft.isbn(tag, value.split('(').next().unwrap_or(value)),
            "LID" | "AID" => self.location(tag, value),
            "AUID" if Orcid::parse(value.trim_start_matches("ORCID:").trim()).is_ok() => {
                self.draft.drop(tag, value, "a CSL name has no place for an ORCID iD");
            }
            "DP" | "DEP" => {}
            "SO" => self.draft.drop(tag, value, "it is made of other fields"),
            "CI" => self.draft.text("license", tag, &whole()),
            _ => self.other(tag, value),
        }
    }

    fn other(&mut self, tag: &str, value: &str) {
        if let Some(kind) = correction_kind(tag) {
            let text = collapsed(value);
            let pmid = text.rsplit_once("PMID:").map(|(_, id)| id.trim().trim_end_matches('.').to_owned());
            let doi = crate::citing::identifiers::Doi::parse(&text).ok().map(|doi| doi.display().to_owned());
            return correct(&mut self.draft, kind, &text, pmid, doi);
        }
        let reason = match tag {
            "AD" | "IRAD" => "a record has no addresses of people",
            "IR" | "FIR" => "a record has no names of investigators",
            tag if BOOKKEEPING.contains(&tag) => "it is PubMed's own bookkeeping",
            _ => "CSL has no variable for it",
        };
        self.draft.drop(tag, value, reason);
    }

    fn issn(&mut self, value: &str) {
        let number = value.split(['(', ' ']).next().unwrap_or_default();
        self.draft.issn("IS", number);
    }

    /// `10.1000/1 [doi]`, `S0140-6736(09)1 [pii]`
    fn location(&mut self, tag: &str, value: &str) {
        let (id, kind) = value.rsplit_once('[').unwrap_or((value, ""));
        match kind.trim_end_matches(']').trim() {
            "doi" => self.draft.doi(tag, id),
            "pii" if tag == "LID" && id.trim().len() <= 12 && !self.draft.has("page") => {
                // Journals without pages have the article's number here.
                self.draft.text("number", tag, id);
            }
            "bookaccession" => self.draft.text("number", tag, id),
            "isbn" => self.draft.isbn(tag, id),
            _ => self.draft.drop(tag, value, "CSL has no variable for it"),
        }
    }

    /// The date of the issue, and the day it was online before.
    fn dates(&mut self, fields: &[Field]) {
        let first = |tag: &str| fields.iter().find(|field| field.tag == tag).map(|field| field.value.as_str());
        let online = first("DEP").and_then(compact_day);
        let issue = first("DP").and_then(date::read);
        match (issue, online) {
            (Some(issue), Some(online)) => {
                self.draft.set("issued", "DP", issue);
                self.draft.set("available-date", "DEP", online);
            }
            (Some(date), None) | (None, Some(date)) => self.draft.set("issued", "DP", date),
            (None, None) => {}
        }
    }
}

/// `20090131`
fn compact_day(text: &str) -> Option<serde_json::Value> {
    let (year, rest) = text.trim().split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    date::read(&format!("{year}-{month}-{day}")).filter(|date| date.get("date-parts").is_some())
}

/// `R01 AR052451/AR/NIAMS NIH HHS/United States`
fn grant(text: &str) -> Grant {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match parts.as_slice() {
        [number, .., funder, country] if parts.len() >= 3 => {
            Grant { number: some(number), funder: some(funder), country: some(country) }
        }
        [number, funder] => Grant { number: some(number), funder: some(funder), country: None },
        _ => Grant { number: None, funder: some(text.trim()), country: None },
    }
}
