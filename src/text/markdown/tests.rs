use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::citing::marker::Locator;

mod in_text;
mod invariants;
mod narrative;
mod rename;

fn keys(body: &str) -> Vec<String> {
    markers(body).into_iter().flat_map(|c| c.items).map(|i| i.key).collect()
}

fn spans(body: &str) -> Vec<&str> {
    markers(body).into_iter().map(|c| &body[c.range]).collect()
}

fn codes(body: &str) -> Vec<&'static str> {
    scan(body).warnings.into_iter().map(|w| w.code).collect()
}

/// `a` is 1, `b` is 2 … `f` is 6; all else is unknown.
fn shown(body: &str) -> Rendered {
    let numbers: HashMap<String, u32> = ('a'..='f').zip(1..).map(|(c, n)| (c.to_string(), n)).collect();
    render(body, &RenderContext::new(&|key| numbers.get(key).copied(), 2))
}

fn link(number: u32, text: &str) -> String {
    let noted = text.trim_matches(['[', ']']).strip_prefix(&number.to_string()).unwrap_or_default();
    let name = format!("Reference {number}{noted}");
    format!("<a class=\"citation\" href=\"#ref-{number}\" role=\"doc-biblioref\" aria-label=\"{name}\">{text}</a>")
}

#[test]
fn markers_are_found_where_pandoc_finds_them() {
    assert_eq!(
        spans("x [@a] y [@b, p. 3; @c].\n\n## H [@d]\n\n- i [@e]\n\n| t |\n|---|\n| [@f] |"),
        ["[@a]", "[@b, p. 3; @c]", "[@d]", "[@e]", "[@f]"]
    );
    assert_eq!(keys("**bold [@a]** *[@b]*"), ["a", "b"]);
    assert_eq!(keys("[@foo_bar_baz]"), ["foo_bar_baz"]);
    assert_eq!(keys("[see [@a]]"), ["a"]);
    assert_eq!(keys("\u{FEFF}ä [@a]"), ["a"]);
    for none in [
        "`[@a]`",
        "```\n[@a]\n```",
        "    [@a]",
        r"\[\@a]",
        "[me@x.com]",
        "<me@x.com>",
        "[`@a`]",
        "[]",
        "[@]",
        "$[x]$",
        "[x]",
        "<!-- [@a] -->",
    ] {
        assert!(keys(none).is_empty(), "{none}");
    }
}

#[test]
fn adjacent_brackets_are_clusters() {
    assert_eq!(spans("[@a][@b]"), ["[@a]", "[@b]"]);
    assert_eq!(spans("[@a][@b][@c][@d]"), ["[@a]", "[@b]", "[@c]", "[@d]"]);
    assert_eq!(spans("[some *text*][@a] end"), ["[@a]"]);
    assert_eq!(spans("[@a][foo]"), ["[@a]"]);
    assert_eq!(spans("[@a][]"), ["[@a]"]);
    assert_eq!(spans("![@a]"), ["[@a]"]);
    assert_eq!(shown("[some *text*][@a] end").text, "[some text][1] end");
    assert_eq!(shown("[@a][foo] x").text, "[1][foo] x");
    assert_eq!(shown("![@a]").text, "![1]");
    assert_eq!(shown("[@a]\\[x]").text, "[1][x]");
    assert!(shown("[some *text*][@a]").html.contains("[some <em>text</em>]<a class"));
}

