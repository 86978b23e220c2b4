//! The tree of a body.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::text::markdown::{RenderContext, Rendered, render};

fn rendered(body: &str) -> Rendered {
    let resolve = |key: &str| key.strip_prefix('s')?.parse().ok().filter(|number| (1..=5).contains(number));
    let author = |key: &str| Some(format!("Author {key}"));
    let study_key = |key: &str| Some(format!("key-{key}"));
    let context = RenderContext {
        id_prefix: Some("cite-a"),
        author: &author,
        study_key: &study_key,
        ..RenderContext::new(&resolve, 2)
    };
    render(body, &context)
}

/// Everything that a body can have.
const EVERYTHING: &str = r#"
Scars became *less **deep*** [see @s1, pp. 3-5, and more; @s3; @s2], says @s4 [p. 7].
A second line,\
and a third with `code`, ~~a mistake~~ and <b>raw</b> HTML.

# A heading with [@s1]

- close
- items
  1. with
  2. others

3. loose

4. items

   with paragraphs

> A quotation
>
> > in a quotation.

| Name | Left | Middle | Right |
|------|:-----|:------:|------:|
| *a*  | 1    | `2`    | 3 [-@s5] |
| b    |      |        |

```python title="x"
def f():
    return "[@s1]"
```

    indented

***

[A link](https://example.org/?a=1&b=2 "Its title"), [a relative one](/x#y), <me@example.org>, <https://example.org>,
[an unsafe one](javascript:alert(1)), ![An *image* `of` [@s2]](/pores.png "Pores"), ![unsafe [@s1]](data:image/png;base64,x).

<div>A block of HTML</div>

An unknown key [@nobody] and a name @nobody.
"#;

#[test]
fn has_all_that_a_body_has() {
    let rendered = rendered(EVERYTHING);
    insta::assert_json_snapshot!("everything", rendered.blocks);
    insta::assert_snapshot!("everything_as_text", rendered.text);
    assert_eq!(text(&rendered.blocks), rendered.text);
}

#[test]
fn reads_back_from_its_json() {
    let blocks = rendered(EVERYTHING).blocks;
    let json = serde_json::to_string(&blocks).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Block>>(&json).unwrap(), blocks);
}

#[test]
fn text_in_an_item_is_not_run_together() {
    for (body, expected) in [
        ("- a\n  > b\n- c", "a\nb\n\nc"),
        ("- a\n  ```\n  b\n  ```\n  c", "a\nb\n\nc"),
        ("- a\n  ***\n  b", "a\nb"),
        ("- a\n  # b\n  c", "a\nb\n\nc"),
        ("- a\n\n  <div>x</div>\n\n  b", "a\n\nb"),
        ("1. a\n   - b\n   - c\n2. d", "a\nb\nc\n\nd"),
    ] {
        let rendered = rendered(body);
        assert_eq!(rendered.text, expected, "{body}");
        assert_eq!(text(&rendered.blocks), expected, "{body}");
    }
}

/// How deep the JSON of a tree is.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Every address in a tree.
fn addresses<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::Object(members) => {
            found.extend(["href", "src"].iter().filter_map(|name| members.get(*name)?.as_str()));
            members.values().for_each(|member| addresses(member, found));
        }
        _ => {}
    }
}

fn holds(body: &str) {
    let rendered = rendered(body);
    let from_tree = text(&rendered.blocks);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&from_tree), words(&rendered.text), "{body}");
    if rendered.removed.iter().all(|removed| removed.code != "too_deep") {
        assert_eq!(from_tree, rendered.text, "{body}");
    }
    let json = serde_json::to_value(&rendered.blocks).unwrap();
    // A parser that stops at 128 has to take it, also within an answer.
    assert!(depth(&json) <= 105, "{}", depth(&json));
    let mut found = Vec::new();
    addresses(&json, &mut found);
    for address in found {
        let scheme = address.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        assert!(
            !scheme.contains(':') || ["http:", "https:", "mailto:"].iter().any(|safe| scheme.starts_with(safe)),
            "{address}"
        );
    }
}

#[test]
fn hostile_bodies_stay_within_bounds() {
    for body in [
        "> ".repeat(500) + "a",
        "- ".repeat(500) + "a",
        "1. ".repeat(300) + "a",
        "*a ".repeat(2000),
        "**a *".repeat(500) + &"* b**".repeat(500),
        "![".repeat(300) + "a" + &"](x)".repeat(300),
        "[a](".repeat(300),
        "> ".repeat(46) + "| a | b |\n" + &"> ".repeat(46) + "|---|---|\n" + &"> ".repeat(46) + "| c | d |",
        "> ".repeat(47) + "| a | b |\n" + &"> ".repeat(47) + "|---|---|\n" + &"> ".repeat(47) + "| c | d |",
        "> ".repeat(45) + "- a\n" + &"> ".repeat(45) + "- b *c* [@s1]",
        "> ".repeat(47) + "- a\n" + &"> ".repeat(47) + "- b",
        "> ".repeat(49) + "# a\n" + &"> ".repeat(49) + "b",
        "\0\u{1}]: [@s1]: x".to_owned(),
    ] {
        holds(&body);
    }
}

fn line() -> impl Strategy<Value = String> {
    let inline = prop::sample::select(vec![
        "word",
        "*soft*",
        "**loud",
        "`code`",
        "~~gone~~",
        "[@s1]",
        "[see @s2, p. 3; @s9]",
        "@s3 says",
        "@nobody",
        "<b>",
        "</b>",
        "<!-- x -->",
        "[a *b*](/c)",
        "[x](javascript:y)",
        "![i *j* [@s1]](/k)",
        "![l](data:m)",
        "\\*",
        "a  ",
        "&amp;",
        "é",
        "|",
        "<me@x.example>",
        "]",
        "[",
        "*",
    ]);
    let before = prop::sample::select(vec![
        "",
        "",
        "",
        "> ",
        "- ",
        "  ",
        "    ",
        "1. ",
        "   ",
        "# ",
        "> - ",
        "- > ",
        "| ",
        "```",
        "***",
        "<div>",
        "</div>",
        "|---|---|",
        "---",
        "  - ",
        "  > ",
        "\t",
    ]);
    (before, proptest::collection::vec(inline, 0..5)).prop_map(|(before, words)| format!("{before}{}", words.join(" ")))
}

proptest! {
    #[test]
    fn its_text_is_the_text(lines in proptest::collection::vec(line(), 0..14)) {
        holds(&lines.join("\n"));
    }

    #[test]
    fn any_text_has_a_tree(body in "\\PC{0,200}") {
        holds(&body);
    }
}
