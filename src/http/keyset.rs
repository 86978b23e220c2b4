//! The SQL of keyset pages, one text for both databases: where a page begins, and in which order its rows are read.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SqlLiteral, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, Date, HasSqlType, Integer, Text};

use super::page::{Window, foreign_cursor};
use super::sort::{By, Direction, SortKey};
use crate::db::day::Day;
use crate::db::types::{Instant, sql};
use crate::error::Problem;

crate::typed_id! {
    /// The id of whatever a list is of.
    AnyId,
}

/// What is sorted by: SQL that is never null and has the same order on both databases. Text is `COLLATE "C"` on
/// PostgreSQL and `BINARY` on SQLite.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub sql: &'static str,
    pub kind: Kind,
}

impl Column {
    pub const fn instant(sql: &'static str) -> Self {
        Self { sql, kind: Kind::Instant }
    }

    pub const fn text(sql: &'static str) -> Self {
        Self { sql, kind: Kind::Text }
    }

    pub const fn number(sql: &'static str) -> Self {
        Self { sql, kind: Kind::Number }
    }

    pub const fn id(sql: &'static str) -> Self {
        Self { sql, kind: Kind::Id }
    }

    /// A day, or [`NEVER_BEFORE`] or [`NEVER_AFTER`] where there is none.
    pub const fn day(sql: &'static str) -> Self {
        Self { sql, kind: Kind::Day }
    }
}

/// What stands for a day that is not known, beyond every day there is: PostgreSQL's own words, which stand before and
/// after all days as texts on SQLite too.
pub const NEVER_BEFORE: &str = "-infinity";
pub const NEVER_AFTER: &str = "infinity";

/// What cursors write of a day, or of there being none in a list of this direction.
pub fn day_or_never(day: Option<Day>, direction: Direction) -> String {
    match (day, direction) {
        (Some(day), _) => day.to_string(),
        (None, Direction::Up) => NEVER_AFTER.to_owned(),
        (None, Direction::Down) => NEVER_BEFORE.to_owned(),
    }
}

/// The type of a column, and how cursors write its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Instant,
    Text,
    Number,
    Id,
    Day,
}

impl Kind {
    fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Instant => Instant::parse(text).map(Value::Instant),
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Number => text.parse().ok().map(Value::Number),
            Self::Id => AnyId::parse(text).map(Value::Id),
            Self::Day if text == NEVER_BEFORE => Some(Value::Never("'-infinity'")),
            Self::Day if text == NEVER_AFTER => Some(Value::Never("'infinity'")),
            Self::Day => Day::parse(text).map(Value::Day),
        }
    }
}

/// Keys that a store sorts by in the database.
pub trait Ordered: SortKey {
    /// What no two rows have in common.
    const ID: Column;

    /// The column of a key. What is unknown may stand for something else in each direction.
    fn column(by: By<Self>) -> Column;
}

/// Where the values of the keys and of the id are.
#[derive(Debug, Clone, Copy)]
pub struct Columns<K> {
    pub key: fn(By<K>) -> Column,
    pub id: Column,
}

impl<K: Ordered> Default for Columns<K> {
    fn default() -> Self {
        Self { key: K::column, id: K::ID }
    }
}

impl<K: Ordered> Window<K> {
    /// That a row lies beyond the place which the cursor names; of any row, when there is none.
    ///
    /// # Errors
    /// `invalid_parameter` for a cursor of another list.
    pub fn beyond(&self) -> Result<Beyond, Problem> {
        self.beyond_in(Columns::default())
    }

