//! One element of CSL-JSON to a record: shapes that other programs write are coerced, what CSL does not know is dropped.

use serde_json::{Map, Value, json};

use super::crossref;
use crate::citing::exchange::draft::Draft;
use crate::citing::exchange::input::Piece;
use crate::citing::exchange::{Entry, Refused, date};
use crate::citing::record::vocabulary::{Kind, NAME_STRINGS, NAME_SWITCHES, TYPES, kind, variables};

pub(super) fn read(value: Value, piece: &Piece) -> Result<Entry, Refused> {
    let Value::Object(members) = unwrapped(value) else {
        return Err(Refused::new(piece.place, "malformed", "a record is an object"));
    };
    let mut draft = Draft::of(piece);
    let mut later = Vec::new();
    for (name, value) in members {
        match name.as_str() {
            "id" => draft.key = words(&value).filter(|key| !key.trim().is_empty()),
            "type" => item_type(&mut draft, &value),
            _ if crossref::takes(&name) => later.push((name, value)),
            _ => variable(&mut draft, &name, value),
        }
    }
    for (name, value) in later {
        crossref::member(&mut draft, &name, value);
    }
    draft.finish(piece)
}

/// The record itself, out of Crossref's answer for one work or an item of Zotero's API.
fn unwrapped(value: Value) -> Value {
    let Value::Object(mut members) = value else { return value };
    for (wrapper, mark) in [("message", "message-type"), ("csljson", "key")] {
        if members.contains_key(mark) && members.get(wrapper).is_some_and(Value::is_object) {
            return members.remove(wrapper).unwrap_or_default();
        }
    }
    Value::Object(members)
}

fn item_type(draft: &mut Draft, value: &Value) {
    let Some(name) = value.as_str() else { return draft.set("type", "type", value.clone()) };
    if TYPES.contains(&name) {
        return draft.item_type(name);
    }
    match crossref::item_type(name) {
        Some(known) => {
            draft.note(format!("the type {name} was read as {known}"));
            draft.item_type(known);
        }
        None => draft.item_type(name),
    }
    if name == "posted-content" {
        draft.evidence.preprint = true;
    }
}

/// A text, or what is written as one.
pub(super) fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn variable(draft: &mut Draft, name: &str, value: Value) {
    if is_empty(&value) {
        return;
    }
    let known = if kind(name).is_some() { Some(name) } else { alias(name) };
    let Some(variable) = known else {
        return draft.drop(name, &plain(&value), "CSL has no such variable");
    };
    match kind(variable) {
        Some(Kind::Text) => text(draft, variable, name, value),
        Some(Kind::Number) => number(draft, variable, name, value),
        Some(Kind::Names) => names(draft, variable, name, value),
        Some(Kind::Date) => date_variable(draft, variable, name, value),
        Some(Kind::Categories) => categories(draft, name, value),
        Some(Kind::Custom) => draft.set(variable, name, value),
        None => {}
    }
}

/// Another spelling of a variable: `doi`, `container_title`, `containerTitle`.
fn alias(name: &str) -> Option<&'static str> {
    let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = bare(name);
    variables().find(|variable| *variable != "id" && bare(variable) == wanted)
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.iter().all(is_empty),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn plain(value: &Value) -> String {
    words(value).unwrap_or_else(|| value.to_string())
}

fn text(draft: &mut Draft, variable: &str, field: &str, value: Value) {
    if let Value::Array(list) = value {
        return list.into_iter().filter(|item| !is_empty(item)).for_each(|item| text(draft, variable, field, item));
    }
    let Some(said) = words(&value) else { return draft.set(variable, field, value) };
    match variable {
        "DOI" => draft.doi(field, &said),
        "PMID" => draft.pmid(field, &said),
        "PMCID" => draft.pmcid(field, &said),
        "ISBN" => draft.isbn(field, &said),
        "ISSN" => draft.issn(field, &said),
        "URL" => draft.url(field, &said),
        "abstract" => draft.text(variable, field, &crossref::without_jats(&said)),
        _ => draft.text(variable, field, &said),
    }
}

fn number(draft: &mut Draft, variable: &str, field: &str, value: Value) {
    match value {
        Value::Array(list) => list.into_iter().for_each(|item| number(draft, variable, field, item)),
        Value::Number(number) if number.is_i64() && !draft.has(variable) => {
            draft.set(variable, field, Value::Number(number));
        }
        value => match words(&value) {
            Some(said) => draft.text(variable, field, &said),
            None => draft.set(variable, field, value),
        },
    }
}

fn names(draft: &mut Draft, variable: &str, field: &str, value: Value) {
    match value {
        Value::Array(list) => list.into_iter().for_each(|item| name(draft, variable, field, item)),
        Value::Object(one) => {
            draft.note(format!("{field} was one name and not a list"));
            name(draft, variable, field, Value::Object(one));
        }
        other => draft.set(variable, field, other),
    }
}

