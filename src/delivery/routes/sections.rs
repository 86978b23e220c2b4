use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parts::{Asked, Facets, Given, Leaves, Listed, One, Part, get_part, list_part};
use super::{Moved, OneArticle};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::model::{
    Anchors, Bodies, Formats, SectionBatch, SectionFields, SectionKey, SectionSort, SelectedSection,
};
use crate::delivery::printing::Wanted;
use crate::delivery::sections::sections;
use crate::delivery::store::Columns;
use crate::error::Problem;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, PageInfo, Window};
use crate::http::query::{Batch, Flag, Query};
use crate::http::sort::Sort;
use crate::ids::ArticleRef;

fn part(formats: Formats) -> Part {
    let columns = Columns { bodies: formats.beyond_html(), ..Columns::SECTIONS };
    Part { columns, text: Box::new(move |publication| sections(publication, formats)) }
}

/// Which sections, and what of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many sections a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all sections that the filters leave.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// `position` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-position"]))]
    sort: Option<SectionSort>,
    /// These sections, named by anchor or id, in this order and on one page. It goes with filters, and not with `sort`,
    /// `limit` and `cursor`. `missing` names those that are not among what the filters leave.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["what-the-studies-found"]))]
    ids: Option<SectionBatch>,
    /// Has one of these anchors.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["what-the-studies-found"]))]
    anchor: Anchors,
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["heading", "text"]))]
    fields: Option<SectionFields>,
    /// The forms of the text; those that `fields` names, else `html`, unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["html", "text"]))]
    body: Option<Bodies>,
}

/// What names a section.
#[derive(Deserialize)]
struct Named {
    id: String,
    anchor: String,
}

impl Facets for Named {
    fn is_named(&self, name: &str) -> bool {
        self.anchor == name || self.id == name
    }
}

/// A page of the sections of an article.
#[derive(Debug, Serialize, ToSchema)]
struct SectionList {
    /// As they were published.
    #[schema(value_type = Vec<SelectedSection>, max_items = 100)]
    data: Vec<Given>,
    /// With `ids`: the names under which no section was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NameOfSection>>)]
    missing: Option<Vec<String>>,
    page: PageInfo,
}

/// The anchor or the id of a section.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "no-such-section")]
struct NameOfSection(#[expect(dead_code, reason = "only its schema is used")] String);

/// List the sections of a published article
///
/// In their order. The article with `include=sections` has all of them at once.
#[utoipa::path(
    operation_id = "sections_list",
    tag = "articles",
    params(OneArticle, Parameters),
    responses(
        (status = 200, description = "The page.", body = SectionList, example = json!(examples::section_list())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/sections")]
pub(super) async fn sections_list(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let usual = Sort::up(SectionKey::Position);
    let window = Window::or_named(asked.ids.as_ref(), asked.limit, asked.sort, usual, asked.cursor)?;
    let fields = asked.fields.map(|fields| fields.0);
    let formats = Formats::new(asked.body.as_ref(), fields.as_ref(), "");
    let anchors = asked.anchor;
    let leaves = (!anchors.is_empty()).then(|| -> Leaves<Named> {
        Box::new(move |section| anchors.leaves(|anchor| anchor.as_str() == section.anchor))
    });
    let names = asked.ids.map(|Batch(names)| names.iter().map(ToString::to_string).collect());
    let (counted, present) = (asked.count.unwrap_or_default().0, HashMap::new());
    let asked = Asked { window, counted, names, present, leaves, fields };
    let list = |Listed { data, missing, page }| SectionList { data, missing, page };
    list_part(&state, &request, path.into_inner().article, part(formats), asked, Wanted::default(), list).await
}

/// The section that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneSection {
    /// The article's slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// The section's anchor.
    #[param(max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "what-the-studies-found")]
    anchor: String,
}

/// What of the section.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parts {
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["heading", "text"]))]
    fields: Option<SectionFields>,
    /// The forms of the text; those that `fields` names, else `html`, unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["html", "text"]))]
    body: Option<Bodies>,
}

/// Get a section of a published article
///
/// By its anchor.
#[utoipa::path(
    operation_id = "sections_get",
    tag = "articles",
    params(OneSection, Parts),
    responses(
        (status = 200, description = "The section.", body = SelectedSection, example = json!(examples::section())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/sections/{anchor}")]
pub(super) async fn sections_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneSection>,
    Query(asked): Query<Parts>,
) -> Result<HttpResponse, Problem> {
    let OneSection { article, anchor } = path.into_inner();
    let fields = asked.fields.map(|fields| fields.0);
    let formats = Formats::new(asked.body.as_ref(), fields.as_ref(), "");
    let is = move |section: Named| section.anchor == anchor;
    let one = One { is, what: "section", fields };
    get_part(&state, &request, article, part(formats), Wanted::default(), one).await
}
