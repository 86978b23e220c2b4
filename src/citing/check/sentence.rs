//! Splits a block's text into sentences.
//!
//! A sentence ends at `.`, `!`, `?`, `…` with closing quotes and brackets behind, if white space follows and then
//! something that can begin a sentence; at a forced line break; and at the end. Abbreviations, initials, numbers of
//! lists and decimals do not end one.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::document::Mark;

/// The sentences of a text: byte ranges without surrounding white space, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sentences(Vec<Range<usize>>);

impl Sentences {
    pub fn of(text: &str) -> Self {
        let mut found = Vec::new();
        let mut from = 0;
        for line_end in text.match_indices('\n').map(|(at, _)| at).chain([text.len()]) {
            let line = text.get(from..line_end).unwrap_or_default();
            split_line(line, from, &mut found);
            from = line_end + 1;
        }
        Self(found)
    }

    pub fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// The index of the sentence that a marker belongs to: the one it stands in, or behind whose full stop it stands.
    pub fn index_of(&self, mark: &Mark) -> Option<usize> {
        let begun = match mark.narrative {
            true => self.0.partition_point(|range| range.start <= mark.at),
            false => self.0.partition_point(|range| range.start < mark.at),
        };
        (!self.0.is_empty()).then(|| begun.saturating_sub(1))
    }
}

/// What a full stop behind an abbreviation can mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Never ends a sentence.
    Never,
    /// Ends one before a word that begins sentences.
    BeforeStart,
    /// Ends one unless a digit follows.
    UnlessNumber,
}

static ABBREVIATIONS: LazyLock<HashMap<&str, Stop>> = LazyLock::new(|| {
    let lines = include_str!("words/en/abbreviations.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| match line.split_once(' ') {
        Some((word, "?")) => (word, Stop::BeforeStart),
        Some((word, _)) => (word, Stop::UnlessNumber),
        None => (line, Stop::Never),
    };
    lines.map(read).collect()
});

static STARTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("words/en/sentence_starts.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

fn split_line(line: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let mut start = 0;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !is_terminator(c) {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((next, c)) = chars.next_if(|(_, c)| is_terminator(*c) || is_closing(*c)) {
            end = next + c.len_utf8();
        }
        if ends_sentence(line, start, at, end) {
            push(line, start..end, offset, found);
            start = end;
        }
    }
    push(line, start..line.len(), offset, found);
}

fn push(line: &str, range: Range<usize>, offset: usize, found: &mut Vec<Range<usize>>) {
    let text = line.get(range.clone()).unwrap_or_default();
    let begin = range.start + (text.len() - text.trim_start().len());
    let end = begin + text.trim().len();
    if begin < end {
        found.push(begin + offset..end + offset);
    }
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']')
}

/// Whether the terminators from `at` to `end` end the sentence that began at `start`.
fn ends_sentence(line: &str, start: usize, at: usize, end: usize) -> bool {
    let rest = line.get(end..).unwrap_or_default();
    let marks = line.get(at..end).unwrap_or_default();
    if rest.is_empty() || marks.starts_with(['。', '！', '？']) {
        return true;
    }
    if !rest.starts_with(char::is_whitespace) {
        return false;
    }
    let next = rest.trim_start().trim_start_matches(['"', '\'', '“', '‘', '«', '(', '[']);
    if begins_small(next) {
        return false;
    }
    if marks.starts_with('.') && !marks.starts_with("..") {
        let before = line.get(start..at).unwrap_or_default();
        return marks.len() > 1 && marks.ends_with(['"', '”']) || full_stop_ends(before, next);
    }
    true
}

/// Whether a text goes on with a lower-case word (`pH` and `mRNA` can begin a sentence).
fn begins_small(next: &str) -> bool {
    let mut chars = next.chars();
    chars.next().is_some_and(char::is_lowercase) && !chars.next().is_some_and(char::is_uppercase)
}

