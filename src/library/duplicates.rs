//! Studies that are likely one and the same, told from their records: pure, for an editor to decide about.
//!
//! Two records are likely of one study when their titles are alike (Jaro–Winkler, 0.93), their years are at most one
//! apart and their first authors agree. A preprint and its article, a study and a notice, comment or reply about it, and
//! two versions of one review look just so and are not the same: pairs of them say so.

use std::collections::{HashMap, HashSet};

use deunicode::deunicode;

use crate::citing::record::Record;

crate::words! {
    /// How two records that look alike are related.
    Relation {
        /// Likely one study: they can be merged.
        Same = "same_study",
        /// A preprint and what became of it: two publications.
        Preprint = "preprint_and_article",
        /// A study and a retraction, correction, comment or reply about it.
        Notice = "notice_and_original",
        /// Two versions of one review or preprint.
        Version = "versions",
    }
}

/// How alike titles have to be.
const ALIKE: f64 = 0.93;
/// How far a preprint and its article may be apart, in years.
const MOST_YEARS_OF_PREPRINT: i32 = 3;
/// With how many neighbours of its block a study is compared.
const REACH: usize = 60;

/// What is compared of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Print {
    title: String,
    /// The title without its subtitle, if it has one and says enough without it.
    main: Option<String>,
    words: usize,
    numbers: Vec<String>,
    year: Option<i32>,
    author: Option<String>,
    volume: Option<String>,
    page: Option<String>,
    container: Option<String>,
    isbn: Option<String>,
    doi: Option<String>,
    book: bool,
    preprint: bool,
    notice: Option<&'static str>,
}

/// Two prints of one list that look alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Their places in the list, the lower one first.
    pub places: (usize, usize),
    /// From 0 to 1: how much speaks for one study.
    pub score: f64,
    pub relation: Relation,
}

/// Prefixes of DOIs under which only preprints are.
const PREPRINTS: [&str; 10] = [
    "10.1101/",
    "10.48550/",
    "10.21203/",
    "10.20944/",
    "10.31234/",
    "10.31219/",
    "10.26434/",
    "10.22541/",
    "10.36227/",
    "10.2139/ssrn",
];

/// How titles of notices, comments and replies begin, in the words of [`words_of`].
const NOTICES: [&str; 15] = [
    "retraction notice",
    "retraction note",
    "notice of retraction",
    "retraction",
    "expression of concern",
    "published erratum",
    "erratum",
    "corrigendum",
    "correction",
    "authors reply",
    "author reply",
    "reply",
    "response",
    "comment",
    "letter",
];

impl Print {
    /// The print of a record; `preprint` when the library knows it for one.
    pub fn of(record: &Record, preprint: bool) -> Self {
        let (notice, words) = without_notice(words_of(record.title().unwrap_or_default()));
        let folded = |variable: &str| record.text(variable).map(|text| words_of(text).join(" "));
        let doi = record.doi().map(|doi| doi.as_str().to_owned());
        let told = |variable| folded(variable).is_some_and(|text| text.contains("preprint") || text.ends_with("rxiv"));
        Self {
            numbers: numbers_of(&words),
            words: words.len(),
            main: main_of(record.title().unwrap_or_default()),
            title: words.join(" "),
            year: record.year().map(i32::from),
            author: record.first_author_family().map(|name| words_of(name).join(" ")).filter(|name| !name.is_empty()),
            volume: number_of(record, "volume"),
            page: number_of(record, "page-first").or_else(|| number_of(record, "page")),
            container: folded("container-title"),
            isbn: record.isbn().map(|isbn| isbn.as_str().to_owned()),
            book: record.item_type() == "book",
            preprint: preprint
                || doi.as_deref().is_some_and(|doi| PREPRINTS.iter().any(|prefix| doi.starts_with(prefix)))
                || ["genre", "container-title", "publisher"].into_iter().any(told),
            doi,
            notice,
        }
    }

    /// Under what it is put beside others: enough that a slip in one part of a title does not hide it.
    fn blocks(&self) -> Vec<String> {
        let words: Vec<&str> = self.title.split(' ').filter(|word| word.len() > 3).collect();
        let cut = |word: &str| word.chars().take(5).collect::<String>();
        let mut blocks = Vec::new();
        if !words.is_empty() {
            let mut longest = words.clone();
            longest.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
            longest.truncate(2);
            longest.sort_unstable();
            blocks.push(format!("head {}", words.iter().take(3).map(|word| cut(word)).collect::<String>()));
            blocks.push(format!("tail {}", words.iter().rev().take(3).map(|word| cut(word)).collect::<String>()));
            blocks.push(format!("long {}", longest.concat()));
        } else if !self.title.is_empty() {
            blocks.push(format!("head {}", self.title));
        }
        blocks.extend(self.isbn.iter().filter(|_| self.book).map(|isbn| format!("isbn {isbn}")));
        blocks.extend(self.doi.as_deref().map(|doi| format!("doi {}", unversioned(doi))));
        blocks
    }
}

