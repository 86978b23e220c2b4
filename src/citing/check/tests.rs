use super::*;

fn paragraph(text: &str, marks: &[(usize, &str)]) -> Block {
    let marks = marks.iter().map(|(at, key)| Mark {
        at: *at,
        body: *at..*at + 1,
        narrative: false,
        items: vec![MarkItem {
            key: (*key).to_owned(),
            body: *at..*at + 1,
            locator: None,
            study: Some((*key).to_owned()),
        }],
    });
    let whole = 0..text.len();
    Block {
        kind: BlockKind::Paragraph,
        text: text.to_owned(),
        runs: vec![Run { text: whole.clone(), body: whole, exact: true }],
        marks: marks.collect(),
        links: Vec::new(),
    }
}

fn section(id: &str, level: u8, heading: Option<&str>, blocks: Vec<Block>) -> SectionText {
    SectionText {
        id: id.to_owned(),
        anchor: format!("anchor-{id}"),
        heading: heading.map(str::to_owned),
        level,
        blocks,
        ..SectionText::default()
    }
}

fn document(sections: Vec<SectionText>) -> Document {
    Document { title: "A title".to_owned(), language: "en".to_owned(), sections, anchors: vec!["extra".to_owned()] }
}

fn citing(keys: &[&str]) -> Document {
    let blocks = keys.iter().map(|key| paragraph("It is red.", &[(9, key)])).collect();
    document(vec![section("s", 2, None, blocks)])
}

fn study(key: &str) -> CitedStudy {
    CitedStudy { key: key.to_owned(), identifiers: vec![format!("doi:10.1/{key}")], ..CitedStudy::default() }
}

fn rules_met(document: &Document, studies: &[CitedStudy], rules: &Rules) -> Vec<(Rule, Severity)> {
    check(document, studies, rules).into_iter().map(|finding| (finding.rule, finding.severity)).collect()
}

#[test]
fn the_list_of_rules_is_closed() {
    for rule in Rule::ALL {
        assert_eq!(Rule::parse(rule.name()), Some(*rule));
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        assert!(rule.title().ends_with('.') && rule.help().ends_with('.'));
    }
    assert_eq!(Rule::parse("no_such_rule"), None);
}

#[test]
fn a_sound_article_has_no_findings() {
    assert_eq!(check(&citing(&["a", "b"]), &[study("a"), study("b")], &Rules::default()), []);
    assert_eq!(check(&document(Vec::new()), &[], &Rules::default()), []);
}

#[test]
fn records() {
    let mut poor = study("a");
    poor.identifiers.clear();
    poor.missing = vec!["title".to_owned(), "identifier".to_owned(), "author".to_owned()];
    poor.year = Some(1990);
    let rules = Rules { outdated_after: Some(20), this_year: 2026, ..Rules::default() };
    let found = check(&citing(&["a"]), &[poor.clone()], &rules);
    let told: Vec<_> = found.iter().map(|f| (f.rule.name(), f.detail.as_str(), f.span.clone())).collect();
    assert_eq!(
        told,
        [
            ("incomplete_study", "the record of a has no title, no author", Some(9..10)),
            ("no_identifier", "the record of a has no DOI, PMID, PMCID, ISBN or address", Some(9..10)),
            ("outdated_study", "a is of 1990; the site asks for studies of 2006 or later", Some(9..10)),
        ]
    );
    poor.year = Some(2006);
    let ages = check(&citing(&["a"]), &[poor], &rules);
    assert!(ages.iter().all(|finding| finding.rule != Rule::OutdatedStudy));
}

#[test]
fn entries_without_a_marker_come_last() {
    let found = check(&citing(&["a"]), &[study("b"), study("a")], &Rules::default());
    let told: Vec<_> = found.iter().map(|f| (f.rule, f.section.as_deref(), f.studies.join(" "))).collect();
    assert_eq!(told, [(Rule::EntryNeverMarked, None, "b".to_owned())]);
}

#[test]
fn one_study_as_two() {
    let titled = |key: &str, title: &str, year| CitedStudy { title: Some(title.to_owned()), year, ..study(key) };
    let twice = |one: CitedStudy, other: CitedStudy| {
        let found = check(&citing(&[&one.key, &other.key]), &[one, other], &Rules::default());
        found.into_iter().map(|finding| (finding.rule, finding.studies.join(" "))).collect::<Vec<_>>()
    };
    let same = [(Rule::SameStudyTwice, "a b".to_owned())];
    assert_eq!(twice(titled("a", "On Pores.", Some(2009)), titled("b", "On pores", Some(2010))), same);
    assert_eq!(twice(titled("a", "On Pores.", None), titled("b", "On pores", Some(2010))), same);
    assert_eq!(twice(study("a"), CitedStudy { identifiers: vec!["doi:10.1/a".to_owned()], ..study("b") }), same);
    assert_eq!(twice(titled("a", "On Pores.", Some(2001)), titled("b", "On pores", Some(2010))), []);
    let preprint = CitedStudy { preprint: true, ..titled("a", "On pores", Some(2010)) };
    assert_eq!(twice(preprint, titled("b", "On pores", Some(2010))), []);
}

