use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Moved, OneArticle, of_article};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::bibliography::{
    Bibliography, CitationStyle, CslRecords, Format, PlainBibliography, Written, write,
};
use crate::delivery::examples;
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::negotiate::negotiate;
use crate::http::query::Query;
use crate::ids::ArticleRef;

/// How the references are written.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// The citation style; `vancouver` unless given. The records in CSL-JSON are the same in every style.
    #[deserr(default)]
    #[param(inline, example = "vancouver")]
    style: Option<CitationStyle>,
}

/// Get the references of a published article
///
/// In the format that `Accept` likes best: JSON (which also answers no `Accept`), plain text with one reference on a
/// line, or the records in CSL-JSON for a reference manager.
#[utoipa::path(
    operation_id = "bibliography_get",
    tag = "articles",
    params(OneArticle, Parameters),
    responses(
        (status = 200, description = "The references, by their numbers.", content(
            (Bibliography = "application/json", example = json!(examples::bibliography())),
            (PlainBibliography = "text/plain", example = json!(examples::plain_bibliography())),
            (CslRecords = "application/vnd.citationstyles.csl+json", example = json!([examples::csl()])),
        )),
        Moved,
    ),
    extensions(("x-problems" = json!(["not_acceptable"]))),
)]
#[get("/v1/articles/{article}/bibliography")]
pub(super) async fn bibliography_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let format = Format::of_media_type(negotiate(request.headers(), Format::OFFERS)?);
    answer(&state, &request, path.into_inner().article, asked, format, |answer| answer.vary("Accept")).await
}

/// The file that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneFile {
    /// The article's slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// `json`, `txt` for plain text, or `csl.json` for the records in CSL-JSON.
    #[param(max_length = 8, pattern = r"^(?:json|txt|csl\.json)$", example = "txt")]
    format: String,
}

/// Get the references of a published article as a file
///
/// The same as without the suffix, in the format that it names, whatever `Accept` says: for links and downloads.
#[utoipa::path(
    operation_id = "bibliography_file",
    tag = "articles",
    params(OneFile, Parameters),
    responses(
        (status = 200, description = "The references, by their numbers.", content(
            (Bibliography = "application/json", example = json!(examples::bibliography())),
            (PlainBibliography = "text/plain", example = json!(examples::plain_bibliography())),
            (CslRecords = "application/vnd.citationstyles.csl+json", example = json!([examples::csl()])),
        )),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/bibliography.{format}")]
pub(super) async fn bibliography_file(
    request: HttpRequest,
    state: State,
    path: web::Path<OneFile>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let OneFile { article, format } = path.into_inner();
    let format = Format::of_suffix(&format).ok_or_else(|| Problem::not_found("format of a bibliography"))?;
    answer(&state, &request, article, asked, format, |answer| answer).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    asked: Parameters,
    format: Format,
    finish: impl FnOnce(Answer) -> Answer,
) -> Result<HttpResponse, Problem> {
    let style = asked.style.unwrap_or(CitationStyle::Vancouver);
    let read = move |_: &mut Conn, publication: Publication| write(&publication, style, format);
    let answer = |Written { body, updated_at }| {
        Ok(finish(Answer::bytes(state.public(), format.content_type(), body).last_modified(updated_at)))
    };
    of_article(state, request, article, Columns::CITATIONS, read, answer).await
}
