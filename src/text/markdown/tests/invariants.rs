//! What holds for the numbers of an article whatever its editors do to its sections.

use std::collections::{BTreeSet, HashSet};

use super::*;
use crate::citing::fold_key;
use crate::citing::numbering::{Numbering, collapse, expand, number, runs};

/// The library knows `s0` to `s9`; `s10` to `s13` are unknown.
const KNOWN: u8 = 10;

fn study(key: &str) -> Option<u8> {
    fold_key(key).strip_prefix('s')?.parse().ok().filter(|id| *id < KNOWN)
}

fn numbered(sections: &[String], entries: &[u8]) -> Numbering<u8> {
    let keys: Vec<String> = sections.iter().flat_map(|body| keys(body)).collect();
    number(keys.iter().map(String::as_str), study, entries)
}

fn rendered(sections: &[String], numbering: &Numbering<u8>) -> Vec<Rendered> {
    let resolve = |key: &str| study(key).and_then(|id| numbering.number_of(id));
    let render = |(at, body): (usize, &String)| {
        let prefix = format!("cite-section-{at}");
        let author = |key: &str| Some(format!("Author-{key}"));
        let context = RenderContext { id_prefix: Some(&prefix), author: &author, ..RenderContext::new(&resolve, 2) };
        super::render(body, &context)
    };
    sections.iter().enumerate().map(render).collect()
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "needling",
        "pores",
        "*twelve*",
        "**scars**",
        "me@x.example",
        "`[@s1]`",
        "\\@s2",
        "é",
        "[x @s3](/y)",
    ])
    .prop_map(str::to_owned)
}

fn marker() -> impl Strategy<Value = String> {
    let key = || (0u8..14).prop_map(|id| format!("s{id}"));
    let group = proptest::collection::vec((key(), 0usize..4), 1..6).prop_map(|keys| {
        let notes = ["", ", p. 3", ", pp. 4-6 and more", ""];
        let items: Vec<String> = keys.iter().map(|(key, note)| format!("@{key}{}", notes[*note])).collect();
        format!("[{}]", items.join("; "))
    });
    prop_oneof![
        4 => group,
        1 => key().prop_map(|key| format!("@{key}")),
        1 => key().prop_map(|key| format!("[see -@{key}]")),
        1 => (key(), key()).prop_map(|(one, two)| format!("@{one} [p. 3; @{two}]")),
        1 => (key(), key()).prop_map(|(one, two)| format!("[@{one}][@{two}]")),
        1 => key().prop_map(|key| format!("@{{{key}}}")),
    ]
}

fn block() -> impl Strategy<Value = String> {
    let inline =
        proptest::collection::vec(prop_oneof![2 => word(), 1 => marker()], 1..8).prop_map(|parts| parts.join(" "));
    (inline, 0usize..7).prop_map(|(text, kind)| match kind {
        0 => format!("> {text}"),
        1 => format!("- {text}\n- {text}"),
        2 => format!("## {text}"),
        3 => format!("| a | b |\n|---|---|\n| {text} | x |"),
        4 => format!("```\n{text}\n```"),
        _ => text,
    })
}

fn section() -> impl Strategy<Value = String> {
    proptest::collection::vec(block(), 0..4).prop_map(|blocks| blocks.join("\n\n"))
}

fn sections() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(section(), 0..5)
}

fn entries() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0u8..KNOWN, 0..6)
}

/// What an editor does to an article.
#[derive(Debug, Clone)]
enum Change {
    Write(usize, String),
    Insert(usize, String),
    Remove(usize),
    Move(usize, usize),
    Merge(u8, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0usize..6, section()).prop_map(|(at, body)| Change::Write(at, body)),
        (0usize..6, section()).prop_map(|(at, body)| Change::Insert(at, body)),
        (0usize..6).prop_map(Change::Remove),
        (0usize..6, 0usize..6).prop_map(|(from, to)| Change::Move(from, to)),
        (0u8..KNOWN, 0u8..KNOWN).prop_map(|(gone, kept)| Change::Merge(gone, kept)),
    ]
}

