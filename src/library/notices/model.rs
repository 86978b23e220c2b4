//! What a notice is, and what editors say and get to see of it.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::citing::identifiers::Doi;
use crate::citing::notices::ForeignNotice;
use crate::citing::record::PartialDate;
use crate::citing::retraction::Kind;
use crate::db::types::{self, Instant};
use crate::error::Problem;
use crate::http::fault::{Faults, Reason, text};
use crate::http::list::AtMost;
use crate::http::page::PageInfo;
use crate::ids::{NoticeId, StudyId};
use crate::library::model::RetractionReason;
use crate::library::schema::CslDoi;
use crate::library::{NoticeSource, Retraction};

crate::words! {
    /// What a notice says of a study.
    NoticeKind {
        /// It was taken back.
        Retraction = "retraction",
        /// Its publisher warns of it.
        ExpressionOfConcern = "expression_of_concern",
        /// Something in it was corrected.
        Correction = "correction",
        /// A retraction or a warning was taken back.
        Reinstatement = "reinstatement",
    }
}

impl NoticeKind {
    /// The kind as it is stored.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Retraction => Self::Retraction,
            Kind::ExpressionOfConcern => Self::ExpressionOfConcern,
            Kind::Correction => Self::Correction,
            Kind::Reinstatement => Self::Reinstatement,
        }
    }

    /// The kind as the verdict weighs it.
    pub fn kind(self) -> Kind {
        match self {
            Self::Retraction => Kind::Retraction,
            Self::ExpressionOfConcern => Kind::ExpressionOfConcern,
            Self::Correction => Kind::Correction,
            Self::Reinstatement => Kind::Reinstatement,
        }
    }
}

/// A notice, as it is kept.
#[derive(Debug, Clone, PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::notices, treat_none_as_default_value = false)]
pub struct Notice {
    pub id: NoticeId,
    pub source: NoticeSource,
    /// What the source calls it.
    pub source_id: String,
    pub kind: NoticeKind,
    /// The study that an editor named.
    pub study_id: Option<StudyId>,
    pub doi: Option<String>,
    pub pmid: Option<String>,
    /// `YYYY-MM-DD`, or as much of it as is known.
    pub noticed_on: Option<String>,
    /// A list of texts.
    pub reasons: types::Json,
    pub notice_doi: Option<String>,
    pub notice_pmid: Option<String>,
    pub note: Option<String>,
    pub created_at: Instant,
}

impl Notice {
    /// A notice that another tells of.
    pub fn foreign(notice: ForeignNotice, source: NoticeSource, now: Instant) -> Self {
        Self {
            id: NoticeId::new(),
            source,
            source_id: notice.source_id,
            kind: NoticeKind::of(notice.kind),
            study_id: None,
            doi: notice.doi.map(|doi| doi.as_str().to_owned()),
            pmid: notice.pmid.map(|pmid| pmid.as_str().to_owned()),
            noticed_on: notice.day.map(day_text),
            reasons: types::Json(notice.reasons.into()),
            notice_doi: notice.notice_doi.map(|doi| doi.as_str().to_owned()),
            notice_pmid: notice.notice_pmid.map(|pmid| pmid.as_str().to_owned()),
            note: None,
            created_at: now,
        }
    }

    /// A notice that an editor tells of.
    pub fn of_editor(new: NewNotice, study: StudyId, now: Instant) -> Self {
        let id = NoticeId::new();
        let reasons: Vec<String> = new.reasons.0.into_iter().map(ReasonText::into_string).collect();
        Self {
            id,
            source: NoticeSource::Editor,
            source_id: id.to_string(),
            kind: new.kind,
            study_id: Some(study),
            doi: None,
            pmid: None,
            noticed_on: new.date.map(NoticeDay::into_string),
            reasons: types::Json(reasons.into()),
            notice_doi: new.notice_doi.map(|doi| doi.0.as_str().to_owned()),
            notice_pmid: None,
            note: new.note.map(NoticeNote::into_string),
            created_at: now,
        }
    }

    /// The day as far as it is known.
    pub fn day(&self) -> Option<PartialDate> {
        read_day(self.noticed_on.as_deref()?)
    }

    /// In the words of the source.
    pub fn reasons(&self) -> Vec<String> {
        let list = self.reasons.0.as_array().into_iter().flatten();
        list.filter_map(|reason| reason.as_str().map(str::to_owned)).collect()
    }
}

fn day_text(day: PartialDate) -> String {
    match (day.month, day.day) {
        (Some(month), Some(of_month)) => format!("{:04}-{month:02}-{of_month:02}", day.year),
        (Some(month), None) => format!("{:04}-{month:02}", day.year),
        (None, _) => format!("{:04}", day.year),
    }
}

/// `2021`, `2021-03` or `2021-03-15`.
fn read_day(text: &str) -> Option<PartialDate> {
    let widths = [4, 2, 2];
    let parts: Vec<&str> = text.split('-').collect();
    let formed =
        parts.iter().zip(widths).all(|(part, width)| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()));
    let mut numbers = parts.iter().map(|part| part.parse::<i16>().ok());
    let year = numbers.next().flatten().filter(|year| *year > 0)?;
    let mut part = || match numbers.next() {
        None => Some(None),
        Some(number) => number.and_then(|number| u8::try_from(number).ok()).map(Some),
    };
    let (month, day) = (part()?, part()?);
    let length = time::Month::try_from(month.unwrap_or(1)).ok()?.length(i32::from(year));
    let exists = day.is_none_or(|day| (1..=length).contains(&day));
    (formed && parts.len() <= 3 && exists).then_some(PartialDate { year, month, day })
}

crate::formed_text! {
    /// A day, or the month or year that is known of it.
    NoticeDay,
    "^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?$",
    10, "invalid_date", "a day such as 2021-03-15, or as much of it as is known",
    |text| read_day(text).is_some()
}

