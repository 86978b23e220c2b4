//! Anchors of headings and slugs of articles: short ASCII names made from a title in any script.

use deunicode::deunicode_with_tofu;

/// Most characters of an anchor.
pub const MAX_ANCHOR: usize = 80;
/// Most characters of a slug.
pub const MAX_SLUG: usize = 120;
/// The form of anchors and slugs as a regular expression, for API documents.
pub const PATTERN: &str = "^[a-z0-9]+(?:-[a-z0-9]+)*$";

/// The anchor of a heading; `section` when nothing in it can be written in ASCII.
pub fn anchor(heading: &str) -> String {
    hyphenated(heading, MAX_ANCHOR).unwrap_or_else(|| "section".to_owned())
}

/// The slug of a title; `article` when nothing in it can be written in ASCII.
pub fn slug(title: &str) -> String {
    hyphenated(title, MAX_SLUG).unwrap_or_else(|| "article".to_owned())
}

/// `base`, `base-2`, `base-3` …, none longer than `base` may be.
pub fn candidates(base: &str) -> impl Iterator<Item = String> {
    let most = base.len().max(MAX_ANCHOR);
    let counted = (2_u64..).map(move |n| {
        let ending = format!("-{n}");
        let stem = base.get(..base.len().min(most.saturating_sub(ending.len()))).unwrap_or(base);
        format!("{}{ending}", stem.trim_end_matches('-'))
    });
    std::iter::once(base.to_owned()).chain(counted)
}

/// The first of the [`candidates`] that is not taken.
pub fn unique(base: &str, taken: &dyn Fn(&str) -> bool) -> String {
    candidates(base).find(|candidate| !taken(candidate)).unwrap_or_else(|| base.to_owned())
}

/// Whether a text is a slug: [`PATTERN`], at most [`MAX_SLUG`] characters.
pub fn is_slug(text: &str) -> bool {
    text.len() <= MAX_SLUG && is_hyphenated(text)
}

/// Whether a text is an anchor: [`PATTERN`], at most [`MAX_ANCHOR`] characters.
pub fn is_anchor(text: &str) -> bool {
    text.len() <= MAX_ANCHOR && is_hyphenated(text)
}

fn is_hyphenated(text: &str) -> bool {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(plain)
}

/// Lower-case ASCII words joined by hyphens, as many whole words as fit.
fn hyphenated(text: &str, most: usize) -> Option<String> {
    let ascii = deunicode_with_tofu(text, " ").to_ascii_lowercase().replace(['\'', '`'], "");
    let mut name = String::new();
    for word in ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        if name.is_empty() {
            name.push_str(word.get(..word.len().min(most)).unwrap_or(word));
        } else if name.len() + 1 + word.len() <= most {
            name.push('-');
            name.push_str(word);
        } else {
            break;
        }
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names() {
        assert_eq!(anchor("What the studies found"), "what-the-studies-found");
        assert_eq!(anchor("  Größe & Poren: “Übersicht”  "), "grosse-poren-ubersicht");
        assert_eq!(anchor("Don't — ever!"), "dont-ever");
        assert_eq!(anchor("Don’t"), "dont");
        assert_eq!(anchor("微针治疗"), "wei-zhen-zhi-liao");
        assert_eq!(anchor("!!!"), "section");
        assert_eq!(slug(""), "article");
        assert_eq!(slug(&"x".repeat(500)).len(), MAX_SLUG);
    }

    #[test]
    fn uniqueness() {
        let taken = RefCell::new(HashSet::new());
        let next = |base: &str| {
            let name = unique(base, &|name| taken.borrow().contains(name));
            taken.borrow_mut().insert(name.clone());
            name
        };
        assert_eq!([next("a"), next("a"), next("a")], ["a", "a-2", "a-3"]);
        let long = "x".repeat(MAX_ANCHOR);
        next(&long);
        let second = next(&long);
        assert!(is_anchor(&second) && second.ends_with("-2"));
    }

    #[test]
    fn validators() {
        for good in ["a", "a-b", "1-2-3"] {
            assert!(is_slug(good));
        }
        for bad in ["", "-", "a-", "-a", "a--b", "A", "ä", "a_b", &"x".repeat(121)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn always_valid(text in any::<String>()) {
            prop_assert!(is_anchor(&anchor(&text)), "{}", anchor(&text));
            prop_assert!(is_slug(&slug(&text)));
        }
    }
}
