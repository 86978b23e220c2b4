//! The library: `/v1/manage/studies`.

mod change;
mod create;
mod delete;
mod duplicates;
mod evidence;
mod import;
mod keys;
mod lookup;
mod merge;
mod notices;
mod read;
mod styles;

use serde_json::{Value, json};

use crate::support::{Reply, Site};

const STUDIES: &str = "/v1/manage/studies";

/// Adds a study with this record.
async fn add(site: &Site, csl: Value) -> Reply {
    site.post(STUDIES, &json!({"csl": csl})).await
}

/// The code and pointer of each fault of a 422.
#[track_caller]
fn faults(reply: &Reply) -> Vec<(String, String)> {
    let problem = reply.expect(422);
    let text = |fault: &Value, member: &str| fault[member].as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().expect("errors").iter();
    errors.map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
}

/// The records of the sample file; none, said loudly, where it is not there.
fn samples() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/samples/microneedling-studies.csl.json");
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).expect("records in JSON"),
        Err(error) => {
            eprintln!("\n*** {path}: {error}: THE SAMPLES ARE NOT TESTED ***\n");
            Vec::new()
        }
    }
}

/// An article of this text, which may cite.
async fn article(site: &Site, body: &str) -> Reply {
    let made = site.post("/v1/manage/articles", &json!({"title": "T", "sections": [{"body": body}]})).await;
    made.expect(201);
    made
}
