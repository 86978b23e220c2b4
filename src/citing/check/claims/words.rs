//! The word lists: read once, from the files in `words/en`.

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
    ("<study_deeds>", list!("study_deeds")),
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

/// One expression for any of the patterns; `None` if one of them is wrong, which a test forbids.
///
/// The text it is used on is ASCII, so that it need not know other letters and stays small.
pub(super) fn any_of<'p>(patterns: impl Iterator<Item = &'p str>) -> Option<Regex> {
    const LARGEST: usize = 64 << 20;
    let whole: Vec<String> = patterns.map(|pattern| format!("(?:{})", expanded(pattern))).collect();
    RegexBuilder::new(&whole.join("|")).unicode(false).size_limit(LARGEST).build().ok()
}

/// Like [`any_of`], for whole words.
pub(super) fn any_word_of(file: &'static str) -> Option<Regex> {
    let words: Vec<String> = lines(file).map(|line| format!(r"(?:\b|^)(?:{line})(?:\b|$|%)")).collect();
    any_of(words.iter().map(String::as_str))
}

static MASKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let patterns: Vec<String> = lines(list!("masks")).map(|line| format!(r"(?:^|\b| ){line}")).collect();
    any_of(patterns.iter().map(String::as_str))
});

/// What stands for an expression that was taken out: no word, and the end of a clause.
pub(super) const MASK: &str = " ; ";

/// The text without the expressions that only look like a claim.
pub(super) fn unmask(text: &str) -> String {
    match &*MASKS {
        Some(masks) => masks.replace_all(text, MASK).into_owned(),
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
