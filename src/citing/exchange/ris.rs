//! RIS, in the dialects of those who write it.

use std::io::Read;

use super::draft::Draft;
use super::input::{End, Piece, Source};
use super::tagged::{self, Dialect, Field, Line};
use super::{Correction, Entry, Refused, date, name};
use crate::citing::identifiers::{Doi, Pmcid, Pmid};

#[derive(Debug, Default)]
pub(super) struct Reader(tagged::Reader);

impl Reader {
    pub(super) fn next<R: Read>(&mut self, source: &mut Source<R>) -> Option<Result<Entry, Refused>> {
        tagged::read::<Ris, R>(&mut self.0, source, entry)
    }
}

struct Ris;

impl Dialect for Ris {
    const ENDS_ITSELF: bool = false;
    const OUTSIDE: &'static str = "this stands in no entry, since no TY line is before it";

    fn line(line: &str) -> Line<'_> {
        if line.trim().is_empty() {
            return Line::Blank;
        }
        match tag(line) {
            Some(("TY", _)) => Line::Begin,
            Some(("ER", _)) => Line::End,
            Some((tag, value)) => Line::Tagged(tag, value),
            None => Line::Continued(line),
        }
    }
}

/// `TY  - JOUR`; one blank or none before the hyphen is met as well, and some programs indent.
fn tag(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches([' ', '\t', '\u{FEFF}']);
    let (tag, rest) = line.split_at_checked(2)?;
    let formed = tag.starts_with(|c: char| c.is_ascii_uppercase())
        && tag.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let value = rest.strip_prefix("  -").or_else(|| rest.strip_prefix(" -"))?;
    let apart = value.is_empty() || value.starts_with([' ', '\t']);
    (formed && (apart || rest.starts_with("  -"))).then_some((tag, value))
}

/// RIS types and the CSL types they are read as. The first of a CSL type is the one it is written as.
pub(super) const TYPES: [(&str, &str); 66] = [
    ("JOUR", "article-journal"),
    ("EJOUR", "article-journal"),
    ("ABST", "article-journal"),
    ("INPR", "article-journal"),
    ("MGZN", "article-magazine"),
    ("NEWS", "article-newspaper"),
    ("UNPD", "article"),
    ("JFULL", "periodical"),
    ("BOOK", "book"),
    ("EBOOK", "book"),
    ("EDBOOK", "book"),
    ("SER", "book"),
    ("CONF", "book"),
    ("CHAP", "chapter"),
    ("ECHAP", "chapter"),
    ("CPAPER", "paper-conference"),
    ("RPRT", "report"),
    ("GOVDOC", "report"),
    ("THES", "thesis"),
    ("WEB", "webpage"),
    ("ELEC", "webpage"),
    ("BLOG", "post-weblog"),
    ("ICOMM", "post"),
    ("DATA", "dataset"),
    ("AGGR", "dataset"),
    ("DBASE", "dataset"),
    ("COMP", "software"),
    ("PAT", "patent"),
    ("STAT", "legislation"),
    ("BILL", "bill"),
    ("UNBILL", "bill"),
    ("HEAR", "hearing"),
    ("CASE", "legal_case"),
    ("LEGAL", "regulation"),
    ("STAND", "standard"),
    ("ENCYC", "entry-encyclopedia"),
    ("DICT", "entry-dictionary"),
    ("MAP", "map"),
    ("MUSIC", "musical_score"),
    ("SOUND", "song"),
    ("VIDEO", "motion_picture"),
    ("MPCT", "motion_picture"),
    ("ADVS", "motion_picture"),
    ("ART", "graphic"),
    ("FIGURE", "figure"),
    ("CHART", "figure"),
    ("EQUA", "figure"),
    ("UNPB", "manuscript"),
    ("MANSCPT", "manuscript"),
    ("PAMP", "pamphlet"),
    ("PCOMM", "personal_communication"),
    ("SLIDE", "speech"),
    ("CLSWK", "classic"),
    ("ANCIENT", "classic"),
    ("CTLG", "book"),
    ("INTV", "interview"),
    ("GEN", "document"),
    ("MISC", "document"),
    ("MULTI", "document"),
    ("GRANT", "document"),
    ("GRNT", "document"),
    ("PAPER", "paper-conference"),
    ("CONFP", "paper-conference"),
    ("PREP", "article"),
    ("PREPRINT", "article"),
    ("RPT", "report"),
];

