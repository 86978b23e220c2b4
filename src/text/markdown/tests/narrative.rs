//! Citations in running text.

use super::*;

/// The clusters as `prefix@key|locator|suffix`, `-` for a suppressed author, `!` behind a key in running text.
fn read(body: &str) -> Vec<Vec<String>> {
    let item = |(at, item): (usize, &CiteItem), narrative: bool| {
        let sign = if item.suppress_author { "-@" } else { "@" };
        let narrative = if narrative && at == 0 { "!" } else { "" };
        let locator = item.locator.as_ref().map(Locator::display).unwrap_or_default();
        format!("{}{sign}{}{narrative}|{locator}|{}", item.prefix, item.key, item.suffix)
    };
    let cluster = |cluster: Cluster| cluster.items.iter().enumerate().map(|it| item(it, cluster.narrative)).collect();
    markers(body).into_iter().map(cluster).collect()
}

fn one(body: &str, items: &[&str]) {
    assert_eq!(read(body), [items], "{body}");
}

#[test]
fn keys_in_running_text() {
    one("@a says", &["@a!||"]);
    one("As @a says.", &["@a!||"]);
    one("(@a)", &["@a!||"]);
    one("\"@a\"", &["@a!||"]);
    one("@a's view", &["@a!||"]);
    one("@a.", &["@a!||"]);
    one("—@a", &["@a!||"]);
    one("-@a found", &["-@a!||"]);
    one("@foo_bar_baz: yes", &["@foo_bar_baz!||"]);
    one("@{odd key}, too", &["@odd key!||"]);
    one("@doi:10.1097/DSS.0000000000001248 says", &["@doi:10.1097/DSS.0000000000001248!||"]);
    one("(@doi:10.1/x) [p. 3]", &["@doi:10.1/x!||"]);
    one("@doi:10.1/x[p. 3]", &["@doi:10.1/x!|p. 3|"]);
    one("\\[@doi:10.1/x]-y", &["@doi:10.1/x!||"]);
    one(
        "@doi:10.1890/0012-9658(2006)87[2445:ODACMI]2.0.CO;2-2 says",
        &["@doi:10.1890/0012-9658(2006)87[2445:ODACMI]2.0.CO;2-2!||"],
    );
    one("@https://x.example/y says", &["@https://x.example/y!||"]);
    one("*@a*", &["@a!||"]);
    one("**x**@a", &["@a!||"]);
    one("# On @a", &["@a!||"]);
    one("| t |\n|---|\n| @a |", &["@a!||"]);
    one("\\\\@a", &["@a!||"]);
    one("\\[@a]", &["@a!||"]);
    one("&amp;@a", &["@a!||"]);
    one("@a&amp;b", &["@a!||"]);
    one("<br>@a", &["@a!||"]);
    assert_eq!(read("@a, @b; @c/@d"), [["@a!||"], ["@b!||"], ["@c!||"], ["@d!||"]]);
    assert_eq!(read("@a\n\n- @b"), [["@a!||"], ["@b!||"]]);
}

#[test]
fn brackets_behind_a_key_belong_to_it() {
    one("@a [p. 33] says", &["@a!|p. 33|"]);
    one("@a[p. 33]", &["@a!|p. 33|"]);
    one("@a\n[pp. 3-5]", &["@a!|pp. 3–5|"]);
    one("> @a\n> [p. 3,\n> and more]", &["@a!|p. 3|and more"]);
    one("@a [emphasis added]", &["@a!||emphasis added"]);
    one("@a [*all* of it, `x`]", &["@a!||*all* of it, `x`"]);
    one("@a [see [sic] there]", &["@a!||see [sic] there"]);
    one("@a [p. 3\\]; x]", &["@a!|p. 3]|x"]);
    one("-@a [p. 3]", &["-@a!|p. 3|"]);
    one("@a [p. 3; @b]", &["@a!|p. 3|", "@b||"]);
    one("@a [p. 3; see @b, fig. 2; -@c]", &["@a!|p. 3|", "see@b|fig. 2|", "-@c||"]);
    one("@a [@b]", &["@a!||", "@b||"]);
    one("@a [see @b]", &["@a!||", "see@b||"]);
    assert!(codes("@a [p. 3; @b]").is_empty());
    assert_eq!(codes("@a [@b; p. 3]"), ["marker_part_without_key"]);
    assert_eq!(read("@a [p. 3] [@b]"), [["@a!|p. 3|"], ["@b||"]]);
}

