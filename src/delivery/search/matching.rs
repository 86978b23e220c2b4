//! The condition that a text matches, in the SQL of each database.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};
use diesel::sqlite::Sqlite;

use super::terms::Terms;

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    Articles,
    Studies,
}

impl Searched {
    /// The column of the thing, the table that numbers it, that table's column of it, and the table of words.
    fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Articles => ("publications.article_id", "publication_texts", "article_id", "publication_words"),
            Self::Studies => ("published_studies.study_id", "study_texts", "study_id", "study_words"),
        }
    }
}

/// That a published article or a study matches: a condition of a query over `publications` or `published_studies`.
#[derive(Debug, Clone)]
pub struct Matching {
    sqlite: [Piece; 3],
    postgres: Vec<Piece>,
}

impl Matching {
    pub fn new(searched: Searched, terms: &Terms) -> Self {
        let (id, texts, column, words) = searched.names();
        let sqlite = format!(
            "{id} IN (SELECT t.{column} FROM {words} CROSS JOIN {texts} t ON t.seq = {words}.rowid WHERE {words} MATCH "
        );
        let postgres = format!("{id} IN (SELECT t.{column} FROM {texts} t WHERE t.seq IN (");
        let seqs = matching_seqs(words, terms);
        Self {
            sqlite: [Piece::Sql(sqlite), Piece::Value(terms.fts5()), Piece::Sql(")".to_owned())],
            postgres: [Piece::Sql(postgres)].into_iter().chain(seqs).chain([Piece::Sql("))".to_owned())]).collect(),
        }
    }
}

/// SQL and the values between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Sql(String),
    Value(String),
}

/// The numbers (`seq`) of the texts that match, on PostgreSQL. Most texts are in one vector, which is asked for everything
/// at once; of the others each condition is met by one vector, whichever it is.
pub fn matching_seqs(table: &str, terms: &Terms) -> Vec<Piece> {
    let sql = |text: &str| Piece::Sql(text.to_owned());
    let mut pieces = vec![
        Piece::Sql(format!("SELECT seq FROM {table} WHERE alone AND words @@ ")),
        Piece::Value(terms.tsquery()),
        Piece::Sql(format!("::tsquery UNION ALL SELECT seq FROM {table} WHERE NOT alone AND words @@ ")),
        Piece::Value(terms.clauses().into_iter().chain(terms.unwanted()).collect::<Vec<_>>().join(" | ")),
        sql("::tsquery GROUP BY seq HAVING "),
    ];
    for (nth, clause) in terms.clauses().into_iter().enumerate() {
        let and = if nth > 0 { " AND " } else { "" };
        pieces.extend([Piece::Sql(format!("{and}bool_or(words @@ ")), Piece::Value(clause), sql("::tsquery)")]);
    }
    if let Some(unwanted) = terms.unwanted() {
        pieces.extend([sql(" AND NOT bool_or(words @@ "), Piece::Value(unwanted), sql("::tsquery)")]);
    }
    pieces
}

impl Expression for Matching {
    type SqlType = Bool;
}

impl<QS> AppearsOnTable<QS> for Matching {}

impl<QS> SelectableExpression<QS> for Matching {}

impl ValidGrouping<()> for Matching {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Matching {
    type QueryId = ();
    // The text depends on how many conditions there are.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sqlite> for Matching {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        push(&self.sqlite, out)
    }
}

impl QueryFragment<Pg> for Matching {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push(&self.postgres, out)
    }
}

fn push<'b, DB: Backend + HasSqlType<Text>>(pieces: &'b [Piece], mut out: AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    String: ToSql<Text, DB>,
{
    for piece in pieces {
        match piece {
            Piece::Sql(text) => out.push_sql(text),
            Piece::Value(value) => out.push_bind_param::<Text, String>(value)?,
        }
    }
    Ok(())
}
