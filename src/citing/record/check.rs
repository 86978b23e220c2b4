//! Checks a value against the CSL 1.0.2 data schema and collects every fault.

use serde_json::{Map, Value};

use super::vocabulary::*;
use super::{RecordFault, date};
use crate::citing::identifiers::{Doi, Isbn, Issn, Pmcid, Pmid};

/// All faults of a record, in the order of its members.
pub(super) fn faults(record: &Map<String, Value>) -> Vec<RecordFault> {
    let mut faults = Faults(Vec::new());
    match record.get("type") {
        None => faults.add("/type", "required", "a record needs a type, e.g. article-journal"),
        Some(Value::String(name)) => item_type(name, &mut faults),
        Some(_) => {}
    }
    for (name, value) in record {
        variable(name, value, &mut faults);
    }
    faults.0
}

struct Faults(Vec<RecordFault>);

impl Faults {
    fn add(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.0.push(RecordFault { pointer: pointer.to_owned(), code, detail: detail.into() });
    }
}

fn item_type(name: &str, faults: &mut Faults) {
    if !TYPES.contains(&name) {
        let hint = suggestion(nearest(name, TYPES.into_iter()));
        faults.add("/type", "unknown_type", format!("CSL has no item type {name:?}{hint}"));
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

fn escaped(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

fn variable(name: &str, value: &Value, faults: &mut Faults) {
    let at = format!("/{}", escaped(name));
    match kind(name) {
        Some(Kind::Text) => text_variable(name, value, &at, faults),
        Some(Kind::Number) => number(value, &at, faults),
        Some(Kind::Names) => names(value, &at, faults),
        Some(Kind::Date) => date_variable(value, &at, faults),
        Some(Kind::Categories) => categories(value, &at, faults),
        Some(Kind::Custom) => custom(value, &at, faults),
        None => {
            let hint = suggestion(nearest(name, variables()));
            faults.add(&at, "unknown_variable", format!("CSL has no variable {name:?}{hint}"));
        }
    }
}

fn text_variable(name: &str, value: &Value, at: &str, faults: &mut Faults) {
    let most = if name == "abstract" { MAX_ABSTRACT } else { MAX_TEXT };
    let Some(text) = text(value, at, most, faults) else { return };
    match name {
        "DOI" if Doi::parse(text).is_err() => {
            faults.add(at, "invalid_identifier", "a DOI looks like 10.4103/0974-2077.53096");
        }
        "PMID" if Pmid::parse(text).is_err() => {
            faults.add(at, "invalid_identifier", "a PMID is a number of up to 9 digits");
        }
        "PMCID" if Pmcid::parse(text).is_err() => {
            faults.add(at, "invalid_identifier", "a PMCID looks like PMC7764156");
        }
        "ISBN" if !is_list_of(text, |one| Isbn::parse(one).is_ok()) => {
            faults.add(at, "invalid_identifier", "an ISBN has 10 or 13 digits, the last of which checks the others");
        }
        "ISSN" if !is_list_of(text, |one| Issn::parse(one).is_ok()) => {
            faults.add(at, "invalid_identifier", "an ISSN looks like 0974-2077; its last sign checks the others");
        }
        "URL" if may_name_another_scheme(text) => {
            faults.add(at, "unsafe_url", "a URL begins with http:// or https://");
        }
        _ => {}
    }
}

/// Whether a text is one identifier, or has some among blanks, commas, semicolons and slashes; words beside them, such as
/// `pbk`, are none.
fn is_list_of(text: &str, is_one: impl Fn(&str) -> bool) -> bool {
    const FEWEST_DIGITS: usize = 7;
    let has_number = |part: &&str| part.bytes().filter(u8::is_ascii_digit).count() >= FEWEST_DIGITS;
    let mut numbers = text.split([' ', ',', ';', '/']).filter(has_number).peekable();
    is_one(text) || (numbers.peek().is_some() && numbers.all(is_one))
}

/// Whether a URL could be read as one of a scheme that must not become a link. Told by its letters alone, not by a
/// parser, since parsers differ in what they overlook (`java\nscript:`).
fn may_name_another_scheme(text: &str) -> bool {
    let text = text.trim_start_matches(' ');
    let begins = |scheme: &&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    text.contains(':') && !URL_SCHEMES.iter().any(begins)
}

fn text<'v>(value: &'v Value, at: &str, most: usize, faults: &mut Faults) -> Option<&'v str> {
    let Value::String(text) = value else {
        faults.add(at, "expected_string", format!("a text is expected, not {}", describe(value)));
        return None;
    };
    if text.chars().count() > most {
        faults.add(at, "too_long", format!("at most {most} characters"));
    }
    checked_characters(text, at, faults);
    Some(text)
}

fn checked_characters(text: &str, at: &str, faults: &mut Faults) {
    if let Some(c) = text.chars().find(|c| is_hidden_control(*c)) {
        let detail = format!("the control character U+{:04X} is not allowed", u32::from(c));
        faults.add(at, "control_character", detail);
    }
}

/// Control characters other than white space, and those that reorder the text around them.
fn is_hidden_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn number(value: &Value, at: &str, faults: &mut Faults) {
    match value {
        Value::Number(n) if n.as_i64().is_some_and(|n| n.unsigned_abs() <= MAX_INTEGER) => {}
        Value::Number(n) if n.is_i64() || n.is_u64() => {
            faults.add(at, "out_of_range", format!("an integer lies between -{MAX_INTEGER} and {MAX_INTEGER}"));
        }
        Value::String(_) => {
            text(value, at, MAX_TEXT, faults);
        }
        other => {
            let detail = format!("a text or an integer is expected, not {}", describe(other));
            faults.add(at, "expected_number", detail);
        }
    }
}

fn names(value: &Value, at: &str, faults: &mut Faults) {
    let Value::Array(names) = value else {
        let detail = format!("a list of names is expected, not {}", describe(value));
        return faults.add(at, "expected_names", detail);
    };
    if names.len() > MAX_NAMES {
        return faults.add(at, "too_many", format!("at most {MAX_NAMES} names"));
    }
    for (i, name) in names.iter().enumerate() {
        one_name(name, &format!("{at}/{i}"), faults);
    }
}

fn one_name(value: &Value, at: &str, faults: &mut Faults) {
    let Value::Object(name) = value else {
        let detail = format!("a name is an object with family and given or literal, not {}", describe(value));
        return faults.add(at, "expected_name", detail);
    };
    for (member, value) in name {
        let at = format!("{at}/{}", escaped(member));
        if NAME_STRINGS.contains(&member.as_str()) {
            text(value, &at, MAX_TEXT, faults);
        } else if NAME_SWITCHES.contains(&member.as_str()) {
            if !is_switch(value) {
                faults.add(&at, "expected_boolean", format!("true or false is expected, not {}", describe(value)));
            }
        } else {
            let hint = suggestion(nearest(member, NAME_STRINGS.into_iter().chain(NAME_SWITCHES)));
            faults.add(&at, "unknown_name_member", format!("a name has no member {member:?}{hint}"));
        }
    }
    let filled = |member: &str| name.get(member).and_then(Value::as_str).is_some_and(|s| !s.trim().is_empty());
    if !["family", "given", "literal"].into_iter().any(filled) {
        faults.add(at, "empty_name", "a name needs family, given or literal");
    }
}

fn is_switch(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Number(n) => matches!(n.as_i64(), Some(0 | 1)),
        Value::String(s) => matches!(s.as_str(), "true" | "false" | "0" | "1"),
        _ => false,
    }
}