/// All pairs of the list that look alike, the likeliest first. Each is compared with a bounded number of others.
pub fn likely(prints: &[Print]) -> Vec<Pair> {
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, print) in prints.iter().enumerate() {
        for block in print.blocks() {
            blocks.entry(block).or_default().push(place);
        }
    }
    let mut seen = HashSet::new();
    let mut pairs = Vec::new();
    for mut block in blocks.into_values() {
        block.sort_by_key(|place| (prints.get(*place).map(|print| print.title.as_str()), *place));
        for (at, one) in block.iter().enumerate() {
            for other in block.iter().skip(at + 1).take(REACH) {
                let places = (*one.min(other), *one.max(other));
                let both = prints.get(places.0).zip(prints.get(places.1));
                if let Some((a, b)) = both.filter(|_| seen.insert(places))
                    && let Some((score, relation)) = compare(a, b)
                {
                    pairs.push(Pair { places, score, relation });
                }
            }
        }
    }
    pairs.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.places.cmp(&b.places)));
    pairs
}

/// How alike two prints are; `None` when nothing suggests that they are of one study.
pub fn compare(a: &Print, b: &Print) -> Option<(f64, Relation)> {
    let versions = versions(a, b);
    let title = title_alike(a, b);
    let one_book = a.book && b.book && a.isbn.is_some() && a.isbn == b.isbn;
    if versions {
        return Some((score(a, b, title), Relation::Version));
    }
    if a.title.is_empty() || b.title.is_empty() || title < if one_book { 0.8 } else { ALIKE } {
        return None;
    }
    let relation = relation(a, b);
    let apart = if relation == Relation::Preprint { MOST_YEARS_OF_PREPRINT } else { 1 };
    let years_agree = a.year.zip(b.year).is_none_or(|(a, b)| (a - b).abs() <= apart);
    let authors_agree = a.author.as_ref().zip(b.author.as_ref()).is_none_or(|(a, b)| same_name(a, b));
    // A notice has authors and a year of its own.
    let about = relation == Relation::Notice;
    if !(about || one_book || (years_agree && authors_agree)) || a.numbers != b.numbers {
        return None;
    }
    let elsewhere = differ(&a.volume, &b.volume) && differ(&a.page, &b.page);
    // A short title such as "Acne" or "Editorial" says little.
    let told = a.words.min(b.words) > 2 || one_book || agree(&a.page, &b.page) || agree(&a.container, &b.container);
    (told && !(elsewhere && relation == Relation::Same)).then(|| (score(a, b, title), relation))
}

/// How alike the titles are, be it that one has a subtitle and the other has not.
fn title_alike(a: &Print, b: &Print) -> f64 {
    let whole = alike(&a.title, &b.title);
    let part = match (&a.main, &b.main) {
        (Some(main), None) => alike(main, &b.title),
        (None, Some(main)) => alike(&a.title, main),
        _ => 0.0,
    };
    whole.max(0.97 * part)
}

/// Jaro–Winkler, or the share of letters that are the same: a letter that is wrong near the beginning throws the first off
/// when the right one comes again later.
fn alike(a: &str, b: &str) -> f64 {
    /// Of longer texts only the beginnings are compared.
    const MOST: usize = 400;
    let cut = |text: &str| text.chars().take(MOST).collect::<String>();
    let (a, b) = (cut(a), cut(b));
    let likeness = strsim::jaro_winkler(&a, &b);
    if !(0.8..ALIKE).contains(&likeness) {
        likeness
    } else {
        likeness.max(strsim::normalized_damerau_levenshtein(&a, &b))
    }
}

fn relation(a: &Print, b: &Print) -> Relation {
    if a.notice != b.notice {
        Relation::Notice
    } else if a.preprint != b.preprint {
        Relation::Preprint
    } else if a.preprint && differ(&a.doi, &b.doi) {
        Relation::Version
    } else {
        Relation::Same
    }
}

fn versions(a: &Print, b: &Print) -> bool {
    let dois = a.doi.as_deref().zip(b.doi.as_deref());
    dois.is_some_and(|(a, b)| a != b && unversioned(a) == unversioned(b))
}

