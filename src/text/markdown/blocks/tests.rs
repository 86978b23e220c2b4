use proptest::prelude::*;

use super::*;
use crate::citing::check::{CitedStudy, Document, Finding, Rule, Rules, SectionText, Severity, check};

/// `[@no…]` names no study, every other key the study of that name.
fn read(body: &str) -> Blocks {
    blocks(body, &|key| (!key.starts_with("no")).then(|| key.to_owned()))
}

fn section(index: usize, heading: Option<&str>, body: &str) -> SectionText {
    let Blocks { blocks, warnings } = read(body);
    SectionText {
        id: format!("s{index}"),
        anchor: format!("a{index}"),
        heading: heading.map(str::to_owned),
        level: 2,
        own_results: false,
        blocks,
        warnings,
    }
}

fn article(bodies: &[&str]) -> Document {
    let sections = bodies.iter().enumerate().map(|(index, body)| section(index, None, body)).collect();
    Document { title: "A title".to_owned(), language: "en-GB".to_owned(), sections, anchors: Vec::new() }
}

fn findings(bodies: &[&str]) -> Vec<Finding> {
    check(&article(bodies), &[], &Rules::default())
}

/// Rule and severity of each finding with the text it points at.
fn told(bodies: &[&str]) -> Vec<String> {
    let text = |finding: &Finding| {
        let index: usize = finding.section.as_ref()?.strip_prefix('s')?.parse().ok()?;
        Some(bodies[index].get(finding.span.clone()?)?.to_owned())
    };
    let tell = |finding: Finding| {
        format!("{} {}: {}", finding.severity.name(), finding.rule.name(), text(&finding).unwrap_or_default())
    };
    findings(bodies).into_iter().map(tell).collect()
}