fn date_variable(value: &Value, at: &str, faults: &mut Faults) {
    let Value::Object(date) = value else {
        let detail = format!("a date is an object such as {{\"date-parts\": [[2009, 1]]}}, not {}", describe(value));
        return faults.add(at, "expected_date", detail);
    };
    for (member, value) in date {
        let at = format!("{at}/{}", escaped(member));
        match member.as_str() {
            "date-parts" => date_parts(value, &at, faults),
            "literal" | "raw" => {
                text(value, &at, MAX_TEXT, faults);
            }
            "season" if value.is_string() => {
                text(value, &at, MAX_SEASON, faults);
            }
            "season" if date::season(value).is_none() => {
                faults.add(&at, "invalid_season", "a season is a number from 1 (spring) to 4 (winter), or a text");
            }
            "circa" if !is_switch(value) => {
                faults.add(&at, "expected_boolean", format!("true or false is expected, not {}", describe(value)));
            }
            "season" | "circa" => {}
            _ => {
                let hint = suggestion(nearest(member, DATE_MEMBERS.into_iter()));
                faults.add(&at, "unknown_date_member", format!("a date has no member {member:?}{hint}"));
            }
        }
    }
    if !["date-parts", "literal", "raw"].into_iter().any(|member| date.contains_key(member)) {
        faults.add(at, "empty_date", "a date needs date-parts, literal or raw");
    }
}

fn date_parts(value: &Value, at: &str, faults: &mut Faults) {
    let Some(parts) = value.as_array().filter(|parts| matches!(parts.len(), 1 | 2)) else {
        return faults.add(at, "invalid_date_parts", "one date, or two for a range, is expected: [[2009, 1, 31]]");
    };
    let dates: Vec<_> = parts.iter().map(date::parts).collect();
    for (i, date) in dates.iter().enumerate() {
        if let Err(detail) = date {
            faults.add(&format!("{at}/{i}"), "invalid_date", *detail);
        }
    }
    if let [Ok(first), Ok(last)] = dates.as_slice()
        && last < first
    {
        faults.add(at, "reversed_range", "the second date of a range is not before the first");
    }
}

fn categories(value: &Value, at: &str, faults: &mut Faults) {
    let Value::Array(list) = value else {
        return faults.add(at, "expected_list", format!("a list of texts is expected, not {}", describe(value)));
    };
    if list.len() > MAX_CATEGORIES {
        faults.add(at, "too_many", format!("at most {MAX_CATEGORIES} categories"));
    }
    for (i, item) in list.iter().enumerate() {
        text(item, &format!("{at}/{i}"), MAX_TEXT, faults);
    }
}

fn custom(value: &Value, at: &str, faults: &mut Faults) {
    if !value.is_object() {
        faults.add(at, "expected_object", format!("an object is expected, not {}", describe(value)));
    } else if value.to_string().chars().count() > MAX_CUSTOM {
        faults.add(at, "too_long", format!("at most {MAX_CUSTOM} characters of JSON"));
    } else {
        custom_value(value, at, MAX_CUSTOM_DEPTH, faults);
    }
}

/// What `custom` holds is free, as far as both databases and every JSON reader keep it as it is.
fn custom_value(value: &Value, at: &str, levels: usize, faults: &mut Faults) {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => {
            faults.add(at, "too_deep", format!("at most {MAX_CUSTOM_DEPTH} levels"));
        }
        Value::Array(list) => {
            for (i, item) in list.iter().enumerate() {
                custom_value(item, &format!("{at}/{i}"), levels - 1, faults);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{}", escaped(name));
                checked_characters(name, &at, faults);
                custom_value(value, &at, levels - 1, faults);
            }
        }
        Value::String(text) => checked_characters(text, at, faults),
        Value::Number(n) if n.as_f64().is_none_or(|n| n.abs() > MAX_INTEGER as f64) => {
            faults.add(at, "out_of_range", format!("a number lies between -{MAX_INTEGER} and {MAX_INTEGER}"));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
