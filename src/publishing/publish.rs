//! Publishing and unpublishing.

use serde_json::json;

use super::document::PublishedCitation;
use super::render::{self, Facts};
use super::shelf::Shelf;
use super::source::{Around, Source};
use super::{log, store};
use crate::accounts::Editor;
use crate::config::Settings;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::draft::Article;
use crate::editorial::store::{self as editorial, Scope, Settled};
use crate::editorial::view::dangling;
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::fault::Fault;
use crate::ids::{ArticleRef, StudyId};
use crate::library::styles;

/// What the public reads from now on.
#[derive(Debug, Clone)]
pub struct Published {
    pub article: Article,
    pub row: store::Row,
    pub citations: Vec<PublishedCitation>,
}

/// What the site asks of its publications.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The citation style of articles that name none.
    pub style: String,
}

impl Policy {
    /// As the settings have it.
    pub fn of(settings: &Settings) -> Self {
        Self { style: settings.citations.style.clone() }
    }
}

/// Publishes the working copy at the version that `If-Match` names. Publishing what is published changes nothing.
///
/// # Errors
/// `dangling_marker` and `nothing_to_publish` with all places; `unknown_style`; `version_conflict`; `slug_taken` when
/// another publication has the slug.
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
    if !if_match.allows(draft.article.version) {
        return Err(editorial::version_conflict(draft.article.version));
    }
    let standing = store::row(conn, draft.article.id)?;
    if let Some(row) = standing.as_ref().filter(|_| draft.article.published_version == Some(draft.article.version)) {
        let citations = row.citations()?;
        return Ok(Published { article: draft.article, row: row.clone(), citations });
    }
    let settled = editorial::settle_for_publishing(conn, draft)?;
    check(&settled)?;
    let style = style(conn, &settled.draft.article, policy)?;
    freeze(conn, settled, standing, Around { style, ..Around::default() }, now)
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
    let cited: Vec<StudyId> = settled.draft.citations.iter().map(|citation| citation.study).collect();
    let studies = editorial::cited_studies(conn, &cited)?;
    let source = Source::of(&settled, &studies, around);
    let mut shelf = Shelf::default();
    shelf.stock(conn, source.keys().collect(), [source.style.as_str()].into())?;
    let rendered = render::publication(&source, facts, &shelf)?;
    let row = store::Row::new(&rendered, &source, article.comment_policy)?;
    store::keep(conn, &row, &rendered)?;
    editorial::mark_published(conn, &article)?;
    if let Some(old) = standing.filter(|old| old.slug != row.slug) {
        store::redirect(conn, &old.slug, article.id, now)?;
    }
    store::no_redirect(conn, &row.slug)?;
    log::append(conn, "publish", article.id, json!({"slug": row.slug, "version": row.number}), now)?;
    Ok(Published { article, row, citations: rendered.citations })
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
    let mut article = editorial::article_to_change(conn, reference, Scope::of(by))?;
    if !if_match.allows(article.version) {
        return Err(editorial::version_conflict(article.version));
    }
    let Some(row) = store::row(conn, article.id)? else {
        return Err(Problem::new(Code::NotPublished, "The public does not read this article."));
    };
    article.published_version = None;
    store::remove(conn, article.id)?;
    editorial::mark_published(conn, &article)?;
    log::append(conn, "unpublish", article.id, json!({"slug": row.slug, "version": row.number}), now)?;
    Ok(article)
}
