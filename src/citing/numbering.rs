//! Which number a study has in an article.
//!
//! The rule: walk the markers in document order; each known study not met before takes the next integer from
//! 1; the article's entries without a marker follow in their given order. The formatter never decides a number.

use std::collections::HashMap;
use std::hash::Hash;

/// One study of an article with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered<T> {
    /// The study.
    pub study: T,
    /// Its number, from 1.
    pub number: u32,
    /// Whether a marker in the text cites it; the others are listed after these.
    pub marked: bool,
}

/// The numbers of one article's studies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbering<T: Eq + Hash> {
    list: Vec<Numbered<T>>,
    index: HashMap<T, u32>,
    marked: usize,
}

/// Numbers the studies of an article.
///
/// * `markers`: the keys of all markers, in document order, repeats included.
/// * `known`: the study that a key names, if any. Unknown keys take no number and shift nothing.
/// * `entries`: the article's citations in their given order, marked or not; repeats are ignored.
pub fn number<'k, T: Copy + Eq + Hash>(
    markers: impl IntoIterator<Item = &'k str>,
    known: impl Fn(&str) -> Option<T>,
    entries: &[T],
) -> Numbering<T> {
    let mut numbering = Numbering::empty();
    for study in markers.into_iter().filter_map(known) {
        numbering.add(study, true);
    }
    numbering.marked = numbering.list.len();
    for &study in entries {
        numbering.add(study, false);
    }
    numbering
}

impl<T: Copy + Eq + Hash> Numbering<T> {
    fn empty() -> Self {
        Self { list: Vec::new(), index: HashMap::new(), marked: 0 }
    }

    fn add(&mut self, study: T, marked: bool) {
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX).saturating_add(1);
        if *self.index.entry(study).or_insert(next) == next {
            self.list.push(Numbered { study, number: next, marked });
        }
    }

    /// The number of a study in this article.
    pub fn number_of(&self, study: T) -> Option<u32> {
        self.index.get(&study).copied()
    }

    /// All studies in the order of their numbers.
    pub fn list(&self) -> &[Numbered<T>] {
        &self.list
    }

    /// The studies that a marker cites, in the order of their numbers.
    pub fn marked(&self) -> &[Numbered<T>] {
        self.list.get(..self.marked).unwrap_or_default()
    }

    /// The entries that no marker cites, in their given order.
    pub fn unmarked(&self) -> &[Numbered<T>] {
        self.list.get(self.marked..).unwrap_or_default()
    }

    /// How many studies have a number.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the article cites nothing.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// Numbers as shown in one group: single numbers and runs, both ends included.
///
/// Sorted, without repeats; a run stands only for three or more numbers in a row.
pub fn runs(numbers: &[u32]) -> Vec<(u32, u32)> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut runs = Vec::new();
    for stretch in sorted.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        match stretch {
            [first, _, .., last] => runs.push((*first, *last)),
            few => runs.extend(few.iter().map(|n| (*n, *n))),
        }
    }
    runs
}

/// Prints a group of numbers: `1,3–5` (sorted, de-duplicated, runs of three or more joined by an en dash).
pub fn collapse(numbers: &[u32]) -> String {
    let shown = runs(numbers).into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    });
    shown.collect::<Vec<_>>().join(",")
}

