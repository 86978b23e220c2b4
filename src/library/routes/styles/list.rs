//! `GET /v1/styles`

use actix_web::{HttpRequest, HttpResponse, get};
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::State;
use crate::citing::bibliography::locales;
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, PageInfo, Window};
use crate::http::query::{Flag, Query};
use crate::http::select::{FieldsOf, Selected};
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::library::examples;
use crate::library::styles::StyleView;
use crate::library::styles::store::{self, StyleKey};

/// A style or members of it.
type SelectedStyle = Selected<StyleView>;

/// Members of a style.
type StyleFields = FieldsOf<StyleView>;

/// The order of styles.
type StyleSort = Sort<StyleKey>;

/// Which page.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many styles a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 100)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// `name` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-name"]))]
    sort: Option<StyleSort>,
    /// Whether to count all styles.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["name", "title"]))]
    fields: Option<StyleFields>,
}

/// A page of citation styles.
#[derive(Debug, Serialize, ToSchema)]
struct StyleList {
    #[schema(max_items = 100)]
    data: Vec<SelectedStyle>,
    /// The languages that references can be in, in every style: what `locale` takes.
    #[schema(max_items = 200, value_type = Vec<LocaleName>, example = json!(["de-DE", "en-US"]))]
    locales: Vec<&'static str>,
    page: PageInfo,
}

/// A language with its country.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 35, pattern = "^[a-z]{2,3}(?:-[A-Za-z]{2,8}){0,3}$", example = "en-US")]
pub struct LocaleName(#[expect(dead_code, reason = "only its schema is used")] String);

/// List the citation styles
///
/// By their names: those that come with ibid and those that editors uploaded.
#[utoipa::path(
    operation_id = "styles_list",
    tag = "styles",
    params(Parameters),
    responses((status = 200, description = "The page.", body = StyleList, example = json!(examples::style_list()))),
)]
#[get("/v1/styles")]
pub(super) async fn list(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let window = Window::new(asked.limit, asked.sort.unwrap_or(Sort::up(StyleKey::Name)), asked.cursor)?;
    let limit = window.limit;
    let counted = asked.count.unwrap_or_default().0;
    let read = state.db.read(move |conn| {
        let total = counted.then(|| store::count(conn)).transpose()?;
        Ok((store::list(conn, &window)?, total))
    });
    let (page, total) = read.await?;
    let info = page.info(&request, limit, total);
    let fields = asked.fields.map(|fields| fields.0);
    let select = |style| Selected::of(style, fields.as_ref());
    let data = page.items.into_iter().map(select).collect::<Result<_, _>>()?;
    let list = StyleList { data, locales: locales().collect(), page: info };
    Ok(Answer::page(state.public(), &list, &list.page)?.tags([Tag::all("styles")]).to(&request))
}
