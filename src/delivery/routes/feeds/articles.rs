use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{JsonFeed, Named, XmlFeed, format, newest};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::model::Filters;
use crate::error::Problem;
use crate::http::query::{NoParameters, Query};

/// The feed that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneFeed {
    /// `atom`, `rss` or `json`.
    #[param(max_length = 4, pattern = "^(?:atom|rss|json)$", example = "atom")]
    format: String,
}

/// Follow the articles
///
/// The 50 newest articles with their whole text; links and citations lead to their pages. As Atom (RFC 4287), RSS 2.0 or JSON
/// Feed 1.1.
#[utoipa::path(
    operation_id = "feeds_articles",
    tag = "site",
    params(OneFeed),
    responses((status = 200, description = "The feed.", content(
        (XmlFeed = "application/atom+xml", example = json!(examples::atom())),
        (XmlFeed = "application/rss+xml", example = json!(examples::rss())),
        (JsonFeed = "application/feed+json", example = json!(examples::json_feed())),
    ))),
)]
#[get("/feeds/articles.{format}")]
pub(in crate::delivery::routes) async fn feeds_articles(
    request: HttpRequest,
    state: State,
    path: web::Path<OneFeed>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let format = format(&path.format)?;
    newest(&state, &request, Filters::default(), format, |_, site| {
        Ok(Named { title: site.name.to_owned(), path: "/feeds/articles".to_owned() })
    })
    .await
}
