//! Studies, or people who make them, with the verb of what they found: `research from Leeds suggests`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::plain::Token;
use super::words::{lines, list, set};

/// A subject and its verb.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Finding {
    pub refers_back: bool,
    pub of_many: bool,
}

/// Most words between subject and verb.
const WIDEST: usize = 14;

/// For each noun whether it needs something in front that makes it a thing.
static NOUNS: LazyLock<HashMap<&str, bool>> = LazyLock::new(|| {
    let read = |line: &'static str| line.strip_suffix(" +").map_or((line, false), |noun| (noun, true));
    lines(list!("study_nouns")).map(read).collect()
});
static VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("finding_verbs")));
static DEEDS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("study_deeds")));

const DETERMINERS: &[&str] = &[
    "a", "an", "the", "one", "another", "this", "that", "each", "every", "recent", "new", "first", "second", "third",
    "latest", "same", "other", "single", "large", "small", "landmark", "pilot",
];
/// Whose studies are not those of science, or are yet to come.
const OTHERS: &[&str] =
    &["your", "my", "our", "future", "no", "case", "customer", "user", "if", "reader", "without", "few"];
/// A verb behind these is not what the subject did.
const NOT_YET: &[&str] = &[
    "to", "can", "could", "may", "might", "will", "would", "should", "must", "who", "you", "we", "i", "people", "they",
];
const BACK: &[&str] = &["these", "this", "those", "the", "both", "such"];
const MANY: &[&str] = &["numerous", "countless", "many", "several", "multiple", "hundreds", "dozens", "plenty"];

/// The first study in the sentence that is said to have found something.
pub(super) fn find(tokens: &[Token<'_>]) -> Option<Finding> {
    tokens.iter().enumerate().filter(|(at, token)| is_subject(tokens, *at, token.word)).find_map(|(at, _)| {
        has_found(tokens.get(at..)?).then(|| {
            let before = tokens.get(at.saturating_sub(4)..at).unwrap_or_default();
            let nearest = tokens.get(at.saturating_sub(2)..at).unwrap_or_default();
            Finding {
                refers_back: nearest.iter().any(|token| BACK.contains(&token.word)),
                of_many: before.iter().any(|token| MANY.contains(&token.word)),
            }
        })
    })
}

fn is_subject(tokens: &[Token<'_>], at: usize, word: &str) -> bool {
    let noun = word.strip_suffix("'s").unwrap_or(word);
    let Some(needs_more) = NOUNS.get(noun) else { return false };
    let before = tokens.get(at.saturating_sub(5)..at).unwrap_or_default();
    let nearest = tokens.get(at.saturating_sub(2)..at).unwrap_or_default();
    if nearest.iter().any(|token| OTHERS.contains(&token.word)) {
        return false;
    }
    let described = |token: &Token<'_>| {
        DETERMINERS.contains(&token.word)
            || token.word.ends_with("'s")
            || token.word.starts_with(|c: char| c.is_ascii_digit())
    };
    !needs_more || before.iter().any(described)
}

/// Whether a verb of finding follows in the same clause.
fn has_found(tokens: &[Token<'_>]) -> bool {
    let clause = tokens.iter().take(WIDEST + 2).take_while(|token| !token.ends_clause).count();
    let last = (clause + 1).min(tokens.len()).min(WIDEST + 2);
    let pairs = tokens.get(..last).unwrap_or_default().windows(2);
    let mut told = pairs.filter(|pair| !pair.first().is_some_and(|before| NOT_YET.contains(&before.word)));
    told.any(|pair| pair.get(1).is_some_and(|verb| VERBS.contains(verb.word) || DEEDS.contains(verb.word)))
}
