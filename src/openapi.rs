//! The contract: collected from the handlers, completed with what every operation has in common.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, OpenApi};

use crate::accounts::guard::covers;
use crate::accounts::permission::TABLE;
use crate::error::Code;
use crate::http::filter::{NEGATABLE, NOT};
use crate::http::idempotency;
use crate::http::limits::READING;
use crate::http::operations::{Collected, Operations};
use crate::http::problem::page_of;
use crate::http::writing;
use crate::preview;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ibid",
        description = include_str!("openapi_intro.md"),
        contact(name = "The ibid contributors"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(crate::http::problem::ProblemDocument, crate::http::fault::Fault)),
    tags(
        (name = "articles", description = "Reading published articles, their sections, citations and bibliographies."),
        (name = "site", description = "Following and finding what is published: feeds, sitemaps, robots.txt, llms.txt."),
        (name = "studies", description = "Reading the studies that published articles cite."),
        (name = "authors", description = "Reading who wrote the published articles."),
        (name = "tags", description = "Reading the tags of published articles."),
        (name = "following", description = "Keeping up with what is published: copies, events, old addresses."),
        (name = "search", description = "Searching published articles."),
        (name = "comments", description = "Reading and posting readers' comments."),
        (name = "working copies", description = "Writing articles: what editors edit and the public never sees."),
        (name = "redirects", description = "Where paths of the site lead that are there no longer."),
        (name = "previews", description = "Showing working copies to people without an account."),
        (name = "library", description = "Keeping the studies that articles cite."),
        (name = "notices", description = "What has become of studies: retractions, expressions of concern, corrections, reinstatements."),
        (name = "styles", description = "The citation styles that references are printed in, bundled and uploaded."),
        (name = "moderation", description = "Deciding about readers' comments."),
        (name = "accounts", description = "Signing in and out."),
        (name = "operations", description = "The server itself."),
    ),
)]
struct Base;

/// The whole document.
///
/// # Errors
/// When it cannot be made into JSON.
pub fn document() -> anyhow::Result<Value> {
    let mut collected = Collected { document: Base::openapi(), clashes: BTreeSet::new() };
    let all =
        |router: &mut web::ServiceConfig| crate::server::routes(&mut Operations::documented(router, &mut collected));
    drop(actix_web::App::new().configure(all));
    anyhow::ensure!(collected.clashes.is_empty(), "several schemas have the same name: {:?}", collected.clashes);
    let mut document = serde_json::to_value(collected.document)?;
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token from `POST /v1/auth/login`: a JWT (RFC 9068), signed with EdDSA and checked as \
                 RFC8725 has it.",
        },
    });
    document["servers"] = json!([
        {"url": "/", "x-internal": false, "description": "The production or local server that serves this document."},
    ]);
    complete::all(&mut document);
    Ok(document)
}

/// The document as it is committed and served.
pub fn text(document: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

/// Every operation that asks for a token has a line in the permission table and is behind the gate, and every
/// operation of the management door asks for a token.
///
/// # Errors
/// Names what is missing.
pub fn check_permissions(document: &Value) -> anyhow::Result<()> {
    let guarded: Vec<(&str, &str)> = operations(document)
        .filter(|(_, operation)| is_guarded(operation))
        .map(|(path, operation)| (path, operation["operationId"].as_str().unwrap_or_default()))
        .collect();
    for (path, id) in &guarded {
        anyhow::ensure!(TABLE.iter().any(|(line, _)| line == id), "no line of the permission table covers {id}");
        anyhow::ensure!(covers(path), "{path}: {id} is not behind the gate");
    }
    for (path, operation) in operations(document).filter(|(path, _)| path.starts_with("/v1/manage/")) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        anyhow::ensure!(guarded.contains(&(path, id)), "{path}: {id} asks for no token");
    }
    Ok(())
}

/// Whether an operation needs an access token.
fn is_guarded(operation: &Value) -> bool {
    let alternatives = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
    alternatives.iter().any(|needs| needs.as_object().is_some_and(|needs| !needs.is_empty()))
}

