//! What is indexed of an article or a study, in the form of each database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::profile::Profile;
use super::stem::Stemming;
use super::word::{fold, words};
use super::{MOST_WORDS, exact_token};

/// How much a word's place says of what a text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The title.
    Title,
    /// Subtitle, summary and headings.
    Lead,
    /// The text of the sections.
    Body,
    /// The studies that are cited.
    Studies,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Title, Self::Lead, Self::Body, Self::Studies];
}

/// Which part of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    Title,
    Subtitle,
    Summary,
    Section,
    Study,
}

/// A part of an article as search reads and shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub kind: PartKind,
    /// The anchor of a section, the key of a study.
    pub name: Option<String>,
    /// Of a section.
    pub heading: Option<String>,
    /// Plain text, one line for each block.
    pub text: String,
    /// Its language, when it is not the article's.
    pub language: Option<String>,
}

/// A word that is indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Indexed {
    exact: String,
    stem: Option<String>,
}

/// The words of a text by their places; `None` where a phrase ends.
#[derive(Debug, Default)]
pub struct Index {
    streams: BTreeMap<Class, Vec<Option<Indexed>>>,
    stemmings: BTreeSet<Stemming>,
}

impl Index {
    /// Of the parts of an article in this language.
    pub fn of(language: &str, parts: &[Part]) -> Self {
        let mut index = Self::default();
        for part in parts {
            let language = part.language.as_deref().unwrap_or(language);
            let class = match part.kind {
                PartKind::Title => Class::Title,
                PartKind::Subtitle | PartKind::Summary => Class::Lead,
                PartKind::Section => Class::Body,
                PartKind::Study => Class::Studies,
            };
            index.add(Class::Lead, language, part.heading.as_deref().unwrap_or_default());
            index.add(class, language, &part.text);
        }
        index
    }

    fn add(&mut self, class: Class, language: &str, text: &str) {
        let stemming = Stemming::of(language);
        let stream = self.streams.entry(class).or_default();
        let mut known: HashMap<&str, Indexed> = HashMap::new();
        for line in text.lines() {
            let before = stream.len();
            for at in words(line) {
                let written = line.get(at).unwrap_or_default();
                let word = known.entry(written).or_insert_with(|| {
                    let stem = stemming.map(|stemming| stemming.token(written));
                    Indexed { exact: fold(written), stem }
                });
                if !word.exact.is_empty() {
                    stream.push(Some(word.clone()));
                }
            }
            if stream.len() > before {
                stream.push(None);
                self.stemmings.extend(stemming);
            }
        }
    }

    /// The codes of the languages whose stems are in it.
    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        self.stemmings.iter().map(|stemming| stemming.code())
    }

    /// How often each word is in which class.
    pub fn profile(&self) -> Profile<'static> {
        let tokens = self.streams.iter().flat_map(|(class, stream)| {
            let token = |word: &Indexed| word.stem.clone().unwrap_or_else(|| exact_token(&word.exact));
            stream.iter().flatten().map(move |word| (*class, token(word)))
        });
        Profile::of(tokens)
    }

    /// How many words it has.
    pub fn length(&self) -> usize {
        self.streams.values().flatten().flatten().count()
    }
}

/// A class as FTS5's tokenizer takes it: the words in their exact forms, then their stems; nothing that is asked for
/// holds the token at the end of a phrase.
pub fn fts5_text(index: &Index, class: Class) -> String {
    let Some(stream) = index.streams.get(&class) else { return String::new() };
    let mut text = String::new();
    for word in stream {
        push(&mut text, &word.as_ref().map_or_else(|| END.to_owned(), |word| exact_token(&word.exact)));
    }
    for word in stream {
        push(&mut text, word.as_ref().and_then(|word| word.stem.as_deref()).unwrap_or(END));
    }
    text
}

const END: &str = ":";

fn push(text: &mut String, token: &str) {
    text.push_str(token);
    text.push(' ');
}

/// PostgreSQL keeps at most so many positions of a lexeme.
const MOST_POSITIONS: usize = 255;
/// And no position after 16,383.
const LAST_POSITION: usize = 16_000;
/// And at most 1 MiB of one vector.
const MOST_BYTES: usize = 500_000;

