//! A record as the engine reads it correctly: known variables only, numbers as text, names and dates made regular.

use std::collections::BTreeMap;

use citationberg::json::{DateValue, Item, LiteralName, NameItem, NameValue, Value, VecDate, VecDateRange};

use super::style::Prepared;
use super::writer;
use crate::citing::record::{Name, Record, vocabulary as csl};

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

/// The record for the engine.
pub(super) fn convert(record: &Record, style: &Prepared) -> Item {
    match with_noted(record) {
        Some(record) => item(&record, style),
        None => item(record, style),
    }
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

fn item(record: &Record, style: &Prepared) -> Item {
    let mut item = BTreeMap::new();
    let mut put = |name: &str, value: Value| {
        item.insert(name.to_owned(), value);
    };
    put("id", Value::String("entry".to_owned()));
    put("type", Value::String(record.item_type().to_owned()));
    for name in csl::STRINGS.into_iter().chain(csl::NUMBERS).filter(|name| !WITHHELD.contains(name)) {
        if let Some(value) = text(record, name, style) {
            put(engine_name(name), Value::String(value));
        }
    }
    if let Some(short) = record.container_title_short().or_else(|| record.container_title()) {
        put("container-title-short", Value::String(typographic(short)));
    }
    if let Some(short) = record.text("shortTitle").filter(|_| record.text("title-short").is_none()) {
        put("title-short", Value::String(typographic(short)));
    }
    for name in csl::NAMES {
        let names: Vec<NameValue> = record.names(name).iter().map(|n| self::name(n)).collect();
        if !names.is_empty() {
            put(name, Value::Names(names));
        }
    }
    for name in csl::DATES {
        if let Some(date) = date(record, name, style.seasons) {
            put(name, Value::Date(date));
        }
    }
    Item(item)
}

/// Whether there is anything to print beside the kind of the work and its dates.
pub(super) fn has_content(item: &Item) -> bool {
    item.0.iter().any(|(name, value)| !matches!(name.as_str(), "id" | "type") && !matches!(value, Value::Date(_)))
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

fn text(record: &Record, name: &str, style: &Prepared) -> Option<String> {
    let raw = match record.members().get(name)? {
        serde_json::Value::String(text) => one_line(text),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let identified = match name {
        "DOI" => record.doi().map(|doi| doi.display().to_owned()),
        "PMID" => record.pmid().map(|id| id.to_string()),
        "PMCID" => record.pmcid().map(|id| id.to_string()),
        _ => None,
    };
    let value = match name {
        _ if identified.is_some() => identified.unwrap_or_default(),
        "page" => pages(&raw, style.expands_pages),
        _ if VERBATIM.contains(&name) => writer::without_marks(&raw),
        _ if csl::NUMBERS.contains(&name) && style.hyphen_ranges => {
            writer::without_marks(&raw).replace('-', writer::HYPHEN.encode_utf8(&mut [0; 4]))
        }
        _ if csl::NUMBERS.contains(&name) => writer::without_marks(&raw),
        _ => typographic(&raw),
    };
    (!value.is_empty()).then(|| with_language(value, name, record))
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
fn typographic(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let marked = writer::marked(&raised(&quoted(&one_line(text))));
    let mut chars = marked.chars().peekable();
    while let Some(c) = chars.next() {
        let stays = c == ' ' && matches!(chars.peek(), Some(':' | ';' | ',' | '.'));
        out.push(if stays { writer::KEPT_BLANK } else { c });
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

/// Straight quotation marks become curly ones: opening after white space or an opening bracket, else closing. Those inside
/// a markup tag stay.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut in_tag = false;
    for c in text.chars() {
        let opens = before.is_whitespace() || matches!(before, '(' | '[' | '{' | '“' | '‘' | '—' | '–' | '>' | '/');
        match c {
            '<' => in_tag = text.contains('>'),
            '>' => in_tag = false,
            _ => {}
        }
        out.push(match c {
            '"' if !in_tag && opens => '“',
            '"' if !in_tag => '”',
            '\'' if !in_tag && opens && !before.is_alphanumeric() => '‘',
            '\'' if !in_tag => '’',
            other => other,
        });
        before = c;
    }
    unpaired(&out)
}

/// An opening single quote that nothing closes is an apostrophe: ’90s.
fn unpaired(text: &str) -> String {
    if text.contains('‘') && !text.contains('’') { text.replace('‘', "’") } else { text.to_owned() }
}

/// Page ranges with one hyphen; `539-539` is one page. What is no range of two numbers (`1748-1754.e1`) stays as it is, and
/// so does a shortened end (`539-42`) where the style does not say how ranges look.
fn pages(raw: &str, expands: bool) -> String {
    let plain = writer::without_marks(raw).replace(['–', '—', '−', '‐', '‑'], "-").replace("--", "-");
    let parts = plain.split(',').map(|part| match part.trim().split_once('-') {
        Some((first, last)) if first.trim() == last.trim() => first.trim().to_owned(),
        Some((first, last)) if !last.contains('-') => page_range(first.trim(), last.trim(), expands),
        _ => part.trim().to_owned(),
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn page_range(first: &str, last: &str, expands: bool) -> String {
    let is_page = |text: &str| {
        let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = number.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
        let ends_small =
            text.trim_end_matches(|c: char| c.is_ascii_lowercase()).ends_with(|c: char| c.is_ascii_digit());
        ends_small && rest.chars().all(|c| c.is_ascii_lowercase())
    };
    let letters = |page: &str| page.starts_with(|c: char| c.is_ascii_alphabetic());
    let ascending = |first: &str, last: &str| match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(_)) if last.len() < first.len() => {
            let whole = format!("{}{last}", first.get(..first.len() - last.len()).unwrap_or_default());
            whole.parse::<u64>().is_ok_and(|to| from < to)
        }
        _ => true,
    };
    match is_page(first) && is_page(last) && (letters(last) || !letters(first)) {
        false => format!("{first}{}{last}", writer::HYPHEN),
        true if last.len() < first.len() && !(expands && ascending(first, last)) => {
            format!("{first}-{}{last}", writer::SHORT)
        }
        true => format!("{first}-{last}"),
    }
}

fn name(name: &Name<'_>) -> NameValue {
    let (Some(family), given) = (name.family, name.given) else {
        let literal = name.literal.or(name.given).unwrap_or_default();
        return literal_name(literal);
    };
    if given.is_none() && name.suffix.is_none() && name.dropping_particle.is_none() {
        let whole = name.non_dropping_particle.into_iter().chain([family]).collect::<Vec<_>>().join(" ");
        return literal_name(&whole);
    }
    let repeated = |particle: &&str| family.strip_prefix(*particle).is_some_and(|rest| rest.starts_with(' '));
    let (particle, family) = particle(name.non_dropping_particle.filter(|p| !repeated(p)), family);
    NameValue::Item(NameItem {
        family: plain_name(family),
        given: given.map(|given| spaced_initials(&plain_name(given))),
        non_dropping_particle: particle.map(|particle| first_part(plain_name(particle))),
        dropping_particle: name.dropping_particle.map(plain_name),
        suffix: name.suffix.map(plain_name),
        comma_suffix: None,
    })
}

fn literal_name(text: &str) -> NameValue {
    NameValue::Literal(LiteralName { literal: plain_name(text) })
}

fn plain_name(text: &str) -> String {
    writer::without_marks(&quoted(&one_line(text)))
}

/// `Van Swol` is one name: only what is written small may be moved behind the given name.
fn first_part(mut part: String) -> String {
    if !part.starts_with(char::is_lowercase) {
        part.push(writer::NO_PARTICLE);
    }
    part
}

/// A family name of several words (`van der Berg`, `Ben Ali`) is handed over in two parts: the engine moves what it takes
/// for a particle of an undivided one behind the given name.
fn particle<'n>(particle: Option<&'n str>, family: &'n str) -> (Option<&'n str>, &'n str) {
    match (particle, family.split_once(' ')) {
        (None, Some((first, rest))) => (Some(first), rest),
        _ => (particle, family),
    }
}

/// `J.V.` becomes `J. V.`, so that no initial is lost. Large letters without stops are one name, as for other formatters.
fn spaced_initials(given: &str) -> String {
    let spaced = given.replace('.', ". ").replace(". -", ".-");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first day of a date (the engine cannot do ranges), with its season.
/// Years before the common era are counted by the engine from a year 0.
fn date(record: &Record, variable: &str, seasons: bool) -> Option<DateValue> {
    let date = record.date(variable)?;
    let mut parts = vec![date.year + i16::from(date.year < 0)];
    parts.extend(date.month.map(i16::from));
    parts.extend(date.day.filter(|_| date.month.is_some()).map(i16::from));
    let season = record.season(variable).filter(|_| seasons && date.month.is_none());
    let circa = record.members().get(variable).and_then(|d| d.get("circa")).is_some_and(is_on);
    Some(DateValue::DateParts {
        date_parts: VecDateRange(vec![VecDate(parts)]),
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