/// A DOI without what tells one version of a work from another: `.pub2`, `/v1`, `.v2`, and the last number at publishers
/// that version so.
fn unversioned(doi: &str) -> &str {
    let without = |marks: &[&str]| {
        let stem = doi.trim_end_matches(|c: char| c.is_ascii_digit());
        let mark = marks.iter().find(|mark| stem.len() < doi.len() && stem.ends_with(**mark))?;
        stem.strip_suffix(*mark)
    };
    let by_number = ["10.12688/", "10.3310/"].iter().any(|prefix| doi.starts_with(prefix));
    without(&[".pub", "/v", ".v"]).or_else(|| without(&["."]).filter(|_| by_number)).unwrap_or(doi)
}

fn score(a: &Print, b: &Print, title: f64) -> f64 {
    let weigh = |agrees: bool, differs: bool, plus: f64, minus: f64| {
        if agrees {
            plus
        } else if differs {
            -minus
        } else {
            0.0
        }
    };
    let year = weigh(a.year.is_some() && a.year == b.year, a.year.is_some() && b.year.is_some(), 0.1, 0.05);
    let author = weigh(agree(&a.author, &b.author), false, 0.1, 0.0);
    let volume = weigh(agree(&a.volume, &b.volume), differ(&a.volume, &b.volume), 0.05, 0.1);
    let page = weigh(agree(&a.page, &b.page), differ(&a.page, &b.page), 0.05, 0.1);
    let isbn = weigh(a.book && b.book && agree(&a.isbn, &b.isbn), false, 0.1, 0.0);
    let doi = weigh(false, differ(&a.doi, &b.doi), 0.0, 0.1);
    (0.7 * title + year + author + volume + page + isbn + doi).clamp(0.0, 1.0)
}

fn agree(a: &Option<String>, b: &Option<String>) -> bool {
    a.is_some() && a == b
}

fn differ(a: &Option<String>, b: &Option<String>) -> bool {
    a.is_some() && b.is_some() && a != b
}

/// Whether two family names are one: particles may be there or not.
fn same_name(a: &str, b: &str) -> bool {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    long == short || long.strip_suffix(short).is_some_and(|particles| particles.ends_with(' '))
}

/// The words of a text in ASCII letters and digits, lower case, without markup.
fn words_of(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        match after.split_once('>').filter(|(tag, _)| tag.len() <= 10 && !tag.contains(' ')) {
            Some((_, behind)) => rest = behind,
            None => {
                plain.push('<');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    let ascii = deunicode(&plain.replace(['\'', '’'], "")).to_ascii_lowercase();
    ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The title without what says that it is a notice; of an original that says itself "Retracted:", it is the original's.
fn without_notice(mut words: Vec<String>) -> (Option<&'static str>, Vec<String>) {
    if words.len() > 1 && words.first().is_some_and(|word| word == "retracted") {
        words.remove(0);
        words.drain(..usize::from(words.first().is_some_and(|word| word == "article")));
    }
    let title = words.join(" ");
    let begins = |prefix: &&&str| title.strip_prefix(**prefix).is_some_and(|rest| rest.starts_with(' '));
    let Some(notice) = NOTICES.iter().find(begins) else { return (None, words) };
    words.drain(..notice.split(' ').count());
    words.drain(
        ..usize::from(words.first().is_some_and(|word| ["to", "on", "for", "of", "re"].contains(&word.as_str()))),
    );
    (Some(notice), words)
}

/// What stands before the colon, if that says enough.
fn main_of(title: &str) -> Option<String> {
    let (main, _) = title.split_once(": ")?;
    let (_, words) = without_notice(words_of(main));
    (words.len() >= 4).then(|| words.join(" "))
}

/// Words with digits, and Roman numerals where they count something: "Part I" is not "Part II", while a lone letter in the
/// middle of a title is a slip.
fn numbers_of(words: &[String]) -> Vec<String> {
    const ROMAN: [&str; 10] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"];
    const COUNTED: [&str; 10] =
        ["part", "phase", "type", "stage", "grade", "class", "volume", "chapter", "study", "factor"];
    let counts = |at: usize, word: &str| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let counted = before.is_some_and(|before| COUNTED.contains(&before.as_str())) || at + 1 == words.len();
        word.bytes().any(|b| b.is_ascii_digit()) || (counted && ROMAN.contains(&word))
    };
    words.iter().enumerate().filter(|(at, word)| counts(*at, word)).map(|(_, word)| word.clone()).collect()
}

/// The first number of a variable that is a number or a range.
fn number_of(record: &Record, variable: &str) -> Option<String> {
    let value = record.members().get(variable)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).to_lowercase();
    let first: String = text.trim().chars().take_while(|c| c.is_alphanumeric()).collect();
    (!first.is_empty()).then_some(first)
}

#[cfg(test)]
mod tests;
