//! What can be looked up, and what is told of a look-up.

use deserr::{Deserr, ErrorKind, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::Found;
use crate::citing::exchange::{Dropped, Entry, Grant};
use crate::citing::identifiers::{Doi, Pmid};
use crate::citing::retraction::is_notice;
use crate::citing::sources::Service;
use crate::db::types::Instant;
use crate::http::fault::{Fault, Faults, pointer};
use crate::http::list::AtMost;
use crate::library::fields::{Award, ConflictsOfInterest, Funder, NewFunding, OpenAccessUrl};
use crate::library::model::{Design, Key, NewStudy, Review};
use crate::library::notices::NoticeKind;
use crate::library::schema::{CslDoi, CslPmid};
use crate::library::sources::Source;
use crate::library::view::StudyView;

/// Which study is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Doi(Doi),
    Pmid(Pmid),
}

impl Wanted {
    /// Who can know it, in the order in which they are asked.
    pub fn services(&self) -> &'static [Service] {
        match self {
            Self::Doi(_) => &[Service::Crossref, Service::DataCite],
            Self::Pmid(_) => &[Service::PubMed],
        }
    }

    /// Normalised.
    pub fn identifier(&self) -> &str {
        match self {
            Self::Doi(doi) => doi.as_str(),
            Self::Pmid(pmid) => pmid.as_str(),
        }
    }

    /// For people.
    pub fn told(&self) -> String {
        match self {
            Self::Doi(doi) => format!("DOI {}", doi.display()),
            Self::Pmid(pmid) => format!("PMID {pmid}"),
        }
    }
}

/// A study to be looked up: exactly one of `doi` and `pmid`.
#[derive(Debug, Clone, PartialEq)]
pub struct LookUp {
    pub wanted: Wanted,
    pub key: Option<Key>,
}

/// The request as it is written.
#[derive(Deserr, ToSchema)]
#[schema(as = LookUp)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Written {
    /// Asked for at Crossref, then at DataCite.
    #[deserr(default)]
    #[schema(value_type = Option<CslDoi>, required = false)]
    doi: Option<String>,
    /// Asked for at PubMed.
    #[deserr(default)]
    #[schema(value_type = Option<CslPmid>, required = false)]
    pmid: Option<String>,
    /// The key of the study if it comes into the library; made from the first author and the year when it is not given.
    #[deserr(default)]
    key: Option<Key>,
}

impl Deserr<Faults> for LookUp {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let written = Written::deserialize_from_value(value, location)?;
        let at = pointer(location);
        let unreadable = |member: &str, error: crate::citing::identifiers::IdentifierError| {
            let detail = format!("Not an identifier: {error}.");
            Faults(vec![Fault::at(format!("{at}/{member}"), "invalid_identifier", detail)])
        };
        let wanted = match (written.doi, written.pmid) {
            (Some(doi), None) => Wanted::Doi(Doi::parse(&doi).map_err(|error| unreadable("doi", error))?),
            (None, Some(pmid)) => Wanted::Pmid(Pmid::parse(&pmid).map_err(|error| unreadable("pmid", error))?),
            (None, None) => {
                let missing = ErrorKind::MissingField::<Json> { field: "doi" };
                return Err(deserr::take_cf_content(<Faults as deserr::DeserializeError>::error(
                    None, missing, location,
                )));
            }
            (Some(_), Some(_)) => {
                let detail = "Look a study up by one of doi and pmid.";
                return Err(Faults(vec![Fault::at(format!("{at}/pmid"), "one_too_many", detail)]));
            }
        };
        Ok(Self { wanted, key: written.key })
    }
}

impl utoipa::PartialSchema for LookUp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Written::schema()
    }
}

impl ToSchema for LookUp {
    fn name() -> std::borrow::Cow<'static, str> {
        Written::name()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        Written::schemas(schemas);
    }
}

crate::words! {
    /// Who was asked.
    LookUpSource {
        /// Crossref.
        Crossref = "crossref",
        /// DataCite.
        Datacite = "datacite",
        /// PubMed.
        Pubmed = "pubmed",
    }
}

impl LookUpSource {
    /// The service as answers name it.
    pub fn of(service: Service) -> Self {
        match service {
            Service::Crossref => Self::Crossref,
            Service::DataCite => Self::Datacite,
            Service::PubMed => Self::Pubmed,
        }
    }