#[test]
fn brackets_that_are_something_else_do_not() {
    one("@a [x](http://y.example)", &["@a!||"]);
    one("@a [x][y]", &["@a!||"]);
    one("@a [docs]\n\n[docs]: http://y.example", &["@a!||"]);
    one("@a\n\n[p. 3]", &["@a!||"]);
    one("@a, [p. 3]", &["@a!||"]);
    one("@a \\[p. 3]", &["@a!||"]);
    one("*@a* [p. 3]", &["@a!||"]);
    one("@a [p. 3 *x] y*", &["@a!||"]);
    one("| t | u |\n|---|---|\n| @a | [p. 3] |", &["@a!||"]);
    one(&format!("@a [{}]", "x ".repeat(600)), &["@a!||"]);
    assert_eq!(read("@a [@b][@c]"), [["@a!||"], ["@b||"], ["@c||"]]);
    assert_eq!(read("@a [p. 3][@b]"), [["@a!||"], ["@b||"]]);
    assert_eq!(shown("@a [p. 3](see x) y").text, "[1] [p. 3](see x) y");
}

#[test]
fn what_is_no_citation() {
    for none in [
        "me@x.example",
        "<me@x.example>",
        "first.last+tag@x.example",
        "`@a`",
        "`` x @a ``",
        "    @a",
        "```\n@a\n```",
        "\\@a",
        "&commat;a",
        "x@a",
        "end.@a",
        "well-@a",
        "@",
        "@ a",
        "@-a",
        "@@a",
        "@{}",
        "@{a",
        "@name@server.example",
        "[text @a](http://x.example)",
        "[*text @a*](http://x.example)",
        "![alt @a](/x.png)",
        "[text @a]\n\n[text @a]: http://x.example",
        "<http://x.example/@a>",
        "http://x.example/@a",
        "https://x.example/?q=@a&b=/@b",
        "www.x.example/@a",
        "<!-- @a -->",
        "<div>\n@a\n</div>",
    ] {
        let clusters = read(none);
        let marked = clusters.iter().flatten().any(|item| item.contains('!'));
        assert!(!marked, "{none}: {clusters:?}");
    }
    assert_eq!(read("https://x.example/@a and @b"), [["@b!||"]]);
}

#[test]
fn ranges_are_those_of_the_body() {
    let body = "> é *see* @a\n> [p. 3] and -@{b c}.";
    let clusters = markers(body);
    let sources: Vec<&str> = clusters.iter().map(|cluster| &body[cluster.range.clone()]).collect();
    assert_eq!(sources, ["@a\n> [p. 3]", "-@{b c}"]);
    let keys: Vec<&str> = clusters.iter().map(|cluster| &body[cluster.items[0].range.clone()]).collect();
    assert_eq!(keys, ["@a", "-@{b c}"]);
    let body = "@a [p. 3; @b]";
    assert_eq!(&body[markers(body)[0].items[1].range.clone()], "@b");
}

#[test]
fn a_name_that_names_no_study_stays_text() {
    let body = "Follow @drmicroneedle [*on* Mastodon] & @a_b [@a] or @someone.";
    let rendered = shown(body);
    assert_eq!(rendered.text, "Follow @drmicroneedle [on Mastodon] & @a_b [1] or @someone.");
    assert!(
        rendered.html.starts_with("<p>Follow @drmicroneedle [<em>on</em> Mastodon] &amp; @a_b <a "),
        "{}",
        rendered.html
    );
    assert!(rendered.unknown.is_empty());
    let warnings = unknown_narrative_keys(&markers(body), &|key| key == "a");
    let told: Vec<_> = warnings.iter().map(|warning| (warning.code, &body[warning.at.clone()])).collect();
    assert_eq!(
        told,
        [
            ("unknown_narrative_key", "@drmicroneedle"),
            ("unknown_narrative_key", "@a_b"),
            ("unknown_narrative_key", "@someone")
        ]
    );
    assert!(warnings[0].detail.contains("write `\\@drmicroneedle`"), "{}", warnings[0].detail);
    assert_eq!(shown("@zzz [p. 3; @gone]").unknown.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["gone"]);
    let cluster = markers("@zzz [p. 3; @gone]").remove(0);
    assert_eq!(cluster.narrative_item().map(|item| item.key.as_str()), Some("zzz"));
    assert_eq!(cluster.bracketed_items().iter().map(|item| item.key.as_str()).collect::<Vec<_>>(), ["gone"]);
}

#[test]
fn parts_without_a_key_are_shown_and_reported() {
    one("[foo; @b]", &["foo;@b||"]);
    one("[@a; p. 3]", &["@a|p. 3|"]);
    one("[@a; foo; see @b; bar; baz]", &["@a||foo", "see@b||bar; baz"]);
    assert_eq!(codes("[@a; p. 3]"), ["marker_part_without_key"]);
    assert_eq!(shown("[foo; @b]").text, "[foo; 2]");
    assert!(codes("[@a;]").is_empty());
}

#[test]
fn comments_cite_nothing() {
    assert_eq!(render_comment("@a says [@b]").text, "@a says [@b]");
}
