//! Uploaded styles: what is read, and that nothing hostile gets through or takes long.

use std::fmt::Write as _;

use serde_json::json;

use super::*;
use crate::citing::bibliography::{format, in_text};
use crate::citing::in_text::{CitedCluster, CitedItem};
use crate::citing::record::Record;

const CITATION: &str = r#"<citation><layout prefix="(" suffix=")"><text macro="m"/></layout></citation>"#;
const BIBLIOGRAPHY: &str = r#"<bibliography><layout suffix="."><text macro="m"/></layout></bibliography>"#;
const TITLE: &str = r#"<macro name="m"><text variable="title"/></macro>"#;

/// A style file around what stands in its root element.
fn file(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>A style</title><id>https://styles.example/a-style</id><updated>2026-01-01T00:00:00+00:00</updated></info>{body}</style>"#
    )
}

fn with_macros(macros: &str) -> String {
    file(&format!("{macros}{CITATION}{BIBLIOGRAPHY}"))
}

fn upload(xml: &str) -> Style {
    Style::upload(xml).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The code of the first fault of a style that is refused.
fn refused(xml: &str) -> &'static str {
    match Style::upload(xml) {
        Ok(_) => "accepted",
        Err(faults) => faults.first().map_or("no fault", |fault| fault.code),
    }
}

