//! What the lists of articles have in common: which articles, in which order, and what of them.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{assemble, listed, tags_of};
use crate::clock::Clock;
use crate::db::Conn;
use crate::delivery::article::Article;
use crate::delivery::model::{
    ArticleFields, ArticleKey, ArticleNames, ArticleSort, Bodies, Designs, Filters, Includes, Languages, Levels,
    Moments, SelectedArticle, Selection, Slugs, StudyNames,
};
use crate::delivery::search::{SearchQuery, Searched, matching};
use crate::delivery::store::{self, Columns};
use crate::error::Problem;
use crate::http::deadline::Deadline;
use crate::http::fault::Faults;
use crate::http::filter::Bound;
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{Batch, Flag};
use crate::http::select::Selected;
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::ids::{ArticleId, ArticleRef, StudyId};
use crate::publishing::document::ReviewOverdue;

/// Which articles, in which order, and what of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
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
    /// Up to four keys, the first counts first. `-published_at` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-published_at", "title"]))]
    sort: Option<ArticleSort>,
    /// These articles, named by id or slug, in this order and on one page; old slugs lead to the present articles. It goes
    /// with filters, and not with `sort`, `limit` and `cursor`. `missing` names those that are not among what the filters leave.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["microneedling-for-large-pores"]))]
    ids: Option<ArticleNames>,
    /// Is found by this query, in the language of `/v1/search`; the order stays that of `sort`.
    #[deserr(default)]
    #[param(inline, required = false, example = "\"large pores\" -retinoid")]
    q: Option<SearchQuery>,
    /// Has one of these slugs.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["microneedling-for-large-pores"]))]
    slug: Slugs,
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
    /// Cites one of these studies, named by key, id or DOI. A DOI with a comma in it cannot be written here.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["10.4103/0974-2077.53096"]))]
    cites: StudyNames,
    /// Has a citation of one of these levels of evidence (Oxford CEBM 2011).
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["1", "2"]))]
    evidence_level: Levels,
    /// Cites a study made in one of these ways.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["randomized_trial"]))]
    design: Designs,
    /// `true`: cites a study that is retracted or under an expression of concern; `false`: cites none.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = false)]
    retracted: Option<Flag>,
    /// `true`: the day by which its next review is due is before today in UTC; `false`: it is not, or none is due.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    review_overdue: Option<Flag>,
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
    /// What to add: parts that are null otherwise.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["sections", "citations"]))]
    include: Option<Includes>,
    /// The members to give, all others are left out. What is named need not be included as well.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["title", "slug", "sections.heading"]))]
    fields: Option<ArticleFields>,
    /// The forms in which sections have their text; those that `fields` names, else `html`, unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["html", "text"]))]
    body: Option<Bodies>,
}

/// What is asked.
pub struct Asked {
    window: Window<ArticleKey>,
    query: Option<SearchQuery>,
    filters: Filters,
    ids: Option<Vec<ArticleRef>>,
    selection: Selection,
    counted: bool,
}

impl Parameters {
    /// # Errors
    /// `invalid_parameter` for what does not go together.
    pub fn asked(self, clock: &Clock) -> Result<Asked, Problem> {
        let filters = Filters {
            matching: None,
            slugs: self.slug,
            tags: self.tag,
            authors: self.author,
            languages: self.language,
            cites: self.cites,
            study: None,
            levels: self.evidence_level,
            designs: self.design,
            retracted: self.retracted.map(|flag| flag.0),
            overdue: self.review_overdue.map(|Flag(is)| ReviewOverdue { is, on: clock.today() }),
            moments: Moments {
                published_after: self.published_after,
                published_before: self.published_before,
                updated_after: self.updated_after,
                updated_before: self.updated_before,
            },
        };
        let usual = Sort::down(ArticleKey::Published);
        Ok(Asked {
            window: Window::or_named(self.ids.as_ref(), self.limit, self.sort, usual, self.cursor)?,
            query: self.q,
            filters,
            ids: self.ids.map(|Batch(ids)| ids),
            selection: Selection::new(self.include, self.fields, self.body),
            counted: self.count.unwrap_or_default().0,
        })
    }
}

/// What is found.
pub struct Found {
    pub page: Page<Article>,
    pub total: Option<i64>,
    /// Names under which nothing is, where articles were asked for by name.
    pub missing: Option<Vec<String>>,
}

impl Asked {
    pub fn limit(&self) -> Limit {
        self.window.limit
    }

    /// From when on the answer is another one, even if nothing is changed.
    pub fn deadline(&self, clock: &Clock) -> Option<Deadline> {
        self.filters.overdue.map(|overdue| Deadline::end_of(overdue.on, clock))
    }

    /// Of the articles that cite this study.
    pub fn citing(mut self, study: StudyId) -> Self {
        self.filters.study = Some(study);
        self
    }

    /// Reads the page. The number of statements is the same, whatever it holds.
    ///
    /// # Errors
    /// `invalid_parameter` for a cursor of another list.
    pub fn read(&mut self, conn: &mut Conn) -> Result<Found, Problem> {
        let query = self.query.as_ref();
        self.filters.matching = query.map(|query| matching(conn, query, Searched::Articles)).transpose()?;
        let columns = Columns::of(&self.selection);
        let list = |conn: &mut Conn| store::list(conn, &self.filters, &self.window, columns);
        let batch = |conn: &mut Conn, names: &[ArticleRef]| store::batch(conn, &self.filters, names, columns);
        let (Page { items, next, prev }, missing) = listed(conn, self.ids.as_deref(), list, batch)?;
        let items = assemble(conn, items, &self.selection)?;
        let total = self.counted.then(|| store::count(conn, &self.filters)).transpose()?;
        Ok(Found { page: Page { items, next, prev }, total, missing })
    }

    /// The tags of an answer that shows these.
    pub fn tags(&self, articles: &[Article]) -> Vec<Tag> {
        let ids: Vec<ArticleId> = articles.iter().map(|article| article.id).collect();
        let mut tags = tags_of(&ids, &self.selection);
        tags.push(Tag::all("articles"));
        tags
    }

    /// What of the articles is asked for.
    ///
    /// # Errors
    /// `internal`
    pub fn select(&self, article: Article) -> Result<Selected<Article>, Problem> {
        Selected::of(article, self.selection.fields.as_ref())
    }
}

/// A page of published articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleList {
    #[schema(max_items = 100)]
    pub data: Vec<SelectedArticle>,
    /// With `ids`: the names under which no article was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NameOfArticle>>)]
    pub missing: Option<Vec<String>>,
    pub page: PageInfo,
}

/// The slug or the id of an article.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "no-such-article")]
pub struct NameOfArticle(#[expect(dead_code, reason = "only its schema is used")] String);
