//! Every query about working copies.

use std::collections::HashMap;

use diesel::prelude::*;

use super::draft::{Article, Byline, Citation, Claim, Draft, Marked, Section, Tag, all_keys, check_markers};
use super::model::{ArticleKey, Origin, State};
use super::view::CitedStudy;
use crate::accounts::{Editor, Role};
use crate::citing::numbering::Numbering;
use crate::db::schema::{
    article_authors, article_tags, articles, citations, claim_studies, claims, publications, sections, slug_redirects,
    studies, tags,
};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, first_free, violation};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{ArticleId, ArticleRef, CitationId, ClaimId, EditorId, SectionId, StudyId, TagId};
use crate::library::store::{self as library, Names};
use crate::library::{Certainty, Design, EvidenceLevel};
use crate::on;
use crate::text::anchor;

/// Which articles an editor may see: authors see their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    Own(EditorId),
}

impl Scope {
    pub fn of(editor: &Editor) -> Self {
        if editor.role == Role::Author { Self::Own(editor.id) } else { Self::All }
    }

    fn covers(self, article: &Article) -> bool {
        match self {
            Self::All => true,
            Self::Own(editor) => article.owner_id == Some(editor),
        }
    }
}

/// A working copy with what follows from its text and the library.
#[derive(Debug, Clone)]
pub struct Settled {
    pub draft: Draft,
    pub marked: Vec<Marked>,
    /// The studies that the markers name.
    pub names: Names,
    pub numbering: Numbering<StudyId>,
}

