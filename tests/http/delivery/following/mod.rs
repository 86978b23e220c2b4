//! Following what is published: copies, events, old addresses, versions.

mod events;
mod nodes;
mod redirects;
mod sync;
mod versions;

use serde_json::{Value, json};

use crate::publishing::publish;
use crate::support::Site;

/// Changes these members of the working copy and publishes it.
async fn change(editor: &Site, address: &str, members: Value) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&members).send().await.expect(200);
    publish(editor, address).await;
}

/// Takes the publication down.
async fn unpublish(editor: &Site, address: &str) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("POST", &format!("{address}/unpublish")).if_match(etag).send().await.expect(200);
}

/// A reader's comment; answers its management address.
async fn comment(site: &Site, slug: &str) -> String {
    let body = json!({"name": "Ida", "email": "ida@secret.example", "body": "Mine did not."});
    let posted = site.anonymous().post(&format!("/v1/articles/{slug}/comments"), &body).await.expect(201);
    format!("/v1/manage/comments/{}", posted["id"].as_str().expect("an id"))
}

/// Decides about a comment.
async fn decide(editor: &Site, comment: &str, status: &str) {
    editor.request("PATCH", comment).json(&json!({"status": status})).send().await.expect(200);
}

/// Mends the title of a study.
async fn mend(editor: &Site, key: &str, title: &str) {
    let address = format!("/v1/manage/studies/{key}");
    loop {
        let etag = editor.get(&address).await.etag().to_owned();
        let request = editor.request("PATCH", &address).if_match(etag).json(&json!({"csl": {"title": title}}));
        let mended = request.send().await;
        // Somebody else mended it at the same time.
        if mended.status != 412 {
            mended.expect(200);
            return;
        }
    }
}
