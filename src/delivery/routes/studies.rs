use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::listed;
use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::model::{
    Designs, Dois, Identifiers, Pmcids, Pmids, SelectedStudy, StudyBatch, StudyFields, StudyFilters, StudyIncludes,
    StudyName, StudySelection, StudySort, StudySortKey, Years,
};
use crate::delivery::search::{SearchQuery, Searched, matching};
use crate::delivery::store::studies::{self as store, CitedStudy};
use crate::delivery::studies::assemble;
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::{Fault, Faults};
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{Batch, Flag, Query, invalid};
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::library::Year;

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
    /// Up to four keys, the first counts first. `title` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-year", "title"]))]
    sort: Option<StudySort>,
    /// These studies, named by key, id or DOI, in this order and on one page; names that they had before lead to them. It
    /// goes with filters, and not with `sort`, `limit` and `cursor`. `missing` names those that are not among what the
    /// filters leave. A DOI with a comma in it cannot be written here.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["majid2009"]))]
    ids: Option<StudyBatch>,
    /// Is found by this query, in the language of `/v1/search`: by its title, authors, journal, year, key and numbers.
    #[deserr(default)]
    #[param(inline, required = false, example = "majid scars")]
    q: Option<SearchQuery>,
    /// Was made in one of these ways.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["randomized_trial", "meta_analysis"]))]
    design: Designs,
    /// Came out in one of these years.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!([2009]))]
    year: Years,
    /// Came out in this year or later.
    #[deserr(default)]
    #[param(inline, required = false, example = 2000)]
    year_from: Option<Year>,
    /// Came out in this year or earlier.
    #[deserr(default)]
    #[param(inline, required = false, example = 2010)]
    year_to: Option<Year>,
    /// Has an identifier of one of these kinds.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["pmid"]))]
    has: Identifiers,
    /// Has one of these DOIs. One with a comma in it cannot be written here.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["10.4103/0974-2077.53096"]))]
    doi: Dois,
    /// Has one of these numbers of PubMed.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["20300368"]))]
    pmid: Pmids,
    /// Has one of these numbers of PubMed Central.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["PMC2840919"]))]
    pmcid: Pmcids,
    /// `true`: is retracted or under an expression of concern; `false`: is neither.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    retracted: Option<Flag>,
    /// What to add: parts that are null otherwise.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["articles"]))]
    include: Option<StudyIncludes>,
    /// The members to give, all others are left out. What is named need not be included as well.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["key", "title", "doi"]))]
    fields: Option<StudyFields>,
}

/// A page of studies.
#[derive(Debug, Serialize, ToSchema)]
struct StudyList {
    #[schema(max_items = 100)]
    data: Vec<SelectedStudy>,
    /// With `ids`: the names under which no study was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NameOfStudy>>)]
    missing: Option<Vec<String>>,
    page: PageInfo,
}

/// The key, the id or the DOI of a study.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 1014, example = "nobody1999")]
struct NameOfStudy(#[expect(dead_code, reason = "only its schema is used")] String);

/// List the studies that published articles cite
///
/// A study of the library that no published article cites is not among them. Filters of different names all have to hold; of
/// values joined by commas any may; `not.` before the name of a filter leaves out what has any of the values.
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
    if let (Some(from), Some(to)) = (asked.year_from, asked.year_to)
        && from.0 > to.0
    {
        return Err(invalid(vec![Fault::of("year_to", "out_of_range", "It is before `year_from`.")]));
    }
    let usual = Sort::up(StudySortKey::Title);
    let window = Window::or_named(asked.ids.as_ref(), asked.limit, asked.sort, usual, asked.cursor)?;
    let limit = window.limit;
    let query = asked.q;
    let mut filters = StudyFilters {
        matching: None,
        designs: asked.design,
        years: asked.year,
        year_from: asked.year_from.map(|year| year.0),
        year_to: asked.year_to.map(|year| year.0),
        has: asked.has,
        dois: asked.doi,
        pmids: asked.pmid,
        pmcids: asked.pmcid,
        retracted: asked.retracted.map(|flag| flag.0),
    };
    let selection = StudySelection::new(asked.include, asked.fields);
    let (ids, counted) = (asked.ids.map(|Batch(ids)| ids), asked.count.unwrap_or_default().0);
    let read = state.db.read(move |conn| {
        filters.matching = query.map(|query| matching(conn, &query, Searched::Studies)).transpose()?;
        let list = |conn: &mut Conn| store::list(conn, &filters, &window);
        let batch = |conn: &mut Conn, names: &[StudyName]| store::batch(conn, &filters, names);
        let (Page { items, next, prev }, missing) = listed(conn, ids.as_deref(), list, batch)?;
        let tags: Vec<Tag> = items.iter().map(|study| Tag::one("study", study.study_id)).collect();
        let items = assemble(conn, items, &selection)?;
        let total = counted.then(|| store::count(conn, &filters)).transpose()?;
        Ok((Page { items, next, prev }, total, missing, tags))
    });
    let (page, total, missing, tags) = read.await?;
    let info = page.info(&request, limit, total);
    let list = StudyList { data: page.items, missing, page: info };
    let tags = tags.into_iter().chain([Tag::all("studies")]);
    Ok(Answer::page(state.public(), &list, &list.page)?.tags(tags).to(&request))
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
        let found = name.map(|name| store::find(conn, &name)).transpose()?.flatten();
        found.ok_or_else(|| Problem::not_found("study"))
    }
}

/// What of the study.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parts {
    /// What to add: parts that are null otherwise.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["articles"]))]
    include: Option<StudyIncludes>,
    /// The members to give, all others are left out. What is named need not be included as well.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["key", "title", "doi"]))]
    fields: Option<StudyFields>,
}

/// Get a study that published articles cite
///
/// By its key or its id. The articles that cite it come with it on request. `Last-Modified` is there when they do not.
#[utoipa::path(
    operation_id = "studies_get",
    tag = "studies",
    params(OneStudy, Parts),
    responses((status = 200, description = "The study.", body = SelectedStudy, example = json!(examples::cited_study()))),
)]
#[get("/v1/studies/{key}")]
pub(super) async fn studies_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneStudy>,
    Query(asked): Query<Parts>,
) -> Result<HttpResponse, Problem> {
    let selection = StudySelection::new(asked.include, asked.fields);
    let frozen = !selection.wants_articles();
    let read = move |conn: &mut Conn| {
        let row = path.find(conn)?;
        let (id, updated_at) = (row.study_id, row.updated_at);
        let study = assemble(conn, vec![row], &selection)?.pop();
        Ok((study.ok_or_else(|| Problem::not_found("study"))?, id, updated_at))
    };
    let (study, id, updated_at) = state.db.read(read).await?;
    let answer = Answer::json(state.public(), &study)?.tags([Tag::one("study", id), Tag::all("studies")]);
    Ok(if frozen { answer.last_modified(updated_at) } else { answer }.to(&request))
}
