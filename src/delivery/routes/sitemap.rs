use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::State;
use crate::db::Conn;
use crate::delivery::formats::site;
use crate::delivery::sitemap::{part, whole};
use crate::error::Problem;
use crate::formats::sitemap::MOST;
use crate::http::answer::Answer;
use crate::http::query::{NoParameters, Query};
use crate::http::tag::Tag;
use crate::ids::ArticleId;

const XML: &str = "application/xml; charset=utf-8";

/// A sitemap in XML.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 52428800)]
struct Sitemap(#[expect(dead_code, reason = "only its schema is used")] String);

/// Read the addresses of all articles
///
/// As sitemaps.org has it; of more than 4,000 articles an index of the files that have them.
#[utoipa::path(
    operation_id = "sitemap",
    tag = "site",
    responses((status = 200, description = "The addresses, or the index.", content(
        (Sitemap = "application/xml", example = json!(
            "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n<url><loc>https://www.example.org/a</loc>\
             <lastmod>2024-06-25T09:30:00Z</lastmod></url>\n</urlset>\n"
        )),
    ))),
)]
#[get("/sitemap.xml")]
pub(super) async fn sitemap(
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let app = state.clone();
    let read = move |conn: &mut Conn| {
        let base = app.settings.public_url();
        whole(conn, &site(&app, &base), MOST)
    };
    let text = state.db.read(read).await?;
    Ok(Answer::bytes(state.public(), XML, text.into_bytes()).tags([Tag::all("articles")]).to(&request))
}

/// The file that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OnePart {
    /// The id of the article that the file begins with; from the index.
    #[param(
        max_length = 36,
        pattern = "^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11"
    )]
    first: String,
}

/// Read the addresses of some articles
///
/// One file of a sitemap that has several: 4,000 articles in the order in which they were made, from the named one on.
#[utoipa::path(
    operation_id = "sitemap_part",
    tag = "site",
    params(OnePart),
    responses((status = 200, description = "The addresses.", content(
        (Sitemap = "application/xml", example = json!(
            "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n<url><loc>https://www.example.org/a</loc>\
             <lastmod>2024-06-25T09:30:00Z</lastmod></url>\n</urlset>\n"
        )),
    ))),
)]
#[get("/sitemaps/{first}.xml")]
pub(super) async fn sitemap_part(
    request: HttpRequest,
    state: State,
    path: web::Path<OnePart>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let first = ArticleId::parse(&path.first).ok_or_else(nothing)?;
    let app = state.clone();
    let read = move |conn: &mut Conn| {
        let base = app.settings.public_url();
        part(conn, &site(&app, &base), first, MOST)?.ok_or_else(nothing)
    };
    let text = state.db.read(read).await?;
    Ok(Answer::bytes(state.public(), XML, text.into_bytes()).tags([Tag::all("articles")]).to(&request))
}

fn nothing() -> Problem {
    Problem::not_found("file of the sitemap")
}
