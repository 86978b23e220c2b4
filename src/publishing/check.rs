//! The evidence check of a working copy: what `citing::check` finds, with its places as editors see them, and what editors
//! have answered for.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::acknowledgement::Acknowledgement;
use super::document::SectionAnchor;
use crate::citing::check::{self, CitedStudy, Document, Finding, Integrity, Rule, Rules, SectionText, Severity};
use crate::db::Conn;
use crate::editorial::draft::Section;
use crate::editorial::store::Settled;
use crate::error::Problem;
use crate::ids::{AcknowledgementId, EditorId, SectionId, StudyId};
use crate::library::store as library;
use crate::library::{Completeness, RetractionStatus, Review, Study};
use crate::text::markdown::{self, Places};

/// What the check found, and what of it editors have answered for.
#[derive(Debug, Clone)]
pub struct Checked {
    pub findings: Vec<ArticleFinding>,
    acknowledgements: Vec<Acknowledgement>,
}

/// Something that an editor should look at.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ArticleFinding {
    /// What was looked for; the list of rules is closed.
    #[schema(value_type = RuleName)]
    pub rule: Rule,
    /// An `error` stops a publication until it is mended or acknowledged.
    #[schema(value_type = FindingSeverity)]
    pub severity: Severity,
    /// The section concerned; null when it is the article as a whole.
    pub section: Option<FindingSection>,
    /// Which part of the section's body; null when it is the section or the article as a whole.
    pub span: Option<Span>,
    /// The sentence, marker, heading or title concerned, shortened.
    #[schema(max_length = 200, pattern = "^.*$", example = "Numerous studies have shown that it works.")]
    pub quote: String,
    /// What is wrong just here.
    #[schema(max_length = 4000, pattern = "^[^\\x00]*$", example = "the sentence speaks of research and cites none")]
    pub detail: String,
    /// Why it matters and what to do.
    #[schema(max_length = 1000, pattern = "^.*$", example = "Put the marker of the study behind the claim.")]
    pub help: &'static str,
    /// Stays the same while the sentence (or the study) does, wherever it moves: an acknowledgement names it.
    #[schema(value_type = Fingerprint)]
    pub fingerprint: String,
    /// The keys of the studies concerned.
    #[schema(max_items = 100, value_type = Vec<crate::editorial::model::StudyName>)]
    pub studies: Vec<String>,
    /// Who answered for it; null when nobody has.
    pub acknowledged: Option<Acknowledged>,
}

/// A section that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingSection {
    pub id: SectionId,
    #[schema(value_type = SectionAnchor)]
    pub anchor: String,
    /// 1 for the first.
    #[schema(minimum = 1, maximum = 500, example = 1)]
    pub position: i32,
}

/// A part of a section's body. Everything is counted in characters (Unicode code points), not in bytes or UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Span {
    /// How many characters stand before it.
    #[schema(value_type = i32, minimum = 0, maximum = 500000, example = 120)]
    pub start: usize,
    /// How many characters stand before its end.
    #[schema(value_type = i32, minimum = 0, maximum = 500000, example = 163)]
    pub end: usize,
    /// The line that it begins in, from 1.
    #[schema(value_type = i32, minimum = 1, maximum = 500001, example = 3)]
    pub line: usize,
    /// The character of that line that it begins with, from 1.
    #[schema(value_type = i32, minimum = 1, maximum = 500001, example = 17)]
    pub column: usize,
}

/// That an editor has answered for a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Acknowledged {
    pub id: AcknowledgementId,
    #[schema(max_length = 2000, pattern = "^.*$", example = "Cited as retracted, on purpose.")]
    pub reason: String,
    /// Null when the account is gone.
    pub by: Option<EditorId>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub at: crate::db::types::Instant,
}

