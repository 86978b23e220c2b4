//! What the services that studies are looked up with answer: Crossref and DataCite by DOI, PubMed by PMID.
//!
//! Crossref's works and PubMed's XML are formats that [`exchange`](super::exchange) reads; DataCite's answers are put
//! into CSL's words here and go the same way, so that whatever a record cannot hold is dropped, and told, in one place.

mod datacite;

use serde_json::Value;

use super::exchange::{self, Entry, Format};
use super::identifiers::Doi;
use super::notices::{Item, of_work};

/// A service that knows studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    Crossref,
    DataCite,
    /// PubMed, through NCBI's E-utilities.
    PubMed,
}

impl Service {
    /// Its name as answers and settings have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crossref => "crossref",
            Self::DataCite => "datacite",
            Self::PubMed => "pubmed",
        }
    }
}

/// A study as a service describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// The record, what the service says of it as evidence, and what was dropped.
    pub entry: Entry,
    /// What the service knows to have become of the study.
    pub notices: Vec<Item>,
}

/// The answer is not what the service is known to answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

/// Reads the body of an answer; `None` when it says that there is no such study.
///
/// # Errors
/// [`Unreadable`] when it is no answer of that service, or describes what cannot be a record.
pub fn read(service: Service, body: &str) -> Result<Option<Described>, Unreadable> {
    match service {
        Service::Crossref => crossref(body).map(Some),
        Service::DataCite => datacite(body).map(Some),
        Service::PubMed => pubmed(body),
    }
}

/// The work in an answer of Crossref.
///
/// # Errors
/// [`Unreadable`] when there is none.
pub fn crossref_work(body: &str) -> Result<Value, Unreadable> {
    let mut answer: Value = json(body)?;
    match answer.get_mut("message").map(Value::take) {
        Some(work @ Value::Object(_)) => Ok(work),
        _ => Err(Unreadable("there is no work in the answer".to_owned())),
    }
}

fn crossref(body: &str) -> Result<Described, Unreadable> {
    let mut work = crossref_work(body)?;
    let doi = work.get("DOI").and_then(Value::as_str).and_then(|doi| Doi::parse(doi).ok());
    let notices = doi.as_ref().map(|doi| of_work(doi, &work)).unwrap_or_default();
    let is_open = licences(&work).any(|licence| licence.contains("creativecommons.org/"));
    if let Some(members) = work.as_object_mut() {
        members.retain(|name, _| !ACCOUNTS.contains(&name.as_str()));
        // The resolver's address says no more than the DOI.
        let resolved = |url: &Value| url.as_str().is_some_and(|url| url.contains("doi.org/"));
        if doi.is_some() && members.get("URL").is_some_and(resolved) {
            members.shift_remove("URL");
        }
    }
    let mut entry = entry(&work)?;
    if is_open && entry.evidence.open_access_url.is_none() {
        entry.evidence.open_access_url = doi.map(|doi| doi.url());
    }
    Ok(Described { entry, notices })
}

/// What Crossref's works say about themselves and about other works, not about the study.
const ACCOUNTS: [&str; 18] = [
    "alternative-id",
    "content-domain",
    "created",
    "deposited",
    "indexed",
    "is-referenced-by-count",
    "issn-type",
    "isbn-type",
    "member",
    "prefix",
    "reference",
    "reference-count",
    "references-count",
    "resource",
    "score",
    "source",
    "update-policy",
    "free-to-read",
];

fn licences(work: &Value) -> impl Iterator<Item = &str> {
    let list = work.get("license").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|licence| licence.get("URL")?.as_str())
}

fn datacite(body: &str) -> Result<Described, Unreadable> {
    let answer: Value = json(body)?;
    let Some(attributes) = answer.pointer("/data/attributes").and_then(Value::as_object) else {
        return Err(Unreadable("there are no attributes in the answer".to_owned()));
    };
    Ok(Described { entry: entry(&datacite::in_csl(attributes))?, notices: Vec::new() })
}

fn pubmed(body: &str) -> Result<Option<Described>, Unreadable> {
    match exchange::read(Format::PubmedXml, body.as_bytes()).next() {
        Some(Ok(entry)) => Ok(Some(Described { entry, notices: Vec::new() })),
        Some(Err(refused)) => Err(Unreadable(refused.detail)),
        None if body.contains("<PubmedArticleSet") => Ok(None),
        None => Err(Unreadable("there is no set of articles in the answer".to_owned())),
    }
}

fn json(body: &str) -> Result<Value, Unreadable> {
    serde_json::from_str(body).map_err(|error| Unreadable(format!("it is not well-formed JSON: {error}")))
}

fn entry(work: &Value) -> Result<Entry, Unreadable> {
    match exchange::read(Format::CslJson, work.to_string().as_bytes()).next() {
        Some(Ok(entry)) => Ok(entry),
        Some(Err(refused)) => Err(Unreadable(refused.detail)),
        None => Err(Unreadable("it describes nothing".to_owned())),
    }
}

#[cfg(test)]
mod tests;
