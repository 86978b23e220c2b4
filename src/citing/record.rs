//! A study's bibliographic record: CSL-JSON, checked against the CSL 1.0.2 schema, and what one can ask of it.

use serde::Serialize;
use serde_json::{Map, Value};

mod check;
mod date;
mod propose;
pub mod vocabulary;

pub use date::PartialDate;
pub use propose::propose_key;

use super::identifiers::{Doi, Isbn, Pmcid, Pmid};

/// A CSL-JSON record that holds what the schema allows and nothing else; members keep their order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Record(Map<String, Value>);

/// One fault of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordFault {
    /// JSON pointer inside the record; empty for the record itself.
    pub pointer: String,
    /// A stable name.
    pub code: &'static str,
    /// What is wrong, for people.
    pub detail: String,
}

/// A name in a record, its parts as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Name<'r> {
    /// Family name.
    pub family: Option<&'r str>,
    /// Given names or initials.
    pub given: Option<&'r str>,
    /// `van`, `de`: stays with the family name.
    pub non_dropping_particle: Option<&'r str>,
    /// `de la`, `von`: dropped when only the family name is shown.
    pub dropping_particle: Option<&'r str>,
    /// `Jr.`, `III`.
    pub suffix: Option<&'r str>,
    /// A name in one piece, e.g. an institution's.
    pub literal: Option<&'r str>,
}

/// Whether a reader could look a study up from its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Nothing is missing.
    pub complete: bool,
    /// What is missing: `title`, `author`, `issued`, `container-title`, `identifier`.
    pub missing: Vec<&'static str>,
}

impl Record {
    /// Reads a record and checks all of it.
    ///
    /// # Errors
    /// Every fault found, not only the first.
    pub fn parse(value: &Value) -> Result<Self, Vec<RecordFault>> {
        let Value::Object(members) = value else {
            let detail = "a CSL-JSON record is an object".to_owned();
            return Err(vec![RecordFault { pointer: String::new(), code: "expected_object", detail }]);
        };
        let faults = check::faults(members);
        if faults.is_empty() { Ok(Self(members.clone())) } else { Err(faults) }
    }

    /// Takes a record that [`Record::parse`] accepted when it was stored; it is not checked again.
    ///
    /// What it may hold that would not be accepted today is passed over by all readers of it.
    pub fn stored(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The record's members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The record as a JSON value.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The item type, one of [`vocabulary::TYPES`].
    pub fn item_type(&self) -> &str {
        self.text("type").unwrap_or("document")
    }

    /// A text variable without surrounding white space; `None` if absent or blank.
    pub fn text(&self, variable: &str) -> Option<&str> {
        self.0.get(variable)?.as_str().map(str::trim).filter(|s| !s.is_empty())
    }

    /// The title.
    pub fn title(&self) -> Option<&str> {
        self.text("title")
    }

    /// Journal, book or site that holds the study.
    pub fn container_title(&self) -> Option<&str> {
        self.text("container-title")
    }

    /// The container's abbreviation, if the record has one.
    pub fn container_title_short(&self) -> Option<&str> {
        self.text("container-title-short").or_else(|| self.text("journalAbbreviation"))
    }

    /// The year it was issued; negative before the common era.
    pub fn year(&self) -> Option<i16> {
        self.date("issued").map(|date| date.year)
    }

    /// The first (or only) day of a date variable, as precise as it can be read.
    pub fn date(&self, variable: &str) -> Option<PartialDate> {
        date::start(self.0.get(variable)?.as_object()?)
    }

    /// The last day of a date variable that is a range.
    pub fn date_end(&self, variable: &str) -> Option<PartialDate> {
        date::end(self.0.get(variable)?.as_object()?)
    }

    /// A date variable that is words, e.g. `in press`.
    pub fn date_words(&self, variable: &str) -> Option<&str> {
        date::words(self.0.get(variable)?.as_object()?)
    }

    /// The season of a date variable, 1 (spring) to 4 (winter).
    pub fn season(&self, variable: &str) -> Option<u8> {
        date::season(self.0.get(variable)?.get("season")?).filter(|s| *s > 0)
    }

    /// The DOI, normalised.
    pub fn doi(&self) -> Option<Doi> {
        Doi::parse(self.text("DOI")?).ok()
    }

    /// The PubMed id, normalised.
    pub fn pmid(&self) -> Option<Pmid> {
        Pmid::parse(self.text("PMID")?).ok()
    }

    /// The PubMed Central id, normalised.
    pub fn pmcid(&self) -> Option<Pmcid> {
        Pmcid::parse(self.text("PMCID")?).ok()
    }

    /// The first valid ISBN, as ISBN-13.
    pub fn isbn(&self) -> Option<Isbn> {
        let text = self.text("ISBN")?;
        Isbn::parse(text).ok().or_else(|| text.split([' ', ',', ';', '/']).find_map(|part| Isbn::parse(part).ok()))
    }

    /// The authors in order.
    pub fn authors(&self) -> Vec<Name<'_>> {
        self.names("author")
    }

    /// The names of a name variable in order.
    pub fn names(&self, variable: &str) -> Vec<Name<'_>> {
        let list = self.0.get(variable).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_object).map(Name::read).filter(|n| !n.display().is_empty()).collect()
    }

    /// Family name of the first author; of an institution its whole name.
    pub fn first_author_family(&self) -> Option<&str> {
        let first = self.authors().into_iter().next()?;
        first.family.or(first.literal).or(first.given)
    }
}

impl<'r> Name<'r> {
    fn read(name: &'r Map<String, Value>) -> Self {
        let part = |member: &str| name.get(member)?.as_str().map(str::trim).filter(|s| !s.is_empty());
        Self {
            family: part("family"),
            given: part("given"),
            non_dropping_particle: part("non-dropping-particle"),
            dropping_particle: part("dropping-particle"),
            suffix: part("suffix"),
            literal: part("literal"),
        }
    }

    /// The name in reading order, e.g. `Margit L. W. Juhasz` or `World Health Organization`.
    pub fn display(&self) -> String {
        if let (None, Some(literal)) = (self.family, self.literal) {
            return literal.to_owned();
        }
        let parts = [self.given, self.dropping_particle, self.non_dropping_particle, self.family, self.suffix];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// What a reader would need to find the study and the record does not have.
pub fn completeness(record: &Record) -> Completeness {
    let in_a_container = matches!(
        record.item_type(),
        "article-journal"
            | "article-magazine"
            | "article-newspaper"
            | "chapter"
            | "paper-conference"
            | "entry-encyclopedia"
    );
    let identified = record.doi().is_some()
        || record.pmid().is_some()
        || record.pmcid().is_some()
        || record.isbn().is_some()
        || record.text("URL").is_some();
    let checks = [
        ("title", record.title().is_some()),
        ("author", !record.authors().is_empty() || !record.names("editor").is_empty()),
        ("issued", record.year().is_some()),
        ("container-title", !in_a_container || record.container_title().is_some()),
        ("identifier", identified),
    ];
    let missing: Vec<_> = checks.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect();
    Completeness { complete: missing.is_empty(), missing }
}

#[cfg(test)]
mod tests;
