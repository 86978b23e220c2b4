//! Every query of searching.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel::sqlite::SqliteConnection;

use super::matching::{Piece, matching_seqs};
use super::terms::Terms;
use crate::db::Conn;
use crate::db::schema::{publication_texts, search_languages};
use crate::db::types::Instant;
use crate::db::types::sql::{Id, Instant as Moment};
use crate::delivery::model::Moments;
use crate::error::Problem;
use crate::ids::ArticleId;
use crate::on;
use crate::text::search::{BLOCKS, Part, Stemming, block_mark};

/// How many of the articles that match are ranked: those that came in last. A word that every article has would otherwise
/// cost the more the more articles there are.
pub const MOST_RANKED: usize = 1_000;

/// The stemmings that the words of the index have.
pub fn stemmings(conn: &mut Conn) -> QueryResult<Vec<Stemming>> {
    let codes: Vec<String> =
        on!(conn, c => search_languages::table.select(search_languages::code).order(search_languages::code).load(c))?;
    Ok(codes.iter().filter_map(|code| Stemming::of(code)).collect())
}

/// An article that matches, and what it is ranked by.
#[derive(Debug, QueryableByName)]
pub struct Candidate {
    #[diesel(sql_type = Id)]
    pub article_id: ArticleId,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Integer)]
    pub length: i32,
    #[diesel(sql_type = Binary)]
    pub profile: Vec<u8>,
    /// The JSON text of its labels, when they were asked for.
    #[diesel(sql_type = Nullable<Text>)]
    pub labels: Option<String>,
    /// When it was published, when that was asked for.
    #[diesel(sql_type = Nullable<Moment>)]
    pub published_at: Option<Instant>,
}

/// What is read of candidates beyond what they are ranked by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Besides {
    pub labels: bool,
    pub dates: bool,
}

/// The articles that match, of these moments, that came in last: one more than are ranked, if there are more.
pub fn candidates(conn: &mut Conn, terms: &Terms, moments: &Moments, besides: Besides) -> QueryResult<Vec<Candidate>> {
    match conn {
        Conn::Sqlite(c) => candidates_of_sqlite(c, terms, moments, besides),
        Conn::Postgres(_) => {
            // A common word is in so many articles that finding all of them takes long. Among the newest it is often enough.
            for blocks in newest_blocks(conn)? {
                let some = candidates_of_postgres(conn, &terms.clone().and(blocks), moments, besides)?;
                if some.len() > MOST_RANKED {
                    return Ok(some);
                }
            }
            candidates_of_postgres(conn, terms, moments, besides)
        }
    }
}

const COLUMNS: &str = "t.article_id, t.title, t.length, t.profile";

/// When the article of a text was published.
const DATE: &str = "(SELECT dated.published_at FROM publications dated WHERE dated.article_id = t.article_id)";

fn candidates_of_sqlite(
    c: &mut SqliteConnection,
    terms: &Terms,
    moments: &Moments,
    besides: Besides,
) -> QueryResult<Vec<Candidate>> {
    let (join, conditions) = of_sqlite(moments);
    let date = if besides.dates { DATE } else { "NULL" };
    // Read in the order of the index, from its end: what is past the limit is not looked at.
    let query = diesel::sql_query(format!(
        "SELECT {COLUMNS}, {date} AS published_at, CASE WHEN ? THEN t.labels END AS labels FROM publication_words CROSS JOIN publication_texts t \
         ON t.seq = publication_words.rowid {join} WHERE publication_words MATCH ? {conditions} \
         ORDER BY publication_words.rowid DESC LIMIT ?"
    ));
    let query = query.into_boxed().bind::<Bool, _>(besides.labels).bind::<Text, _>(terms.fts5());
    let query = moments.conditions().into_iter().fold(query, |query, (_, at)| query.bind::<Moment, _>(at));
    query.bind::<BigInt, _>(MOST_RANKED as i64 + 1).load(c)
}

/// What narrows a search to articles of these moments: the publication of each text, and what it has to meet.
fn of_sqlite(moments: &Moments) -> (&'static str, String) {
    let conditions: String = moments.conditions().iter().map(|(sql, _)| format!(" AND {sql}?")).collect();
    let join = match conditions.as_str() {
        "" => "",
        _ => "CROSS JOIN publications ON publications.article_id = t.article_id",
    };
    (join, conditions)
}

