use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{JsonFeed, Named, XmlFeed, format, newest, slug};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::model::Filters;
use crate::error::Problem;
use crate::http::query::{NoParameters, Query};

/// The feed that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneFeed {
    /// The slug of the tag.
    #[param(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "skin")]
    tag: String,
    /// `atom`, `rss` or `json`.
    #[param(max_length = 4, pattern = "^(?:atom|rss|json)$", example = "atom")]
    format: String,
}

/// Follow a tag
///
/// The 50 newest articles that have it, as in the feed of all. A tag that no published article has is not found.
#[utoipa::path(
    operation_id = "feeds_tag",
    tag = "site",
    params(OneFeed),
    responses((status = 200, description = "The feed.", content(
        (XmlFeed = "application/atom+xml", example = json!(examples::atom())),
        (XmlFeed = "application/rss+xml", example = json!(examples::rss())),
        (JsonFeed = "application/feed+json", example = json!(examples::json_feed())),
    ))),
)]
#[get("/feeds/tags/{tag}.{format}")]
pub(in crate::delivery::routes) async fn feeds_tag(
    request: HttpRequest,
    state: State,
    path: web::Path<OneFeed>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let OneFeed { tag, format: suffix } = path.into_inner();
    let filters = Filters { tags: slug(&tag, "tag")?, ..Filters::default() };
    newest(&state, &request, filters, format(&suffix)?, move |newest, site| {
        let found = newest.and_then(|head| head.tags.iter().find(|own| own.slug == tag));
        let name = &found.ok_or_else(|| Problem::not_found("tag"))?.name;
        Ok(Named { title: format!("{}: {name}", site.name), path: format!("/feeds/tags/{tag}") })
    })
    .await
}
