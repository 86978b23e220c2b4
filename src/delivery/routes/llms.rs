use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa::ToSchema;

use crate::app::State;
use crate::delivery::formats::{head, site};
use crate::delivery::model::{ArticleKey, Filters};
use crate::delivery::store::{self, Columns};
use crate::error::Problem;
use crate::formats::llms::{MOST, write};
use crate::http::answer::Answer;
use crate::http::page::{Limit, Window};
use crate::http::query::{NoParameters, Query};
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::publishing::document::Head;

/// What there is to read, in Markdown.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 10000000)]
struct Overview(#[expect(dead_code, reason = "only its schema is used")] String);

/// Read what there is, as a language model
///
/// `llms.txt` (llmstxt.org): the 500 newest articles with the addresses of their Markdown, and where the API is described.
#[utoipa::path(
    operation_id = "llms",
    tag = "site",
    responses((status = 200, description = "The overview.", content(
        (Overview = "text/markdown", example = json!("# Example Health\n\n> What studies say about skin.\n\n## Articles\n")),
    ))),
)]
#[get("/llms.txt")]
pub(super) async fn llms(request: HttpRequest, state: State, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let read = state.db.read(|conn| {
        let window = Window::new(Some(Limit(MOST)), Sort::down(ArticleKey::Published), None)?;
        let filters = Filters::default();
        let newest = store::list(conn, &filters, &window, Columns::default())?;
        Ok((newest.items, store::count(conn, &filters)?))
    });
    let (publications, total) = read.await?;
    let app = state.clone();
    let written = web::block(move || {
        let base = app.settings.public_url();
        let heads = publications.iter().map(head).collect::<Result<Vec<Head>, Problem>>()?;
        Ok::<_, Problem>(write(&heads, total, &site(&app, &base)))
    });
    let text = written.await.map_err(Problem::internal)??;
    let answer = Answer::bytes(state.public(), "text/markdown; charset=utf-8", text.into_bytes());
    Ok(answer.tags([Tag::all("articles")]).to(&request))
}
