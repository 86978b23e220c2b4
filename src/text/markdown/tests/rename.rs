//! Markers with another key in them.

use super::*;
use crate::citing::fold_key;

fn renamed(body: &str, new: &str) -> Option<String> {
    let names = ["old", "alias", "doi:10.1/x", "pmid:7"];
    rename_key(body, &|key| names.contains(&fold_key(key).as_str()), new)
}

fn becomes(body: &str, new: &str, want: &str) {
    assert_eq!(renamed(body, new).as_deref(), Some(want), "{body}");
}

#[test]
fn every_marker_of_the_study_gets_the_new_key() {
    becomes("a [@old] b", "new1", "a [@new1] b");
    becomes("[see @Old, p. 3; @x]", "new1", "[see @new1, p. 3; @x]");
    becomes("[-@old] -@old @old's @old [p. 3; @alias]", "new1", "[-@new1] -@new1 @new1's @new1 [p. 3]");
    becomes("[@doi:10.1/x; @pmid:7, p. 2]", "new1", "[@new1, p. 2]");
    becomes("[@{old}] @{ old }", "new1", "[@{new1}] @{new1}");
    becomes("[@old][@old]", "new1", "[@new1][@new1]");
    becomes("> [@x;\n> @old]", "new1", "> [@x;\n> @new1]");
    becomes("[@old, @x]", "new1", "[@new1, @x]");
    assert_eq!(renamed("[@new1] @olds `[@old]` \\@old [@old](http://x.example) me@old", "new1"), None);
    assert_eq!(renamed("nothing", "new1"), None);
    assert_eq!(renamed("[@old]", "a}b"), None);
    assert_eq!(renamed("[@old]", ""), None);
    assert_eq!(rename_key("[x](@{odd key})", &|key| key == "odd key", "new1"), None);
}

#[test]
fn braces_keep_the_key_apart_from_what_follows() {
    becomes("@old.", "a.b", "@a.b.");
    becomes("@old.", "ab.", "@{ab.}.");
    becomes("@old--x", "doi:10.1/y", "@{doi:10.1/y}--x");
    becomes("[@old]", "a--b", "[@{a--b}]");
    becomes("@doi:10.1/x: y", "new1", "@new1: y");
    becomes("@{old}b", "new1", "@{new1}b");
    becomes("@{old}b", "x", "@{x}b");
}

#[test]
fn what_a_merge_makes_twice_is_cited_once() {
    becomes("[@old; @b]", "b", "[@b]");
    becomes("[@b; @old]", "b", "[@b]");
    becomes("[@b; @old; @c]", "b", "[@b; @c]");
    becomes("[@old; @c; @b]", "b", "[@b; @c]");
    becomes("[@old, p. 3; @b]", "b", "[@b, p. 3]");
    becomes("[@old; @b, p. 3]", "b", "[@b, p. 3]");
    becomes("[@old, p. 3; @b, p. 3]", "b", "[@b, p. 3]");
    becomes("[@old, p. 3; @b, p. 5]", "b", "[@b, p. 3; @b, p. 5]");
    becomes("[see @old; @b, p. 5]", "b", "[see @b; @b, p. 5]");
    becomes("[@old; @c; @b, p. 5]", "b", "[@b; @c; @b, p. 5]");
    becomes("[-@old; @b]", "b", "[-@b; @b]");
    becomes("@old [@b]", "b", "@b");
    becomes("@old [@b; @c]", "b", "@b [@c]");
    becomes("@old [@b] [p. 3]", "b", "@b [@b] [p. 3]");
    becomes("@old [@b]x", "b", "@b [@b]x");
    becomes("[@old[@b]]", "b", "[@b[@b]]");
    becomes("@c [p. 3]([@old; @b])", "b", "@c [p. 3]([@b; @b])");
    becomes("@{old}[@b; @b]--@b [p. 4]", "b", "@{b}[@b]--@b [p. 4]");
    becomes("@old [p. 3; @b]", "b", "@b [p. 3]");
    becomes("@old [@b, p. 3] x", "b", "@b [@b, p. 3] x");
    becomes("> [@old;\n> @b, p. 3]", "b", "> [\n> @b, p. 3]");
    assert_eq!(renamed("[@b; @b]", "b"), None);
}

