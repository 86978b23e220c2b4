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
