//! The last gate: only what the allow-list names leaves as HTML, whatever was written before it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// Schemes of links that readers may follow.
const LINK_SCHEMES: [&str; 3] = ["http", "https", "mailto"];

static ARTICLE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "i",
            "img",
            "li",
            "ol",
            "p",
            "pre",
            "span",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title", "class", "role", "id", "aria-label"])),
            ("code", HashSet::from(["class"])),
            ("img", HashSet::from(["src", "alt", "title"])),
            ("ol", HashSet::from(["start"])),
            ("span", HashSet::from(["class"])),
            ("td", HashSet::from(["style"])),
            ("th", HashSet::from(["style"])),
        ]))
        .attribute_filter(|element, attribute, value| {
            is_ours(element, attribute, value).then_some(Cow::Borrowed(value))
        })
        .filter_style_properties(HashSet::from(["text-align"]))
        .url_schemes(HashSet::from(LINK_SCHEMES))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None);
    builder
});

/// Whether a value is one that is written here or in [`super::citation`]: what editors write in HTML comes never so far.
fn is_ours(element: &str, attribute: &str, value: &str) -> bool {
    match (element, attribute) {
        ("a", "class") => value == "citation",
        ("a", "role") => value == "doc-biblioref",
        ("span", "class") => matches!(value, "citation-group" | "citation-unknown") || is_of_style(value),
        ("code", "class") => value.starts_with("language-"),
        _ => true,
    }
}

/// Whether a class is one that formatted references have.
fn is_of_style(class: &str) -> bool {
    class.starts_with("csl-")
}

static REFERENCE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(["a", "b", "em", "i", "span", "strong", "sub", "sup"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("span", HashSet::from(["class"]))]))
        .attribute_filter(|element, _, value| (element != "span" || is_of_style(value)).then_some(Cow::Borrowed(value)))
        .url_schemes(HashSet::from(LINK_SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    builder
});

static COMMENT: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(["a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "title"])), ("ol", HashSet::from(["start"]))]))
        .url_schemes(HashSet::from(LINK_SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener"));
    builder
});

/// Sanitises a section's HTML.
pub(super) fn article(html: &str) -> String {
    ARTICLE.clean(html).to_string()
}

/// Sanitises the HTML of a formatted reference.
pub(in crate::text) fn reference(html: &str) -> String {
    REFERENCE.clean(html).to_string()
}

/// Sanitises a comment's HTML.
pub(super) fn comment(html: &str) -> String {
    COMMENT.clean(html).to_string()
}

/// The scheme of an address, lower case, found as browsers find it: white space and control characters do not count.
fn scheme(address: &str) -> Option<String> {
    let visible: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let end = visible.find([':', '/', '?', '#'])?;
    let (scheme, rest) = visible.split_at_checked(end)?;
    rest.starts_with(':').then(|| scheme.to_ascii_lowercase())
}

/// Whether an address may be a link: http, https, mailto or relative.
pub(super) fn is_safe_link(address: &str) -> bool {
    scheme(address).is_none_or(|scheme| LINK_SCHEMES.contains(&scheme.as_str()))
}

/// Whether an address may be an image: http, https or relative.
pub(super) fn is_safe_image(address: &str) -> bool {
    scheme(address).is_none_or(|scheme| matches!(scheme.as_str(), "http" | "https"))
}

/// Whether an address may be a link in a comment: http, https or mailto, never relative.
pub(super) fn is_safe_comment_link(address: &str) -> bool {
    scheme(address).is_some_and(|scheme| LINK_SCHEMES.contains(&scheme.as_str()))
}
