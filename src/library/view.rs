//! What editors get to see.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Completeness, Csl, Design, Funding, Retraction, Review, Study};
use super::notices::{Checked, SourceView, checked};
use super::schema::Text;
use super::sources::FieldSource;
use super::store::Cited;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::page::PageInfo;
use crate::ids::StudyId;

/// A study of the library.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Study)]
pub struct StudyView {
    /// Never changes.
    pub id: StudyId,
    /// What an editor writes after `@`.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// Keys that it had before, or that studies had which became one with it: they name it still.
    #[schema(max_items = 10000, value_type = Vec<Alias>, example = json!(["majid2009a"]))]
    pub aliases: Vec<String>,
    /// Out of the record, as what follows up to the PMCID; null when it has none.
    #[schema(value_type = Option<Text>)]
    pub title: Option<String>,
    /// The year it came out; negative before the common era.
    #[schema(minimum = -9999, maximum = 9999, example = 2009)]
    pub year: Option<i32>,
    /// Normalised: lower case, without a resolver.
    #[schema(max_length = 500, pattern = "^10[.].+/.+$", example = "10.4103/0974-2077.53096")]
    pub doi: Option<String>,
    /// PubMed's number.
    #[schema(max_length = 9, pattern = "^[1-9][0-9]{0,8}$", example = "20300368")]
    pub pmid: Option<String>,
    /// PubMed Central's number.
    #[schema(max_length = 13, pattern = "^PMC[1-9][0-9]{0,9}$", example = "PMC2840919")]
    pub pmcid: Option<String>,
    /// The number of the book, as ISBN-13; chapters of one book share it.
    #[schema(max_length = 13, pattern = "^97[89][0-9]{10}$", example = "9780443106767")]
    pub isbn: Option<String>,
    /// How the study was made.
    pub design: Option<Design>,
    /// How many took part.
    #[schema(minimum = 1, maximum = 2147483647, example = 37)]
    pub sample_size: Option<i32>,
    /// Whether others in the field looked it over before it came out.
    pub review: Option<Review>,
    /// How long those who took part were followed: an ISO 8601 duration.
    #[schema(max_length = 40, pattern = "^P[0-9YMWDTHS]+$", example = "P6M")]
    pub follow_up: Option<String>,
    /// Who paid for it.
    #[schema(max_items = 100)]
    pub funding: Vec<Funding>,
    /// What its authors declare.
    #[schema(max_length = 10000)]
    pub conflicts_of_interest: Option<String>,
    /// Where everybody can read it.
    #[schema(max_length = 2000, example = "https://europepmc.org/article/MED/20300368")]
    pub open_access_url: Option<String>,
    /// For editors only; never in a public answer.
    #[schema(max_length = 20000)]
    pub notes: Option<String>,
    /// What has become of it since it came out, as far as notices say.
    pub retraction: Option<Retraction>,
    /// Where it was looked for notices about it, and when: that none is known says nothing about other sources and later
    /// days.
    #[schema(max_items = 10)]
    pub integrity_checked: Vec<Checked>,
    /// Where each field came from. A field that is not named was there before this was kept.
    #[schema(max_items = 500)]
    pub sources: Vec<FieldSource>,
    /// Whether a reader could look it up.
    pub completeness: Completeness,
    /// Who cites it.
    pub cited_by: CitedBy,
    /// The whole record.
    pub csl: Csl,
    /// Counts the changes; the ETag names it.
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    /// When it came into the library.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub created_at: Instant,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
}

/// A key that a study had.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009a")]
pub struct Alias(#[expect(dead_code, reason = "only its schema is used")] String);

/// How many articles cite a study.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CitedBy {
    /// As their editors see them.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 2)]
    pub working_copies: i64,
    /// As the public reads them.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
    pub publications: i64,
}

/// One page of studies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Studies {
    #[schema(max_items = 100)]
    pub data: Vec<StudyView>,
    pub page: PageInfo,
}

impl StudyView {
    /// The study, also named so, cited by so many; `imports` are the last ones of notices.
    pub fn new(study: Study, aliases: Vec<String>, cited: Cited, imports: &[SourceView]) -> Result<Self, Problem> {
        let record = study.record()?;
        Ok(Self {
            aliases,
            funding: study.funding()?,
            retraction: study.retraction()?,
            integrity_checked: checked(imports, &study),
            sources: study.sources().list(),
            title: record.title().map(str::to_owned),
            completeness: Completeness::of(&record),
            cited_by: CitedBy { working_copies: cited.working_copies, publications: cited.publications },
            csl: study.csl(),
            id: study.id,
            key: study.key,
            year: study.year,
            doi: study.doi,
            pmid: study.pmid,
            pmcid: study.pmcid,
            isbn: study.isbn,
            review: study.review,
            follow_up: study.follow_up,
            conflicts_of_interest: study.conflicts_of_interest,
            open_access_url: study.open_access_url,
            notes: study.notes,
            design: study.design,
            sample_size: study.sample_size,
            version: study.version,
            created_at: study.created_at,
            updated_at: study.updated_at,
        })
    }
}
