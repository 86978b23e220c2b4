//! The authors and the tags of published articles as a reader gets them.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::names::{AuthorRow, TagRow};
use crate::http::select::Sparse;

/// Somebody who wrote published articles, named as the newest of them does.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "ada-example")]
    pub slug: String,
    #[schema(max_length = 200, example = "Ada Example")]
    pub name: String,
    #[schema(max_length = 200, example = "MD")]
    pub credentials: Option<String>,
    /// The author's ORCID iD, with hyphens.
    #[schema(
        max_length = 19,
        pattern = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$",
        example = "0000-0002-1825-0097"
    )]
    pub orcid: Option<String>,
    /// How many published articles have this author.
    #[schema(minimum = 1, maximum = 2147483647, example = 12)]
    pub published_articles: i32,
    pub links: NameLinks,
}

/// A tag that published articles have, named as the newest of them does.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagOfArticles {
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "skin")]
    pub slug: String,
    #[schema(max_length = 120, example = "Skin")]
    pub name: String,
    /// How many published articles have this tag.
    #[schema(minimum = 1, maximum = 2147483647, example = 12)]
    pub published_articles: i32,
    pub links: NameLinks,
}

/// Where an author or a tag is, and the articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct NameLinks {
    #[serde(rename = "self")]
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/tags/skin")]
    pub self_: String,
    /// The published articles.
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/articles?tag=skin")]
    pub articles: String,
}

impl From<AuthorRow> for Author {
    fn from(AuthorRow { slug, name, credentials, orcid, articles }: AuthorRow) -> Self {
        let links = NameLinks { self_: format!("/v1/authors/{slug}"), articles: format!("/v1/articles?author={slug}") };
        Self { slug, name, credentials, orcid, published_articles: articles, links }
    }
}

impl From<TagRow> for TagOfArticles {
    fn from(TagRow { slug, name, articles }: TagRow) -> Self {
        let links = NameLinks { self_: format!("/v1/tags/{slug}"), articles: format!("/v1/articles?tag={slug}") };
        Self { slug, name, published_articles: articles, links }
    }
}

impl Sparse for Author {
    const FIELDS: &'static [&'static str] =
        &["slug", "name", "credentials", "orcid", "published_articles", "links", "links.self", "links.articles"];
}

impl Sparse for TagOfArticles {
    const FIELDS: &'static [&'static str] =
        &["slug", "name", "published_articles", "links", "links.self", "links.articles"];
}
