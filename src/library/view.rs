//! What editors get to see.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Completeness, Csl, Design, Study};
use super::schema::Text;
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
    /// How the study was made.
    pub design: Option<Design>,
    /// How many took part.
    #[schema(minimum = 1, maximum = 2147483647, example = 37)]
    pub sample_size: Option<i32>,
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
    /// The study, cited by so many.
    pub fn new(study: Study, cited: Cited) -> Result<Self, Problem> {
        let record = study.record()?;
        Ok(Self {
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
            design: study.design,
            sample_size: study.sample_size,
            version: study.version,
            created_at: study.created_at,
            updated_at: study.updated_at,
        })
    }
}
