use actix_web::{HttpRequest, HttpResponse, get};

use super::articles_query::{ArticleList, Found, Parameters};
use crate::app::State;
use crate::delivery::examples;
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::page::Page;
use crate::http::query::Query;

/// List published articles
///
/// Filters of different names all have to hold; of values joined by commas any may; `not.` before the name of a filter
/// leaves out what has any of the values. `fields`, `include` and `body` are about the articles, not about the page.
#[utoipa::path(
    operation_id = "articles_list",
    tag = "articles",
    params(Parameters),
    responses((status = 200, description = "The page.", body = ArticleList, example = json!(examples::article_list()))),
)]
#[get("/v1/articles")]
pub(super) async fn articles_list(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let mut asked = asked.asked(&state.clock)?;
    let (limit, deadline) = (asked.limit(), asked.deadline(&state.clock));
    let read = state.db.read(move |conn| {
        let Found { page: Page { items, next, prev }, total, missing } = asked.read(conn)?;
        let tags = asked.tags(&items);
        let items = items.into_iter().map(|article| asked.select(article)).collect::<Result<_, _>>()?;
        Ok((Page { items, next, prev }, total, missing, tags))
    });
    let (page, total, missing, tags) = read.await?;
    let info = page.info(&request, limit, total);
    let list = ArticleList { data: page.items, missing, page: info };
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).until(deadline).to(&request))
}