fn name(draft: &mut Draft, variable: &str, field: &str, value: Value) {
    let members = match value {
        Value::Object(members) => members,
        Value::String(literal) => Map::from_iter([("literal".to_owned(), Value::String(literal))]),
        other => return draft.drop(field, &plain(&other), "a name is an object"),
    };
    let mut kept = Map::new();
    for (member, value) in members {
        if is_empty(&value) {
            continue;
        }
        match (member.as_str(), words(&value)) {
            (part, Some(said)) if NAME_STRINGS.contains(&part) => {
                kept.insert(member, said.into());
            }
            (switch, _) if NAME_SWITCHES.contains(&switch) => {
                kept.insert(member, value);
            }
            ("name", Some(said)) if !kept.contains_key("literal") => {
                kept.insert("literal".to_owned(), said.into());
            }
            _ => draft.drop(&format!("{field}.{member}"), &plain(&value), "a CSL name has no such member"),
        }
    }
    if ["family", "given", "literal"].iter().any(|part| kept.contains_key(*part)) {
        draft.name(variable, field, Some(Value::Object(kept)));
    } else if !kept.is_empty() {
        draft.drop(field, &Value::Object(kept).to_string(), "a name needs family, given or literal");
    }
}

pub(super) fn date_variable(draft: &mut Draft, variable: &str, field: &str, value: Value) {
    if draft.has(variable) {
        return draft.drop(field, &plain(&value), format!("the record has another {variable}"));
    }
    let members = match value {
        Value::Object(members) => members,
        other => {
            if let Some(date) = words(&other).as_deref().and_then(date::read) {
                return draft.set(variable, field, date);
            }
            return draft.drop(field, &plain(&other), "this is no date");
        }
    };
    let whole = Value::Object(members.clone()).to_string();
    let mut date = Map::new();
    for (member, value) in members {
        if is_empty(&value) {
            continue;
        }
        match member.as_str() {
            "date-parts" => date_parts(draft, field, value, &mut date),
            "literal" | "raw" | "circa" => {
                date.insert(member, value);
            }
            "season" => season(draft, field, value, &mut date),
            _ => draft.drop(&format!("{field}.{member}"), &plain(&value), "a CSL date has no such member"),
        }
    }
    resolve_raw(&mut date);
    if ["date-parts", "literal", "raw"].iter().any(|member| date.contains_key(*member)) {
        draft.set(variable, field, Value::Object(date));
    } else {
        draft.drop(field, &whole, "this date says nothing");
    }
}

/// A `raw` date becomes parts where it can be read.
fn resolve_raw(date: &mut Map<String, Value>) {
    if date.contains_key("date-parts") {
        return;
    }
    let read = date.get("raw").and_then(Value::as_str).and_then(date::read);
    let Some(Value::Object(read)) = read.filter(|read| read.get("date-parts").is_some()) else { return };
    date.remove("raw");
    for (member, value) in read {
        date.entry(member).or_insert(value);
    }
}

fn season(draft: &mut Draft, field: &str, value: Value, date: &mut Map<String, Value>) {
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    let season = match (number, &value) {
        (Some(n @ 1..=4), _) => n.into(),
        (Some(n @ 21..=24), _) => (n - 20).into(),
        (None, Value::String(_)) => value,
        _ => {
            draft.drop(&format!("{field}.season"), &plain(&value), "a season is a number from 1 to 4");
            return;
        }
    };
    date.insert("season".to_owned(), season);
}

/// Parts with the empty ones cut off, and seasons in the place of months as seasons. What is no date is kept as text.
fn date_parts(draft: &mut Draft, field: &str, value: Value, date: &mut Map<String, Value>) {
    let mut days: Vec<Vec<Value>> = Vec::new();
    for day in value.as_array().into_iter().flatten().take(3) {
        // `[2009, 1]` without the outer list.
        let day = if day.is_array() { day.clone() } else { value.clone() };
        let parts = day.as_array().into_iter().flatten().map(integer);
        let parts: Vec<Value> =
            parts.take_while(|part| part.is_some_and(|n| n != 0)).flatten().map(Value::from).collect();
        if !parts.is_empty() && days.last() != Some(&parts) {
            days.push(parts);
        }
    }
    if let [day] = days.as_mut_slice()
        && let Some(month @ (13..=16 | 21..=24)) = day.get(1).and_then(Value::as_i64)
    {
        day.truncate(1);
        date.insert("season".to_owned(), ((month - 13) % 4 + 1).into());
    }
    if days.is_empty() {
        return;
    }
    let parts = json!(days);
    let fits = crate::citing::record::Record::parse(&json!({"type": "document", "issued": {"date-parts": parts}}));
    if fits.is_ok() {
        date.insert("date-parts".to_owned(), parts);
        return;
    }
    let said: Vec<String> = days.iter().map(|day| day.iter().map(plain).collect::<Vec<_>>().join("-")).collect();
    draft.note(format!("{field} is no date of the calendar, and kept as text"));
    date.insert("literal".to_owned(), said.join("/").into());
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            (float.fract() == 0.0 && float.abs() < 1e9).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn categories(draft: &mut Draft, field: &str, value: Value) {
    let list = match value {
        Value::Array(list) => list,
        other => vec![other],
    };
    let texts: Vec<Value> = list.iter().filter_map(words).map(Value::from).collect();
    draft.set("categories", field, Value::Array(texts));
}