fn full_stop_ends(before: &str, next: &str) -> bool {
    let word_start = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '“' | '"' | '/'))
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let word = before.get(word_start..).unwrap_or_default();
    // `1. First …`: the number of a list, not a sentence.
    if word_start == 0 && !word.is_empty() && word.chars().all(|c| c.is_ascii_digit()) {
        return false;
    }
    if is_initial(word) && is_name_before(before.get(..word_start).unwrap_or_default()) {
        return is_after_noun(before, word_start) && begins_sentence(next);
    }
    match ABBREVIATIONS.get(word.to_lowercase().as_str()) {
        // `No.` begins a number only in front of one; `P.` and the like are found as initials above.
        Some(Stop::UnlessNumber) => !next.starts_with(|c: char| c.is_ascii_digit()),
        Some(Stop::Never) => false,
        Some(Stop::BeforeStart) => begins_sentence(next),
        None => true,
    }
}

fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}

/// Whether what stands before a single letter can be part of a name: nothing, or a capitalised word or initial.
fn is_name_before(before: &str) -> bool {
    match before.split_whitespace().next_back() {
        Some(word) => word.starts_with(char::is_uppercase),
        None => true,
    }
}

/// `Vitamin C.`, `Hepatitis B.`: the letter belongs to the noun before it.
fn is_after_noun(before: &str, word_start: usize) -> bool {
    const NOUNS: &[&str] =
        &["vitamin", "hepatitis", "type", "group", "grade", "class", "phase", "influenza", "plan", "part"];
    let noun = before.get(..word_start).unwrap_or_default().split_whitespace().next_back().unwrap_or_default();
    NOUNS.contains(&noun.to_lowercase().as_str())
}

fn begins_sentence(next: &str) -> bool {
    let word: String = next.chars().take_while(|c| c.is_alphabetic()).take(20).flat_map(char::to_lowercase).collect();
    STARTS.contains(word.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        Sentences::of(text).ranges().iter().map(|range| &text[range.clone()]).collect()
    }

    #[test]
    fn what_ends_a_sentence() {
        assert_eq!(split("One. Two! Three? Four… Five"), ["One.", "Two!", "Three?", "Four…", "Five"]);
        assert_eq!(split("He said “it works.” Then he left."), ["He said “it works.”", "Then he left."]);
        assert_eq!(split("It works (mostly.) Then not."), ["It works (mostly.)", "Then not."]);
        assert_eq!(split("A line.\nanother line"), ["A line.", "another line"]);
        assert_eq!(split("Take vitamin C. It helps."), ["Take vitamin C.", "It helps."]);
        assert_eq!(split("This is Vitamin C. It helps."), ["This is Vitamin C.", "It helps."]);
        assert_eq!(
            split("It is sold in the U.S. The study ran there."),
            ["It is sold in the U.S.", "The study ran there."]
        );
        assert_eq!(split("Wait... The end."), ["Wait...", "The end."]);
        assert_eq!(split("Is it so? No. It is not."), ["Is it so?", "No.", "It is not."]);
        assert_eq!(split("Keep it neutral. pH matters."), ["Keep it neutral.", "pH matters."]);
    }

    #[test]
    fn what_does_not() {
        for whole in [
            "Dr. Smith of St. Mary vs. Prof. J. B. Jones, e.g. in Fig. 3, found 3.5 mg enough.",
            "Majid et al. found it, i.e. they saw it.",
            "U.S. adults sleep too little.",
            "See No. 5 on the list.",
            "He waited... and waited.",
            "1. First of all this",
            "“Why?” she asked.",
            "It costs approx. 30 euros at example.org today.",
            "John F. Kennedy slept at 10 p.m. on most days.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
    }

    proptest! {
        #[test]
        fn every_word_is_in_one_sentence(text in "\\PC{0,200}|([A-Za-z]{1,6}[.!? “”)\n]{1,3}){0,40}") {
            let mut last = 0;
            for range in Sentences::of(&text).ranges() {
                prop_assert!(text[last..range.start].trim().is_empty());
                prop_assert_eq!(text[range.clone()].trim(), &text[range.clone()]);
                last = range.end;
            }
            prop_assert!(text[last..].trim().is_empty());
        }
    }
}
