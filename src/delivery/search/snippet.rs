//! Where a text matches: pieces of its parts with what was found marked.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use super::query::{Atom, Expression, Form};
use crate::text::search::{Part, PartKind, Stemming, fold, words};

/// The most characters of a piece of a text, marks and ellipses not counted.
const MOST_CHARACTERS: usize = 240;
/// How many characters stand before what was found first.
const BEFORE: usize = 60;
/// The most pieces of one article.
const MOST_PIECES: usize = 3;

crate::words! {
    /// A part of an article.
    Place {
        /// The title.
        Title = "title",
        /// The subtitle.
        Subtitle = "subtitle",
        /// The summary.
        Summary = "summary",
        /// A section: its heading or its text.
        Section = "section",
        /// A study that the article cites.
        Study = "study",
    }
}

impl From<PartKind> for Place {
    fn from(kind: PartKind) -> Self {
        match kind {
            PartKind::Title => Self::Title,
            PartKind::Subtitle => Self::Subtitle,
            PartKind::Summary => Self::Summary,
            PartKind::Section => Self::Section,
            PartKind::Study => Self::Study,
        }
    }
}

/// A piece of an article in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Snippet {
    pub part: Place,
    /// Of a section: leads to it within the article and its page. Null elsewhere.
    #[schema(max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "what-the-studies-found")]
    pub anchor: Option<String>,
    /// Of a section: its heading as plain text. Null elsewhere, and for a section without one.
    #[schema(max_length = 300, example = "What the studies found")]
    pub heading: Option<String>,
    /// The key of the study. Null elsewhere.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub study: Option<String>,
    /// Safe to put into a page: text in which `&`, `<`, `>` and quotation marks are escaped, with what was found in
    /// `<mark>`. `…` where something is left out.
    #[schema(max_length = 8000, example = "<mark>Pores</mark> became smaller in three of four patients.")]
    pub html: String,
}

/// Which word of which atom: an atom matches where all its words stand beside each other.
type Slots = Vec<(usize, usize)>;

/// Finds what a query asks for in plain texts.
pub struct Finder<'e> {
    atoms: Vec<&'e Atom>,
    /// The stems of the atoms' words in a language, and what is known of the words of texts in it.
    languages: HashMap<Option<Stemming>, Language>,
}

#[derive(Default)]
struct Language {
    stems: Vec<Vec<String>>,
    met: HashMap<String, Slots>,
}

/// What was found in a text.
struct Found {
    /// Bytes, in order, none within another.
    marks: Vec<Range<usize>>,
    /// The atoms by the mark that each began with.
    atoms: Vec<usize>,
}

impl Found {
    fn different(&self) -> usize {
        let mut atoms = self.atoms.clone();
        atoms.sort_unstable();
        atoms.dedup();
        atoms.len()
    }
}

impl<'e> Finder<'e> {
    pub fn new(expression: &'e Expression) -> Self {
        Self { atoms: expression.atoms().collect(), languages: HashMap::new() }
    }

    /// The pieces of the parts that say most of what was asked for, the best first.
    pub fn snippets(&mut self, language: &str, parts: &[Part]) -> Vec<Snippet> {
        let mut found: Vec<(usize, usize, Snippet)> = Vec::new();
        for part in parts {
            let language = part.language.as_deref().unwrap_or(language);
            let in_text = self.find(language, &part.text);
            let in_heading = self.find(language, part.heading.as_deref().unwrap_or_default());
            let html = match (in_text.marks.is_empty(), in_heading.marks.is_empty()) {
                (true, true) => continue,
                (true, false) => piece(part.heading.as_deref().unwrap_or_default(), &in_heading, " "),
                (false, _) => piece(&part.text, &in_text, if part.kind == PartKind::Study { " · " } else { " " }),
            };
            let (anchor, study) = match part.kind {
                PartKind::Section => (part.name.clone(), None),
                PartKind::Study => (None, part.name.clone()),
                PartKind::Title | PartKind::Subtitle | PartKind::Summary => (None, None),
            };
            let snippet = Snippet { part: part.kind.into(), anchor, heading: part.heading.clone(), study, html };
            let different = in_text.different().max(in_heading.different());
            found.push((different, in_text.marks.len() + in_heading.marks.len(), snippet));
        }
        // Stable: of equal ones the first in reading order.
        found.sort_by_key(|(different, marks, _)| std::cmp::Reverse((*different, *marks)));
        found.into_iter().take(MOST_PIECES).map(|(_, _, snippet)| snippet).collect()
    }

