//! The references of an article, in a citation style or as records.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::article::damaged;
use super::store::Publication;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::library::Csl;
use crate::publishing::document::PublishedCitation;

crate::words! {
    /// A citation style.
    CitationStyle {
        /// Numbered, as the U.S. National Library of Medicine writes references.
        Vancouver = "vancouver",
    }
}

/// The references of an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bibliography {
    pub style: CitationStyle,
    /// In the order of their numbers.
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
    /// Plain text, with the number.
    #[schema(max_length = 100000, example = "1. Majid I. Microneedling therapy in atrophic facial scars.")]
    pub text: String,
    /// Sanitised HTML, with the number.
    #[schema(max_length = 200000)]
    pub html: String,
}

/// The references, one on a line.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 10000000)]
pub struct PlainBibliography(#[expect(dead_code, reason = "only its schema is used")] String);

/// The records of the references in CSL-JSON, in the order of their numbers; `id` is the study's key.
#[derive(ToSchema)]
#[schema(value_type = Vec<Csl>, max_items = 5000)]
pub struct CslRecords(#[expect(dead_code, reason = "only its schema is used")] Vec<Csl>);

/// The representations of a bibliography.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Plain,
    Csl,
}

impl Format {
    pub const JSON: &str = "application/json";
    pub const PLAIN: &str = "text/plain";
    pub const CSL: &str = "application/vnd.citationstyles.csl+json";
    /// The first answers when a client likes several the same.
    pub const OFFERS: &[&'static str] = &[Self::JSON, Self::PLAIN, Self::CSL];

    pub fn of_media_type(media_type: &str) -> Self {
        match media_type {
            Self::PLAIN => Self::Plain,
            Self::CSL => Self::Csl,
            _ => Self::Json,
        }
    }

    /// The format that the end of an address names.
    pub fn of_suffix(suffix: &str) -> Option<Self> {
        match suffix {
            "json" => Some(Self::Json),
            "txt" => Some(Self::Plain),
            "csl.json" => Some(Self::Csl),
            _ => None,
        }
    }

    /// What `Content-Type` says.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => Self::JSON,
            Self::Plain => "text/plain; charset=utf-8",
            Self::Csl => Self::CSL,
        }
    }
}

/// A bibliography in its final form.
pub struct Written {
    pub body: Vec<u8>,
    pub updated_at: Instant,
}

/// Writes the references of a publication that was read with its citations.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn write(publication: &Publication, style: CitationStyle, format: Format) -> Result<Written, Problem> {
    let text = publication.citations.as_deref().unwrap_or("[]");
    let citations: Vec<PublishedCitation> =
        serde_json::from_str(text).map_err(|error| damaged(publication.id, error))?;
    let body = match format {
        Format::Plain => Ok(plain(citations).into_bytes()),
        Format::Json => {
            serde_json::to_vec(&Bibliography { style, entries: citations.into_iter().map(entry).collect() })
        }
        Format::Csl => serde_json::to_vec(&citations.into_iter().map(record).collect::<Vec<_>>()),
    };
    Ok(Written { body: body.map_err(Problem::internal)?, updated_at: publication.updated_at })
}

fn entry(citation: PublishedCitation) -> Reference {
    let PublishedCitation { number, key, formatted, .. } = citation;
    Reference { number, key, text: formatted.text, html: formatted.html }
}

fn plain(citations: Vec<PublishedCitation>) -> String {
    citations.into_iter().map(|citation| citation.formatted.text + "\n").collect()
}

/// The record under the name that the article cites it by.
fn record(citation: PublishedCitation) -> Csl {
    let PublishedCitation { key, study, .. } = citation;
    let mut members = serde_json::Map::new();
    members.insert("id".to_owned(), Value::String(key));
    members.extend(study.csl.0.into_iter().filter(|(name, _)| name != "id"));
    Csl(members)
}