/// Reads what [`collapse`] prints; `None` for anything it would not print or a range past 100,000 numbers.
pub fn expand(printed: &str) -> Option<Vec<u32>> {
    const MOST: u32 = 100_000;
    if printed.is_empty() {
        return Some(Vec::new());
    }
    let mut numbers = Vec::new();
    for part in printed.split(',') {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        if last.checked_sub(first)? > MOST {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const KNOWN: u8 = 12;

    fn study(key: &str) -> Option<u8> {
        key.strip_prefix('k')?.parse().ok().filter(|id| *id < KNOWN)
    }

    fn numbered(keys: &[String], entries: &[u8]) -> Numbering<u8> {
        number(keys.iter().map(String::as_str), study, entries)
    }

    fn keys() -> impl Strategy<Value = Vec<String>> {
        vec((0u8..20).prop_map(|id| format!("k{id}")), 0..40)
    }

    fn entries() -> impl Strategy<Value = Vec<u8>> {
        vec(0u8..KNOWN, 0..12)
    }

    #[test]
    fn first_appearance_decides() {
        let keys: Vec<String> = ["k3", "k1", "nobody", "k3", "k2"].map(str::to_owned).into();
        let numbering = numbered(&keys, &[7, 1, 5]);
        let order: Vec<_> = numbering.list().iter().map(|n| (n.study, n.number, n.marked)).collect();
        assert_eq!(order, [(3, 1, true), (1, 2, true), (2, 3, true), (7, 4, false), (5, 5, false)]);
        assert_eq!(numbering.number_of(2), Some(3));
        assert_eq!(numbering.number_of(9), None);
    }

    #[test]
    fn groups_collapse() {
        assert_eq!(collapse(&[5, 3, 4, 1, 3]), "1,3–5");
        assert_eq!(collapse(&[1, 2]), "1,2");
        assert_eq!(collapse(&[9, 8, 7, 1, 2]), "1,2,7–9");
        assert_eq!(collapse(&[]), "");
        assert_eq!(collapse(&[u32::MAX, 1]), "1,4294967295");
        assert_eq!(expand("1–4294967295"), None);
        assert_eq!(expand("5–3"), None);
        assert_eq!(expand("a"), None);
    }

    proptest! {
        #[test]
        fn numbers_are_one_to_n(keys in keys(), entries in entries()) {
            let numbering = numbered(&keys, &entries);
            let all: Vec<u32> = numbering.list().iter().map(|n| n.number).collect();
            prop_assert_eq!(all, (1..=numbering.len() as u32).collect::<Vec<_>>());
            let studies: HashSet<u8> = numbering.list().iter().map(|n| n.study).collect();
            prop_assert_eq!(studies.len(), numbering.len());
        }

        #[test]
        fn first_appearances_increase(keys in keys(), entries in entries()) {
            let numbering = numbered(&keys, &entries);
            let mut highest = 0;
            for number in keys.iter().filter_map(|k| numbering.number_of(study(k)?)) {
                prop_assert!(number <= highest + 1);
                highest = highest.max(number);
            }
        }

        #[test]
        fn marked_is_cited_and_known_then_the_rest(keys in keys(), entries in entries()) {
            let numbering = numbered(&keys, &entries);
            let cited: BTreeSet<u8> = keys.iter().filter_map(|k| study(k)).collect();
            let marked: BTreeSet<u8> = numbering.marked().iter().map(|n| n.study).collect();
            prop_assert_eq!(&marked, &cited);
            let mut rest: Vec<u8> = Vec::new();
            for entry in entries.iter().filter(|e| !cited.contains(e)) {
                if !rest.contains(entry) {
                    rest.push(*entry);
                }
            }
            prop_assert_eq!(numbering.unmarked().iter().map(|n| n.study).collect::<Vec<_>>(), rest);
            prop_assert!(numbering.marked().iter().all(|n| n.marked));
            prop_assert!(numbering.unmarked().iter().all(|n| !n.marked));
            let all: BTreeSet<u8> = numbering.list().iter().map(|n| n.study).collect();
            prop_assert_eq!(all, cited.iter().chain(&entries).copied().collect::<BTreeSet<_>>());
        }

        #[test]
        fn numbering_is_deterministic(keys in keys(), entries in entries()) {
            prop_assert_eq!(numbered(&keys, &entries), numbered(&keys, &entries));
        }

        #[test]
        fn appended_text_changes_no_earlier_number(keys in keys(), more in keys(), entries in entries()) {
            let before = numbered(&keys, &entries);
            let after = numbered(&[keys, more].concat(), &entries);
            for entry in before.marked() {
                prop_assert_eq!(after.number_of(entry.study), Some(entry.number));
            }
        }

        #[test]
        fn unknown_keys_change_nothing(keys in keys(), entries in entries()) {
            let known: Vec<String> = keys.iter().filter(|k| study(k).is_some()).cloned().collect();
            prop_assert_eq!(numbered(&keys, &entries), numbered(&known, &entries));
        }

        #[test]
        fn merging_two_studies_is_renaming_one_key(keys in keys(), entries in entries(), gone in 0u8..KNOWN, kept in 0u8..KNOWN) {
            let merge = |id: u8| if id == gone { kept } else { id };
            let aliased = number(
                keys.iter().map(String::as_str),
                |k| study(k).map(merge),
                &entries.iter().map(|e| merge(*e)).collect::<Vec<_>>(),
            );
            let renamed: Vec<String> = keys.iter().map(|k| study(k).map_or(k.clone(), |id| format!("k{}", merge(id)))).collect();
            let entries: Vec<u8> = entries.iter().map(|e| merge(*e)).collect();
            prop_assert_eq!(aliased, numbered(&renamed, &entries));
        }

        #[test]
        fn reordering_sections_permutes_the_same_numbers(sections in vec(keys(), 0..6), by in 0usize..6, entries in entries()) {
            let mut turned = sections.clone();
            if !turned.is_empty() {
                let by = by % turned.len();
                turned.rotate_left(by);
            }
            let (one, two) = (numbered(&sections.concat(), &entries), numbered(&turned.concat(), &entries));
            let studies = |n: &Numbering<u8>| n.list().iter().map(|e| (e.study, e.marked)).collect::<BTreeSet<_>>();
            prop_assert_eq!(one.len(), two.len());
            prop_assert_eq!(studies(&one), studies(&two));
        }

        #[test]
        fn expanding_gives_the_numbers_back(numbers in vec(1u32..60, 0..30)) {
            let want: Vec<u32> = numbers.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(expand(&collapse(&numbers)), Some(want));
        }
    }
}
