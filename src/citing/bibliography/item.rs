//! A record as the engine reads it correctly: known variables only, numbers as text, names and dates made regular.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use citationberg::json::{DateValue, Item, NameValue, Value, VecDate, VecDateRange};

use super::clean::Habit;
use super::style::Prepared;
use super::{dates, writer};
use crate::citing::record::{PartialDate, Record, vocabulary as csl};

mod names;
mod pages;

/// Variables that no style should print, or that the engine assigns itself.
const WITHHELD: [&str; 14] = [
    "abstract",
    "annote",
    "citation-key",
    "citation-label",
    "citation-number",
    "container-title-short",
    "first-reference-note-number",
    "id",
    "journalAbbreviation",
    "keyword",
    "locator",
    "shortTitle",
    "type",
    "year-suffix",
];

/// Variables whose text is an identifier: nothing typographic happens to it.
const VERBATIM: [&str; 9] = ["DOI", "ISBN", "ISSN", "PMCID", "PMID", "URL", "language", "call-number", "number"];

/// A variable that no item has.
pub(super) const NEVER: &str = "annote";
/// The variable of an item whose pages are more than one.
pub(super) const SEVERAL_PAGES: &str = "citation-key";
/// The variable of an item that was issued in a known month.
pub(super) const IN_A_MONTH: &str = "keyword";
/// The variable of an item that has editors.
pub(super) const EDITED: &str = "abstract";

/// A value that says something to a style and nothing to readers.
fn flag() -> Value {
    Value::String(writer::SHORT.to_string())
}

/// The record for the engine; `habit` is how the language it is printed in quotes.
pub(super) fn convert(record: &Record, style: &Prepared, habit: Habit) -> Item {
    let converted = catch_unwind(AssertUnwindSafe(|| match with_noted(record) {
        Some(record) => item(&record, style, habit),
        None => item(record, style, habit),
    }));
    converted.unwrap_or_else(|_| Item(BTreeMap::new()))
}

/// The record with the variables that its note names, line by line (`PMID: 123`): so reference managers keep what they have
/// no field for, and other formatters read it. `None` if it names none.
fn with_noted(record: &Record) -> Option<Record> {
    let note = record.text("note")?;
    let mut members = record.members().clone();
    let mut rest = Vec::new();
    for line in note.lines() {
        match noted(line).filter(|(name, _)| rest.is_empty() && !members.contains_key(*name)) {
            Some((name, value)) => {
                members.insert(name.to_owned(), value.into());
            }
            None => rest.push(line),
        }
    }
    if rest.len() == note.lines().count() {
        return None;
    }
    members.insert("note".to_owned(), rest.join("\n").into());
    Record::parse(&serde_json::Value::Object(members)).ok()
}

fn noted(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let known = csl::STRINGS.contains(&name) || csl::NUMBERS.contains(&name);
    (known && name != "note" && !value.is_empty() && !value.contains('}')).then_some((name, value))
}

fn item(record: &Record, style: &Prepared, habit: Habit) -> Item {
    let mut item = BTreeMap::new();
    let mut put = |name: &str, value: Value| {
        item.insert(name.to_owned(), value);
    };
    put("id", Value::String("entry".to_owned()));
    put("type", Value::String(record.item_type().to_owned()));
    for name in csl::STRINGS.into_iter().chain(csl::NUMBERS).filter(|name| !WITHHELD.contains(name)) {
        if let Some(value) = text(record, name, style, habit) {
            if name == "page" && pages::are_several(&value) {
                put(SEVERAL_PAGES, flag());
            }
            put(engine_name(name), Value::String(value));
        }
    }
    if record.date("issued").is_some_and(|date| date.month.is_some()) {
        put(IN_A_MONTH, flag());
    }
    if let Some(short) = record.container_title_short().or_else(|| record.container_title()) {
        put("container-title-short", Value::String(typographic(short, habit)));
    }
    if let Some(short) = record.text("shortTitle").filter(|_| record.text("title-short").is_none()) {
        put("title-short", Value::String(typographic(short, habit)));
    }
    for name in csl::NAMES {
        let names: Vec<NameValue> = record.names(name).iter().map(|n| names::for_engine(n, style)).collect();
        if !names.is_empty() {
            put(name, Value::Names(names));
        }
    }
    if !record.names("editor").is_empty() {
        put(EDITED, flag());
    }
    for name in csl::DATES {
        if let Some(date) = date(record, name, style) {
            put(name, Value::Date(date));
        }
    }
    Item(item)
}

