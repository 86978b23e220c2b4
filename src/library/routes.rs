//! `/v1/manage/studies`: the studies that articles cite.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::examples;
use super::model::{Design, NewStudy, Study, StudyPatch, StudyRef};
use super::schema::{CslDoi, CslPmid};
use super::store::{self, Change, Filter};
use super::view::{Studies, StudyView};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::identifiers::{Doi, IdentifierError, Pmid};
use crate::db::Conn;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::body::{Body, MergePatch};
use crate::http::etag::IfMatch;
use crate::http::fault::{Faults, Reason, text};
use crate::http::page::{Cursor, Limit, Page, Window};
use crate::http::query::{AnyOf, Flag, NoParameters, ParseText, Query};
use crate::ids::path_parameter;
use crate::publishing;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(get).service(patch).service(delete);
}

crate::words! {
    /// In which order studies come.
    StudySort {
        /// Changed last first.
        UpdatedDown = "-updated_at",
        /// Changed last last.
        UpdatedUp = "updated_at",
        /// By title, in the order of its letters' codes.
        TitleUp = "title",
        /// The other way round.
        TitleDown = "-title",
    }
}

impl ParseText for Design {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

/// A year to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i32, minimum = -9999, maximum = 9999, example = 2009)]
pub struct Year(i32);

impl ParseText for Year {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        let year = text.parse().ok().filter(|year: &i32| (-9999..=9999).contains(year) && year.to_string() == text);
        year.map(Self).ok_or_else(|| Reason::new("out_of_range", "Expected a year from -9999 to 9999."))
    }
}

/// An identifier to filter by, in any form in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<T>(T);

impl Deserr<Faults> for Wanted<Doi> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| Doi::parse(text).map(Self).map_err(unreadable))
    }
}

impl Deserr<Faults> for Wanted<Pmid> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| Pmid::parse(text).map(Self).map_err(unreadable))
    }
}

fn unreadable(error: IdentifierError) -> Reason {
    Reason::new("invalid_identifier", format!("Not an identifier: {error}."))
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many studies a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round.
    #[param(inline)]
    #[deserr(default)]
    sort: Option<StudySort>,
    /// Whether to count all studies.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only studies made in one of these ways.
    #[param(value_type = Option<Vec<Design>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    design: Option<AnyOf<Design>>,
    /// Only studies that came out in one of these years.
    #[param(inline, value_type = Option<Vec<Year>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    year: Option<AnyOf<Year>>,
    /// Only studies that a working copy cites, or that none does.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    cited: Option<Flag>,
    /// Only the study with this DOI.
    #[param(value_type = Option<CslDoi>)]
    #[deserr(default)]
    doi: Option<Wanted<Doi>>,
    /// Only the study with this PubMed id.
    #[param(value_type = Option<CslPmid>)]
    #[deserr(default)]
    pmid: Option<Wanted<Pmid>>,
}

impl ListParameters {
    fn filter(self) -> Filter {
        Filter {
            designs: self.design.map(|any| any.0),
            years: self.year.map(|any| any.0.into_iter().map(|year| year.0).collect()),
            cited: self.cited.map(|flag| flag.0),
            doi: self.doi.map(|wanted| wanted.0),
            pmid: self.pmid.map(|wanted| wanted.0),
        }
    }
}

/// How an address names a study.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct StudyPath {
    study: String,
}

impl IntoParams for StudyPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![path_parameter("study", "The study: its key, or its id.", "^[A-Za-z0-9_:.-]+$", 64, "majid2009")]
    }
}

impl StudyPath {
    fn read(&self) -> Result<StudyRef, Problem> {
        StudyRef::read(&self.study).ok_or_else(|| Problem::not_found("study"))
    }
}

/// The studies with what the library knows about them.
fn views(conn: &mut Conn, page: Page<Study>) -> Result<Page<StudyView>, Problem> {
    let ids: Vec<_> = page.items.iter().map(|study| study.id).collect();
    let mut cited = store::citing(conn, &ids)?;
    let Page { items, next, prev } = page;
    let items = items.into_iter().map(|study| {
        let cited = cited.remove(&study.id).unwrap_or_default();
        StudyView::new(study, cited)
    });
    Ok(Page { items: items.collect::<Result<_, _>>()?, next, prev })
}

fn view(conn: &mut Conn, study: Study) -> Result<StudyView, Problem> {
    let cited = store::citing(conn, &[study.id])?.remove(&study.id).unwrap_or_default();
    StudyView::new(study, cited)
}

fn answer(study: &StudyView) -> Result<Answer, Problem> {
    Ok(Answer::json(Caching::Private, study)?.version(study.version))
}

