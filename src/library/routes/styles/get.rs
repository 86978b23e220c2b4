//! `GET /v1/styles/{name}` and `GET /v1/manage/styles/{name}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{MEDIA_TYPE, StyleFile, StylePath};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::query::{NoParameters, Query};
use crate::http::tag::Tag;
use crate::library::examples;
use crate::library::styles::{StyleView, store};

/// Get a citation style
///
/// By its name or another name of it.
#[utoipa::path(
    operation_id = "styles_get",
    tag = "styles",
    params(StylePath),
    responses((status = 200, description = "The style.", body = StyleView, example = json!(examples::style()))),
)]
#[get("/v1/styles/{name}")]
pub(super) async fn get(
    request: HttpRequest,
    state: State,
    path: web::Path<StylePath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let name = path.read().ok_or_else(|| Problem::not_found("citation style"))?;
    let style = state.db.read(move |conn| store::style(conn, &name)).await?;
    Ok(Answer::json(state.public(), &style)?.tags([Tag::all("styles")]).to(&request))
}

/// Read the file of an uploaded style
///
/// As it was uploaded. Its ETag serves `If-Match`.
#[utoipa::path(
    operation_id = "manage_styles_get",
    tag = "styles",
    params(StylePath),
    responses((status = 200, description = "The file.", content(
        (StyleFile = "application/vnd.citationstyles.style+xml", example = json!(examples::style_file())),
    ))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/styles/{name}")]
pub(super) async fn file(
    _: Permitted<op::StylesGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<StylePath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let name = path.read().ok_or_else(|| Problem::not_found("uploaded style"))?;
    let style = state.db.read(move |conn| store::uploaded(conn, &name)).await?;
    let answer = Answer::bytes(Caching::Private, MEDIA_TYPE, style.csl.into_bytes());
    Ok(answer.version(style.version).sealed().to(&request))
}
