//! The trash: what is deleted can be taken back, until its time is over.

use std::time::Duration;

use ibid::accounts::Role;
use ibid::editorial::trash::empty;
use serde_json::{Value, json};

use super::{article, study};
use crate::publishing::publish;
use crate::support::{Reply, Site, both};

const TRASH: &str = "/v1/manage/trash";

async fn delete(editor: &Site, address: &str) -> Reply {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("DELETE", address).if_match(etag).send().await
}

/// Where the article of this address is while it is in the trash.
fn in_trash(address: &str) -> String {
    format!("{TRASH}/{}", address.rsplit('/').next().expect("an id"))
}

async fn restore(editor: &Site, address: &str) -> Reply {
    editor.request("POST", &format!("{}/restore", in_trash(address))).send().await
}

async fn titles(editor: &Site, query: &str) -> Vec<Value> {
    let page = editor.get(&format!("{TRASH}?{query}")).await.expect(200);
    page["data"].as_array().expect("articles").iter().map(|article| article["title"].clone()).collect()
}

both! {
    async fn what_is_deleted_comes_back_as_it_was(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "one2020").await;
        let (address, _) = article(&editor, "Pores", &["It helps [@one2020]."]).await;
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("PATCH", &address).if_match(etag).json(&json!({"summary": "New."})).send().await.expect(200);
        let before = editor.get(&address).await;
        let revisions = editor.get(&format!("{address}/revisions")).await.expect(200);
        assert_eq!(editor.request("DELETE", &address).if_match("\"9.x\"").send().await.code(), "version_conflict");
        assert_eq!(delete(&editor, &address).await.status, 204);

        for path in [address.clone(), format!("{address}/revisions"), "/v1/manage/articles/pores".into()] {
            assert_eq!(editor.get(&path).await.code(), "not_found", "{path}");
        }
        assert_eq!(editor.get("/v1/manage/articles").await.expect(200)["data"], json!([]));
        let listed = editor.get(&format!("{TRASH}?count=true")).await.expect(200);
        let trashed = &listed["data"][0];
        assert_eq!((&trashed["slug"], &trashed["version"], &listed["page"]["total"]), (&json!("pores"), &json!(2), &json!(1)));
        assert_eq!(trashed["trashed_by"], trashed["owner"]);
        let moment = |name: &str| ibid::db::types::Instant::parse(trashed[name].as_str().unwrap()).unwrap().unix();
        assert_eq!(moment("deleted_after") - moment("trashed_at"), 30 * 86_400);
        // It still cites the study.
        let study = editor.get("/v1/manage/studies/one2020").await;
        let refused = editor.request("DELETE", "/v1/manage/studies/one2020").if_match(study.etag()).send().await;
        assert_eq!(refused.code(), "study_cited");

        let restored = restore(&editor, &address).await;
        assert_eq!((restored.expect(200), restored.etag()), (before.expect(200), before.etag()));
        assert_eq!(editor.get(&format!("{address}/revisions")).await.expect(200), revisions);
        assert_eq!(titles(&editor, "").await, [Value::Null; 0]);
        assert_eq!(restore(&editor, &address).await.code(), "not_found");
    }

    async fn others_may_have_its_slug_meanwhile(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (first, _) = article(&editor, "Pores", &["One."]).await;
        delete(&editor, &first).await.expect(204);
        let (second, _) = article(&editor, "Pores", &["Two."]).await;
        assert_eq!(editor.get(&second).await.expect(200)["slug"], "pores");
        assert_eq!(restore(&editor, &first).await.code(), "slug_taken");
        assert_eq!(titles(&editor, "").await, ["Pores"]);
        delete(&editor, &second).await.expect(204);
        restore(&editor, &first).await.expect(200);
        assert_eq!(restore(&editor, &second).await.code(), "slug_taken");
        let by_slug = editor.get("/v1/manage/articles/pores").await.expect(200);
        assert_eq!(by_slug["sections"][0]["body"], "One.");

        // The same of its language among the translations.
        let german = json!({"title": "Poren", "language": "de", "translation_of": "pores"});
        let made = editor.post("/v1/manage/articles", &german).await;
        let made = made.header("location").to_owned();
        delete(&editor, &made).await.expect(204);
        assert_eq!(editor.get(&first).await.expect(200)["translations"], json!([]));
        editor.post("/v1/manage/articles", &json!({"title": "Poren, neu", "language": "de", "translation_of": "pores"})).await.expect(201);
        assert_eq!(restore(&editor, &made).await.code(), "language_taken");
    }

    async fn nothing_is_published_from_there(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        assert_eq!(delete(&editor, &address).await.code(), "article_published");
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("POST", &format!("{address}/unpublish")).if_match(etag).send().await.expect(200);
        let at = site.state.clock.now().plus_seconds(60).to_rfc3339();
        let schedule = format!("{address}/schedule");
        let etag = editor.get(&schedule).await.etag().to_owned();
        editor.request("PUT", &schedule).if_match(etag).json(&json!({"publish_at": at})).send().await.expect(200);
        let link = editor.post(&format!("{address}/preview-tokens"), &json!({})).await.expect(201);
        let link = link["href"].as_str().unwrap();
        assert_eq!(site.get(link).await.status, 200);

        delete(&editor, &address).await.expect(204);
        assert_eq!(site.get(link).await.code(), "not_found");
        site.state.clock.advance(Duration::from_secs(120));
        site.state.timer.notify_one();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(site.get("/v1/articles/pores").await.status, 404);
        restore(&editor, &address).await.expect(200);
        let schedule = editor.get(&schedule).await.expect(200);
        assert_eq!((&schedule["publish_at"], &schedule["failure"]), (&Value::Null, &Value::Null));
        site.state.timer.notify_one();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(site.get("/v1/articles/pores").await.status, 404);
        assert_eq!(site.get(link).await.status, 200);
        // Published again, it is the next version of what it was.
        assert_eq!(publish(&editor, &address).await["version"], 2);
    }

    async fn it_is_emptied_by_hand_or_when_the_time_is_over(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let mut addresses = Vec::new();
        for title in ["A", "B", "C"] {
            addresses.push(article(&editor, title, &["x"]).await.0);
        }
        delete(&editor, &addresses[1]).await.expect(204);
        site.state.clock.advance(Duration::from_secs(600));
        delete(&editor, &addresses[0]).await.expect(204);
        assert_eq!(titles(&editor, "").await, ["A", "B"]);
        assert_eq!(titles(&editor, "sort=-title").await, ["B", "A"]);
        let page = editor.get(&format!("{TRASH}?limit=1")).await.expect(200);
        let next = editor.get(page["page"]["next"].as_str().unwrap()).await.expect(200);
        assert_eq!(next["data"][0]["title"], "B");

        site.state.clock.advance(Duration::from_secs(30 * 86_400 - 300));
        assert_eq!(empty(&site.state).await.unwrap(), 1);
        // The sign-in is over by then.
        let editor = site.signed_in(Role::Editor).await;
        assert_eq!(titles(&editor, "").await, ["A"]);
        assert_eq!(restore(&editor, &addresses[1]).await.code(), "not_found");
        // What is not in the trash is not deleted there.
        assert_eq!(editor.request("DELETE", &in_trash(&addresses[2])).send().await.status, 404);
        assert_eq!(editor.request("DELETE", &in_trash(&addresses[0])).send().await.status, 204);
        assert_eq!(editor.get(&addresses[2]).await.status, 200);
        assert_eq!(titles(&editor, "").await, [Value::Null; 0]);

        delete(&editor, &addresses[2]).await.expect(204);
        let node = site.another_node_with(|settings| settings.trash.days = 0).await;
        node.state.clock.advance(Duration::from_secs(400 * 86_400));
        assert_eq!(empty(&node.state).await.unwrap(), 0);
        let editor = node.signed_in(Role::Editor).await;
        assert_eq!(editor.get(TRASH).await.expect(200)["data"][0]["deleted_after"], Value::Null);
    }

    async fn authors_have_their_own(site: Site) {
        let [author, other] = [site.signed_in(Role::Author).await, site.signed_in(Role::Author).await];
        let (reviewer, editor) = (site.signed_in(Role::Reviewer).await, site.signed_in(Role::Editor).await);
        let (address, _) = article(&author, "Mine", &["x"]).await;
        delete(&author, &address).await.expect(204);
        assert_eq!((titles(&author, "").await, titles(&other, "").await), (vec![json!("Mine")], vec![]));
        assert_eq!(titles(&reviewer, "").await, ["Mine"]);
        assert_eq!((restore(&other, &address).await.status, restore(&reviewer, &address).await.status), (404, 403));
        assert_eq!(author.request("DELETE", &in_trash(&address)).send().await.status, 403);
        restore(&author, &address).await.expect(200);
        delete(&author, &address).await.expect(204);
        assert_eq!(editor.request("DELETE", &in_trash(&address)).send().await.status, 204);
    }

    async fn of_two_who_take_it_out_one_does(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["x"]).await;
        for _ in 0..5 {
            delete(&editor, &address).await.expect(204);
            let (first, second) = tokio::join!(restore(&editor, &address), restore(&editor, &address));
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 404]);
        }
    }
}
