//! What a publication holds: the frozen parts of the answers that the public gets.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use crate::citing::bibliography::Entry;
use crate::citing::record::Record;
use crate::db::day::Day;
use crate::db::types::Instant;
use crate::ids::{ArticleId, ClaimId, SectionId, StudyId};
use crate::library::{
    Certainty, Completeness, Csl, Design, EvidenceLevel, Funding, Retraction, RetractionStatus, Review,
};
use crate::text::markdown::Block;

/// A published article without its sections and citations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Head {
    /// The same for the working copy and every publication.
    pub id: ArticleId,
    /// Names the article in addresses; old slugs lead to the present one.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, example = "en")]
    pub language: String,
    /// Plain text.
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
    /// Plain text.
    #[schema(max_length = 300)]
    pub subtitle: Option<String>,
    /// Plain text.
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// When the article counts as published: the date its editors gave, else of its first publication.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub published_at: Instant,
    /// When this publication was made.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
    /// The number of this publication: 1 for the first.
    #[schema(minimum = 1, maximum = 2147483647, example = 3)]
    pub version: i32,
    /// In the order of the byline.
    #[schema(max_items = 50)]
    pub authors: Vec<Byline>,
    /// That experts reviewed what it says; null when none did.
    pub reviewed: Option<Reviewed>,
    /// In the editors' order.
    #[schema(max_items = 50)]
    pub tags: Vec<Tag>,
    /// Words of all sections, headings included.
    #[schema(minimum = 0, maximum = 2147483647, example = 912)]
    pub word_count: i32,
    /// At 230 words a minute, at least 1.
    #[schema(minimum = 1, maximum = 2147483647, example = 4)]
    pub reading_minutes: i32,
    pub evidence: Evidence,
    /// What the article claims, with the studies that speak for it and against it.
    #[schema(max_items = 200)]
    pub claims: Vec<PublishedClaim>,
}

/// One author, as the article names them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Byline {
    #[schema(max_length = 200, example = "Ada Example")]
    pub name: String,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "ada-example")]
    pub slug: String,
    #[schema(max_length = 200, example = "MD")]
    pub credentials: Option<String>,
    /// The author's ORCID iD, with hyphens.
    #[schema(
        max_length = 19,
        pattern = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$",
        example = "0000-0002-1825-0097"
    )]
    pub orcid: Option<String>,
}

/// That experts reviewed an article, and when they should do so again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reviewed {
    /// Who did, in the editors' order.
    #[schema(min_items = 1, max_items = 10)]
    pub by: Vec<Reviewer>,
    /// The day on which they did.
    #[schema(example = "2024-06-20")]
    pub at: Day,
    /// The day by which they should do so again: from the next day on in UTC the review is overdue. Null when none is due.
    #[schema(example = "2025-06-20")]
    pub next_due: Option<Day>,
}

/// That articles are asked for whose review is, or is not, overdue on a day. Those of which none is due are not overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewOverdue {
    pub is: bool,
    pub on: Day,
}

/// One reviewer, as the article names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reviewer {
    #[schema(max_length = 200, example = "Grace Example")]
    pub name: String,
    #[schema(max_length = 200, example = "MD, dermatologist")]
    pub credentials: Option<String>,
    /// The reviewer's ORCID iD, with hyphens.
    #[schema(
        max_length = 19,
        pattern = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$",
        example = "0000-0002-1825-0097"
    )]
    pub orcid: Option<String>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tag {
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "skin")]
    pub slug: String,
    #[schema(max_length = 120, example = "Skin")]
    pub name: String,
}

