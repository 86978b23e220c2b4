//! What the notices about a study come to, and how a record of a notice is told from one of a study.
//!
//! Each source is taken by itself: its newest notice that is more than a correction counts, so that a reinstatement
//! clears the retraction before it. Where sources differ the strictest stands and the verdict says that it is
//! disputed: a source that has not caught up must not hide a retraction.

use super::record::{PartialDate, Record};

/// What a notice says of a study, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Something in it was corrected.
    Correction,
    /// A retraction or a warning was taken back.
    Reinstatement,
    /// Its publisher warns of it.
    ExpressionOfConcern,
    /// It was taken back.
    Retraction,
}

/// A notice, as far as it bears on the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<S> {
    /// Who tells of it.
    pub source: S,
    pub kind: Kind,
    /// The day of the notice, as precisely as it is known.
    pub day: Option<PartialDate>,
}

/// What all notices together say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Which of the notices says so.
    pub notice: usize,
    pub kind: Kind,
    /// Sources say different things.
    pub disputed: bool,
}

/// The verdict of these notices of one study; `None` without any.
pub fn verdict<S: Copy + Ord>(notices: &[Notice<S>]) -> Option<Verdict> {
    let weighty: Vec<usize> =
        indices(notices).filter(|at| notices.get(*at).is_some_and(|notice| notice.kind > Kind::Correction)).collect();
    if weighty.is_empty() {
        let notice = strictest(notices, newest(notices, indices(notices).collect()))?;
        return Some(Verdict { notice, kind: Kind::Correction, disputed: false });
    }
    let mut by_source: std::collections::BTreeMap<S, Vec<usize>> = std::collections::BTreeMap::new();
    for (at, notice) in weighty.iter().filter_map(|at| Some((*at, notices.get(*at)?))) {
        by_source.entry(notice.source).or_default().push(at);
    }
    let said: Vec<usize> = by_source.into_values().filter_map(|own| strictest(notices, newest(notices, own))).collect();
    let kind_of = |at: &usize| notices.get(*at).map(|notice| notice.kind);
    let disputed = said.iter().any(|at| kind_of(at) != said.first().and_then(kind_of));
    let notice = strictest(notices, said)?;
    Some(Verdict { notice, kind: kind_of(&notice)?, disputed })
}

fn indices<T>(list: &[T]) -> std::ops::Range<usize> {
    0..list.len()
}

/// Those that none of the others is certainly later than: a notice without a day, or of the same month as another of
/// which no more is known, may be the newest.
fn newest<S: Copy>(notices: &[Notice<S>], among: Vec<usize>) -> Vec<usize> {
    let day = |at: usize| notices.get(at).and_then(|notice| notice.day);
    // The latest beginning is enough to compare with: what is certainly before any other day is before that one.
    let latest = among.iter().filter_map(|at| day(*at)).max_by_key(beginning);
    let outdated = |at: usize| day(at).zip(latest).is_some_and(|(day, latest)| is_certainly_before(day, latest));
    among.into_iter().filter(|at| !outdated(*at)).collect()
}

/// The strictest of them; of several such the latest, of those the first.
fn strictest<S: Copy>(notices: &[Notice<S>], among: Vec<usize>) -> Option<usize> {
    let rank = |at: &usize| notices.get(*at).map(|notice| (notice.kind, notice.day.as_ref().map(beginning)));
    among.into_iter().max_by(|a, b| rank(a).cmp(&rank(b)).then(b.cmp(a)))
}

fn beginning(day: &PartialDate) -> (i16, u8, u8) {
    (day.year, day.month.unwrap_or(0), day.day.unwrap_or(0))
}

fn is_certainly_before(a: PartialDate, b: PartialDate) -> bool {
    let months = a.month.zip(b.month);
    let days = a.day.zip(b.day);
    a.year < b.year
        || (a.year == b.year && months.is_some_and(|(a, b)| a < b))
        || (a.year == b.year && months.is_some_and(|(a, b)| a == b) && days.is_some_and(|(a, b)| a < b))
}

/// How titles of notices begin, in lower case; what follows is one of [`AFTER`], or nothing.
const BEGINNINGS: &[(&str, Kind)] = &[
    ("retraction", Kind::Retraction),
    ("withdrawal", Kind::Retraction),
    ("removal", Kind::Retraction),
    ("expression of concern", Kind::ExpressionOfConcern),
    ("correction", Kind::Correction),
    ("author correction", Kind::Correction),
    ("publisher correction", Kind::Correction),
    ("corrigendum", Kind::Correction),
    ("erratum", Kind::Correction),
    ("errata", Kind::Correction),
    ("published erratum", Kind::Correction),
    ("reinstatement", Kind::Reinstatement),
];

/// Beginnings that no study has, whatever follows.
const PLAIN: &[(&str, Kind)] = &[
    ("notice of retraction", Kind::Retraction),
    ("notice of withdrawal", Kind::Retraction),
    ("statement of retraction", Kind::Retraction),
    ("editorial expression of concern", Kind::ExpressionOfConcern),
    ("notice of concern", Kind::ExpressionOfConcern),
    ("notice of correction", Kind::Correction),
    ("notice of reinstatement", Kind::Reinstatement),
];

/// What follows such a word in the title of a notice and not in one of a study ("Retraction of the gingiva").
const AFTER: &[&str] = &[
    ":",
    " -",
    " –",
    " —",
    " to:",
    " to “",
    " to \"",
    " to ‘",
    " to '",
    " for:",
    " of:",
    " notice",
    " note",
    " statement",
];

/// Whether the record is itself one of a notice ("Retraction: …", "Erratum to: …"), and of which kind. A study whose
/// publisher has put "RETRACTED:" before its title is none.
pub fn is_notice(record: &Record) -> Option<Kind> {
    kind_named(record.title()?).or_else(|| kind_of_genre(record.text("genre")?))
}

fn kind_named(title: &str) -> Option<Kind> {
    let title = title.trim_start_matches(['[', '(', '*', ' ']).to_lowercase().replace('’', "'");
    let follows = |rest: &str| {
        rest.trim_matches(['.', ']', ')', ' ']).is_empty() || AFTER.iter().any(|end| rest.starts_with(end))
    };
    let plain = || PLAIN.iter().find(|(words, _)| title.starts_with(words));
    let found = BEGINNINGS.iter().find(|(word, _)| title.strip_prefix(word).is_some_and(follows)).or_else(plain);
    found.map(|(_, kind)| *kind)
}

/// As PubMed calls kinds of publications.
fn kind_of_genre(genre: &str) -> Option<Kind> {
    match genre.to_lowercase().as_str() {
        "retraction of publication" | "retraction notice" => Some(Kind::Retraction),
        "expression of concern" => Some(Kind::ExpressionOfConcern),
        "published erratum" | "corrected and republished article" => Some(Kind::Correction),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
