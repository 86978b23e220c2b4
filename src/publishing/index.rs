//! Every query that writes what search reads. A text that is as it stands is not indexed again: a retraction changes many
//! publications, and the words of none.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};

use super::document::PublishedStudy;
use super::searchable::{Searchable, of_study};
use crate::db::Conn;
use crate::db::schema::{publication_texts, search_languages, study_texts};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::{ArticleId, StudyId};
use crate::on;
use crate::text::search::{Class, Index, Part, block_marks, fts5_text, tsvectors};

/// How many values one statement takes; SQLite knows at most 32,766 bound ones.
const MOST_BOUND: usize = 5_000;

/// What is stored of an article's text.
#[derive(PartialEq, Insertable, AsChangeset, Queryable, Selectable)]
#[diesel(table_name = publication_texts)]
struct Row {
    article_id: ArticleId,
    published_at: Instant,
    title: String,
    labels: String,
    parts: String,
}

fn text(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}

/// Lets search find these publications as they are now. Answers those that it found otherwise before.
pub fn keep(conn: &mut Conn, all: &[Searchable]) -> Result<Vec<ArticleId>, Problem> {
    let ids: Vec<ArticleId> = all.iter().map(|searchable| searchable.id).collect();
    let standing: Vec<(i64, Row)> = on!(conn, c => publication_texts::table
        .filter(publication_texts::article_id.eq_any(&ids))
        .select((publication_texts::seq, Row::as_select()))
        .load(c))?;
    let mut standing: HashMap<ArticleId, (i64, Row)> =
        standing.into_iter().map(|(seq, row)| (row.article_id, (seq, row))).collect();
    let mut indexed = Vec::new();
    for searchable in all {
        let row = Row {
            article_id: searchable.id,
            published_at: searchable.published_at,
            title: searchable.title.clone(),
            labels: text(&searchable.labels)?,
            parts: text(&searchable.parts)?,
        };
        match standing.remove(&searchable.id) {
            Some((_, stands)) if stands == row => {}
            stands => {
                keep_one(conn, searchable, row, stands.map(|(seq, _)| seq))?;
                indexed.push(searchable.id);
            }
        }
    }
    Ok(indexed)
}

fn keep_one(conn: &mut Conn, searchable: &Searchable, row: Row, seq: Option<i64>) -> Result<(), Problem> {
    let index = searchable.index();
    let of_index = (
        publication_texts::length.eq(i32::try_from(index.length()).unwrap_or(i32::MAX)),
        publication_texts::profile.eq(index.profile().into_bytes()),
    );
    let seq = match seq {
        Some(seq) => {
            on!(conn, c => diesel::update(publication_texts::table.find(seq)).set((&row, of_index)).execute(c))?;
            seq
        }
        None => on!(conn, c => diesel::insert_into(publication_texts::table)
            .values((&row, of_index))
            .returning(publication_texts::seq)
            .get_result(c))?,
    };
    let marks = searchable.labels.marks();
    match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("DELETE FROM publication_words WHERE rowid = ?").bind::<BigInt, _>(seq).execute(c)?;
            let [title, lead, body, studies] = Class::ALL.map(|class| fts5_text(&index, class));
            let insert =
                "INSERT INTO publication_words (rowid, title, lead, body, studies, marks) VALUES (?, ?, ?, ?, ?, ?)";
            diesel::sql_query(insert)
                .bind::<BigInt, _>(seq)
                .bind::<Text, _>(title)
                .bind::<Text, _>(lead)
                .bind::<Text, _>(body)
                .bind::<Text, _>(studies)
                .bind::<Text, _>(marks.join(" "))
                .execute(c)?;
        }
        Conn::Postgres(_) => {
            let marks: Vec<String> = marks.into_iter().chain(block_marks(seq)).collect();
            keep_vectors(conn, "publication_words", seq, tsvectors(&index, &marks))?;
        }
    }
    keep_languages(conn, &index)
}

/// PostgreSQL's part of it.
fn keep_vectors(conn: &mut Conn, table: &'static str, seq: i64, vectors: Vec<String>) -> Result<(), Problem> {
    let Conn::Postgres(c) = conn else { return Ok(()) };
    let c = &mut **c;
    diesel::sql_query(format!("DELETE FROM {table} WHERE seq = $1")).bind::<BigInt, _>(seq).execute(c)?;
    let alone = vectors.len() == 1;
    let insert = format!("INSERT INTO {table} (seq, volume, alone, words) VALUES ($1, $2, $3, $4::tsvector)");
    for (volume, vector) in (1..).zip(vectors) {
        diesel::sql_query(&insert)
            .bind::<BigInt, _>(seq)
            .bind::<Integer, _>(volume)
            .bind::<Bool, _>(alone)
            .bind::<Text, _>(vector)
            .execute(c)?;
    }
    Ok(())
}

fn keep_languages(conn: &mut Conn, index: &Index) -> Result<(), Problem> {
    let codes: Vec<_> = index.languages().map(|code| search_languages::code.eq(code)).collect();
    if !codes.is_empty() {
        on!(conn, c => diesel::insert_into(search_languages::table).values(&codes).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// Those of the studies that search does not find yet.
pub fn missing(conn: &mut Conn, studies: &[StudyId]) -> Result<Vec<StudyId>, Problem> {
    let mut missing = studies.to_vec();
    for studies in studies.chunks(MOST_BOUND) {
        let there: Vec<StudyId> = on!(conn, c => study_texts::table
            .filter(study_texts::study_id.eq_any(studies))
            .select(study_texts::study_id)
            .load(c))?;
        missing.retain(|study| !there.contains(study));
    }
    Ok(missing)
}

/// Lets search find a study as it is now.
pub fn keep_study(conn: &mut Conn, study: &PublishedStudy) -> Result<(), Problem> {
    let standing: Option<i64> = on!(conn, c => study_texts::table
        .filter(study_texts::study_id.eq(study.id))
        .select(study_texts::seq)
        .first(c)
        .optional())?;
    let seq = match standing {
        Some(seq) => seq,
        None => on!(conn, c => diesel::insert_into(study_texts::table)
            .values(study_texts::study_id.eq(study.id))
            .returning(study_texts::seq)
            .get_result(c))?,
    };
    let part: Part = of_study(study);
    let index = Index::of("en", std::slice::from_ref(&part));
    match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("DELETE FROM study_words WHERE rowid = ?").bind::<BigInt, _>(seq).execute(c)?;
            diesel::sql_query("INSERT INTO study_words (rowid, words) VALUES (?, ?)")
                .bind::<BigInt, _>(seq)
                .bind::<Text, _>(fts5_text(&index, Class::Studies))
                .execute(c)?;
        }
        Conn::Postgres(_) => keep_vectors(conn, "study_words", seq, tsvectors(&index, &[]))?,
    }
    keep_languages(conn, &index)
}
