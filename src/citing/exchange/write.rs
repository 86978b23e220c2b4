//! Writing studies for other programs.
//!
//! [`BIBTEX_FIELDS`] and [`RIS_FIELDS`] say which variables each format holds for which types. What they name comes
//! back from [`read`](super::read) as it was, but for this: white space is collapsed (RIS: in the abstract too); names
//! lose `static-ordering`, `comma-suffix` and `parse-names`, and one that has only `given` becomes `literal`; `raw`
//! dates are read. RIS keeps of a date its first day or season, of a name no dropping particle, a name without
//! `given` as `literal`, no comma or semicolon in a name, and `given` and `suffix` apart only if `given` does not read
//! as a suffix (`Jr`). Other variables are not written.

use serde_json::{Map, Value};

use super::super::record::Record;

mod bibtex;
mod ris;

pub use bibtex::{BIBTEX_FIELDS, to_bibtex};
pub use ris::{RIS_FIELDS, to_ris};

/// A list of CSL-JSON records, each with its key as `id`.
pub fn to_csl_json(studies: &[(&str, &Record)]) -> Value {
    studies
        .iter()
        .map(|(key, record)| {
            let mut members = Map::new();
            members.insert("id".to_owned(), (*key).into());
            members
                .extend(record.members().iter().filter(|(name, _)| *name != "id").map(|(n, v)| (n.clone(), v.clone())));
            Value::Object(members)
        })
        .collect()
}

/// A text or number variable as text.
fn text(record: &Record, variable: &str) -> Option<String> {
    let text = match record.members().get(variable)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A date of a record, read.
#[derive(Debug, Default)]
struct Date {
    /// One day, or the first and the last.
    days: Vec<Vec<i64>>,
    season: Option<u8>,
    circa: bool,
    literal: Option<String>,
}

impl Date {
    fn of(record: &Record, variable: &str) -> Option<Self> {
        let given = record.members().get(variable)?.as_object()?;
        let raw = given.get("raw").and_then(Value::as_str).and_then(super::date::read);
        let from_raw = raw.as_ref().and_then(Value::as_object).filter(|_| !given.contains_key("date-parts"));
        let date = from_raw.unwrap_or(given);
        let number = |part: &Value| part.as_i64().or_else(|| part.as_str()?.parse().ok());
        let days = date.get("date-parts").and_then(Value::as_array).into_iter().flatten();
        let days = days.map(|day| day.as_array().into_iter().flatten().filter_map(number).collect());
        let days = days.filter(|day: &Vec<i64>| !day.is_empty()).collect();
        let circa = date.get("circa").is_some_and(|v| {
            matches!(v.as_str(), Some("true" | "1")) || v == &Value::Bool(true) || v.as_i64() == Some(1)
        });
        let season = date.get("season").and_then(|season| match season {
            Value::Number(number) => number.as_u64().and_then(|n| u8::try_from(n).ok()),
            Value::String(text) => match text.trim().to_lowercase().as_str() {
                "1" | "spring" => Some(1),
                "2" | "summer" => Some(2),
                "3" | "autumn" | "fall" => Some(3),
                "4" | "winter" => Some(4),
                _ => None,
            },
            _ => None,
        });
        let literal = date.get("literal").or_else(|| date.get("raw")).and_then(Value::as_str).map(str::to_owned);
        Some(Self { days, season: season.filter(|s| (1..=4).contains(s)), circa, literal })
    }
}

#[cfg(test)]
mod tests;