#[test]
fn integrity() {
    let of = |integrity| [CitedStudy { integrity, ..study("a") }];
    let met = |integrity| rules_met(&citing(&["a", "a"]), &of(integrity), &Rules::default());
    assert_eq!(met(Integrity::Sound), []);
    assert_eq!(met(Integrity::Concern), [(Rule::ExpressionOfConcern, Severity::Warning); 2]);
    assert_eq!(met(Integrity::Retracted), [(Rule::RetractedStudy, Severity::Error); 2]);
    let unmarked = check(&document(Vec::new()), &of(Integrity::Retracted), &Rules::default());
    assert!(unmarked.iter().any(|finding| finding.rule == Rule::RetractedStudy && finding.section.is_none()));
}

#[test]
fn settings() {
    let retracted = [CitedStudy { integrity: Integrity::Retracted, ..study("a") }];
    let with = |severity| {
        let rules = Rules { severity: [(Rule::RetractedStudy, severity)].into(), ..Rules::default() };
        rules_met(&citing(&["a"]), &retracted, &rules)
    };
    assert_eq!(with(Some(Severity::Warning)), [(Rule::RetractedStudy, Severity::Warning)]);
    assert_eq!(with(None), []);
    let claim = document(vec![section("s", 2, None, vec![paragraph("Magnesium is known to calm nerves.", &[])])]);
    let errors = Rules { severity: [(Rule::UncitedClaim, Some(Severity::Error))].into(), ..Rules::default() };
    assert_eq!(rules_met(&claim, &[], &errors), [(Rule::UncitedClaim, Severity::Info)], "a hint stays one");
}

#[test]
fn sections_and_levels() {
    let text = || vec![paragraph("It is red.", &[])];
    let parent = document(vec![section("a", 2, Some("A"), Vec::new()), section("b", 3, Some("B"), text())]);
    assert_eq!(check(&parent, &[], &Rules::default()), []);
    let skips = document(vec![section("a", 2, Some("A"), text()), section("b", 4, Some("B"), text())]);
    assert_eq!(rules_met(&skips, &[], &Rules::default()), [(Rule::SkippedHeadingLevel, Severity::Warning)]);
    let up = document(vec![
        section("a", 2, Some("A"), text()),
        section("b", 3, Some("B"), text()),
        section("c", 2, Some("C"), text()),
    ]);
    assert_eq!(check(&up, &[], &Rules::default()), []);
    let empty = document(vec![section("a", 2, Some("A"), Vec::new()), section("b", 2, Some("B"), text())]);
    assert_eq!(rules_met(&empty, &[], &Rules::default()), [(Rule::EmptySection, Severity::Warning)]);
}

#[test]
fn links() {
    let to = |target: &str| {
        let mut block = paragraph("See there.", &[]);
        block.links.push(Link { target: target.to_owned(), body: 0..3 });
        let article = document(vec![section("s", 2, None, vec![block])]);
        check(&article, &[study("a")], &Rules::default()).iter().any(|f| f.rule == Rule::BrokenInternalLink)
    };
    for good in ["#anchor-s", "#extra", "#ref-1", "#", "#top", "https://example.org/#nowhere", "other#nowhere"] {
        assert!(!to(good), "{good}");
    }
    for broken in ["#s", "#ref-0", "#ref-2", "#ref-01", "#ref-+1", "#ref-x"] {
        assert!(to(broken), "{broken}");
    }
}

#[test]
fn a_fingerprint_is_of_the_words() {
    let of = |text: &str| {
        let article = document(vec![section("s", 2, None, vec![paragraph(text, &[])])]);
        check(&article, &[], &Rules::default()).into_iter().map(|finding| finding.fingerprint).collect::<Vec<_>>()
    };
    let one = of("Studies have shown that it works.");
    assert_eq!(one, of("It is red. Studies have shown — that it works!"));
    assert_ne!(one, of("Studies have shown that it fails."));
    assert_eq!(one.iter().map(String::len).collect::<Vec<_>>(), [16]);
}

/// A body that is one long sentence, and one of very many: what would hang here would hang a server.
#[test]
fn long_bodies_end() {
    let long = "studies of the recommended risk in 40% of people and a 2019 trial ".repeat(1_500);
    let many = "Studies of this show a 40% lower risk of stroke, e.g. in U.S. adults. ".repeat(1_500);
    for text in [long.as_str(), many.as_str(), &". ".repeat(50_000), &"a".repeat(100_000), &"% ".repeat(50_000)] {
        let article = document(vec![section("s", 2, None, vec![paragraph(text, &[])])]);
        check(&article, &[], &Rules::default());
    }
}
