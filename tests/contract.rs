//! The contract: what is committed is what the binary prints, and nothing in it is left unsaid.

use ibid::accounts::permission::TABLE;
use ibid::openapi;
use serde_json::Value;

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_one_that_the_binary_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let printed = openapi::text(&openapi::document().unwrap()).unwrap();
    let differs = committed.lines().zip(printed.lines()).position(|(a, b)| a != b);
    assert!(committed == printed, "from line {differs:?}: run `cargo run -- openapi > openapi/openapi.json`");
}

#[test]
fn every_operation_says_what_it_is() {
    let document = openapi::document().unwrap();
    let mut ids = std::collections::HashSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id.to_owned()), "{name}: a unique id");
        for member in ["summary", "description"] {
            assert!(operation[member].as_str().is_some_and(|text| text.len() > 8), "{name}: a {member}");
        }
        assert!(operation["security"].is_array(), "{name}: whether it needs a token");
        let responses = operation["responses"].as_object().unwrap();
        for status in ["400", "401", "429", "500"] {
            assert!(responses.contains_key(status), "{name}: the problem {status}");
        }
        let succeeds = |status: &str| status.starts_with('2');
        assert!(responses.keys().any(|status| succeeds(status)), "{name}: how it succeeds");
    }
}

#[test]
fn every_request_and_every_success_has_an_example() {
    let document = openapi::document().unwrap();
    let has_example = |media: &Value| media.get("example").is_some() || media.get("examples").is_some();
    let mut lacking = Vec::new();
    for (name, operation) in operations(&document) {
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        let successes =
            operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
        let answers = successes.flat_map(|(_, response)| response["content"].as_object().into_iter().flatten());
        for (media_type, media) in bodies.chain(answers) {
            if !has_example(media) {
                lacking.push(format!("{name} {media_type}"));
            }
        }
    }
    assert!(lacking.is_empty(), "no example: {lacking:#?}");
}

#[test]
fn every_line_of_the_permission_table_is_an_operation() {
    let document = openapi::document().unwrap();
    openapi::check_permissions(&document).unwrap();
    let ids: Vec<&str> = operations(&document).into_iter().filter_map(|(_, op)| op["operationId"].as_str()).collect();
    for (line, _) in TABLE {
        assert!(ids.contains(line), "{line}");
    }
}
