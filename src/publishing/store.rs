//! Every query that writes publications.

use std::collections::HashSet;

use diesel::prelude::*;

use super::document::{Head, PublishedCitation, PublishedSection};
use crate::comments::CommentPolicy;
use crate::db::schema::{
    publication_authors, publication_citations, publication_tags, publications, published_studies, slug_redirects,
};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::error::{Code, Problem};
use crate::ids::{ArticleId, StudyId};
use crate::library::sorted_title;
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
    head: String,
    sections: String,
    citations: String,
}

fn text(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}

impl Row {
    pub fn new(
        head: &Head,
        comment_policy: CommentPolicy,
        sections: &[PublishedSection],
        citations: &[PublishedCitation],
    ) -> Result<Self, Problem> {
        Ok(Self {
            article_id: head.id,
            number: head.version,
            slug: head.slug.clone(),
            language: head.language.clone(),
            title: head.title.clone(),
            published_at: head.published_at,
            updated_at: head.updated_at,
            word_count: head.word_count,
            comment_policy,
            head: text(head)?,
            sections: text(&sections)?,
            citations: text(&citations)?,
        })
    }

    pub fn head(&self) -> Result<Head, Problem> {
        serde_json::from_str(&self.head).map_err(Problem::internal)
    }

    pub fn citations(&self) -> Result<Vec<PublishedCitation>, Problem> {
        serde_json::from_str(&self.citations).map_err(Problem::internal)
    }

    /// Puts newly rendered citations in.
    pub fn refresh(&mut self, head: &Head, citations: &[PublishedCitation]) -> Result<(), Problem> {
        self.updated_at = head.updated_at;
        self.head = text(head)?;
        self.citations = text(&citations)?;
        Ok(())
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

/// The publications that cite a study, in the order of their ids: every writer locks them so.
pub fn citing(conn: &mut Conn, study: StudyId) -> Result<Vec<Row>, Problem> {
    let cites = publications::article_id.eq_any(
        publication_citations::table
            .filter(publication_citations::study_id.eq(study))
            .select(publication_citations::article_id),
    );
    Ok(on!(conn, c => publications::table
        .filter(cites)
        .order(publications::article_id)
        .select(Row::as_select())
        .load(c))?)
}

/// Replaces what the public reads of an article.
pub fn keep(conn: &mut Conn, row: &Row, head: &Head, citations: &[PublishedCitation]) -> Result<(), Problem> {
    let id = row.article_id;
    on!(conn, c => diesel::insert_into(publications::table)
        .values(row)
        .on_conflict(publications::article_id)
        .do_update()
        .set(row)
        .execute(c))
    .map_err(slug_taken)?;
    on!(conn, c => diesel::delete(publication_authors::table.filter(publication_authors::article_id.eq(id))).execute(c))?;
    let authors: Vec<_> = (1..)
        .zip(&head.authors)
        .map(|(position, author): (i32, _)| {
            (
                publication_authors::article_id.eq(id),
                publication_authors::position.eq(position),
                publication_authors::slug.eq(&author.slug),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(publication_authors::table).values(authors).execute(c))?;
    on!(conn, c => diesel::delete(publication_tags::table.filter(publication_tags::article_id.eq(id))).execute(c))?;
    let tags: Vec<_> = (1..)
        .zip(&head.tags)
        .map(|(position, tag): (i32, _)| {
            (
                publication_tags::article_id.eq(id),
                publication_tags::position.eq(position),
                publication_tags::slug.eq(&tag.slug),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(publication_tags::table).values(tags).execute(c))?;
    keep_citations(conn, id, citations, row.updated_at)
}

fn slug_taken(error: diesel::result::Error) -> Problem {
    match violation(&error) {
        Some(Violation::Unique(columns)) if columns == "publications.slug" => {
            Problem::new(Code::SlugTaken, "Another published article has this slug.")
        }
        _ => error.into(),
    }
}

fn keep_citations(
    conn: &mut Conn,
    article: ArticleId,
    citations: &[PublishedCitation],
    now: Instant,
) -> Result<(), Problem> {
    let before: Vec<StudyId> = on!(conn, c => publication_citations::table
        .filter(publication_citations::article_id.eq(article))
        .select(publication_citations::study_id)
        .load(c))?;
    on!(conn, c => diesel::delete(publication_citations::table.filter(publication_citations::article_id.eq(article)))
        .execute(c))?;
    keep_studies(conn, citations, now)?;
    let rows: Vec<_> = citations
        .iter()
        .map(|citation| {
            (
                publication_citations::article_id.eq(article),
                publication_citations::study_id.eq(citation.study.id),
                publication_citations::number.eq(i32::try_from(citation.number).unwrap_or(i32::MAX)),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(publication_citations::table).values(rows).execute(c))?;
    let now_cited: HashSet<StudyId> = citations.iter().map(|citation| citation.study.id).collect();
    let left: Vec<StudyId> = before.into_iter().filter(|study| !now_cited.contains(study)).collect();
    forget_studies(conn, &left)
}

fn keep_studies(conn: &mut Conn, citations: &[PublishedCitation], now: Instant) -> Result<(), Problem> {
    // In the order of their ids, so that two publications that share studies never wait for each other in a circle.
    let mut studies: Vec<_> = citations.iter().map(|citation| &citation.study).collect();
    studies.sort_by_key(|study| study.id);
    for study in studies {
        let values = (
            published_studies::study_id.eq(study.id),
            published_studies::key.eq(&study.key),
            published_studies::title.eq(sorted_title(study.title.as_deref().unwrap_or_default())),
            published_studies::year.eq(study.year),
            published_studies::doi.eq(&study.doi),
            published_studies::pmid.eq(&study.pmid),
            published_studies::pmcid.eq(&study.pmcid),
            published_studies::document.eq(text(study)?),
            published_studies::updated_at.eq(now),
        );
        on!(conn, c => diesel::insert_into(published_studies::table)
            .values(values.clone())
            .on_conflict(published_studies::study_id)
            .do_update()
            .set(values)
            .execute(c))?;
    }
    Ok(())
}

/// Takes studies that no publication cites any more out of what the public reads.
fn forget_studies(conn: &mut Conn, studies: &[StudyId]) -> Result<(), Problem> {
    if studies.is_empty() {
        return Ok(());
    }
    let cited = diesel::dsl::exists(
        publication_citations::table.filter(publication_citations::study_id.eq(published_studies::study_id)),
    );
    on!(conn, c => diesel::delete(
            published_studies::table
                .filter(published_studies::study_id.eq_any(studies))
                .filter(diesel::dsl::not(cited)),
        )
        .execute(c))?;
    Ok(())
}

/// Writes newly rendered citations; numbers and studies are the same as before.
pub fn refresh(conn: &mut Conn, row: &Row, citations: &[PublishedCitation]) -> Result<(), Problem> {
    on!(conn, c => diesel::update(publications::table.find(row.article_id)).set(row).execute(c))?;
    keep_studies(conn, citations, row.updated_at)
}

/// Takes a publication down.
pub fn remove(conn: &mut Conn, article: ArticleId) -> Result<(), Problem> {
    keep_citations(conn, article, &[], Instant::new(time::OffsetDateTime::UNIX_EPOCH))?;
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
