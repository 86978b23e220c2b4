//! Every query that writes publications.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use super::document::{Head, PublishedCitation, PublishedStudy};
use super::index;
use super::names;
use super::render::{Facts, RENDITION, Rendered};
use super::searchable::Searchable;
use super::source::Source;
use crate::comments::CommentPolicy;
use crate::db::day::Day;
use crate::db::schema::{publication_citations, publications, published_studies, slug_redirects};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::editorial::draft::Article;
use crate::error::{Code, Problem};
use crate::http::fault::Fault;
use crate::ids::{ArticleId, GroupId, StudyId};
use crate::library::{EvidenceLevel, sorted_title};
use crate::on;

/// The row of a publication.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = publications)]
pub struct Row {
    pub article_id: ArticleId,
    pub number: i32,
    pub slug: String,
    pub language: String,
    pub title: String,
    pub published_at: Instant,
    pub updated_at: Instant,
    pub word_count: i32,
    pub comment_policy: CommentPolicy,
    /// The frozen parts, as JSON text: what is answered is these bytes.
    pub head: String,
    pub sections: String,
    pub citations: String,
    /// What it was rendered from: a [`Source`] as JSON text. `None`: it was published before this was kept.
    pub source: Option<String>,
    pub rendition: i32,
    pub style: String,
    /// The text of the sections in other forms, as JSON text. `None`: it was published before this was kept.
    pub bodies: Option<String>,
    pub review_due: Option<Day>,
    pub translation_group: GroupId,
}

fn text(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}

/// Whether a new rendering says anything else than the one that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Made,
    None,
}

impl Row {
    pub fn new(rendered: &Rendered, source: &Source, article: &Article) -> Result<Self, Problem> {
        let head = &rendered.head;
        Ok(Self {
            article_id: head.id,
            number: head.version,
            slug: head.slug.clone(),
            language: head.language.clone(),
            title: head.title.clone(),
            published_at: head.published_at,
            updated_at: head.updated_at,
            word_count: head.word_count,
            comment_policy: article.comment_policy,
            head: text(head)?,
            sections: text(&rendered.sections)?,
            citations: text(&rendered.citations)?,
            source: Some(text(source)?),
            rendition: RENDITION,
            style: rendered.style.clone(),
            bodies: Some(text(&rendered.bodies)?),
            review_due: head.reviewed.as_ref().and_then(|review| review.next_due),
            translation_group: article.translation_group,
        })
    }

    /// What it says of itself beside its source.
    pub fn facts(&self) -> Facts {
        Facts { number: self.number, published_at: self.published_at, updated_at: self.updated_at }
    }

    pub fn citations(&self) -> Result<Vec<PublishedCitation>, Problem> {
        serde_json::from_str(&self.citations).map_err(|error| self.damaged(error))
    }

    /// What it was rendered from.
    ///
    /// # Errors
    /// `internal` when what is stored is not what publishing writes.
    pub fn source(&self) -> Result<Option<Source>, Problem> {
        self.source.as_deref().map(serde_json::from_str).transpose().map_err(|error| self.damaged(error))
    }

    pub fn set_source(&mut self, source: &Source) -> Result<(), Problem> {
        self.source = Some(text(source)?);
        Ok(())
    }

    /// What is stored is not what publishing writes.
    pub fn damaged(&self, what: impl std::fmt::Display) -> Problem {
        Problem::internal(format!("the publication of article {} cannot be read: {what}", self.article_id))
    }

    /// The same in the form of a rendering that was made with its moment, which it keeps.
    pub fn in_form_of(&self, rendered: &Rendered) -> Result<Self, Problem> {
        Ok(Self {
            rendition: RENDITION,
            word_count: rendered.head.word_count,
            head: text(&rendered.head)?,
            sections: text(&rendered.sections)?,
            citations: text(&rendered.citations)?,
            bodies: Some(text(&rendered.bodies)?),
            ..self.clone()
        })
    }

    /// Takes a rendering that was made with the moment of the standing one. Only one that differs makes this moment
    /// `now`. A text in forms that it was not kept in before is the same text: the moment stays.
    pub fn take(&mut self, rendered: &Rendered, now: Instant) -> Result<Change, Problem> {
        self.rendition = RENDITION;
        self.style.clone_from(&rendered.style);
        let (head, sections, citations) =
            (text(&rendered.head)?, text(&rendered.sections)?, text(&rendered.citations)?);
        let bodies = Some(text(&rendered.bodies)?);
        if (&head, &sections, &citations) == (&self.head, &self.sections, &self.citations) {
            if bodies == self.bodies {
                return Ok(Change::None);
            }
            if self.bodies.is_none() {
                self.bodies = bodies;
                return Ok(Change::Made);
            }
        }
        self.updated_at = now;
        self.word_count = rendered.head.word_count;
        self.head = text(&Head { updated_at: now, ..rendered.head.clone() })?;
        (self.sections, self.citations, self.bodies) = (sections, citations, bodies);
        Ok(Change::Made)
    }
}

