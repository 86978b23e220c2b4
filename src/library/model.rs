//! What a study is, and what requests may say about it.

use deserr::{DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::csl::{GivenRecord, RecordPatch};
use super::fields::{ConflictsOfInterest, FollowUp, NewFunding, Notes, OpenAccessUrl, fundings};
use super::schema::CslPatch;
use super::sources::{Source, Sources};
use crate::citing::StudyKey;
use crate::citing::record::{Record, completeness};
use crate::db::types::{self, Instant};
use crate::error::Problem;
use crate::http::body::Patch;
use crate::http::fault::{Fault, Faults, Reason, pointer, text, wrong_kind};
use crate::http::list::AtMost;
use crate::http::query::ParseText;
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

crate::words! {
    /// Whether others in the field looked a study over before it came out.
    Review {
        /// Peer-reviewed.
        PeerReviewed = "peer_reviewed",
        /// A preprint: not yet.
        Preprint = "preprint",
        /// Not meant to be: a report, a web page.
        NotReviewed = "not_reviewed",
    }
}

crate::words! {
    /// What has become of a study since it came out.
    RetractionStatus {
        /// Taken back.
        Retracted = "retracted",
        /// Its publisher warns of it.
        ExpressionOfConcern = "expression_of_concern",
        /// Corrected; what it found stands.
        Corrected = "corrected",
        /// It was retracted or warned of, and that was taken back.
        Reinstated = "reinstated",
    }
}

/// Who paid for a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Funding {
    /// The funder's name.
    #[schema(max_length = 500, example = "National Institutes of Health")]
    pub funder: String,
    /// The grant's number.
    #[schema(max_length = 200, example = "R01 AR012345")]
    pub award: Option<String>,
}

/// What has become of a study, and the notice that says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Retraction {
    pub status: RetractionStatus,
    /// The day of the notice, as far as it is known.
    #[schema(max_length = 10, pattern = "^[0-9]{4}(?:-[0-9]{2}){0,2}$", example = "2021-03-15")]
    pub date: Option<String>,
    /// The reasons given, in the words of the source.
    #[schema(max_items = 100, value_type = Vec<RetractionReason>, example = json!(["Concerns about data"]))]
    pub reasons: Vec<String>,
    /// The notice's DOI.
    #[schema(max_length = 2000, example = "10.1097/example.notice")]
    pub notice_doi: Option<String>,
    /// The notice's PubMed number.
    #[schema(max_length = 20, example = "33712345")]
    pub notice_pmid: Option<String>,
    pub source: NoticeSource,
    /// Sources say different things; the strictest stands here.
    pub disputed: bool,
}

crate::words! {
    /// Who knows of a notice.
    NoticeSource {
        /// The Retraction Watch data set.
        RetractionWatch = "retraction_watch",
        /// Crossref.
        Crossref = "crossref",
        /// An editor of this site.
        Editor = "editor",
    }
}

/// One reason for a notice.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 500, example = "Concerns about data")]
pub struct RetractionReason(#[expect(dead_code, reason = "only its schema is used")] String);

crate::formed_text! {
    /// The key of a study: what an editor writes after `@`. It can be neither an id nor begin with `doi:`, `pmid:` or
    /// `pmcid:`, which mean something else behind an `@`, nor be a word that means something else in addresses.
    Key,
    concat!(
        "^(?!doi:|pmid:|pmcid:|(?:duplicates|import|lookup)$",
        "|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)[a-z0-9][a-z0-9_:.-]{1,63}$",
    ),
    64, "invalid_key",
    "a key such as majid2009: 2 to 64 lower-case letters, digits and _ : . -, first a letter or a digit, not the form \
     of an id, not beginning with doi:, pmid: or pmcid:, not duplicates, import or lookup",
    is_key
}

/// Words that addresses have where a key may stand.
pub const RESERVED: [&str; 3] = ["duplicates", "import", "lookup"];

fn is_key(text: &str) -> bool {
    StudyKey::parse(text).is_ok()
        && StudyId::parse(text).is_none()
        && !["doi:", "pmid:", "pmcid:"].iter().any(|scheme| text.starts_with(scheme))
        && !RESERVED.contains(&text)
}

/// How many took part in a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 2147483647, example = 37)]
pub struct SampleSize(pub i32);

impl Deserr<Faults> for SampleSize {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let size = match value {
            Value::Integer(size) => i32::try_from(size).ok().filter(|size| *size > 0),
            Value::NegativeInteger(_) => None,
            other => return Err(wrong_kind(other, &[ValueKind::Integer], location)),
        };
        size.map(Self).ok_or_else(|| {
            let detail = format!("Expected a whole number from 1 to {}.", i32::MAX);
            Faults(vec![Fault::at(pointer(location), "out_of_range", detail)])
        })
    }
}

