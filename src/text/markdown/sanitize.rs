//! The last gate: only what the allow-list names leaves as HTML, whatever was written before it.

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
            "img",
            "li",
            "ol",
            "p",
            "pre",
            "span",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title", "class", "role", "id"])),
            ("code", HashSet::from(["class"])),
            ("img", HashSet::from(["src", "alt", "title"])),
            ("ol", HashSet::from(["start"])),
            ("span", HashSet::from(["class"])),
            ("td", HashSet::from(["style"])),
            ("th", HashSet::from(["style"])),
        ]))
        .filter_style_properties(HashSet::from(["text-align"]))
        .url_schemes(HashSet::from(LINK_SCHEMES))
        .url_relative(UrlRelative::PassThrough)
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
