use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::formats::sample;

fn round(html: &str) -> String {
    let mut again = String::new();
    let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
    let markdown = blocks(&fragment::read(html));
    pulldown_cmark::html::push_html(&mut again, pulldown_cmark::Parser::new_ext(&markdown, options));
    again
}

/// HTML without what does not show: white space between blocks, and how text is escaped.
fn shown(html: &str) -> String {
    let text = fragment::write(&fragment::read(html));
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("> <", "><").replace("> ", ">").replace(" <", "<")
}

#[test]
fn what_it_writes_reads_as_the_same() {
    for html in [
        "<p>5 &lt; 6 &amp; &amp;amp; &lt;b&gt; * _a_ snake_case `x` ~ \\ [a] [b](c) [d]: e !</p>",
        "<p># no heading</p><p>- no list</p><p>1. no list</p><p>12) no</p><p>+ no</p><p>&gt; no</p><p>=== no</p>",
        "<p><em>a<br>1. b<br>- c</em></p>",
        "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d`e</code> <code>``</code></p>",
        "<p>wow!<a href=\"https://example.org/a(b)\" title=\"t &quot;u&quot;\">a [b] c</a><br>x</p>",
        "<p><img src=\"/a%20b.png\" alt=\"x [y]\"></p>",
        "<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul><ol start=\"3\"><li>c</li></ol>",
        "<ul><li><p>a</p></li><li><p>b</p><blockquote><p>c</p></blockquote><pre><code>d\n\ne\n</code></pre></li></ul>",
        "<ul><li>a</li></ul><ul><li>b</li></ul><ol><li>c</li></ol><ol><li>d</li></ol>",
        "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><hr><p>c</p>",
        "<pre><code class=\"language-rust\">```\n&lt;&amp;&gt;\n</code></pre>",
        "<table><thead><tr><th style=\"text-align: right\">a</th><th>b</th></tr></thead><tbody>\
         <tr><td style=\"text-align: right\">c | d</td><td><em>e</em></td></tr></tbody></table>",
        "<h3>a # b</h3><p>c</p>",
    ] {
        assert_eq!(shown(&round(html)), shown(html), "{}", blocks(&fragment::read(html)));
    }
}

/// What a reader sees of inline HTML: each sign with the marks and the link that it is in; blanks have no marks to be seen.
fn seen(nodes: &[Node], around: &BTreeSet<String>, all: &mut Vec<(char, BTreeSet<String>)>) {
    for node in nodes {
        let mut within = around.clone();
        match node {
            Node::Text(text) => {
                for c in text.chars() {
                    let marks = if c.is_whitespace() { BTreeSet::new() } else { within.clone() };
                    if !(c == ' ' && all.last().is_none_or(|(last, _)| *last == ' ')) {
                        all.push((c, marks));
                    }
                }
            }
            Node::Element(Element { name, children, .. }) => {
                match name.as_str() {
                    "br" => all.push(('\n', BTreeSet::new())),
                    "em" | "strong" | "del" | "code" => within.extend([name.clone()]),
                    "a" => within.extend(node_address(node)),
                    _ => {}
                }
                seen(children, &within, all);
            }
        }
    }
}

fn node_address(node: &Node) -> Option<String> {
    let Node::Element(element) = node else { return None };
    element.attribute("href").map(str::to_owned)
}

fn seen_of(html: &str) -> Vec<(char, BTreeSet<String>)> {
    let mut all = Vec::new();
    seen(&fragment::read(html.trim()), &BTreeSet::new(), &mut all);
    while all.last().is_some_and(|(c, _)| *c == ' ') {
        all.pop();
    }
    all
}

fn letters() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a", "bc", "d_e", "é", ".", "1", "_", "~", "*", "!", "—", "😀", "\u{301}", "\u{a0}", " ", " ", "(", "]",
    ])
}

