mod articles;
mod citations;
mod publishing;
pub mod reviews;
//mod citations;
//mod publishing;
mod revisions;
mod sections;
mod together;
mod translations;
mod trash;

use serde_json::{Value, json};

use crate::support::Site;

/// Puts a study of that key in the library.
pub async fn study(editor: &Site, key: &str) -> Value {
    let csl = json!({
        "type": "article-journal", "title": format!("About {key}"), "container-title": "Journal of Examples",
        "author": [{"family": "Example", "given": "Ada"}], "issued": {"date-parts": [[2020]]},
        "DOI": format!("10.5555/{key}"),
    });
    editor.post("/v1/manage/studies", &json!({"key": key, "csl": csl})).await.expect(201)
}

/// Creates an article of these section texts; answers its address and its ETag.
pub async fn article(editor: &Site, title: &str, bodies: &[&str]) -> (String, String) {
    let sections: Vec<Value> = bodies.iter().map(|body| json!({"body": body})).collect();
    let made = editor.post("/v1/manage/articles", &json!({"title": title, "sections": sections})).await;
    made.expect(201);
    (made.header("location").to_owned(), made.etag().to_owned())
}

/// The `number` and key of each citation.
pub fn numbers(citations: &Value) -> Vec<(i64, String)> {
    let citations = citations.as_array().expect("citations");
    let number = |citation: &Value| {
        (citation["number"].as_i64().expect("a number"), citation["study"]["key"].as_str().expect("a key").to_owned())
    };
    citations.iter().map(number).collect()
}
