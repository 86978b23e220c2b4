//! `/v1/manage/articles/{article}/citations`: which studies the article cites. The version is the article's.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::{change, read};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::editorial::draft::{Draft, all_keys};
use crate::editorial::examples;
use crate::editorial::model::{CitationPatch, MOST_CITATIONS, NewCitation};
use crate::editorial::view::{WorkingCitation, WorkingCitations, WorkingCopy};
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::body::{Body, MergePatch};
use crate::http::etag::IfMatch;
use crate::http::list::AtMost;
use crate::http::query::{NoParameters, Query};
use crate::ids::{ArticleRef, CitationId, path_parameter};
use crate::library::store as library;

/// How an address names a citation of a working copy.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct CitationPath {
    article: ArticleRef,
    citation: String,
}

impl utoipa::IntoParams for CitationPath {
    fn into_params(within: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ArticleRef::into_params(within);
        let example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11";
        parameters.push(path_parameter("citation", "The citation's id.", "^[A-Za-z0-9-]+$", 36, example));
        parameters
    }
}

impl CitationPath {
    fn citation(&self) -> Result<CitationId, Problem> {
        CitationId::parse(&self.citation).ok_or_else(|| Problem::not_found("citation"))
    }
}

fn citation_of(copy: &WorkingCopy, id: CitationId) -> Result<&WorkingCitation, Problem> {
    copy.citations.iter().find(|citation| citation.id == id).ok_or_else(|| Problem::not_found("citation"))
}

fn answer_all(request: &HttpRequest, copy: WorkingCopy) -> Result<HttpResponse, Problem> {
    let version = copy.article.version;
    Ok(Answer::json(Caching::Private, &WorkingCitations { data: copy.citations })?.version(version).to(request))
}

/// List an article's citations
///
/// In the order of their numbers: by first appearance of their markers, then the entries without a marker.
#[utoipa::path(
    operation_id = "manage_citations_list",
    tag = "working copies",
    params(ArticleRef),
    responses((status = 200, description = "The citations.", body = WorkingCitations, example = json!(examples::citations()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/citations")]
pub async fn list(
    who: Permitted<op::CitationsList>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let copy = read(&state, article.into_inner(), who.editor).await?;
    answer_all(&request, copy)
}

/// Cite a study
///
/// It is listed after the marked ones until a marker in the text cites it too.
#[utoipa::path(
    operation_id = "manage_citations_create",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content = NewCitation, description = "The study.", example = json!({"study": "majid2009"})),
    responses((
        status = 201,
        description = "The citation. The ETag is the article's new version.",
        body = WorkingCitation, example = json!(examples::citation()),
    )),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["already_cited"]))),
)]
#[post("/v1/manage/articles/{article}/citations")]
pub async fn create(
    who: Permitted<op::CitationsCreate>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<NewCitation>,
) -> Result<HttpResponse, Problem> {
    let new = body.0;
    let edit = move |conn: &mut Conn, draft: &mut Draft| {
        let names = library::resolve(conn, &[new.study.as_str().to_owned()].into())?;
        draft.add_citation(&new, &names)
    };
    let (copy, id) = change(&state, article.into_inner(), who.editor, if_match, edit).await?;
    let location = format!("/v1/manage/articles/{}/citations/{id}", copy.article.id);
    let citation = citation_of(&copy, id)?;
    let answer = Answer::json(Caching::Private, citation)?.version(copy.article.version);
    Ok(answer.created(location).to(&request))
}

/// Read a citation
///
/// With its present number and the sections that cite it.
#[utoipa::path(
    operation_id = "manage_citations_get",
    tag = "working copies",
    params(CitationPath),
    responses((status = 200, description = "The citation. The ETag is the article's version.", body = WorkingCitation, example = json!(examples::citation()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/citations/{citation}")]
pub async fn get(
    who: Permitted<op::CitationsGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<CitationPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = path.citation()?;
    let copy = read(&state, path.article, who.editor).await?;
    let citation = citation_of(&copy, id)?;
    Ok(Answer::json(Caching::Private, citation)?.version(copy.article.version).to(&request))
}

/// Change a citation
///
/// A JSON Merge Patch (RFC 7396). The evidence level says how strong the study is for the question of this article (Oxford
/// CEBM 2011); null gives it back to the default, which follows from the study's design.
#[utoipa::path(
    operation_id = "manage_citations_patch",
    tag = "working copies",
    params(CitationPath, IfMatch),
    request_body(content(
        (CitationPatch = "application/merge-patch+json", example = json!({"evidence_level": "2"})),
        (CitationPatch = "application/json", example = json!({"evidence_level": null})),
    ), description = "What changes."),
    responses((status = 200, description = "The citation. The ETag is the article's new version.", body = WorkingCitation, example = json!(examples::citation()))),
    security(("bearer" = [])),
)]
#[patch("/v1/manage/articles/{article}/citations/{citation}")]
pub async fn patch(
    who: Permitted<op::CitationsPatch>,
    request: HttpRequest,
    state: State,
    path: web::Path<CitationPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<CitationPatch>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = path.citation()?;
    let edit = move |_: &mut Conn, draft: &mut Draft| draft.patch_citation(id, body.0);
    let (copy, ()) = change(&state, path.article, who.editor, if_match, edit).await?;
    let citation = citation_of(&copy, id)?;
    Ok(Answer::json(Caching::Private, citation)?.version(copy.article.version).to(&request))
}

/// Remove a citation
///
/// Only when no marker in the text cites the study and no claim names it.
#[utoipa::path(
    operation_id = "manage_citations_delete",
    tag = "working copies",
    params(CitationPath, IfMatch),
    responses((status = 200, description = "The citations that are left. The ETag is the article's new version.", body = WorkingCitations, example = json!(examples::citations()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["citation_marked", "citation_claimed"]))),
)]
#[delete("/v1/manage/articles/{article}/citations/{citation}")]
pub async fn delete(
    who: Permitted<op::CitationsDelete>,
    request: HttpRequest,
    state: State,
    path: web::Path<CitationPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = path.citation()?;
    let edit = move |conn: &mut Conn, draft: &mut Draft| {
        let names = library::resolve(conn, &all_keys(&draft.marked()).map(str::to_owned).collect())?;
        draft.remove_citation(id, &names)
    };
    let (copy, ()) = change(&state, path.article, who.editor, if_match, edit).await?;
    answer_all(&request, copy)
}

/// Reorder all citations
///
/// The body names every citation of the article once. Markers decide the numbers of what they cite; the order decides
/// those of the entries without a marker.
#[utoipa::path(
    operation_id = "manage_citations_order",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content = inline(CitationOrder), description = "The ids of all citations.", example = json!([
        "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e12"
    ])),
    responses((status = 200, description = "The citations. The ETag is the article's new version.", body = WorkingCitations, example = json!(examples::citations()))),
    security(("bearer" = [])),
)]
#[put("/v1/manage/articles/{article}/citations/order")]
pub async fn order(
    who: Permitted<op::CitationsOrder>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<AtMost<CitationId, MOST_CITATIONS>>,
) -> Result<HttpResponse, Problem> {
    let edit = move |_: &mut Conn, draft: &mut Draft| draft.order_citations(&body.0.0);
    let (copy, ()) = change(&state, article.into_inner(), who.editor, if_match, edit).await?;
    answer_all(&request, copy)
}

/// The ids of all citations of an article.
#[derive(utoipa::ToSchema)]
#[schema(value_type = Vec<CitationId>, max_items = 5000)]
pub struct CitationOrder(#[expect(dead_code, reason = "only its schema is used")] Vec<CitationId>);