    fn find(&mut self, language: &str, text: &str) -> Found {
        let stemming = Stemming::of(language);
        let atoms = &self.atoms;
        let language = self.languages.entry(stemming).or_insert_with(|| Language {
            stems: stemming.map_or_else(Vec::new, |stemming| {
                let stems = |atom: &&Atom| atom.words.iter().map(|word| stemming.token(&word.written)).collect();
                atoms.iter().map(stems).collect()
            }),
            met: HashMap::new(),
        });
        let mut found = Found { marks: Vec::new(), atoms: Vec::new() };
        let mut start = 0;
        for line in text.split('\n') {
            let at: Vec<Range<usize>> = words(line).collect();
            let slots: Vec<&[(usize, usize)]> = {
                for at in &at {
                    let written = line.get(at.clone()).unwrap_or_default();
                    if !language.met.contains_key(written) {
                        let slots = slots(atoms, &language.stems, stemming, written);
                        language.met.insert(written.to_owned(), slots);
                    }
                }
                let met = &language.met;
                let known = |at: &Range<usize>| met.get(line.get(at.clone()).unwrap_or_default());
                at.iter().map(|at| known(at).map(Vec::as_slice).unwrap_or_default()).collect()
            };
            for (nth, first) in slots.iter().enumerate() {
                for (atom, _) in first.iter().filter(|(_, word)| *word == 0) {
                    let length = atoms[*atom].words.len();
                    let goes_on =
                        |word: usize| slots.get(nth + word).is_some_and(|slots| slots.contains(&(*atom, word)));
                    if (1..length).all(goes_on) {
                        found.add(start + at[nth].start..start + at[nth + length - 1].end, *atom);
                    }
                }
            }
            start += line.len() + 1;
        }
        found
    }
}

impl Found {
    fn add(&mut self, mark: Range<usize>, atom: usize) {
        match self.marks.last_mut() {
            Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
            _ => self.marks.push(mark),
        }
        self.atoms.push(atom);
    }
}

/// What a word of a text can be of the query.
fn slots(atoms: &[&Atom], stems: &[Vec<String>], stemming: Option<Stemming>, written: &str) -> Slots {
    let (exact, stem) = (fold(written), stemming.map(|stemming| stemming.token(written)));
    let mut slots = Vec::new();
    for (nth, atom) in atoms.iter().enumerate() {
        for (place, asked) in atom.words.iter().enumerate() {
            let same_stem = || stem.is_some() && stems.get(nth).and_then(|stems| stems.get(place)) == stem.as_ref();
            let goes_on = || place + 1 == atom.words.len() && exact.starts_with(&asked.exact);
            let is = match atom.form {
                _ if exact == asked.exact => true,
                Form::Stem => same_stem(),
                Form::Exact => false,
                Form::Beginning => goes_on(),
            };
            if is {
                slots.push((nth, place));
            }
        }
    }
    slots
}

/// The stretch of the text with the most marks, as HTML.
fn piece(text: &str, found: &Found, between_lines: &str) -> String {
    let (start, end) = stretch(text, &found.marks);
    let mut html = String::new();
    if start > 0 {
        html.push('…');
    }
    let mut at = start;
    for mark in found.marks.iter().filter(|mark| mark.start >= start && mark.end <= end) {
        push_escaped(&mut html, text.get(at..mark.start).unwrap_or_default(), between_lines);
        html.push_str("<mark>");
        push_escaped(&mut html, text.get(mark.clone()).unwrap_or_default(), between_lines);
        html.push_str("</mark>");
        at = mark.end;
    }
    push_escaped(&mut html, text.get(at..end).unwrap_or_default(), between_lines);
    if end < text.len() {
        html.push('…');
    }
    html
}