/// A year to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i32, minimum = -9999, maximum = 9999, example = 2009)]
pub struct Year(pub i32);

impl ParseText for Year {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        let year = text.parse().ok().filter(|year: &i32| (-9999..=9999).contains(year) && year.to_string() == text);
        year.map(Self).ok_or_else(|| Reason::new("out_of_range", "Expected a year from -9999 to 9999."))
    }
}

impl Deserr<Faults> for Year {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::parse_text)
    }
}

/// A record in CSL-JSON (CSL 1.0.2). `schema` describes what it may hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Csl(pub Map<String, Json>);

/// A study to be kept.
#[derive(Debug, Clone, PartialEq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewStudy {
    /// The record's `id` when it is not given, and made from the first author and the year when there is none either.
    /// A key that is given takes the place of the record's `id`.
    #[deserr(default)]
    pub key: Option<Key>,
    /// The whole record.
    #[schema(value_type = Csl)]
    pub csl: GivenRecord,
    /// How the study was made.
    #[deserr(default)]
    pub design: Option<Design>,
    /// How many took part.
    #[deserr(default)]
    pub sample_size: Option<SampleSize>,
    /// Whether others in the field looked it over before it came out.
    #[deserr(default)]
    pub review: Option<Review>,
    /// How long those who took part were followed.
    #[deserr(default)]
    pub follow_up: Option<FollowUp>,
    /// Who paid for it.
    #[schema(value_type = Vec<NewFunding>, max_items = 100, required = false)]
    #[deserr(default)]
    pub funding: AtMost<NewFunding, 100>,
    /// What its authors declare.
    #[deserr(default)]
    pub conflicts_of_interest: Option<ConflictsOfInterest>,
    /// Where everybody can read it.
    #[deserr(default)]
    pub open_access_url: Option<OpenAccessUrl>,
    /// For editors only; never in a public answer.
    #[deserr(default)]
    pub notes: Option<Notes>,
}

impl NewStudy {
    /// A study of which nothing but the record is known.
    pub fn of(record: Record) -> Self {
        Self {
            key: None,
            csl: GivenRecord { record, id: None },
            design: None,
            sample_size: None,
            review: None,
            follow_up: None,
            funding: AtMost::default(),
            conflicts_of_interest: None,
            open_access_url: None,
            notes: None,
        }
    }
}

/// A change of a study (JSON Merge Patch): members that are not named stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields = unknown_or_immutable)]
pub struct StudyPatch {
    /// Another key: it goes into all markers of working copies, and the one before goes on naming the study.
    #[deserr(default)]
    #[schema(value_type = Key, required = false)]
    pub key: Patch<Key>,
    /// Merged into the record.
    #[deserr(default)]
    #[schema(value_type = CslPatch, required = false)]
    pub csl: Patch<RecordPatch>,
    /// How the study was made.
    #[deserr(default)]
    #[schema(value_type = Option<Design>, required = false)]
    pub design: Patch<Option<Design>>,
    /// How many took part.
    #[deserr(default)]
    #[schema(value_type = Option<SampleSize>, required = false)]
    pub sample_size: Patch<Option<SampleSize>>,
    /// Whether others in the field looked it over before it came out.
    #[deserr(default)]
    #[schema(value_type = Option<Review>, required = false)]
    pub review: Patch<Option<Review>>,
    /// How long those who took part were followed.
    #[deserr(default)]
    #[schema(value_type = Option<FollowUp>, required = false)]
    pub follow_up: Patch<Option<FollowUp>>,
    /// Who paid for it; the list is replaced whole.
    #[deserr(default)]
    #[schema(value_type = Vec<NewFunding>, max_items = 100, required = false)]
    pub funding: Patch<AtMost<NewFunding, 100>>,
    /// What its authors declare.
    #[deserr(default)]
    #[schema(value_type = Option<ConflictsOfInterest>, required = false)]
    pub conflicts_of_interest: Patch<Option<ConflictsOfInterest>>,
    /// Where everybody can read it.
    #[deserr(default)]
    #[schema(value_type = Option<OpenAccessUrl>, required = false)]
    pub open_access_url: Patch<Option<OpenAccessUrl>>,
    /// For editors only; never in a public answer.
    #[deserr(default)]
    #[schema(value_type = Option<Notes>, required = false)]
    pub notes: Patch<Option<Notes>>,
}