/// Whether there is anything to print beside the kind of the work and its dates.
pub(super) fn has_content(item: &Item) -> bool {
    let says_nothing = ["id", "type", SEVERAL_PAGES, IN_A_MONTH, EDITED];
    item.0.iter().any(|(name, value)| !says_nothing.contains(&name.as_str()) && !matches!(value, Value::Date(_)))
}

/// The name by which the engine knows a variable that the data schema names otherwise.
fn engine_name(name: &str) -> &str {
    match name {
        "part" => "part-number",
        "printing" => "printing-number",
        "supplement" => "supplement-number",
        other => other,
    }
}

fn text(record: &Record, name: &str, style: &Prepared, habit: Habit) -> Option<String> {
    let raw = match record.members().get(name)? {
        serde_json::Value::String(text) => one_line(text),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let identified = match name {
        "DOI" => record.doi().map(|doi| format!("{}{}", writer::DOI, writer::without_marks(doi.display()))),
        "PMID" => record.pmid().map(|id| id.to_string()),
        "PMCID" => record.pmcid().map(|id| id.to_string()),
        _ => None,
    };
    let value = match name {
        _ if identified.is_some() => identified.unwrap_or_default(),
        "page" => pages::for_engine(&raw, style),
        _ if VERBATIM.contains(&name) => writer::without_marks(&raw),
        _ if csl::NUMBERS.contains(&name) => number(&raw, style),
        _ => typographic(&raw, habit),
    };
    (!value.is_empty()).then(|| with_language(value, name, record))
}

/// A number or a range of numbers. What begins with words is no range, and of several hyphens the last one alone makes one; a
/// number with zeros before it stays as it is.
fn number(raw: &str, style: &Prepared) -> String {
    let plain = writer::without_marks(raw);
    let hyphenated = |text: &str| text.replace('-', writer::HYPHEN.encode_utf8(&mut [0; 4]));
    match plain.rsplit_once('-') {
        Some((before, _)) if style.hyphen_ranges || before.contains(' ') => hyphenated(&plain),
        Some((before, last)) if before.contains('-') => {
            format!("{}{}{}{last}", writer::SHORT, hyphenated(before), writer::RANGE)
        }
        None if plain.len() > 1 && plain.starts_with('0') => plain.replacen('0', &format!("0{}", writer::SHORT), 1),
        _ => plain,
    }
}

/// A title of a work that is not in English has a mark at its end: title case is not for it.
fn with_language(mut value: String, name: &str, record: &Record) -> String {
    if name.contains("title") && !is_english(record) {
        value.push(writer::FOREIGN);
    }
    value
}

fn is_english(record: &Record) -> bool {
    record.text("language").is_none_or(|language| language.to_ascii_lowercase().starts_with("en"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Typographic quotes and apostrophes; markup of titles as private marks; blanks before stops as they are (`: The`).
fn typographic(text: &str, habit: Habit) -> String {
    let mut out = String::with_capacity(text.len());
    let marked = writer::marked(&raised(&quoted(&one_line(text), habit)));
    let mut chars = marked.chars().peekable();
    while let Some(c) = chars.next() {
        let stays = c == ' ' && matches!(chars.peek(), Some(':' | ';' | ',' | '.'));
        let is_stop = |c: char| matches!(c, ':' | ';' | ',' | '.');
        let is_mark = |c: char| matches!(c, '?' | '!' | '”' | '’');
        if is_stop(c) && out.chars().next_back().is_some_and(|before| is_stop(before) || is_mark(before)) {
            out.push(writer::STAYS);
        }
        out.push(if stays { writer::KEPT_BLANK } else { c });
    }
    // The engine takes a closing mark at the end for one of its own.
    if out.ends_with(['’', '”']) {
        out.push(writer::NO_PARTICLE);
    }
    out
}

/// Characters that stand above the line by themselves are ordinary ones above the line, as other formatters have them.
fn raised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match c {
            'ª' => "a",
            '²' => "2",
            '³' => "3",
            '¹' => "1",
            'º' => "o",
            '⁰' => "0",
            'ⁱ' => "i",
            '⁴' => "4",
            '⁵' => "5",
            '⁶' => "6",
            '⁷' => "7",
            '⁸' => "8",
            '⁹' => "9",
            '⁺' => "+",
            '⁻' => "−",
            'ⁿ' => "n",
            '™' => "TM",
            other => {
                out.push(other);
                continue;
            }
        };
        out.push_str("<sup>");
        out.push_str(plain);
        out.push_str("</sup>");
    }
    out
}

/// Straight quotation marks become the language's own: those that come first the outer ones, the others the inner ones. They
/// open after white space, an opening bracket, mark or tag, else they close; a single one that closes nothing is an
/// apostrophe. Those inside a markup tag stay, and so do curly ones.
fn quoted(text: &str, habit: Habit) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut before, mut in_tag, mut first) = (' ', false, None);
    let mut open: Vec<char> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '<' => in_tag = text.contains('>'),
            '>' => in_tag = false,
            _ => {}
        }
        if in_tag || !matches!(c, '"' | '\'') {
            out.push(c);
            before = c;
            continue;
        }
        let opens = before.is_whitespace() || matches!(before, '(' | '[' | '{' | '“' | '‘' | '—' | '–' | '>' | '/');
        let doubled = |kind: char, first: Option<char>| first.is_none_or(|first| first == kind) != habit.single_first;
        let in_word = chars.peek().is_some_and(|next| next.is_alphanumeric());
        if opens && (c == '"' || in_word) && (c == '"' || closes_later(&chars)) {
            first = first.or(Some(c));
            open.push(c);
            out.push(if doubled(c, first) { '“' } else { '‘' });
        } else if open.last() == Some(&c) && (c == '"' || !in_word) {
            open.pop();
            out.push(if doubled(c, first) { '”' } else { '’' });
        } else {
            out.push(if c == '"' { '”' } else { '’' });
        }
        before = c;
    }
    out
}

