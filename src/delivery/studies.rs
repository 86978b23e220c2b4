//! A study as a reader gets it: the published document, and the articles that cite it.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::model::StudySelection;
use super::store::studies::{CitedStudy, CitingArticle, newest_articles};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::select::{Selected, Sparse};
use crate::ids::{ArticleId, StudyId};
use crate::publishing::document::PublishedStudy;

/// A study that published articles cite.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StudyOfArticles)]
pub struct Study {
    #[serde(flatten)]
    pub study: PublishedStudy,
    /// Who cites it; null unless included.
    pub articles: Option<StudyArticles>,
}

/// The articles that cite a study.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyArticles {
    /// How many there are.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
    pub count: i64,
    /// Where all of them are.
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/studies/majid2009/articles")]
    pub href: String,
    /// The 20 that were published last.
    #[schema(max_items = 20)]
    pub data: Vec<StudyArticle>,
}

/// An article that cites a study.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyArticle {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// Plain text.
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub published_at: Instant,
    /// The study's number in the article.
    #[schema(minimum = 1, maximum = 5000, example = 1)]
    pub number: i32,
}

impl StudyArticles {
    fn of(key: &str, articles: Vec<CitingArticle>) -> Self {
        let count = articles.first().map_or(0, |article| article.total);
        let article = |CitingArticle { id, slug, title, published_at, number, .. }| StudyArticle {
            id,
            slug,
            title,
            published_at,
            number,
        };
        Self { count, href: format!("/v1/studies/{key}/articles"), data: articles.into_iter().map(article).collect() }
    }
}

/// Puts studies together with what the selection wants. At most one statement, however many they are.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn assemble(
    conn: &mut Conn,
    rows: Vec<CitedStudy>,
    selection: &StudySelection,
) -> Result<Vec<Selected<Study>>, Problem> {
    let ids: Vec<StudyId> = rows.iter().map(|row| row.study_id).collect();
    let mut articles: Option<HashMap<StudyId, Vec<CitingArticle>>> =
        selection.wants_articles().then(|| newest_articles(conn, &ids)).transpose()?;
    let study = |row: CitedStudy| {
        let cited = articles.as_mut().map(|articles| articles.remove(&row.study_id).unwrap_or_default());
        let articles = cited.map(|cited| StudyArticles::of(&row.key, cited));
        Selected::of(Study { study: document(&row)?, articles }, selection.fields.as_ref())
    };
    rows.into_iter().map(study).collect()
}

fn document(row: &CitedStudy) -> Result<PublishedStudy, Problem> {
    serde_json::from_str(&row.document)
        .map_err(|error| Problem::internal(format!("the published study {} cannot be read: {error}", row.study_id)))
}

impl Sparse for Study {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "key",
        "title",
        "year",
        "doi",
        "pmid",
        "pmcid",
        "isbn",
        "design",
        "review",
        "sample_size",
        "follow_up",
        "funding",
        "conflicts_of_interest",
        "open_access_url",
        "retraction",
        "completeness",
        "completeness.complete",
        "completeness.missing",
        "csl",
        "articles",
        "articles.count",
        "articles.href",
        "articles.data",
        "articles.data.id",
        "articles.data.slug",
        "articles.data.title",
        "articles.data.published_at",
        "articles.data.number",
    ];
}
