//! A marker as readers see it in the text: `[1,3–5]`, `(Majid, 2009; Alster & Graham, 2018)`.

use super::marker::{CiteItem, Cluster, Locator};

/// One part of a printed marker: what belongs to one study, or the brackets and separators between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The number of the study that this part names, and that it links to; `None` for what stands between.
    pub number: Option<u32>,
    /// Escaped HTML without links.
    pub html: String,
    /// The same as plain text.
    pub text: String,
}

/// A printed marker, in the order in which it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InText {
    pub parts: Vec<Part>,
}

impl InText {
    /// The whole marker as plain text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// A marker whose keys are studies of the article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CitedCluster {
    /// What is cited, in the order written.
    pub items: Vec<CitedItem>,
    /// The sentence names the author of the first: `@a [p. 3]`.
    pub narrative: bool,
}

/// One study cited in a marker, with what is written around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CitedItem {
    /// The study's number in the article.
    pub number: u32,
    /// Text before it, e.g. `see`.
    pub prefix: String,
    /// Text after it.
    pub suffix: String,
    /// Where in the study.
    pub locator: Option<Locator>,
    /// The author is named in the sentence already.
    pub suppress_author: bool,
}

impl CitedCluster {
    /// A marker as it was read, its keys resolved to numbers; unknown keys are left out, `None` if no key is known.
    pub fn resolve(cluster: &Cluster, number_of: impl Fn(&str) -> Option<u32>) -> Option<Self> {
        let item = |item: &CiteItem| {
            Some(CitedItem {
                number: number_of(&item.key)?,
                prefix: item.prefix.clone(),
                suffix: item.suffix.clone(),
                locator: item.locator.clone(),
                suppress_author: item.suppress_author,
            })
        };
        let items: Vec<CitedItem> = cluster.items.iter().filter_map(item).collect();
        (!items.is_empty()).then_some(Self { items, narrative: cluster.narrative })
    }
}
