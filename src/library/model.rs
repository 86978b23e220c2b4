//! What a study is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::citing::record::Record;
use crate::db::types::{Instant, Json};
use crate::error::Problem;
use crate::ids::StudyId;

crate::words! {
    /// How a study was made, from the strongest kind of evidence to the weakest.
    Design {
        /// A systematic review with a meta-analysis.
        MetaAnalysis = "meta_analysis",
        /// A systematic review.
        SystematicReview = "systematic_review",
        /// Patients were assigned to the treatments by chance.
        RandomizedTrial = "randomized_trial",
        /// A trial with a control but without assignment by chance.
        ControlledTrial = "controlled_trial",
        /// A group was followed over time.
        Cohort = "cohort",
        /// Cases were compared with controls, looking back.
        CaseControl = "case_control",
        /// A group was looked at once.
        CrossSectional = "cross_sectional",
        /// Several patients, no control.
        CaseSeries = "case_series",
        /// One patient.
        CaseReport = "case_report",
        /// A review that does not say how its literature was found.
        NarrativeReview = "narrative_review",
        /// A guideline.
        Guideline = "guideline",
        /// Interviews, observation.
        Qualitative = "qualitative",
        /// Experiments on animals.
        Animal = "animal",
        /// Experiments outside a living body.
        InVitro = "in_vitro",
        /// What an expert thinks.
        ExpertOpinion = "expert_opinion",
        /// None of these.
        Other = "other",
    }
}

/// A record in CSL-JSON (CSL 1.0.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct Csl(pub Map<String, Value>);

/// A study of the library.
#[derive(Debug, Clone, PartialEq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::studies)]
pub struct Study {
    pub id: StudyId,
    pub key: String,
    pub csl: Json,
    /// Copied out of the record for sorting; empty when it has none.
    pub title: String,
    pub year: Option<i32>,
    /// Normalised identifiers, each of one study only.
    pub doi: Option<String>,
    pub pmid: Option<String>,
    pub pmcid: Option<String>,
    pub design: Option<Design>,
    pub sample_size: Option<i32>,
    pub version: i32,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl Study {
    /// The record.
    ///
    /// # Errors
    /// `internal` when what is stored is no record: it was checked on its way in.
    pub fn record(&self) -> Result<Record, Problem> {
        Record::parse(&self.csl.0).map_err(|faults| Problem::internal(format!("study {}: {faults:?}", self.id)))
    }
}
