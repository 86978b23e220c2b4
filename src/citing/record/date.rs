//! Reading CSL dates: their parts, and the year wherever it is written.

use serde_json::{Map, Value};

/// A date as precise as it is known; orders as dates do, a missing part first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialDate {
    /// Year; negative before the common era.
    pub year: i16,
    /// Month, 1–12.
    pub month: Option<u8>,
    /// Day of the month, from 1.
    pub day: Option<u8>,
}

/// Reads one entry of `date-parts`: one to three integers (texts of digits are taken as such, as the schema allows).
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn parts(value: &Value) -> Result<PartialDate, &'static str> {
    let Some(list) = value.as_array() else { return Err("a date is a list of year, month, day") };
    let numbers: Option<Vec<i64>> = list.iter().zip([4, 2, 2, 2]).map(|(part, digits)| integer(part, digits)).collect();
    match numbers.as_deref() {
        None => Err("year, month and day are integers"),
        Some([year]) => checked(*year, None, None),
        Some([year, month]) => checked(*year, Some(*month), None),
        Some([year, month, day]) => checked(*year, Some(*month), Some(*day)),
        Some(_) => Err("a date has one to three parts: year, month, day"),
    }
}

/// An integer, or a text of at most so many digits.
fn integer(value: &Value, digits: usize) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64(),
        Value::String(s) => {
            let bare = s.strip_prefix('-').unwrap_or(s);
            let formed = (1..=digits).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
            s.parse().ok().filter(|_| formed)
        }
        _ => None,
    }
}

fn checked(year: i64, month: Option<i64>, day: Option<i64>) -> Result<PartialDate, &'static str> {
    let year = i16::try_from(year).ok().filter(|y| (-9999..=9999).contains(y) && *y != 0);
    let Some(year) = year else { return Err("the year is between -9999 and 9999 and not 0") };
    let month = match month.map(u8::try_from) {
        None => None,
        Some(Ok(m @ 1..=12)) => Some(m),
        Some(_) => return Err("the month is between 1 and 12"),
    };
    let last = time::Month::try_from(month.unwrap_or(1)).map_or(31, |m| m.length(i32::from(year)));
    match day.map(u8::try_from) {
        None => Ok(PartialDate { year, month, day: None }),
        Some(Ok(d)) if d >= 1 && d <= last => Ok(PartialDate { year, month, day: Some(d) }),
        Some(_) => Err("the month has no such day"),
    }
}

/// The season of a date: 1 spring, 2 summer, 3 autumn, 4 winter; 0 for another text. `None` if it is neither.
pub(super) fn season(value: &Value) -> Option<u8> {
    match value {
        Value::Number(n) => n.as_u64().and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=4).contains(n)),
        Value::String(s) => match s.trim() {
            "1" | "spring" | "Spring" => Some(1),
            "2" | "summer" | "Summer" => Some(2),
            "3" | "autumn" | "Autumn" | "fall" | "Fall" => Some(3),
            "4" | "winter" | "Winter" => Some(4),
            _ => Some(0),
        },
        _ => None,
    }
}

/// The first date of a CSL date: from `date-parts`, else from an ISO-like `raw`, else the year in `literal` or `raw`.
pub(super) fn start(date: &Map<String, Value>) -> Option<PartialDate> {
    let from_parts = date.get("date-parts").and_then(|v| v.get(0)).and_then(|v| parts(v).ok());
    let text = |member: &str| date.get(member).and_then(Value::as_str);
    from_parts
        .or_else(|| text("raw").and_then(iso))
        .or_else(|| text("literal").and_then(iso))
        .or_else(|| text("raw").and_then(year_in))
        .or_else(|| text("literal").and_then(year_in))
}

/// The last date of a range in `date-parts` or in an ISO-like `raw`; `None` if there is no range.
pub(super) fn end(date: &Map<String, Value>) -> Option<PartialDate> {
    let from_parts = date.get("date-parts").and_then(|v| v.get(1)).and_then(|v| parts(v).ok());
    let raw = date.get("raw").and_then(Value::as_str).filter(|_| !date.contains_key("date-parts"));
    from_parts.or_else(|| iso(raw?.split_once('/')?.1)).filter(|end| start(date).is_some_and(|start| start < *end))
}

/// A date that is words (`in press`, `July 1, 2017`).
pub(super) fn words(date: &Map<String, Value>) -> Option<&str> {
    let is_read = date.get("date-parts").and_then(|v| v.get(0)).is_some_and(|v| parts(v).is_ok());
    let words = date.get("literal").and_then(Value::as_str).map(str::trim).filter(|words| !words.is_empty());
    words.filter(|words| !is_read && iso(words).is_none())
}

/// `2009`, `2009-01` or `2009-01-31`, a range's first half, a time of day cut off.
fn iso(text: &str) -> Option<PartialDate> {
    let day = text.trim().split(['/', 'T', ' ']).next()?;
    let numbers: Vec<i64> = day.split('-').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match numbers.as_slice() {
        [year] if day.len() == 4 => checked(*year, None, None).ok(),
        [year, month] => checked(*year, Some(*month), None).ok(),
        [year, month, day] => checked(*year, Some(*month), Some(*day)).ok(),
        _ => None,
    }
}

fn year_in(text: &str) -> Option<PartialDate> {
    let mut years = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
    let year = years.find_map(|digits| digits.parse::<i64>().ok().filter(|y| (1000..=2999).contains(y)))?;
    checked(year, None, None).ok()
}
