//! What is known of an article beside its words: what searches are narrowed by, and what is counted in their results.

use serde::{Deserialize, Serialize};

use super::mark_token;

/// Something with a slug and a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub slug: String,
    pub name: String,
}

/// The labels of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    pub language: String,
    pub tags: Vec<Label>,
    pub authors: Vec<Label>,
    /// In which it was published.
    pub year: i32,
    /// Of the studies that it cites, each once.
    pub designs: Vec<String>,
}

impl Labels {
    /// The tokens that they are indexed with.
    pub fn marks(&self) -> Vec<String> {
        let tags = self.tags.iter().map(|tag| mark_token("tag", &tag.slug));
        let authors = self.authors.iter().map(|author| mark_token("author", &author.slug));
        let designs = self.designs.iter().map(|design| mark_token("design", design));
        let own = [mark_token("lang", &self.language), mark_token("year", &self.year.to_string())];
        own.into_iter().chain(tags).chain(authors).chain(designs).collect()
    }
}
