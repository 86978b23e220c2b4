use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{article, study};
use crate::support::{Site, both};

both! {
    async fn an_article_is_made_whole_and_read_back(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Große Poren & Nadeln",
            "language": "de",
            "subtitle": "Was hilft?",
            "summary": "Kurz gesagt: vielleicht.",
            "tags": ["Haut", "Skin Care"],
            "authors": [{"name": "Ada Example", "credentials": "MD", "orcid": "0000-0002-1825-0097"}],
            "published_at": "2024-06-24T02:00:00+02:00",
            "comment_policy": "closed",
            "sections": [
                {"body": "The lead."},
                {"heading": "What helps?", "level": 3, "body": "- one\n- two"},
                {"heading": "What helps?", "body": ""},
                {"body": "An end without heading."}
            ]
        })).await;
        let copy = made.expect(201);
        assert_eq!(copy["slug"], "grosse-poren-nadeln");
        assert_eq!((&copy["state"], &copy["version"]), (&json!("draft"), &json!(1)));
        assert_eq!(copy["published_at"], "2024-06-24T00:00:00Z");
        assert_eq!(copy["tags"], json!([{"slug": "haut", "name": "Haut"}, {"slug": "skin-care", "name": "Skin Care"}]));
        assert_eq!(copy["authors"][0]["slug"], "ada-example");
        let anchors: Vec<_> = copy["sections"].as_array().unwrap().iter().map(|s| s["anchor"].clone()).collect();
        assert_eq!(anchors, ["lead", "what-helps", "what-helps-2", "section"]);

        for reference in [copy["id"].as_str().unwrap(), "grosse-poren-nadeln"] {
            let read = editor.get(&format!("/v1/manage/articles/{reference}")).await;
            assert_eq!(read.expect(200), copy);
            assert_eq!(read.etag(), made.etag());
            assert_eq!(read.header("cache-control"), "private, no-store");
        }
    }

    async fn all_faults_are_named_at_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let refused = editor.post("/v1/manage/articles", &json!({
            "titel": "x",
            "slug": "Not A Slug",
            "sections": [{"heading": "   ", "level": 7}, {"id": "x", "body": 3}],
            "authors": [{"name": "A", "orcid": "0000-0002-1825-0098"}]
        })).await;
        assert_eq!((refused.status, refused.code()), (422, "validation_failed".into()));
        let mut faults: Vec<(String, String)> = refused.json()["errors"].as_array().unwrap().iter()
            .map(|f| (f["pointer"].as_str().unwrap().into(), f["code"].as_str().unwrap().into())).collect();
        faults.sort();
        let expected = [
            ("/authors/0/orcid", "invalid_orcid"),
            ("/sections/0/body", "required"),
            ("/sections/0/heading", "blank"),
            ("/sections/0/level", "out_of_range"),
            ("/sections/1/body", "wrong_type"),
            ("/sections/1/id", "invalid_id"),
            ("/slug", "invalid_slug"),
            ("/titel", "unknown_member"),
            ("/title", "required"),
        ];
        assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        let unknown = &refused.json()["errors"].as_array().unwrap().iter()
            .find(|f| f["code"] == "unknown_member").unwrap()["detail"].clone();
        assert!(unknown.as_str().unwrap().contains("\"title\""), "{unknown}");
    }

    async fn bodies_that_are_no_json_or_of_another_kind_are_told_apart(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let post = || editor.request("POST", "/v1/manage/articles");
        let broken = post().header("Content-Type", "application/json").body("{\"title\": ").send().await;
        assert_eq!((broken.status, broken.code()), (400, "invalid_json".into()));
        let other = post().header("Content-Type", "text/plain").body("hello").send().await;
        assert_eq!((other.status, other.code()), (415, "unsupported_media_type".into()));
        let none = post().body("{}").send().await;
        assert_eq!((none.status, none.code()), (415, "unsupported_media_type".into()));
        let large = post().header("Content-Type", "application/json").body(vec![b' '; 3 << 20]).send().await;
        assert_eq!((large.status, large.code()), (413, "body_too_large".into()));
        let nul = post().header("Content-Type", "application/json").body("{\"title\": \"a\\u0000b\"}").send().await;
        assert!(matches!(nul.status, 400 | 422), "{}", nul.status);
    }

    async fn a_change_needs_the_version_it_was_made_from(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        let patch = || editor.request("PATCH", &address).json(&json!({"title": "Large pores"}));
        let blind = patch().send().await;
        assert_eq!((blind.status, blind.code()), (428, "precondition_required".into()));
        let changed = patch().if_match(&etag).send().await;
        assert_eq!(changed.expect(200)["version"], 2);
        assert_ne!(changed.etag(), etag);
        let stale = editor.request("PATCH", &address).json(&json!({"title": "Mine"})).if_match(&etag).send().await;
        assert_eq!((stale.status, stale.code()), (412, "version_conflict".into()));
        assert_eq!(stale.json()["current_version"], 2);
        let unreadable = patch().if_match("2").send().await;
        assert_eq!((unreadable.status, unreadable.code()), (400, "invalid_header".into()));
        let any = patch().if_match("*").send().await;
        assert_eq!((any.status, any.code()), (403, "forbidden".into()));
        let admin = site.signed_in(Role::Admin).await;
        let any = admin.request("PATCH", &address).json(&json!({"title": "Any"})).if_match("*").send().await;
        assert_eq!(any.expect(200)["version"], 3);
    }

    async fn a_change_that_changes_nothing_makes_no_version(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        let same = editor.request("PATCH", &address).if_match(&etag).json(&json!({"title": "Pores"})).send().await;
        assert_eq!(same.expect(200)["version"], 1);
        assert_eq!(same.etag(), etag);
    }

    async fn patch_touches_what_it_names_and_null_empties(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Pores", "subtitle": "Sub", "summary": "Sum", "tags": ["Skin"], "sections": [{"body": "Lead."}]
        })).await;
        let before = made.expect(201);
        let address = made.header("location").to_owned();
        let reply = editor.request("PATCH", &address).if_match(made.etag())
            .header("Content-Type", "application/merge-patch+json")
            .body(json!({"subtitle": null, "slug": "other"}).to_string()).send().await;
        let after = reply.expect(200);
        assert_eq!((&after["subtitle"], &after["slug"]), (&json!(null), &json!("other")));
        for kept in ["title", "summary", "tags", "sections"] {
            assert_eq!(after[kept], before[kept], "{kept}");
        }
        let null = editor.request("PATCH", &address).if_match(reply.etag()).json(&json!({"title": null})).send().await;
        assert_eq!((null.status, null.json()["errors"][0]["pointer"].clone()), (422, json!("/title")));
    }

    async fn put_replaces_and_sections_with_an_id_keep_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["One.", "Two."]).await;
        let before = editor.get(&address).await.json();
        let second = before["sections"][1]["id"].clone();
        let replaced = editor.request("PUT", &address).if_match(&etag).json(&json!({
            "title": "Pores",
            "sections": [{"id": second, "body": "Two, mended."}, {"heading": "New", "body": "Three."}]
        })).send().await;
        let after = replaced.expect(200);
        assert_eq!(after["sections"][0]["id"], second);
        assert_eq!(after["sections"][0]["anchor"], before["sections"][1]["anchor"]);
        assert_eq!(after["slug"], before["slug"]);
        assert_eq!(after["tags"], json!([]));
        let foreign = editor.request("PUT", &address).if_match(replaced.etag()).json(&json!({
            "title": "Pores", "sections": [{"id": before["sections"][0]["id"], "body": "gone"}]
        })).send().await;
        assert_eq!((foreign.status, foreign.json()["errors"][0]["code"].clone()), (422, json!("unknown_section")));
    }

    async fn slugs_are_unique_and_made_ones_step_aside(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        article(&editor, "Pores", &["One."]).await;
        let second = editor.post("/v1/manage/articles", &json!({"title": "Pores"})).await.expect(201);
        assert_eq!(second["slug"], "pores-2");
        let taken = editor.post("/v1/manage/articles", &json!({"title": "x", "slug": "pores"})).await;
        assert_eq!((taken.status, taken.code()), (409, "slug_taken".into()));
    }

    async fn authors_see_and_change_their_own_only(site: Site) {
        let (one, other) = (site.signed_in(Role::Author).await, site.signed_in(Role::Author).await);
        let (address, etag) = article(&one, "Mine", &["One."]).await;
        assert_eq!(one.get(&address).await.status, 200);
        assert_eq!(other.get(&address).await.status, 404);
        let patch = other.request("PATCH", &address).if_match(&etag).json(&json!({"title": "Yours"})).send().await;
        assert_eq!(patch.status, 404);
        assert_eq!(other.get("/v1/manage/articles").await.json()["data"], json!([]));
        assert_eq!(one.get("/v1/manage/articles").await.json()["data"][0]["title"], "Mine");
        let publish = one.request("POST", &format!("{address}/publish")).if_match(&etag).send().await;
        assert_eq!(publish.status, 403);
    }

    async fn lists_page_both_ways_and_filter(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for title in ["a", "b", "b", "c", "d"] {
            editor.post("/v1/manage/articles", &json!({
                "title": title, "tags": [if title == "b" { "Two" } else { "One" }], "sections": [{"body": "x"}]
            })).await.expect(201);
        }
        let titles = |page: &serde_json::Value| -> Vec<String> {
            page["data"].as_array().unwrap().iter().map(|a| a["title"].as_str().unwrap().to_owned()).collect()
        };
        for sort in ["title", "-title", "updated_at", "-updated_at"] {
            let mut seen = Vec::new();
            let mut back = None;
            let mut next = Some(format!("/v1/manage/articles?sort={sort}&limit=2"));
            while let Some(address) = next {
                let reply = editor.get(&address).await;
                let page = reply.expect(200);
                seen.push(titles(&page));
                next = page["page"]["next"].as_str().map(str::to_owned);
                back = page["page"]["prev"].as_str().map(str::to_owned);
                assert_eq!(reply.header("link").contains("rel=\"next\""), next.is_some());
            }
            let all: Vec<String> = seen.concat();
            assert_eq!(all.len(), 5, "{sort}");
            if sort == "title" {
                assert_eq!(all, ["a", "b", "b", "c", "d"]);
            }
            let previous = editor.get(&back.unwrap()).await.json();
            assert_eq!(titles(&previous), seen[1], "{sort}");
        }
        let counted = editor.get("/v1/manage/articles?tag=two&count=true&state=draft").await.expect(200);
        assert_eq!((titles(&counted).len(), &counted["page"]["total"]), (2, &json!(2)));
        assert_eq!(editor.get("/v1/manage/articles?state=published,changed").await.json()["data"], json!([]));
        let mixed = editor.get("/v1/manage/articles?sort=title&limit=2").await.json();
        let cursor = mixed["page"]["next"].as_str().unwrap().split("cursor=").nth(1).unwrap().to_owned();
        let other = editor.get(&format!("/v1/manage/articles?sort=-title&cursor={cursor}")).await;
        assert_eq!((other.status, other.code()), (400, "invalid_parameter".into()));
        let wrong = editor.get("/v1/manage/articles?limit=0&sort=tilte&foo=1&state=drafty").await;
        let named: Vec<_> = wrong.json()["errors"].as_array().unwrap().iter().map(|f| f["parameter"].clone()).collect();
        assert_eq!((wrong.status, named.len()), (400, 4), "{named:?}");
    }

    async fn one_finds_ones_own_and_what_cites_a_study(site: Site) {
        let [ada, bo] = [site.signed_in(Role::Editor).await, site.signed_in(Role::Editor).await];
        let one = study(&ada, "one2020").await;
        let (mine, _) = article(&ada, "Of Ada", &["As found [@one2020]."]).await;
        article(&bo, "Of Bo", &["Nothing is cited."]).await;
        let owner = ada.get(&mine).await.expect(200)["owner"].as_str().unwrap().to_owned();
        let listed = async |editor: &Site, query: &str| {
            let page = editor.get(&format!("/v1/manage/articles?sort=title&count=true&{query}")).await.expect(200);
            let titles: Vec<_> = page["data"].as_array().unwrap().iter().map(|article| article["title"].clone()).collect();
            assert_eq!(page["page"]["total"], titles.len());
            titles
        };
        assert_eq!(listed(&ada, "owner=me").await, ["Of Ada"]);
        assert_eq!(listed(&bo, "owner=me").await, ["Of Bo"]);
        assert_eq!(listed(&bo, &format!("owner=me,{owner}")).await, ["Of Ada", "Of Bo"]);
        assert_eq!(ada.get("/v1/manage/articles?owner=you").await.code(), "invalid_parameter");
        for name in ["one2020", one["id"].as_str().unwrap(), "doi:10.5555/one2020", "nobody1999,one2020"] {
            assert_eq!(listed(&ada, &format!("cites={name}")).await, ["Of Ada"], "{name}");
        }
        assert_eq!(listed(&ada, "cites=nobody1999").await, [Value::Null; 0]);
        assert_eq!(listed(&bo, "owner=me&cites=one2020").await, [Value::Null; 0]);
    }

    async fn who_comes_too_late_is_told_what_has_changed_since(site: Site) {
        let [ada, bo] = [site.signed_in(Role::Editor).await, site.signed_in(Role::Editor).await];
        let (address, etag) = article(&ada, "Pores", &["One."]).await;
        let patch = async |editor: &Site, etag: &str, body: Value| {
            editor.request("PATCH", &address).if_match(etag).json(&body).send().await
        };
        patch(&bo, &etag, json!({"summary": "New."})).await.expect(200);
        let late = patch(&ada, &etag, json!({"title": "Large pores"})).await;
        assert_eq!((late.code(), late.json()["current_version"].clone()), ("version_conflict".into(), json!(2)));
        let changes = late.json()["changes"].as_str().unwrap().to_owned();
        assert_eq!(changes, format!("{address}/revisions/1/diff?to=current"));
        let changes = ada.get(&changes).await.expect(200);
        assert_eq!(changes["article"].as_array().map(Vec::len), Some(1), "{changes}");
        assert!(changes.to_string().contains("New."));
        for (method, path) in [("POST", format!("{address}/publish")), ("DELETE", address.clone())] {
            let late = ada.request(method, &path).if_match(&etag).send().await;
            assert!(late.expect(412)["changes"].is_string(), "{method}");
        }
        // Of a version that never was, nothing is known.
        assert_eq!(patch(&ada, "\"99.x\"", json!({"title": "T"})).await.expect(412)["changes"], Value::Null);
    }

    async fn deleted_is_gone(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["One."]).await;
        assert_eq!(editor.request("DELETE", &address).send().await.status, 428);
        assert_eq!(editor.request("DELETE", &address).if_match("\"9.x\"").send().await.status, 412);
        assert_eq!(editor.request("DELETE", &address).if_match(&etag).send().await.status, 204);
        assert_eq!(editor.get(&address).await.status, 404);
    }

    async fn articles_of_one_title_made_at_once_all_find_a_slug(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let make = || async { editor.post("/v1/manage/articles", &json!({"title": "Pores"})).await.expect(201) };
        let made = futures_util::future::join_all((0..8).map(|_| Box::pin(make()))).await;
        let slugs: std::collections::BTreeSet<_> = made.iter().map(|copy| copy["slug"].to_string()).collect();
        assert_eq!(slugs.len(), 8);
    }
}
