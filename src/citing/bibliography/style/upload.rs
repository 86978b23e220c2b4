//! Uploaded `.csl` files: read, checked, and described.

use std::panic::catch_unwind;

use citationberg::{DependentStyle, IndependentStyle, License, Style as CslStyle};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::xml::Element;
use super::{Licence, Style, StyleInfo, class, prepared, registry, weight, xml};

/// How many bytes a style file may have.
pub const MOST_BYTES: usize = 1_000_000;

const NAMESPACE: &str = "http://purl.org/net/xbiblio/csl";

/// What is wrong with a style file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StyleFault {
    /// A stable name.
    pub code: &'static str,
    /// What is wrong, for people.
    pub detail: String,
    /// The line in the file, counted from 1, if the fault is at one.
    pub line: Option<u32>,
}

impl StyleFault {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), line: None }
    }
}

/// Reads a style file.
pub(super) fn read(text: &str) -> Result<Style, Vec<StyleFault>> {
    if text.len() > MOST_BYTES {
        return Err(vec![StyleFault::new("style_too_long", format!("a style file has at most {MOST_BYTES} bytes"))]);
    }
    let text = text.trim_start_matches('\u{feff}');
    let root = xml::read(text).map_err(|fault| vec![fault])?;
    check_root(&root)?;
    weight::check(&root)?;
    let csl = catch_unwind(|| CslStyle::from_xml(text));
    match csl {
        Ok(Ok(CslStyle::Independent(csl))) => independent(text, csl),
        Ok(Ok(CslStyle::Dependent(csl))) => dependent(text, csl),
        Ok(Err(error)) => Err(vec![StyleFault::new("style_unreadable", format!("this is not a CSL style: {error}"))]),
        Err(_) => Err(vec![StyleFault::new("style_unreadable", "this style cannot be read")]),
    }
}

fn check_root(root: &Element) -> Result<(), Vec<StyleFault>> {
    let fault = |code, detail: &str| Err(vec![StyleFault { line: Some(root.line), ..StyleFault::new(code, detail) }]);
    if root.name != "style" || root.attribute("xmlns") != Some(NAMESPACE) {
        return fault("style_not_csl", "the root element is `style` in the namespace of CSL");
    }
    match root.attribute("version") {
        Some(version) if version == "1.0" || version.starts_with("1.0.") => Ok(()),
        _ => fault("style_version", "styles of CSL 1.0 are read: `version` is `1.0`"),
    }
}

fn independent(text: &str, csl: IndependentStyle) -> Result<Style, Vec<StyleFault>> {
    let class = class(&csl);
    let info = StyleInfo {
        class,
        licence: licence(csl.info.rights.as_ref()),
        default_locale: csl.default_locale.as_ref().map(|locale| locale.0.clone()),
        has_bibliography: csl.bibliography.is_some(),
        ..described(text, &csl.info)
    };
    let style = CslStyle::Independent(csl);
    let prepared = catch_unwind(|| prepared::prepared(&style, class)).ok().flatten();
    let prepared = prepared.ok_or_else(|| vec![StyleFault::new("style_unreadable", "this style cannot be used")])?;
    Ok(Style::uploaded(info, prepared))
}

fn dependent(text: &str, csl: DependentStyle) -> Result<Style, Vec<StyleFault>> {
    let parent = registry::with_id(&csl.parent_link.href).ok_or_else(|| {
        let detail = format!(
            "this style only names {:?} as its parent, which is not bundled: upload that one instead",
            shortened(&csl.parent_link.href)
        );
        vec![StyleFault::new("style_parent_unknown", detail)]
    })?;
    let info = StyleInfo {
        class: parent.class(),
        licence: licence(csl.info.rights.as_ref()),
        default_locale: csl
            .default_locale
            .as_ref()
            .map(|l| l.0.clone())
            .or_else(|| parent.info().default_locale.clone()),
        has_bibliography: parent.info().has_bibliography,
        hash: hash(format!("{}{text}", parent.hash()).as_bytes()),
        parent: Some(parent.name().to_owned()),
        ..described(text, &csl.info)
    };
    Ok(Style::dependent(info, parent.clone()))
}

fn described(text: &str, info: &citationberg::StyleInfo) -> StyleInfo {
    let last = info.id.trim().trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    StyleInfo {
        name: shortened(last),
        aliases: Vec::new(),
        title: shortened(&info.title.value),
        short_title: info.title_short.as_ref().map(|title| shortened(&title.value)),
        id: shortened(&info.id),
        class: super::StyleClass::Numeric,
        licence: licence(None),
        default_locale: None,
        has_bibliography: true,
        hash: hash(text.as_bytes()),
        parent: None,
    }
}

fn licence(rights: Option<&License>) -> Licence {
    Licence {
        text: rights.map(|rights| shortened(&rights.name)).unwrap_or_default(),
        url: rights.and_then(|rights| rights.license.as_deref()).map(shortened),
    }
}

/// A text on one line, of a length that can be shown.
fn shortened(text: &str) -> String {
    const MOST: usize = 500;
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST).collect()
}

/// SHA-256 in hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
