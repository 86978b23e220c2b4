//! Pages as the engine reads them correctly: it must neither complete nor join what is no range of two numbers.

use crate::citing::bibliography::style::Prepared;
use crate::citing::bibliography::writer::{HYPHEN, SHORT, without_marks};

/// Pages for the engine. A range of two numbers has one hyphen; what is none (`1748-1754.e1`) stays as it is, and so does a
/// shortened end (`539-42`) where the style does not say how ranges look.
pub(super) fn for_engine(raw: &str, style: &Prepared) -> String {
    let plain = without_marks(raw).replace(['–', '—', '−', '‐', '‑'], "-").replace("--", "-");
    let parts = plain.split(',').map(|part| match part.trim().split_once('-') {
        Some((first, last)) if !last.contains('-') => range(first.trim(), last.trim(), style),
        _ => part.trim().to_owned(),
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Whether pages, as the engine has them, are more than one.
pub(super) fn are_several(pages: &str) -> bool {
    let page = |text: &str| {
        let text = text.trim().trim_start_matches(SHORT);
        is_roman(text) || particle(text).1.starts_with(|c: char| c.is_ascii_digit())
    };
    let parts: Vec<&str> = pages.split(['-', '–', HYPHEN, ',', '&']).collect();
    parts.len() > 1 && parts.into_iter().all(page)
}

fn range(first: &str, last: &str, style: &Prepared) -> String {
    let hyphenated = || format!("{first}{HYPHEN}{last}");
    if is_roman(first) && is_roman(last) {
        return if style.hyphen_ranges { hyphenated() } else { format!("{SHORT}{first}–{last}") };
    }
    let ((letters, from), (letters_again, to)) = (particle(first), particle(last));
    let is_number = |page: &str| {
        let rest = page.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < page.len() && rest.chars().all(|c| c.is_ascii_lowercase())
    };
    // Letters between digits, as in `351ra106`, are joined to nothing.
    let parted = letters.starts_with(|c: char| c.is_ascii_digit());
    if letters != letters_again || parted || !is_number(from) || !is_number(to) {
        return hyphenated();
    }
    if style.expands_pages && ascends(from, to) || !style.expands_pages && from.len() <= to.len() && from != to {
        return format!("{first}-{last}");
    }
    format!("{first}-{SHORT}{last}")
}

/// Whether the second number is the larger one, completed if it is shorter.
fn ascends(from: &str, to: &str) -> bool {
    let digits = |page: &str| page.trim_end_matches(|c: char| c.is_ascii_lowercase()).to_owned();
    let missing = from.len().saturating_sub(to.len());
    let whole = format!("{}{to}", from.get(..missing).unwrap_or_default());
    match (digits(from).parse::<u64>(), digits(&whole).parse::<u64>()) {
        (Ok(from), Ok(to)) => from < to,
        _ => true,
    }
}

/// What stands before the number of a page: `e`, `S`, zeros after letters.
fn particle(page: &str) -> (&str, &str) {
    let digits = page.trim_start_matches(|c: char| c.is_ascii_digit());
    let letters = digits.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let number = match letters.trim_start_matches('0') {
        zeros if zeros.starts_with(|c: char| c.is_ascii_digit()) => zeros,
        _ => letters,
    };
    match letters.len() < digits.len() && number.starts_with(|c: char| c.is_ascii_digit()) {
        true => page.split_at(page.len() - number.len()),
        false => ("", page),
    }
}

fn is_roman(page: &str) -> bool {
    !page.is_empty() && page.chars().all(|c| "ivxlcmIVXLCM".contains(c))
}
