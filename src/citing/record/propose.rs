//! Proposes a key for a record: `majid2009`.

use deunicode::deunicode;

use super::Record;
use crate::citing::StudyKey;

/// Most letters taken from a name or a title.
const MOST: usize = 40;

/// Words that say nothing about a title.
const EMPTY_WORDS: [&str; 24] = [
    "a", "an", "and", "as", "at", "by", "de", "der", "des", "die", "das", "for", "from", "in", "is", "la", "le", "of",
    "on", "the", "to", "und", "with", "el",
];

/// A key for a record without one: first author and year, else the first telling words of the title or container.
///
/// Always a valid [`StudyKey`]; not necessarily free in the library.
pub fn propose_key(record: &Record) -> String {
    let named = record.authors().first().and_then(|name| stem(&letters(name.family.or(name.literal).or(name.given)?)));
    let stem = named
        .or_else(|| title_stem(record.title()?))
        .or_else(|| title_stem(record.container_title()?))
        .unwrap_or_else(|| "study".to_owned());
    let year = record.year().map(|year| year.unsigned_abs().to_string()).unwrap_or_default();
    let key = format!("{stem}{year}");
    match StudyKey::parse(&key) {
        Ok(key) => key.into_string(),
        Err(_) => format!("study{year}"),
    }
}

fn letters(text: &str) -> String {
    deunicode(text).chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn stem(letters: &str) -> Option<String> {
    let stem: String = letters.chars().take(MOST).collect();
    (!stem.is_empty()).then_some(stem)
}

fn title_stem(title: &str) -> Option<String> {
    let words = title.split_whitespace().map(letters).filter(|w| !w.is_empty());
    let telling: Vec<String> = words.clone().filter(|w| !EMPTY_WORDS.contains(&w.as_str())).take(3).collect();
    let chosen = if telling.is_empty() { words.take(3).collect() } else { telling };
    stem(&chosen.concat())
}
