use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa::ToSchema;

use super::{Moved, OneArticle, Work, of_article, read_head};
use crate::app::State;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::delivery::evidence::{ArticleEvidence, svg};
use crate::delivery::examples;
use crate::delivery::printing::as_published;
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::query::{NoParameters, Query};
use crate::publishing::document::{Head, PublishedCitation};

/// Get what a published article rests on
///
/// The studies that it cites by year, design and sample size, with what has become of them: what its picture shows, as
/// data.
#[utoipa::path(
    operation_id = "evidence_get",
    tag = "articles",
    params(OneArticle),
    responses(
        (status = 200, description = "The evidence.", body = ArticleEvidence, example = json!(examples::evidence())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/evidence")]
pub(super) async fn evidence_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let read = |_: &mut Conn, publication: Publication| {
        Ok(Work::Left(Box::new(move || {
            let (head, citations) = parts(&publication)?;
            Ok((ArticleEvidence::of(head, citations), publication.updated_at))
        })))
    };
    let answer = |(evidence, updated_at): (ArticleEvidence, Instant)| {
        Ok(Answer::json(state.public(), &evidence)?.last_modified(updated_at))
    };
    of_article(&state, &request, path.into_inner().article, Columns::CITATIONS, read, answer).await
}

/// A picture in SVG.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 10000000)]
struct Svg(#[expect(dead_code, reason = "only its schema is used")] String);

/// Get a picture of what a published article rests on
///
/// Each study stands at its year, in the row of its design, the strongest above; its area is the number of participants, and
/// its number is the one that the article cites it by. Retracted studies are struck through, those under an expression of
/// concern have a broken edge. More than 200 studies are drawn as groups. Everything is said in words too, for those who do
/// not see it, and nothing is loaded or run.
#[utoipa::path(
    operation_id = "evidence_picture",
    tag = "articles",
    params(OneArticle),
    responses(
        (status = 200, description = "The picture.", content(
            (Svg = "image/svg+xml", example = json!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 520 180\"></svg>")),
        )),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/evidence.svg")]
pub(super) async fn evidence_picture(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let read = |_: &mut Conn, publication: Publication| {
        Ok(Work::Left(Box::new(move || {
            let (head, citations) = parts(&publication)?;
            Ok((svg(&head, &citations).into_bytes(), publication.updated_at))
        })))
    };
    let answer = |(drawn, updated_at): (Vec<u8>, Instant)| {
        Ok(Answer::bytes(state.public(), "image/svg+xml", drawn).sealed().last_modified(updated_at))
    };
    of_article(&state, &request, path.into_inner().article, Columns::CITATIONS, read, answer).await
}

fn parts(publication: &Publication) -> Result<(Head, Vec<PublishedCitation>), Problem> {
    let stored = publication.citations.as_deref().unwrap_or("[]");
    Ok((read_head(publication)?, as_published(publication.id, stored)?))
}