/// All classes and the marks as PostgreSQL's input of `tsvector`: one vector, or several for a text that is too long for
/// one. Each begins with the last words of the one before, so that every phrase lies in one of them.
pub fn tsvectors(index: &Index, marks: &[String]) -> Vec<String> {
    let mut vectors = Vec::new();
    let mut volume = Volume::default();
    for mark in marks {
        volume.lexemes.entry(mark.clone()).or_default();
    }
    let mut recent: Vec<Option<&Indexed>> = Vec::new();
    for word in index.streams.values().flatten() {
        if volume.is_full(word.as_ref()) {
            vectors.push(std::mem::take(&mut volume).written());
            let overlap = recent.len().saturating_sub(MOST_WORDS);
            recent.drain(..overlap);
            recent.iter().for_each(|word| volume.add(*word));
        }
        volume.add(word.as_ref());
        recent.push(word.as_ref());
        if recent.len() > 16 * MOST_WORDS {
            recent.drain(..recent.len() - MOST_WORDS);
        }
    }
    vectors.push(volume.written());
    vectors
}

/// A vector in the making.
#[derive(Default)]
struct Volume {
    lexemes: BTreeMap<String, Vec<usize>>,
    position: usize,
    bytes: usize,
}

impl Volume {
    fn is_full(&self, next: Option<&Indexed>) -> bool {
        let frequent = |token: &str| self.lexemes.get(token).is_some_and(|at| at.len() >= MOST_POSITIONS);
        self.position >= LAST_POSITION
            || self.bytes >= MOST_BYTES
            || next
                .is_some_and(|word| frequent(&exact_token(&word.exact)) || word.stem.as_deref().is_some_and(frequent))
    }

    fn add(&mut self, word: Option<&Indexed>) {
        self.position += 1;
        let Some(word) = word else { return };
        for token in std::iter::once(exact_token(&word.exact)).chain(word.stem.clone()) {
            self.bytes += token.len() + 8;
            self.lexemes.entry(token).or_default().push(self.position);
        }
    }

    fn written(self) -> String {
        let mut vector = String::with_capacity(self.bytes);
        for (token, positions) in self.lexemes {
            let positions: Vec<String> = positions.iter().map(ToString::to_string).collect();
            vector.push_str(&quoted(&token));
            if !positions.is_empty() {
                vector.push(':');
                vector.push_str(&positions.join(","));
            }
            vector.push(' ');
        }
        vector
    }
}

/// A lexeme as PostgreSQL reads it.
fn quoted(token: &str) -> String {
    format!("'{}'", token.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> Part {
        Part { kind: PartKind::Section, name: None, heading: None, text: text.into(), language: None }
    }

    #[test]
    fn both_forms_hold_the_same_words() {
        let index = Index::of("en", &[section("Small scars.\nIt works")]);
        assert_eq!(
            fts5_text(&index, Class::Body),
            "x:small x:scars : x:it x:works : en:small en:scar : en:it en:work : "
        );
        assert_eq!(
            tsvectors(&index, &["tag:skin".into()]),
            ["'en:it':4 'en:scar':2 'en:small':1 'en:work':5 'tag:skin' 'x:it':4 'x:scars':2 'x:small':1 'x:works':5 "]
        );
        assert_eq!(index.languages().collect::<Vec<_>>(), ["en"]);
        assert_eq!(index.length(), 4);
    }

    #[test]
    fn long_texts_fill_several_vectors_that_overlap() {
        let text = (0..1_000).map(|n| format!("the w{n}")).collect::<Vec<_>>().join(" ");
        let vectors = tsvectors(&Index::of("pl", &[section(&text)]), &[]);
        assert!(vectors.len() > 3, "{}", vectors.len());
        for pair in vectors.windows(2) {
            let shared = (0..1_000).filter(|n| pair.iter().all(|vector| vector.contains(&format!("'x:w{n}':"))));
            assert_eq!(shared.count(), MOST_WORDS / 2);
        }
        assert!(vectors.iter().all(|vector| !vector.contains(":16384")));
    }
}
