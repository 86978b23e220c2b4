//! Where each field of a study came from, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::model::Study;
use crate::db::types::{self, Instant};

crate::words! {
    /// Where a field of a study came from.
    Source {
        /// An editor wrote it.
        Editor = "editor",
        /// Looked up at Crossref.
        Crossref = "crossref",
        /// Looked up at DataCite.
        Datacite = "datacite",
        /// Looked up at PubMed.
        Pubmed = "pubmed",
        /// Read from a file in CSL-JSON.
        CslJson = "import:csl_json",
        /// Read from a BibTeX file.
        Bibtex = "import:bibtex",
        /// Read from a RIS file.
        Ris = "import:ris",
        /// Read from a file in PubMed's tagged format.
        Nbib = "import:nbib",
        /// Read from a file in PubMed's XML.
        PubmedXml = "import:pubmed_xml",
    }
}

/// Where one field of a study came from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldSource {
    /// A variable of the record, or a member beside it.
    #[schema(max_length = 100, pattern = "^[A-Za-z][A-Za-z_-]*$", example = "container-title")]
    pub field: String,
    pub source: Source,
    /// When it came from there.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub at: Instant,
}

/// Where the fields of a study came from. One that is not named was there before this was kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources(BTreeMap<String, Origin>);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Origin {
    source: Source,
    at: Instant,
}

impl Sources {
    /// Reads what is stored; what cannot be read is not known.
    pub fn read(stored: &Json) -> Self {
        let members = stored.as_object().into_iter().flatten();
        let known =
            members.filter_map(|(field, origin)| Some((field.clone(), serde_json::from_value(origin.clone()).ok()?)));
        Self(known.collect())
    }

    /// As it is stored.
    pub fn stored(&self) -> types::Json {
        let member = |(field, origin): (&String, &Origin)| {
            (field.clone(), serde_json::json!({"source": origin.source, "at": origin.at}))
        };
        types::Json(Json::Object(self.0.iter().map(member).collect()))
    }

    /// As answers have it, by the names of the fields.
    pub fn list(&self) -> Vec<FieldSource> {
        let one = |(field, origin): (&String, &Origin)| FieldSource {
            field: field.clone(),
            source: origin.source,
            at: origin.at,
        };
        self.0.iter().map(one).collect()
    }

    /// The sources after a change of the facts: what is new or another came from `source`.
    pub fn after(mut self, before: &Map<String, Json>, after: &Map<String, Json>, source: Source, at: Instant) -> Self {
        self.0.retain(|field, _| after.contains_key(field));
        for (field, value) in after {
            if before.get(field) != Some(value) {
                self.0.insert(field.clone(), Origin { source, at });
            }
        }
        self
    }

    /// Takes over where these fields of another study came from.
    pub fn with(mut self, fields: &[String], of: &Self) -> Self {
        let known = fields.iter().filter_map(|field| Some((field.clone(), *of.0.get(field)?)));
        self.0.extend(known.collect::<Vec<_>>());
        self
    }
}

/// The members beside the record that have a source.
pub const BESIDE: [&str; 8] =
    ["design", "sample_size", "review", "follow_up", "funding", "conflicts_of_interest", "open_access_url", "notes"];

impl Study {
    /// Everything that is known of the study and came from somewhere: the record's variables and the members beside it.
    pub fn facts(&self) -> Map<String, Json> {
        let mut facts = self.csl().0;
        facts.shift_remove("id");
        let text = |text: &Option<String>| text.clone().map(Json::from);
        let funding = self.funding.0.as_array().is_some_and(|list| !list.is_empty()).then(|| self.funding.0.clone());
        let beside = [
            self.design.map(|design| Json::from(design.as_str())),
            self.sample_size.map(Json::from),
            self.review.map(|review| Json::from(review.as_str())),
            text(&self.follow_up),
            funding,
            text(&self.conflicts_of_interest),
            text(&self.open_access_url),
            text(&self.notes),
        ];
        facts.extend(BESIDE.iter().zip(beside).filter_map(|(name, value)| Some(((*name).to_owned(), value?))));
        facts
    }
}
