use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get};
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{assemble, tags_of};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::model::{
    ArticleFields, Bodies, Designs, FacetNames, Includes, Languages, Moments, SelectedArticle, Selection, Slugs, Years,
};
use crate::delivery::search::store::{Besides, MOST_RANKED, candidates, count, parts, stemmings};
use crate::delivery::search::{
    Facets, Finder, RankKey, SearchQuery, Snippet, Terms, facets, needs_dates, on_page, rank,
};
use crate::delivery::store::{self, Columns};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::filter::{Bound, Filter};
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{Flag, Query};
use crate::http::select::Selected;
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::ids::ArticleId;
use crate::text::search::mark_token;

/// The order of what is found.
type SearchSort = Sort<RankKey>;

/// What is searched for, in which articles, in which order, and what of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Words that an article has to have, each in any form with the same stem: `scars` finds `scar`. `"in quotation marks"`
    /// words stand beside each other and as they are written. `micro*`: words that begin so, with at least three letters.
    /// `-retinoid`, `-"deep scars"`: articles without it. `scars OR pores`: one of the two. All else is punctuation.
    #[param(inline, example = "\"large pores\" microneedl* -retinoid")]
    q: SearchQuery,
    /// How many articles a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same search.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Up to two keys, the first counts first. `-relevance`, the best first, unless given. What is put in order are the ranked
    /// articles: see `scope`.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-published_at", "-relevance"]))]
    sort: Option<SearchSort>,
    /// Whether to count all articles that are found, ranked or not.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// Has one of these tags, named by their slugs.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["skin"]))]
    tag: Slugs,
    /// Has one of these authors, named by their slugs.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["ada-example"]))]
    author: Slugs,
    /// Is in one of these languages.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["en", "pt-BR"]))]
    language: Languages,
    /// Was published in one of these years.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!([2024]))]
    year: Years,
    /// Cites a study made in one of these ways.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["randomized_trial"]))]
    design: Designs,
    /// `published_at` is later than this moment, or than this day in UTC.
    #[deserr(default)]
    #[param(inline, required = false, example = "2024-06-24")]
    published_after: Option<Bound>,
    /// `published_at` is earlier than this moment, or than this day in UTC.
    #[deserr(default)]
    #[param(inline, required = false, example = "2024-06-24T08:30:00Z")]
    published_before: Option<Bound>,
    /// `updated_at` is later than this moment, or than this day in UTC.
    #[deserr(default)]
    #[param(inline, required = false, example = "2024-06-24")]
    updated_after: Option<Bound>,
    /// `updated_at` is earlier than this moment, or than this day in UTC.
    #[deserr(default)]
    #[param(inline, required = false, example = "2024-06-24T08:30:00Z")]
    updated_before: Option<Bound>,
    /// What to count over the articles that are found.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["tag", "year"]))]
    facets: Option<FacetNames>,
    /// What to add to the articles: parts that are null otherwise.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["citations"]))]
    include: Option<Includes>,
    /// The members of the articles to give, all others are left out. What is named need not be included as well.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["title", "slug"]))]
    fields: Option<ArticleFields>,
    /// The forms in which sections have their text; those that `fields` names, else `html`, unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["html", "text"]))]
    body: Option<Bodies>,
}

impl Parameters {
    fn moments(&self) -> Moments {
        Moments {
            published_after: self.published_after,
            published_before: self.published_before,
            updated_after: self.updated_after,
            updated_before: self.updated_before,
        }
    }

    /// The terms, and what the filters say in tokens.
    fn narrowed(&self, terms: Terms) -> Terms {
        let terms = narrowed(terms, &self.tag, |slug| mark_token("tag", slug.as_str()));
        let terms = narrowed(terms, &self.author, |slug| mark_token("author", slug.as_str()));
        let terms = narrowed(terms, &self.language, |language| mark_token("lang", language.as_str()));
        let terms = narrowed(terms, &self.year, |year| mark_token("year", &year.0.to_string()));
        narrowed(terms, &self.design, |design| mark_token("design", design.as_str()))
    }
}

/// The terms, and one token of those that the filter names, and none of those that it negates.
fn narrowed<T>(terms: Terms, filter: &Filter<T>, token: impl Fn(&T) -> String) -> Terms {
    let terms = match &filter.any {
        Some(any) => terms.and(any.iter().map(&token)),
        None => terms,
    };
    terms.without(filter.none.iter().flatten().map(&token))
}

/// An article that is found, and where in it.
#[derive(Debug, Serialize, ToSchema)]
struct Hit {
    article: SelectedArticle,
    /// The parts that say most of what was searched for, at most three, the best first.
    #[schema(max_items = 3)]
    snippets: Vec<Snippet>,
}

