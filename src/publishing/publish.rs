//! Publishing and unpublishing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::check::{ArticleFinding, Checked, FindingSection};
use super::document::PublishedCitation;
use super::render::{self, Facts, Rendered};
use super::shelf::Shelf;
use super::source::{Around, Source, SourceAcknowledgement};
use super::{acknowledgement, log, store, versions};
use crate::accounts::Editor;
use crate::app::App;
use crate::citing::check::{Rule, Rules};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::draft::{Article, Draft};
use crate::editorial::revisions::store as revisions;
use crate::editorial::schedule::{self, Action};
use crate::editorial::store::{self as editorial, Scope, Settled};
use crate::editorial::view::dangling;
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::fault::Fault;
use crate::ids::{ArticleRef, EditorId, StudyId};
use crate::library::styles;

/// What the public reads from now on.
#[derive(Debug, Clone)]
pub struct Published {
    pub article: Article,
    pub row: store::Row,
    pub citations: Vec<PublishedCitation>,
    /// What the evidence check finds, and did not stop it.
    pub findings: Vec<ArticleFinding>,
}

/// What the site asks of its publications.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The citation style of articles that name none.
    pub style: String,
    /// What the evidence check looks for.
    pub rules: Rules,
    /// Whether readers are told how many sentences claim evidence and cite none.
    pub publish_unsupported_claims: bool,
}

impl Policy {
    /// As the settings have it, today.
    pub fn of(app: &App) -> Self {
        let year = app.clock.now().get().year();
        Self {
            style: app.settings.citations.style.clone(),
            rules: Rules { this_year: i16::try_from(year).unwrap_or(i16::MAX), ..app.rules.clone() },
            publish_unsupported_claims: app.settings.check.publish_unsupported_claims,
        }
    }

    fn unsupported_claims(&self, checked: &Checked) -> Option<usize> {
        let told = self.publish_unsupported_claims && self.rules.severity_of(Rule::UncitedClaim).is_some();
        told.then(|| checked.unsupported_claims())
    }
}

/// Publishes the working copy at the version that `If-Match` names. Publishing what is published changes nothing.
///
/// # Errors
/// `dangling_marker`, `check_failed` and `nothing_to_publish` with all places; `unknown_style`; `version_conflict`; `slug_taken` and
/// `language_taken` when another publication has the slug, or the language among the translations.
pub fn publish(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    policy: &Policy,
    now: Instant,
) -> Result<Published, Problem> {
    by.may_overwrite(if_match)?;
    store::lock(conn)?;
    let draft = editorial::draft_to_change(conn, reference, Scope::of(by))?;
    editorial::at_version(conn, &draft.article, if_match)?;
    publish_draft(conn, draft, Some(by.id), policy, now)
}

/// Publishes a working copy that nobody else changes, behind the publishers' [lock](store::lock). `by`: whoever wanted it.
///
/// # Errors
/// As [`publish`], but for the version.
pub fn publish_draft(
    conn: &mut Conn,
    draft: Draft,
    by: Option<EditorId>,
    policy: &Policy,
    now: Instant,
) -> Result<Published, Problem> {
    let standing = store::row(conn, draft.article.id)?;
    if let Some(row) = standing.as_ref().filter(|_| draft.article.published_version == Some(draft.article.version)) {
        let (citations, settled) = (row.citations()?, editorial::settled(conn, draft)?);
        let findings = evidence(conn, &settled, policy)?.findings;
        return Ok(Published { article: settled.draft.article, row: row.clone(), citations, findings });
    }
    let before = draft.clone();
    let settled = editorial::settle_for_publishing(conn, draft)?;
    check(&settled)?;
    let checked = evidence(conn, &settled, policy)?;
    stop_at_errors(&settled, &checked)?;
    let around = Around {
        style: style(conn, &settled.draft.article, policy)?,
        acknowledged: checked.current().map(SourceAcknowledgement::from).collect(),
        unsupported_claims: policy.unsupported_claims(&checked),
    };
    let number = settled.draft.article.publication_count + 1;
    revisions::published(conn, &before, &settled, number, by, now)?;
    freeze(conn, settled, standing, around, checked.findings, now)
}

