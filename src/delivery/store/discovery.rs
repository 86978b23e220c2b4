//! The queries behind what leads to articles: sitemaps, the site; and what readers say, for formats that have it.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Conn, comments};
use crate::db::schema::publications;
use crate::db::types::{Instant, sql};
use crate::error::Problem;
use crate::formats::Remarks;
use crate::http::page::Limit;
use crate::ids::ArticleId;
use crate::on;

/// What readers say about an article: the first threads, and how many comments there are.
pub fn remarks(conn: &mut Conn, article: ArticleId) -> Result<Remarks, Problem> {
    let count = comments::summaries(conn, &[article])?.remove(&article).unwrap_or_default();
    let threads = comments::first_threads(conn, &[article], Limit::default())?.remove(&article);
    Ok(Remarks { threads: threads.map(|page| page.items).unwrap_or_default(), count })
}

/// A file of the sitemap: the articles from this one on, by their ids, as many as go into a file.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Part {
    #[diesel(sql_type = sql::Id)]
    pub first: ArticleId,
    /// When something in it last changed.
    #[diesel(sql_type = sql::Instant)]
    pub changed: Instant,
}

/// The files that the sitemap consists of, when each has at most so many articles.
///
/// Ids sort by the time at which the article was made: new articles fill the last file, and a file is read from its first id on
/// without a look at those before.
pub fn parts(conn: &mut Conn, most: usize) -> QueryResult<Vec<Part>> {
    let text = "SELECT first, changed FROM (
            SELECT article_id AS first, place, max(updated_at) OVER (PARTITION BY place / $1) AS changed
            FROM (
                SELECT article_id, updated_at, row_number() OVER (ORDER BY article_id) - 1 AS place FROM publications
            ) AS placed
        ) AS parted WHERE place % $2 = 0 ORDER BY first";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    on!(conn, c => diesel::sql_query(text).bind::<BigInt, _>(most).bind::<BigInt, _>(most).load(c))
}

/// What a sitemap says of an article.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = publications)]
pub struct Listed {
    #[diesel(column_name = article_id)]
    pub id: ArticleId,
    pub slug: String,
    pub language: String,
    pub updated_at: Instant,
}

/// The articles from this one on, by their ids.
pub fn listed(conn: &mut Conn, first: ArticleId, most: usize) -> QueryResult<Vec<Listed>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    on!(conn, c => publications::table
        .filter(publications::article_id.ge(first))
        .order(publications::article_id.asc())
        .limit(most)
        .select(Listed::as_select())
        .load(c))
}

/// What a sitemap says of a translation.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Other {
    pub language: String,
    pub id: ArticleId,
    pub slug: String,
}

/// What is published of the translations of the articles from `first` to `last`, by the ids of these.
pub fn translations(conn: &mut Conn, first: ArticleId, last: ArticleId) -> QueryResult<HashMap<ArticleId, Vec<Other>>> {
    let others = diesel::alias!(publications as others);
    let rows: Vec<(ArticleId, Other)> = on!(conn, c => publications::table
        .inner_join(
            others.on(others
                .field(publications::translation_group)
                .eq(publications::translation_group)
                .and(others.field(publications::article_id).ne(publications::article_id))),
        )
        .filter(publications::article_id.between(first, last))
        .select((
            publications::article_id,
            (
                others.field(publications::language),
                others.field(publications::article_id),
                others.field(publications::slug),
            ),
        ))
        .load(c))?;
    let mut by_article: HashMap<ArticleId, Vec<Other>> = HashMap::new();
    for (article, other) in rows {
        by_article.entry(article).or_default().push(other);
    }
    Ok(by_article)
}

#[derive(QueryableByName)]
struct Spoken {
    #[diesel(sql_type = Text)]
    language: String,
}

/// The languages that something is published in, by their tags. Each is looked up in the index after the one before.
pub fn languages(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let text = "WITH RECURSIVE spoken (language) AS (
            SELECT (SELECT min(language) FROM publications)
            UNION ALL
            SELECT (SELECT min(p.language) FROM publications p WHERE p.language > spoken.language)
            FROM spoken WHERE spoken.language IS NOT NULL
        )
        SELECT language FROM spoken WHERE language IS NOT NULL";
    let spoken: Vec<Spoken> = on!(conn, c => diesel::sql_query(text).load(c))?;
    Ok(spoken.into_iter().map(|row| row.language).collect())
}