fn apply(change: Change, sections: &mut Vec<String>, entries: &mut [u8]) {
    let many = sections.len();
    match change {
        Change::Insert(at, body) => sections.insert(at % (many + 1), body),
        Change::Write(at, body) if many > 0 => sections[at % many] = body,
        Change::Remove(at) if many > 0 => drop(sections.remove(at % many)),
        Change::Move(from, to) if many > 0 => {
            let section = sections.remove(from % many);
            sections.insert(to % many, section);
        }
        Change::Merge(gone, kept) => {
            for body in sections.iter_mut() {
                if let Some(changed) = rename_key(body, &|key| study(key) == Some(gone), &format!("s{kept}")) {
                    *body = changed;
                }
            }
            entries.iter_mut().filter(|entry| **entry == gone).for_each(|entry| *entry = kept);
        }
        _ => {}
    }
}

fn check(sections: &[String], entries: &[u8]) -> Result<(), TestCaseError> {
    let numbering = numbered(sections, entries);
    let all: Vec<u32> = numbering.list().iter().map(|entry| entry.number).collect();
    prop_assert_eq!(&all, &(1..=u32::try_from(numbering.len()).unwrap_or(0)).collect::<Vec<_>>());
    let cited: Vec<u8> = sections.iter().flat_map(|body| keys(body)).filter_map(|key| study(&key)).collect();
    let mut highest = 0;
    for number in cited.iter().filter_map(|id| numbering.number_of(*id)) {
        prop_assert!(number <= highest + 1);
        highest = highest.max(number);
    }
    let set: BTreeSet<u8> = cited.iter().copied().collect();
    prop_assert_eq!(numbering.marked().iter().map(|entry| entry.study).collect::<BTreeSet<_>>(), set.clone());
    let mut rest: Vec<u8> = Vec::new();
    for entry in entries.iter().filter(|entry| !set.contains(entry)) {
        if !rest.contains(entry) {
            rest.push(*entry);
        }
    }
    prop_assert_eq!(numbering.unmarked().iter().map(|entry| entry.study).collect::<Vec<_>>(), rest);
    prop_assert_eq!(&numbered(sections, entries), &numbering);
    check_html(sections, &numbering)
}

/// Links lead to references that there are; each place is there once, and each cited number has one.
fn check_html(sections: &[String], numbering: &Numbering<u8>) -> Result<(), TestCaseError> {
    let pages = rendered(sections, numbering);
    let html: String = pages.iter().map(|page| page.html.as_str()).collect();
    for link in html.split("href=\"#ref-").skip(1) {
        let number = link.split('"').next().and_then(|number| number.parse::<usize>().ok());
        prop_assert!(number.is_some_and(|number| (1..=numbering.len()).contains(&number)), "{}", link);
    }
    let mut ids = HashSet::new();
    for place in pages.iter().flat_map(|page| &page.places) {
        prop_assert_eq!(html.matches(&format!("id=\"{}\"", place.id)).count(), 1);
        ids.insert(place.id.as_str());
    }
    prop_assert_eq!(html.matches(" id=\"").count(), ids.len());
    for (body, page) in sections.iter().zip(&pages) {
        let placed: BTreeSet<u32> = page.places.iter().map(|place| place.number).collect();
        let cited = keys(body).iter().filter_map(|key| numbering.number_of(study(key)?)).collect::<BTreeSet<_>>();
        prop_assert_eq!(&page.citations.iter().copied().collect::<BTreeSet<_>>(), &cited, "{}", body);
        // The description of an image is an attribute: what is cited there has a number and no place.
        prop_assert!(placed == cited || (body.contains("![") && placed.is_subset(&cited)), "{}", body);
    }
    Ok(())
}

