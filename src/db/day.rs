//! Days of the calendar in columns, JSON and the contract: `2024-06-24`, years 0000…9999.

use std::fmt;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Date as SqlDate;
use diesel::sqlite::Sqlite;
use serde::{Serialize, Serializer};
use serde_json::json;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::types::Instant;
use crate::http::fault::{Faults, Reason, text};

const FORM: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// A day: `date` on PostgreSQL, `text` of ten characters on SQLite, where days sort as their texts do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = SqlDate)]
pub struct Day(Date);

impl Day {
    /// The day in UTC on which the moment lies.
    pub fn of(at: Instant) -> Self {
        Self(at.get().date())
    }

    /// Reads `2024-06-24`; `None` for anything else, and for days that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        let formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        Date::parse(text, FORM).ok().filter(|day| formed && (0..=9999).contains(&day.year())).map(Self)
    }

    pub fn get(self) -> Date {
        self.0
    }

    /// The first moment after it in UTC; of the last day there is, its own first moment.
    pub fn end(self) -> Instant {
        let next = self.0.next_day().unwrap_or(self.0);
        Instant::new(next.midnight().assume_utc())
    }
}

/// As it is read.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a day such as 2024-06-24"))
    }
}

impl Deserr<Faults> for Day {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            Self::parse(text)
                .ok_or_else(|| Reason::new("invalid_date", "Expected a day of the calendar such as 2024-06-24."))
        })
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .min_length(Some(10))
            .max_length(Some(10))
            .examples([json!("2024-06-24")])
            .into()
    }
}

impl ToSchema for Day {}

impl ToSql<SqlDate, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<SqlDate, Pg>::to_sql(&self.0, &mut out.reborrow())
    }
}

impl FromSql<SqlDate, Pg> for Day {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <Date as FromSql<SqlDate, Pg>>::from_sql(bytes).map(Self)
    }
}

impl ToSql<SqlDate, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<SqlDate, Sqlite> for Day {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = value.read_text();
        Self::parse(text).ok_or_else(|| format!("not a day: {text}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for day in ["2024-06-24", "2024-02-29", "0000-01-01", "9999-12-31"] {
            assert_eq!(Day::parse(day).unwrap().to_string(), day);
        }
        for wrong in
            ["", "2024", "2024-6-24", "2023-02-29", "2024-13-01", "2024-06-24T00:00:00Z", "-024-06-24", "+024-06-24"]
        {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_one_begins() {
        let moment = Instant::parse("2024-12-31T23:59:59.999999Z").unwrap();
        assert_eq!(Day::of(moment).end().to_rfc3339(), "2025-01-01T00:00:00Z");
        assert_eq!(Day::of(Day::of(moment).end()).to_string(), "2025-01-01");
        let last = Day::parse("9999-12-31").unwrap();
        assert_eq!(last.end().to_rfc3339(), "9999-12-31T00:00:00Z");
    }
}
