use std::collections::HashSet;

use roxmltree::{Document, ParsingOptions};

use super::write;
use crate::formats::sample;

fn parsed(text: &str) -> Document<'_> {
    Document::parse_with_options(text, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() }).unwrap()
}

/// Whether it is valid is for `.ci/jats.py`, which has the DTD.
#[test]
fn an_awkward_article_is_well_formed_and_its_links_lead_somewhere() {
    let text = write(&sample::nasty(), &sample::site());
    let document = parsed(&text);
    let mut ids = HashSet::new();
    for id in document.descendants().filter_map(|node| node.attribute("id")) {
        assert!(ids.insert(id), "{id} stands twice");
        assert!(id.starts_with(|c: char| c.is_ascii_alphabetic()), "{id}");
    }
    let targets: Vec<&str> = document.descendants().filter_map(|node| node.attribute("rid")).collect();
    assert!(targets.len() > 10 && targets.iter().all(|target| ids.contains(target)), "{targets:?}");
    assert!(targets.contains(&"sec-2024-results"));
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((count("ref"), count("element-citation"), count("mixed-citation")), (16, 16, 16));
    assert_eq!((count("fig"), count("table-wrap"), count("title-group")), (2, 2, 1));
}

#[test]
fn sections_stand_within_those_above_them() {
    let text = write(&sample::nasty(), &sample::site());
    let document = parsed(&text);
    let titles: Vec<(usize, &str)> = document
        .descendants()
        .filter(|node| node.has_tag_name("sec"))
        .map(|sec| {
            let depth = sec.ancestors().filter(|node| node.has_tag_name("sec")).count();
            let title = sec.children().find(|node| node.has_tag_name("title"));
            (depth, title.and_then(|title| title.text()).unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        titles,
        [
            (1, "A heading of the body"),
            (2, "A deep heading with "),
            (1, "2024 results <&>"),
            (2, "Inner"),
            (2, "Deeper"),
            (1, "-"),
            (2, "Far too deep"),
            (2, "One"),
            (2, "Two"),
            (2, "Three"),
            (1, "Conclusion"),
        ]
    );
}

#[test]
fn a_small_article_looks_like_this() {
    let mut whole = sample::whole();
    sample::retract(&mut whole, 1);
    insta::assert_snapshot!(write(&whole, &sample::site()));
}
