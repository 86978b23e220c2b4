//! The references of an article, in a citation style or as records.

use serde::Serialize;
use utoipa::ToSchema;

use super::printing::{Printing, as_published};
use super::store::Publication;
use crate::citing::exchange::{to_bibtex, to_csl_json, to_ris};
use crate::citing::record::Record;
use crate::error::Problem;
use crate::library::Csl;
use crate::publishing::document::{Formatted, PublishedCitation};
use crate::text::references::{ReferenceEntry, Words, render, without_label};

/// The references of an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bibliography {
    /// The name of the citation style.
    #[schema(max_length = 100, example = "vancouver")]
    pub style: String,
    /// The language of the words and dates in it.
    #[schema(max_length = 35, example = "en-US")]
    pub locale: &'static str,
    /// In the order of the style: by number, or as it sorts.
    #[schema(max_items = 5000)]
    pub entries: Vec<Reference>,
}

/// One reference.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reference {
    /// Its number in the article.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub number: u32,
    /// The key of the study.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// The number as the style prints it, with which text and HTML begin; empty in styles without numbers.
    #[schema(max_length = 40, example = "1.")]
    pub label: String,
    /// Plain text.
    #[schema(max_length = 100000, example = "1. Majid I. Microneedling therapy in atrophic facial scars.")]
    pub text: String,
    /// Sanitised HTML.
    #[schema(max_length = 200000)]
    pub html: String,
}

/// The references as text.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100000000)]
pub struct TextBibliography(#[expect(dead_code, reason = "only its schema is used")] String);

/// The records of the references in CSL-JSON, in the order of their numbers; `id` is the study's key.
#[derive(ToSchema)]
#[schema(value_type = Vec<Csl>, max_items = 5000)]
pub struct CslRecords(#[expect(dead_code, reason = "only its schema is used")] Vec<Csl>);

/// The representations of a bibliography.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Plain,
    Html,
    Bibtex,
    Ris,
    Csl,
}

/// Each format with its media type and the end of its address; the first answers when a client likes several the same.
const FORMATS: [(Format, &str, &str); 6] = [
    (Format::Json, "application/json", "json"),
    (Format::Plain, "text/plain", "txt"),
    (Format::Html, "text/html", "html"),
    (Format::Bibtex, "application/x-bibtex", "bib"),
    (Format::Ris, "application/x-research-info-systems", "ris"),
    (Format::Csl, "application/vnd.citationstyles.csl+json", "csl.json"),
];

impl Format {
    /// Their media types.
    pub fn offers() -> [&'static str; 6] {
        FORMATS.map(|(_, media_type, _)| media_type)
    }

    pub fn of_media_type(wanted: &str) -> Self {
        FORMATS.iter().find(|(_, media_type, _)| *media_type == wanted).map_or(Self::Json, |(format, ..)| *format)
    }

    /// The format that the end of an address names.
    pub fn of_suffix(wanted: &str) -> Option<Self> {
        FORMATS.iter().find(|(.., suffix)| *suffix == wanted).map(|(format, ..)| *format)
    }

    /// What `Content-Type` says.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Plain => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Bibtex => "application/x-bibtex; charset=utf-8",
            Self::Ris => "application/x-research-info-systems; charset=utf-8",
            Self::Csl => "application/vnd.citationstyles.csl+json",
        }
    }

    /// Whether it looks the same in every style.
    fn is_of_records(self) -> bool {
        matches!(self, Self::Bibtex | Self::Ris | Self::Csl)
    }
}

/// Writes the references of a publication that was read with its citations.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn write(publication: &Publication, printing: &Printing, format: Format) -> Result<Vec<u8>, Problem> {
    let stored = publication.citations.as_deref().unwrap_or("[]");
    if format.is_of_records() {
        return records(&as_published(publication.id, stored)?, format);
    }
    let mut citations = printing.citations(publication.id, stored)?;
    citations.sort_by_key(|citation| citation.formatted.position);
    match format {
        Format::Plain => Ok(citations.into_iter().map(|citation| citation.formatted.text + "\n").collect()),
        Format::Html => Ok(html(&citations, printing)),
        _ => serde_json::to_string(&Bibliography {
            style: printing.style().to_owned(),
            locale: printing.locale(),
            entries: citations.into_iter().map(entry).collect(),
        }),
    }
    .map(String::into_bytes)
    .map_err(Problem::internal)
}

fn entry(citation: PublishedCitation) -> Reference {
    let PublishedCitation { number, key, formatted: Formatted { label, text, html, .. }, .. } = citation;
    Reference { number, key, label, text, html }
}

fn html(citations: &[PublishedCitation], printing: &Printing) -> String {
    let entries: Vec<ReferenceEntry<'_>> = citations
        .iter()
        .map(|citation| ReferenceEntry {
            number: citation.number,
            html: without_label(&citation.formatted.html, &citation.formatted.label),
            places: citation.places.iter().map(String::as_str).collect(),
        })
        .collect();
    render(&entries, printing.numbers(), &Words::ENGLISH)
}

/// The records under the names that the article cites them by.
fn records(citations: &[PublishedCitation], format: Format) -> Result<Vec<u8>, Problem> {
    let records: Vec<Record> = citations.iter().map(|citation| citation.study.record()).collect();
    let named: Vec<(&str, &Record)> = citations.iter().map(|citation| citation.key.as_str()).zip(&records).collect();
    match format {
        Format::Bibtex => Ok(to_bibtex(&named).into_bytes()),
        Format::Ris => Ok(to_ris(&named).into_bytes()),
        _ => serde_json::to_vec(&to_csl_json(&named)).map_err(Problem::internal),
    }
}
