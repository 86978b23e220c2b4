use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Moved, OneArticle, Work, of_article, read_head};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::following::{
    Version, VersionKey, VersionNumber, VersionSummary, VersionsAsked, VersionsListed, list, one,
};
use crate::delivery::model::Moments;
use crate::delivery::printing::{LocaleTag, Wanted};
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::filter::Bound;
use crate::http::page::{Cursor, Limit, PageInfo, Window};
use crate::http::query::{Batch, Flag, Query};
use crate::http::select::{FieldsOf, Selected};
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::ids::ArticleRef;
use crate::library::styles::StyleName;

/// Members of a version.
type VersionFields = FieldsOf<Version>;
/// A version or members of it.
type SelectedVersion = Selected<Version>;
/// The order of versions.
type VersionSort = Sort<VersionKey>;
/// Versions that are asked for by number.
type VersionBatch = Batch<VersionNumber>;
/// Members of a version in a list.
type SummaryFields = FieldsOf<VersionSummary>;
/// A version in a list or members of it.
type SelectedSummary = Selected<VersionSummary>;

/// Which versions, in which order, and what of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OnePage {
    /// How many versions a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all versions that the bounds leave.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// `-version` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["version"]))]
    sort: Option<VersionSort>,
    /// These versions, named by their numbers, in this order and on one page. It goes with bounds, and not with `sort`,
    /// `limit` and `cursor`. `missing` names those that are not among what the bounds leave.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!([3, 2]))]
    ids: Option<VersionBatch>,
    /// `published_at` is later than this moment, or than this day in UTC.
    #[deserr(default)]
    #[param(inline, required = false, example = "2024-06-23")]
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
    #[param(inline, required = false, example = "2024-06-26T08:30:00Z")]
    updated_before: Option<Bound>,
    /// The members of the versions to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["version", "updated_at"]))]
    fields: Option<SummaryFields>,
}

impl OnePage {
    /// # Errors
    /// `invalid_parameter` for what does not go together.
    fn asked(self) -> Result<VersionsAsked, Problem> {
        let usual = Sort::down(VersionKey::Number);
        Ok(VersionsAsked {
            moments: Moments {
                published_after: self.published_after,
                published_before: self.published_before,
                updated_after: self.updated_after,
                updated_before: self.updated_before,
            },
            window: Window::or_named(self.ids.as_ref(), self.limit, self.sort, usual, self.cursor)?,
            ids: self.ids.map(|Batch(ids)| ids),
            counted: self.count.unwrap_or_default().0,
        })
    }
}

/// A page of the versions of an article.
#[derive(Debug, Serialize, ToSchema)]
struct VersionList {
    #[schema(max_items = 100)]
    data: Vec<SelectedSummary>,
    /// With `ids`: the numbers under which no version was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NumberOfVersion>>)]
    missing: Option<Vec<String>>,
    page: PageInfo,
}

/// The number of a version, as it was asked for.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 10, pattern = "^[1-9][0-9]{0,9}$", example = "7")]
struct NumberOfVersion(#[expect(dead_code, reason = "only its schema is used")] String);

/// List the versions of a published article
///
/// Every publication is one and stays; the newest first unless asked. `is_current` marks what the article is now. A version
/// that was replaced by an ibid before this list existed is not in it.
#[utoipa::path(
    operation_id = "versions_list",
    tag = "articles",
    params(OneArticle, OnePage),
    responses(
        (status = 200, description = "The page.", body = VersionList, example = json!(examples::version_list())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/versions")]
pub(super) async fn versions_list(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(mut asked): Query<OnePage>,
) -> Result<HttpResponse, Problem> {
    let fields = asked.fields.take().map(|fields| fields.0);
    let asked = asked.asked()?;
    let limit = asked.window.limit;
    let read = move |conn: &mut Conn, publication: Publication| Ok(Work::Done(list(conn, publication.id, &asked)?));
    let answer = |VersionsListed { page, total, missing }| {
        let info = page.info(&request, limit, total);
        let select = |version| Selected::of(version, fields.as_ref());
        let data = page.items.into_iter().map(select).collect::<Result<_, _>>()?;
        let list = VersionList { data, missing, page: info };
        Answer::page(state.public(), &list, &list.page)
    };
    of_article(&state, &request, path.into_inner().article, Columns::default(), read, answer).await
}

/// The version that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneVersion {
    /// The article's slug or its id: with the id the address is permanent. An old slug is answered with 301 to the present
    /// one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// The number of the publication.
    #[param(value_type = i32, minimum = 1, maximum = 2147483647, example = 2)]
    version: String,
}

/// How references are printed, and what of the version.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parts {
    /// The citation style, bundled or uploaded; the one that the version was published in unless given. `/v1/styles` lists
    /// them.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the references; the version's unless given. `/v1/styles` lists them; of other
    /// dialects the nearest is taken.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["title", "cite_as.text"]))]
    fields: Option<VersionFields>,
}

/// Get a version of a published article
///
/// As it was published then, with how to cite it. The text, its references and what was known of the studies stay as they were
/// when another version took its place; the current version follows its studies, and alone tells what has become of them.
/// When the article is unpublished, its versions are withdrawn with it; when it is published again, they are back.
/// `cite_as` and the citations follow `style` and `locale`.
#[utoipa::path(
    operation_id = "versions_get",
    tag = "articles",
    params(OneVersion, Parts),
    responses(
        (status = 200, description = "The version.", body = SelectedVersion, example = json!(examples::version())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/versions/{version}")]
pub(super) async fn versions_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneVersion>,
    Query(asked): Query<Parts>,
) -> Result<HttpResponse, Problem> {
    let OneVersion { article, version } = path.into_inner();
    let wanted = Wanted { style: asked.style, locale: asked.locale };
    let fields = asked.fields.map(|fields| fields.0);
    let (site, url) = (state.settings.site.name.clone(), state.settings.public_url());
    let read = move |conn: &mut Conn, publication: Publication| {
        // Compared as it is written, so that a version has one address: no `01`, no `+1`.
        let number = version.parse().ok().filter(|number: &i32| number.to_string() == version);
        let number = number.ok_or_else(|| Problem::not_found("version"))?;
        let found = one(conn, read_head(&publication)?, number, &wanted)?;
        Ok(Work::Left(Box::new(move || found.version(&site, &url))))
    };
    // How it is cited is printed for this answer, in a style that can be changed.
    let answer = |version| {
        let version = Selected::of(version, fields.as_ref())?;
        Ok(Answer::json(state.public(), &version)?.tags([Tag::all("styles")]))
    };
    of_article(&state, &request, article, Columns::default(), read, answer).await
}
