//! What the engine cannot do with dates: ranges and words.
//!
//! It formats one date. So a record with a range is formatted twice, with its first date and with its last one, and the two
//! are joined; words stand in the place of a year that nothing else has.

use hayagriva::{ElemChild, ElemChildren, ElemMeta};

use crate::citing::record::{PartialDate, Record};

/// The year that stands for words.
pub(super) const YEAR_OF_WORDS: i16 = 9871;

/// How many parts of two dates are the same, from the year on.
pub(super) fn same_parts(first: PartialDate, last: PartialDate) -> usize {
    match (first.year == last.year, first.month == last.month) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    }
}

/// The words that stand for the day a work was issued.
pub(super) fn words(record: &Record) -> Option<String> {
    record.date_words("issued").map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Makes ranges of the dates that differ in the same entry formatted with first and with last dates, of which so many parts
/// are the same. Leaves it as it is where the two differ in anything else.
pub(super) fn join(first: &mut ElemChildren, last: &ElemChildren, same: usize) {
    if first.0.len() != last.0.len() {
        return;
    }
    for (first, last) in first.0.iter_mut().zip(&last.0) {
        let (ElemChild::Elem(first), ElemChild::Elem(last)) = (first, last) else { continue };
        if first.meta != Some(ElemMeta::Date) {
            join(&mut first.children, &last.children, same);
            continue;
        }
        let (from, to) = (text(&first.children), text(&last.children));
        if from != to {
            replace(&mut first.children, &mut Some(range(&from, &to, same)));
        }
    }
}

/// Puts words in the place of the year that stands for them.
pub(super) fn put_words(children: &mut ElemChildren, words: &str) {
    for child in &mut children.0 {
        let ElemChild::Elem(elem) = child else { continue };
        let year = YEAR_OF_WORDS.to_string();
        let own = text(&elem.children);
        if elem.meta == Some(ElemMeta::Date) && own.contains(&year) {
            replace(&mut elem.children, &mut Some(own.replace(&year, words)));
        } else {
            put_words(&mut elem.children, words);
        }
    }
}

/// `1977 Jan` and `1977 Mar` are `1977 Jan–Mar`.
fn range(from: &str, to: &str, same: usize) -> String {
    let (first, last) = (words_of(from), words_of(to));
    let word = |text: &'_ str, words: &[(usize, usize)], n: usize| {
        words.get(n).and_then(|(start, end)| text.get(*start..*end)).map(str::to_owned)
    };
    let fewest = first.len().min(last.len()).saturating_sub(1);
    let mut before = 0;
    while before < same.min(fewest) && word(from, &first, before) == word(to, &last, before) {
        before += 1;
    }
    let mut after = 0;
    while before + after < same.min(fewest)
        && word(from, &first, first.len() - 1 - after) == word(to, &last, last.len() - 1 - after)
    {
        after += 1;
    }
    let start = |words: &[(usize, usize)], n: usize| words.get(n).map(|(start, _)| *start);
    let end = if after == 0 { None } else { start(&first, first.len() - after) };
    let kept = from.get(..end.unwrap_or(from.len())).unwrap_or(from).trim_end_matches([' ', ',', '\u{a0}']);
    let rest = start(&last, before).and_then(|start| to.get(start..)).unwrap_or(to);
    format!("{kept}–{rest}")
}

/// Where the words of a text begin and end.
fn words_of(text: &str) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        match words.last_mut() {
            Some(word) if word.1 == at => word.1 += c.len_utf8(),
            _ => words.push((at, at + c.len_utf8())),
        }
    }
    words
}

fn text(children: &ElemChildren) -> String {
    let of = |child: &ElemChild| match child {
        ElemChild::Text(text) => text.text.clone(),
        ElemChild::Elem(elem) => text(&elem.children),
        _ => String::new(),
    };
    children.0.iter().map(of).collect()
}

/// Puts a text in the place of the first one, nothing in that of the others.
fn replace(children: &mut ElemChildren, with: &mut Option<String>) {
    for child in &mut children.0 {
        match child {
            ElemChild::Text(text) => text.text = with.take().unwrap_or_default(),
            ElemChild::Elem(elem) => replace(&mut elem.children, with),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_name_once_what_is_the_same() {
        for (from, to, same, want) in [
            ("1977 Jan", "1977 Mar", 1, "1977 Jan–Mar"),
            ("1977 Jan ", "1977 Mar ", 1, "1977 Jan–Mar "),
            ("Oct. 2016", "Dec. 2016", 1, "Oct.–Dec. 2016"),
            ("Jan. 5, 1977", "Jan. 7, 1977", 2, "Jan. 5–7, 1977"),
            ("Jan. 5, 1977", "Feb. 5, 1977", 1, "Jan. 5–Feb. 5, 1977"),
            ("1999 Jan", "2000 Jan", 0, "1999 Jan–2000 Jan"),
            ("1999", "2000", 0, "1999–2000"),
            ("5. März 1977", "7. März 1977", 2, "5.–7. März 1977"),
            ("", "", 2, "–"),
        ] {
            assert_eq!(range(from, to, same), want);
        }
    }
}
