//! A verb of effect with a condition it is said to act on: `turmeric reduces inflammation`.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::families::Met;
use super::plain::Token;
use super::words::{lines, list, set};

/// Most words between the verb and the condition.
const WIDEST: usize = 6;
/// How far back a hedge or what makes a verb of a noun may stand.
const NEAR: usize = 2;

static VERBS: LazyLock<Vec<Verb>> = LazyLock::new(|| {
    let plain = lines(list!("causal_verbs")).map(|line| Verb::read(line, false));
    plain.chain(lines(list!("textbook_verbs")).map(|line| Verb::read(line, true))).collect()
});
static ORGAN_VERBS: LazyLock<Vec<Verb>> =
    LazyLock::new(|| lines(list!("organ_verbs")).map(|line| Verb::read(line, false)).collect());
static CONDITIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("conditions")));
static ORGANS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("organs")));

struct Verb {
    stem: &'static str,
    /// The word that follows it: `bring down`.
    particle: Option<&'static str>,
    of_textbooks: bool,
}

impl Verb {
    fn read(line: &'static str, of_textbooks: bool) -> Self {
        let (stem, particle) = line.split_once(' ').map_or((line, None), |(stem, particle)| (stem, Some(particle)));
        Self { stem, particle, of_textbooks }
    }
}

/// An effect that is only possible, or the reader's wish, is not claimed.
const HEDGES: &[&str] = &["may", "might", "can", "could", "to", "possibly", "help", "helps", "if"];
const NEGATIONS: &[&str] = &["not", "don't", "doesn't", "didn't", "never"];
/// With these a negation is a statement: `does not prevent`.
const DENIALS: &[&str] = &["does", "did", "doesn't", "didn't", "do", "don't"];
/// Behind these a word is a noun or a participle: `a cut`, `is reduced`, `for improved sleep`.
const NO_VERB_BEHIND: &[&str] = &[
    "a", "an", "the", "of", "these", "those", "such", "for", "from", "in", "with", "by", "no", "any", "is", "are",
    "was", "were", "be", "been", "being", "into", "as", "his", "its", "this", "has", "or", "your", "their", "than",
];
/// Who acts by hand, or what is explained rather than claimed: a hint.
const MILD_BEHIND: &[&str] = &["that", "which", "who", "you", "we", "i", "he", "she", "they", "and", "when", "as"];
/// Of the finite forms; a gerund names an effect and does not claim it.
const ENDINGS: &[&str] =
    &["", "e", "s", "es", "ed", "d", "se", "ses", "sed", "ze", "zes", "zed", "ve", "ves", "ts", "ned", "bed"];
/// Of those, the ones that an adjective or a noun may have too.
const BARE: &[&str] = &["", "e"];

/// Whether the sentence says as a fact that something acts on a condition, and how firmly.
pub(super) fn find(tokens: &[Token<'_>]) -> Option<Met> {
    // First in the sentence it is an order or a gerund.
    let told: Vec<Met> = (1..tokens.len()).filter_map(|at| effect(tokens, at)).collect();
    told.iter().find(|met| **met == Met::EFFECT).or(told.first()).copied()
}

fn effect(tokens: &[Token<'_>], at: usize) -> Option<Met> {
    told_with(tokens, at, &VERBS, &CONDITIONS).or_else(|| told_with(tokens, at, &ORGAN_VERBS, &ORGANS))
}

/// Whether the word is one of the verbs, in a form that states something, with one of the objects behind it.
fn told_with(tokens: &[Token<'_>], at: usize, verbs: &[Verb], objects: &HashSet<&str>) -> Option<Met> {
    let (verb, ending, width) = verbs.iter().find_map(|verb| is_form(tokens, at, verb))?;
    let before = tokens.get(at.saturating_sub(NEAR)..at).unwrap_or_default();
    let last = before.last()?.word;
    if before.iter().any(|token| HEDGES.contains(&token.word))
        || is_withheld(tokens, at)
        || !acts_on(tokens, at + width, objects)
    {
        return None;
    }
    if NO_VERB_BEHIND.contains(&last) {
        return None;
    }
    let of_many =
        last.ends_with('s') || last.ends_with("ly") || matches!(last, "and" | "also" | "both" | "not" | "people");
    let mild = verb.of_textbooks
        || before.iter().any(|token| MILD_BEHIND.contains(&token.word)) && !ending.ends_with('s')
        || matches!(last, "that" | "which" | "who")
        || BARE.contains(&ending) && !of_many;
    Some(if mild { Met::MILD_EFFECT } else { Met::EFFECT })
}

/// The ending with which a word is a form of the verb, and how many words the verb has.
fn is_form<'v>(tokens: &[Token<'_>], at: usize, verb: &'v Verb) -> Option<(&'v Verb, &'static str, usize)> {
    let rest = tokens.get(at)?.word.strip_prefix(verb.stem)?;
    let ending = ENDINGS.iter().find(|ending| **ending == rest)?;
    match verb.particle {
        None => Some((verb, ending, 1)),
        Some(particle) => (tokens.get(at + 1)?.word == particle).then_some((verb, ending, 2)),
    }
}

/// Whether it is denied as an order (`do not treat`); to say that something has no effect is a claim.
fn is_withheld(tokens: &[Token<'_>], at: usize) -> bool {
    let from = at.saturating_sub(NEAR);
    let before = tokens.get(from..at).unwrap_or_default();
    let Some(negated) = before.iter().position(|token| NEGATIONS.contains(&token.word)) else { return false };
    let denial = (from + negated).saturating_sub(1)..at;
    let stated = tokens.get(denial.clone()).unwrap_or_default().iter().position(|token| DENIALS.contains(&token.word));
    match stated.map(|nth| denial.start + nth) {
        Some(auxiliary) => {
            auxiliary == 0
                || tokens
                    .get(auxiliary - 1)
                    .is_some_and(|subject| matches!(subject.word, "you" | "i" | "we" | "please"))
        }
        None => true,
    }
}

fn acts_on(tokens: &[Token<'_>], from: usize, objects: &HashSet<&str>) -> bool {
    let after = tokens.get(from..).unwrap_or_default();
    let clause = after.iter().position(|token| token.ends_clause).map_or(after.len(), |end| end + 1);
    let near = after.get(..clause.min(WIDEST)).unwrap_or_default();
    let alone = near.iter().any(|token| objects.contains(token.word));
    alone
        || near.windows(2).any(|pair| match pair {
            [one, other] => objects.contains(format!("{} {}", one.word, other.word).as_str()),
            _ => false,
        })
}