/// The bytes to show: around as many marks as fit, whole words.
fn stretch(text: &str, marks: &[Range<usize>]) -> (usize, usize) {
    // Where each character begins, and the end.
    let characters: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let last = characters.len() - 1;
    if last <= MOST_CHARACTERS {
        return (0, text.len());
    }
    let character = |byte: usize| characters.partition_point(|at| *at < byte);
    let places: Vec<(usize, usize)> = marks.iter().map(|mark| (character(mark.start), character(mark.end))).collect();
    let fits = |first: usize| {
        let most = places[first].0 + MOST_CHARACTERS - BEFORE;
        places[first..].iter().take_while(|(_, end)| *end <= most).count()
    };
    // The first of those with the most.
    let best = (0..places.len()).rev().max_by_key(|first| fits(*first));
    let Some(first) = best.map(|first| places[first].0) else { return (0, characters[MOST_CHARACTERS]) };
    let start = first.saturating_sub(BEFORE).min(last - MOST_CHARACTERS);
    let end = start + MOST_CHARACTERS;
    // A mark longer than a piece is shown from its beginning.
    let is_blank = |at: usize| text.get(characters[at]..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let start = match start {
        0 => 0,
        start => (start..first).find(|at| is_blank(*at)).map_or(start, |at| at + 1),
    };
    let marked = places.iter().map(|(_, end)| *end).filter(|place| *place <= end).max().unwrap_or(start);
    let end = if end >= last { last } else { (marked..end).rev().find(|at| is_blank(*at)).unwrap_or(end) };
    (characters[start], characters[end])
}

fn push_escaped(html: &mut String, text: &str, between_lines: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str(between_lines),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn snippets(query: &str, parts: &[Part]) -> Vec<Snippet> {
        let expression = Expression::parse(query).unwrap();
        Finder::new(&expression).snippets("en", parts)
    }

    fn section(heading: &str, text: &str) -> Part {
        Part {
            kind: PartKind::Section,
            name: Some("a".into()),
            heading: Some(heading.into()),
            text: text.into(),
            language: None,
        }
    }

    fn html(query: &str, text: &str) -> String {
        snippets(query, &[section("H", text)]).into_iter().next().map(|snippet| snippet.html).unwrap_or_default()
    }

    #[test]
    fn what_was_found_is_marked_and_the_rest_is_escaped() {
        assert_eq!(
            html("scar", "A <b>scar</b> & \"scars\"."),
            "A &lt;b&gt;<mark>scar</mark>&lt;/b&gt; &amp; &quot;<mark>scars</mark>&quot;."
        );
        assert_eq!(
            html("\"deep scars\"", "Deep scars, deep scar.\nDeep\nscars"),
            "<mark>Deep scars</mark>, deep scar. Deep scars"
        );
        assert_eq!(html("micro*", "Microneedling; micro"), "<mark>Microneedling</mark>; <mark>micro</mark>");
        assert_eq!(html("\"micro\"", "Microneedling"), "");
        assert_eq!(html("follow-ups", "a follow-up of"), "a <mark>follow-up</mark> of");
        assert_eq!(html("naive", "So naïve"), "So <mark>naïve</mark>");
        assert_eq!(html("a \"a b\"", "a b"), "<mark>a b</mark>");
        assert_eq!(html("治疗", "微针治疗"), "微针<mark>治疗</mark>");
    }

    #[test]
    fn the_parts_that_say_most_come_first() {
        let parts = [section("One", "pores"), section("Pores and scars", "nothing"), section("Two", "scars and pores")];
        let found = snippets("scars pores", &parts);
        let headings: Vec<&str> = found.iter().map(|snippet| snippet.heading.as_deref().unwrap()).collect();
        assert_eq!(headings, ["Pores and scars", "Two", "One"]);
        assert_eq!(found[0].html, "<mark>Pores</mark> and <mark>scars</mark>");
    }

    #[test]
    fn long_texts_are_shown_around_what_was_found() {
        let text = format!("{}scars and deep scars {}", "one two ".repeat(100), "three four ".repeat(100));
        let html = html("scars deep", &text);
        assert!(html.starts_with("…") && html.ends_with('…'), "{html}");
        assert!(html.contains("two <mark>scars</mark> and <mark>deep</mark> <mark>scars</mark> three"), "{html}");
        assert!(html.chars().count() < MOST_CHARACTERS + 60, "{html}");
    }

    proptest! {
        #[test]
        fn nothing_but_marks_is_html(text in "[ab<>&\"'\n é微]{0,600}", query in "[abé微]{1,3}( [abé微]{1,2})?") {
            for snippet in snippets(&query, &[section(&text.replace('\n', " "), &text)]) {
                let bare = snippet.html.replace("<mark>", "").replace("</mark>", "");
                prop_assert!(!bare.contains(['<', '>', '"', '\'']));
                prop_assert!(snippet.html.contains("<mark>"), "{text:?} {query:?} {}", snippet.html);
                let open = snippet.html.matches("<mark>").count();
                prop_assert_eq!(open, snippet.html.matches("</mark>").count());
            }
        }
    }
}