#[test]
fn kinds_and_texts() {
    let body = "Para with *emphasis*,\nsecond line.\n\n## Head\n\n- one\n- two [@a]\n\n  more\n\n> quoted\n\n| a | b |\n|---|---|\n| c | d |\n\n    code\n\nLast &amp; least \\* `x`";
    let told: Vec<(BlockKind, String)> = read(body).blocks.into_iter().map(|b| (b.kind, b.text)).collect();
    let expected = [
        (BlockKind::Paragraph, "Para with emphasis, second line."),
        (BlockKind::Heading(2), "Head"),
        (BlockKind::ListItem, "one"),
        (BlockKind::ListItem, "two "),
        (BlockKind::ListItem, "more"),
        (BlockKind::Quote, "quoted"),
        (BlockKind::TableCell, "a"),
        (BlockKind::TableCell, "b"),
        (BlockKind::TableCell, "c"),
        (BlockKind::TableCell, "d"),
        (BlockKind::Code, "code\n"),
        (BlockKind::Paragraph, "Last & least * x"),
    ];
    assert_eq!(told, expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn places_lead_back_to_the_body() {
    let body = "Tom &amp; *Ann* say `so` [@a; @no1, p. 3].";
    let block = &read(body).blocks[0];
    assert_eq!(block.text, "Tom & Ann say so .");
    let of = |text: &str| block.text.find(text).and_then(|at| block.in_body(at..at + text.len())).map(|r| &body[r]);
    assert_eq!(of("Ann"), Some("Ann"));
    assert_eq!(of("&"), Some("&amp;"));
    assert_eq!(of("Tom & Ann"), Some("Tom &amp; *Ann"));
    assert_eq!(of("so"), Some("so"));
    assert_eq!(block.in_body(3..3), None);
    let mark = &block.marks[0];
    assert_eq!(&body[mark.body.clone()], "[@a; @no1, p. 3]");
    let items: Vec<_> = mark.items.iter().map(|i| (&body[i.body.clone()], i.study.as_deref())).collect();
    assert_eq!(items, [("@a", Some("a")), ("@no1", None)]);
}

#[test]
fn a_marker_belongs_to_its_sentence() {
    let claim = "Studies have shown that it works well.";
    let of = |body: String| told(&[&body]);
    assert_eq!(of(claim.to_owned()), [format!("warning uncited_claim: {claim}")]);
    assert!(of(format!("{claim} [@a]")).is_empty());
    assert!(of(format!("{claim}[@a] It is cheap.")).is_empty());
    assert!(of("Studies [@a] have shown that it works well. It is cheap.".to_owned()).is_empty());
    let below = of(format!("{claim} It is cheap [@a]."));
    assert_eq!(below, [format!("info uncited_claim: {claim}")]);
    let far = of(format!("{claim} It is cheap. It is red [@a]."));
    assert_eq!(far, [format!("warning uncited_claim: {claim}")]);
    let apart = of(format!("{claim}\n\nIt is cheap [@a]."));
    assert_eq!(apart, [format!("warning uncited_claim: {claim}")]);
}

#[test]
fn what_is_introduced_or_gone_on_about_is_supported() {
    let listed = told(&["Studies have shown three good effects:\n\n- calm [@a]\n- sleep [@b]"]);
    assert_eq!(listed, ["info uncited_claim: Studies have shown three good effects:"]);
    let unlisted = told(&["Studies have shown three good effects:\n\n- calm\n- sleep"]);
    assert_eq!(unlisted, ["warning uncited_claim: Studies have shown three good effects:"]);
    let back = "These studies suggest that it may work well.";
    assert_eq!(told(&[&format!("1. One [@a]\n2. Two [@b]\n\n{back}")]), [format!("info uncited_claim: {back}")]);
    assert_eq!(told(&[&format!("1. One\n2. Two\n\n{back}")]), [format!("warning uncited_claim: {back}")]);
}

#[test]
fn what_is_not_read() {
    assert!(told(&["## Studies have shown that it works well\n\nText."]).is_empty());
    assert!(told(&["    Studies have shown that it works well."]).is_empty());
    let mut german = article(&["Studies have shown that it works well."]);
    german.language = "de".to_owned();
    assert!(check(&german, &[], &Rules::default()).is_empty());
    let mut own = article(&["Studies have shown that it works well."]);
    own.sections[0].own_results = true;
    assert!(check(&own, &[], &Rules::default()).is_empty());
}

#[test]
fn conclusions() {
    let many = "In conclusion, numerous studies have shown that it works.";
    assert_eq!(
        told(&["It is red.", many]),
        [format!("warning uncited_claim: {many}"), format!("warning conclusion_without_support: {many}")]
    );
    assert_eq!(told(&["It is red [@a].", many]), [format!("warning uncited_claim: {many}")]);
    assert_eq!(told(&["It is red [@a; @b; @c].", many]), [format!("info uncited_claim: {many}")]);
    let some = "Overall, research suggests that it works well.";
    assert_eq!(told(&["It is red [@a].", some]), [format!("info uncited_claim: {some}")]);
}

#[test]
fn structure_and_links() {
    let body =
        "# One\n\n### Three [up](#a1) and [gone](#nowhere), [ref](#ref-1), [out](https://example.org/#x), [top](#)";
    assert_eq!(
        told(&[body, ""]),
        [
            "warning empty_section: ",
            "warning skipped_heading_level: Three [up](#a1) and [gone](#nowhere), [ref](#ref-1), [out](https://example.org/#x), [top",
            "warning broken_internal_link: [gone](#nowhere)",
            "warning broken_internal_link: [ref](#ref-1)",
            "warning empty_section: ",
        ]
    );
}

#[test]
fn markers_and_their_faults() {
    let body = "Red [@no2], blue [@a, @b], and [@a; @a], [@a, p. 1; @a, p. 2].";
    assert_eq!(
        told(&[body]),
        ["error dangling_marker: @no2", "warning doubtful_marker: @b", "warning same_study_twice: @a",]
    );
}

#[test]
fn a_retraction_must_be_told_with_the_citation() {
    let study = CitedStudy {
        key: "a".to_owned(),
        integrity: crate::citing::check::Integrity::Retracted,
        ..CitedStudy::default()
    };
    let article = article(&["It works [@a].\n\nThat study was later retracted [@a]."]);
    let found = check(&article, &[study], &Rules::default());
    let graveness: Vec<_> = found.iter().map(|f| (f.rule, f.severity)).collect();
    assert_eq!(graveness, [(Rule::RetractedStudy, Severity::Error), (Rule::RetractedStudy, Severity::Info)]);
    assert_ne!(found[0].fingerprint, found[1].fingerprint);
}

/// The blocks of the page that the check was made for, as an editor would type them; `None` where the file is not.
fn page() -> Option<Vec<(Option<String>, String)>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/samples/page-microneedling.txt");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("*** {path} is not there: the page is not checked ***");
        return None;
    };
    let (article, _form) = text.split_once("Leave a Reply").expect("the page ends with a form");
    let mut sections = vec![(None, String::new())];
    let mut empty = 0;
    for line in article.lines().skip(1).map(str::trim) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        let listed = line.starts_with('•') || line.starts_with(|c: char| c.is_ascii_digit());
        let is_heading = !listed && line.len() < 80 && !line.ends_with('.');
        if is_heading || empty > 1 {
            sections.push((is_heading.then(|| line.to_owned()), String::new()));
        }
        empty = 0;
        if let Some((_, body)) = sections.last_mut().filter(|_| !is_heading) {
            body.push_str(&line.replace("• ", "- "));
            body.push_str("\n\n");
        }
    }
    Some(sections)
}

