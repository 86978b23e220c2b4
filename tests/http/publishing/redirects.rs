//! Redirects that editors make.

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{logged, publish};
use crate::editorial::article;
use crate::support::{Reply, Site, both};

const REDIRECTS: &str = "/v1/manage/redirects";

async fn make(editor: &Site, body: Value) -> Reply {
    editor.post(REDIRECTS, &body).await
}

async fn resolve(site: &Site, path: &str) -> Reply {
    let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    site.get(&format!("/v1/redirects/resolve?path={query}")).await
}

/// Status and location of where a path leads.
async fn leads(site: &Site, path: &str) -> (i64, Value) {
    let resolved = resolve(site, path).await.expect(200);
    (resolved["status"].as_i64().expect("a status"), resolved["location"].clone())
}

/// Pointer and code of the one fault.
fn fault(refused: &Reply) -> (Value, Value) {
    let errors = &refused.expect(422)["errors"];
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{errors}");
    (errors[0]["pointer"].clone(), errors[0]["code"].clone())
}

both! {
    async fn a_path_leads_where_editors_say(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = make(&editor, json!({"path": "/caf%C3%A9/", "location": "/bar?from=old", "note": "Moved"})).await;
        let view = made.expect(201);
        assert_eq!(
            (&view["path"], &view["status"], &view["location"], &view["article"], &view["note"], &view["version"]),
            (&json!("/caf%C3%A9/"), &json!(301), &json!("/bar?from=old"), &Value::Null, &json!("Moved"), &json!(1)),
        );
        let address = made.header("location").to_owned();
        assert_eq!(editor.get(&address).await.etag(), made.etag());
        for path in ["/caf%C3%A9/", "/caf%C3%A9", "/café", "/café/"] {
            assert_eq!(leads(&site, path).await, (301, json!("/bar?from=old")), "{path}");
        }
        assert_eq!(resolve(&site, "/Café").await.code(), "not_found");
        assert_eq!(make(&editor, json!({"path": "/café", "location": "/x"})).await.code(), "redirect_taken");

        // Readers are told at once of what is said otherwise.
        let patch = json!({"location": "https://www.example.org/bar", "status": 307});
        let patched = editor.request("PATCH", &address).if_match(made.etag()).json(&patch).send().await;
        assert_eq!(patched.expect(200)["version"], 2);
        assert_eq!(leads(&site, "/café").await, (307, json!("https://www.example.org/bar")));
        let stale = editor.request("PATCH", &address).if_match(made.etag()).json(&patch).send().await;
        assert_eq!((stale.code(), stale.json()["current_version"].clone()), ("version_conflict".into(), json!(2)));
        let same = editor.request("PATCH", &address).if_match(patched.etag()).json(&patch).send().await;
        assert_eq!((same.expect(200)["version"].clone(), same.etag()), (json!(2), patched.etag()));
        let gone = json!({"location": null, "status": 410});
        let patched = editor.request("PATCH", &address).if_match(patched.etag()).json(&gone).send().await;
        patched.expect(200);
        assert_eq!(leads(&site, "/café").await, (410, Value::Null));
        assert_eq!(editor.request("DELETE", &address).send().await.status, 428);
        editor.request("DELETE", &address).if_match(patched.etag()).send().await.expect(204);
        assert_eq!(resolve(&site, "/café").await.code(), "not_found");
        assert_eq!(editor.get(&address).await.status, 404);
        assert_eq!(logged(&site).await, ["redirect"; 4]);
        let events = site.get("/v1/events?wait=0&last_event_id=0").await.text();
        assert!(events.contains("event: redirect.changed") && events.contains("path=%2Fcaf%25C3%25A9%2F"), "{events}");
    }

    async fn a_path_can_lead_to_an_article(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let made = make(&editor, json!({"path": "/2019/05/pores", "article": "pores", "status": 308})).await;
        assert_eq!(made.expect(201)["article"]["published"], false);
        // Nobody is told of what is not published.
        assert_eq!(resolve(&site, "/2019/05/pores").await.code(), "not_found");
        publish(&editor, &address).await;
        let resolved = resolve(&site, "/2019/05/pores").await.expect(200);
        assert_eq!((&resolved["status"], &resolved["article"]["slug"]), (&json!(308), &json!("pores")));
        assert!(resolved["location"].as_str().unwrap().ends_with("/v1/articles/pores.html"), "{resolved}");
        // It follows the article.
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("PATCH", &address).if_match(etag).json(&json!({"slug": "large-pores"})).send().await.expect(200);
        publish(&editor, &address).await;
        let resolved = resolve(&site, "/2019/05/pores").await.expect(200);
        assert!(resolved["location"].as_str().unwrap().ends_with("/large-pores.html"), "{resolved}");
        // A path of the site that has an old slug in it, too.
        make(&editor, json!({"path": "/p", "location": "/blog/pores#scars"})).await.expect(201);
        let resolved = resolve(&site, "/p").await.expect(200);
        assert_eq!((&resolved["location"], &resolved["article"]["slug"]), (&json!("/blog/large-pores#scars"), &json!("large-pores")));
        let unknown = make(&editor, json!({"path": "/q", "article": "nothing"})).await;
        assert_eq!(fault(&unknown), (json!("/article"), json!("unknown_article")));
        let listed = editor.get(&format!("{REDIRECTS}?article=large-pores")).await.expect(200);
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(editor.get(&format!("{REDIRECTS}?article=nothing")).await.expect(200)["data"], json!([]));
    }

    async fn readers_are_led_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for (path, location, status) in [("/a", "/b/", 301), ("/b", "/c?x=1", 308), ("/c", "/d", 302), ("/d", "/e", 301)] {
            make(&editor, json!({"path": path, "location": location, "status": status})).await.expect(201);
        }
        assert_eq!(leads(&site, "/d").await, (301, json!("/e")));
        // Temporary, as one on the way is.
        assert_eq!(leads(&site, "/a").await, (302, json!("/e")));
        let refused = make(&editor, json!({"path": "/e", "location": "/a"})).await;
        assert_eq!(fault(&refused), (json!("/location"), json!("redirect_loop")));
        assert!(refused.json()["errors"][0]["detail"].as_str().unwrap().contains("/e → /a → /b → /c → /d → /e"));
        assert_eq!(fault(&make(&editor, json!({"path": "/x", "location": "/x/?y"})).await), (json!("/location"), json!("redirect_loop")));
        make(&editor, json!({"path": "/e", "status": 410})).await.expect(201);
        assert_eq!(leads(&site, "/b").await, (302, Value::Null));
        // The circle can be closed by a change, too.
        let found = editor.get(&format!("{REDIRECTS}?path=/e/")).await.expect(200);
        let end = format!("{REDIRECTS}/{}", found["data"][0]["id"].as_str().unwrap());
        let etag = editor.get(&end).await.etag().to_owned();
        let refused = editor.request("PATCH", &end).if_match(etag).json(&json!({"status": 301, "location": "/c"})).send().await;
        assert_eq!(fault(&refused), (json!("/location"), json!("redirect_loop")));
        for number in 0..5 {
            make(&editor, json!({"path": format!("/{number}"), "location": format!("/{}", number + 1)})).await.expect(201);
        }
        make(&editor, json!({"path": "/5", "location": "/a"})).await.expect(201);
        let refused = make(&editor, json!({"path": "/-1", "location": "/0"})).await;
        assert_eq!(fault(&refused), (json!("/location"), json!("too_many_redirects")));
    }

    async fn two_that_close_a_circle_are_not_both_made(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for round in 0..5 {
            let (there, back) = (format!("/there-{round}"), format!("/back-{round}"));
            let (first, second) = tokio::join!(
                make(&editor, json!({"path": there, "location": back})),
                make(&editor, json!({"path": back, "location": there})),
            );
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 422]);
        }
    }

    async fn what_leads_nowhere_or_astray_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        article(&editor, "Pores", &["The lead."]).await;
        for (body, pointer, code) in [
            (json!({"path": "/a"}), "/location", "missing"),
            (json!({"path": "/a", "location": "/b", "article": "pores"}), "/article", "not_with_location"),
            (json!({"path": "/a", "location": "/b", "status": 410}), "/location", "not_with_gone"),
            (json!({"path": "/a", "article": "pores", "status": 410}), "/article", "not_with_gone"),
            (json!({"path": "/a", "location": "//evil.example"}), "/location", "invalid_location"),
            (json!({"path": "/a", "location": "javascript:alert(1)"}), "/location", "invalid_location"),
            (json!({"path": "a", "location": "/b"}), "/path", "invalid_path"),
            (json!({"path": "/a?b", "location": "/b"}), "/path", "invalid_path"),
            (json!({"path": "/a", "location": "/b", "status": 303}), "/status", "unknown_value"),
            (json!({"path": "/a", "location": "/b", "to": 1}), "/to", "unknown_member"),
        ] {
            assert_eq!(fault(&make(&editor, body.clone()).await), (json!(pointer), json!(code)), "{body}");
        }
        let none = editor.get(REDIRECTS).await.expect(200);
        assert_eq!(none["data"], json!([]));
    }

    async fn they_are_listed(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for (path, status) in [("/b", 301), ("/a", 302), ("/c", 301)] {
            make(&editor, json!({"path": path, "location": "/x", "status": status})).await.expect(201);
        }
        let listed = async |query: &str| {
            let page = editor.get(&format!("{REDIRECTS}?{query}")).await.expect(200);
            page["data"].as_array().unwrap().iter().map(|one| one["path"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(listed("").await, ["/a", "/b", "/c"]);
        assert_eq!(listed("sort=-updated_at").await, ["/c", "/a", "/b"]);
        assert_eq!(listed("status=302,308").await, ["/a"]);
        assert_eq!(listed("path=/c/").await, ["/c"]);
        let page = editor.get(&format!("{REDIRECTS}?limit=2&count=true")).await.expect(200);
        assert_eq!(page["page"]["total"], 3);
        let next = editor.get(page["page"]["next"].as_str().unwrap()).await.expect(200);
        assert_eq!(next["data"][0]["path"], "/c");
        let author = site.signed_in(Role::Author).await;
        assert_eq!((make(&author, json!({"path": "/z", "location": "/x"})).await.status, author.get(REDIRECTS).await.status), (403, 200));
    }
}