/// How many findings there are; those that are acknowledged are counted as such only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingCounts {
    #[schema(value_type = i32, minimum = 0, maximum = 2147483647, example = 0)]
    pub error: usize,
    #[schema(value_type = i32, minimum = 0, maximum = 2147483647, example = 1)]
    pub warning: usize,
    #[schema(value_type = i32, minimum = 0, maximum = 2147483647, example = 2)]
    pub info: usize,
    #[schema(value_type = i32, minimum = 0, maximum = 2147483647, example = 1)]
    pub acknowledged: usize,
}

/// The name of a rule of the evidence check.
pub struct RuleName;

impl utoipa::PartialSchema for RuleName {
    fn schema() -> RefOr<Schema> {
        let names = Rule::ALL.iter().map(|rule| rule.name());
        let meanings = Rule::ALL.iter().map(|rule| format!("`{}`: {}", rule.name(), rule.title()));
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(meanings.collect::<Vec<_>>().join("\n")))
            .enum_values(Some(names))
            .into()
    }
}

impl ToSchema for RuleName {}

/// How grave a finding is.
pub struct FindingSeverity;

impl utoipa::PartialSchema for FindingSeverity {
    fn schema() -> RefOr<Schema> {
        let names = [Severity::Info, Severity::Warning, Severity::Error].map(Severity::name);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("How grave a finding is."))
            .enum_values(Some(names))
            .into()
    }
}

impl ToSchema for FindingSeverity {}