/// What the evidence check says of the article.
fn evidence(conn: &mut Conn, settled: &Settled, policy: &Policy) -> Result<Checked, Problem> {
    let answered = acknowledgement::all(conn, settled.draft.article.id)?;
    super::check::check(conn, settled, &policy.rules, answered)
}

/// The most errors that a refusal to publish tells one by one.
const MOST_ERRORS: usize = 1_000;

/// Refuses what the check calls an error and nobody has answered for.
fn stop_at_errors(settled: &Settled, checked: &Checked) -> Result<(), Problem> {
    let stops: Vec<&ArticleFinding> = checked.findings.iter().filter(|finding| finding.stops()).collect();
    let faults = stops.iter().take(MOST_ERRORS).map(|finding| {
        let index = |section: &FindingSection| settled.draft.sections.iter().position(|other| other.id == section.id);
        let (pointer, place) = match finding.section.as_ref().and_then(|section| Some((index(section)?, section))) {
            Some((index, section)) => {
                (format!("/sections/{index}/body"), format!("in the section {}: ", section.anchor))
            }
            None => (String::new(), String::new()),
        };
        let (detail, fingerprint) = (&finding.detail, &finding.fingerprint);
        let detail = format!("{place}{detail} (fingerprint {fingerprint}): {:?}.", finding.quote);
        Fault::at(pointer, finding.rule.name(), detail)
    });
    match stops.len() {
        0 => Ok(()),
        count => {
            let detail = format!("The evidence check found {count} errors; mend or acknowledge them.");
            Err(Problem::new(Code::CheckFailed, detail).with_errors(faults.collect()))
        }
    }
}

/// The style that the article is published in.
fn style(conn: &mut Conn, article: &Article, policy: &Policy) -> Result<String, Problem> {
    let name = article.style.as_ref().unwrap_or(&policy.style);
    let known = styles::style(conn, name)?;
    known.map_err(|reason| Problem::new(Code::UnknownStyle, reason.detail))?;
    Ok(name.clone())
}

fn check(settled: &Settled) -> Result<(), Problem> {
    if settled.draft.sections.iter().all(|section| section.body.trim().is_empty()) {
        return Err(Problem::new(Code::NothingToPublish, "No section of the article has text."));
    }
    let places = |section| settled.draft.sections.iter().position(|other| other.id == section).unwrap_or_default();
    let faults: Vec<Fault> = dangling(settled)
        .into_iter()
        .map(|marker| {
            let index = places(marker.section);
            let anchor = &settled.draft.sections[index].anchor;
            let detail = format!(
                "The section {anchor} cites {:?} in line {}, column {}; the library has no such study.",
                marker.key, marker.line, marker.column
            );
            Fault::at(format!("/sections/{index}/body"), "dangling_marker", detail)
        })
        .collect();
    match faults.as_slice() {
        [] => Ok(()),
        [only] => Err(Problem::new(Code::DanglingMarker, only.detail.clone()).with_errors(faults)),
        many => {
            let detail = format!("{} markers cite studies that the library has not.", many.len());
            Err(Problem::new(Code::DanglingMarker, detail).with_errors(faults))
        }
    }
}

