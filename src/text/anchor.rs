//! Anchors of headings and slugs of articles: short ASCII names made from a title in any script.

use super::transliterate::ascii;

/// Most characters of an anchor.
pub const MAX_ANCHOR: usize = 80;
/// Most characters of a slug.
pub const MAX_SLUG: usize = 120;
/// The form of anchors and slugs as a regular expression, for API documents.
pub const PATTERN: &str = "^[a-z0-9]+(?:-[a-z0-9]+)*$";

/// The form of anchors that may be given to sections: pages name their references and citations in the other ones.
pub const GIVEN_PATTERN: &str = "^(?!ref-[0-9]+$|cite-.+-[0-9]+$)[a-z0-9]+(?:-[a-z0-9]+)*$";

/// The anchor of a heading; `section` when nothing in it can be written in ASCII.
pub fn anchor(heading: &str) -> String {
    match hyphenated(heading, "", MAX_ANCHOR) {
        None => "section".to_owned(),
        Some(name) if is_reserved(&name) => of_section(&name),
        Some(name) => name,
    }
}

/// The same, but clearly of a section, and no longer than anchors may be.
fn of_section(name: &str) -> String {
    let name = format!("section-{name}");
    name.get(..MAX_ANCHOR).unwrap_or(&name).trim_end_matches('-').to_owned()
}

/// Whether pages may name something else so: `ref-1` is a reference, `cite-lead-1` a citation in the section `lead`.
fn is_reserved(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let of_citation = || name.strip_prefix("cite-")?.rsplit_once('-');
    name.strip_prefix("ref-").is_some_and(is_number) || of_citation().is_some_and(|(_, number)| is_number(number))
}

/// Whether a section may be given this anchor: [`GIVEN_PATTERN`], at most [`MAX_ANCHOR`] characters.
pub fn may_be_given(text: &str) -> bool {
    is_anchor(text) && !is_reserved(text)
}

/// The slug of a name that is in no language in particular; `article` when nothing in it can be written in ASCII.
pub fn slug(name: &str) -> String {
    slug_in(name, "")
}

/// The slug of a title in a language (BCP 47); `article` when nothing in it can be written in ASCII.
pub fn slug_in(title: &str, language: &str) -> String {
    hyphenated(title, language, MAX_SLUG).unwrap_or_else(|| "article".to_owned())
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

/// The first of the [`candidates`] that may be given and is not taken; those of `ref` would be names of references.
pub fn unique(base: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let free = |candidate: &String| !is_reserved(candidate) && !taken(candidate);
    let counted = if is_reserved(&format!("{base}-2")) { of_section(base) } else { base.to_owned() };
    let mut all = std::iter::once(base.to_owned()).chain(candidates(&counted));
    all.find(free).unwrap_or_else(|| base.to_owned())
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
fn hyphenated(text: &str, language: &str, most: usize) -> Option<String> {
    let ascii = ascii(text, language).replace(['\'', '`'], "");
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
        assert_eq!(anchor("Ref 1"), "section-ref-1");
        assert_eq!(anchor("Cite: lead 12"), "section-cite-lead-12");
        assert_eq!([anchor("Ref"), anchor("Cite 1"), anchor("Ref 1b")], ["ref", "cite-1", "ref-1b"]);
        assert_eq!(slug(""), "article");
        assert_eq!(slug_in("Große Poren für Anfänger", "de"), "grosse-poren-fuer-anfaenger");
        assert_eq!([slug_in("美容", "ja"), slug_in("美容", "zh")], ["article", "mei-rong"]);
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
        // No section is called what a reference is.
        assert_eq!([next("ref"), next("ref")], ["ref", "section-ref"]);
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
            prop_assert!(may_be_given(&anchor(&text)), "{}", anchor(&text));
            prop_assert!(is_slug(&slug(&text)));
        }

        #[test]
        fn always_another_one(heading in "((ref|cite)[ -])?[a-z0-9 -]{0,100}", taken in 0_usize..30) {
            let mut all = HashSet::new();
            for _ in 0..=taken {
                let next = unique(&anchor(&heading), &|name| all.contains(name));
                prop_assert!(may_be_given(&next), "{next}");
                prop_assert!(all.insert(next));
            }
        }
    }
}