/// Section, severity, rule and the first three words.
fn of_page(sections: &[(Option<String>, String)]) -> Vec<String> {
    let sections = sections.iter().enumerate();
    let sections = sections.map(|(index, (heading, body))| section(index, heading.as_deref(), body)).collect();
    let document =
        Document { title: "Large pores".to_owned(), language: "en".to_owned(), sections, anchors: Vec::new() };
    let tell = |f: Finding| {
        let words: Vec<&str> = f.quote.split(' ').take(3).collect();
        format!("{} {} {}: {}", f.section.unwrap_or_default(), f.severity.name(), f.rule.name(), words.join(" "))
    };
    check(&document, &[], &Rules::default()).into_iter().map(tell).collect()
}

/// The page leaves its evidence to be believed: two studies without a name, a conclusion that leans on more of them, and
/// what most patients are said to see. How the treatment works, advice and what introduces the studies claim no evidence.
#[test]
fn the_page_has_the_findings_a_careful_reader_has() {
    let Some(page) = page() else { return };
    let expected = [
        "s2 warning uncited_claim: A study published",
        "s2 warning uncited_claim: The researchers observed",
        "s2 warning uncited_claim: Another study published",
        "s2 warning uncited_claim: These studies suggest",
        "s2 warning uncited_claim: In conclusion, research",
        "s2 warning conclusion_without_support: In conclusion, research",
        "s3 warning uncited_claim: Numerous studies have",
        "s3 warning conclusion_without_support: Numerous studies have",
        "s3 warning uncited_claim: While results may",
    ];
    assert_eq!(of_page(&page), expected);
}

/// With a marker behind each of the two studies, what sums them up is supported; two studies are not numerous.
#[test]
fn the_page_with_its_studies_cited() {
    let Some(mut page) = page() else { return };
    let body = &mut page[2].1;
    let items: Vec<String> = body.split("\n\n").map(str::to_owned).collect();
    let cited = items.iter().map(|item| match item.split_once(". ") {
        Some((number, _)) if number.parse::<u32>().is_ok() => format!("{item} [@study{number}]"),
        _ => item.clone(),
    });
    *body = cited.collect::<Vec<_>>().join("\n\n");
    let expected = [
        "s2 info uncited_claim: A study published",
        "s2 info uncited_claim: These studies suggest",
        "s2 info uncited_claim: In conclusion, research",
        "s3 warning uncited_claim: Numerous studies have",
        "s3 warning uncited_claim: While results may",
    ];
    assert_eq!(of_page(&page), expected);
}

const TEXT: &str = "(\\PC{0,120}|([A-Za-z]{1,8}[ .,!?:;*_`#>|\\[\\]()@\n-]{1,3}){0,40}|(Studies show|p < 0.05|40%|\\[@a\\]|@a|&amp;|é|\n\n- |“|\\. ){0,30})";

proptest! {
    #[test]
    fn spans_are_inside_the_body(bodies in prop::collection::vec(TEXT, 1..4)) {
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let found = findings(&bodies);
        for finding in &found {
            let index: usize = finding.section.as_ref().unwrap()[1..].parse().unwrap();
            if let Some(span) = &finding.span {
                prop_assert!(bodies[index].get(span.clone()).is_some_and(|text| !text.is_empty()), "{finding:?}");
            }
        }
        prop_assert_eq!(findings(&bodies), found, "the same again");
    }

    #[test]
    fn every_text_has_a_place(body in TEXT) {
        for block in read(&body).blocks {
            let mut end = 0;
            for run in &block.runs {
                prop_assert_eq!(run.text.start, end);
                end = run.text.end;
                let written = body.get(run.body.clone());
                prop_assert!(written.is_some());
                prop_assert!(!run.exact || written == block.text.get(run.text.clone()));
            }
            prop_assert_eq!(end, block.text.len());
        }
    }

    #[test]
    fn a_fingerprint_survives_edits_elsewhere(before in TEXT, after in TEXT) {
        let claim = "Large trials found that Xylitol prevents cavities in children.";
        let alone = findings(&[claim]).remove(0).fingerprint;
        let amid = findings(&[&before, &format!("It is _sweet_.\n\n{claim}\n\nIt is white."), &after]);
        prop_assert!(amid.iter().any(|finding| finding.rule == Rule::UncitedClaim && finding.fingerprint == alone));
    }
}
