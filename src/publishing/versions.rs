//! Publications that another one has taken the place of: kept as they stood, so that they stay citable. The library is
//! not followed any more; only the form of the documents is, when an ibid comes that makes them otherwise.

use diesel::prelude::*;
use serde_json::json;

use super::document::PublishedStudy;
use super::log;
use super::refresh::{self, START, Stored, renumbered};
use super::render::{self, RENDITION, Rendered};
use super::shelf::Shelf;
use super::store::{self, Row};
use crate::app::App;
use crate::db::Conn;
use crate::db::schema::publication_versions as versions;
use crate::db::schema::publications;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::ArticleId;
use crate::on;

/// How many are rendered anew in one transaction.
const BATCH: i64 = 20;

/// The columns that a publication and its kept version have in common.
macro_rules! columns {
    ($table:ident) => {
        (
            $table::article_id,
            $table::number,
            $table::slug,
            $table::language,
            $table::title,
            $table::published_at,
            $table::updated_at,
            $table::word_count,
            $table::comment_policy,
            $table::head,
            $table::sections,
            $table::citations,
            $table::source,
            $table::rendition,
            $table::style,
            $table::bodies,
            $table::review_due,
            $table::translation_group,
        )
    };
}

/// Keeps the publication of the article as it stands, before another one takes its place or it is taken down.
pub fn keep(conn: &mut Conn, article: ArticleId) -> Result<(), Problem> {
    on!(conn, c => publications::table
        .filter(publications::article_id.eq(article))
        .select(columns!(publications))
        .insert_into(versions::table)
        .into_columns(columns!(versions))
        .execute(c))?;
    Ok(())
}

/// Gives all kept versions that an earlier ibid rendered the form that documents have now, some at a time.
///
/// # Errors
/// Only what the database refuses.
pub async fn bring_up_to_date(app: &App) -> Result<(), Problem> {
    let mut place = (START, 0);
    loop {
        let now = app.clock.now();
        let Some(last) = app.db.write(move |conn| some(conn, place, now)).await? else { return Ok(()) };
        place = last;
    }
}

/// The rendition, the article and the number of a version: the order in which they are rendered anew, which is that of the
/// index.
type Place = (refresh::Place, i32);

/// Renders some of them anew, those beyond this place. Answers that of the last; `None`: there are none left. One that
/// cannot be rendered stays as it is, and the server's log says so.
fn some(conn: &mut Conn, beyond: Place, now: Instant) -> Result<Option<Place>, Problem> {
    store::lock(conn)?;
    let rows = outdated(conn, beyond)?;
    let mut changed = Vec::new();
    for row in &rows {
        match rendered(conn, row) {
            Ok(rendered) => {
                let renewed = row.in_form_of(&rendered)?;
                write(conn, &renewed)?;
                if renewed != (Row { rendition: RENDITION, ..row.clone() }) {
                    let detail = json!({"slug": row.slug, "version": row.number, "rendition": RENDITION});
                    changed.push((row.article_id, detail));
                }
            }
            Err(problem) => {
                tracing::error!(cause = problem.cause(), "a kept version stays as an earlier ibid rendered it");
            }
        }
    }
    log::append_all(conn, log::Kind::Refresh, changed, now)?;
    Ok(rows.last().map(|row| ((row.rendition, row.article_id), row.number)))
}

fn outdated(conn: &mut Conn, ((rendition, article), number): Place) -> Result<Vec<Row>, Problem> {
    let later = versions::article_id.gt(article).or(versions::article_id.eq(article).and(versions::number.gt(number)));
    let later = versions::rendition.gt(rendition).or(versions::rendition.eq(rendition).and(later));
    Ok(on!(conn, c => versions::table
        .filter(versions::rendition.lt(RENDITION))
        .filter(later)
        .order((versions::rendition, versions::article_id, versions::number))
        .limit(BATCH)
        .select(columns!(versions))
        .load(c))?)
}

/// The same text with the studies as they were.
fn rendered(conn: &mut Conn, row: &Row) -> Result<Rendered, Problem> {
    let frozen = studies(row)?;
    match row.source()? {
        Some(source) => {
            let shelf = shelf(conn, source.keys().collect(), &source.style, frozen)?;
            render::publication(&source, row.facts(), &shelf)
        }
        None => {
            let stored: Vec<Stored> = serde_json::from_str(&row.citations).map_err(|error| row.damaged(error))?;
            let keys = stored.iter().map(Stored::key).collect();
            renumbered(row, &stored, &shelf(conn, keys, &row.style, frozen)?)
        }
    }
}

/// The studies of the version, as far as they have the form that they have now.
fn studies(row: &Row) -> Result<Vec<PublishedStudy>, Problem> {
    let citations: Vec<serde_json::Value> = serde_json::from_str(&row.citations).map_err(|error| row.damaged(error))?;
    let study = |citation: &serde_json::Value| serde_json::from_value(citation["study"].clone()).ok();
    Ok(citations.iter().filter_map(study).collect())
}

fn shelf(conn: &mut Conn, keys: Vec<&str>, style: &str, frozen: Vec<PublishedStudy>) -> Result<Shelf, Problem> {
    let mut shelf = Shelf::default();
    shelf.stock(conn, keys.iter().copied().collect(), [style].into())?;
    shelf.freeze(&keys, &frozen);
    Ok(shelf)
}

fn write(conn: &mut Conn, row: &Row) -> Result<(), Problem> {
    on!(conn, c => diesel::update(versions::table.find((row.article_id, row.number)))
        .set((
            versions::word_count.eq(row.word_count),
            versions::head.eq(&row.head),
            versions::sections.eq(&row.sections),
            versions::citations.eq(&row.citations),
            versions::bodies.eq(&row.bodies),
            versions::rendition.eq(row.rendition),
        ))
        .execute(c))?;
    Ok(())
}
