//! A sentence in the form in which it is compared with the lists.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::words::{list, set};

static NUMBERS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("numbers")));

/// A sentence in lower-case ASCII with single blanks.
pub(super) struct Plain {
    pub text: String,
    pub words: usize,
}

/// Abbreviations that are common words in lower case.
const CAPITALS: &[(&str, &str)] = &[("WHO", "w.h.o"), ("NICE", "n.i.c.e"), ("US", "u.s"), ("WHO's", "w.h.o's")];

/// Reads a sentence: quotes and dashes straight, accents off, `%` for per cent.
pub(super) fn of(sentence: &str) -> Plain {
    let straight: String = sentence.nfd().filter(|c| !is_combining_mark(*c)).filter_map(straight).collect();
    let words: Vec<&str> = straight.split_whitespace().collect();
    let counted = words.iter().filter(|word| word.contains(|c: char| c.is_ascii_alphanumeric() || c == '~')).count();
    let mut text = String::with_capacity(straight.len());
    for (nth, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let is_unit = matches!(bare, "percent" | "%") || word.starts_with('%');
        if is_unit && ends_with_number(&text) {
            text.push('%');
            text.push_str(word.trim_start_matches("percent").trim_start_matches('%'));
            continue;
        }
        if bare == "cent" && text.ends_with(" per") {
            text.truncate(text.len() - " per".len());
            text.push('%');
            continue;
        }
        if nth > 0 {
            text.push(' ');
        }
        match CAPITALS.iter().find(|(written, _)| *written == bare) {
            Some((written, name)) => text.push_str(&word.replace(written, name)),
            None => text.extend(word.chars().map(|c| c.to_ascii_lowercase())),
        }
    }
    Plain { text, words: counted }
}

/// Whether a text ends with a figure, or with a number in words.
fn ends_with_number(text: &str) -> bool {
    let last = text.rsplit([' ', '-']).next().unwrap_or_default();
    last.ends_with(|c: char| c.is_ascii_digit()) || NUMBERS.contains(last)
}

/// One character in ASCII; `~` for a letter of another script, nothing for what is not seen.
fn straight(c: char) -> Option<char> {
    match c {
        '‘' | '’' | 'ʼ' => Some('\''),
        '“' | '”' | '„' | '«' | '»' => Some('"'),
        '‐' | '‑' | '–' | '−' => Some('-'),
        '—' => Some(';'),
        '\u{200B}'..='\u{200D}' | '\u{FEFF}' | '\u{AD}' => None,
        '£' | '€' => Some('$'),
        '\u{FFFC}' => Some('~'),
        c if c.is_whitespace() || c.is_control() => Some(' '),
        c if c.is_ascii() => Some(c),
        c if c.is_alphabetic() => Some('~'),
        _ => Some(' '),
    }
}

/// A word and what follows it.
pub(super) struct Token<'t> {
    pub word: &'t str,
    /// Whether a clause ends behind it.
    pub ends_clause: bool,
}

/// The words of a plain text, without the punctuation around them.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let read = |word| {
        let bare = str::trim_matches(word, |c: char| c.is_ascii_punctuation() && c != '%' && c != '~');
        let ends_clause = bare.is_empty() || word.ends_with([';', ':', '.', '!', '?']);
        Token { word: bare, ends_clause }
    };
    text.split(' ').filter(|word| !word.is_empty()).map(read).collect()
}