/// Any number that ibid alone takes: publishers wait for each other on it.
const PUBLISH_LOCK: i64 = 0x1b1d_0003;

/// Lets one transaction at a time change what the public reads. Publications share studies and slugs; taken one by one
/// they cannot meet each other half-way. Taken first, before any row. SQLite has one writer anyway.
pub fn lock(conn: &mut Conn) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({PUBLISH_LOCK})")).execute(&mut **c)?;
    }
    Ok(())
}

/// The publication of an article.
pub fn row(conn: &mut Conn, article: ArticleId) -> Result<Option<Row>, Problem> {
    Ok(on!(conn, c => publications::table.find(article).select(Row::as_select()).first(c).optional())?)
}

/// How many values one statement takes; SQLite knows at most 32,766 and PostgreSQL 65,535 bound ones.
const MOST_BOUND: usize = 5_000;

/// The articles whose publications cite any of these studies, in the order of their ids: every writer takes them so.
pub fn citing(conn: &mut Conn, studies: &[StudyId]) -> Result<Vec<ArticleId>, Problem> {
    let mut citing = BTreeSet::new();
    for studies in studies.chunks(MOST_BOUND) {
        let articles: Vec<ArticleId> = on!(conn, c => publication_citations::table
            .filter(publication_citations::study_id.eq_any(studies))
            .select(publication_citations::article_id)
            .distinct()
            .load(c))?;
        citing.extend(articles);
    }
    Ok(citing.into_iter().collect())
}

/// The articles whose publications are in this style, in the order of their ids.
pub fn in_style(conn: &mut Conn, style: &str) -> Result<Vec<ArticleId>, Problem> {
    Ok(on!(conn, c => publications::table
        .filter(publications::style.eq(style))
        .order(publications::article_id)
        .select(publications::article_id)
        .load(c))?)
}

/// The publications of these articles, in the order of their ids.
pub fn rows(conn: &mut Conn, articles: &[ArticleId]) -> Result<Vec<Row>, Problem> {
    Ok(on!(conn, c => publications::table
        .filter(publications::article_id.eq_any(articles))
        .order(publications::article_id)
        .select(Row::as_select())
        .load(c))?)
}

/// The renditions and articles of publications that an earlier ibid rendered, in this order, those beyond a place. It is that
/// of the index: where there are none, no publication is looked at, however many there are.
pub fn outdated(
    conn: &mut Conn,
    (rendition, article): (i32, ArticleId),
    most: i64,
) -> Result<Vec<(i32, ArticleId)>, Problem> {
    use publications::{article_id, rendition as rendered};
    Ok(on!(conn, c => publications::table
        .filter(rendered.lt(RENDITION))
        .filter(rendered.gt(rendition).or(rendered.eq(rendition).and(article_id.gt(article))))
        .order((rendered, article_id))
        .select((rendered, article_id))
        .limit(most)
        .load(c))?)
}

/// Replaces what the public reads of an article.
pub fn keep(conn: &mut Conn, row: &Row, rendered: &Rendered) -> Result<(), Problem> {
    let (id, head) = (row.article_id, &rendered.head);
    on!(conn, c => diesel::insert_into(publications::table)
        .values(row)
        .on_conflict(publications::article_id)
        .do_update()
        .set(row)
        .execute(c))
    .map_err(taken)?;
    names::keep(conn, id, row.published_at, &head.authors, &head.tags)?;
    keep_citations(conn, &[(id, rendered.citations.as_slice())], row.updated_at)?;
    index::keep(conn, &[Searchable::of(head, &rendered.sections, &rendered.citations)]).map(drop)
}

fn taken(error: diesel::result::Error) -> Problem {
    match violation(&error) {
        Some(Violation::Unique(columns)) if columns == "publications.slug" => {
            Problem::new(Code::SlugTaken, "Another published article has this slug.")
        }
        Some(Violation::Unique(columns)) if columns == "publications.translation_group, publications.language" => {
            let detail = "Another translation is published in this language: it has another one by now, or is none any \
                          more, but was not published anew. Publish or unpublish it first.";
            let fault = Fault::at("/language", Code::LanguageTaken.as_str(), detail);
            Problem::new(Code::LanguageTaken, detail).with_errors(vec![fault])
        }
        _ => error.into(),
    }
}

