//! Title case that leaves names alone: `PLoS`, `bioRxiv` and `RNA` stay as they are.

use super::writer::Run;

/// Words that stay small inside an English title (CSL 1.0.2, appendix on title case, and further prepositions).
const SMALL: [&str; 107] = [
    "a",
    "about",
    "above",
    "across",
    "afore",
    "after",
    "against",
    "al",
    "along",
    "alongside",
    "amid",
    "amidst",
    "among",
    "amongst",
    "an",
    "and",
    "anenst",
    "apropos",
    "apud",
    "around",
    "as",
    "aside",
    "astride",
    "at",
    "athwart",
    "atop",
    "barring",
    "before",
    "behind",
    "below",
    "beneath",
    "beside",
    "besides",
    "between",
    "beyond",
    "but",
    "by",
    "c",
    "ca",
    "circa",
    "de",
    "despite",
    "down",
    "during",
    "et",
    "except",
    "for",
    "forenenst",
    "from",
    "given",
    "in",
    "inside",
    "into",
    "lest",
    "like",
    "modulo",
    "near",
    "next",
    "nor",
    "notwithstanding",
    "of",
    "off",
    "on",
    "onto",
    "or",
    "out",
    "over",
    "per",
    "plus",
    "pro",
    "qua",
    "sans",
    "since",
    "so",
    "than",
    "the",
    "through",
    "throughout",
    "thruout",
    "till",
    "to",
    "toward",
    "towards",
    "under",
    "underneath",
    "until",
    "unto",
    "up",
    "upon",
    "v",
    "van",
    "versus",
    "via",
    "von",
    "vs",
    "with",
    "within",
    "without",
    "yet",
    // What is left of words that an apostrophe or a hyphen divides.
    "d",
    "l",
    "s",
    "t",
    "n",
    "o",
    "y",
    "e",
];

/// Puts an English title in title case. Text above or below the line and in small capitals stays as it is.
pub(super) fn title(runs: &mut [Run]) {
    let letters: Vec<Letter> = runs.iter().enumerate().flat_map(|(run, r)| letters(run, r)).collect();
    let large = large(&letters);
    let mut at = 0;
    for run in runs {
        let mut text = String::with_capacity(run.text.len());
        for c in run.text.chars() {
            match large.get(at) {
                Some(true) => text.extend(c.to_uppercase()),
                _ => text.push(c),
            }
            at += 1;
        }
        run.text = text;
    }
}

/// A character, the run it stands in, and whether it keeps its form.
#[derive(Clone, Copy)]
struct Letter {
    c: char,
    run: usize,
    fixed: bool,
}

fn letters(run: usize, r: &Run) -> Vec<Letter> {
    let fixed = r.form.sup || r.form.sub || r.form.small_caps;
    r.text.chars().map(|c| Letter { c, run, fixed }).collect()
}

/// A word: letters between blanks, punctuation and changes of form.
struct Word {
    start: usize,
    end: usize,
}

/// Which letters become large.
fn large(letters: &[Letter]) -> Vec<bool> {
    let mut large = vec![false; letters.len()];
    let (mut opens, mut last, mut quotes) = (true, None, 0_usize);
    let words = words(letters);
    let mut before = 0;
    for word in &words {
        let between = letters.get(before..word.start).unwrap_or_default();
        before = word.end;
        let apostrophe = between.last().is_some_and(|l| l.c == '’') && quotes == 0 && word.start > 0;
        for letter in between {
            match letter.c {
                '‘' => quotes += 1,
                '’' => quotes = quotes.saturating_sub(1),
                '?' | '!' | ':' => opens = true,
                _ => {}
            }
        }
        let text = letters.get(word.start..word.end).unwrap_or_default();
        if text.iter().any(|l| l.fixed) {
            (last, opens) = (None, false);
            continue;
        }
        let before_all = letters.get(..word.start).unwrap_or_default();
        let quote = usize::from(before_all.first().is_some_and(|l| matches!(l.c, '“' | '‘')));
        let first_stretch = before_all.iter().skip(quote).all(|l| l.run == 0 && (l.c.is_whitespace() || !parts(l.c)));
        let hyphen = first_stretch && letters.get(word.end).is_some_and(|l| l.c == '-');
        let wanted = opens || text.len() > 1 && !is_small(text) || hyphen;
        if wanted && !apostrophe && is_lower(text) && !is_lone_greek(text) {
            set(&mut large, word.start);
        }
        last = (!apostrophe).then_some(word);
        opens = false;
    }
    if let Some(word) = last {
        let text = letters.get(word.start..word.end).unwrap_or_default();
        if text.len() > 1 && is_small(text) && is_lower(text) {
            set(&mut large, word.start);
        }
    }
    large
}

fn words(letters: &[Letter]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for (at, letter) in letters.iter().enumerate().filter(|(_, letter)| !parts(letter.c)) {
        match words.last_mut() {
            Some(word) if word.end == at && letters.get(at - 1).is_some_and(|l| l.run == letter.run) => {
                word.end = at + 1
            }
            _ => words.push(Word { start: at, end: at + 1 }),
        }
    }
    words
}

fn parts(c: char) -> bool {
    c.is_whitespace() || "‘’“”\"'-–—/.,;?!:[]()".contains(c)
}

fn set(large: &mut [bool], at: usize) {
    if let Some(large) = large.get_mut(at) {
        *large = true;
    }
}

fn is_small(word: &[Letter]) -> bool {
    let word: String = word.iter().flat_map(|l| l.c.to_lowercase()).collect();
    SMALL.contains(&word.as_str())
}

fn is_lower(word: &[Letter]) -> bool {
    word.iter().all(|l| l.c.to_lowercase().eq([l.c]))
}

fn is_lone_greek(word: &[Letter]) -> bool {
    matches!(word, [letter] if ('\u{370}'..='\u{3FF}').contains(&letter.c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citing::bibliography::writer::{Form, text};

    fn titled(title: &str) -> String {
        let mut runs = [Run::plain(title)];
        super::title(&mut runs);
        text(&runs)
    }

    #[test]
    fn names_keep_their_letters() {
        for (title, want) in [
            ("a study of PLoS and bioRxiv in the lab", "A Study of PLoS and bioRxiv in the Lab"),
            ("an up-to-date view of acne", "An Up-to-Date View of Acne"),
            ("“on-line cigarettes", "“On-Line Cigarettes"),
            ("acne: an up-to-date view", "Acne: An up-to-Date View"),
            ("“quoted” (words) éa", "“Quoted” (Words) Éa"),
            ("patients’ needs in Crohn’s disease: l’hôpital", "Patients’ Needs in Crohn’s Disease: L’hôpital"),
            ("3-methylcholanthrene and α-tocopherol: what for", "3-Methylcholanthrene and α-Tocopherol: What For"),
            ("", ""),
        ] {
            assert_eq!(titled(title), want);
        }
    }

    #[test]
    fn text_above_the_line_keeps_its_letters() {
        let sup = Form { sup: true, ..Form::default() };
        let mut runs = [Run::plain("uptake of ca"), Run { form: sup, ..Run::plain("ions") }, Run::plain(" in cells")];
        title(&mut runs);
        assert_eq!(text(&runs), "Uptake of caions in Cells");
    }
}