#[test]
fn a_definition_does_not_hijack_a_marker() {
    let body = "[@a]: http://evil.example\n\nText [@a] more.\n\n[ok]: http://x.example\n\n[ok]";
    assert_eq!(spans(body), ["[@a]", "[@a]"]);
    assert_eq!(codes(body), ["marker_like_definition"]);
    let rendered = shown(body);
    assert!(rendered.text.starts_with("[1]: http://evil.example\n\nText [1] more."), "{}", rendered.text);
    assert!(rendered.html.contains("href=\"http://x.example\""));
    assert!(!rendered.html.contains("href=\"http://evil"));
    assert_eq!(shown("`[@a]: x`").text, "[@a]: x");
    assert_eq!(shown("    [@a]: x").text, "[@a]: x");
    assert_eq!(keys("[x](http://h/?[@a]:1)"), ["a"]);
    assert_eq!(keys("> [@a]: quoted\n\n- [@b]: listed"), ["a", "b"]);
    assert_eq!(shown("So says [@a]: yes").text, "So says [1]: yes");
}

#[test]
fn a_marker_with_an_address_is_a_link() {
    let body = "[@a](http://x.example) and [@b] (really)";
    assert_eq!(spans(body), ["[@b]"]);
    assert_eq!(codes(body), ["marker_is_link"]);
    assert_eq!(codes("[@a][foo]\n\n[foo]: http://x.example"), ["marker_is_link"]);
    assert_eq!(spans("[@a](see below)"), ["[@a]"]);
    assert_eq!(spans("[text [@a] more](http://x.example)"), ["[@a]"]);
}

#[test]
fn a_comma_between_keys_is_reported_and_cited() {
    assert_eq!(keys("[@a, @b]"), ["a", "b"]);
    assert_eq!(codes("[@a, @b]"), ["marker_missing_semicolon"]);
    assert!(codes("[@a; @b]").is_empty());
}

#[test]
fn a_marker_may_run_over_lines() {
    assert_eq!(spans("> x [@a;\n> @b] y"), ["[@a;\n> @b]"]);
    let cluster = markers("> x [@a;\n> @b] y").remove(0);
    assert_eq!(cluster.items.iter().map(|i| i.range.clone()).collect::<Vec<_>>(), [5..7, 11..13]);
    assert!(cluster.items[1].prefix.is_empty());
}

#[test]
fn numbers_are_printed() {
    assert_eq!(shown("x [@a].").html, format!("<p>x {}.</p>\n", link(1, "[1]")));
    assert_eq!(
        shown("[@c; @a; @e; @d]").html,
        format!("<p><span class=\"citation-group\">[{},{}–{}]</span></p>\n", link(1, "1"), link(3, "3"), link(5, "5"))
    );
    assert_eq!(shown("[@b; @a]").text, "[1,2]");
    assert_eq!(shown("[@a, p. 3]").html, format!("<p>{}</p>\n", link(1, "[1, p. 3]")));
    assert_eq!(shown("[see @a, pp. 3-5; @b; @c; @d]").text, "[see 1, pp. 3–5; 2–4]");
    assert_eq!(shown("[@a, p. 3; @a, p. 5]").text, "[1, p. 3 and p. 5]");
    assert_eq!(shown("[@a; @a]").text, "[1]");
    let unknown = shown("[@nope] [@a; @gone]");
    assert!(unknown.html.contains("<span class=\"citation-unknown\">[?nope]</span>"));
    assert!(unknown.html.contains("<span class=\"citation-unknown\">?gone</span>]"));
    assert_eq!(unknown.unknown.iter().map(|(k, _)| k.as_str()).collect::<Vec<_>>(), ["nope", "gone"]);
    assert_eq!(shown("[@c] [@a; @c] [@b]").citations, [3, 1, 2]);
    assert_eq!(shown("[@{<b>x}]").html, "<p><span class=\"citation-unknown\">[?&lt;b&gt;x]</span></p>\n");
}

#[test]
fn places_lead_back() {
    let rendered = render(
        "[@1; @2; @3] [@1]",
        &RenderContext { id_prefix: Some("cite-lead"), ..RenderContext::new(&|key| key.parse().ok(), 2) },
    );
    let places: Vec<_> = rendered.places.iter().map(|p| (p.number, p.id.as_str())).collect();
    assert_eq!(places, [(1, "cite-lead-1"), (2, "cite-lead-1"), (3, "cite-lead-2"), (1, "cite-lead-3")]);
    for (_, id) in places {
        assert_eq!(rendered.html.matches(&format!("id=\"{id}\"")).count(), 1);
    }
}