/// The numbers that a printed group shows, locators left out.
fn shown_numbers(group: &str) -> Option<Vec<u32>> {
    let inner = group.strip_prefix('[')?.strip_suffix(']')?;
    expand(inner)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn numbers_hold_under_edits_moves_and_merges(
        start in sections(), listed in entries(), changes in proptest::collection::vec(change(), 0..8)
    ) {
        let (mut sections, mut entries) = (start, listed);
        check(&sections, &entries)?;
        for change in changes {
            apply(change, &mut sections, &mut entries);
            check(&sections, &entries)?;
        }
    }

    #[test]
    fn text_behind_changes_no_number_before(start in sections(), more in section(), entries in entries()) {
        let before = numbered(&start, &entries);
        let after = numbered(&[start.as_slice(), &[more]].concat(), &entries);
        for entry in before.marked() {
            prop_assert_eq!(after.number_of(entry.study), Some(entry.number));
        }
    }

    #[test]
    fn other_order_is_a_permutation(start in sections(), by in 0usize..5, entries in entries()) {
        let mut turned = start.clone();
        turned.rotate_left(by.min(start.len()));
        let list = |sections: &[String]| numbered(sections, &entries).list().iter().map(|e| (e.study, e.marked)).collect::<BTreeSet<_>>();
        prop_assert_eq!(list(&start), list(&turned));
    }

    #[test]
    fn a_merge_is_one_key_more_of_the_study(start in sections(), listed in entries(), gone in 0u8..KNOWN, kept in 0u8..KNOWN) {
        let merged = |id: u8| if id == gone { kept } else { id };
        let keys: Vec<String> = start.iter().flat_map(|body| keys(body)).collect();
        let entries_after: Vec<u8> = listed.iter().map(|id| merged(*id)).collect();
        let alias = number(keys.iter().map(String::as_str), |key| study(key).map(merged), &entries_after);
        let (mut sections, mut entries) = (start, listed);
        apply(Change::Merge(gone, kept), &mut sections, &mut entries);
        prop_assert_eq!(numbered(&sections, &entries), alias);
    }

    #[test]
    fn words_change_no_number(start in proptest::collection::vec((word(), marker()), 0..6), other in proptest::collection::vec(word(), 6)) {
        let with = |words: &mut dyn Iterator<Item = String>| {
            let parts = start.iter().zip(words).map(|((_, marker), word)| format!("{word} {marker}"));
            vec![parts.collect::<Vec<_>>().join(" ")]
        };
        let one = with(&mut start.iter().map(|(word, _)| word.clone()));
        let two = with(&mut other.into_iter());
        prop_assert_eq!(numbered(&one, &[]), numbered(&two, &[]));
    }

    #[test]
    fn printed_groups_give_their_numbers_back(ids in proptest::collection::vec(0u8..KNOWN, 1..9), first in proptest::collection::vec(0u8..KNOWN, 0..9)) {
        let group = |ids: &[u8]| format!("[{}]", ids.iter().map(|id| format!("@s{id}")).collect::<Vec<_>>().join("; "));
        let before = first.iter().map(|id| group(&[*id])).collect::<Vec<_>>().join(" ");
        let sections = [format!("{before}\n\n{}", group(&ids))];
        let numbering = numbered(&sections, &[]);
        let numbers: BTreeSet<u32> = ids.iter().filter_map(|id| numbering.number_of(*id)).collect();
        let text = rendered(&sections, &numbering).remove(0).text;
        let last = text.rsplit("\n\n").next().unwrap_or_default();
        prop_assert_eq!(shown_numbers(last), Some(numbers.iter().copied().collect::<Vec<_>>()), "{}", text);
        let list: Vec<u32> = numbers.into_iter().collect();
        prop_assert_eq!(last, format!("[{}]", collapse(&list)));
        prop_assert!(runs(&list).iter().all(|(first, last)| first == last || last - first >= 2));
    }

    #[test]
    fn any_text_keeps_the_invariants(bodies in proptest::collection::vec(soup(), 0..4)) {
        check(&bodies.iter().map(|body| body.replace("@a", "@s1").replace("@b", "@s2").replace("@c", "@s3")).collect::<Vec<_>>(), &[2, 4])?;
    }

    #[test]
    fn what_a_style_prints_is_counted_as_listed(bodies in soup()) {
        let body = bodies.replace("word", "@a");
        let known = |key: &str| "abcdef".contains(key) && key.len() == 1;
        let listed = cited_clusters(&body, &known);
        let in_text = |n: usize| crate::citing::in_text::InText { parts: vec![crate::citing::in_text::Part {
            number: listed[n].items.iter().find_map(|item| "abcdef".find(&item.key).filter(|_| known(&item.key))).and_then(|at| u32::try_from(at + 1).ok()),
            html: format!("<i>¶{n}¶</i>"), text: format!("¶{n}¶") }] };
        let printed: Vec<_> = (0..listed.len()).map(in_text).collect();
        let resolve = |key: &str| "abcdef".find(key).filter(|_| known(key)).and_then(|at| u32::try_from(at + 1).ok());
        let text = render(&body, &RenderContext { printed: Some(&printed), ..RenderContext::new(&resolve, 2) }).text;
        let shown: Vec<usize> = text.split('¶').skip(1).step_by(2).filter_map(|n| n.parse().ok()).collect();
        prop_assert_eq!(shown, (0..listed.len()).collect::<Vec<_>>(), "{}", text);
    }
}