fn record() -> Record {
    let value = json!({"type": "article-journal", "title": "Needles", "author": [{"family": "Majid", "given": "I"}]});
    Record::parse(&value).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn a_style_is_read_and_described() {
    let style = upload(&format!("\u{feff}{}", with_macros(TITLE)));
    let info = style.info();
    assert_eq!((info.name.as_str(), info.title.as_str()), ("a-style", "A style"));
    assert!(info.has_bibliography && info.parent.is_none());
    let entries = format(&style, None, &[(1, &record())]);
    assert_eq!((entries[0].text.as_str(), entries[0].degraded), ("Needles.", false));
}

#[test]
fn without_a_bibliography_entries_are_plain() {
    let style = upload(&file(&format!("{TITLE}{CITATION}")));
    assert!(!style.info().has_bibliography);
    let entries = format(&style, None, &[(1, &record())]);
    assert!(entries[0].degraded && entries[0].text.contains("Needles"));
    let cluster = CitedCluster { items: vec![CitedItem { number: 1, ..Default::default() }], narrative: false };
    assert_eq!(in_text(&style, None, &[(1, &record())], &[cluster])[0].text(), "(Needles)");
}

#[test]
fn a_dependent_style_needs_a_bundled_parent() {
    let dependent = |parent: &str| {
        format!(
            r#"<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0"><info><title>B</title><id>b</id>
<link href="{parent}" rel="independent-parent"/><updated>2026-01-01T00:00:00+00:00</updated></info></style>"#
        )
    };
    let style = upload(&dependent("http://www.zotero.org/styles/apa"));
    assert_eq!(style.info().parent.as_deref(), Some("apa"));
    let faults = Style::upload(&dependent("http://www.zotero.org/styles/of-nobody")).expect_err("there is no parent");
    assert_eq!(faults[0].code, "style_parent_unknown");
    assert!(faults[0].detail.contains("of-nobody") && faults[0].detail.contains("upload that one"));
}

#[test]
fn macros_that_call_themselves() {
    for macros in [
        r#"<macro name="m"><text macro="m"/></macro>"#,
        r#"<macro name="m"><group><text macro="n"/></group></macro><macro name="n"><text macro="m"/></macro>"#,
        r#"<macro name="m"><names variable="author"><substitute><text macro="m"/></substitute></names></macro>"#,
        r#"<macro name="m"><text x:macro="m" xmlns:x="urn:x"/></macro>"#,
        r#"<macro name="m"><text macro="&#109;"/></macro>"#,
        r#"<macro name="m"><text variable="title"/></macro><macro name="uncalled"><text macro="uncalled"/></macro>"#,
    ] {
        assert_eq!(refused(&with_macros(macros)), "style_macro_recursive", "{macros}");
    }
}

#[test]
fn a_macro_has_one_meaning() {
    let twice = r#"<macro name="m"><text macro="m"/></macro><macro name="m"><text variable="title"/></macro>"#;
    assert_eq!(refused(&with_macros(twice)), "style_macro_twice");
    let missing = r#"<macro name="m"><text macro="none"/></macro>"#;
    assert_eq!(refused(&with_macros(missing)), "style_macro_unknown");
}

#[test]
fn macros_that_stand_for_far_more() {
    for each in [
        r#"<text macro="m{}"/>"#.repeat(10),
        format!("<group>{}</group>", r#"<text macro="m{}"/>"#.repeat(3)),
        format!(
            "<choose><if type=\"book\"><text value=\"x\"/></if>{}</choose>",
            "<else><text macro=\"m{}\"/><text macro=\"m{}\"/></else>"
        ),
    ] {
        let mut macros = r#"<macro name="m40"><text variable="title"/></macro>"#.to_owned();
        for n in 0..40 {
            let name = if n == 0 { "m".to_owned() } else { format!("m{n}") };
            let called = each.replace("{}", &(n + 1).to_string());
            let _ = write!(macros, r#"<macro name="{name}">{called}</macro>"#);
        }
        assert_eq!(refused(&with_macros(&macros)), "style_too_heavy", "{each}");
    }
}

/// Macros each of which calls the next ten times, three deep, the last one holding something.
fn a_thousand_times(last: &str) -> String {
    let mut macros = String::new();
    for (name, called) in [("m", "b"), ("b", "c"), ("c", "d")] {
        let calls = format!(r#"<text macro="{called}"/>"#).repeat(10);
        let _ = write!(macros, r#"<macro name="{name}">{calls}</macro>"#);
    }
    format!(r#"{macros}<macro name="d">{last}</macro>"#)
}

#[test]
fn what_macros_repeat_is_counted() {
    let branches = r#"<else-if type="book"><text value="x"/></else-if>"#.repeat(3_000);
    let choice = format!(r#"<choose><if type="book"><text value="x"/></if>{branches}</choose>"#);
    let value = format!(r#"<text value="{}"/>"#, "x".repeat(1_000));
    let delimiter = format!(r#"<group delimiter="{}">{}</group>"#, "x".repeat(100), r#"<text value="x"/>"#.repeat(9));
    for last in [choice, value, delimiter] {
        assert_eq!(refused(&with_macros(&a_thousand_times(&last))), "style_too_heavy");
    }
    let term = |length: usize| {
        let term = format!(r#"<term name="page">{}</term>"#, "x".repeat(length));
        let macros = a_thousand_times(r#"<text term="page"/>"#);
        file(&format!("<locale><terms>{term}</terms></locale>{macros}{CITATION}{BIBLIOGRAPHY}"))
    };
    assert_eq!(refused(&term(400)), "style_too_heavy");
    assert_eq!(refused(&term(100_000)), "style_too_long");
}

#[test]
fn a_style_of_bounded_size() {
    let nested = |depth: usize| {
        let (open, close) = ("<group>".repeat(depth), "</group>".repeat(depth));
        with_macros(&format!(r#"<macro name="m">{open}<text variable="title"/>{close}</macro>"#))
    };
    assert_eq!(refused(&nested(1_000_000)), "style_too_long");
    assert_eq!(refused(&nested(60_000)), "style_too_deep");
    assert_eq!(refused(&with_macros(&format!("<macro name=\"m\">{}", "<group>".repeat(100_000)))), "style_too_deep");
    assert_eq!(format(&upload(&nested(50)), None, &[(1, &record())])[0].text, "Needles.");
    let many = format!(r#"<macro name="m">{}</macro>"#, "<group/>".repeat(100_000));
    assert_eq!(refused(&with_macros(&many)), "style_too_long");
    let long = format!(r#"<macro name="m"><text value="{}"/></macro>"#, "x".repeat(900_000));
    assert_eq!(refused(&with_macros(&long)), "style_too_long");
    assert_eq!(refused(&with_macros(&"x".repeat(MOST_BYTES))), "style_too_long");
    assert_eq!(refused(&with_macros(&format!("{TITLE}<!--{}-->", "x".repeat(900_000)))), "accepted");
}

#[test]
fn deeply_through_macros() {
    let mut macros = String::new();
    for n in 0..100 {
        let name = if n == 0 { "m".to_owned() } else { format!("m{n}") };
        let _ = write!(macros, r#"<macro name="{name}"><group><text macro="m{}"/></group></macro>"#, n + 1);
    }
    let macros = format!(r#"{macros}<macro name="m100"><text variable="title"/></macro>"#);
    assert_eq!(refused(&with_macros(&macros)), "style_too_heavy");
}

#[test]
fn document_types_and_entities() {
    let laughs = r#"<!DOCTYPE style [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"#;
    let outside = r#"<!DOCTYPE style SYSTEM "file:///etc/passwd">"#;
    for doctype in [laughs, outside, "<!DOCTYPE style>"] {
        let xml = with_macros(TITLE).replacen("<style", &format!("{doctype}<style"), 1);
        assert_eq!(refused(&xml), "style_doctype");
    }
    assert_eq!(refused(&with_macros(r#"<macro name="m"><text value="&b;"/></macro>"#)), "style_entity");
    assert_eq!(refused(&with_macros(&format!("{TITLE}&b;"))), "style_entity");
}

#[test]
fn what_is_not_a_style() {
    for (xml, code) in [
        ("", "style_not_xml"),
        ("not XML", "style_not_xml"),
        ("<style", "style_not_xml"),
        ("<style>", "style_not_xml"),
        ("<a/><b/>", "style_not_xml"),
        ("\0\0\0\0", "style_not_xml"),
        ("<html/>", "style_not_csl"),
        ("<style/>", "style_not_csl"),
        (r#"<style xmlns="http://purl.org/net/xbiblio/csl"/>"#, "style_version"),
        (r#"<style xmlns="http://purl.org/net/xbiblio/csl" version="2.0"/>"#, "style_version"),
        (r#"<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0"/>"#, "style_unreadable"),
    ] {
        assert_eq!(refused(xml), code, "{xml}");
    }
    assert_eq!(refused(&file(TITLE)), "style_unreadable");
}

#[test]
fn whatever_encoding_is_declared() {
    for encoding in ["UTF-16", "ISO-8859-1", "UTF-7", "no such encoding", ""] {
        let xml = with_macros(r#"<macro name="m"><text value="é" suffix="&#xFFFD;"/></macro>"#)
            .replacen("utf-8", encoding, 1);
        match Style::upload(&xml) {
            Ok(style) => assert_eq!(format(&style, None, &[(1, &record())])[0].text, "é\u{fffd}.", "{encoding}"),
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
    for character in ["&#0;", "&#xD800;", "&#x110000;", "&#99999999999;"] {
        let xml = with_macros(&format!(r#"<macro name="m"><text value="{character}"/></macro>"#));
        assert_ne!(refused(&xml), "accepted", "{character}");
    }
}