/// CSL types of what stands in something: their `T2` names it.
pub(super) const CONTAINED: [&str; 14] = [
    "article-journal",
    "article-magazine",
    "article-newspaper",
    "article",
    "chapter",
    "paper-conference",
    "entry-encyclopedia",
    "entry-dictionary",
    "webpage",
    "post-weblog",
    "post",
    "dataset",
    "legislation",
    "legal_case",
];

fn entry(piece: &Piece) -> Result<Entry, Refused> {
    let mut fields = tagged::fields::<Ris>(&piece.text);
    let mut mapper = Mapper { draft: Draft::of(piece), kind: "document", written: String::new() };
    if piece.end == End::CutOff {
        mapper.draft.note("the line that ends the entry (ER) is missing");
    }
    fields.retain(|field| !field.value.is_empty());
    mapper.item_type(&fields);
    for tags in ORDER {
        fields.iter().filter(|field| tags.contains(&field.tag.as_str())).for_each(|field| mapper.field(field));
    }
    let known = |tag: &str| ORDER.iter().any(|tags| tags.contains(&tag));
    for field in fields.iter().filter(|field| !known(&field.tag)) {
        mapper.draft.drop(&field.tag, &field.value, why_dropped(&field.tag));
    }
    mapper.issued(&fields);
    mapper.pages(&fields);
    mapper.draft.finish(piece)
}

/// The order in which tags are read: of several for one variable the better first.
const ORDER: [&[&str]; 15] = [
    &["TY", "ID", "DO", "DI"],
    &["T1", "TI", "CT"],
    &["JF", "BT"],
    &["T2"],
    &["JO", "JA", "J1", "J2"],
    &["T3", "ST", "TT"],
    &["A1", "AU", "A2", "ED", "A3", "A4", "TA"],
    &["DA"],
    &["PY", "Y1", "Y2"],
    &["VL", "IS", "CP", "M1", "M3", "ET", "NV", "SV", "SE", "SP", "EP", "C7"],
    &["PB", "CY", "PP", "SN", "LA", "DB", "DP", "CN"],
    &["AN", "RI", "C1", "C3"],
    &["UR", "LK", "L2", "C2"],
    &["AB", "N2", "N1", "RN"],
    &["KW", "PT"],
];

fn why_dropped(tag: &str) -> &'static str {
    match tag {
        "L1" | "L3" | "L4" => "it is a file of the program that wrote this",
        "AD" => "a record has no addresses of authors",
        "U1" | "U2" | "U3" | "U4" | "U5" | "C4" | "C5" | "C6" | "C8" => "its meaning differs from program to program",
        "LB" | "RP" => "it is of the program that wrote this",
        _ => "CSL has no variable for it",
    }
}

struct Mapper {
    draft: Draft,
    kind: &'static str,
    written: String,
}

impl Mapper {
    fn item_type(&mut self, fields: &[Field]) {
        let written = fields.iter().find(|field| field.tag == "TY").map(|field| field.value.to_ascii_uppercase());
        self.written = written.unwrap_or_default();
        match TYPES.iter().find(|(ris, _)| *ris == self.written) {
            Some((_, csl)) => self.kind = csl,
            None => {
                let note = format!("the type {:?} is not known and was read as a document", self.written);
                self.draft.note(note);
            }
        }
        match self.written.as_str() {
            "INPR" => self.draft.text("status", "TY", "in press"),
            "UNPD" | "PREP" | "PREPRINT" => self.draft.evidence.preprint = true,
            _ => {}
        }
        self.draft.item_type(self.kind);
    }

    fn contained(&self) -> bool {
        CONTAINED.contains(&self.kind)
    }

    fn field(&mut self, field: &Field) {
        let (tag, value) = (field.tag.as_str(), field.value.as_str());
        let simple = match tag {
            "TY" => return,
            "ID" => {
                self.draft.key = Some(value.to_owned());
                return;
            }
            "T1" | "TI" | "CT" => "title",
            "BT" if !self.contained() && !self.draft.has("title") => "title",
            "BT" | "JF" => "container-title",
            "T2" if self.contained() => "container-title",
            "T2" if matches!(self.kind, "book" | "report" | "standard" | "map") => "collection-title",
            "T2" => "container-title",
            "T3" => "collection-title",
            "ST" => "title-short",
            "TT" => "original-title",
            "VL" => "volume",
            "CP" if value.starts_with(|c: char| c.is_ascii_digit()) => "issue",
            "CP" | "CY" | "PP" => "publisher-place",
            "C1" if self.kind == "paper-conference" => "event-place",
            "C3" if self.kind == "paper-conference" => "event-title",
            "ET" => "edition",
            "NV" => "number-of-volumes",
            "SV" => "collection-number",
            "SE" => "section",
            "PB" => "publisher",
            "LA" => "language",
            "DB" | "DP" => "source",
            "CN" => "call-number",
            "RI" => "reviewed-title",
            _ => return self.special(tag, value),
        };
        self.draft.text(simple, tag, value);
    }

