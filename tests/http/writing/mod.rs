//! What all writes have in common: they can be tried, and sent again.

mod batch;
mod dry_run;
mod idempotency;

use ibid::db::{Backend, Conn};
use ibid::on;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Reply, Request, Site};

/// A study that Crossref knows.
const DOI: &str = "10.5555/looked.up";

async fn crossref_knows(services: &MockServer, doi: &str, delay: u64) {
    let work = json!({"status": "ok", "message": {
        "type": "journal-article", "DOI": doi, "title": ["Looked up"], "issued": {"date-parts": [[2009]]},
        "updated-by": [{"DOI": "10.5555/notice", "type": "correction", "updated": {"date-parts": [[2021, 2, 3]]}}],
    }});
    let answer = ResponseTemplate::new(200).set_body_json(&work).set_delay(std::time::Duration::from_millis(delay));
    Mock::given(method("GET")).and(path(format!("/crossref/works/{doi}"))).respond_with(answer).mount(services).await;
}

/// Whether the operation of the contract is a write that can be tried and sent again.
fn writes(path: &str, method: &str) -> bool {
    method != "get" && path.starts_with("/v1/") && !path.starts_with("/v1/auth/")
}

/// Every operation of the contract: address, method, and itself.
fn operations() -> Vec<(String, String, Value)> {
    let contract = ibid::openapi::document().expect("the contract");
    let paths = contract["paths"].as_object().expect("paths").iter();
    let each = paths.flat_map(|(path, item)| {
        let methods = item.as_object().expect("an item").iter();
        methods.map(move |(method, operation)| (path.clone(), method.clone(), operation.clone()))
    });
    each.collect()
}

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

fn texts(conn: &mut Conn, sql: &str) -> Vec<String> {
    use diesel::prelude::*;
    let rows: Vec<Text> =
        on!(conn, c => diesel::sql_query(sql).load(c)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.text).collect()
}

/// Every row of every table but those of `lookups`, where answers from elsewhere are kept whoever asked for them.
async fn dump(site: &Site) -> Vec<String> {
    let backend = site.state.db.backend();
    let read = move |conn: &mut Conn| {
        let tables = match backend {
            Backend::Sqlite => {
                "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            }
            Backend::Postgres => {
                "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
            }
        };
        let mut rows = Vec::new();
        for table in texts(conn, tables).into_iter().filter(|table| table != "lookups") {
            let sql = match backend {
                Backend::Sqlite => {
                    let columns = texts(conn, &format!("SELECT name AS text FROM pragma_table_info('{table}')"));
                    let quoted: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
                    format!("SELECT {} AS text FROM \"{table}\" ORDER BY 1", quoted.join(" || ' ' || "))
                }
                Backend::Postgres => format!("SELECT to_jsonb(t)::text AS text FROM \"{table}\" t ORDER BY 1"),
            };
            rows.extend(texts(conn, &sql).into_iter().map(|row| format!("{table}: {row}")));
        }
        Ok(rows)
    };
    site.state.db.read(read).await.expect("the database")
}

/// A request in JSON under a key.
fn keyed(site: &Site, path: &str, key: &str, body: &Value) -> Request {
    site.request("POST", path).header("Idempotency-Key", key).json(body)
}

fn is_replayed(reply: &Reply) -> bool {
    reply.header("idempotent-replayed") == "true"
}
