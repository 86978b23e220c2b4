//! Pages as the engine reads them correctly: it must neither complete nor join what is no range of two numbers.

use citationberg::PageRangeFormat;

use crate::citing::bibliography::style::Prepared;
use crate::citing::bibliography::writer::{HYPHEN, RANGE, SHORT, without_marks};

/// Pages for the engine. A range of two numbers has one hyphen; what is none (`1748-1754.e1`) stays as it is, and so does a
/// shortened end (`539-42`) where the style does not say how ranges look. Pages with words among them (`529-36; quiz 537`)
/// are written as the style wants them.
pub(super) fn for_engine(raw: &str, style: &Prepared) -> String {
    let plain = without_marks(raw).replace(['–', '—', '−', '‐', '‑'], "-").replace("--", "-");
    let parts: Vec<&str> = plain.split_inclusive([',', ';']).filter(|part| !bare(part).is_empty()).collect();
    let is_simple = |part: &&str| {
        let (first, last) = ends(bare(part)).unwrap_or((bare(part), bare(part)));
        !part.ends_with(';') && particle(first).1.starts_with(|c: char| c.is_ascii_digit()) && !last.contains(' ')
    };
    let written = |part: &&str| match ends(bare(part)) {
        Some((first, last)) => range(first, last, style),
        None => bare(part).replace('-', &HYPHEN.to_string()),
    };
    if parts.iter().all(is_simple) || parts.len() < 2 {
        return parts.iter().map(written).collect::<Vec<_>>().join(", ");
    }
    let mut pages = SHORT.to_string();
    for (n, part) in parts.iter().enumerate() {
        let stop = part.chars().next_back().filter(|c| matches!(c, ',' | ';') && n + 1 < parts.len());
        pages.push_str(&match ends(bare(part)) {
            Some((first, last)) => whole_range(first, last, style),
            None => written(part),
        });
        pages.extend(stop.into_iter().flat_map(|stop| [stop, ' ']));
    }
    pages
}

fn bare(part: &str) -> &str {
    part.trim_end_matches([',', ';']).trim()
}

/// The two ends of a range.
fn ends(part: &str) -> Option<(&str, &str)> {
    let (first, last) = part.split_once('-').filter(|(_, last)| !last.contains('-'))?;
    Some((first.trim(), last.trim()))
}

/// Whether pages, as the engine has them, are more than one; words and what follows them are none.
pub(super) fn are_several(pages: &str) -> bool {
    let page = |text: &&str| {
        let text = text.trim().trim_start_matches(SHORT);
        is_roman(text) || particle(text).1.starts_with(|c: char| c.is_ascii_digit())
    };
    let has_word = |part: &&str| {
        let word = part.trim().trim_start_matches(SHORT).split(' ').next().unwrap_or_default();
        part.trim().contains(' ') && word.chars().all(char::is_alphabetic)
    };
    let parts = pages.split([',', ';', '&']).filter(|part| !has_word(part));
    let pages: Vec<&str> = parts.flat_map(|part| part.split(['-', '–', HYPHEN, RANGE])).collect();
    pages.len() > 1 && pages.iter().all(page)
}

fn range(first: &str, last: &str, style: &Prepared) -> String {
    let hyphenated = || format!("{first}{HYPHEN}{last}");
    if is_roman(first) && is_roman(last) {
        return format!("{SHORT}{first}{}{last}", delimiter(style));
    }
    let Some((from, to)) = numbers(first, last) else { return hyphenated() };
    if style.expands_pages && ascends(from, to) || !style.expands_pages && from.len() <= to.len() && from != to {
        return format!("{first}-{last}");
    }
    format!("{first}-{SHORT}{last}")
}

/// A range as the style writes it.
fn whole_range(first: &str, last: &str, style: &Prepared) -> String {
    let delimiter = delimiter(style);
    if is_roman(first) && is_roman(last) {
        return format!("{first}{delimiter}{last}");
    }
    let Some((from, to)) = numbers(first, last) else { return format!("{first}{HYPHEN}{last}") };
    let format = style.csl.settings.page_range_format.filter(|_| ascends(from, to));
    let missing = from.len().saturating_sub(to.len());
    let full = format!("{}{to}", from.get(..missing).unwrap_or_default());
    let letters = particle(first).0;
    let last = match format {
        None => last.to_owned(),
        Some(PageRangeFormat::Expanded) => format!("{letters}{full}"),
        Some(PageRangeFormat::Minimal) => shortened(from, &full, 1),
        Some(PageRangeFormat::MinimalTwo) => shortened(from, &full, 2),
        Some(PageRangeFormat::Chicago15 | PageRangeFormat::Chicago16) => match from.parse::<u64>() {
            Ok(number) if number > 100 && number % 100 != 0 => {
                let rest = shortened(from, &full, 2);
                if rest.len() == 2 { rest.trim_start_matches('0').to_owned() } else { rest }
            }
            _ => format!("{letters}{full}"),
        },
    };
    format!("{first}{delimiter}{last}")
}

/// The last digits of the end of a range, from the first that differs on and at least so many.
fn shortened(from: &str, to: &str, least: usize) -> String {
    let same = from.chars().zip(to.chars()).take_while(|(a, b)| a == b).count();
    let kept = if from.len() == to.len() { same.min(to.len().saturating_sub(least)) } else { 0 };
    to.get(kept..).unwrap_or(to).to_owned()
}

fn delimiter(style: &Prepared) -> char {
    if style.hyphen_ranges { HYPHEN } else { RANGE }
}

/// The numbers of a range whose ends have the same letters before them; `None` if it is no range of numbers.
fn numbers<'p>(first: &'p str, last: &'p str) -> Option<(&'p str, &'p str)> {
    let ((letters, from), (letters_again, to)) = (particle(first), particle(last));
    let is_number = |page: &str| {
        let rest = page.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < page.len() && rest.chars().all(|c| c.is_ascii_lowercase())
    };
    // Letters between digits, as in `351ra106`, are joined to nothing.
    let parted = letters.starts_with(|c: char| c.is_ascii_digit());
    (letters == letters_again && !parted && is_number(from) && is_number(to)).then_some((from, to))
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
