use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::articles_query::{Asked, Found, NameOfArticle, Parameters};
use super::studies::OneStudy;
use crate::app::State;
use crate::db::Conn;
use crate::delivery::article::Article;
use crate::delivery::examples;
use crate::delivery::model::SelectedArticle;
use crate::delivery::store::studies;
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::page::{Page, PageInfo};
use crate::http::query::Query;
use crate::http::tag::Tag;
use crate::ids::StudyId;

/// An article that cites the study.
#[derive(Debug, Serialize, ToSchema)]
struct Citing {
    /// The study's number in the article.
    #[schema(minimum = 1, maximum = 5000, example = 1)]
    number: i32,
    article: SelectedArticle,
}

/// A page of the articles that cite a study.
#[derive(Debug, Serialize, ToSchema)]
struct CitingList {
    #[schema(max_items = 100)]
    data: Vec<Citing>,
    /// With `ids`: the names under which no article was found that cites the study, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NameOfArticle>>)]
    missing: Option<Vec<String>>,
    page: PageInfo,
}

/// List the published articles that cite a study
///
/// Each with the number that the study has in it. Asked for as the list of all articles is: the same filters, orders and
/// parts.
#[utoipa::path(
    operation_id = "studies_articles",
    tag = "studies",
    params(OneStudy, Parameters),
    responses((status = 200, description = "The page.", body = CitingList, example = json!(examples::citing_list()))),
)]
#[get("/v1/studies/{key}/articles")]
pub(super) async fn studies_articles(
    request: HttpRequest,
    state: State,
    path: web::Path<OneStudy>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.asked(&state.clock)?;
    let (limit, deadline) = (asked.limit(), asked.deadline(&state.clock));
    let read = state.db.read(move |conn| {
        let study = path.find(conn)?.study_id;
        let mut asked = asked.citing(study);
        let Found { page: Page { items, next, prev }, total, missing } = asked.read(conn)?;
        let mut tags = asked.tags(&items);
        tags.push(Tag::one("study", study));
        Ok((Page { items: citing(conn, study, items, &asked)?, next, prev }, total, missing, tags))
    });
    let (page, total, missing, tags) = read.await?;
    let info = page.info(&request, limit, total);
    let list = CitingList { data: page.items, missing, page: info };
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).until(deadline).to(&request))
}

fn citing(conn: &mut Conn, study: StudyId, articles: Vec<Article>, asked: &Asked) -> Result<Vec<Citing>, Problem> {
    let ids: Vec<_> = articles.iter().map(|article| article.id).collect();
    let numbers = studies::numbers(conn, study, &ids)?;
    let numbered = articles.into_iter().filter_map(|article| {
        // An article that was published without the study between the two statements has no number any more.
        let number = *numbers.get(&article.id)?;
        Some(asked.select(article).map(|article| Citing { number, article }))
    });
    numbered.collect()
}