/// Members of a study that a change cannot name.
const IMMUTABLE: [&str; 2] = ["id", "created_at"];
/// Members of a study that follow from others, or that ibid keeps.
const DERIVED: [&str; 13] = [
    "title",
    "year",
    "doi",
    "pmid",
    "pmcid",
    "isbn",
    "aliases",
    "sources",
    "retraction",
    "completeness",
    "cited_by",
    "version",
    "updated_at",
];

fn unknown_or_immutable(name: &str, accepted: &[&str], location: ValuePointerRef<'_>) -> Faults {
    let detail = match name {
        _ if IMMUTABLE.contains(&name) => "It cannot be changed.",
        _ if DERIVED.contains(&name) => "It follows from other members, such as `csl`, or is kept by ibid.",
        _ => {
            let unknown = ErrorKind::UnknownKey::<Json> { key: name, accepted };
            return deserr::take_cf_content(Faults::error(None, unknown, location));
        }
    };
    Faults(vec![Fault::at(format!("{}/{name}", pointer(location)), "immutable", detail)])
}

/// A study of the library.
#[derive(Debug, Clone, PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = crate::db::schema::studies, treat_none_as_null = true)]
pub struct Study {
    pub id: StudyId,
    pub key: String,
    /// The whole record; its `id` is the key.
    pub csl: types::Json,
    /// Copied out of the record for sorting by [`sorted_title`]; empty when it has none.
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
    /// Normalised; chapters of one book share it.
    pub isbn: Option<String>,
    pub review: Option<Review>,
    /// An ISO 8601 duration.
    pub follow_up: Option<String>,
    /// A list of [`Funding`].
    pub funding: types::Json,
    pub conflicts_of_interest: Option<String>,
    pub open_access_url: Option<String>,
    /// Where each field came from.
    pub sources: types::Json,
    /// The editors' own; never public.
    pub notes: Option<String>,
    /// What the notices come to, as lists filter by it.
    pub retraction: Option<RetractionStatus>,
    /// The same with the notice that says so: a [`Retraction`].
    pub retraction_notice: Option<types::Json>,
    /// When Crossref was last asked for notices of this study.
    pub crossref_checked_at: Option<Instant>,
}

/// As much of a title as the indexes of PostgreSQL hold, whatever its script: for columns to sort by.
pub fn sorted_title(title: &str) -> String {
    const MOST: usize = 600;
    title.chars().take(MOST).collect()
}

impl Study {
    /// A study at its first version, all of which came from there.
    pub fn new(key: String, new: NewStudy, source: Source, now: Instant) -> Self {
        let mut study = Self {
            id: StudyId::new(),
            key,
            csl: types::Json(Json::Null),
            title: String::new(),
            year: None,
            doi: None,
            pmid: None,
            pmcid: None,
            design: new.design,
            sample_size: new.sample_size.map(|size| size.0),
            version: 1,
            created_at: now,
            updated_at: now,
            isbn: None,
            review: new.review,
            follow_up: new.follow_up.map(FollowUp::into_string),
            funding: fundings(new.funding),
            conflicts_of_interest: new.conflicts_of_interest.map(ConflictsOfInterest::into_string),
            open_access_url: new.open_access_url.map(OpenAccessUrl::into_string),
            sources: types::Json(Json::Object(Map::new())),
            notes: new.notes.map(Notes::into_string),
            retraction: None,
            retraction_notice: None,
            crossref_checked_at: None,
        };
        study.set_record(&new.csl.record);
        study.sources = Sources::default().after(&Map::new(), &study.facts(), source, now).stored();
        study
    }

    /// Takes another key; the record's `id` follows.
    pub fn set_key(&mut self, key: String) {
        if let Some(members) = self.csl.0.as_object_mut() {
            members.insert("id".to_owned(), Json::from(key.clone()));
        }
        self.key = key;
    }

