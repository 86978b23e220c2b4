//! Dates as the formats write them, to CSL-JSON dates.

use serde_json::{Value, json};

/// A date that may be less than a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
}

/// Reads a date in any of the forms in use; what cannot be read stays as `literal`. `None` for a blank.
///
/// ISO 8601 and EDTF (`2009-01-31`, `2009/2010`, `2009-21`, `~2009`), RIS (`2009/01/31/`, `2009///Spring`), PubMed
/// (`2009 Jan 31`, `2009 Jan-Feb`, `2009 Spring`), and the written-out forms of English.
pub(super) fn read(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let bare = text.trim_start_matches("circa ").trim_start_matches("ca. ").trim_start_matches("c. ");
    let bare = bare.trim_start_matches('~').trim_end_matches(['~', '?', '%']).trim();
    let mut date = iso(bare).or_else(|| ris(bare)).or_else(|| words(bare)).unwrap_or_else(|| json!({"literal": text}));
    if bare != text
        && let Some(date) = date.as_object_mut()
        && !date.contains_key("literal")
    {
        date.insert("circa".to_owned(), true.into());
    }
    Some(date)
}

/// A date of year, month and day as they stand in fields of their own; the month may be a name or a season.
pub(super) fn of_fields(year: &str, month: &str, day: &str) -> Option<Value> {
    let (year, month, day) = (year.trim(), month.trim(), day.trim());
    let Some(number) = year_of(year) else { return read(&[day, month, year].join(" ")) };
    let Some(from) = month_of(month) else {
        let whole = [year, month, day].join(" ");
        return if month.is_empty() { Some(parts(&[Day::of(number, None, None)?])) } else { read(&whole) };
    };
    let day = day.split(['-', '–', '/']).next().unwrap_or_default();
    let whole = Day::of(number, Some(from), day.trim().parse().ok());
    Some(parts(&[whole.or_else(|| Day::of(number, Some(from), None))?]))
}

/// The number of a month by its English name or abbreviation, or its number.
pub(super) fn month_of(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.trim().trim_end_matches('.').to_lowercase();
    if let Ok(number) = text.parse::<i64>() {
        return (1..=12).contains(&number).then_some(number);
    }
    let at = MONTHS.iter().position(|month| text.len() >= 3 && month.starts_with(text.as_str()))?;
    i64::try_from(at).ok().map(|at| at + 1).or(None)
}

fn season_of(text: &str) -> Option<i64> {
    match text.trim().trim_end_matches('.').to_lowercase().as_str() {
        "spring" => Some(1),
        "summer" => Some(2),
        "autumn" | "fall" => Some(3),
        "winter" => Some(4),
        _ => None,
    }
}

impl Day {
    /// A day that exists.
    fn of(year: i64, month: Option<i64>, day: Option<i64>) -> Option<Self> {
        let year_fits = (-9999..=9999).contains(&year) && year != 0;
        let length = match month {
            None => return (year_fits && day.is_none()).then_some(Self { year, month, day }),
            Some(month) => {
                time::Month::try_from(u8::try_from(month).ok()?).ok()?.length(i32::try_from(year).ok()?).into()
            }
        };
        (year_fits && day.is_none_or(|day| (1..=length).contains(&day))).then_some(Self { year, month, day })
    }

    fn parts(self) -> Vec<i64> {
        [Some(self.year), self.month, self.day].into_iter().flatten().collect()
    }
}

fn parts(days: &[Day]) -> Value {
    let list: Vec<Vec<i64>> = days.iter().map(|day| day.parts()).collect();
    json!({"date-parts": list})
}

fn season(year: i64, season: i64) -> Option<Value> {
    Some(json!({"date-parts": [[Day::of(year, None, None)?.year]], "season": season}))
}

fn year_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let formed = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|year| formed && *year != 0)
}

fn iso(text: &str) -> Option<Value> {
    if let Some((from, to)) = text.split_once('/') {
        let (from, to) = (from.trim(), to.trim());
        let first = iso_day(from)?;
        return match to {
            "" | ".." => None,
            _ => {
                let last = iso_day(to)?;
                (to.len() >= 4 && first <= last).then(|| parts(&[first, last]))
            }
        };
    }
    if let Some((year, "21" | "22" | "23" | "24")) = text.split_once('-') {
        let number = text.chars().next_back()?.to_digit(10)?;
        return season(year_of(year)?, i64::from(number));
    }
    iso_day(text).map(|day| parts(&[day]))
}

fn iso_day(text: &str) -> Option<Day> {
    // A time of day stands behind a whole day only.
    let text = match text.split_once(['T', ' ']) {
        Some((day, time)) if day.len() >= 10 && time.starts_with(|c: char| c.is_ascii_digit()) => day,
        _ => text,
    };
    let text = text.trim_end_matches(['?', '~']);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let numbers: Vec<i64> = digits.split('-').map(|part| digits_only(part)?.parse().ok()).collect::<Option<_>>()?;
    let length = digits.split('-').next()?.len();
    match numbers.as_slice() {
        [year] if length == 4 => Day::of(sign * year, None, None),
        [year, month] if length == 4 => Day::of(sign * year, Some(*month), None),
        [year, month, day] if length == 4 => Day::of(sign * year, Some(*month), Some(*day)),
        _ => None,
    }
}