    /// The same in columns that have the same values elsewhere.
    ///
    /// # Errors
    /// As [`Window::beyond`].
    pub fn beyond_in(&self, columns: Columns<K>) -> Result<Beyond, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(Beyond(Vec::new())) };
        let given = cursor.values.iter().chain([&cursor.id]);
        let terms = self.columns(columns).zip(given).map(|((column, direction), given)| {
            let value = column.kind.read(given).ok_or_else(foreign_cursor)?;
            Ok(Term { column: column.sql, direction, value })
        });
        terms.collect::<Result<_, _>>().map(Beyond)
    }

    /// The order in which the rows of the page are read.
    pub fn order_by(&self) -> SqlLiteral<Text> {
        self.order_in(Columns::default())
    }

    /// The same in columns that have the same values elsewhere.
    pub fn order_in(&self, columns: Columns<K>) -> SqlLiteral<Text> {
        let terms = self.columns(columns).map(|(column, direction)| match direction {
            Direction::Up => format!("{} ASC", column.sql),
            Direction::Down => format!("{} DESC", column.sql),
        });
        diesel::dsl::sql(&terms.collect::<Vec<_>>().join(", "))
    }

    /// The columns of all keys and of the id, each with the direction in which it is read.
    fn columns(&self, columns: Columns<K>) -> impl Iterator<Item = (Column, Direction)> {
        let keys = self.sort.keys().iter().map(move |by| ((columns.key)(*by), by.direction));
        let all = keys.chain([(columns.id, self.sort.last_direction())]);
        let backwards = self.backwards();
        all.map(move |(column, direction)| (column, if backwards { direction.reversed() } else { direction }))
    }
}

/// Rows beyond a place, as a condition. `a >= x AND (a > x OR …)` rather than a plain OR: the first part is a range of
/// the index, whatever follows.
#[derive(Debug, Clone)]
pub struct Beyond(Vec<Term>);

#[derive(Debug, Clone)]
struct Term {
    column: &'static str,
    direction: Direction,
    value: Value,
}

#[derive(Debug, Clone)]
enum Value {
    Instant(Instant),
    Text(String),
    Number(i32),
    Id(AnyId),
    Day(Day),
    /// The SQL of what stands for no day.
    Never(&'static str),
}

impl Expression for Beyond {
    type SqlType = Bool;
}

impl<QS> AppearsOnTable<QS> for Beyond {}

impl<GB> ValidGrouping<GB> for Beyond {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for Beyond {
    type QueryId = ();
    // Its text depends on the sort.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Beyond
where
    DB: Backend + HasSqlType<sql::Instant> + HasSqlType<sql::Id> + HasSqlType<Date>,
    Instant: ToSql<sql::Instant, DB>,
    AnyId: ToSql<sql::Id, DB>,
    Day: ToSql<Date, DB>,
    String: ToSql<Text, DB>,
    i32: ToSql<Integer, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(&self.0, &mut out)
    }
}

fn walk<'b, DB>(terms: &'b [Term], out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    DB: Backend + HasSqlType<sql::Instant> + HasSqlType<sql::Id> + HasSqlType<Date>,
    Instant: ToSql<sql::Instant, DB>,
    AnyId: ToSql<sql::Id, DB>,
    Day: ToSql<Date, DB>,
    String: ToSql<Text, DB>,
    i32: ToSql<Integer, DB>,
{
    match terms {
        [] => out.push_sql("1 = 1"),
        [only] => only.compare(false, out)?,
        [first, rest @ ..] => {
            out.push_sql("(");
            first.compare(true, out)?;
            out.push_sql(" AND (");
            first.compare(false, out)?;
            out.push_sql(" OR ");
            walk(rest, out)?;
            out.push_sql("))");
        }
    }
    Ok(())
}

impl Term {
    fn compare<'b, DB>(&'b self, or_equal: bool, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<sql::Instant> + HasSqlType<sql::Id> + HasSqlType<Date>,
        Instant: ToSql<sql::Instant, DB>,
        AnyId: ToSql<sql::Id, DB>,
        Day: ToSql<Date, DB>,
        String: ToSql<Text, DB>,
        i32: ToSql<Integer, DB>,
    {
        out.push_sql(self.column);
        out.push_sql(match (self.direction, or_equal) {
            (Direction::Up, false) => " > ",
            (Direction::Up, true) => " >= ",
            (Direction::Down, false) => " < ",
            (Direction::Down, true) => " <= ",
        });
        match &self.value {
            Value::Instant(at) => out.push_bind_param::<sql::Instant, _>(at)?,
            Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
            Value::Number(number) => out.push_bind_param::<Integer, _>(number)?,
            Value::Id(id) => out.push_bind_param::<sql::Id, _>(id)?,
            Value::Day(day) => out.push_bind_param::<Date, _>(day)?,
            Value::Never(sql) => out.push_sql(sql),
        }
        Ok(())
    }
}