#[test]
fn html_and_unsafe_addresses_are_removed_and_reported() {
    let rendered = shown(
        "<script>alert(1)</script>\n\na <b onclick=x>b</b> [x](javascript:alert(1)) ![y](data:text/html,x) [z](vbscript:x) <javascript:alert(1)>",
    );
    let codes: Vec<_> = rendered.removed.iter().map(|r| r.code).collect();
    assert_eq!(
        codes,
        ["raw_html", "raw_html", "raw_html", "unsafe_link", "unsafe_image", "unsafe_link", "unsafe_link"]
    );
    assert_eq!(rendered.html, "<p>a b x y z javascript:alert(1)</p>\n");
    assert_eq!(rendered.removed[0].what, "<script>alert(1)</script>");
    assert!(!shown("[a](<java\u{1}script:alert(1)>)").html.contains("href"));
    assert_eq!(shown("[a](JaVaScRiPt&colon;alert(1))").removed.len(), 1);
    assert!(shown("[a](/x?y=1:2) [b](#c) [d](mailto:a@b.example) ![e](/i.png)").removed.is_empty());
    assert!(shown("![al \"t](http://x.example/i.png \"ti\")").html.contains("alt=\"al &quot;t\""));
}

#[test]
fn headings_stand_below_the_section() {
    assert!(shown("# A\n\n## B").html.starts_with("<h3>A</h3>\n<h4>B</h4>"));
    assert!(shown("### A\n\n#### B").html.starts_with("<h3>A</h3>\n<h4>B</h4>"));
    assert!(shown("##### A").html.starts_with("<h5>A</h5>"));
    let deep = render("# A\n\n## B", &RenderContext::new(&|_| None, 6));
    assert!(deep.html.starts_with("<h6>A</h6>\n<h6>B</h6>"));
}

#[test]
fn markdown_is_markdown() {
    let html =
        shown("| a | b |\n|:--|--:|\n| 1 | 2 |\n\n~~x~~\n\n3. i\n4. j\n\n```rust\nlet x = \"<\";\n```\n\n> q\n\n---")
            .html;
    for part in [
        "<table>",
        "text-align: ?right",
        "<del>x</del>",
        "<ol start=\"3\">",
        "class=\"language-rust\"",
        "&lt;",
        "<blockquote>",
        "<hr>",
    ] {
        let found = match part.split_once(" ?") {
            Some((a, b)) => html.contains(&format!("{a} {b}")) || html.contains(&format!("{a}{b}")),
            None => html.contains(part),
        };
        assert!(found, "{part} in {html}");
    }
    assert_eq!(shown("a[^1]\n\n[^1]: note").text, "a[^1]\n\n[^1]: note");
}

#[test]
fn text_and_words() {
    let rendered = shown("# Head\n\nOne *two* [@a] three[@b].\n\n- x\n- y\n  - z\n\nlast\nline");
    assert_eq!(rendered.text, "Head\n\nOne two [1] three[2].\n\nx\ny\nz\n\nlast\nline");
    assert_eq!(rendered.words, 9);
    assert_eq!(shown("").text, "");
    assert_eq!(shown("").html, "");
}

#[test]
fn lines_and_columns() {
    assert_eq!(Places::of("ab\nä[@a]").line_column(3), (2, 1));
    assert_eq!(Places::of("ab\nä[@a]").line_column(5), (2, 2));
    assert_eq!(Places::of("").line_column(9), (1, 1));
}

