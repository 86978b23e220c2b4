//! What is published and taken down by itself.

use std::time::Duration;

use ibid::accounts::Role;
use ibid::db::types::Instant;
use serde_json::{Value, json};

use super::{logged, publish};
use crate::editorial::{article, study};
use crate::support::{Site, both, comes};

/// So many seconds from now, as requests write it.
fn from_now(site: &Site, seconds: i64) -> String {
    site.state.clock.now().plus_seconds(seconds).to_rfc3339()
}

/// Lets the time pass; sign-ins last for fifteen minutes of it.
fn pass(site: &Site, seconds: u64) {
    site.state.clock.advance(Duration::from_secs(seconds));
    site.state.timer.notify_one();
}

async fn schedule(editor: &Site, address: &str, body: Value) -> Value {
    let etag = editor.get(&format!("{address}/schedule")).await.etag().to_owned();
    editor.request("PUT", &format!("{address}/schedule")).if_match(etag).json(&body).send().await.expect(200)
}

async fn is_published(site: &Site, slug: &str) -> bool {
    site.get(&format!("/v1/articles/{slug}")).await.status == 200
}

both! {
    async fn what_is_due_is_done_once_and_not_before(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let (publish_at, unpublish_at) = (from_now(&site, 300), from_now(&site, 600));
        let times = json!({"publish_at": publish_at, "unpublish_at": unpublish_at});
        let set = schedule(&editor, &address, times.clone()).await;
        assert_eq!((&set["version"], &set["publish_at"], &set["failure"]), (&json!(2), &json!(publish_at), &Value::Null));
        // The same again is no change.
        assert_eq!(schedule(&editor, &address, times).await, set);
        let copy = editor.get(&address).await.expect(200);
        let planned = json!({"publish_at": publish_at, "unpublish_at": unpublish_at, "failed": null});
        assert_eq!((&copy["schedule"], &copy["state"], &copy["version"]), (&planned, &json!("draft"), &json!(1)));

        pass(&site, 298);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!is_published(&site, "pores").await);
        // The rest of the time passes as it does.
        comes("it is published", async || is_published(&site, "pores").await).await;
        let read = editor.get(&format!("{address}/schedule")).await.expect(200);
        assert_eq!((&read["publish_at"], &read["unpublish_at"]), (&Value::Null, &json!(unpublish_at)));
        assert_eq!((&read["version"], &read["failure"]), (&json!(3), &Value::Null));
        let public = site.get("/v1/articles/pores").await.expect(200);
        let late = Instant::parse(public["published_at"].as_str().unwrap()).unwrap().get()
            - Instant::parse(&publish_at).unwrap().get();
        assert!(late >= time::Duration::ZERO && late < time::Duration::seconds(30), "{late}");

        pass(&site, 300);
        comes("it is taken down", async || !is_published(&site, "pores").await).await;
        assert_eq!(editor.get(&address).await.expect(200)["state"], "unpublished");
        assert_eq!(logged(&site).await, ["publish", "unpublish"]);
    }

    async fn of_several_nodes_one_does_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let mut nodes = vec![site.clone()];
        for _ in 0..2 {
            nodes.push(site.another_node().await);
        }
        let at = from_now(&site, 60);
        for title in ["One", "Two", "Three", "Four"] {
            let (address, _) = article(&editor, title, &["The lead."]).await;
            schedule(&editor, &address, json!({"publish_at": at})).await;
        }
        site.state.clock.advance(Duration::from_secs(61));
        nodes.iter().for_each(|node| node.state.timer.notify_one());
        for slug in ["one", "two", "three", "four"] {
            comes("it is published", async || is_published(&site, slug).await).await;
            assert_eq!(site.get(&format!("/v1/articles/{slug}")).await.expect(200)["version"], 1);
        }
        assert_eq!(logged(&site).await, ["publish"; 4]);
    }

    async fn what_cannot_be_done_is_told_and_not_tried_again(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (broken, _) = article(&editor, "Broken", &["The lead [@nobody1999]."]).await;
        let (whole, _) = article(&editor, "Whole", &["The lead."]).await;
        let due_at = from_now(&site, 60);
        schedule(&editor, &broken, json!({"publish_at": due_at, "unpublish_at": from_now(&site, 400)})).await;
        schedule(&editor, &whole, json!({"publish_at": from_now(&site, 61)})).await;
        let listed = async |query: &str| {
            let page = editor.get(&format!("/v1/manage/articles?sort=title&schedule={query}")).await.expect(200);
            let titles = page["data"].as_array().unwrap().iter().map(|article| article["title"].clone());
            titles.collect::<Vec<_>>()
        };
        assert_eq!(listed("publish").await, ["Broken", "Whole"]);
        assert_eq!(listed("unpublish,failed").await, ["Broken"]);
        assert_eq!(editor.get("/v1/manage/articles?schedule=soon").await.code(), "invalid_parameter");

        pass(&site, 62);
        comes("the other one is published", async || is_published(&site, "whole").await).await;
        let failed = editor.get(&format!("{broken}/schedule")).await.expect(200);
        let failure = &failed["failure"];
        assert_eq!((&failure["action"], &failure["code"]), (&json!("publish"), &json!("dangling_marker")));
        assert_eq!((&failure["due_at"], &failed["publish_at"]), (&json!(due_at), &Value::Null));
        assert!(failure["detail"].as_str().unwrap().contains("nobody1999"));
        assert_eq!(failure["errors"][0]["pointer"], "/sections/0/body");
        assert_eq!(editor.get(&broken).await.expect(200)["schedule"]["failed"], "publish");
        assert_eq!((listed("failed").await, listed("publish").await), (vec![json!("Broken")], vec![]));

        study(&editor, "nobody1999").await;
        pass(&site, 200);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!is_published(&site, "broken").await);
        // What is not published is not taken down, and that is no failure.
        pass(&site, 200);
        let is_settled = async || editor.get(&format!("{broken}/schedule")).await.expect(200)["unpublish_at"].is_null();
        comes("nothing is left", is_settled).await;
        assert_eq!(editor.get(&format!("{broken}/schedule")).await.expect(200)["failure"]["action"], "publish");
        let again = schedule(&editor, &broken, json!({"publish_at": from_now(&site, 60)})).await;
        assert_eq!(again["failure"], Value::Null);
        pass(&site, 61);
        comes("it is published", async || is_published(&site, "broken").await).await;
        assert_eq!(logged(&site).await, ["publish", "publish"]);
    }

    async fn what_cannot_be_scheduled_is_told(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let path = format!("{address}/schedule");
        let etag = editor.get(&path).await.etag().to_owned();
        let put = async |body: Value| editor.request("PUT", &path).if_match(&etag).json(&body).send().await;
        let codes = async |body: Value| {
            let refused = put(body).await;
            assert_eq!((refused.status, refused.code()), (422, "validation_failed".into()));
            let faults = refused.json()["errors"].as_array().unwrap().clone();
            let told = faults.iter().map(|fault| format!("{} {}", fault["pointer"], fault["code"]).replace('"', ""));
            told.collect::<Vec<_>>()
        };
        let (soon, later) = (from_now(&site, 60), from_now(&site, 120));
        assert_eq!(codes(json!({"publish_at": "2001-01-01T00:00:00Z"})).await, ["/publish_at in_the_past"]);
        assert_eq!(codes(json!({"publish_at": later, "unpublish_at": soon})).await, ["/unpublish_at too_early"]);
        assert_eq!(codes(json!({"unpublish_at": soon})).await, ["/unpublish_at not_published"]);
        assert_eq!(codes(json!({"publish_at": "tomorrow"})).await, ["/publish_at invalid_timestamp"]);
        assert_eq!(codes(json!({"at": soon})).await, ["/at unknown_member"]);
        assert_eq!(editor.request("PUT", &path).json(&json!({})).send().await.status, 428);

        assert_eq!(put(json!({"publish_at": soon})).await.status, 200);
        let stale = put(json!({"publish_at": later})).await;
        assert_eq!((stale.status, stale.json()["current_version"].clone()), (412, json!(2)));
        let author = site.signed_in(Role::Author).await;
        assert_eq!(author.get(&path).await.status, 404);
        assert_eq!(author.request("PUT", &path).if_match("\"2.x\"").json(&json!({})).send().await.status, 403);
        let reviewer = site.signed_in(Role::Reviewer).await;
        assert_eq!(reviewer.get(&path).await.expect(200)["publish_at"], json!(soon));
    }

    async fn what_is_done_by_hand_settles_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let times = json!({"publish_at": from_now(&site, 60), "unpublish_at": from_now(&site, 120)});
        schedule(&editor, &address, times).await;
        publish(&editor, &address).await;
        let left = editor.get(&format!("{address}/schedule")).await.expect(200);
        assert!(left["publish_at"].is_null() && left["unpublish_at"].is_string(), "{left}");
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("POST", &format!("{address}/unpublish")).if_match(etag).send().await.expect(200);
        let left = editor.get(&format!("{address}/schedule")).await.expect(200);
        assert!(left["publish_at"].is_null() && left["unpublish_at"].is_null(), "{left}");
        pass(&site, 200);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(logged(&site).await, ["publish", "unpublish"]);
    }

    async fn what_waits_goes_with_its_article_and_is_given_up(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (gone, _) = article(&editor, "Gone", &["The lead."]).await;
        let (kept, _) = article(&editor, "Kept", &["The lead."]).await;
        for address in [&gone, &kept] {
            schedule(&editor, address, json!({"publish_at": from_now(&site, 60)})).await;
        }
        let etag = editor.get(&gone).await.etag().to_owned();
        editor.request("DELETE", &gone).if_match(etag).send().await.expect(204);
        assert!(schedule(&editor, &kept, json!({})).await["publish_at"].is_null());
        pass(&site, 61);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(logged(&site).await, Vec::<String>::new());
    }
}