/// One section, rendered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublishedSection {
    pub id: SectionId,
    /// 1 for the first.
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    pub position: i32,
    /// Null for a section without a heading, such as the lead.
    #[schema(max_length = 300, example = "What the studies found")]
    pub heading: Option<String>,
    /// Names the section within the article and its place in a page.
    #[schema(max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "what-the-studies-found")]
    pub anchor: String,
    /// The level of the heading: 2 for a section, 3 for one within it.
    #[schema(minimum = 2, maximum = 6, example = 2)]
    pub level: i32,
    /// Sanitised HTML; markers are links to the numbered references. Null when only other forms are asked for.
    #[schema(max_length = 4000000)]
    pub html: Option<String>,
    /// As it was written, with `[@key]` markers that have the present keys of the studies; null unless `body` asks for it.
    #[schema(max_length = 1000000, example = json!(null))]
    pub markdown: Option<String>,
    /// Plain text with the markers as they are printed; null unless `body` asks for it.
    #[schema(max_length = 4000000, example = json!(null))]
    pub text: Option<String>,
    /// A tree of blocks; null unless `body` asks for it.
    #[schema(max_items = 100000)]
    pub blocks: Option<Vec<Block>>,
    /// The numbers cited in the section, in the order of their first appearance in it.
    #[schema(max_items = 5000, value_type = Vec<Number>)]
    pub citations: Vec<u32>,
}

impl PublishedSection {
    /// Its HTML; empty when only other forms were asked for.
    pub fn html(&self) -> &str {
        self.html.as_deref().unwrap_or_default()
    }
}

/// The text of a section in its other forms, as it is stored beside the section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SectionBody {
    pub markdown: String,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// One citation of the article: a numbered reference to a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublishedCitation {
    /// Its number in this article: 1…n by first appearance.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub number: u32,
    /// The key of the study.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    pub study: PublishedStudy,
    /// How strong the study is for the question of this article; null when nobody said and its design suggests nothing.
    pub evidence_level: Option<EvidenceLevel>,
    /// The level follows from the design: no editor gave one.
    pub evidence_level_default: bool,
    pub formatted: Formatted,
    /// The anchors of the sections that cite it; empty for an entry without a marker.
    #[schema(max_items = 1000, value_type = Vec<SectionAnchor>, example = json!(["what-the-studies-found"]))]
    pub cited_in: Vec<String>,
    /// The ids of the elements in the sections' HTML that cite it, in reading order: where its reference can lead back to.
    #[schema(max_items = 20000, value_type = Vec<ElementId>, example = json!(["cite-what-the-studies-found-1"]))]
    pub places: Vec<String>,
}

/// A study, as the public reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublishedStudy {
    pub id: StudyId,
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// Null when it is not known.
    #[schema(max_length = 10000)]
    pub title: Option<String>,
    /// The year it came out.
    #[schema(minimum = -9999, maximum = 9999, example = 2009)]
    pub year: Option<i32>,
    /// Normalised: lower case, without a resolver.
    #[schema(max_length = 2000, example = "10.4103/0974-2077.53096")]
    pub doi: Option<String>,
    /// PubMed's number.
    #[schema(max_length = 20, example = "20300368")]
    pub pmid: Option<String>,
    /// PubMed Central's number.
    #[schema(max_length = 20, example = "PMC2840919")]
    pub pmcid: Option<String>,
    /// Of the book that it is or stands in; thirteen digits.
    #[schema(max_length = 17, example = "9780306406157")]
    pub isbn: Option<String>,
    /// How the study was made.
    pub design: Option<Design>,
    /// Whether others in the field looked it over before it came out.
    pub review: Option<Review>,
    /// How many took part.
    #[schema(minimum = 1, maximum = 2147483647, example = 37)]
    pub sample_size: Option<i32>,
    /// How long they were followed: an ISO 8601 duration.
    #[schema(max_length = 40, example = "P6M")]
    pub follow_up: Option<String>,
    /// Who paid for it.
    #[schema(max_items = 100)]
    pub funding: Vec<Funding>,
    /// What its authors declared, or an editor found.
    #[schema(max_length = 5000, example = "None declared.")]
    pub conflicts_of_interest: Option<String>,
    /// Where it can be read without paying.
    #[schema(max_length = 2000, format = "uri", example = "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2840919/")]
    pub open_access_url: Option<String>,
    /// What has become of it; null when no notice is known.
    pub retraction: Option<Retraction>,
    pub completeness: Completeness,
    /// The whole record in CSL-JSON.
    pub csl: Csl,
}