    fn special(&mut self, tag: &str, value: &str) {
        match tag {
            "JO" | "JA" | "J1" | "J2" => self.journal(tag, value),
            "A1" | "AU" => self.name("author", tag, value),
            "A2" | "ED" => self.name("editor", tag, value),
            "A3" => self.name("collection-editor", tag, value),
            "A4" | "TA" => self.name("translator", tag, value),
            "DA" | "PY" | "Y1" => {}
            "Y2" => self.accessed(value),
            "IS" => self.draft.text("issue", tag, value),
            "M1" if self.draft.has("issue") || self.kind != "article-journal" => self.draft.text("number", tag, value),
            "M1" => self.draft.text("issue", tag, value),
            "M3" => self.work_type(value),
            "SN" => self.draft.issn_or_isbn(tag, value),
            "DO" | "DI" => self.draft.doi(tag, value),
            "AN" => self.accession(value),
            "UR" | "LK" | "L2" => self.addresses(tag, value),
            "C2" => self.pmcid(value),
            "AB" | "N2" => self.draft.add("abstract", "\n", tag, value),
            "N1" => self.note(value),
            "RN" => self.draft.add("annote", "\n", tag, value),
            "KW" => value.lines().for_each(|word| self.draft.add("keyword", "; ", tag, word)),
            "PT" => self.draft.evidence.publication_type(value),
            "SP" | "EP" | "C7" => {}
            _ => self.draft.drop(tag, value, why_dropped(tag)),
        }
    }

    /// A journal's name: the whole one, or the short one if that is there already.
    fn journal(&mut self, tag: &str, value: &str) {
        let whole = self.draft.get("container-title").map(str::to_lowercase);
        match whole {
            Some(whole) if whole == value.to_lowercase() => {}
            None if tag == "JO" => self.draft.text("container-title", tag, value),
            _ => self.draft.text("container-title-short", tag, value),
        }
    }

    fn name(&mut self, variable: &str, tag: &str, value: &str) {
        // One name a line; Cochrane and some sites write several with semicolons.
        for one in value.split([';', '\n']) {
            self.draft.name(variable, tag, name::comma_form(one.trim()));
        }
    }

    /// When it was issued: the day of DA if it is in the year of PY, else PY. EndNote has days without a year in DA.
    fn issued(&mut self, fields: &[Field]) {
        let first =
            |tags: &[&str]| fields.iter().find(|field| tags.contains(&field.tag.as_str()) && !is_slashes(&field.value));
        let (year, day) = (first(&["PY", "Y1"]), first(&["DA"]));
        let from_year = year.and_then(|field| {
            date::read(field.value.trim_end_matches('/')).filter(has_parts).or_else(|| date::read(&field.value))
        });
        let from_day = day.and_then(|field| date::read(&field.value)).filter(has_parts);
        let day_alone = match (year, day) {
            (Some(year), Some(day)) if from_day.is_none() => {
                date::read(&format!("{} {}", day.value, year.value)).filter(has_parts)
            }
            _ => None,
        };
        let issued = match (from_year, from_day.or(day_alone)) {
            (None, Some(day)) => day,
            (Some(year), Some(day))
                if first_year(&year).is_none()
                    || (first_year(&year) == first_year(&day) && precision(&day) >= precision(&year)) =>
            {
                day
            }
            (Some(year), _) => {
                if let Some(day) = day {
                    self.draft.drop("DA", &day.value, "it does not make PY more exact");
                }
                year
            }
            (None, None) => {
                if let Some(day) = day {
                    self.draft.drop("DA", &day.value, "this is a day of no year");
                }
                return;
            }
        };
        self.draft.set("issued", "PY", issued);
    }

    fn accessed(&mut self, value: &str) {
        if let Some(date) = date::read(value).filter(|_| !is_slashes(value)) {
            self.draft.set("accessed", "Y2", date);
        }
    }

    fn work_type(&mut self, value: &str) {
        if Doi::parse(value).is_ok_and(|doi| value.trim().ends_with(doi.display())) {
            return self.draft.doi("M3", value);
        }
        value.split(';').for_each(|one| self.draft.evidence.publication_type(one));
        if self.kind != "article-journal" {
            self.draft.text("genre", "M3", value);
        }
    }