fn freeze(
    conn: &mut Conn,
    settled: Settled,
    standing: Option<store::Row>,
    around: Around,
    findings: Vec<ArticleFinding>,
    now: Instant,
) -> Result<Published, Problem> {
    let mut article = settled.draft.article.clone();
    article.publication_count += 1;
    article.published_version = Some(article.version);
    article.first_published_at.get_or_insert(now);
    let facts = Facts {
        number: article.publication_count,
        published_at: article.published_at.or(article.first_published_at).unwrap_or(now),
        updated_at: now,
    };
    let (source, rendered) = documents(conn, &settled, around, facts)?;
    let row = store::Row::new(&rendered, &source, &article)?;
    versions::keep(conn, article.id)?;
    store::keep(conn, &row, &rendered)?;
    editorial::mark_published(conn, &article)?;
    schedule::done(conn, article.id, Action::Publish, now)?;
    let detail = detail(standing.iter().chain([&row]), &row);
    if let Some(old) = standing.filter(|old| old.slug != row.slug) {
        store::redirect(conn, &old.slug, article.id, now)?;
    }
    store::no_redirect(conn, &row.slug)?;
    log::append(conn, log::Kind::Publish, article.id, detail, now)?;
    Ok(Published { article, row, citations: rendered.citations, findings })
}

/// What a settled working copy comes to: its source, and the documents.
fn documents(conn: &mut Conn, settled: &Settled, around: Around, facts: Facts) -> Result<(Source, Rendered), Problem> {
    let cited: Vec<StudyId> = settled.draft.citations.iter().map(|citation| citation.study).collect();
    let studies = editorial::cited_studies(conn, &cited)?;
    let source = Source::of(settled, &studies, around);
    let mut shelf = Shelf::default();
    shelf.stock(conn, source.keys().collect(), [source.style.as_str()].into())?;
    let rendered = render::publication(&source, facts, &shelf)?;
    Ok((source, rendered))
}

/// What the public would read of a working copy if it were published as it is, with all that would stop it: markers of no
/// study are shown as such. Nothing is kept.
///
/// # Errors
/// Only what the database refuses.
pub fn preview(conn: &mut Conn, draft: Draft, policy: &Policy) -> Result<store::Row, Problem> {
    let settled = editorial::settled(conn, draft)?;
    let unsupported_claims = match policy.publish_unsupported_claims {
        true => policy.unsupported_claims(&evidence(conn, &settled, policy)?),
        false => None,
    };
    let article = &settled.draft.article;
    let is_published = article.published_version == Some(article.version);
    let facts = Facts {
        number: article.publication_count + i32::from(!is_published),
        published_at: article.published_at.or(article.first_published_at).unwrap_or(article.updated_at),
        updated_at: article.updated_at,
    };
    let style = article.style.clone().unwrap_or_else(|| policy.style.clone());
    let around = Around { style, unsupported_claims, ..Around::default() };
    let (source, rendered) = documents(conn, &settled, around, facts)?;
    store::Row::new(&rendered, &source, &settled.draft.article)
}

/// What the change log says of `row`: the groups too, whose other translations are told of with it and after it.
fn detail<'r>(stood: impl Iterator<Item = &'r store::Row>, row: &store::Row) -> Value {
    let groups: BTreeSet<String> = stood.map(|row| row.translation_group.to_string()).collect();
    json!({"slug": row.slug, "version": row.number, "translation_groups": groups})
}

/// Takes the publication down; the working copy stays.
///
/// # Errors
/// `not_published`, `version_conflict`.
pub fn unpublish(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    now: Instant,
) -> Result<Article, Problem> {
    by.may_overwrite(if_match)?;
    store::lock(conn)?;
    let article = editorial::article_to_change(conn, reference, Scope::of(by))?;
    editorial::at_version(conn, &article, if_match)?;
    take_down(conn, article, now)
}

/// Takes down what is published of an article that nobody else changes, behind the publishers' [lock](store::lock).
///
/// # Errors
/// `not_published`.
pub fn take_down(conn: &mut Conn, mut article: Article, now: Instant) -> Result<Article, Problem> {
    let Some(row) = store::row(conn, article.id)? else {
        return Err(Problem::new(Code::NotPublished, "The public does not read this article."));
    };
    article.published_version = None;
    versions::keep(conn, article.id)?;
    store::remove(conn, article.id)?;
    editorial::mark_published(conn, &article)?;
    schedule::done(conn, article.id, Action::Unpublish, now)?;
    log::append(conn, log::Kind::Unpublish, article.id, detail([&row].into_iter(), &row), now)?;
    Ok(article)
}
