use actix_web::{HttpRequest, HttpResponse, get};
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{assemble, tags_of};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::model::{
    ArticleFields, ArticleSort, Designs, Filters, Includes, Languages, Levels, SelectedArticle, Selection, Slugs,
    StudyNames,
};
use crate::delivery::search::{SearchQuery, Searched, matching};
use crate::delivery::store::{self, Columns};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{Flag, Query};
use crate::http::select::Selected;
use crate::http::tag::Tag;
use crate::ids::ArticleId;

/// Which articles, in which order, and what of them.
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
    /// Whether to count all articles that the filters leave.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// `-published_at` unless given.
    #[deserr(default)]
    #[param(inline, example = "-published_at")]
    sort: Option<ArticleSort>,
    /// Is found by this query, in the language of `/v1/search`; the order stays that of `sort`.
    #[deserr(default)]
    #[param(inline, required = false, example = "\"large pores\" -retinoid")]
    q: Option<SearchQuery>,
    /// Has one of these tags, named by their slugs.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["skin"]))]
    tag: Option<Slugs>,
    /// Has one of these authors, named by their slugs.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["ada-example"]))]
    author: Option<Slugs>,
    /// Is in one of these languages.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["en", "pt-BR"]))]
    language: Option<Languages>,
    /// Cites one of these studies, named by key, id or DOI. A DOI with a comma in it cannot be written here.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["10.4103/0974-2077.53096"]))]
    cites: Option<StudyNames>,
    /// Has a citation of one of these levels of evidence (Oxford CEBM 2011).
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["1", "2"]))]
    evidence_level: Option<Levels>,
    /// Cites a study made in one of these ways.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["randomized_trial"]))]
    design: Option<Designs>,
    /// `true`: cites a study that is retracted or under an expression of concern; `false`: cites none.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = false)]
    retracted: Option<Flag>,
    /// What to add: parts that are null otherwise.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["sections", "citations"]))]
    include: Option<Includes>,
    /// The members to give, all others are left out. What is named need not be included as well.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["title", "slug", "sections.heading"]))]
    fields: Option<ArticleFields>,
}

/// A page of published articles.
#[derive(Debug, Serialize, ToSchema)]
struct ArticleList {
    #[schema(max_items = 100)]
    data: Vec<SelectedArticle>,
    page: PageInfo,
}

/// List published articles
///
/// Filters of different names all have to hold; of values joined by commas any may. `fields` and `include` are about
/// the articles, not about the page.
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
    let sort = asked.sort.unwrap_or(ArticleSort::PublishedDown);
    let window = Window::new(asked.limit, sort.as_str(), asked.cursor)?;
    let query = asked.q;
    let mut filters = Filters {
        matching: None,
        tags: asked.tag,
        authors: asked.author,
        languages: asked.language,
        cites: asked.cites,
        levels: asked.evidence_level,
        designs: asked.design,
        retracted: asked.retracted.map(|flag| flag.0),
    };
    let selection = Selection::new(asked.include, asked.fields);
    let limit = window.limit;
    let read = state.db.read(move |conn| {
        filters.matching = query.map(|query| matching(conn, &query, Searched::Articles)).transpose()?;
        let Page { items, next, prev } = store::list(conn, &filters, sort, &window, Columns::of(&selection))?;
        let ids: Vec<ArticleId> = items.iter().map(|publication| publication.id).collect();
        let articles = assemble(conn, items, &selection)?.into_iter();
        let items =
            articles.map(|article| Selected::of(article, selection.fields.as_ref())).collect::<Result<_, _>>()?;
        let total = asked.count.unwrap_or_default().0.then(|| store::count(conn, &filters)).transpose()?;
        Ok((Page { items, next, prev }, total, tags_of(&ids, &selection)))
    });
    let (page, total, tags) = read.await?;
    let info = page.info(&request, limit, total);
    let list = ArticleList { data: page.items, page: info };
    let tags = tags.into_iter().chain([Tag::all("articles")]);
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).to(&request))
}
