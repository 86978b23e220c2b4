//! Many editors at one article: no change is lost.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{article, numbers, study};
use crate::support::{Reply, Site, both};

const EDITORS: usize = 50;

/// What one of the editors adds, under the ETag of what they have read.
async fn add(editor: &Site, address: &str, number: usize, read: &Reply) -> Reply {
    let copy = read.json();
    let send = async |method: &str, path: String, body: Value| {
        editor.request(method, &path).if_match(read.etag()).json(&body).send().await
    };
    match number % 4 {
        0 => {
            send("POST", format!("{address}/sections"), json!({"heading": format!("Section {number}"), "body": "x"}))
                .await
        }
        1 => {
            let section = &copy["sections"][0];
            let body = format!("{} w{number}", section["body"].as_str().expect("a text"));
            send(
                "PATCH",
                format!("{address}/sections/{}", section["id"].as_str().expect("an id")),
                json!({"body": body}),
            )
            .await
        }
        2 => send("POST", format!("{address}/citations"), json!({"study": format!("s{number}")})).await,
        _ => {
            let summary = format!("{} w{number}", copy["summary"].as_str().expect("a text"));
            send("PATCH", address.to_owned(), json!({"summary": summary})).await
        }
    }
}

/// Adds until it is accepted; answers the version that it made. Who came too late has read an older one.
async fn add_in_the_end(editor: Site, address: String, number: usize) -> i64 {
    loop {
        let read = editor.get(&address).await;
        let before = read.expect(200)["version"].as_i64().expect("a version");
        let written = add(&editor, &address, number, &read).await;
        if written.status == 412 {
            assert_eq!(written.code(), "version_conflict");
            assert!(written.json()["current_version"].as_i64().expect("a version") > before);
            continue;
        }
        assert!((200..300).contains(&written.status), "{}", written.text());
        let version = written.etag().trim_start_matches('"').split('.').next().and_then(|text| text.parse().ok());
        let version: i64 = version.expect("the version that it made");
        assert_eq!(version, before + 1);
        return version;
    }
}

/// The numbers of the words `w1`, `w5` and so on in a text.
fn words(text: &Value) -> BTreeSet<usize> {
    let all: Vec<usize> =
        text.as_str().expect("a text").split(' ').filter_map(|word| word.strip_prefix('w')?.parse().ok()).collect();
    let once: BTreeSet<usize> = all.iter().copied().collect();
    assert_eq!(once.len(), all.len(), "each once");
    once
}

fn those(rest: usize) -> BTreeSet<usize> {
    (0..EDITORS).filter(|number| number % 4 == rest).collect()
}

both! {
    async fn fifty_editors_lose_nothing(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for number in those(2) {
            study(&editor, &format!("s{number}")).await;
        }
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        editor.request("PATCH", &address).if_match(etag).json(&json!({"summary": "Summary."})).send().await.expect(200);
        let mut editors = Vec::new();
        for _ in 0..EDITORS {
            editors.push(site.signed_in(Role::Editor).await);
        }
        let writing = editors.into_iter().enumerate().map(|(number, one)| add_in_the_end(one, address.clone(), number));
        let mut versions = join_all(writing.map(Box::pin)).await;
        versions.sort_unstable();
        assert_eq!(versions, (3..3 + EDITORS as i64).collect::<Vec<_>>(), "each made another version");

        let copy = editor.get(&address).await.expect(200);
        assert_eq!(copy["version"], 2 + EDITORS);
        assert_eq!((words(&copy["sections"][0]["body"]), words(&copy["summary"])), (those(1), those(3)));
        let headings = copy["sections"].as_array().unwrap().iter().filter_map(|section| section["heading"].as_str());
        let sections: Vec<usize> = headings.filter_map(|heading| heading.strip_prefix("Section ")?.parse().ok()).collect();
        assert_eq!((sections.len(), sections.into_iter().collect()), (those(0).len(), those(0)));
        let cited = numbers(&copy["citations"]);
        let in_order: Vec<i64> = cited.iter().map(|(number, _)| *number).collect();
        assert_eq!(in_order, (1..=those(2).len() as i64).collect::<Vec<_>>());
        let keys: BTreeSet<String> = cited.into_iter().map(|(_, key)| key).collect();
        assert_eq!(keys, those(2).into_iter().map(|number| format!("s{number}")).collect());
        let newest = editor.get(&format!("{address}/revisions?limit=1")).await.expect(200);
        assert_eq!(newest["data"][0]["version"], 2 + EDITORS);
    }
}