/// What of all that is found was looked at.
#[derive(Debug, Serialize, ToSchema)]
struct Scope {
    /// How many articles were ranked, counted in `facets` and can be paged through.
    #[schema(value_type = i32, minimum = 0, maximum = 1000, example = 12)]
    ranked: usize,
    /// Whether these are all that are found. If not, they are the 1,000 of them that came onto the site last.
    complete: bool,
}

/// A page of what is found.
#[derive(Debug, Serialize, ToSchema)]
struct SearchList {
    #[schema(max_items = 100)]
    data: Vec<Hit>,
    /// Null unless asked for.
    facets: Option<Facets>,
    scope: Scope,
    page: PageInfo,
}

/// Search the published articles
///
/// In titles, subtitles, summaries, headings, texts and cited studies; the best first unless asked. Each article is searched in its own
/// language. Filters of different names all have to hold; of values joined by commas any may;
/// `not.` before the name of a filter leaves out what has any of the values. When more than 1,000 articles
/// are found, those that came onto the site last are ranked: see `scope`.
#[utoipa::path(
    operation_id = "search",
    tag = "search",
    params(Parameters),
    responses((status = 200, description = "The page.", body = SearchList, example = json!(examples::search()))),
)]
#[get("/v1/search")]
pub(super) async fn search(
    request: HttpRequest,
    state: State,
    Query(mut asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let window =
        Window::new(asked.limit, asked.sort.take().unwrap_or(Sort::down(RankKey::Relevance)), asked.cursor.take())?;
    let limit = window.limit;
    let selection = Selection::new(asked.include.take(), asked.fields.take(), asked.body.take());
    let read = state.db.read(move |conn| found(conn, &asked, &window, &selection));
    let Found { page, facets, scope, total, tags } = read.await?;
    let info = page.info(&request, limit, total);
    let list = SearchList { data: page.items, facets, scope, page: info };
    let tags = tags.into_iter().chain([Tag::all("articles")]);
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).to(&request))
}

struct Found {
    page: Page<Hit>,
    facets: Option<Facets>,
    scope: Scope,
    total: Option<i64>,
    tags: Vec<Tag>,
}

fn found(
    conn: &mut Conn,
    asked: &Parameters,
    window: &Window<RankKey>,
    selection: &Selection,
) -> Result<Found, Problem> {
    let expression = &asked.q.0;
    let stemmings = stemmings(conn)?;
    let besides = Besides { labels: asked.facets.is_some(), dates: needs_dates(&window.sort) };
    let (terms, moments) = (asked.narrowed(Terms::of(expression, &stemmings)), asked.moments());
    let mut candidates = candidates(conn, &terms, &moments, besides)?;
    let scope = Scope { ranked: candidates.len().min(MOST_RANKED), complete: candidates.len() <= MOST_RANKED };
    candidates.truncate(MOST_RANKED);
    let total = match (asked.count.unwrap_or_default().0, scope.complete) {
        (false, _) => None,
        (true, true) => Some(candidates.len() as i64),
        (true, false) => Some(count(conn, &terms, &moments)?),
    };
    let facets = asked.facets.as_ref().map(|names| facets(&names.0, &candidates)).transpose()?;
    let page = on_page(rank(expression, &stemmings, &candidates), window)?;
    let ids: Vec<ArticleId> = page.items.iter().map(|ranked| ranked.article).collect();
    let mut hits = hits(conn, &ids, &mut Finder::new(expression), selection)?;
    let page = Page { items: ids.iter().filter_map(|id| hits.remove(id)).collect(), next: page.next, prev: page.prev };
    Ok(Found { page, facets, scope, total, tags: tags_of(&ids, selection) })
}

fn hits(
    conn: &mut Conn,
    ids: &[ArticleId],
    finder: &mut Finder<'_>,
    selection: &Selection,
) -> Result<HashMap<ArticleId, Hit>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let publications = store::by_ids(conn, ids, Columns::of(selection))?;
    let parts = parts(conn, ids)?;
    let languages: Vec<(ArticleId, String)> = publications.iter().map(|it| (it.id, it.language.clone())).collect();
    let articles = assemble(conn, publications, selection)?;
    let hit = |((id, language), article): ((ArticleId, String), _)| {
        let snippets = parts.get(&id).map(|parts| finder.snippets(&language, parts)).unwrap_or_default();
        Ok((id, Hit { article: Selected::of(article, selection.fields.as_ref())?, snippets }))
    };
    languages.into_iter().zip(articles).map(hit).collect()
}
