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
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{Batch, Flag, Query};
use crate::http::select::{FieldsOf, Selected};
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::library::examples;
use crate::library::styles::store::{self, StyleKey};
use crate::library::styles::{StyleName, StyleQuery, StyleView};

/// A style or members of it.
type SelectedStyle = Selected<StyleView>;

/// Members of a style.
type StyleFields = FieldsOf<StyleView>;

/// The order of styles.
type StyleSort = Sort<StyleKey>;

/// Styles that are asked for by name.
type StyleBatch = Batch<StyleName>;

/// Which styles, in which order, and what of them.
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
    /// These styles, by name, in this order and on one page; other names that a style has lead to it. It goes with `q`, and not
    /// with `sort`, `limit` and `cursor`. `missing` names those that are not there or not found by `q`.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["vancouver", "apa"]))]
    ids: Option<StyleBatch>,
    /// Each of these words begins a word of the style's names or titles, whatever the case and the accents of the letters.
    #[deserr(default)]
    #[param(inline, required = false, example = "chicago author")]
    q: Option<StyleQuery>,
    /// Whether to count all styles that `q` finds.
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
    /// With `ids`: the names under which no style was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NameOfStyle>>)]
    missing: Option<Vec<String>>,
    /// The languages that references can be in, in every style: what `locale` takes.
    #[schema(max_items = 200, value_type = Vec<LocaleName>, example = json!(["de-DE", "en-US"]))]
    locales: Vec<&'static str>,
    page: PageInfo,
}

/// The name of a style, as it was asked for.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100, pattern = "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", example = "no-such-style")]
pub struct NameOfStyle(#[expect(dead_code, reason = "only its schema is used")] String);

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
    let usual = Sort::up(StyleKey::Name);
    let window = Window::or_named(asked.ids.as_ref(), asked.limit, asked.sort, usual, asked.cursor)?;
    let limit = window.limit;
    let (ids, query, counted) = (asked.ids.map(|Batch(ids)| ids), asked.q, asked.count.unwrap_or_default().0);
    let read = state.db.read(move |conn| {
        let (page, missing) = match &ids {
            None => (store::list(conn, query.as_ref(), &window)?, None),
            Some(names) => {
                let (items, missing) = store::batch(conn, query.as_ref(), names)?;
                (Page::whole(items), Some(missing))
            }
        };
        let total = counted.then(|| store::count(conn, query.as_ref())).transpose()?;
        Ok((page, total, missing))
    });
    let (page, total, missing) = read.await?;
    let info = page.info(&request, limit, total);
    let fields = asked.fields.map(|fields| fields.0);
    let select = |style| Selected::of(style, fields.as_ref());
    let data = page.items.into_iter().map(select).collect::<Result<_, _>>()?;
    let list = StyleList { data, missing, locales: locales().collect(), page: info };
    Ok(Answer::page(state.public(), &list, &list.page)?.tags([Tag::all("styles")]).to(&request))
}
