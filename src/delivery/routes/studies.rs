use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::model::{Designs, SelectedStudy, StudyFields, StudyFilters, StudyName, StudySort, Years};
use crate::delivery::search::{SearchQuery, Searched, matching};
use crate::delivery::store::{self, CitedStudy};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{Flag, NoParameters, Query};
use crate::http::select::Selected;
use crate::http::tag::Tag;
use crate::publishing::document::PublishedStudy;

/// Which studies, in which order, and what of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many studies a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all studies that the filters leave.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// `title` unless given.
    #[deserr(default)]
    #[param(inline, example = "-year")]
    sort: Option<StudySort>,
    /// Is found by this query, in the language of `/v1/search`: by its title, authors, journal, year, key and numbers.
    #[deserr(default)]
    #[param(inline, required = false, example = "majid scars")]
    q: Option<SearchQuery>,
    /// Was made in one of these ways.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["randomized_trial", "meta_analysis"]))]
    design: Option<Designs>,
    /// Came out in one of these years.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!([2009]))]
    year: Option<Years>,
    /// `true`: is retracted or under an expression of concern; `false`: is neither.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    retracted: Option<Flag>,
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["key", "title", "doi"]))]
    fields: Option<StudyFields>,
}

/// A page of studies.
#[derive(Debug, Serialize, ToSchema)]
struct StudyList {
    #[schema(value_type = Vec<SelectedStudy>, max_items = 100)]
    data: Vec<Selected<Box<RawValue>>>,
    page: PageInfo,
}

/// List the studies that published articles cite
///
/// A study of the library that no published article cites is not among them. Filters of different names all have to hold; of
/// values joined by commas any may.
#[utoipa::path(
    operation_id = "studies_list",
    tag = "studies",
    params(Parameters),
    responses((status = 200, description = "The page.", body = StudyList, example = json!(examples::study_list()))),
)]
#[get("/v1/studies")]
pub(super) async fn studies_list(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let sort = asked.sort.unwrap_or(StudySort::Title);
    let window = Window::new(asked.limit, sort.as_str(), asked.cursor)?;
    let limit = window.limit;
    let query = asked.q;
    let mut filters = StudyFilters {
        matching: None,
        designs: asked.design,
        years: asked.year,
        retracted: asked.retracted.map(|flag| flag.0),
    };
    let read = state.db.read(move |conn| {
        filters.matching = query.map(|query| matching(conn, &query, Searched::Studies)).transpose()?;
        let Page { items, next, prev } = store::studies(conn, &filters, sort, &window)?;
        let tags: Vec<Tag> = items.iter().map(|study| Tag::one("study", study.study_id)).collect();
        let fields = asked.fields.map(|fields| fields.0);
        let select = |study| Selected::of(document(study)?, fields.as_ref());
        let items = items.into_iter().map(select).collect::<Result<_, Problem>>()?;
        let total = asked.count.unwrap_or_default().0.then(|| store::study_count(conn, &filters)).transpose()?;
        Ok((Page { items, next, prev }, total, tags))
    });
    let (page, total, tags) = read.await?;
    let info = page.info(&request, limit, total);
    let list = StudyList { data: page.items, page: info };
    let tags = tags.into_iter().chain([Tag::all("studies")]);
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).to(&request))
}

/// The study as it was published.
fn document(study: CitedStudy) -> Result<Box<RawValue>, Problem> {
    let id = study.study_id;
    RawValue::from_string(study.document)
        .map_err(|error| Problem::internal(format!("the published study {id} cannot be read: {error}")))
}

/// The study that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OneStudy {
    /// Its key or its id.
    #[param(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    key: String,
}

impl OneStudy {
    /// The published study of that name.
    pub fn find(&self, conn: &mut Conn) -> Result<CitedStudy, Problem> {
        let name = StudyName::read(&self.key).filter(|name| !matches!(name, StudyName::Doi(_)));
        let found = name.map(|name| store::study(conn, &name)).transpose()?.flatten();
        found.ok_or_else(|| Problem::not_found("study"))
    }
}

/// Get a study that published articles cite
///
/// By its key or its id.
#[utoipa::path(
    operation_id = "studies_get",
    tag = "studies",
    params(OneStudy),
    responses((status = 200, description = "The study.", body = PublishedStudy, example = json!(examples::study()))),
)]
#[get("/v1/studies/{key}")]
pub(super) async fn studies_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneStudy>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let study = state.db.read(move |conn| path.find(conn)).await?;
    let updated_at = study.updated_at;
    let tags = [Tag::one("study", study.study_id), Tag::all("studies")];
    Ok(Answer::json(state.public(), &document(study)?)?.last_modified(updated_at).tags(tags).to(&request))
}
