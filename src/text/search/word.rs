//! Splits texts into words and folds them.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words are told apart by so many characters; the rest of a longer one does not count.
const MOST_CHARACTERS: usize = 64;

/// The words of a text, as bytes: stretches of letters and digits. A point between digits belongs to a number. In scripts
/// written without blanks each character is a word.
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while rest.next_if(|(_, c)| !c.is_alphanumeric()).is_some() {}
        let (start, first) = rest.next()?;
        let mut end = start + first.len_utf8();
        if is_unspaced(first) {
            while let Some((at, mark)) = rest.next_if(|(_, c)| is_combining_mark(*c)) {
                end = at + mark.len_utf8();
            }
            return Some(start..end);
        }
        let mut last = first;
        while let Some(&(at, c)) = rest.peek() {
            let within = if c == '.' {
                let next = text.get(at + 1..).and_then(|after| after.chars().next());
                last.is_ascii_digit() && next.is_some_and(|c| c.is_ascii_digit())
            } else {
                is_part(c) && !is_unspaced(c)
            };
            if !within {
                break;
            }
            end = at + c.len_utf8();
            last = c;
            rest.next();
        }
        Some(start..end)
    })
}

/// Whether the word is one character of a script that is written without blanks.
pub fn is_single(word: &str) -> bool {
    word.chars().next().is_some_and(is_unspaced)
}

/// The exact form of a word: in lower case and one width, without the marks of Latin and Greek letters.
pub fn fold(word: &str) -> String {
    if word.is_ascii() {
        let kept = word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(MOST_CHARACTERS);
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
    let mut folded = String::with_capacity(word.len());
    let mut marks_count = true;
    for c in word.nfkd() {
        if is_combining_mark(c) {
            if marks_count {
                folded.push(c);
            }
            continue;
        }
        marks_count = !has_plain_form(c);
        folded.push(c);
    }
    let plain = folded.to_lowercase();
    let mut exact = String::with_capacity(plain.len());
    for c in plain.nfc().filter(|c| is_part(*c) || *c == '.').take(MOST_CHARACTERS) {
        match plain_letters(c) {
            Some(letters) => exact.push_str(letters),
            None => exact.push(c),
        }
    }
    exact
}

/// The word in lower case and one width, with its marks: what stemming reads.
pub fn lower(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkc().collect::<String>().to_lowercase().nfc().take(MOST_CHARACTERS).collect()
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Letters that people write with and without their marks.
fn has_plain_form(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{00C0}'..='\u{024F}' | '\u{0370}'..='\u{03FF}')
}

/// Letters that are written otherwise where a keyboard lacks them.
fn plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        'ё' => "е",
        _ => return None,
    })
}

/// Han, kana, Thai, Lao, Myanmar, Khmer: no blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<String> {
        words(text).map(|at| fold(&text[at])).collect()
    }

    #[test]
    fn words_are_letters_and_digits() {
        assert_eq!(
            split("Follow-up of 37 patients: 3.5 mm, U.S."),
            ["follow", "up", "of", "37", "patients", "3.5", "mm", "u", "s"]
        );
        assert_eq!(split("10.4103/0974-2077.53096"), ["10.4103", "0974", "2077.53096"]);
        assert_eq!(split("patient's l’article"), ["patient", "s", "l", "article"]);
        assert_eq!(split("微针治疗 for ประ"), ["微", "针", "治", "疗", "for", "ป", "ร", "ะ"]);
        assert_eq!(split(" -- \u{301} 🎉 "), Vec::<String>::new());
    }

    #[test]
    fn case_width_and_marks_do_not_count() {
        for (written, exact) in [
            ("Übung", "ubung"),
            ("ﬁbre", "fibre"),
            ("Straße", "strasse"),
            ("ＡＢＣ", "abc"),
            ("İstanbul", "istanbul"),
            ("naïve", "naive"),
            ("Σίσυφος", "σισυφοσ"),
            ("ёлка", "елка"),
            ("й", "й"),
            ("が", "が"),
            ("Łódź", "lodz"),
        ] {
            assert_eq!(fold(written), exact, "{written}");
        }
        assert_eq!(fold(&"a".repeat(70)), "a".repeat(64));
        // A ligature of several words.
        assert!(!fold("\u{FDFA}").contains(' '));
    }

    proptest! {
        #[test]
        fn tokens_hold_nothing_that_a_database_would_read(text in ".{0,60}") {
            let mut end = 0;
            for at in words(&text) {
                prop_assert!(at.start >= end && at.start < at.end);
                end = at.end;
                let exact = fold(&text[at]);
                prop_assert!(exact.chars().all(|c| is_part(c) || c == '.'), "{exact:?}");
                prop_assert!(exact.is_ascii() || !exact.chars().any(|c| c.is_ascii_uppercase()));
            }
        }
    }
}