/// Path and operation, in the document's order.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let items = document["paths"].as_object().into_iter().flatten();
    items.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(_, operation)| (path.as_str(), operation))
    })
}

/// The interactive documentation, from the binary.
pub fn pages(config: &mut web::ServiceConfig) {
    let settings =
        utoipa_swagger_ui::Config::new(["/openapi.json"]).try_it_out_enabled(true).persist_authorization(true);
    config
        .route("/docs", web::get().to(|| async { web::Redirect::to("/docs/").permanent() }))
        .service(utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}").config(settings));
}

mod complete {
    //! What operations have in common and no handler should have to say.

    use super::*;

    pub fn all(document: &mut Value) {
        shared_headers(document);
        let paths = document["paths"].as_object_mut().into_iter().flatten();
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if method != "get" && writing::covers(path) {
                    write(operation);
                }
                parameters(operation);
                let goes_on = operation["responses"]["200"]["content"].get("text/event-stream").is_some();
                let kept = method == "get" && !goes_on;
                if kept {
                    conditional(operation);
                }
                problems(path, operation);
                headers(operation, kept && !covers(path) && !path.starts_with(preview::ADDRESS));
                if goes_on && let Some(headers) = operation["responses"]["200"]["headers"].as_object_mut() {
                    headers.remove("ETag");
                }
            }
        }
        // What an event says; of a stream as a whole no schema can say more than that it is a text.
        document["components"]["schemas"]["EventStream"]["contentSchema"] =
            json!({"$ref": "#/components/schemas/Event"});
        share_responses(document);
        examples(document);
        schemas(document);
    }

    /// Problem responses that many operations have in common stand once, under `components`.
    fn share_responses(document: &mut Value) {
        let mut shared: Map<String, Value> = Map::new();
        let items = document["paths"].as_object_mut().into_iter().flatten();
        let operations = items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
        for (_, operation) in operations {
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                let Some(examples) = response["content"]["application/problem+json"]["examples"].as_object() else {
                    continue;
                };
                let codes: Vec<&str> = examples.keys().map(String::as_str).collect();
                let name = format!("{status}.{}", codes.join("."));
                let reference = json!({"$ref": format!("#/components/responses/{name}")});
                shared.insert(name, std::mem::replace(response, reference));
            }
        }
        shared.sort_keys();
        document["components"]["responses"] = Value::Object(shared);
    }

    fn shared_headers(document: &mut Value) {
        document["components"]["headers"] = json!({
            "Access-Control-Allow-Origin": {
                "description": "Which pages may read the answer (CORS). Present when pages of any origin may, or the request's `Origin` is one of those that may.",
                "schema": {"type": "string", "maxLength": 2000, "pattern": "^.*$"},
            },
            "RequestId": {
                "description": "The id of the request: the client's own, if it sent a sane one.",
                "required": true,
                "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9._-]+$"},
            },
            "RateLimit": {
                "description": "How many requests are left, and for how long (draft-ietf-httpapi-ratelimit-headers). Absent where no limit is set.",
                "schema": {"type": "string", "maxLength": 200, "pattern": "^.*$"},
            },
            "RateLimitPolicy": {
                "description": "How many requests a client may make, and in how many seconds. Absent where no limit is set.",
                "schema": {"type": "string", "maxLength": 200, "pattern": "^.*$"},
            },
            "RetryAfter": {
                "description": "How many seconds to wait.",
                "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86400},
            },
            "Location": {
                "description": "The address of what was made, or the present address of what was asked for.",
                "required": true,
                "schema": {"type": "string", "format": "uri-reference", "maxLength": 8000},
            },
            "DryRun": {
                "description": "Nothing was changed: the request said `dry_run=true`.",
                "schema": {"type": "string", "enum": ["true"]},
            },
            "IdempotentReplayed": {
                "description": "The answer is the one that was given to the same request under its `Idempotency-Key` before. \
                    Problems that are given again have it, too.",
                "schema": {"type": "string", "enum": ["true"]},
            },
            "ETag": {
                "description": "The strong tag of this representation.",
                "schema": {"type": "string", "maxLength": 100, "pattern": "^\".*\"$"},
            },
            "CacheTag": {
                "description": "What the answer shows, for caches in front of ibid: `article:ID`, `articles` and the like; \
                    `everything` is on all of them. `Surrogate-Key` has the same with blanks. Absent where nobody says when the answer changes.",
                "schema": {"type": "string", "maxLength": 16000, "pattern": "^[a-z_]+(?::[^, ]+)?(?:,[a-z_]+(?::[^, ]+)?)*$"},
            },
            "CacheStatus": {
                "description": "Present on an answer that was right a while ago and is given because the database is away \
                    (RFC 9211).",
                "schema": {"type": "string", "maxLength": 100, "pattern": "^ibid; hit; detail=stale$"},
            },
        });
    }

    /// One example for each code that some operation answers.
    fn examples(document: &mut Value) {
        let text = document["components"]["responses"].to_string();
        let used = |code: &&Code| text.contains(&format!("#/components/examples/{}\"", code.as_str()));
        let example = |code: &Code| {
            json!({"summary": code.title(), "value": {
                "type": page_of(*code), "title": code.title(), "status": code.status(),
                "detail": code.meaning(), "instance": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
                "code": code.as_str(), "errors": [],
                "current_version": if *code == Code::VersionConflict { json!(4) } else { Value::Null },
                "changes": null, "existing": null, "articles": null, "operation": null,
            }})
        };
        let examples: Map<String, Value> =
            Code::ALL.iter().filter(used).map(|code| (code.as_str().to_owned(), example(code))).collect();
        document["components"]["examples"] = Value::Object(examples);
    }

    /// A parameter can be left out; it cannot be null. A filter has a second one that negates it.
    fn parameters(operation: &mut Value) {
        negations(operation);
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let kinds = parameter["schema"]["type"].as_array().cloned().unwrap_or_default();
            if let [kind, null] = kinds.as_slice()
                && null == "null"
            {
                parameter["schema"]["type"] = kind.clone();
            }
        }
    }

    fn negations(operation: &mut Value) {
        let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { return };
        let mut all = Vec::with_capacity(parameters.len());
        for mut parameter in std::mem::take(parameters) {
            let marked = parameter["schema"].as_object_mut().and_then(|schema| schema.shift_remove(NEGATABLE));
            let negation = marked.map(|_| {
                let mut negation = parameter.clone();
                let name = parameter["name"].as_str().unwrap_or_default();
                negation["name"] = json!(format!("{NOT}{name}"));
                negation["description"] = json!(format!(
                    "Leaves out what `{name}` with any of these values finds. It goes with `{name}` too."
                ));
                negation
            });
            all.push(parameter);
            all.extend(negation);
        }
        *parameters = all;
    }

    /// What is written can be tried, and sent again without being done again.
    fn write(operation: &mut Value) {
        let key = json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A new one for each request, such as a UUID, in quotes or without. Sent again with the same key, the \
                same request is not carried out again but answered as it was, with `Idempotent-Replayed: true`. A dry run \
                leaves the key free.",
            "schema": {
                "type": "string", "minLength": 1, "maxLength": idempotency::MOST_WRITTEN, "pattern": idempotency::PATTERN,
            },
        });
        if operation["parameters"].is_null() {
            operation["parameters"] = json!([]);
        }
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            let common = writing::Parameters::into_params(|| None).into_iter().map(|parameter| json!(parameter));
            let lacking: Vec<Value> =
                common.filter(|new| !parameters.iter().any(|own| own["name"] == new["name"])).collect();
            parameters.extend(lacking);
            parameters.push(key);
        }
        let codes = [Code::IdempotencyInFlight, Code::IdempotencyAnswerLost, Code::IdempotencyKeyReused];
        let mut named = operation["x-problems"].as_array().cloned().unwrap_or_default();
        named.extend(codes.map(|code| json!(code.as_str())));
        operation["x-problems"] = Value::Array(named);
        let responses = &mut operation["responses"];
        if responses.get("200").is_none()
            && let Some(mut tried) = responses.get("201").cloned()
        {
            tried["description"] = json!("With `dry_run=true`: what would be made. Nothing is.");
            responses["200"] = tried;
        }
        for (_, response) in
            responses.as_object_mut().into_iter().flatten().filter(|(status, _)| status.starts_with('2'))
        {
            response["headers"] = json!({
                "Dry-Run": {"$ref": "#/components/headers/DryRun"},
                "Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"},
            });
        }
    }

    /// What is read can be asked for on condition.
    fn conditional(operation: &mut Value) {
        let parameter = json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "ETags that the client has already: if one of them is the present one, the answer is 304.",
            "schema": {"type": "string", "maxLength": 4000, "pattern": "^.*$"},
        });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(parameter),
            None => operation["parameters"] = json!([parameter]),
        }
        operation["responses"]["304"] = json!({"description": "The client has the present representation already."});
    }

    /// The problems an operation can answer: those it names itself in `x-problems`, and those that follow from
    /// what it takes.
    fn problems(path: &str, operation: &mut Value) {
        let mut codes = vec![
            Code::InvalidParameter,
            Code::InvalidHeader,
            Code::MalformedRequest,
            Code::Unauthenticated,
            Code::RateLimited,
            Code::Internal,
        ];
        let named = operation["x-problems"].as_array().cloned().unwrap_or_default();
        codes.extend(named.iter().filter_map(Value::as_str).filter_map(Code::parse));
        if path.starts_with("/v1/") || path == "/readyz" || READING.iter().any(|prefix| path.starts_with(prefix)) {
            codes.extend([Code::DatabaseUnavailable, Code::DatabaseBusy]);
        }
        if operation.get("requestBody").is_some() {
            codes.extend([Code::InvalidJson, Code::BodyTooLarge, Code::UnsupportedMediaType, Code::ValidationFailed]);
        }
        if path.contains('{') {
            codes.push(Code::NotFound);
        }
        if is_guarded(operation) {
            codes.push(Code::Forbidden);
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        if let Some(if_match) = parameters.iter().find(|parameter| parameter["name"] == "If-Match") {
            codes.push(Code::VersionConflict);
            if if_match["required"] == true {
                codes.push(Code::PreconditionRequired);
            }
        }
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in codes {
            let same = by_status.entry(code.status()).or_default();
            if !same.contains(&code) {
                same.push(code);
            }
        }
        for (status, codes) in by_status {
            operation["responses"][status.to_string()] = response(&codes);
        }
        if let Some(operation) = operation.as_object_mut() {
            operation.remove("x-problems");
            // The empty requirement says "no token needed" where `[]` could be taken for an oversight.
            operation.entry("security").or_insert_with(|| json!([{}]));
        }
    }

    fn response(codes: &[Code]) -> Value {
        let description: Vec<String> =
            codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
        let example = |code: &Code| json!({"$ref": format!("#/components/examples/{}", code.as_str())});
        let examples: Map<String, Value> = codes.iter().map(|code| (code.as_str().to_owned(), example(code))).collect();
        json!({
            "description": description.join("\n\n"),
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": examples,
            }},
        })
    }

    /// `kept`: answers may be kept, here and in caches in front.
    fn headers(operation: &mut Value, kept: bool) {
        let Some(responses) = operation["responses"].as_object_mut() else { return };
        for (status, response) in responses {
            let headers = &mut response["headers"];
            if headers.is_null() {
                *headers = json!({});
            }
            headers["X-Request-Id"] = json!({"$ref": "#/components/headers/RequestId"});
            headers["RateLimit"] = json!({"$ref": "#/components/headers/RateLimit"});
            headers["RateLimit-Policy"] = json!({"$ref": "#/components/headers/RateLimitPolicy"});
            headers["Access-Control-Allow-Origin"] =
                json!({"$ref": "#/components/headers/Access-Control-Allow-Origin"});
            if status == "201" {
                headers["Location"] = json!({"$ref": "#/components/headers/Location"});
            }
            if matches!(status.as_str(), "429" | "503") {
                headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"});
            }
            if matches!(status.as_str(), "201" | "301" | "308") {
                headers["Location"] = json!({"$ref": "#/components/headers/Location"});
            }
            if matches!(status.as_str(), "200" | "201" | "304") {
                headers["ETag"] = json!({"$ref": "#/components/headers/ETag"});
            }
            if kept && matches!(status.as_str(), "200" | "301" | "304") {
                headers["Cache-Tag"] = json!({"$ref": "#/components/headers/CacheTag"});
            }
            if kept && matches!(status.as_str(), "200" | "304") {
                headers["Cache-Status"] = json!({"$ref": "#/components/headers/CacheStatus"});
            }
        }
    }

    /// A struct with a flattened one inside is one object: closed objects cannot be composed by `allOf`.
    fn flatten(document: &mut Value) {
        let schemas = document["components"]["schemas"].clone();
        let mut joined = Vec::new();
        let resolved = |part: &Value| match part["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
            Some(name) => schemas[name].clone(),
            None => part.clone(),
        };
        for (_, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
            let Some(parts) = schema["allOf"].as_array().map(|parts| parts.iter().map(resolved).collect::<Vec<_>>())
            else {
                continue;
            };
            let (mut properties, mut required) = (Map::new(), Vec::new());
            let references = schema["allOf"].as_array().into_iter().flatten().filter_map(|part| part["$ref"].as_str());
            joined.extend(references.filter_map(|to| to.rsplit('/').next()).map(str::to_owned));
            for part in &parts {
                properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
                required.extend(part["required"].as_array().cloned().unwrap_or_default());
            }
            let description = schema["description"].clone();
            *schema =
                json!({"type": "object", "description": description, "properties": properties, "required": required});
        }
        // What stands within others alone is no schema of its own any more.
        let used = names_in(&json!([document["paths"], document["components"]["responses"]]), document);
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            schemas.retain(|name, _| used.contains(name) || !joined.contains(name));
        }
    }

    /// Objects take no unknown members; what is answered always has all of them.
    fn schemas(document: &mut Value) {
        flatten(document);
        let asked = names_in(&requests(document), document);
        let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
        for (name, schema) in schemas {
            close(schema, !asked.contains(name));
        }
    }

    fn requests(document: &Value) -> Value {
        operations(document).map(|(_, operation)| operation["requestBody"].clone()).collect()
    }

    /// The names of the schemas that `within` refers to, directly or not.
    fn names_in(within: &Value, document: &Value) -> std::collections::BTreeSet<String> {
        let mut names = std::collections::BTreeSet::new();
        let mut open = vec![within.clone()];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(name) = members
                        .get("$ref")
                        .and_then(Value::as_str)
                        .and_then(|to| to.strip_prefix("#/components/schemas/"))
                        && names.insert(name.to_owned())
                    {
                        open.push(document["components"]["schemas"][name].clone());
                    }
                    open.extend(members.into_iter().map(|(_, value)| value));
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        names
    }

    fn close(schema: &mut Value, answered: bool) {
        match schema {
            Value::Object(members) => {
                // What is answered may be any text that was accepted; requests say themselves what they take.
                let is_text = members.get("type").is_some_and(|kind| {
                    kind == "string" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "string"))
                });
                let restricted = ["pattern", "format", "enum", "const"].iter().any(|key| members.contains_key(*key));
                if answered && is_text && !restricted {
                    members.insert("pattern".to_owned(), json!(r"^[\s\S]*$"));
                }
                if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                    let names: Vec<Value> = properties.keys().cloned().map(Value::String).collect();
                    members.entry("additionalProperties").or_insert(Value::Bool(false));
                    if answered {
                        members.insert("required".to_owned(), Value::Array(names));
                    }
                }
                for (_, below) in members.iter_mut() {
                    close(below, answered);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| close(item, answered)),
            _ => {}
        }
    }
}