/// List the studies
///
/// The whole library, whether or not an article cites them.
#[utoipa::path(
    operation_id = "manage_studies_list",
    tag = "library",
    params(ListParameters),
    responses((status = 200, description = "One page of studies.", body = Studies, example = json!(examples::page()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/studies")]
async fn list(
    _: Permitted<op::StudiesList>,
    request: HttpRequest,
    state: State,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let mut query = query.0;
    let sort = query.sort.unwrap_or(StudySort::UpdatedDown).as_str();
    let window = Window::new(query.limit, sort, query.cursor.take())?;
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let filter = query.filter();
    let read = move |conn: &mut Conn| {
        let page = store::list(conn, &filter, &window)?;
        let total = if counted { Some(store::count(conn, &filter)?) } else { None };
        Ok((views(conn, page)?, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let answer = Studies { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// Add a study
///
/// A record in CSL-JSON, and what CSL has no variables for. DOI, PMID and PMCID are read in any usual form; two studies
/// cannot have the same. The record's `id` is the study's key: on the way in unless `key` says another, on the way out
/// always.
#[utoipa::path(
    operation_id = "manage_studies_create",
    tag = "library",
    request_body(content = NewStudy, description = "The study.", example = json!({
        "csl": {
            "type": "article-journal",
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "author": [{"family": "Majid", "given": "Imran"}],
            "container-title": "Journal of Cutaneous and Aesthetic Surgery",
            "issued": {"date-parts": [[2009, 1]]}, "volume": "2", "issue": "1", "page": "26-30",
            "DOI": "10.4103/0974-2077.53096", "PMID": "20300368"
        },
        "design": "case_series",
        "sample_size": 37
    })),
    responses((
        status = 201,
        description = "The study.",
        body = StudyView, example = json!(examples::study()),
    )),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_exists", "key_taken"]))),
)]
#[post("/v1/manage/studies")]
async fn create(
    _: Permitted<op::StudiesCreate>,
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
    body: Body<NewStudy>,
) -> Result<HttpResponse, Problem> {
    let (new, now) = (body.0, state.clock.now());
    let write = move |conn: &mut Conn| {
        let study = store::create(conn, new, now)?;
        view(conn, study)
    };
    let study = state.db.write(write).await?;
    let location = format!("/v1/manage/studies/{}", study.id);
    Ok(answer(&study)?.created(location).to(&request))
}

/// Read a study
///
/// With what its record lacks and how many articles cite it.
#[utoipa::path(
    operation_id = "manage_studies_get",
    tag = "library",
    params(StudyPath),
    responses((status = 200, description = "The study.", body = StudyView, example = json!(examples::study()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/studies/{study}")]
async fn get(
    _: Permitted<op::StudiesGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let reference = path.read()?;
    let read = move |conn: &mut Conn| {
        let study = store::study(conn, &reference)?;
        view(conn, study)
    };
    let study = state.db.read(read).await?;
    Ok(answer(&study)?.to(&request))
}

/// Change a study
///
/// A JSON Merge Patch (RFC 7396), down into the record: members that are not named stay as they are, lists are replaced
/// whole. Publications that cite the study are rendered anew. The key stays; the record's `id` may be sent back as it was read.
#[utoipa::path(
    operation_id = "manage_studies_patch",
    tag = "library",
    params(StudyPath, IfMatch),
    request_body(content(
        (StudyPatch = "application/merge-patch+json", example = json!({"csl": {"page": "26-30", "note": null}})),
        (StudyPatch = "application/json", example = json!({"design": "case_series", "sample_size": null})),
    ), description = "What changes."),
    responses((status = 200, description = "The study.", body = StudyView, example = json!(examples::study()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_exists"]))),
)]
#[patch("/v1/manage/studies/{study}")]
async fn patch(
    who: Permitted<op::StudiesPatch>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<StudyPatch>,
) -> Result<HttpResponse, Problem> {
    who.editor.may_overwrite(&if_match)?;
    let (reference, patch, now) = (path.read()?, body.0, state.clock.now());
    let write = move |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        let (study, change) = store::change(conn, &reference, &if_match, patch, now)?;
        if change == Change::Made {
            publishing::study_changed(conn, study.id, now)?;
        }
        view(conn, study)
    };
    let study = state.db.write(write).await?;
    Ok(answer(&study)?.to(&request))
}

/// Delete a study
///
/// Only one that no article cites.
#[utoipa::path(
    operation_id = "manage_studies_delete",
    tag = "library",
    params(StudyPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_cited"]))),
)]
#[delete("/v1/manage/studies/{study}")]
async fn delete(
    who: Permitted<op::StudiesDelete>,
    state: State,
    path: web::Path<StudyPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    who.editor.may_overwrite(&if_match)?;
    let reference = path.read()?;
    state.db.write(move |conn| store::delete(conn, &reference, &if_match)).await?;
    Ok(no_content())
}
