//! Whole articles and lists of them in the formats of others: Markdown, HTML pages, JSON-LD, JATS, feeds, sitemaps.
//!
//! Pure functions: from what is published, and the site's name and address, to text. Nothing is read here, and what is
//! written says nothing that the publication does not.

pub mod feed;
pub mod fragment;
pub mod jats;
pub mod json_ld;
pub mod llms;
pub mod markdown;
pub mod page;
mod plain;
mod reference;
pub mod robots;
pub mod site;
pub mod sitemap;
mod xml;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use crate::comments::Comment;
use crate::ids::ArticleId;
use crate::library::RetractionStatus;
use crate::publishing::document::{Byline, Head, PublishedCitation, PublishedSection, PublishedStudy, Reviewer};
use crate::text::references::Numbers;

/// A published article with everything in it.
#[derive(Debug, Clone)]
pub struct Whole {
    pub head: Head,
    pub sections: Vec<PublishedSection>,
    /// By their numbers.
    pub citations: Vec<PublishedCitation>,
    /// Whether the text cites by number.
    pub numbers: Numbers,
    /// The same in other languages, by language.
    pub translations: Vec<Translation>,
}

/// The same article in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    pub id: ArticleId,
    pub slug: String,
    pub language: String,
    pub title: String,
}

impl Whole {
    /// The language and the address of the article and of each of its translations, by language; none when it has no
    /// translations.
    fn alternates(&self, site: &site::Site<'_>) -> Vec<(&str, String)> {
        if self.translations.is_empty() {
            return Vec::new();
        }
        let others = self.translations.iter().map(|it| (it.language.as_str(), it.address(site)));
        let mut all: Vec<_> = others.chain([(self.head.language.as_str(), site.article(&self.head))]).collect();
        all.sort_unstable();
        all
    }

    /// The citations in the order of the bibliography.
    fn as_listed(&self) -> Vec<&PublishedCitation> {
        let mut listed: Vec<&PublishedCitation> = self.citations.iter().collect();
        listed.sort_by_key(|citation| citation.formatted.position);
        listed
    }
}

/// Someone who stands behind an article: an author or a reviewer.
#[derive(Debug, Clone, Copy)]
struct Person<'p> {
    name: &'p str,
    credentials: Option<&'p str>,
    orcid: Option<&'p str>,
}

impl Person<'_> {
    /// The address that the ORCID iD is.
    fn orcid_address(&self) -> Option<String> {
        self.orcid.map(|orcid| format!("https://orcid.org/{orcid}"))
    }
}

impl<'p> From<&'p Byline> for Person<'p> {
    fn from(author: &'p Byline) -> Self {
        Self { name: &author.name, credentials: author.credentials.as_deref(), orcid: author.orcid.as_deref() }
    }
}

impl<'p> From<&'p Reviewer> for Person<'p> {
    fn from(reviewer: &'p Reviewer) -> Self {
        Self { name: &reviewer.name, credentials: reviewer.credentials.as_deref(), orcid: reviewer.orcid.as_deref() }
    }
}

impl Translation {
    fn address(&self, site: &site::Site<'_>) -> String {
        site.article_named(&self.slug, &self.id.to_string(), &self.language)
    }
}

/// What readers say about an article, as far as an answer has it.
#[derive(Debug, Clone, Default)]
pub struct Remarks {
    /// The first threads.
    pub threads: Vec<Comment>,
    /// How many comments there are in all.
    pub count: i64,
}

/// What is to be said beside a reference to the study: what has become of it.
fn standing(study: &PublishedStudy) -> Option<&'static str> {
    match study.status()? {
        RetractionStatus::Retracted => Some("Retracted"),
        RetractionStatus::ExpressionOfConcern => Some("Expression of concern"),
        RetractionStatus::Corrected => Some("Corrected"),
        RetractionStatus::Reinstated => Some("Reinstated"),
    }
}
