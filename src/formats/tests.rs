//! What holds whatever editors write.

use proptest::prelude::*;

use super::fragment::{Keep, read, with_base, write};
use super::*;
use crate::text::markdown::{RenderContext, render};

fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "[@s1]",
        "[see @s2, p. 3; @s1]",
        "@s3 ",
        "*",
        "**",
        "~~",
        "`",
        "``` rust\n",
        "~~~\n",
        "> ",
        "- ",
        "1. ",
        "7) ",
        "# ",
        "### ",
        "| a | b |\n|--:|---|\n| c | d |\n",
        "[x](/y)",
        "![i](j.png \"t\")",
        "<https://e.example/?a=1&b>",
        "&lt;",
        "&",
        "<",
        "\\",
        "<b>",
        "]]>",
        "\n",
        "\n\n",
        "    ",
        "---\n",
        "  \n",
        "[a](#s-1)",
    ]);
    prop_oneof![
        8 => known.prop_map(str::to_owned),
        3 => "[a-zα-ω0-9 .:()!|_-]{1,8}",
        1 => proptest::char::any().prop_map(String::from),
    ]
}

fn body() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

/// A small article with these bodies.
fn article(bodies: &[String]) -> Whole {
    let mut whole = sample::whole();
    let number = |key: &str| key.strip_prefix('s').and_then(|number| number.parse().ok()).filter(|number| *number <= 2);
    let section = whole.sections.remove(1);
    whole.sections = (1..)
        .zip(bodies)
        .map(|(position, body)| {
            let (anchor, prefix) = (format!("s-{position}"), format!("cite-{position}"));
            let context = RenderContext { id_prefix: Some(&prefix), ..RenderContext::new(&number, 2) };
            let html = Some(render(body, &context).html);
            let heading = section.heading.clone().filter(|_| position % 2 == 0);
            PublishedSection { position, anchor, html, heading, ..section.clone() }
        })
        .collect();
    whole
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn jats_is_well_formed_and_refers_to_what_is_there(bodies in proptest::collection::vec(body(), 1..4)) {
        let text = jats::write(&article(&bodies), &sample::site());
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(&text, options).unwrap();
        let ids: std::collections::HashSet<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
        for target in document.descendants().filter_map(|node| node.attribute("rid")) {
            prop_assert!(ids.contains(target), "{target} in {text}");
        }
    }

    #[test]
    fn html_reads_as_it_was_written(body in body()) {
        let whole = article(&[body]);
        let html = whole.sections[0].html();
        let mut nodes = read(html);
        let written = write(&nodes);
        prop_assert_eq!(&read(&written), &nodes);
        prop_assert_eq!(plain::of(&written), plain::of(html));
        with_base(&mut nodes, &url::Url::parse("https://www.example.org/a").unwrap(), Keep::Nothing);
        prop_assert!(!write(&nodes).contains("<script"));
    }

    #[test]
    fn markdown_loses_no_words(body in body()) {
        let whole = article(&[body]);
        let written = markdown::write(&whole, &sample::site());
        let text = written.splitn(3, "---\n").nth(2).unwrap();
        let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(text, options));
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let (shown, again) = (letters(&plain::of(whole.sections[0].html())), letters(&plain::of(&html)));
        prop_assert!(again.contains(&shown), "{shown:?} in {again:?} of {text:?}");
    }
}