fn candidates_of_postgres(
    conn: &mut Conn,
    terms: &Terms,
    moments: &Moments,
    besides: Besides,
) -> QueryResult<Vec<Candidate>> {
    let Conn::Postgres(c) = conn else { return Ok(Vec::new()) };
    let (seqs, values) = numbered(matching_seqs("publication_words", terms), 3);
    let narrowed = of_postgres(moments, 3 + values.len());
    let date = if besides.dates { DATE } else { "NULL::timestamptz" };
    let query = diesel::sql_query(format!(
        "SELECT {COLUMNS}, {date} AS published_at, CASE WHEN $1 THEN t.labels END AS labels \
         FROM (SELECT seq FROM ({seqs}) found {narrowed} ORDER BY seq DESC LIMIT $2) newest \
         JOIN publication_texts t USING (seq) ORDER BY seq DESC"
    ));
    let query = query.into_boxed().bind::<Bool, _>(besides.labels).bind::<BigInt, _>(MOST_RANKED as i64 + 1);
    let query = values.into_iter().fold(query, |query, value| query.bind::<Text, _>(value));
    moments.conditions().into_iter().fold(query, |query, (_, at)| query.bind::<Moment, _>(at)).load(&mut **c)
}

/// As [`of_sqlite`], of rows with the number of a text; the places of the moments are numbered from `first` on.
fn of_postgres(moments: &Moments, first: usize) -> String {
    let conditions: Vec<String> =
        moments.conditions().iter().zip(first..).map(|((sql, _), place)| format!("{sql}${place}")).collect();
    match conditions.as_slice() {
        [] => String::new(),
        all => format!(
            "JOIN publication_texts USING (seq) JOIN publications USING (article_id) WHERE {}",
            all.join(" AND ")
        ),
    }
}

/// The marks of the last two blocks of articles, for each size of block that is smaller than the site.
fn newest_blocks(conn: &mut Conn) -> QueryResult<Vec<[String; 2]>> {
    let last: Option<i64> = on!(conn, c => publication_texts::table
        .select(diesel::dsl::max(publication_texts::seq))
        .first(c))?;
    Ok(last.map(last_blocks).unwrap_or_default())
}

/// As [`newest_blocks`], of a site whose last article has this number.
fn last_blocks(last: i64) -> Vec<[String; 2]> {
    let blocks = BLOCKS.iter().map(|bits| (*bits, last >> bits)).filter(|(_, block)| *block > 1);
    blocks.map(|(bits, block)| [block, block - 1].map(|block| block_mark(bits, block))).collect()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many articles match, of these moments.
pub fn count(conn: &mut Conn, terms: &Terms, moments: &Moments) -> QueryResult<i64> {
    let count: Count = match conn {
        Conn::Sqlite(c) => {
            let (join, conditions) = of_sqlite(moments);
            let texts = match join {
                "" => String::new(),
                _ => format!("CROSS JOIN publication_texts t ON t.seq = publication_words.rowid {join}"),
            };
            let query = diesel::sql_query(format!(
                "SELECT count(*) AS n FROM publication_words {texts} WHERE publication_words MATCH ? {conditions}"
            ));
            let query = query.into_boxed().bind::<Text, _>(terms.fts5());
            moments.conditions().into_iter().fold(query, |query, (_, at)| query.bind::<Moment, _>(at)).get_result(c)?
        }
        Conn::Postgres(c) => {
            let (seqs, values) = numbered(matching_seqs("publication_words", terms), 1);
            let narrowed = of_postgres(moments, 1 + values.len());
            let query =
                diesel::sql_query(format!("SELECT count(*) AS n FROM ({seqs}) matching {narrowed}")).into_boxed();
            let query = values.into_iter().fold(query, |query, value| query.bind::<Text, _>(value));
            let query = moments.conditions().into_iter().fold(query, |query, (_, at)| query.bind::<Moment, _>(at));
            query.get_result(&mut **c)?
        }
    };
    Ok(count.n)
}

/// The pieces as one text with numbered places from `first` on, and the values for them.
fn numbered(pieces: Vec<Piece>, first: usize) -> (String, Vec<String>) {
    let (mut text, mut values) = (String::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Sql(sql) => text.push_str(&sql),
            Piece::Value(value) => {
                text.push_str(&format!("${}", first + values.len()));
                values.push(value);
            }
        }
    }
    (text, values)
}

/// The parts of these articles in plain text.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn parts(conn: &mut Conn, articles: &[ArticleId]) -> Result<HashMap<ArticleId, Vec<Part>>, Problem> {
    if articles.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(ArticleId, String)> = on!(conn, c => publication_texts::table
        .filter(publication_texts::article_id.eq_any(articles))
        .select((publication_texts::article_id, publication_texts::parts))
        .load(c))?;
    let read = |(id, text): (ArticleId, String)| match serde_json::from_str(&text) {
        Ok(parts) => Ok((id, parts)),
        Err(error) => Err(Problem::internal(format!("the text of article {id} cannot be read: {error}"))),
    };
    rows.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_grow_with_the_site() {
        assert!(last_blocks(1).is_empty());
        assert!(last_blocks(16_383).is_empty());
        assert_eq!(last_blocks(16_384), [["block13:2", "block13:1"]]);
        let marks = last_blocks(1_100_000);
        assert_eq!(
            marks.iter().map(|marks| marks[0].as_str()).collect::<Vec<_>>(),
            ["block13:134", "block16:16", "block19:2"]
        );
    }
}
