//! A verb of effect with a condition it is said to act on: `turmeric reduces inflammation`.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::plain::Token;
use super::words::{lines, list, set};

/// Most words between the verb and the condition.
const WIDEST: usize = 5;

static STEMS: LazyLock<Vec<&str>> = LazyLock::new(|| lines(list!("causal_verbs")).collect());
static CONDITIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("conditions")));

/// An effect that is only possible, or the reader's wish, is not claimed.
const HEDGES: &[&str] =
    &["may", "might", "can", "could", "to", "possibly", "help", "helps", "not", "don't", "doesn't", "if"];
/// Of the finite forms; a gerund names an effect and does not claim it.
const ENDINGS: &[&str] = &["", "e", "s", "es", "ed", "d", "se", "ses", "sed", "ve", "ves", "ts"];

/// Whether the sentence says as a fact that something acts on a condition.
pub(super) fn found(tokens: &[Token<'_>]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let before = tokens.get(at.saturating_sub(2)..at).unwrap_or_default();
        // First in the sentence it is an order or a gerund.
        at > 0 && is_verb(token.word) && !before.iter().any(|word| HEDGES.contains(&word.word)) && acts_on(tokens, at)
    })
}

fn is_verb(word: &str) -> bool {
    STEMS.iter().any(|stem| word.strip_prefix(stem).is_some_and(|ending| ENDINGS.contains(&ending)))
}

fn acts_on(tokens: &[Token<'_>], verb: usize) -> bool {
    let after = tokens.get(verb + 1..).unwrap_or_default();
    let near = after.get(..after.len().min(WIDEST)).unwrap_or_default();
    let alone = near.iter().any(|token| CONDITIONS.contains(token.word));
    alone
        || near.windows(2).any(|pair| match pair {
            [one, other] => CONDITIONS.contains(format!("{} {}", one.word, other.word).as_str()),
            _ => false,
        })
}
