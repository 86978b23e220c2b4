//! What editors see of the trash.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::types::Instant;
use crate::editorial::draft::Article;
use crate::http::page::PageInfo;
use crate::ids::{ArticleId, EditorId};

/// An article in the trash.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrashedArticle {
    pub id: ArticleId,
    /// The slug that it had. Another article may have it by now.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, pattern = "^[A-Za-z0-9-]+$", example = "en")]
    pub language: String,
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
    /// Counts the changes.
    #[schema(minimum = 1, maximum = 2147483647, example = 4)]
    pub version: i32,
    /// The editor who made it; null when the account is gone.
    pub owner: Option<EditorId>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub trashed_at: Instant,
    /// Who put it there; null when the account is gone.
    pub trashed_by: Option<EditorId>,
    /// From when on it can be gone for good; null when nothing goes by itself (`trash.days`).
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2024-07-25T09:30:00Z")]
    pub deleted_after: Option<Instant>,
}

impl TrashedArticle {
    /// `days`: for how long the trash keeps an article; 0: for ever.
    pub fn new(article: Article, trashed_at: Instant, days: u32) -> Self {
        Self {
            id: article.id,
            slug: article.slug,
            language: article.language,
            title: article.title,
            version: article.version,
            owner: article.owner_id,
            trashed_at,
            trashed_by: article.trashed_by,
            deleted_after: (days > 0).then(|| trashed_at.plus_seconds(86_400 * i64::from(days))),
        }
    }
}

/// A page of the trash.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trash {
    #[schema(max_items = 100)]
    pub data: Vec<TrashedArticle>,
    pub page: PageInfo,
}
