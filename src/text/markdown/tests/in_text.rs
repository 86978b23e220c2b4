//! How markers are shown: authors beside numbers, what a style prints, links and their names.

use super::*;
use crate::citing::in_text::{InText, Part};

fn number(key: &str) -> Option<u32> {
    "abcdef".find(key).filter(|_| key.len() == 1).and_then(|at| u32::try_from(at + 1).ok())
}

fn author(key: &str) -> Option<String> {
    match key {
        "a" => Some("Majid".to_owned()),
        "b" => Some("Alster & <Graham>".to_owned()),
        _ => None,
    }
}

fn named(body: &str) -> Rendered {
    render(body, &RenderContext { author: &author, ..RenderContext::new(&number, 2) })
}

/// `number: text` is a part that links, `text` is one that does not.
fn printed(parts: &[&str]) -> InText {
    let part = |part: &&str| {
        let (number, text) = match part.split_once(": ") {
            Some((number, text)) => (number.parse().ok(), text),
            None => (None, *part),
        };
        Part { number, html: escape(text).replace('*', "<i>*</i>"), text: text.to_owned() }
    };
    InText { parts: parts.iter().map(part).collect() }
}

fn styled(body: &str, printed: &[InText]) -> Rendered {
    let context = RenderContext {
        printed: Some(printed),
        id_prefix: Some("cite-x"),
        author: &author,
        ..RenderContext::new(&number, 2)
    };
    render(body, &context)
}

#[test]
fn numbers_stand_behind_the_author_that_running_text_names() {
    assert_eq!(named("@a found").text, "Majid [1] found");
    assert_eq!(named("@a [p. 33] found").text, "Majid [1, p. 33] found");
    assert_eq!(named("@a [p. 3; @b; @c]").text, "Majid [1, p. 3; 2; 3]");
    assert_eq!(named("@a [@b; @c]").text, "Majid [1–3]");
    assert_eq!(named("-@a found").text, "[1] found");
    assert_eq!(named("@c found").text, "[3] found");
    assert_eq!(named("@a [@gone]").text, "Majid [1,?gone]");
    let html = named("@b.").html;
    assert_eq!(html, format!("<p>Alster &amp; &lt;Graham&gt; {}.</p>\n", link(2, "[2]")));
    assert_eq!(named("[@a]").text, "[1]");
    assert_eq!(named("One @a two").words, 2);
}

#[test]
fn links_have_names() {
    let german = Words { reference: "Quelle {number}", ..Words::ENGLISH };
    let context = RenderContext { words: german, ..RenderContext::new(&number, 2) };
    assert!(render("[see @a, p. 3]", &context).html.contains("aria-label=\"see Quelle 1, p. 3\""));
    let html = styled("[@a]", &[printed(&["(", "1: Majid, \"2009\"", ")"])]).html;
    assert!(html.contains("aria-label=\"Majid, &quot;2009&quot; (Reference 1)\""), "{html}");
}

#[test]
fn a_style_prints_what_it_knows() {
    let one = printed(&["(", "1: Majid, 2009", "; ", "2: Alster* & Graham, 2018", ")"]);
    let two = printed(&["1: Majid (2009, p. 3)"]);
    let rendered = styled("X [@a; @b] and @a [p. 3] and [@gone] and [@zz; @a] `[@a]`.", &[one, two.clone(), two]);
    assert_eq!(
        rendered.text,
        "X (Majid, 2009; Alster* & Graham, 2018) and Majid (2009, p. 3) and [?gone] and Majid (2009, p. 3) [?zz] [@a]."
    );
    assert!(rendered.html.contains("Alster<i>*</i> &amp; Graham, 2018</a>)</span>"), "{}", rendered.html);
    let places: Vec<_> = rendered.places.iter().map(|place| (place.number, place.id.as_str())).collect();
    assert_eq!(places, [(1, "cite-x-1"), (2, "cite-x-2"), (1, "cite-x-3"), (1, "cite-x-4")]);
}

#[test]
fn the_clusters_that_a_style_prints_are_listed() {
    let body = "@zz [p. 3; @a] [@gone] @b ![@c](/x.png) ![@d] [@e; @gone] `@f` @f@x";
    let clusters = cited_clusters(body, &|key| number(key).is_some());
    let sources: Vec<&str> = clusters.iter().map(|cluster| &body[cluster.range.clone()]).collect();
    assert_eq!(sources, ["[p. 3; @a]", "@b", "[@d]", "[@e; @gone]"]);
    assert!(!clusters[0].narrative);
}

#[test]
fn a_number_inside_a_printed_range_has_a_place() {
    let rendered = styled("[@c; @a; @b; @d]", &[printed(&["[", "1: 1", "–", "4: 4", "]"])]);
    let places: Vec<_> = rendered.places.iter().map(|place| (place.number, place.id.as_str())).collect();
    assert_eq!(places, [(1, "cite-x-1"), (2, "cite-x-1"), (3, "cite-x-1"), (4, "cite-x-2")]);
    let rendered = styled("[@a; @b]", &[printed(&["2: two"])]);
    assert_eq!(rendered.places.iter().map(|place| place.number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_a_style_does_not_print_well_is_printed_in_numbers() {
    assert_eq!(styled("[@a] [@b]", &[printed(&["(", "1: M", ")"])]).text, "(M) [2]");
    assert_eq!(styled("[@a]", &[printed(&["(M)"])]).text, "[1]");
    assert_eq!(styled("@a", &[InText::default()]).text, "Majid [1]");
    let strange = styled("[@a]", &[printed(&["1: M", "9: stranger"])]);
    assert_eq!(strange.text, "Mstranger");
    assert!(!strange.html.contains("#ref-9"));
}

#[test]
fn editors_cannot_write_what_we_write() {
    let body = "<a class=\"citation\" role=\"doc-biblioref\" id=\"cite-x-1\" aria-label=\"x\" href=\"#ref-1\">y</a>\n\n\
                <span class=\"citation-group\">z</span> [l](#ref-9 \"t\" class=citation){#id .c role=x}\n\n\
                # H {#cite-x-1 .citation}\n\n``` x\" role=\"button\nc\n```";
    let html = styled(body, &[]).html;
    for never in ["role=\"", "aria-label", "id=\"", "class=\"citation"] {
        assert!(!html.contains(never), "{never} in {html}");
    }
}