#[test]
fn places_are_those_of_reading_from_the_beginning() {
    let body = "ä\nbc déf\n\n".repeat(200) + &"é".repeat(700);
    let places = Places::of(&body);
    for (offset, _) in body.char_indices() {
        let before = &body[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        assert_eq!(places.line_column(offset), (line, column), "at {offset}");
    }
}

/// Each of the quotes is removed with all that is inside it: reading all of that each time took minutes.
#[test]
fn what_is_nested_too_deep_is_told_in_bounded_time() {
    let quotes = ">".repeat(20_000) + "x";
    let rendered = shown(&quotes);
    assert!(rendered.removed.iter().all(|removed| removed.code == "too_deep" && removed.what.chars().count() <= 81));
    assert!(render_comment(&quotes).removed.iter().all(|removed| removed.what.chars().count() <= 81));
}

#[test]
fn comments_keep_to_their_subset() {
    let rendered = render_comment(
        "# Hi\n\n<b>bold</b> & **strong** [l](https://x.example) [r](/rel) ![i](http://x.example/i.png)\nnext\n\n<div>\nx\n</div>\n\n`c` [@a]\n\n- i\n\n---\n\n> q <me@x.example>",
    );
    let html = &rendered.html;
    assert!(html.starts_with("<p>Hi</p>\n<p>&lt;b&gt;bold&lt;/b&gt; &amp; <strong>strong</strong> "), "{html}");
    assert!(html.contains("<a href=\"https://x.example\" rel=\"nofollow ugc noopener\">l</a> r i<br>\nnext"), "{html}");
    assert!(html.contains("<p>&lt;div&gt;\nx\n&lt;/div&gt;"), "{html}");
    assert!(html.contains("<code>c</code> [@a]"), "{html}");
    assert!(html.contains("<a href=\"mailto:me@x.example\""), "{html}");
    assert!(!html.contains("<h1") && !html.contains("<img") && !html.contains("<hr"));
    assert_eq!(rendered.removed.iter().map(|r| r.code).collect::<Vec<_>>(), ["unsafe_link", "image"]);
    assert!(rendered.citations.is_empty());
}

#[test]
fn depth_and_length_are_bounded() {
    let body = format!("{} x", "> ".repeat(5_000));
    assert!(shown(&body).html.matches("<blockquote>").count() <= 64);
    assert!(render_comment(&body).html.matches("<blockquote>").count() <= 64);
    for hostile in [
        "[@a]".repeat(5_000),
        "[".repeat(20_000),
        "[@a".repeat(5_000),
        "[@a]: ".repeat(3_000),
        "[@a;".repeat(5_000),
        "*a **a ".repeat(3_000),
        "]: [@".repeat(4_000),
        "`".repeat(20_000),
        "![".repeat(20_000) + &"](x)".repeat(20_000),
        "@".repeat(100_000),
        "@a ".repeat(20_000),
        "@{".repeat(50_000),
        "@a [".repeat(20_000),
        "@a [*x ".repeat(10_000),
        format!("@a {}", "[".repeat(20_000)),
        "http://x/@a".repeat(20_000),
        "-".repeat(100_000) + "@a",
        "\\@a [\\]".repeat(10_000),
    ] {
        let (rendered, comment) = (shown(&hostile), render_comment(&hostile));
        assert!(is_harmless(&rendered.html) && is_harmless(&comment.html));
    }
}

/// Every tag of the HTML with its attributes.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag)).collect()
}

fn is_harmless(html: &str) -> bool {
    tags(html).iter().all(|tag| {
        let tag = tag.to_lowercase();
        // What stands in a quoted value is no attribute.
        let names: String = tag.split('"').step_by(2).collect::<Vec<_>>().join("\" ");
        let handler = names.split_whitespace().skip(1).any(|a| a.starts_with("on") && a.contains('='));
        let address = |a: &str| tag.contains(&format!("{a}=\"javascript:")) || tag.contains(&format!("{a}=\"data:"));
        !tag.starts_with("script")
            && !tag.starts_with("style")
            && !tag.starts_with("iframe")
            && !handler
            && !address("href")
            && !address("src")
    })
}

