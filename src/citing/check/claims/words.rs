//! The word lists: read once, from the files in `words/en`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

macro_rules! list {
    ($name:literal) => {
        include_str!(concat!("../words/en/", $name, ".txt"))
    };
}
pub(super) use list;

/// The lines of a file that are not comments.
pub(super) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The lines of a file, to look words up in.
pub(super) fn set(file: &'static str) -> HashSet<&'static str> {
    lines(file).collect()
}

/// Lists that patterns may name in angle brackets.
const LISTS: &[(&str, &str)] = &[
    ("<population>", list!("population")),
    ("<study>", list!("study")),
    ("<finding>", list!("finding_verbs")),
    ("<study_deeds>", list!("study_deeds")),
    ("<conditions>", list!("conditions")),
    ("<health>", list!("health")),
    ("<expert>", list!("expert")),
    ("<expert_verbs>", list!("expert_verbs")),
    ("<agency>", list!("agency")),
    ("<change>", list!("change")),
    ("<numbers>", list!("numbers")),
];

/// A figure in per cent.
const PERCENT: &str = r"(?:\d[\d.,]*|<numbers>)%";

/// A pattern with its lists written out.
fn expanded(pattern: &str) -> String {
    let mut whole = pattern.replace("<pct>", PERCENT).replace(".*", "[ -~]*");
    for (name, file) in LISTS {
        if whole.contains(name) {
            whole = whole.replace(name, &format!(r"\b(?:{})\b", alternatives(file)));
        }
    }
    if whole.contains("<effect>") {
        whole = whole.replace("<effect>", &format!(r"\b(?:{})[a-z]*\b", alternatives(list!("causal_verbs"))));
    }
    whole
}

fn alternatives(file: &'static str) -> String {
    lines(file).collect::<Vec<_>>().join("|")
}

/// Patterns any of which may match.
///
/// They are kept in several expressions: one for all of them would have to follow too many half-met patterns at once.
pub(super) struct AnyOf(Vec<Regex>);

impl AnyOf {
    pub fn is_match(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(text))
    }

    /// The text with `by` in place of what matches.
    fn replace_all(&self, text: &str, by: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, pattern| match pattern.replace_all(&text, by) {
            Cow::Borrowed(_) => text,
            Cow::Owned(replaced) => replaced,
        })
    }
}

/// `None` if one of the patterns is wrong, which a test forbids.
///
/// The text they are used on is ASCII, so that they need not know other letters and stay small.
pub(super) fn any_of<'p>(patterns: impl Iterator<Item = &'p str>) -> Option<AnyOf> {
    const LARGEST: usize = 64 << 20;
    const IN_ONE: usize = 12;
    let whole: Vec<String> = patterns.map(|pattern| format!("(?:{})", expanded(pattern))).collect();
    let expressions = whole
        .chunks(IN_ONE)
        .map(|some| RegexBuilder::new(&some.join("|")).unicode(false).size_limit(LARGEST).build().ok());
    expressions.collect::<Option<Vec<Regex>>>().map(AnyOf)
}

/// Like [`any_of`], for whole words.
pub(super) fn any_word_of(file: &'static str) -> Option<AnyOf> {
    let words: Vec<String> = lines(file).map(|line| format!(r"(?:\b|^)(?:{line})(?:\b|$|%)")).collect();
    any_of(words.iter().map(String::as_str))
}

static MASKS: LazyLock<Option<AnyOf>> = LazyLock::new(|| {
    let patterns: Vec<String> = lines(list!("masks")).map(|line| format!(r"(?:^|\b| ){line}")).collect();
    any_of(patterns.iter().map(String::as_str))
});

/// What stands for an expression that was taken out: no word, and the end of a clause.
pub(super) const MASK: &str = " ; ";

/// The text without the expressions that only look like a claim.
pub(super) fn unmask(text: &str) -> String {
    match &*MASKS {
        Some(masks) => masks.replace_all(text, MASK),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert!(MASKS.is_some());
        for file in
            [list!("off_topic"), list!("advice_phrases"), list!("conclusion_starts"), list!("conclusion_headings")]
        {
            assert!(any_word_of(file).is_some());
        }
    }
}