/// HTML of marks in any order and depth.
fn marked_html() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => letters().prop_map(fragment::escape),
        1 => Just("<code>f`*</code>".to_owned()),
    ];
    let name = prop::sample::select(vec!["em", "strong", "del"]);
    let tree = leaf.prop_recursive(5, 24, 4, move |inner| {
        prop_oneof![
            5 => (name.clone(), vec(inner.clone(), 1..4)).prop_map(|(name, all)| format!("<{name}>{}</{name}>", all.concat())),
            1 => vec(inner, 1..3).prop_map(|all| format!("<a href=\"https://example.org/\">{}</a>", all.concat())),
        ]
    });
    vec(tree, 1..6)
        .prop_map(|all| fragment::write(&one_link_deep(fragment::read(&format!("<p>x{}</p>", all.concat())), false)))
}

/// There are no links in links.
fn one_link_deep(nodes: Vec<Node>, in_link: bool) -> Vec<Node> {
    let node = |node| match node {
        Node::Element(mut element) => {
            let is_link = element.name == "a";
            element.children = one_link_deep(element.children, in_link || is_link);
            if is_link && in_link {
                element.name = "span".into();
            }
            Node::Element(element)
        }
        text => text,
    };
    nodes.into_iter().map(node).collect()
}

/// What people write, and what they hardly do.
fn written_marks() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "*", "**", "***", "_", "__", "~~", "a", "b", "é", "1", ".", " ", "\\*", "`c`", "[d](e)", "—", "😀", "\u{a0}",
    ]);
    vec(sign, 1..24).prop_map(|signs| format!("x{}", signs.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn marks_of_any_nesting_read_as_the_same(html in marked_html()) {
        prop_assert_eq!(seen_of(&round(&html)), seen_of(&html), "{} -> {}", html, blocks(&fragment::read(&html)));
    }

    #[test]
    fn what_was_written_in_markdown_reads_as_the_same(source in written_marks()) {
        let mut html = String::new();
        let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(&source, options));
        prop_assert_eq!(seen_of(&round(&html)), seen_of(&html), "{} -> {}", source, blocks(&fragment::read(&html)));
    }
}

#[test]
fn marks_in_marks_stay() {
    for (html, markdown) in [
        ("<del><strong>x</strong> y</del>", "~~**x** y~~"),
        ("<strong><em>x</em> y</strong>", "**_x_ y**"),
        ("<em><strong>x</strong> y</em>", "*__x__ y*"),
        ("<em>a</em><strong>b</strong>", "*a*__b__"),
        ("<em><strong>x</strong></em>", "**_x_**"),
        ("<em> a </em>b<em>c</em>", "*a* b*c*"),
        ("<strong>a</strong> <strong>b</strong>", "**a** **b**"),
        ("<em>a <a href=\"https://example.org/\">b <em>c</em></a></em>", "*a [b c](https://example.org/)*"),
        ("n<em><strong>o</strong></em>t", "&#110;**_o_**&#116;"),
        ("n<em>.</em>t a_b snake_case", "&#110;*.*&#116; a_b snake_case"),
    ] {
        assert_eq!(blocks(&fragment::read(&format!("<p>{html}</p>"))), markdown);
    }
}

#[test]
fn markers_are_what_is_printed() {
    let html = "<p>a <a class=\"citation\" href=\"#ref-1\">[1]</a>(b) x<sup><a class=\"citation\" href=\"#ref-2\">2</a></sup></p>";
    assert_eq!(blocks(&fragment::read(html)), "a [1]\\(b) x[2]");
}

#[test]
fn a_small_article_looks_like_this() {
    let mut whole = sample::whole();
    sample::retract(&mut whole, 1);
    insta::assert_snapshot!(write(&whole, &sample::site()));
}

#[test]
fn nothing_of_an_awkward_article_is_lost() {
    let whole = sample::nasty();
    let markdown = write(&whole, &sample::site());
    let body = markdown.splitn(3, "---\n").nth(2).unwrap();
    let mut html = String::new();
    let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(body, options));
    let read = crate::formats::plain::of(&html);
    let words: Vec<&str> = read.split_whitespace().collect();
    for section in &whole.sections {
        let written = crate::formats::plain::of(section.html());
        for word in written.split_whitespace() {
            assert!(words.iter().any(|read| read.contains(word)), "{word} in {read}");
        }
    }
    let yaml = markdown.split("---\n").nth(1).unwrap();
    assert!(
        yaml.contains("\ntags: [\"Skin & Hair\", \"R&D <x>\"]\n") && yaml.contains("\n  - name: \"李 明\"\n"),
        "{yaml}"
    );
}