    /// An accession number is a PubMed id where the database is PubMed.
    fn accession(&mut self, value: &str) {
        let source = self.draft.get("source").unwrap_or_default().to_lowercase();
        let named = value.to_lowercase();
        let of_pubmed = ["pubmed", "medline", "nlm"].iter().any(|name| source.contains(name)) || named.contains("pmid");
        if of_pubmed && Pmid::parse(value).is_ok() {
            return self.draft.pmid("AN", value);
        }
        self.draft.drop("AN", value, "CSL has no variable for the number in another database");
    }

    fn addresses(&mut self, tag: &str, value: &str) {
        for one in value.split(['\n', ' ']).filter(|one| !one.trim_matches(';').is_empty()) {
            let one = one.trim_matches(';');
            let lower = one.to_lowercase();
            if !self.draft.has("PMID")
                && lower.contains("ncbi.nlm.nih.gov")
                && lower.contains("pubmed")
                && Pmid::parse(one).is_ok()
            {
                self.draft.pmid(tag, one);
            }
            self.draft.url(tag, one);
        }
    }

    fn pmcid(&mut self, value: &str) {
        match Pmcid::parse(value) {
            Ok(_) if value.to_uppercase().contains("PMC") => self.draft.pmcid("C2", value),
            _ => self.draft.drop("C2", value, "its meaning differs from program to program"),
        }
    }

    /// Notes, in which some programs put identifiers and signs of a retraction.
    fn note(&mut self, value: &str) {
        for line in value.lines() {
            let lower = line.trim().to_lowercase();
            if lower.starts_with("pmid:") && Pmid::parse(line).is_ok() {
                self.draft.pmid("N1", line);
            } else if lower.starts_with("pmcid:") && Pmcid::parse(line).is_ok() {
                self.draft.pmcid("N1", line);
            } else {
                if lower.starts_with("retraction in:") || lower.starts_with("retracted:") {
                    self.draft.evidence.retracted = true;
                    let source = line.trim().to_owned();
                    let correction = Correction { kind: "retraction_in", source, pmid: None, doi: None };
                    self.draft.evidence.corrections.push(correction);
                }
                self.draft.add("note", "\n", "N1", line);
            }
        }
    }

    /// First and last page; of a whole book their number.
    fn pages(&mut self, fields: &[Field]) {
        let first = |tag: &str| fields.iter().find(|field| field.tag == tag).map(|field| field.value.trim());
        let (begin, end) = (first("SP"), first("EP"));
        let range = match (begin, end) {
            (Some(begin), Some(end)) if end == begin || begin.contains(['-', '–']) => begin.to_owned(),
            (Some(begin), Some(end)) if end.starts_with(&format!("{begin}-")) => end.to_owned(),
            (Some(begin), Some(end)) => format!("{begin}-{end}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => String::new(),
        };
        let whole = matches!(self.kind, "book" | "thesis" | "report" | "pamphlet" | "manuscript" | "map");
        let pages = range.trim_end_matches([' ', 'p', '.']);
        if whole && !pages.is_empty() && pages.bytes().all(|b| b.is_ascii_digit()) {
            self.draft.text("number-of-pages", "SP", pages);
        } else {
            self.draft.text("page", "SP", &range.replace(['–', '—'], "-"));
        }
        for tag in ["SP", "EP"] {
            fields.iter().filter(|field| field.tag == tag).skip(1).for_each(|field| {
                self.draft.drop(tag, &field.value, "the entry has this tag twice");
            });
        }
        for field in fields.iter().filter(|field| field.tag == "C7") {
            let variable = if self.draft.has("page") { "number" } else { "page" };
            self.draft.text(variable, "C7", field.value.trim_start_matches("Art. No. ").trim());
        }
    }
}

fn is_slashes(value: &str) -> bool {
    value.trim_matches(['/', ' ']).is_empty()
}

fn has_parts(date: &serde_json::Value) -> bool {
    date.get("date-parts").is_some()
}

fn first_year(date: &serde_json::Value) -> Option<i64> {
    date.get("date-parts")?.get(0)?.get(0)?.as_i64()
}

/// How many parts of a date are known, its season included.
fn precision(date: &serde_json::Value) -> usize {
    let parts = date.get("date-parts").and_then(|dates| dates.get(0)).and_then(serde_json::Value::as_array);
    parts.map_or(0, Vec::len) * 2 + usize::from(date.get("season").is_some())
}