#[test]
fn names_of_several_studies_are_changed_at_once() {
    let key = |name: &str| match fold_key(name).as_str() {
        "old" | "doi:10.1/x" => Some("new1"),
        "other" | "two" => Some("two"),
        _ => None,
    };
    let becomes = |body: &str, want: &str| assert_eq!(rename_keys(body, &key).as_deref(), Some(want), "{body}");
    becomes("[@old; @other] @other's [@x]", "[@new1; @two] @two's [@x]");
    becomes("[@old; @other; @two; @doi:10.1/x, p. 2]", "[@new1; @two; @new1, p. 2]");
    becomes("[@other; @two; @doi:10.1/x; @old, p. 2]", "[@two; @new1, p. 2]");
    becomes("@Two [p. 3] @x [@old; @new1]", "@two [p. 3] @x [@new1]");
    assert_eq!(rename_keys("@two [@new1; @x; @two]", &key), None);
}

fn bodies() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "[@old]",
        "@old",
        "@alias [p. 3]",
        "[@old; @b]",
        "[see @b, p. 2; @doi:10.1/x]",
        "@b [@old; p. 4]",
        "-@old",
        "[-@pmid:7; @zz]",
        "@{old}",
        "[@{alias}, @b]",
        "@zz [@old]",
        "[@b; @b]",
        "@Old's",
        " ",
        " ",
        " word ",
        ". ",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "*",
        "`",
        "\\",
        "[",
        "]",
        "(",
        ")",
        "é",
        "--",
        "-",
        ":",
        "/",
        "|",
        "x",
    ]);
    proptest::collection::vec(parts, 0..16).prop_map(|parts| parts.concat())
}

/// The studies that a body cites, cluster by cluster, each once.
fn studies(body: &str, is_it: &dyn Fn(&str) -> bool) -> Vec<Vec<String>> {
    let study = |key: &str| if is_it(key) { "it".to_owned() } else { key.to_owned() };
    let cluster = |cluster: Cluster| {
        let mut keys: Vec<String> = Vec::new();
        for key in cluster.items.iter().map(|item| study(&item.key)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    };
    markers(body).into_iter().map(cluster).collect()
}

fn notes(body: &str) -> Vec<(String, Option<Locator>, String)> {
    let items = markers(body).into_iter().flat_map(|cluster| cluster.items);
    let noted = items.filter(|item| !item.prefix.is_empty() || item.locator.is_some() || !item.suffix.is_empty());
    let mut notes: Vec<_> = noted.map(|item| (item.prefix, item.locator, item.suffix)).collect();
    notes.dedup();
    notes
}

fn outside(body: &str) -> Vec<&str> {
    let mut from = 0;
    let mut parts = Vec::new();
    for cluster in markers(body) {
        parts.push(&body[from..cluster.range.start]);
        from = cluster.range.end;
    }
    parts.push(&body[from..]);
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn renaming_maps_the_keys_and_nothing_else(body in bodies(), new in prop::sample::select(vec!["n1", "b", "x.", "a--b", "a_b-c:d"])) {
        let names = ["old", "alias", "doi:10.1/x", "pmid:7"];
        let is_it = |key: &str| names.contains(&fold_key(key).as_str()) || fold_key(key) == new;
        let Some(after) = rename_key(&body, &is_it, new) else {
            let written = markers(&body).into_iter().flat_map(|cluster| cluster.items).filter(|item| is_it(&item.key));
            prop_assert!(written.into_iter().all(|item| item.key == new));
            return Ok(());
        };
        prop_assert_ne!(&after, &body);
        prop_assert_eq!(studies(&after, &is_it), studies(&body, &is_it), "{} -> {}", body, after);
        prop_assert_eq!(outside(&after), outside(&body), "{} -> {}", body, after);
        prop_assert_eq!(notes(&after), notes(&body), "{} -> {}", body, after);
        let left = markers(&after).into_iter().flat_map(|cluster| cluster.items).filter(|item| is_it(&item.key));
        prop_assert!(left.into_iter().all(|item| item.key == new));
        prop_assert_eq!(rename_key(&after, &is_it, new), None, "{} -> {}", body, after);
    }

    #[test]
    fn renaming_to_a_fresh_key_and_back_gives_the_body_back(body in "[a-z .,\n*`\\[\\]()>-]{0,10}(\\[@old\\]|\\[see @old, p. 3; @b\\]| @old [a-z]{2}|@old \\[p. 3\\])[a-z .\n]{0,10}") {
        if let Some(there) = rename_key(&body, &|key| key == "old", "fresh2020") {
            prop_assert_eq!(rename_key(&there, &|key| key == "fresh2020", "old"), Some(body));
        }
    }
}
