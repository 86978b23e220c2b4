//! What operators and integrators ask of the server itself: is it alive, is it ready, what is its contract, what
//! does an error code mean.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::State;
use crate::db::Backend;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::operations::Operations;
use crate::http::query::{NoParameters, Query};
use crate::http::tag::Tag;
use crate::on;

pub fn routes(config: &mut Operations<'_>) {
    config.service(livez).service(readyz).service(contract);
}

/// The pages behind `type` in problem documents; not part of the contract.
pub fn problem_pages(config: &mut web::ServiceConfig) {
    config.service(problem_index).service(problem_page);
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`; anything else is a problem document.
    #[schema(max_length = 10, example = "ok")]
    status: &'static str,
    /// The version of ibid.
    #[schema(max_length = 40, example = "0.1.0")]
    version: &'static str,
    /// The database: sqlite or postgres; null where it was not asked.
    #[schema(max_length = 10, example = "sqlite")]
    database: Option<&'static str>,
}

fn health(database: Option<&'static str>) -> Health {
    Health { status: "ok", version: env!("CARGO_PKG_VERSION"), database }
}

/// Is the process alive
///
/// Answers as long as the process serves requests, whatever the database does.
#[utoipa::path(
    operation_id = "livez",
    tag = "operations",
    responses((status = 200, description = "It is.", body = Health, example = json!({
        "status": "ok", "version": "0.1.0", "database": null
    }))),
)]
#[get("/livez")]
async fn livez(request: HttpRequest, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    Ok(Answer::json(Caching::Private, &health(None))?.to(&request))
}

/// Can the server do its work
///
/// Asks the database; 503 when it does not answer, so that a balancer sends requests elsewhere.
#[utoipa::path(
    operation_id = "readyz",
    tag = "operations",
    responses((status = 200, description = "It can.", body = Health, example = json!({
        "status": "ok", "version": "0.1.0", "database": "sqlite"
    }))),
)]
#[get("/readyz")]
async fn readyz(request: HttpRequest, state: State, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    use diesel::prelude::*;
    state.db.read(|conn| Ok(on!(conn, c => diesel::sql_query("SELECT 1").execute(c))?)).await?;
    let database = match state.db.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    Ok(Answer::json(Caching::Private, &health(Some(database)))?.to(&request))
}

/// The contract itself: any JSON object, as OpenAPI 3.1 describes it.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct Contract(#[expect(dead_code, reason = "only its schema is used")] serde_json::Value);

/// The contract
///
/// This document: every operation of the server, in OpenAPI 3.1.
#[utoipa::path(
    operation_id = "contract",
    tag = "operations",
    responses((status = 200, description = "The document.", body = Contract, example = json!({
        "openapi": "3.1.0", "info": {"title": "ibid"}, "paths": {}
    }))),
)]
#[get("/openapi.json")]
async fn contract(
    request: HttpRequest,
    document: web::Data<ContractText>,
    state: State,
    _: Query<NoParameters>,
) -> HttpResponse {
    Answer::bytes(state.public(), "application/json", document.0.clone().into_bytes())
        .tags([Tag::all("contract")])
        .to(&request)
}

/// The contract as it is served.
pub struct ContractText(pub String);

#[get("/docs/problems")]
async fn problem_index() -> HttpResponse {
    let rows: String = Code::ALL
        .iter()
        .map(|code| {
            let (status, name, title) = (code.status(), code.as_str(), code.title());
            format!("<tr><td>{status}<td><a href=\"/docs/problems/{name}\"><code>{name}</code></a><td>{title}")
        })
        .collect();
    page("Problems", &format!("<table><tr><th>Status<th>Code<th>Title{rows}</table>"))
}

#[get("/docs/problems/{code}")]
async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::parse(&code).ok_or_else(|| Problem::not_found("problem"))?;
    let meaning = markdown(code.meaning());
    let content = format!(
        "<p><code>{}</code>, status {}</p>{meaning}<p><a href=\"/docs/problems\">All problems</a></p>",
        code.as_str(),
        code.status()
    );
    Ok(page(code.title(), &content))
}

fn markdown(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(text));
    html
}

fn page(title: &str, content: &str) -> HttpResponse {
    let style = "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\
                 td,th{text-align:left;padding:.2rem .8rem .2rem 0}";
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .body(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title} · ibid</title><style>{style}</style><h1>{title}</h1>{content}"
        ))
}
