//! BibTeX's lists of names.

use serde_json::{Map, Value};

use super::latex::{Markup, decode};
use crate::citing::exchange::draft::collapsed;
use crate::citing::exchange::name::{literal, parts};

/// The names of a list, and whether it ends in `and others`.
pub(super) fn list(latex: &str) -> (Vec<Value>, bool) {
    let mut names = Vec::new();
    let mut others = false;
    for name in split_and(latex) {
        if name.trim().eq_ignore_ascii_case("others") {
            others = true;
        } else if let Some(name) = one(name.trim()) {
            names.push(name);
        }
    }
    (names, others)
}

fn plain(latex: &str) -> String {
    collapsed(&decode(latex, Markup::Left).text.replace('\u{A0}', " "))
}

/// Pieces between characters of a kind that stand outside braces.
fn outside(latex: &str, splits: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut depth, mut escaped, mut begin) = (0_usize, false, 0);
    let mut pieces = Vec::new();
    for (at, c) in latex.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 && splits(c) => {
                pieces.push(latex.get(begin..at).unwrap_or_default());
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(latex.get(begin..).unwrap_or_default());
    pieces
}

/// The words of a list, joined again between the words `and`.
fn split_and(latex: &str) -> Vec<String> {
    let mut names = vec![Vec::new()];
    for word in outside(latex, char::is_whitespace) {
        if word.eq_ignore_ascii_case("and") {
            names.push(Vec::new());
        } else if let Some(name) = names.last_mut()
            && !word.is_empty()
        {
            name.push(word);
        }
    }
    names.into_iter().map(|words| words.join(" ")).collect()
}

fn one(name: &str) -> Option<Value> {
    if is_one_group(name) {
        return literal(&plain(name));
    }
    let pieces = outside(name, |c| c == ',');
    if pieces.iter().all(|piece| piece.contains('=')) && (pieces.len() > 1 || begins_with_a_part(name)) {
        return extended(&pieces);
    }
    match pieces.as_slice() {
        [whole] => in_reading_order(whole),
        [family, given] => with_particle(family, given, ""),
        [family, suffix, given] => with_particle(family, given, suffix),
        _ => literal(&plain(name)),
    }
}

/// `{World Health Organization}`
fn is_one_group(name: &str) -> bool {
    let Some(inner) = name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return false };
    let (mut depth, mut escaped) = (0_i64, false);
    for c in inner.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    // `{\"O}` is a letter, not a name.
    let decoded = plain(inner);
    !(inner.starts_with('\\') && decoded.chars().count() == 1 && decoded.chars().all(char::is_alphabetic))
}

/// `family=Berg`: with one part only, the part must be known.
fn begins_with_a_part(name: &str) -> bool {
    name.split_once('=').is_some_and(|(part, _)| {
        let part = part.trim();
        part.eq_ignore_ascii_case("family") || part.eq_ignore_ascii_case("given")
    })
}

/// BibLaTeX's `family=Berg, given=Jan, prefix=van der, useprefix=false`.
fn extended(pieces: &[&str]) -> Option<Value> {
    let mut name = Map::new();
    let (mut prefix, mut dropping) = (String::new(), false);
    for piece in pieces {
        let (part, value) = piece.split_once('=')?;
        let value = plain(value.trim().trim_matches('"'));
        match part.trim().to_ascii_lowercase().as_str() {
            "prefix" => prefix = value,
            "useprefix" => dropping = value == "false",
            part @ ("family" | "given" | "suffix") if !value.is_empty() => {
                name.insert(part.to_owned(), value.into());
            }
            _ => {}
        }
    }
    if !prefix.is_empty() {
        let member = if dropping { "dropping-particle" } else { "non-dropping-particle" };
        name.insert(member.to_owned(), prefix.into());
    }
    ["family", "given"].iter().any(|part| name.contains_key(*part)).then_some(Value::Object(name))
}

fn words(latex: &str) -> Vec<&str> {
    outside(latex, |c| c.is_whitespace() || c == '~').into_iter().filter(|word| !word.is_empty()).collect()
}

/// Whether a word is of the `von` part: its first letter outside a plain brace group is lower-case.
fn is_particle(word: &str) -> bool {
    if word.starts_with('{') && !word.starts_with("{\\") {
        return false;
    }
    plain(word).chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
}

/// `von Last, First`
fn with_particle(family: &str, given: &str, suffix: &str) -> Option<Value> {
    let words = words(family);
    let particles = words.iter().take_while(|word| is_particle(word)).count().min(words.len().saturating_sub(1));
    let (particle, family) = words.split_at_checked(particles).unwrap_or((&[], &words));
    parts(&plain(&family.join(" ")), &plain(given), &plain(&particle.join(" ")), &plain(suffix))
}

/// `First von Last`
fn in_reading_order(name: &str) -> Option<Value> {
    let words = words(name);
    let (last, before) = words.split_last()?;
    let first_particle = before.iter().position(|word| is_particle(word));
    let (given, particle, family) = match first_particle {
        None => (before, &[][..], vec![*last]),
        Some(from) => {
            let until = before.iter().rposition(|word| is_particle(word)).map_or(from, |at| at + 1);
            let family = before.get(until..).unwrap_or_default().iter().chain([last]).copied().collect();
            (before.get(..from).unwrap_or_default(), before.get(from..until).unwrap_or_default(), family)
        }
    };
    parts(&plain(&family.join(" ")), &plain(&given.join(" ")), &plain(&particle.join(" ")), "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_names() {
        let (names, others) = list(
            r"van der Berg, J. and Berg, Jr., J. and {World Health Organization} and Ludwig van Beethoven
              AND Jean de La Fontaine and {\'E}mile Zola and {de Groot}, Jan and {Barnes and Noble} and others",
        );
        assert!(others);
        assert_eq!(
            Value::Array(names),
            json!([
                {"family": "Berg", "given": "J.", "non-dropping-particle": "van der"},
                {"family": "Berg", "given": "J.", "suffix": "Jr."},
                {"literal": "World Health Organization"},
                {"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"},
                {"family": "La Fontaine", "given": "Jean", "non-dropping-particle": "de"},
                {"family": "Zola", "given": "Émile"},
                {"family": "de Groot", "given": "Jan"},
                {"literal": "Barnes and Noble"},
            ])
        );
        let one = |latex| list(latex).0;
        assert_eq!(one("Plato"), [json!({"family": "Plato"})]);
        assert_eq!(
            one("family=Beethoven, given=Ludwig, prefix=van, useprefix=false"),
            [json!({"family": "Beethoven", "given": "Ludwig", "dropping-particle": "van"})]
        );
        assert_eq!(one(r"{\'E}"), [json!({"family": "É"})]);
        assert_eq!(one(" and and "), Vec::<Value>::new());
        assert_eq!(one("Donald~E. Knuth"), [json!({"family": "Knuth", "given": "Donald E."})]);
    }
}
