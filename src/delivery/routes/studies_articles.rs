use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::assemble;
use super::studies::OneStudy;
use crate::app::State;
use crate::db::Conn;
use crate::delivery::article::Article;
use crate::delivery::examples;
use crate::delivery::model::{ArticleSort, Filters, Selection, StudyName};
use crate::delivery::store::{self, Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{AnyOf, Flag, Query};
use crate::http::tag::Tag;
use crate::ids::StudyId;

/// Which page, in which order.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many articles a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all articles that cite the study.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// `-published_at` unless given.
    #[deserr(default)]
    #[param(inline, example = "-published_at")]
    sort: Option<ArticleSort>,
}

/// An article that cites the study.
#[derive(Debug, Serialize, ToSchema)]
struct Citing {
    /// The study's number in the article.
    #[schema(minimum = 1, maximum = 5000, example = 1)]
    number: i32,
    article: Article,
}

/// A page of the articles that cite a study.
#[derive(Debug, Serialize, ToSchema)]
struct CitingList {
    #[schema(max_items = 100)]
    data: Vec<Citing>,
    page: PageInfo,
}

/// List the published articles that cite a study
///
/// Each with the number that the study has in it, and without sections, citations and comments.
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
    let sort = asked.sort.unwrap_or(ArticleSort::PublishedDown);
    let window = Window::new(asked.limit, sort.as_str(), asked.cursor)?;
    let limit = window.limit;
    let read = state.db.read(move |conn| {
        let study = path.find(conn)?.study_id;
        let filters = Filters { cites: Some(AnyOf(vec![StudyName::Id(study)])), ..Filters::default() };
        let Page { items, next, prev } = store::list(conn, &filters, sort, &window, Columns::default())?;
        let items = citing(conn, study, items)?;
        let total = asked.count.unwrap_or_default().0.then(|| store::count(conn, &filters)).transpose()?;
        let mut tags = vec![Tag::all("articles"), Tag::one("study", study)];
        for citing in &items {
            tags.extend([Tag::one("article", citing.article.id), Tag::one("comments", citing.article.id)]);
        }
        Ok((Page { items, next, prev }, total, tags))
    });
    let (page, total, tags) = read.await?;
    let info = page.info(&request, limit, total);
    let list = CitingList { data: page.items, page: info };
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).to(&request))
}

fn citing(conn: &mut Conn, study: StudyId, publications: Vec<Publication>) -> Result<Vec<Citing>, Problem> {
    let ids: Vec<_> = publications.iter().map(|publication| publication.id).collect();
    let numbers = store::numbers(conn, study, &ids)?;
    let articles = assemble(conn, publications, &Selection::default())?;
    // An article that was published without the study between the two statements has no number any more.
    let numbered = |article: Article| numbers.get(&article.id).map(|&number| Citing { number, article });
    Ok(articles.into_iter().filter_map(numbered).collect())
}
