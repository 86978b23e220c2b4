use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{JsonFeed, Named, XmlFeed, feed, format};
use crate::app::State;
use crate::comments;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::formats::{head, site};
use crate::delivery::routes::{Moved, Work, of_article};
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::formats::feed::{Entry, MOST};
use crate::http::answer::Answer;
use crate::http::page::Limit;
use crate::http::query::{NoParameters, Query};
use crate::http::tag::Tag;
use crate::ids::ArticleRef;

/// The feed that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneFeed {
    /// The article's slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// `atom`, `rss` or `json`.
    #[param(max_length = 4, pattern = "^(?:atom|rss|json)$", example = "atom")]
    format: String,
}

/// Follow the comments on an article
///
/// The 50 newest of its approved comments. In Atom a reply says what it replies to (RFC 4685).
#[utoipa::path(
    operation_id = "feeds_comments",
    tag = "site",
    params(OneFeed),
    responses(
        (status = 200, description = "The feed.", content(
            (XmlFeed = "application/atom+xml", example = json!(examples::atom())),
            (XmlFeed = "application/rss+xml", example = json!(examples::rss())),
            (JsonFeed = "application/feed+json", example = json!(examples::json_feed())),
        )),
        Moved,
    ),
)]
#[get("/feeds/articles/{article}/comments.{format}")]
pub(in crate::delivery::routes) async fn feeds_comments(
    request: HttpRequest,
    state: State,
    path: web::Path<OneFeed>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let OneFeed { article, format: suffix } = path.into_inner();
    let format = format(&suffix)?;
    let app = state.clone();
    let read = move |conn: &mut Conn, publication: Publication| {
        let newest = comments::newest(conn, publication.id, Limit(MOST))?;
        Ok(Work::Left(Box::new(move || {
            let base = app.settings.public_url();
            let site = site(&app, &base);
            let head = head(&publication)?;
            let entries = newest.iter().map(|comment| Entry::of_comment(comment, &head, &site)).collect();
            let path = format!("/feeds/articles/{}/comments", head.id);
            let mut feed = feed(Named { title: head.title.clone(), path }, entries, &site);
            (feed.home, feed.language) = (site.article(&head), head.language);
            let written = feed.write(format).map_err(Problem::internal)?;
            Ok((written, Tag::one("comments", publication.id)))
        })))
    };
    let answer = |(body, tag)| Ok(Answer::bytes(state.public(), format.content_type(), body).tags([tag]));
    of_article(&state, &request, article, Columns::default(), read, answer).await
}