#[test]
fn handlers_are_told_from_values_that_look_like_them() {
    assert!(is_harmless("<a title=\"x onerror=alert(1)\" href=\"/\">x</a>"));
    assert!(!is_harmless("<a title=\"x\" onclick=\"alert(1)\">x</a>"));
    assert!(!is_harmless("<a title=\"x\"onclick=\"alert(1)\">x</a>"));
}

/// Text made of the pieces that have meaning to the parser.
fn soup() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "[@a]",
        "[@b; @c]",
        "[@",
        "]",
        "[",
        "(",
        ")",
        "![",
        "](",
        "javascript:alert(1)",
        "<script>",
        "</script>",
        "<img src=x onerror=alert(1)>",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "# ",
        "|",
        "---",
        "*",
        "**",
        "_",
        "\\",
        ":",
        "]: ",
        "http://x.example",
        "&lt;",
        "<!--",
        "-->",
        "word",
        " ",
        "é",
        "\t",
        "    ",
        "[@zz, p. 3]",
        "@",
        ";",
        "~~",
        "\u{1}",
        "<a href=\"javascript:x\">",
    ]);
    proptest::collection::vec(parts, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_input_is_harmless(body in prop_oneof![soup(), any::<String>()]) {
        let rendered = shown(&body);
        prop_assert!(is_harmless(&rendered.html), "{}", rendered.html);
        let comment = render_comment(&body);
        prop_assert!(is_harmless(&comment.html), "{}", comment.html);
        for removed in rendered.removed.iter().chain(&comment.removed) {
            prop_assert!(body.get(removed.at.clone()).is_some());
        }
    }

    #[test]
    fn ranges_slice_back_to_brackets(body in soup()) {
        let mut end = 0;
        for cluster in markers(&body) {
            let source = body.get(cluster.range.clone()).unwrap_or_default();
            let opens = if cluster.narrative { source.starts_with(['@', '-']) } else { source.starts_with('[') };
            let closes = source.ends_with(']') || cluster.bracketed_items().is_empty();
            prop_assert!(opens && closes && source.contains('@'), "{}", source);
            prop_assert!(cluster.range.start >= end);
            end = cluster.range.end;
            for item in cluster.items {
                prop_assert!(body.get(item.range).is_some_and(|s| s.trim_start_matches('-').starts_with('@')));
            }
        }
    }

    #[test]
    fn rendering_cites_what_the_markers_say(body in soup()) {
        let number = |key: &str| "abcdef".find(key).filter(|_| key.len() == 1).map(|i| i as u32 + 1);
        let mut expected: Vec<u32> = Vec::new();
        for n in keys(&body).iter().filter_map(|k| number(k)) {
            if !expected.contains(&n) {
                expected.push(n);
            }
        }
        prop_assert_eq!(shown(&body).citations, expected);
    }

    #[test]
    fn text_around_markers_changes_no_numbers(words in proptest::collection::vec("[a-z .,\n]{0,12}", 4)) {
        let body = format!("{}[@b]{}[@a; @c]{}[@b]{}", words[0], words[1], words[2], words[3]);
        prop_assume!(!format!("\n{body}").contains("\n    "));
        prop_assert_eq!(keys(&body), ["b", "a", "c", "b"]);
        prop_assert_eq!(shown(&body).citations, [2, 1, 3]);
    }
}

#[test]
fn characters_are_counted_wherever_one_asks() {
    let body: String = (0..2_000).map(|n| if n % 7 == 0 { '\n' } else { ['a', 'ß', '字', '😀'][n % 4] }).collect();
    let places = Places::of(&body);
    for (characters, (at, _)) in body.char_indices().enumerate() {
        assert_eq!(places.characters_before(at), characters);
    }
    assert_eq!(places.characters_before(body.len()), 2_000);
    assert_eq!(places.characters_before(body.len() + 9), 2_000);
}
