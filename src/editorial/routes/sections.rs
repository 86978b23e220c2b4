//! `/v1/manage/articles/{article}/sections`: one section at a time. The version is the article's.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::{change, read};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::editorial::draft::Draft;
use crate::editorial::examples;
use crate::editorial::model::{MOST_SECTIONS, NewSection, SectionPatch};
use crate::editorial::view::{WorkingCopy, WorkingSection, WorkingSections};
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::body::{Body, MergePatch};
use crate::http::etag::IfMatch;
use crate::http::list::AtMost;
use crate::http::query::{NoParameters, Query};
use crate::ids::{ArticleRef, SectionId, path_parameter};

/// How an address names a section of a working copy.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct SectionPath {
    article: ArticleRef,
    section: String,
}

impl utoipa::IntoParams for SectionPath {
    fn into_params(within: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ArticleRef::into_params(within);
        let example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11";
        parameters.push(path_parameter("section", "The section's id.", "^[A-Za-z0-9-]+$", 36, example));
        parameters
    }
}

impl SectionPath {
    fn section(&self) -> Result<SectionId, Problem> {
        SectionId::parse(&self.section).ok_or_else(|| Problem::not_found("section"))
    }
}

fn section_of(copy: &WorkingCopy, id: SectionId) -> Result<&WorkingSection, Problem> {
    copy.sections.iter().find(|section| section.id == id).ok_or_else(|| Problem::not_found("section"))
}

fn answer(request: &HttpRequest, copy: &WorkingCopy, id: SectionId) -> Result<HttpResponse, Problem> {
    let section = section_of(copy, id)?;
    Ok(Answer::json(Caching::Private, section)?.version(copy.article.version).to(request))
}

fn answer_all(request: &HttpRequest, copy: WorkingCopy) -> Result<HttpResponse, Problem> {
    let version = copy.article.version;
    Ok(Answer::json(Caching::Private, &WorkingSections { data: copy.sections })?.version(version).to(request))
}

/// List an article's sections
///
/// All sections of the working copy, in order.
#[utoipa::path(
    operation_id = "manage_sections_list",
    tag = "working copies",
    params(ArticleRef),
    responses((status = 200, description = "The sections.", body = WorkingSections, example = json!(examples::sections()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/sections")]
pub async fn list(
    who: Permitted<op::SectionsList>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let copy = read(&state, article.into_inner(), who.editor).await?;
    answer_all(&request, copy)
}

/// Add a section
///
/// To the end, or before the section that has the given position now.
#[utoipa::path(
    operation_id = "manage_sections_create",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content = NewSection, description = "The section.", example = json!({
        "heading": "What the studies found", "body": "Scars improved in most patients."
    })),
    responses((
        status = 201,
        description = "The section. The ETag is the article's new version.",
        body = WorkingSection, example = json!(examples::section()),
    )),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["anchor_taken"]))),
)]
#[post("/v1/manage/articles/{article}/sections")]
pub async fn create(
    who: Permitted<op::SectionsCreate>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<NewSection>,
) -> Result<HttpResponse, Problem> {
    let edit = move |_: &mut Conn, draft: &mut Draft| draft.add_section(body.0);
    let (copy, id) = change(&state, article.into_inner(), who.editor, if_match, edit).await?;
    let location = format!("/v1/manage/articles/{}/sections/{id}", copy.article.id);
    let section = section_of(&copy, id)?;
    let answer = Answer::json(Caching::Private, section)?.version(copy.article.version);
    Ok(answer.created(location).to(&request))
}

/// Read a section
///
/// As it stands in the working copy.
#[utoipa::path(
    operation_id = "manage_sections_get",
    tag = "working copies",
    params(SectionPath),
    responses((status = 200, description = "The section. The ETag is the article's version.", body = WorkingSection, example = json!(examples::section()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/sections/{section}")]
pub async fn get(
    who: Permitted<op::SectionsGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<SectionPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = path.section()?;
    let copy = read(&state, path.article, who.editor).await?;
    answer(&request, &copy, id)
}

/// Change or move a section
///
/// A JSON Merge Patch (RFC 7396). The anchor stays when the heading changes, so that links into the article hold.
#[utoipa::path(
    operation_id = "manage_sections_patch",
    tag = "working copies",
    params(SectionPath, IfMatch),
    request_body(content(
        (SectionPatch = "application/merge-patch+json", example = json!({"body": "Scars improved in 34 of 36 patients."})),
        (SectionPatch = "application/json", example = json!({"position": 1})),
    ), description = "What changes."),
    responses((status = 200, description = "The section. The ETag is the article's new version.", body = WorkingSection, example = json!(examples::section()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["anchor_taken"]))),
)]
#[patch("/v1/manage/articles/{article}/sections/{section}")]
pub async fn patch(
    who: Permitted<op::SectionsPatch>,
    request: HttpRequest,
    state: State,
    path: web::Path<SectionPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<SectionPatch>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = path.section()?;
    let edit = move |_: &mut Conn, draft: &mut Draft| draft.patch_section(id, body.0);
    let (copy, ()) = change(&state, path.article, who.editor, if_match, edit).await?;
    answer(&request, &copy, id)
}

/// Delete a section
///
/// The citations that only its markers brought go with it; the others are numbered anew.
#[utoipa::path(
    operation_id = "manage_sections_delete",
    tag = "working copies",
    params(SectionPath, IfMatch),
    responses((status = 200, description = "The sections that are left. The ETag is the article's new version.", body = WorkingSections, example = json!(examples::sections()))),
    security(("bearer" = [])),
)]
#[delete("/v1/manage/articles/{article}/sections/{section}")]
pub async fn delete(
    who: Permitted<op::SectionsDelete>,
    request: HttpRequest,
    state: State,
    path: web::Path<SectionPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = path.section()?;
    let edit = move |_: &mut Conn, draft: &mut Draft| draft.remove_section(id);
    let (copy, ()) = change(&state, path.article, who.editor, if_match, edit).await?;
    answer_all(&request, copy)
}

/// Reorder all sections
///
/// The body names every section of the article once, in the order that is wanted.
#[utoipa::path(
    operation_id = "manage_sections_order",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content = inline(SectionOrder), description = "The ids of all sections.", example = json!([
        "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e12"
    ])),
    responses((status = 200, description = "The sections. The ETag is the article's new version.", body = WorkingSections, example = json!(examples::sections()))),
    security(("bearer" = [])),
)]
#[put("/v1/manage/articles/{article}/sections/order")]
pub async fn order(
    who: Permitted<op::SectionsOrder>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<AtMost<SectionId, MOST_SECTIONS>>,
) -> Result<HttpResponse, Problem> {
    let edit = move |_: &mut Conn, draft: &mut Draft| draft.order_sections(&body.0.0);
    let (copy, ()) = change(&state, article.into_inner(), who.editor, if_match, edit).await?;
    answer_all(&request, copy)
}

/// The ids of all sections of an article.
#[derive(utoipa::ToSchema)]
#[schema(value_type = Vec<SectionId>, max_items = 500)]
pub struct SectionOrder(#[expect(dead_code, reason = "only its schema is used")] Vec<SectionId>);