/// One row of the table of citations.
type Cited = (ArticleId, StudyId, i32, Option<EvidenceLevel>);

/// The rows of an article's citations. Two numbers can lead to one study only in a publication without a source, which
/// keeps the numbers that it has; the table knows the first.
fn cited_rows(article: ArticleId, citations: &[PublishedCitation]) -> Vec<Cited> {
    let mut seen = BTreeSet::new();
    let number = |citation: &PublishedCitation| i32::try_from(citation.number).unwrap_or(i32::MAX);
    let first = citations.iter().filter(|citation| seen.insert(citation.study.id));
    first.map(|citation| (article, citation.study.id, number(citation), citation.evidence_level)).collect()
}

/// Makes the tables of citations and of published studies agree with these articles' citations, writing what differs.
/// Answers the studies that search finds otherwise than before.
fn keep_citations(
    conn: &mut Conn,
    all: &[(ArticleId, &[PublishedCitation])],
    now: Instant,
) -> Result<BTreeSet<StudyId>, Problem> {
    let articles: Vec<ArticleId> = all.iter().map(|(article, _)| *article).collect();
    let mut before: HashMap<ArticleId, Vec<Cited>> = HashMap::new();
    let standing: Vec<Cited> = on!(conn, c => publication_citations::table
        .filter(publication_citations::article_id.eq_any(&articles))
        .order((publication_citations::article_id, publication_citations::number))
        .select((
            publication_citations::article_id,
            publication_citations::study_id,
            publication_citations::number,
            publication_citations::evidence_level,
        ))
        .load(c))?;
    for row in standing {
        before.entry(row.0).or_default().push(row);
    }
    let (mut gone, mut stale, mut fresh) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (article, citations) in all {
        let (was, is) = (before.remove(article).unwrap_or_default(), cited_rows(*article, citations));
        if was != is {
            gone.extend(was.into_iter().map(|(_, study, ..)| study));
            stale.push(*article);
            fresh.extend(is);
        }
    }
    if !stale.is_empty() {
        on!(conn, c => diesel::delete(publication_citations::table.filter(publication_citations::article_id.eq_any(&stale)))
            .execute(c))?;
    }
    let indexed = keep_studies(conn, all.iter().flat_map(|(_, citations)| *citations), now)?;
    for rows in fresh.chunks(MOST_BOUND) {
        let rows: Vec<_> = rows
            .iter()
            .map(|(article, study, number, level)| {
                (
                    publication_citations::article_id.eq(*article),
                    publication_citations::study_id.eq(*study),
                    publication_citations::number.eq(*number),
                    publication_citations::evidence_level.eq(*level),
                )
            })
            .collect();
        on!(conn, c => diesel::insert_into(publication_citations::table).values(rows).execute(c))?;
    }
    for (_, study, ..) in &fresh {
        gone.remove(study);
    }
    forget_studies(conn, &gone.into_iter().collect::<Vec<_>>())?;
    Ok(indexed)
}

/// Writes the published studies that differ from what stands, in the order of their ids. Answers those that were indexed.
fn keep_studies<'c>(
    conn: &mut Conn,
    citations: impl Iterator<Item = &'c PublishedCitation>,
    now: Instant,
) -> Result<BTreeSet<StudyId>, Problem> {
    let studies: BTreeMap<StudyId, &PublishedStudy> =
        citations.map(|citation| (citation.study.id, &citation.study)).collect();
    let ids: Vec<StudyId> = studies.keys().copied().collect();
    let mut standing: HashMap<StudyId, String> = HashMap::new();
    for ids in ids.chunks(MOST_BOUND) {
        let documents: Vec<(StudyId, String)> = on!(conn, c => published_studies::table
            .filter(published_studies::study_id.eq_any(ids))
            .select((published_studies::study_id, published_studies::document))
            .load(c))?;
        standing.extend(documents);
    }
    let mut indexed: BTreeSet<StudyId> = index::missing(conn, &ids)?.into_iter().collect();
    for study in studies.into_values() {
        let document = text(study)?;
        if standing.get(&study.id) != Some(&document) {
            keep_study(conn, study, document, now)?;
            indexed.insert(study.id);
        }
        if indexed.contains(&study.id) {
            index::keep_study(conn, study)?;
        }
    }
    Ok(indexed)
}

