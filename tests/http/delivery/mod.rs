mod article;
mod articles;
mod asking;
mod bibliography;
mod cache;
mod discovery;
mod every_read;
mod evidence;
mod feeds;
mod fixture;
mod following;
mod formats;
mod in_front;
mod parts;
mod reviews;
mod search;
mod statements;
mod studies;
mod translations;

use serde_json::Value;

/// The `slug` of every item of a page.
fn slugs(page: &Value) -> Vec<&str> {
    let items = page["data"].as_array().expect("data").iter();
    items.map(|item| item["slug"].as_str().expect("a slug")).collect()
}

/// The detail of the fault of a parameter.
fn fault<'a>(problem: &'a Value, parameter: &str) -> &'a str {
    let faults = problem["errors"].as_array().expect("errors");
    let fault = faults.iter().find(|fault| fault["parameter"] == parameter);
    fault.unwrap_or_else(|| panic!("no fault of {parameter}: {problem}"))["detail"].as_str().expect("a detail")
}