/// Reads one article's row.
///
/// # Errors
/// `not_found`, also for an article outside the scope.
pub fn article(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Article, Problem> {
    let row: Option<Article> = match reference {
        ArticleRef::Id(id) => {
            on!(conn, c => articles::table.find(id).select(Article::as_select()).first(c).optional())?
        }
        ArticleRef::Slug(slug) => {
            on!(conn, c => articles::table.filter(articles::slug.eq(slug)).select(Article::as_select()).first(c).optional())?
        }
    };
    row.filter(|article| scope.covers(article)).ok_or_else(|| Problem::not_found("article"))
}

/// Reads a whole working copy that is to be changed: on PostgreSQL no other writer has it until this one is done. Without
/// that, the version could be read before another writer's commit and the text after it.
pub fn draft_to_change(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Draft, Problem> {
    hold(conn, reference)?;
    draft(conn, reference, scope)
}

/// Reads the row of an article that is to be changed, as [`draft_to_change`] does.
pub fn article_to_change(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Article, Problem> {
    hold(conn, reference)?;
    article(conn, reference, scope)
}

/// Lets one transaction at a time have the article. SQLite has one writer.
fn hold(conn: &mut Conn, reference: &ArticleRef) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        let row = articles::table.select(articles::id).for_no_key_update();
        let _: Option<ArticleId> = match reference {
            ArticleRef::Id(id) => row.filter(articles::id.eq(id)).first(&mut **c).optional()?,
            ArticleRef::Slug(slug) => row.filter(articles::slug.eq(slug)).first(&mut **c).optional()?,
        };
    }
    Ok(())
}

/// Reads a whole working copy.
pub fn draft(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Draft, Problem> {
    let article = article(conn, reference, scope)?;
    let id = article.id;
    let (authors, tags) = around(conn, &[id])?.remove(&id).unwrap_or_default();
    type SectionRow = (SectionId, Option<String>, i32, String, String);
    let section_rows: Vec<SectionRow> = on!(conn, c => sections::table
        .filter(sections::article_id.eq(id))
        .order(sections::position)
        .select((sections::id, sections::heading, sections::level, sections::anchor, sections::body))
        .load(c))?;
    let sections = section_rows
        .into_iter()
        .map(|(id, heading, level, anchor, body)| Section { id, heading, level, anchor, body })
        .collect();
    type CitationRow = (CitationId, StudyId, Origin, Option<EvidenceLevel>);
    let citation_rows: Vec<CitationRow> = on!(conn, c => citations::table
        .filter(citations::article_id.eq(id))
        .order(citations::position)
        .select((citations::id, citations::study_id, citations::origin, citations::evidence_level))
        .load(c))?;
    let citations = citation_rows
        .into_iter()
        .map(|(id, study, origin, evidence_level)| Citation { id, study, origin, evidence_level })
        .collect();
    let claims = claims_of(conn, id)?;
    Ok(Draft { article, authors, tags, sections, citations, claims })
}

const FOR: &str = "for";
const AGAINST: &str = "against";

/// The claims of an article, with two statements.
fn claims_of(conn: &mut Conn, article: ArticleId) -> Result<Vec<Claim>, Problem> {
    type ClaimRow = (ClaimId, String, Option<Certainty>);
    let rows: Vec<ClaimRow> = on!(conn, c => claims::table
        .filter(claims::article_id.eq(article))
        .order(claims::position)
        .select((claims::id, claims::statement, claims::certainty))
        .load(c))?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<(ClaimId, StudyId, String)> = on!(conn, c => claim_studies::table
        .inner_join(claims::table)
        .filter(claims::article_id.eq(article))
        .order((claim_studies::claim_id, claim_studies::position))
        .select((claim_studies::claim_id, claim_studies::study_id, claim_studies::stance))
        .load(c))?;
    let claim = |(id, statement, certainty): ClaimRow| {
        let studies = |stance: &str| {
            let of_it = named.iter().filter(|(claim, _, at)| *claim == id && at == stance);
            of_it.map(|(_, study, _)| *study).collect()
        };
        Claim { id, statement, certainty, supporting: studies(FOR), against: studies(AGAINST) }
    };
    Ok(rows.into_iter().map(claim).collect())
}

type Around = HashMap<ArticleId, (Vec<Byline>, Vec<Tag>)>;

/// The bylines and tags of articles, with two statements.
pub fn around(conn: &mut Conn, ids: &[ArticleId]) -> Result<Around, Problem> {
    let mut around: Around = HashMap::new();
    type AuthorRow = (ArticleId, String, String, Option<String>, Option<String>);
    let authors: Vec<AuthorRow> = on!(conn, c => article_authors::table
        .filter(article_authors::article_id.eq_any(ids))
        .order((article_authors::article_id, article_authors::position))
        .select((
            article_authors::article_id,
            article_authors::slug,
            article_authors::name,
            article_authors::credentials,
            article_authors::orcid,
        ))
        .load(c))?;
    for (article, slug, name, credentials, orcid) in authors {
        around.entry(article).or_default().0.push(Byline { slug, name, credentials, orcid });
    }
    let rows: Vec<(ArticleId, TagId, String, String)> = on!(conn, c => article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_id.eq_any(ids))
        .order((article_tags::article_id, article_tags::position))
        .select((article_tags::article_id, tags::id, tags::slug, tags::name))
        .load(c))?;
    for (article, id, slug, name) in rows {
        around.entry(article).or_default().1.push(Tag { id: Some(id), slug, name });
    }
    Ok(around)
}

/// What follows from a working copy's text and the library, for reading.
pub fn settled(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let marked = draft.marked();
    let names = library::resolve(conn, &all_keys(&marked).map(str::to_owned).collect())?;
    let numbering = draft.numbering(&marked, &names);
    Ok(Settled { draft, marked, names, numbering })
}

/// How often a study that was just found may be gone when it is to be cited.
const MOST_TRIES: usize = 3;

/// Makes the citations agree with the markers, for writing. The cited studies stay until this transaction ends.
///
/// On PostgreSQL they are locked here, before any citation is: a deletion of a study locks the study and then asks for
/// its citations, so a writer that took them the other way round would wait for it, and it for the writer.
fn settle(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let marked = draft.marked();
    check_markers(&marked)?;
    let keys = all_keys(&marked).map(str::to_owned).collect();
    for _ in 0..MOST_TRIES {
        let mut draft = draft.clone();
        let names = library::resolve(conn, &keys)?;
        let numbering = draft.settle(&marked, &names)?;
        let cited: Vec<StudyId> = draft.citations.iter().map(|citation| citation.study).collect();
        if library::hold(conn, &cited)? {
            return Ok(Settled { draft, marked, names, numbering });
        }
    }
    Err(Problem::busy())
}

/// Keeps a new article.
///
/// # Errors
/// `slug_taken` when a given slug is; one that was made from the title steps aside instead.
pub fn create(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let mut settled = settle(conn, draft)?;
    // Tags before the slug, as `change` takes them: taken in two orders, writers would wait for each other.
    keep_tags(conn, &mut settled.draft)?;
    if settled.draft.article.slug.is_empty() {
        insert_under_free_slug(conn, &mut settled.draft.article)?;
    } else {
        insert(conn, &settled.draft.article)?;
    }
    keep_parts(conn, None, &settled.draft)?;
    Ok(settled)
}

fn insert(conn: &mut Conn, article: &Article) -> Result<(), Problem> {
    on!(conn, c => diesel::insert_into(articles::table).values(article).execute(c)).map_err(slug_taken)?;
    Ok(())
}

/// How often the slug that was found free may be taken by another one in the meantime.
const MOST_SLUGS: usize = 20;

fn insert_under_free_slug(conn: &mut Conn, article: &mut Article) -> Result<(), Problem> {
    let mut refused = Problem::internal("no slug was tried");
    for _ in 0..MOST_SLUGS {
        article.slug = free_slug(conn, &article.title)?;
        // In a savepoint: PostgreSQL answers nothing more in a transaction in which a statement failed.
        match conn.transaction(|conn| insert(conn, article)) {
            Err(problem) if problem.code() == Code::SlugTaken => refused = problem,
            done => return done,
        }
    }
    Err(refused)
}

/// A slug from the title that no article has or had.
fn free_slug(conn: &mut Conn, title: &str) -> Result<String, Problem> {
    let base = anchor::slug(title);
    let free = first_free(anchor::candidates(&base), |some| {
        let (of_articles, of_publications, old): (Vec<String>, Vec<String>, Vec<String>) = on!(conn, c => (
            articles::table.filter(articles::slug.eq_any(some)).select(articles::slug).load(c)?,
            publications::table.filter(publications::slug.eq_any(some)).select(publications::slug).load(c)?,
            slug_redirects::table.filter(slug_redirects::slug.eq_any(some)).select(slug_redirects::slug).load(c)?,
        ));
        let ids = some.iter().filter(|slug| ArticleId::parse(slug).is_some()).cloned();
        Ok([of_articles, of_publications, old].into_iter().flatten().chain(ids).collect())
    })?;
    free.ok_or_else(|| Problem::internal("no slug is left"))
}

fn slug_taken(error: diesel::result::Error) -> Problem {
    match violation(&error) {
        Some(Violation::Unique(columns)) if columns == "articles.slug" => {
            Problem::new(Code::SlugTaken, "Another article has this slug.")
        }
        _ => error.into(),
    }
}

/// The problem of a change that was made from another version.
pub fn version_conflict(current: i32) -> Problem {
    Problem::version_conflict("article", current)
}

/// Changes a working copy: reads it, checks the version, lets `edit` change it, keeps it as the next version. A change
/// that changes nothing makes no version.
///
/// # Errors
/// `not_found`, `version_conflict`, `slug_taken`, and whatever `edit` refuses.
pub fn change<T>(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    now: Instant,
    edit: impl FnOnce(&mut Conn, &mut Draft) -> Result<T, Problem>,
) -> Result<(Settled, T), Problem> {
    by.may_overwrite(if_match)?;
    let before = draft_to_change(conn, reference, Scope::of(by))?;
    if !if_match.allows(before.article.version) {
        return Err(version_conflict(before.article.version));
    }
    let mut after = before.clone();
    let answer = edit(conn, &mut after)?;
    let mut settled = settle(conn, after)?;
    keep_tags(conn, &mut settled.draft)?;
    if settled.draft != before {
        settled.draft.article.version = before.article.version + 1;
        settled.draft.article.updated_at = now;
        keep(conn, &before, &settled.draft)?;
    }
    Ok((settled, answer))
}

fn keep(conn: &mut Conn, before: &Draft, after: &Draft) -> Result<(), Problem> {
    // The version is part of the condition: of two writers on PostgreSQL that read the same one, only one goes on.
    let kept = on!(conn, c => diesel::update(articles::table.find(before.article.id))
        .filter(articles::version.eq(before.article.version))
        .set(&after.article)
        .execute(c))
    .map_err(slug_taken)?;
    if kept == 0 {
        let current = on!(conn, c => articles::table
            .find(before.article.id)
            .select(articles::version)
            .first::<i32>(c)
            .optional())?;
        return Err(current.map_or_else(|| Problem::not_found("article"), version_conflict));
    }
    keep_parts(conn, Some(before), after)
}

/// Finds the tags by slug and makes those that are not there.
fn keep_tags(conn: &mut Conn, draft: &mut Draft) -> Result<(), Problem> {
    if draft.tags.iter().all(|tag| tag.id.is_some()) {
        return Ok(());
    }
    // In the order of their slugs: on PostgreSQL two writers that make the same tags would else wait for each other.
    let mut new: Vec<_> = draft.tags.iter().filter(|tag| tag.id.is_none()).collect();
    new.sort_by(|a, b| a.slug.cmp(&b.slug));
    let new: Vec<_> = new
        .into_iter()
        .map(|tag| (tags::id.eq(TagId::new()), tags::slug.eq(tag.slug.clone()), tags::name.eq(tag.name.clone())))
        .collect();
    for tag in new {
        on!(conn, c => diesel::insert_into(tags::table).values(tag).on_conflict(tags::slug).do_nothing().execute(c))?;
    }
    let slugs: Vec<&str> = draft.tags.iter().map(|tag| tag.slug.as_str()).collect();
    let rows: Vec<(TagId, String, String)> = on!(conn, c => tags::table
        .filter(tags::slug.eq_any(&slugs))
        .select((tags::id, tags::slug, tags::name))
        .load(c))?;
    for tag in &mut draft.tags {
        if let Some((id, _, name)) = rows.iter().find(|(_, slug, _)| *slug == tag.slug) {
            tag.id = Some(*id);
            tag.name = name.clone();
        }
    }
    Ok(())
}

/// Writes the parts that changed: each list whole, since places and anchors have to stay unique at every moment.
fn keep_parts(conn: &mut Conn, before: Option<&Draft>, after: &Draft) -> Result<(), Problem> {
    let id = after.article.id;
    if before.is_none_or(|before| before.authors != after.authors) {
        on!(conn, c => diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.authors)
            .map(|(position, author): (i32, _)| {
                (
                    article_authors::article_id.eq(id),
                    article_authors::position.eq(position),
                    article_authors::slug.eq(&author.slug),
                    article_authors::name.eq(&author.name),
                    article_authors::credentials.eq(&author.credentials),
                    article_authors::orcid.eq(&author.orcid),
                )
            })
            .collect();
        on!(conn, c => diesel::insert_into(article_authors::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.tags != after.tags) {
        on!(conn, c => diesel::delete(article_tags::table.filter(article_tags::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.tags)
            .filter_map(|(position, tag): (i32, _)| {
                Some((
                    article_tags::article_id.eq(id),
                    article_tags::position.eq(position),
                    article_tags::tag_id.eq(tag.id?),
                ))
            })
            .collect();
        on!(conn, c => diesel::insert_into(article_tags::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.sections != after.sections) {
        on!(conn, c => diesel::delete(sections::table.filter(sections::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.sections)
            .map(|(position, section): (i32, _)| {
                (
                    sections::id.eq(section.id),
                    sections::article_id.eq(id),
                    sections::position.eq(position),
                    sections::heading.eq(&section.heading),
                    sections::level.eq(section.level),
                    sections::anchor.eq(&section.anchor),
                    sections::body.eq(&section.body),
                )
            })
            .collect();
        on!(conn, c => diesel::insert_into(sections::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.citations != after.citations) {
        on!(conn, c => diesel::delete(citations::table.filter(citations::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.citations)
            .map(|(position, citation): (i32, _)| {
                (
                    citations::id.eq(citation.id),
                    citations::article_id.eq(id),
                    citations::study_id.eq(citation.study),
                    citations::position.eq(position),
                    citations::origin.eq(citation.origin),
                    citations::evidence_level.eq(citation.evidence_level),
                )
            })
            .collect();
        // PostgreSQL takes 65,535 bound values in one statement.
        for rows in rows.chunks(5_000) {
            on!(conn, c => diesel::insert_into(citations::table).values(rows.to_vec()).execute(c))?;
        }
    }
    if before.is_none_or(|before| before.claims != after.claims) {
        keep_claims(conn, id, &after.claims)?;
    }
    Ok(())
}

fn keep_claims(conn: &mut Conn, article: ArticleId, kept: &[Claim]) -> Result<(), Problem> {
    on!(conn, c => diesel::delete(claims::table.filter(claims::article_id.eq(article))).execute(c))?;
    let rows: Vec<_> = (1..)
        .zip(kept)
        .map(|(position, claim): (i32, _)| {
            (
                claims::id.eq(claim.id),
                claims::article_id.eq(article),
                claims::position.eq(position),
                claims::statement.eq(&claim.statement),
                claims::certainty.eq(claim.certainty),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(claims::table).values(rows).execute(c))?;
    let studies = kept.iter().flat_map(|claim| {
        let supporting = claim.supporting.iter().map(|study| (FOR, study));
        let against = claim.against.iter().map(|study| (AGAINST, study));
        (1..).zip(supporting.chain(against)).map(|(position, (stance, study)): (i32, _)| {
            (
                claim_studies::claim_id.eq(claim.id),
                claim_studies::study_id.eq(*study),
                claim_studies::stance.eq(stance),
                claim_studies::position.eq(position),
            )
        })
    });
    for rows in studies.collect::<Vec<_>>().chunks(5_000) {
        on!(conn, c => diesel::insert_into(claim_studies::table).values(rows.to_vec()).execute(c))?;
    }
    Ok(())
}

/// The studies with these ids, as far as the view of a working copy tells them.
pub fn cited_studies(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, CitedStudy>, Problem> {
    type Row = (StudyId, String, String, Option<Design>);
    let rows: Vec<Row> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .select((studies::id, studies::key, studies::title, studies::design))
        .load(c))?;
    let cited = |(id, key, title, design): Row| {
        (id, CitedStudy { id, key, title: Some(title).filter(|title| !title.is_empty()), design })
    };
    Ok(rows.into_iter().map(cited).collect())
}

/// Deletes an article that is not published, with its comments.
///
/// # Errors
/// `not_found`, `version_conflict`, `article_published`.
pub fn delete(conn: &mut Conn, reference: &ArticleRef, by: &Editor, if_match: &IfMatch) -> Result<(), Problem> {
    by.may_overwrite(if_match)?;
    let article = article_to_change(conn, reference, Scope::of(by))?;
    if !if_match.allows(article.version) {
        return Err(version_conflict(article.version));
    }
    if article.published_version.is_some() {
        return Err(Problem::new(Code::ArticlePublished, "Unpublish the article first."));
    }
    let deleted = on!(conn, c => diesel::delete(articles::table.find(article.id))
        .filter(articles::version.eq(article.version))
        .filter(articles::published_version.is_null())
        .execute(c))?;
    if deleted == 0 { Err(version_conflict(article.version)) } else { Ok(()) }
}

/// Writes what publishing changes of an article's row; the version stays.
pub fn mark_published(conn: &mut Conn, article: &Article) -> Result<(), Problem> {
    let kept = on!(conn, c => diesel::update(articles::table.find(article.id))
        .filter(articles::version.eq(article.version))
        .set((
            articles::published_version.eq(article.published_version),
            articles::publication_count.eq(article.publication_count),
            articles::first_published_at.eq(article.first_published_at),
        ))
        .execute(c))?;
    if kept == 0 { Err(version_conflict(article.version)) } else { Ok(()) }
}

/// Keeps the citations that publishing found to follow from the text and a library that has grown since.
pub fn settle_for_publishing(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let before = draft.clone();
    let settled = settle(conn, draft)?;
    keep_parts(conn, Some(&before), &settled.draft)?;
    Ok(settled)
}

/// Which articles a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub states: Option<Vec<State>>,
    pub languages: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub authors: Option<Vec<String>>,
}

/// [`Article::state`] as SQL.
const STATE: &str = "CASE WHEN articles.published_version = articles.version THEN 'published' \
     WHEN articles.published_version IS NOT NULL THEN 'changed' \
     WHEN articles.publication_count > 0 THEN 'unpublished' ELSE 'draft' END";

macro_rules! filtered {
    ($scope:expr, $filter:expr) => {{
        let mut query = articles::table.into_boxed();
        if let Scope::Own(editor) = $scope {
            query = query.filter(articles::owner_id.eq(editor));
        }
        if let Some(languages) = &$filter.languages {
            query = query.filter(articles::language.eq_any(languages));
        }
        if let Some(slugs) = &$filter.tags {
            query = query.filter(diesel::dsl::exists(
                article_tags::table
                    .inner_join(tags::table)
                    .filter(article_tags::article_id.eq(articles::id))
                    .filter(tags::slug.eq_any(slugs)),
            ));
        }
        if let Some(slugs) = &$filter.authors {
            query = query.filter(diesel::dsl::exists(
                article_authors::table
                    .filter(article_authors::article_id.eq(articles::id))
                    .filter(article_authors::slug.eq_any(slugs)),
            ));
        }
        if let Some(states) = &$filter.states {
            let words: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
            query = query.filter(diesel::dsl::sql::<diesel::sql_types::Text>(STATE).eq_any(words));
        }
        query
    }};
}

impl Ordered for ArticleKey {
    const ID: Column = Column::id("articles.id");

    fn column(by: By<Self>) -> Column {
        match by.key {
            Self::UpdatedAt => Column::instant("articles.updated_at"),
            Self::Title => Column::text("articles.title"),
        }
    }
}

/// One page of articles.
pub fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &Filter,
    window: &Window<ArticleKey>,
) -> Result<(Page<Article>, Around), Problem> {
    let beyond = window.beyond()?;
    let rows: Vec<Article> = on!(conn, c => filtered!(scope, filter)
        .select(Article::as_select())
        .filter(beyond)
        .order(window.order_by())
        .limit(window.fetch())
        .load(c))?;
    let value = |article: &Article, by: By<ArticleKey>| match by.key {
        ArticleKey::UpdatedAt => article.updated_at.to_rfc3339(),
        ArticleKey::Title => article.title.clone(),
    };
    let page = window.page(rows, value, |article| article.id.to_string());
    let ids: Vec<ArticleId> = page.items.iter().map(|article| article.id).collect();
    let around = around(conn, &ids)?;
    Ok((page, around))
}

/// How many articles there are.
pub fn count(conn: &mut Conn, scope: Scope, filter: &Filter) -> Result<i64, Problem> {
    Ok(on!(conn, c => filtered!(scope, filter).count().get_result(c))?)
}
