//! Names of people and institutions, as the formats write them, to CSL-JSON names.

use serde_json::{Map, Value};

/// A name in parts; empty parts are left out. `None` if nothing is left.
pub(super) fn parts(family: &str, given: &str, particle: &str, suffix: &str) -> Option<Value> {
    let parts = [("family", family), ("given", given), ("non-dropping-particle", particle), ("suffix", suffix)];
    let mut name = Map::new();
    for (member, text) in parts {
        if !text.trim().is_empty() {
            name.insert(member.to_owned(), text.trim().into());
        }
    }
    match (name.contains_key("family"), name.contains_key("given")) {
        (true, _) => Some(Value::Object(name)),
        (false, true) => literal(given),
        (false, false) => literal(particle).or_else(|| literal(suffix)),
    }
}

/// A name in one piece.
pub(super) fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    let mut name = Map::new();
    name.insert("literal".to_owned(), text.into());
    (!text.is_empty()).then_some(Value::Object(name))
}

/// `Berg, Jan van der`, `van der Berg, Jan`, `Berg, Jan, Jr.` (RIS) — also `Berg, Jr., Jan` (BibTeX); a name without
/// a comma is one piece.
pub(super) fn comma_form(text: &str) -> Option<Value> {
    let parts_of: Vec<&str> = text.split(',').map(str::trim).collect();
    let (family, given, suffix) = match parts_of.as_slice() {
        [] => return None,
        [whole] => return literal(whole),
        [family, given] => (*family, (*given).to_owned(), ""),
        [family, second, third] if is_suffix(second) => (*family, (*third).to_owned(), *second),
        [family, second, third] => (*family, (*second).to_owned(), *third),
        [family, rest @ ..] => (*family, rest.join(", "), ""),
    };
    if given.is_empty() && suffix.is_empty() {
        return literal(family);
    }
    let (particle, family) = split_particle(family);
    parts(family, &given, particle, suffix)
}

/// PubMed's full form: `van der Berg, Jan A Jr`. Particles stay with the family name, as PubMed has them.
pub(super) fn family_first(text: &str) -> Option<Value> {
    let Some((family, given)) = text.split_once(',') else { return literal(text) };
    let (given, suffix) = match given.trim().rsplit_once(' ') {
        Some((given, last)) if is_suffix(last) => (given, last),
        _ => (given, ""),
    };
    parts(family, given, "", suffix)
}

/// PubMed's short form: `van der Berg JA`, `Smith JA Jr`, `Smith JA 3rd`.
pub(super) fn initials_form(text: &str) -> Option<Value> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (words, suffix) = match words.split_last() {
        Some((last, rest)) if rest.len() > 1 && is_suffix(last) => (rest, *last),
        _ => (words.as_slice(), ""),
    };
    match words.split_last() {
        Some((initials, family)) if !family.is_empty() && is_initials(initials) => {
            parts(&family.join(" "), &apart(initials), "", suffix)
        }
        _ => literal(text),
    }
}

/// `JA` as `J A`: CSL reads letters that stand together as one name.
pub(super) fn apart(initials: &str) -> String {
    let mut spaced = String::with_capacity(2 * initials.len());
    let mut last = None;
    for c in initials.chars() {
        if last.is_some_and(char::is_uppercase) && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        last = Some(c);
    }
    spaced
}

fn is_initials(word: &str) -> bool {
    word.chars().count() <= 4 && word.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '.'))
}

/// `Jr.`, `III`, `2nd`.
pub(super) fn is_suffix(text: &str) -> bool {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    matches!(text.as_str(), "jr" | "sr" | "ii" | "iii" | "iv" | "2nd" | "3rd" | "4th" | "jun" | "sen")
}

/// Lower-case words before a family name; never the whole of it.
pub(super) fn split_particle(family: &str) -> (&str, &str) {
    let mut at = 0;
    for word in family.split_inclusive(' ') {
        let lower = word.chars().next().is_some_and(char::is_lowercase) && word.ends_with(' ');
        if !lower {
            break;
        }
        at += word.len();
    }
    let (particle, name) = family.split_at_checked(at).unwrap_or(("", family));
    match name.trim().is_empty() {
        true => ("", family),
        false => (particle.trim(), name.trim()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_in_every_order() {
        let comma = |text| comma_form(text).unwrap();
        assert_eq!(comma("Majid, Imran"), json!({"family": "Majid", "given": "Imran"}));
        assert_eq!(
            comma("van der Berg, J."),
            json!({"family": "Berg", "given": "J.", "non-dropping-particle": "van der"})
        );
        assert_eq!(comma("Berg, Jr., J."), json!({"family": "Berg", "given": "J.", "suffix": "Jr."}));
        assert_eq!(comma("Berg, J., Jr."), json!({"family": "Berg", "given": "J.", "suffix": "Jr."}));
        assert_eq!(comma("World Health Organization"), json!({"literal": "World Health Organization"}));
        assert_eq!(comma("World Health Organization,"), json!({"literal": "World Health Organization"}));
        assert_eq!(comma(", Plato"), json!({"literal": "Plato"}));
        assert_eq!(comma_form(" , "), None);
        let short = |text| initials_form(text).unwrap();
        assert_eq!(short("van der Berg JA"), json!({"family": "van der Berg", "given": "J A"}));
        assert_eq!(short("Smith JA 3rd"), json!({"family": "Smith", "given": "J A", "suffix": "3rd"}));
        assert_eq!(short("COVID Study Group"), json!({"literal": "COVID Study Group"}));
        assert_eq!(short("Plato"), json!({"literal": "Plato"}));
    }
}