impl PublishedStudy {
    /// The record, as formatting takes it.
    pub fn record(&self) -> Record {
        let mut members = self.csl.0.clone();
        members.shift_remove("id");
        Record::stored(members)
    }

    /// What has become of it since it came out.
    pub fn status(&self) -> Option<RetractionStatus> {
        self.retraction.as_ref().map(|retraction| retraction.status)
    }
}

/// What the article rests on, in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// How many studies the article cites.
    #[schema(value_type = i32, minimum = 0, maximum = 5000, example = 5)]
    pub citations: usize,
    pub by_design: ByDesign,
    pub by_level: ByLevel,
    /// The strongest level among the citations of studies that are not retracted.
    pub best_level: Option<EvidenceLevel>,
    /// How many of the studies are retracted.
    #[schema(value_type = i32, minimum = 0, maximum = 5000, example = 0)]
    pub retracted: usize,
    /// About how many of the studies their publishers have expressed concern.
    #[schema(value_type = i32, minimum = 0, maximum = 5000, example = 0)]
    pub concerns: usize,
    /// How many sentences claim evidence and cite none, as the evidence check counted them at the last publication; null
    /// when the site does not publish it.
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 20000, example = 1)]
    pub unsupported_claims: Option<usize>,
}

/// How many citations are of each design; studies of unknown design are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByDesign(pub BTreeMap<Design, usize>);

/// How many citations are of each level of evidence; those without a level are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByLevel(pub BTreeMap<EvidenceLevel, usize>);

impl utoipa::PartialSchema for ByDesign {
    fn schema() -> RefOr<Schema> {
        counts(Design::WORDS, "How many citations are of each design; those of unknown design are not counted.")
    }
}

impl ToSchema for ByDesign {}

impl utoipa::PartialSchema for ByLevel {
    fn schema() -> RefOr<Schema> {
        counts(EvidenceLevel::WORDS, "How many citations are of each level; those without a level are not counted.")
    }
}

impl ToSchema for ByLevel {}

/// An object with a number for some of these words.
fn counts(words: &[&str], description: &str) -> RefOr<Schema> {
    let count = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1))
        .maximum(Some(5000));
    let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
        .property_names(Some(names))
        .additional_properties(Some(count))
        .max_properties(Some(words.len()))
        .into()
}

/// Something that the article claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PublishedClaim {
    pub id: ClaimId,
    /// Plain text.
    #[schema(max_length = 2000, example = "Microneedling makes atrophic acne scars less deep.")]
    pub statement: String,
    /// How certain the evidence makes it (GRADE); null when the editors did not say.
    pub certainty: Option<Certainty>,
    /// The numbers of the citations that speak for it.
    #[serde(rename = "for")]
    #[schema(max_items = 500, value_type = Vec<Number>, example = json!([1, 2]))]
    pub supporting: Vec<u32>,
    /// The numbers of the citations that speak against it.
    #[schema(max_items = 500, value_type = Vec<Number>, example = json!([3]))]
    pub against: Vec<u32>,
}

/// The id of an element of a section's HTML.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 120, pattern = "^[a-z0-9-]+$", example = "cite-lead-1")]
pub struct ElementId(#[expect(dead_code, reason = "only its schema is used")] String);

/// The number of a citation in its article.
#[derive(ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
pub struct Number(#[expect(dead_code, reason = "only its schema is used")] i32);

/// The anchor of a section.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "lead")]
pub struct SectionAnchor(#[expect(dead_code, reason = "only its schema is used")] String);

/// A reference in a citation style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Formatted {
    /// The CSL style.
    #[schema(max_length = 100, example = "vancouver")]
    pub style: String,
    /// Its place in the bibliography as the style sorts it, from 1: the number, in styles with numbers.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub position: u32,
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

impl Formatted {
    /// The entries of a bibliography, in the order in which the style prints them, by their numbers.
    pub fn by_number(style: &str, entries: Vec<Entry>) -> HashMap<u32, Self> {
        (1..)
            .zip(entries)
            .map(|(position, entry)| {
                let Entry { number, label, text, html, .. } = entry;
                (number, Self { style: style.to_owned(), position, label, text, html })
            })
            .collect()
    }
}
