//! Names as the engine reads them correctly.

use citationberg::json::{LiteralName, NameItem, NameValue};

use super::one_line;
use crate::citing::bibliography::style::Prepared;
use crate::citing::bibliography::writer::{self, HYPHEN, NO_PARTICLE};
use crate::citing::record::Name;

/// The name for the engine.
pub(super) fn for_engine(name: &Name<'_>, style: &Prepared) -> NameValue {
    let (Some(family), given) = (name.family, name.given) else {
        let literal = name.literal.or(name.given).unwrap_or_default();
        return literal_name(literal);
    };
    if given.is_none() && name.suffix.is_none() && name.dropping_particle.is_none() {
        let whole = name.non_dropping_particle.into_iter().chain([family]).collect::<Vec<_>>().join(" ");
        return literal_name(&whole);
    }
    let repeated = |particle: &&str| family.strip_prefix(*particle).is_some_and(|rest| rest.starts_with(' '));
    let (particle, family) = particle(name.non_dropping_particle.filter(|p| !repeated(p)), family);
    let given = given.map(plain).map(|given| match style.keeps_given {
        true => apart(&given),
        false => initialled(&spaced(&given), style.csl.settings.initialize_with_hyphen),
    });
    NameValue::Item(NameItem {
        family: plain(family),
        given,
        non_dropping_particle: particle.map(|particle| first_part(plain(particle))),
        dropping_particle: name.dropping_particle.map(plain),
        suffix: name.suffix.map(|suffix| suffixed(&plain(suffix), style)),
        comma_suffix: None,
    })
}

fn literal_name(text: &str) -> NameValue {
    NameValue::Literal(LiteralName { literal: plain(text) })
}

fn plain(text: &str) -> String {
    writer::without_marks(&one_line(text).replace('\'', "’"))
}

/// `Van Swol` is one name: only what is written small may be moved behind the given name.
fn first_part(mut part: String) -> String {
    if !part.starts_with(char::is_lowercase) {
        part.push(NO_PARTICLE);
    }
    part
}

/// A family name of several words (`van der Berg`, `Ben Ali`) is handed over in two parts: the engine moves what it takes
/// for a particle of an undivided one behind the given name.
fn particle<'n>(particle: Option<&'n str>, family: &'n str) -> (Option<&'n str>, &'n str) {
    match (particle, family.split_once(' ')) {
        (None, Some((first, rest))) => (Some(first), rest),
        _ => (particle, family),
    }
}

/// `Jr.` has its stop where initials have theirs.
fn suffixed(suffix: &str, style: &Prepared) -> String {
    match (suffix.strip_suffix('.'), style.stops_initials) {
        (Some(bare), Some(false)) if !bare.contains('.') => bare.to_owned(),
        _ => suffix.to_owned(),
    }
}

/// `J.V.` becomes `J. V.`, so that no initial is lost. Large letters without stops are one name, as for other formatters.
fn spaced(given: &str) -> String {
    let spaced = given.replace('.', ". ").replace(". -", ".-");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a style makes initials of. `Shu-fei` has one initial where hyphens stay; `Yu.` is one as it stands.
fn initialled(given: &str, with_hyphen: bool) -> String {
    let mut out = String::with_capacity(given.len());
    for (n, word) in given.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let mut chars = word.chars().peekable();
        let abbreviated = word.strip_suffix('.').is_some_and(|bare| {
            bare.len() > 1 && bare.starts_with(|c: char| c.is_ascii_uppercase()) && is_ascii_word(bare)
        });
        while let Some(c) = chars.next() {
            match c {
                '-' if with_hyphen && chars.peek().is_some_and(|next| next.is_lowercase()) => out.push(HYPHEN),
                _ if abbreviated && !out.is_empty() && !out.ends_with([' ', '.']) && c.is_ascii_alphabetic() => {
                    out.push(writer::attached(c));
                }
                _ => out.push(c),
            }
        }
    }
    out
}

fn is_ascii_word(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_alphabetic())
}

/// A given name that is printed whole: `J-M` and `J.-M.` are two initials, `J-Donald` is one and a name.
fn apart(given: &str) -> String {
    let spaced = spaced(&given.replace("-", " - "));
    let words: Vec<&str> = spaced.split(' ').collect();
    let is_initial = |word: Option<&&str>| {
        let bare = word.map(|word| word.strip_suffix('.').unwrap_or(word)).unwrap_or_default();
        let mut letters = bare.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
    };
    let mut out = String::with_capacity(given.len());
    for (n, word) in words.iter().enumerate() {
        let (before, after) = (n.checked_sub(1).and_then(|n| words.get(n)), words.get(n + 1));
        match *word {
            "-" if is_initial(before) && is_initial(after) => {}
            "-" => {
                if is_initial(before) && !out.ends_with('.') {
                    out.push('.');
                }
                out.push('-');
            }
            word => {
                if n > 0 && !out.ends_with('-') {
                    out.push(' ');
                }
                out.push_str(word);
            }
        }
    }
    out
}