/// Whether a single mark is yet to come that no letter follows.
fn closes_later(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    while let Some(c) = rest.next() {
        if c == '\'' && rest.peek().is_none_or(|next| !next.is_alphanumeric()) {
            return true;
        }
    }
    false
}

/// The item with the last day of each date that is a range, and how many parts of the two days are the same; `None` if none is.
pub(super) fn until(record: &Record, item: &Item) -> Option<(Item, usize)> {
    let ranges = csl::DATES.into_iter().filter_map(|name| Some((name, record.date(name)?, record.date_end(name)?)));
    let mut ended: Option<(Item, usize)> = None;
    for (name, first, last) in ranges {
        let same = dates::same_parts(first, last);
        let (item, least) = ended.get_or_insert_with(|| (item.clone(), same));
        *least = same.min(*least);
        if let Some(Value::Date(DateValue::DateParts { date_parts, .. })) = item.0.get_mut(name) {
            *date_parts = VecDateRange(vec![parts(last)]);
        }
    }
    ended
}

/// Years before the common era are counted by the engine from a year 0.
fn parts(date: PartialDate) -> VecDate {
    let mut parts = vec![date.year + i16::from(date.year < 0)];
    parts.extend(date.month.map(i16::from));
    parts.extend(date.day.filter(|_| date.month.is_some()).map(i16::from));
    VecDate(parts)
}

/// The first day of a date (the engine cannot do ranges), with its season; in lists of single entries, a year that stands for
/// words.
fn date(record: &Record, variable: &str, style: &Prepared) -> Option<DateValue> {
    let words = record.date_words(variable).filter(|_| variable == "issued" && style.one_by_one);
    let date = match words {
        Some(_) => PartialDate { year: dates::YEAR_OF_WORDS, month: None, day: None },
        None => record.date(variable)?,
    };
    let season = record.season(variable).filter(|_| style.seasons && date.month.is_none() && words.is_none());
    let circa = record.members().get(variable).and_then(|d| d.get("circa")).is_some_and(is_on);
    Some(DateValue::DateParts {
        date_parts: VecDateRange(vec![parts(date)]),
        literal: None,
        season: season.map(|season| season.to_string()),
        circa,
    })
}

fn is_on(switch: &serde_json::Value) -> bool {
    match switch {
        serde_json::Value::Bool(on) => *on,
        serde_json::Value::Number(n) => n.as_i64() == Some(1),
        serde_json::Value::String(s) => matches!(s.as_str(), "true" | "1"),
        _ => false,
    }
}