fn keep_study(conn: &mut Conn, study: &PublishedStudy, document: String, now: Instant) -> Result<(), Problem> {
    // A key that came here from a study that is still there, but only until its last publication is rendered anew.
    let stand_in = format!("~{}", study.id);
    on!(conn, c => diesel::update(published_studies::table)
        .filter(published_studies::key.eq(&study.key))
        .filter(published_studies::study_id.ne(study.id))
        .set(published_studies::key.eq(stand_in))
        .execute(c))?;
    let values = (
        published_studies::study_id.eq(study.id),
        published_studies::key.eq(&study.key),
        published_studies::title.eq(sorted_title(study.title.as_deref().unwrap_or_default())),
        published_studies::year.eq(study.year),
        published_studies::doi.eq(&study.doi),
        published_studies::pmid.eq(&study.pmid),
        published_studies::pmcid.eq(&study.pmcid),
        published_studies::document.eq(document),
        published_studies::updated_at.eq(now),
        published_studies::design.eq(study.design),
        published_studies::retraction.eq(study.status()),
    );
    on!(conn, c => diesel::insert_into(published_studies::table)
        .values(values.clone())
        .on_conflict(published_studies::study_id)
        .do_update()
        .set(values)
        .execute(c))?;
    Ok(())
}

/// Takes studies that no publication cites any more out of what the public reads.
fn forget_studies(conn: &mut Conn, studies: &[StudyId]) -> Result<(), Problem> {
    for studies in studies.chunks(MOST_BOUND) {
        let cited = diesel::dsl::exists(
            publication_citations::table.filter(publication_citations::study_id.eq(published_studies::study_id)),
        );
        on!(conn, c => diesel::delete(
                published_studies::table
                    .filter(published_studies::study_id.eq_any(studies))
                    .filter(diesel::dsl::not(cited)),
            )
            .execute(c))?;
    }
    Ok(())
}

/// A publication that was rendered anew.
pub struct Refreshed {
    pub row: Row,
    pub citations: Vec<PublishedCitation>,
    pub searchable: Searchable,
    pub change: Change,
}

/// Writes publications that were rendered anew. Those that say the same as before lose no more than their old rendition.
/// Answers those of which the public reads, or search finds, something else than before.
pub fn refresh(conn: &mut Conn, all: Vec<Refreshed>, now: Instant) -> Result<BTreeSet<ArticleId>, Problem> {
    for Refreshed { row, .. } in &all {
        on!(conn, c => diesel::update(publications::table.find(row.article_id)).set(row).execute(c))?;
    }
    let citations: Vec<_> = all.iter().map(|it| (it.row.article_id, it.citations.as_slice())).collect();
    let studies = keep_citations(conn, &citations, now)?;
    let cites = |it: &Refreshed| it.citations.iter().any(|citation| studies.contains(&citation.study.id));
    let changed = all.iter().filter(|it| it.change == Change::Made || cites(it)).map(|it| it.row.article_id);
    let mut changed: BTreeSet<ArticleId> = changed.collect();
    changed.extend(index::keep(conn, &all.into_iter().map(|it| it.searchable).collect::<Vec<_>>())?);
    Ok(changed)
}

/// Takes a publication down.
pub fn remove(conn: &mut Conn, article: ArticleId) -> Result<(), Problem> {
    keep_citations(conn, &[(article, &[])], Instant::new(time::OffsetDateTime::UNIX_EPOCH))?;
    names::remove(conn, article)?;
    on!(conn, c => diesel::delete(publications::table.find(article)).execute(c))?;
    Ok(())
}

/// Lets an old slug lead to the article.
pub fn redirect(conn: &mut Conn, slug: &str, article: ArticleId, now: Instant) -> Result<(), Problem> {
    on!(conn, c => diesel::insert_into(slug_redirects::table)
        .values((
            slug_redirects::slug.eq(slug),
            slug_redirects::article_id.eq(article),
            slug_redirects::created_at.eq(now),
        ))
        .on_conflict(slug_redirects::slug)
        .do_update()
        .set((slug_redirects::article_id.eq(article), slug_redirects::created_at.eq(now)))
        .execute(c))?;
    Ok(())
}

/// A slug that is in use leads nowhere else.
pub fn no_redirect(conn: &mut Conn, slug: &str) -> Result<(), Problem> {
    on!(conn, c => diesel::delete(slug_redirects::table.find(slug)).execute(c))?;
    Ok(())
}
