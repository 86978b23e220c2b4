//! How well what matches does: BM25F over a few counts of each text. The same on both databases, whatever they would say.

use super::query::{Atom, Expression, Form};
use super::store::Candidate;
use crate::db::types::Instant;
use crate::ids::ArticleId;
use crate::text::search::{Frequency, Profile, Stemming, exact_token, fold, words};

/// How soon more of a word says no more.
const SATURATION: f64 = 1.2;
/// How much longer texts need more of a word.
const LENGTH: f64 = 0.5;

/// An article with how well it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    pub article: ArticleId,
    /// In millionths: whole, so that two of them are equal or not.
    pub score: i64,
    /// When it was published, if that was asked for.
    pub published_at: Option<Instant>,
}

/// The candidates with how well they match, in their order.
pub fn rank(expression: &Expression, stemmings: &[Stemming], candidates: &[Candidate]) -> Vec<Ranked> {
    let wanted: Vec<Wanted> = expression.atoms().map(|atom| Wanted::of(atom, stemmings)).collect();
    let frequencies: Vec<Vec<f64>> = candidates.iter().map(|candidate| weights(candidate, &wanted)).collect();
    let lengths: i64 = candidates.iter().map(|candidate| i64::from(candidate.length)).sum();
    let mean = (lengths as f64 / candidates.len().max(1) as f64).max(1.0);
    let rarity: Vec<f64> = (0..wanted.len())
        .map(|nth| {
            let with = frequencies.iter().filter(|weights| weights[nth] > 0.0).count();
            (1.0 + candidates.len() as f64 / with.max(1) as f64).ln()
        })
        .collect();
    let score = |candidate: &Candidate, weights: &[f64]| {
        let long = 1.0 - LENGTH + LENGTH * f64::from(candidate.length) / mean;
        let each = weights.iter().zip(&rarity);
        each.map(|(weight, rarity)| rarity * weight * (SATURATION + 1.0) / (weight + SATURATION * long)).sum::<f64>()
    };
    let each = candidates.iter().zip(&frequencies);
    each.map(|(candidate, weights)| Ranked {
        article: candidate.article_id,
        score: (score(candidate, weights) * 1_000_000.0).round() as i64,
        published_at: candidate.published_at,
    })
    .collect()
}

/// An atom in the tokens that profiles are asked for.
struct Wanted {
    /// The forms of each of its words, any of which may be meant.
    words: Vec<Vec<String>>,
    /// The beginning of a word, of which profiles know nothing.
    beginning: Option<String>,
}

impl Wanted {
    fn of(atom: &Atom, stemmings: &[Stemming]) -> Self {
        let mut words: Vec<Vec<String>> = atom
            .words
            .iter()
            .map(|word| {
                let stems = stemmings.iter().map(|stemming| stemming.token(&word.written));
                std::iter::once(exact_token(&word.exact)).chain(stems).collect()
            })
            .collect();
        let beginning = match atom.form {
            Form::Beginning => words.pop().and(atom.words.last()).map(|word| word.exact.clone()),
            Form::Stem | Form::Exact => None,
        };
        Self { words, beginning }
    }

    fn frequency(&self, profile: &Profile, title: &str) -> Frequency {
        let any = |forms: &Vec<String>| {
            forms.iter().map(|form| profile.frequency(form)).fold(Frequency::default(), Frequency::or)
        };
        let begun = self.beginning.as_deref().map(|beginning| begun(beginning, title));
        let each = self.words.iter().map(any).chain(begun);
        each.reduce(Frequency::and).unwrap_or_default()
    }
}

/// Where a word begins so: in the title, or else somewhere.
fn begun(beginning: &str, title: &str) -> Frequency {
    let in_title = words(title).any(|at| fold(title.get(at).unwrap_or_default()).starts_with(beginning));
    Frequency { title: in_title.into(), lead: 1, body: 1, studies: 1 }
}

/// How much each atom weighs in the text: a word in the title as much as eight in the text, one in the summary or a
/// heading as much as three.
fn weights(candidate: &Candidate, wanted: &[Wanted]) -> Vec<f64> {
    let profile = Profile::stored(&candidate.profile);
    let weight = |wanted: &Wanted| {
        let Frequency { title, lead, body, studies } = wanted.frequency(&profile, &candidate.title);
        8.0 * f64::from(title) + 3.0 * f64::from(lead) + f64::from(body) + 0.5 * f64::from(studies)
    };
    wanted.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::search::{Index, Part, PartKind};

    fn candidate(number: u128, title: &str, body: &str) -> Candidate {
        let part = |kind, text: &str| Part { kind, name: None, heading: None, text: text.into(), language: None };
        let index = Index::of("en", &[part(PartKind::Title, title), part(PartKind::Section, body)]);
        Candidate {
            article_id: ArticleId(uuid::Uuid::from_u128(number)),
            title: title.into(),
            length: i32::try_from(index.length()).unwrap(),
            profile: index.profile().into_bytes(),
            labels: None,
            published_at: None,
        }
    }

    fn order(query: &str, candidates: &[Candidate]) -> Vec<u128> {
        let mut ranked = rank(&Expression::parse(query).unwrap(), &[Stemming::of("en").unwrap()], candidates);
        ranked.sort_by_key(|ranked| std::cmp::Reverse(ranked.score));
        ranked.iter().map(|ranked| ranked.article.0.as_u128()).collect()
    }

    #[test]
    fn titles_count_more_than_texts_and_rare_words_more_than_common_ones() {
        let long = format!("{} And of scars.", "Much is said of other things here.".repeat(9));
        let all = [
            candidate(1, "Needles", "A scar."),
            candidate(2, "Scars and needles", "Nothing more."),
            candidate(3, "Needles", &long),
            candidate(4, "Needles", "A scar, scars, scarred skin."),
        ];
        assert_eq!(order("scar", &all), [2, 4, 1, 3]);
        assert_eq!(order("scar*", &all)[0], 2);
        let pores =
            [candidate(1, "Skin", "Skin pore."), candidate(2, "Skin", "Skin skin."), candidate(3, "Skin", "Skin.")];
        assert_eq!(order("pores OR skin", &pores)[0], 1);
        assert_eq!(order("\"skin pore\"", &pores)[0], 1);
        assert_eq!(order("scar", &[]), Vec::<u128>::new());
    }
}