fn digits_only(text: &str) -> Option<&str> {
    ((1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// `YYYY/MM/DD/other`, each part but the year may be missing.
fn ris(text: &str) -> Option<Value> {
    let mut fields = text.splitn(4, '/').map(str::trim);
    let year = year_of(fields.next()?)?;
    let (month, day, other) = (fields.next()?, fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let other = other.trim_matches('/').trim();
    if let (true, Some(number)) = (month.is_empty(), season_of(other)) {
        return season(year, number);
    }
    let whole = match (month, day) {
        ("", "") => Day::of(year, None, None),
        (month, "") => Day::of(year, Some(month_of(month)?), None),
        (month, day) => Day::of(year, Some(month_of(month)?), Some(digits_only(day)?.parse().ok()?)),
    }?;
    match (other, whole) {
        ("", whole) => Some(parts(&[whole])),
        // PubMed's month or range of months, repeated by some programs in the free part.
        (other, whole) if whole.month.is_some() || month_of(other).is_some() => {
            Some(parts(&[Day { month: whole.month.or_else(|| month_of(other)), ..whole }]))
        }
        _ => None,
    }
}

/// `2009 Jan 31`, `2009 Jan-Feb`, `31 January 2009`, `January 31, 2009`, `Spring 2009`.
fn words(text: &str) -> Option<Value> {
    let words: Vec<&str> = text.split([' ', ',', '\u{A0}']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [year] => Some(parts(&[Day::of(year_of(year).filter(|_| year.len() == 4)?, None, None)?])),
        [first, second] => two_words(first, second).or_else(|| two_words(second, first)),
        [year, month, day] if year_of(year).is_some_and(|_| year.len() == 4) => day_or_range(year, month, day),
        [day, month, year] if month_of(month).is_some() && year.len() == 4 => day_or_range(year, month, day),
        [month, day, year] if month_of(month).is_some() && year.len() == 4 => day_or_range(year, month, day),
        _ => None,
    }
}

fn two_words(year: &str, month: &str) -> Option<Value> {
    let number = year_of(year).filter(|_| year.len() == 4)?;
    if let Some(which) = season_of(month) {
        return season(number, which);
    }
    match month.split_once(['-', '–', '/']) {
        None => Some(parts(&[Day::of(number, Some(month_of(month)?), None)?])),
        Some((from, to)) => {
            range(Day::of(number, Some(month_of(from)?), None)?, Day::of(number, Some(month_of(to)?), None)?)
        }
    }
}

fn day_or_range(year: &str, month: &str, day: &str) -> Option<Value> {
    let (year, number) = (year_of(year)?, |text: &str| digits_only(text.trim_end_matches('.'))?.parse::<i64>().ok());
    // `2009 Dec 29-2010 Jan 5` has more words and stays literal.
    match (day.split_once(['-', '–']), month.split_once('-')) {
        (None, None) => Some(parts(&[Day::of(year, Some(month_of(month)?), Some(number(day)?))?])),
        (Some((from, to)), None) => range(
            Day::of(year, Some(month_of(month)?), Some(number(from)?))?,
            Day::of(year, Some(month_of(month)?), Some(number(to)?))?,
        ),
        _ => None,
    }
}

fn range(from: Day, to: Day) -> Option<Value> {
    (from < to).then(|| parts(&[from, to]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_every_form() {
        for (text, date) in [
            ("2009", json!({"date-parts": [[2009]]})),
            ("2009-01", json!({"date-parts": [[2009, 1]]})),
            ("2009-01-31", json!({"date-parts": [[2009, 1, 31]]})),
            ("2009-01-31T10:00:00Z", json!({"date-parts": [[2009, 1, 31]]})),
            ("2009-01/2010", json!({"date-parts": [[2009, 1], [2010]]})),
            ("2009-21", json!({"date-parts": [[2009]], "season": 1})),
            ("~2009", json!({"date-parts": [[2009]], "circa": true})),
            ("2009?", json!({"date-parts": [[2009]], "circa": true})),
            ("2009/01/31/", json!({"date-parts": [[2009, 1, 31]]})),
            ("2009/01", json!({"date-parts": [[2009, 1]]})),
            ("2009//", json!({"date-parts": [[2009]]})),
            ("2009///", json!({"date-parts": [[2009]]})),
            ("2009///Spring", json!({"date-parts": [[2009]], "season": 1})),
            ("2009/Jan/31", json!({"date-parts": [[2009, 1, 31]]})),
            ("2009 Jan 31", json!({"date-parts": [[2009, 1, 31]]})),
            ("2009 Jan", json!({"date-parts": [[2009, 1]]})),
            ("2009 Jan-Feb", json!({"date-parts": [[2009, 1], [2009, 2]]})),
            ("2009 Spring", json!({"date-parts": [[2009]], "season": 1})),
            ("31 January 2009", json!({"date-parts": [[2009, 1, 31]]})),
            ("January 31, 2009", json!({"date-parts": [[2009, 1, 31]]})),
            ("Jan. 2009", json!({"date-parts": [[2009, 1]]})),
            ("2009 Jan 3-9", json!({"date-parts": [[2009, 1, 3], [2009, 1, 9]]})),
            ("-0044-03-15", json!({"date-parts": [[-44, 3, 15]]})),
            ("2009 Dec 29-2010 Jan 5", json!({"literal": "2009 Dec 29-2010 Jan 5"})),
            ("2009-02-30", json!({"literal": "2009-02-30"})),
            ("in press", json!({"literal": "in press"})),
            ("2009/", json!({"date-parts": [[2009]]})),
        ] {
            assert_eq!(read(text), Some(date), "{text}");
        }
        assert_eq!(read("  "), None);
        assert_eq!(of_fields("2009", "jan", "3"), Some(json!({"date-parts": [[2009, 1, 3]]})));
        assert_eq!(of_fields("2009", "", ""), Some(json!({"date-parts": [[2009]]})));
        assert_eq!(of_fields("2009", "Mar-Apr", ""), Some(json!({"date-parts": [[2009, 3], [2009, 4]]})));
        assert_eq!(of_fields("in press", "", ""), Some(json!({"literal": "in press"})));
    }
}