    /// Takes the record, and out of it what the table has columns for.
    pub fn set_record(&mut self, record: &Record) {
        let members = record.members().iter().filter(|(name, _)| *name != "id");
        let id = ("id".to_owned(), Json::from(self.key.clone()));
        let members = members.map(|(name, value)| (name.clone(), value.clone()));
        self.csl = types::Json(Json::Object(std::iter::once(id).chain(members).collect()));
        self.title = sorted_title(record.title().unwrap_or_default());
        self.year = record.year().map(i32::from);
        self.doi = record.doi().map(|doi| doi.as_str().to_owned());
        self.pmid = record.pmid().map(|pmid| pmid.as_str().to_owned());
        self.isbn = record.isbn().map(|isbn| isbn.as_str().to_owned());
        self.pmcid = record.pmcid().map(|pmcid| pmcid.as_str().to_owned());
    }

    /// The study after an editor's change; the version is the same.
    ///
    /// # Errors
    /// `validation_failed` with all faults of the record that it would have.
    pub fn patched(&self, patch: StudyPatch, now: Instant) -> Result<Self, Problem> {
        let mut study = self.clone();
        if let Patch::Set(key) = patch.key {
            study.set_key(key.into_string());
        }
        if let Patch::Set(change) = patch.csl {
            let ids = [self.key.as_str(), study.key.as_str()];
            study.set_record(&change.applied_to(self.csl().0, &ids, "/csl").map_err(Problem::validation)?);
        }
        patch.design.apply(&mut study.design);
        patch.review.apply(&mut study.review);
        if let Patch::Set(size) = patch.sample_size {
            study.sample_size = size.map(|size| size.0);
        }
        if let Patch::Set(follow_up) = patch.follow_up {
            study.follow_up = follow_up.map(FollowUp::into_string);
        }
        if let Patch::Set(funding) = patch.funding {
            study.funding = fundings(funding);
        }
        if let Patch::Set(conflicts) = patch.conflicts_of_interest {
            study.conflicts_of_interest = conflicts.map(ConflictsOfInterest::into_string);
        }
        if let Patch::Set(url) = patch.open_access_url {
            study.open_access_url = url.map(OpenAccessUrl::into_string);
        }
        if let Patch::Set(notes) = patch.notes {
            study.notes = notes.map(Notes::into_string);
        }
        study.sources = self.sources().after(&self.facts(), &study.facts(), Source::Editor, now).stored();
        Ok(study)
    }

    /// Where each field came from.
    pub fn sources(&self) -> Sources {
        Sources::read(&self.sources.0)
    }

    /// Who paid for it.
    ///
    /// # Errors
    /// `internal` when what is stored is no such list.
    pub fn funding(&self) -> Result<Vec<Funding>, Problem> {
        serde_json::from_value(self.funding.0.clone()).map_err(Problem::internal)
    }

    /// The record as requests and answers have it.
    pub fn csl(&self) -> Csl {
        Csl(self.csl.0.as_object().cloned().unwrap_or_default())
    }

    /// What has become of the study; `None` when no notice is known.
    ///
    /// # Errors
    /// `internal` when what is stored is none.
    pub fn retraction(&self) -> Result<Option<Retraction>, Problem> {
        let notice = self.retraction_notice.as_ref();
        notice.map(|notice| serde_json::from_value(notice.0.clone()).map_err(Problem::internal)).transpose()
    }

    /// The record, to be asked.
    ///
    /// # Errors
    /// `internal` when what is stored is no record: it was checked on its way in.
    pub fn record(&self) -> Result<Record, Problem> {
        Record::parse(&self.csl.0).map_err(|faults| Problem::internal(format!("study {}: {faults:?}", self.id)))
    }
}

/// How an address names a study: by its id, or by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StudyRef {
    Id(StudyId),
    Key(String),
}

impl StudyRef {
    /// What has the form of an id is one; no key has it. `None` for what no study is called.
    pub fn read(text: &str) -> Option<Self> {
        let key = || StudyKey::parse(text).ok().map(|key| Self::Key(key.into_string()));
        StudyId::parse(text).map(Self::Id).or_else(key)
    }
}

/// What a reader could not look up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Completeness {
    /// Nothing is missing.
    pub complete: bool,
    /// What is missing: title, author, issued, container-title, identifier.
    #[schema(max_items = 10, value_type = Vec<Lack>, example = json!(["title", "identifier"]))]
    pub missing: Vec<String>,
}

impl Completeness {
    /// What the record has and lacks.
    pub fn of(record: &Record) -> Self {
        let found = completeness(record);
        Self { complete: found.complete, missing: found.missing.into_iter().map(str::to_owned).collect() }
    }
}

/// A part of a record that a reader needs to look the study up.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 40, pattern = "^[a-z-]+$", example = "title")]
pub struct Lack(#[expect(dead_code, reason = "only its schema is used")] String);