crate::formed_text! {
    /// Names a finding of the evidence check.
    Fingerprint, "^[0-9a-f]{16}$", 16, "invalid_fingerprint", "the fingerprint of a finding: sixteen hexadecimal digits",
    |text| text.len() == 16 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

impl ArticleFinding {
    /// Whether it stops a publication: an error that nobody has answered for.
    pub fn stops(&self) -> bool {
        self.severity == Severity::Error && self.acknowledged.is_none()
    }
}

impl Checked {
    /// How many findings there are of each severity.
    pub fn counts(&self) -> FindingCounts {
        let mut counts = FindingCounts::default();
        for finding in &self.findings {
            let count = match (&finding.acknowledged, finding.severity) {
                (Some(_), _) => &mut counts.acknowledged,
                (None, Severity::Error) => &mut counts.error,
                (None, Severity::Warning) => &mut counts.warning,
                (None, Severity::Info) => &mut counts.info,
            };
            *count += 1;
        }
        counts
    }

    /// How many sentences claim evidence and cite none, doubtful ones and those that were answered for left out.
    pub fn unsupported_claims(&self) -> usize {
        let claims = self.findings.iter().filter(|finding| finding.rule == Rule::UncitedClaim);
        claims.filter(|finding| finding.severity > Severity::Info && finding.acknowledged.is_none()).count()
    }

    /// How many acknowledgements the article has.
    pub fn answered(&self) -> usize {
        self.acknowledgements.len()
    }

    /// The acknowledgements whose finding is there now.
    pub fn current(&self) -> impl Iterator<Item = &Acknowledgement> {
        self.acknowledgements.iter().filter(|it| self.find(&it.fingerprint).is_some())
    }

    /// All acknowledgements of the article, the oldest first, each with whether its finding is there now.
    pub fn acknowledgements(self) -> impl Iterator<Item = (Acknowledgement, bool)> {
        let Self { findings, acknowledgements } = self;
        acknowledgements.into_iter().map(move |it| {
            let current = findings.iter().any(|finding| finding.fingerprint == it.fingerprint);
            (it, current)
        })
    }

    /// The finding of that fingerprint.
    pub fn find(&self, fingerprint: &str) -> Option<&ArticleFinding> {
        self.findings.iter().find(|finding| finding.fingerprint == fingerprint)
    }
}

/// Checks a working copy by these rules.
///
/// # Errors
/// `internal` when what is stored of a study is no record.
pub fn check(
    conn: &mut Conn,
    settled: &Settled,
    rules: &Rules,
    acknowledgements: Vec<Acknowledgement>,
) -> Result<Checked, Problem> {
    let cited: Vec<StudyId> = settled.draft.citations.iter().map(|citation| citation.study).collect();
    let studies = library::by_ids(conn, &cited)?;
    let studies = cited.iter().filter_map(|id| studies.get(id)).map(study).collect::<Result<Vec<_>, _>>()?;
    let found = check::check(&document(settled), &studies, rules);
    let answered: HashMap<&str, &Acknowledgement> =
        acknowledgements.iter().map(|it| (it.fingerprint.as_str(), it)).collect();
    let mut shown = Shown { sections: &settled.draft.sections, places: BTreeMap::new() };
    let findings = found.into_iter().map(|finding| {
        let acknowledged = answered.get(finding.fingerprint.as_str()).map(|it| Acknowledged {
            id: it.id,
            reason: it.reason.clone(),
            by: it.by,
            at: it.at,
        });
        shown.finding(finding, acknowledged)
    });
    let findings = findings.collect();
    Ok(Checked { findings, acknowledgements })
}

/// The working copy as the check reads it.
fn document(settled: &Settled) -> Document {
    let study = |name: &str| settled.names.get(name).map(|known| known.key.clone());
    let section = |section: &Section| {
        let read = markdown::blocks(&section.body, &study);
        SectionText {
            id: section.id.to_string(),
            anchor: section.anchor.clone(),
            heading: section.heading.clone(),
            level: u8::try_from(section.level).unwrap_or(2),
            own_results: false,
            blocks: read.blocks,
            warnings: read.warnings,
        }
    };
    let article = &settled.draft.article;
    Document {
        title: article.title.clone(),
        language: article.language.clone(),
        sections: settled.draft.sections.iter().map(section).collect(),
        anchors: Vec::new(),
    }
}

fn study(study: &Study) -> Result<CitedStudy, Problem> {
    let record = study.record()?;
    let identifiers = [("doi", &study.doi), ("pmid", &study.pmid), ("pmcid", &study.pmcid)];
    Ok(CitedStudy {
        key: study.key.clone(),
        title: record.title().map(str::to_owned),
        missing: Completeness::of(&record).missing,
        identifiers: identifiers
            .into_iter()
            .filter_map(|(kind, id)| Some(format!("{kind}:{}", id.as_ref()?)))
            .collect(),
        year: study.year.and_then(|year| i16::try_from(year).ok()),
        integrity: match study.retraction {
            Some(RetractionStatus::Retracted) => Integrity::Retracted,
            Some(RetractionStatus::ExpressionOfConcern) => Integrity::Concern,
            Some(RetractionStatus::Corrected | RetractionStatus::Reinstated) | None => Integrity::Sound,
        },
        design: study.design.map(|design| design.as_str().to_owned()),
        preprint: study.review == Some(Review::Preprint),
    })
}

/// Turns bytes into places that editors can find.
struct Shown<'a> {
    sections: &'a [Section],
    /// Of the sections met so far, by their index.
    places: BTreeMap<usize, Places<'a>>,
}

impl Shown<'_> {
    fn finding(&mut self, finding: Finding, acknowledged: Option<Acknowledged>) -> ArticleFinding {
        let index = finding.section.as_deref().and_then(SectionId::parse);
        let index = index.and_then(|id| self.sections.iter().position(|section| section.id == id));
        let place = index.and_then(|index| Some((index, self.sections.get(index)?)));
        let section = place.map(|(index, section)| FindingSection {
            id: section.id,
            anchor: section.anchor.clone(),
            position: i32::try_from(index + 1).unwrap_or(i32::MAX),
        });
        let span = place.zip(finding.span.clone()).map(|((index, section), bytes)| {
            let places = self.places.entry(index).or_insert_with(|| Places::of(&section.body));
            let (line, column) = places.line_column(bytes.start);
            Span {
                start: places.characters_before(bytes.start),
                end: places.characters_before(bytes.end),
                line,
                column,
            }
        });
        ArticleFinding {
            rule: finding.rule,
            severity: finding.severity,
            section,
            span,
            quote: finding.quote,
            detail: finding.detail,
            help: finding.help,
            fingerprint: finding.fingerprint,
            studies: finding.studies,
            acknowledged,
        }
    }
}
