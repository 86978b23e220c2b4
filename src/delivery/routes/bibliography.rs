use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{InStyle, Moved, OneArticle, Work, of_article};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::bibliography::{Bibliography, CslRecords, Format, TextBibliography, write};
use crate::delivery::examples;
use crate::delivery::printing::Wanted;
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::negotiate::negotiate;
use crate::http::query::Query;
use crate::ids::ArticleRef;

/// Get the references of a published article
///
/// In the format that `Accept` likes best: JSON (which also answers no `Accept`), plain text with one reference on a line, an
/// HTML list whose references lead back to the places that cite them, or the records for a reference manager in BibTeX,
/// RIS or CSL-JSON, which are the same in every style.
#[utoipa::path(
    operation_id = "bibliography_get",
    tag = "articles",
    params(OneArticle, InStyle),
    responses(
        (status = 200, description = "The references, by their numbers.", content(
            (Bibliography = "application/json", example = json!(examples::bibliography())),
            (TextBibliography = "text/plain", example = json!(examples::plain_bibliography())),
            (TextBibliography = "text/html", example = json!(examples::html_bibliography())),
            (TextBibliography = "application/x-bibtex", example = json!(examples::bibtex())),
            (TextBibliography = "application/x-research-info-systems", example = json!(examples::ris())),
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
    Query(asked): Query<InStyle>,
) -> Result<HttpResponse, Problem> {
    let format = Format::of_media_type(negotiate(request.headers(), &Format::offers())?);
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
    /// `json`, `txt` for plain text, `html`, or the records in BibTeX (`bib`), RIS (`ris`) or CSL-JSON (`csl.json`).
    #[param(max_length = 8, pattern = r"^(?:json|txt|html|bib|ris|csl\.json)$", example = "txt")]
    format: String,
}

/// Get the references of a published article as a file
///
/// The same as without the suffix, in the format that it names, whatever `Accept` says: for links and downloads.
#[utoipa::path(
    operation_id = "bibliography_file",
    tag = "articles",
    params(OneFile, InStyle),
    responses(
        (status = 200, description = "The references, by their numbers.", content(
            (Bibliography = "application/json", example = json!(examples::bibliography())),
            (TextBibliography = "text/plain", example = json!(examples::plain_bibliography())),
            (TextBibliography = "text/html", example = json!(examples::html_bibliography())),
            (TextBibliography = "application/x-bibtex", example = json!(examples::bibtex())),
            (TextBibliography = "application/x-research-info-systems", example = json!(examples::ris())),
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
    Query(asked): Query<InStyle>,
) -> Result<HttpResponse, Problem> {
    let OneFile { article, format } = path.into_inner();
    let format = Format::of_suffix(&format).ok_or_else(|| Problem::not_found("format of a bibliography"))?;
    answer(&state, &request, article, asked, format, |answer| answer).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    asked: InStyle,
    format: Format,
    finish: impl FnOnce(Answer) -> Answer,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted::from(asked);
    let (frozen, tag) = (wanted.is_as_published(), wanted.tag());
    let read = move |conn: &mut Conn, publication: Publication| {
        let printing = wanted.printing(conn, &publication)?;
        let work = move || Ok((write(&publication, &printing, format)?, publication.updated_at));
        Ok(Work::Left(Box::new(work)))
    };
    let answer = |(body, updated_at)| {
        let answer = finish(Answer::bytes(state.public(), format.content_type(), body).sealed().tags(tag));
        Ok(if frozen { answer.last_modified(updated_at) } else { answer })
    };
    of_article(state, request, article, Columns::CITATIONS, read, answer).await
}
