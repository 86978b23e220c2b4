use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{article, numbers, study};
use crate::publishing::publish;
use crate::support::{Site, both};

both! {
    async fn what_is_published_is_what_the_public_reads(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (address, etag) = article(&editor, "Pores", &["The lead [@aa2001, p. 3].", "The end."]).await;
        assert_eq!(site.get("/v1/articles/pores").await.status, 404);

        let published = editor.request("POST", &format!("{address}/publish")).if_match(&etag).send().await;
        let summary = published.expect(200);
        assert_eq!((&summary["state"], &summary["version"]), (&json!("published"), &json!(1)));
        assert_eq!((&summary["citations"], &summary["warnings"]), (&json!(1), &json!([])));
        let public = site.get("/v1/articles/pores?include=sections,citations").await.expect(200);
        assert_eq!(public["published_at"], summary["published_at"]);
        assert!(public["sections"][0]["html"].as_str().unwrap().contains("href=\"#ref-1\""));
        assert_eq!(numbers(&public["citations"]), [(1, "aa2001".to_owned())]);
        assert_eq!(public["citations"][0]["cited_in"], json!(["lead"]));

        let draft = editor.request("PATCH", &address).if_match(&etag)
            .json(&json!({"title": "Secret plans", "slug": "secret"})).send().await;
        assert_eq!(draft.expect(200)["state"], "changed");
        assert_eq!(site.get("/v1/articles/pores").await.json()["title"], "Pores");
        assert_eq!(site.get("/v1/articles/secret").await.status, 404);
    }

    async fn publishing_twice_changes_nothing(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        let publish = || editor.request("POST", &format!("{address}/publish")).if_match(&etag).send();
        let first = publish().await.expect(200);
        site.state.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(publish().await.expect(200), first);
    }

    async fn a_dangling_marker_stops_it_and_is_named(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["The lead.", "One.\n\nTwo [@nobody1999] and [@no2]."]).await;
        let publish = || editor.request("POST", &format!("{address}/publish")).if_match(&etag).send();
        let refused = publish().await;
        assert_eq!((refused.status, refused.code()), (422, "dangling_marker".into()));
        let errors = refused.json()["errors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 2);
        assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("/sections/1/body"), &json!("dangling_marker")));
        let detail = errors[0]["detail"].as_str().unwrap();
        assert!(detail.contains("nobody1999") && detail.contains("line 3, column 6"), "{detail}");

        study(&editor, "nobody1999").await;
        study(&editor, "no2").await;
        assert_eq!(publish().await.expect(200)["citations"], 2);
    }

    async fn a_name_in_running_text_is_a_citation_only_if_it_names_a_study(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let text = "As @aa2001 [p. 3] says; follow @drneedle.";
        let (address, etag) = article(&editor, "Pores", &[text]).await;
        let copy = editor.get(&address).await.expect(200);
        assert_eq!(copy["dangling"], json!([]));
        let warnings = copy["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), 1);
        assert_eq!((&warnings[0]["code"], &warnings[0]["column"]), (&json!("unknown_narrative_key"), &json!(32)));

        let published = editor.request("POST", &format!("{address}/publish")).if_match(&etag).send().await;
        assert_eq!(published.expect(200)["citations"], 1);
        let public = site.get("/v1/articles/pores?include=sections").await.expect(200);
        let html = public["sections"][0]["html"].as_str().unwrap();
        assert!(html.contains("aria-label=\"Reference 1, p. 3\"") && html.contains("follow @drneedle."), "{html}");
    }

    async fn nothing_cannot_be_published(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["  \n"]).await;
        let refused = editor.request("POST", &format!("{address}/publish")).if_match(&etag).send().await;
        assert_eq!((refused.status, refused.code()), (422, "nothing_to_publish".into()));
    }

    async fn unpublished_is_gone_and_comes_back_with_its_date(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (address, etag) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        let act = |what: &str| editor.request("POST", &format!("{address}/{what}")).if_match(&etag).send();
        let early = act("unpublish").await;
        assert_eq!((early.status, early.code()), (409, "not_published".into()));
        let first = act("publish").await.expect(200);
        let delete = editor.request("DELETE", &address).if_match(&etag).send().await;
        assert_eq!((delete.status, delete.code()), (409, "article_published".into()));
        assert_eq!(site.get("/v1/studies/aa2001").await.status, 200);
        assert_eq!(act("unpublish").await.expect(200)["state"], "unpublished");
        assert_eq!(site.get("/v1/articles/pores").await.status, 404);
        assert_eq!(site.get("/v1/studies/aa2001").await.status, 404);
        site.state.clock.advance(std::time::Duration::from_secs(600));
        let second = act("publish").await.expect(200);
        assert_eq!((&second["published_at"], &second["version"]), (&first["published_at"], &json!(2)));
    }

    async fn tags_and_authors_list_what_is_published_the_newest_first(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let named = json!({"tags": ["Skin", "Diet"], "authors": [{"name": "Ada Low"}]});
        for title in ["One", "Two", "Three"] {
            let (address, etag) = article(&editor, title, &["The lead."]).await;
            editor.request("PATCH", &address).if_match(etag).json(&named).send().await.expect(200);
            publish(&editor, &address).await;
            site.state.clock.advance(std::time::Duration::from_secs(60));
        }
        let etag = editor.get("/v1/manage/articles/one").await.etag().to_owned();
        editor.request("PATCH", "/v1/manage/articles/one").if_match(etag).json(&json!({"title": "First"})).send().await.expect(200);
        publish(&editor, "/v1/manage/articles/one").await;
        for filter in ["tag=skin", "author=ada-low"] {
            let page = site.get(&format!("/v1/articles?{filter}&limit=2")).await.expect(200);
            let slugs = |page: &Value| page["data"].as_array().unwrap().iter().map(|it| it["slug"].clone()).collect::<Vec<_>>();
            assert_eq!(slugs(&page), ["three", "two"], "{filter}");
            assert_eq!(slugs(&site.get(page["page"]["next"].as_str().unwrap()).await.expect(200)), ["one"], "{filter}");
        }
    }

    async fn an_old_slug_leads_to_the_new_one(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        let publish = |etag: String| editor.request("POST", &format!("{address}/publish")).if_match(etag).send();
        publish(etag.clone()).await.expect(200);
        let renamed = editor.request("PATCH", &address).if_match(&etag).json(&json!({"slug": "large-pores"})).send().await;
        publish(renamed.etag().to_owned()).await.expect(200);
        let old = site.get("/v1/articles/pores?include=sections").await;
        assert_eq!((old.status, old.header("location")), (301, "/v1/articles/large-pores?include=sections"));

        // A slug made from a title takes nothing from the article that had it; one that is asked for does.
        let (other, etag) = article(&editor, "Pores", &["Another."]).await;
        assert_eq!(editor.get(&other).await.json()["slug"], "pores-2");
        let asked = editor.request("PATCH", &other).if_match(&etag).json(&json!({"slug": "pores"})).send().await;
        editor.request("POST", &format!("{other}/publish")).if_match(asked.etag()).send().await.expect(200);
        assert_eq!(site.get("/v1/articles/pores").await.json()["title"], "Pores");
    }

    async fn the_publication_follows_the_library(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (address, etag) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        editor.request("POST", &format!("{address}/publish")).if_match(&etag).send().await.expect(200);
        let before = site.get("/v1/articles/pores?include=citations").await;
        let study = editor.get("/v1/manage/studies/aa2001").await;
        let mended = editor.request("PATCH", "/v1/manage/studies/aa2001").if_match(study.etag())
            .json(&json!({"csl": {"title": "A mended title"}})).send().await;
        mended.expect(200);
        let after = site.get("/v1/articles/pores?include=citations").await;
        assert_ne!(after.etag(), before.etag());
        let citation = &after.json()["citations"][0];
        assert_eq!(citation["study"]["title"], "A mended title");
        assert!(citation["formatted"]["text"].as_str().unwrap().contains("A mended title"));
        assert_eq!(site.get("/v1/studies/aa2001").await.json()["title"], "A mended title");
    }

    async fn of_many_editors_at_once_none_overwrites_another(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["0"]).await;
        let raise = || async {
            loop {
                let read = editor.get(&address).await;
                let copy = read.expect(200);
                let number: i64 = copy["sections"][0]["body"].as_str().unwrap().parse().unwrap();
                let section = copy["sections"][0]["id"].as_str().unwrap();
                let written = editor.request("PATCH", &format!("{address}/sections/{section}")).if_match(read.etag())
                    .json(&json!({"body": (number + 1).to_string()})).send().await;
                if written.status == 200 {
                    return;
                }
                assert_eq!(written.status, 412, "{}", written.text());
            }
        };
        let raises = (0..8).map(|_| Box::pin(raise()));
        futures_util::future::join_all(raises).await;
        let copy = editor.get(&address).await.json();
        assert_eq!((&copy["sections"][0]["body"], &copy["version"]), (&json!("8"), &json!(9)));
    }

    async fn writers_of_the_same_tags_do_not_stop_each_other(site: Site) {
        // All at work at once, and none that waits for a connection.
        let site = site.another_node_with(|settings| settings.database.connections = 24).await;
        let editor = site.signed_in(Role::Editor).await;
        let creations = (0..24).map(|n| {
            let mut tags: Vec<String> = (0..20).map(|tag| format!("Tag {} {tag}", n / 4)).collect();
            tags.rotate_left(n * 7 % 20);
            let (editor, body) = (&editor, json!({"title": format!("Article {n}"), "tags": tags}));
            async move { editor.post("/v1/manage/articles", &body).await.status }
        });
        let statuses = futures_util::future::join_all(creations).await;
        assert_eq!(statuses, [201; 24]);
    }

    async fn a_study_is_deleted_or_cited_never_half(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let mut addresses = Vec::new();
        for n in 0..3 {
            addresses.push(article(&admin, &format!("Article {n}"), &["Nothing yet."]).await.0);
        }
        for round in 0..15 {
            let key = format!("aa{round}");
            study(&admin, &key).await;
            let body = json!({"sections": [{"body": format!("Text [@{key}]."), "heading": round.to_string()}]});
            let edits = addresses.iter().cycle().take(6).map(|address| {
                let (admin, body) = (&admin, &body);
                async move { admin.request("PATCH", address).if_match("*").json(body).send().await.status }
            });
            let deletions = (0..4).map(|_| {
                let (admin, path) = (&admin, format!("/v1/manage/studies/{key}"));
                async move { admin.request("DELETE", &path).if_match("*").send().await.status }
            });
            let (edited, deleted) =
                tokio::join!(futures_util::future::join_all(edits), futures_util::future::join_all(deletions));
            assert_eq!(edited, [200; 6]);
            assert!(deleted.iter().all(|status| [204, 404, 409].contains(status)), "{deleted:?}");
        }
    }

    async fn more_keys_than_an_article_may_have_are_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let marker = |n: usize| format!("[{}]", (0..90).map(|key| format!("@k{n}x{key}")).collect::<Vec<_>>().join(";"));
        let body: String = (0..400).map(|n| marker(n) + "\n\n").collect();
        let refused = editor.post("/v1/manage/articles", &json!({"title": "Many", "sections": [{"body": body}]})).await;
        assert_eq!((refused.status, refused.json()["errors"][0]["code"].clone()), (422, json!("too_many_markers")));
    }
}