    /// As the source of a field.
    pub fn of_fields(self) -> Source {
        match self {
            Self::Crossref => Source::Crossref,
            Self::Datacite => Source::Datacite,
            Self::Pubmed => Source::Pubmed,
        }
    }
}

/// A study with how it was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookedUp {
    #[serde(flatten)]
    pub study: StudyView,
    pub lookup: LookUpReport,
}

/// How a study was found.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LookUpReport {
    /// Nothing was written: the study is what it would be, and its id is none.
    pub dry_run: bool,
    /// Who described it; null when nobody was asked, since the library has it.
    pub source: Option<LookUpSource>,
    /// When the source said so.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub asked_at: Option<Instant>,
    /// The source was asked at an earlier time and its answer kept.
    pub kept: bool,
    /// The record is one of a notice ("Retraction: …") and not of a study; null when it is not.
    pub notice: Option<NoticeKind>,
    /// What the source says and the study does not.
    #[schema(max_items = 1000)]
    pub dropped: Vec<DroppedField>,
}

/// Something that a source says and a study has no place for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DroppedField {
    /// As the source calls it.
    #[schema(max_length = 200, example = "author.ORCID")]
    pub field: String,
    /// Its first value, or the beginning of it.
    #[schema(max_length = 200)]
    pub value: String,
    /// How many values of the field were dropped.
    #[schema(value_type = i64, minimum = 1, maximum = 4294967295i64, example = 1)]
    pub count: u32,
    /// Why.
    #[schema(max_length = 1000, example = "a CSL name has no such member")]
    pub reason: String,
}

impl From<Dropped> for DroppedField {
    fn from(dropped: Dropped) -> Self {
        let cut = |text: &str, most: usize| text.chars().take(most).collect();
        let (field, value) = (cut(&dropped.field, 200), cut(&dropped.value, 200));
        Self { field, value, count: dropped.count, reason: cut(&dropped.reason, 1_000) }
    }
}

/// The most fields that are told.
const MOST_DROPPED: usize = 1_000;

impl LookUpReport {
    /// What there is to tell of what was found.
    pub fn of(found: &Found, dropped: Vec<Dropped>, dry_run: bool) -> Self {
        let told = dropped.into_iter().take(MOST_DROPPED).map(DroppedField::from);
        Self {
            dry_run,
            source: Some(LookUpSource::of(found.service)),
            asked_at: Some(found.asked_at),
            kept: found.kept,
            notice: is_notice(&found.described.entry.record).map(NoticeKind::of),
            dropped: told.collect(),
        }
    }
}

/// The study that a description makes, and what of the description it has no place for.
pub fn new_study(entry: Entry, key: Option<Key>) -> (NewStudy, Vec<Dropped>) {
    let Entry { record, evidence, mut dropped, .. } = entry;
    let mut drop = |field: &str, value: &str, reason: &str| {
        let value = value.chars().take(Dropped::MOST).collect();
        dropped.push(Dropped { field: field.to_owned(), value, count: 1, reason: reason.to_owned() });
    };
    let mut new = NewStudy::of(record);
    new.key = key;
    new.design = evidence.design.and_then(Design::parse);
    new.review = evidence.preprint.then_some(Review::Preprint);
    if let Some(text) = &evidence.conflicts {
        new.conflicts_of_interest =
            ConflictsOfInterest::parse(text).map_err(|reason| drop("conflicts", text, &reason.detail)).ok();
    }
    if let Some(url) = &evidence.open_access_url {
        new.open_access_url =
            OpenAccessUrl::parse(url).map_err(|reason| drop("open_access_url", url, &reason.detail)).ok();
    }
    let grants = evidence.funding.iter().filter_map(|grant| {
        let funding = funding(grant);
        if funding.is_none() {
            drop("funding", &format!("{grant:?}"), "it names no funder, or is too long");
        }
        funding
    });
    let mut grants: Vec<NewFunding> = grants.collect();
    for more in grants.split_off(grants.len().min(MOST_GRANTS)) {
        drop("funding", more.funder.as_str(), "there are more than can be kept");
    }
    new.funding = AtMost(grants);
    for registration in &evidence.registrations {
        drop("registration", registration, "a study has no such member");
    }
    (new, dropped)
}

/// The most grants of a study.
const MOST_GRANTS: usize = 100;

fn funding(grant: &Grant) -> Option<NewFunding> {
    let award = grant.number.as_deref().map(Award::parse).transpose().ok()?;
    Some(NewFunding { funder: Funder::parse(grant.funder.as_deref()?).ok()?, award })
}