crate::checked_text! {
    /// One reason for a notice.
    ReasonText(1..=500, One),
    /// What editors note to a notice.
    NoticeNote(1..=5000, Many),
}

/// A DOI in any form in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenDoi(pub Doi);

impl Deserr<Faults> for GivenDoi {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let read = Doi::parse(text).map(Self);
            read.map_err(|error| Reason::new("invalid_identifier", format!("Not an identifier: {error}.")))
        })
    }
}

/// A notice that an editor tells of.
#[derive(Debug, Clone, PartialEq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewNotice {
    pub kind: NoticeKind,
    /// When it came out.
    #[deserr(default)]
    pub date: Option<NoticeDay>,
    /// The reasons that it gives.
    #[schema(value_type = Vec<ReasonText>, max_items = 100, required = false)]
    #[deserr(default)]
    pub reasons: AtMost<ReasonText, 100>,
    /// The notice's own DOI.
    #[schema(value_type = Option<CslDoi>, required = false)]
    #[deserr(default)]
    pub notice_doi: Option<GivenDoi>,
    /// For editors only; never in a public answer.
    #[deserr(default)]
    pub note: Option<NoticeNote>,
}

/// A notice, as editors see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Notice)]
pub struct NoticeView {
    pub id: NoticeId,
    pub source: NoticeSource,
    /// What the source calls it.
    #[schema(max_length = 1100, example = "12345")]
    pub source_id: String,
    pub kind: NoticeKind,
    /// The studies of the library that it is about: those with its DOI, else those with its PMID, or the one that an
    /// editor named.
    #[schema(max_items = 10)]
    pub studies: Vec<ListedStudy>,
    /// The DOI of what it is about.
    #[schema(max_length = 500, example = "10.1016/s0140-6736(97)11096-0")]
    pub doi: Option<String>,
    /// The PubMed number of what it is about.
    #[schema(max_length = 9, pattern = "^[1-9][0-9]{0,8}$", example = "9500320")]
    pub pmid: Option<String>,
    /// The day of the notice, as far as it is known.
    #[schema(max_length = 10, pattern = "^[0-9]{4}(?:-[0-9]{2}){0,2}$", example = "2010-02-06")]
    pub date: Option<String>,
    /// In the words of the source.
    #[schema(max_items = 100, value_type = Vec<RetractionReason>, example = json!(["Concerns/Issues About Data"]))]
    pub reasons: Vec<String>,
    /// The notice's own DOI.
    #[schema(max_length = 500, example = "10.1016/s0140-6736(10)60175-4")]
    pub notice_doi: Option<String>,
    /// The notice's own PubMed number.
    #[schema(max_length = 9, pattern = "^[1-9][0-9]{0,8}$", example = "20137807")]
    pub notice_pmid: Option<String>,
    /// For editors only.
    #[schema(max_length = 5000)]
    pub note: Option<String>,
    /// When it came to be known here.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub created_at: Instant,
}

impl NoticeView {
    /// The notice, about these studies.
    pub fn new(notice: Notice, studies: Vec<ListedStudy>) -> Self {
        Self {
            studies,
            reasons: notice.reasons(),
            id: notice.id,
            source: notice.source,
            source_id: notice.source_id,
            kind: notice.kind,
            doi: notice.doi,
            pmid: notice.pmid,
            date: notice.noticed_on,
            notice_doi: notice.notice_doi,
            notice_pmid: notice.notice_pmid,
            note: notice.note,
            created_at: notice.created_at,
        }
    }
}

/// A study that a notice is about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ListedStudy {
    pub id: StudyId,
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "wakefield1998")]
    pub key: String,
}

/// One page of notices.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notices {
    #[schema(max_items = 100)]
    pub data: Vec<NoticeView>,
    pub page: PageInfo,
}

/// The notices of one study and what they come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyNotices {
    /// The latest first.
    #[schema(max_items = 1000)]
    pub data: Vec<NoticeView>,
    /// What has become of the study; null when no notice is known.
    pub retraction: Option<Retraction>,
    /// Where it was looked, and when. That a study is not listed says nothing about other sources and later days.
    #[schema(max_items = 10)]
    pub integrity_checked: Vec<Checked>,
}

/// A source that was asked about a study.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Checked {
    pub source: NoticeSource,
    /// The last time.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub checked_at: Instant,
}

/// The last import of each source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sources {
    #[schema(max_items = 10)]
    pub data: Vec<SourceView>,
}

/// The last import of a source.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::notice_imports)]
#[schema(as = NoticeImport)]
pub struct SourceView {
    pub source: NoticeSource,
    /// The SHA-256 of the file.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// How many notices it had.
    #[schema(minimum = 0, maximum = 2147483647, example = 61234)]
    pub entries: i32,
    /// How many of its entries could not be read.
    #[schema(minimum = 0, maximum = 2147483647, example = 3)]
    pub refused: i32,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub imported_at: Instant,
}

/// What came of reading a problem out of a stored notice.
pub fn retraction_json(retraction: &Retraction) -> Result<types::Json, Problem> {
    serde_json::to_value(retraction).map(types::Json).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_they_are_read() {
        for text in ["2021", "2021-03", "2021-03-15", "2020-02-29", "0001"] {
            assert_eq!(read_day(text).map(day_text).as_deref(), Some(text));
        }
        for text in [
            "",
            "21",
            "2021-3",
            "2021-13",
            "2021-02-29",
            "2021-00",
            "2021-01-00",
            "2021-01-01-01",
            "2021-",
            "+021",
            "0000",
            "2021-01-1x",
        ] {
            assert_eq!(read_day(text), None, "{text}");
        }
    }
}
