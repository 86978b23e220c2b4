//! Sentences that claim nothing whatever their words: questions, the authors' own work, other walks of life, advice.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::families::Met;
use super::words::{AnyOf, any_of, any_word_of, list, set};

static OFF_TOPIC: LazyLock<Option<AnyOf>> = LazyLock::new(|| any_word_of(list!("off_topic")));
static OWN_WORK: LazyLock<Option<AnyOf>> = LazyLock::new(|| {
    let patterns = [
        r"\bour (?:[\w-]+ )?(?:stud(?:y|ies)|trial|results|data|analys[ie]s|findings|cohort|experiments?|survey|participants|sample)\b",
        r"\bwe (?:also |then |have )?(?:found|observed|measured|recruited|enrolled|conducted|analy[sz]ed|randomi[sz]ed|included|excluded|collected|examined|investigated|hypothesi[sz]ed|showed|report|assessed|evaluated|tested|surveyed|reviewed|compared|ranked)\b",
        r"\b(?:table|figure|fig\.?) \d",
        r"\bin (?:this|the present|the current) study,? we\b",
    ];
    any_of(patterns.into_iter())
});
static ADVICE: LazyLock<Option<AnyOf>> = LazyLock::new(|| any_word_of(list!("advice_phrases")));
static ADVICE_STARTS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(list!("advice_starts")));
/// What one person, or those who bought a thing, say of it.
static ANECDOTE: LazyLock<Option<AnyOf>> =
    LazyLock::new(|| any_of([r"(?:^|[^\w])(?:i|i'm|i've|i'd|i'll|my|me)(?:[^\w'.-]|$)"].into_iter()));
/// `phase I`, `type I` are no first persons.
static ROMAN: LazyLock<Option<AnyOf>> =
    LazyLock::new(|| any_of([r"\b(?:phase|type|grade|stage|class|level|bipolar|vitamin|part) i\b"].into_iter()));

fn matches(pattern: &Option<AnyOf>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// What an article says of itself: what the reader is about to learn.
static LEAD_IN: LazyLock<Option<AnyOf>> = LazyLock::new(|| {
    let patterns = [
        r"\b(?:in )?this (?:[\w-]+ ){0,2}(?:article|guide|post|blog|page|section|piece|chapter|list|roundup)\b",
        r"\b(?:you'll|we'll|you will|we will|let's|let us) (?:also |now |then )?(?:be )?(?:discover|learn|explore|look|find out|see|cover|explain|walk|uncover|break down|discuss|dive|go over|take a|exploring|looking|discussing)\b",
    ];
    any_of(patterns.into_iter())
});

/// Whether the sentence is passed over.
pub(super) fn whole(text: &str) -> bool {
    is_question(text) || matches(&LEAD_IN, text) || matches(&OFF_TOPIC, text) || matches(&OWN_WORK, text)
}

fn is_question(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', ')', ']', ' ', '!']).ends_with('?')
}

/// Takes out the families that advice and anecdotes excuse: all but those that speak of research or an authority.
pub(super) fn excuse(text: &str, met: &mut Vec<Met>) {
    if met.is_empty() || !(is_advice(text) || is_anecdote(text)) {
        return;
    }
    met.retain(|family| family.of_research || family.name == "authority");
}

fn is_advice(text: &str) -> bool {
    let mut words = text.split(' ').map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '\''));
    let first = words.next().unwrap_or_default();
    // `Use of …`, `Sleep is …`: a noun.
    let order = ADVICE_STARTS.contains(first)
        && !words.next().is_some_and(|next| {
            matches!(
                next,
                "of" | "is"
                    | "has"
                    | "was"
                    | "in"
                    | "loss"
                    | "apnea"
                    | "apnoea"
                    | "deprivation"
                    | "problems"
                    | "disorders"
                    | "quality"
            )
        });
    order || matches(&ADVICE, text)
}

fn is_anecdote(text: &str) -> bool {
    matches(&ANECDOTE, text) && !matches(&ROMAN, text)
}
