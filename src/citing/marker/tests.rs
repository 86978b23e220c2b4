use proptest::prelude::*;

use super::*;

fn read(inner: &str) -> Vec<(String, String, Option<String>, String)> {
    let cluster = parse_cluster(inner, 0).map(|c| c.items).unwrap_or_default();
    cluster
        .into_iter()
        .map(|i| (i.key, i.prefix, i.locator.map(|l| format!("{} {}", l.label, l.value)), i.suffix))
        .collect()
}

fn one(inner: &str, key: &str, prefix: &str, locator: Option<&str>, suffix: &str) {
    let want = (key.to_owned(), prefix.to_owned(), locator.map(str::to_owned), suffix.to_owned());
    assert_eq!(read(inner), [want], "{inner}");
}

#[test]
fn single_items() {
    one("@a", "a", "", None, "");
    one("@a, p. 3", "a", "", Some("page 3"), "");
    one("@a p. 3", "a", "", Some("page 3"), "");
    one("@a, p.3", "a", "", Some("page 3"), "");
    one("@a, pp. 3-5", "a", "", Some("page 3-5"), "");
    one("@a, 33", "a", "", Some("page 33"), "");
    one("@a, 33-35, 38 and nowhere else", "a", "", Some("page 33-35, 38"), "and nowhere else");
    one("see @a, chap. 2", "a", "see", Some("chapter 2"), "");
    one("@a, pp. iv, vi-xi", "a", "", Some("page iv, vi-xi"), "");
    one("@a{ii, A, D-Z}, with a suffix", "a", "", Some("page ii, A, D-Z"), "with a suffix");
    one("@a, {pp. iv, (xv)-(xvii)} with suffix here", "a", "", Some("page iv, (xv)-(xvii)"), "with suffix here");
    one("@a{}, 99 years later", "a", "", None, "99 years later");
    one("@a, Fig. S2", "a", "", Some("figure S2"), "");
    one("@a, §3", "a", "", Some("section 3"), "");
    one("@a, pores everywhere", "a", "", None, "pores everywhere");
    one("@a, iv", "a", "", None, "iv");
    one("@a; ", "a", "", None, "");
}

#[test]
fn keys() {
    one("@Majid2009", "Majid2009", "", None, "");
    one("@{odd.key!}", "odd.key!", "", None, "");
    one("@{odd;key}", "odd;key", "", None, "");
    one("@foo.bar.", "foo.bar", "", None, ".");
    one("@foo--bar", "foo", "", None, "--bar");
    one("@_x", "_x", "", None, "");
    one("@Müller2020", "Müller2020", "", None, "");
    one("@Mu\u{308}ller2020", "Mu\u{308}ller2020", "", None, "");
    one("@doi:10.1097/DSS.0000000000001248", "doi:10.1097/DSS.0000000000001248", "", None, "");
    one("@doi:10.1016/S0140-6736(20)30183-5, p. 3", "doi:10.1016/S0140-6736(20)30183-5", "", Some("page 3"), "");
    one(
        "@doi:10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
        "doi:10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
        "",
        None,
        "",
    );
    one("@pmid:20300368", "pmid:20300368", "", None, "");
}

#[test]
fn what_is_no_citation() {
    for text in ["me@x.com", "", "1", "a; b", "@", "@ a", "`@a`", "see `x @a` y", r"\@a", "@{}", "x@a"] {
        assert_eq!(parse_cluster(text, 0), None, "{text}");
    }
}

#[test]
fn several_items() {
    let items = read("see @a; also @b, pp. 3-5; -@c");
    assert_eq!(items.iter().map(|i| i.0.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(items[1].1, "also");
    let cluster = parse_cluster("-@c", 10);
    let item = cluster.as_ref().map(|c| (&c.items[0], c.range.clone()));
    assert!(item.is_some_and(|(i, range)| i.suppress_author && i.range == (11..14) && range == (10..15)));
}

#[test]
fn a_comma_between_keys_hides_nothing() {
    for (text, keys) in [
        ("@a, @b", vec!["a", "b"]),
        ("@a @b", vec!["a", "b"]),
        ("@a, p. 3, @b, p. 5; @c", vec!["a", "b", "c"]),
        ("@a, see @b", vec!["a", "b"]),
        ("@a,@b,@c", vec!["a", "b", "c"]),
    ] {
        let cluster = parse_cluster(text, 0);
        let found = cluster.as_ref().map(|c| c.items.iter().map(|i| i.key.as_str()).collect::<Vec<_>>());
        assert_eq!(found, Some(keys), "{text}");
        assert!(cluster.is_some_and(|c| !c.faults.is_empty()), "{text}");
    }
    let cluster = parse_cluster("@a, p. 3, see @b, p. 5", 0);
    let items = cluster.map(|c| c.items).unwrap_or_default();
    assert_eq!(items[0].locator.as_ref().map(Locator::display).as_deref(), Some("p. 3"));
    assert_eq!(items[1].prefix, "see");
    assert_eq!(items[1].locator.as_ref().map(Locator::display).as_deref(), Some("p. 5"));
    assert!(parse_cluster("@a; @b", 0).is_some_and(|c| c.faults.is_empty()));
}

#[test]
fn locators_are_shown() {
    let show = |label: &str, value: &str| Locator { label: label.to_owned(), value: value.to_owned() }.display();
    assert_eq!(show("page", "3"), "p. 3");
    assert_eq!(show("page", "3-5"), "pp. 3–5");
    assert_eq!(show("chapter", "2"), "chap. 2");
}

proptest! {
    #[test]
    fn nothing_panics_and_ranges_hold(inner in "[@a-c;, .{}`\\\\\\-(<>)é§p0-9:/\n]{0,40}", at in 0usize..5) {
        let body = format!("{}[{inner}]", "x".repeat(at));
        if let Some(cluster) = parse_cluster(&inner, at) {
            let source = body.get(cluster.range.clone()).unwrap_or_default();
            prop_assert_eq!(source, format!("[{inner}]"));
            for item in &cluster.items {
                let source = body.get(item.range.clone()).unwrap_or_default();
                prop_assert!(source.trim_start_matches('-').starts_with('@'), "{}", source);
                prop_assert!(source.contains(&item.key));
            }
        }
    }

    #[test]
    fn any_text_is_safe(inner in any::<String>()) {
        let _ = parse_cluster(&inner, 0);
        let _ = parse_cluster(&format!("@{inner}"), 0);
        let _ = parse_cluster(&format!("@a, p. {inner}"), 0);
    }
}
