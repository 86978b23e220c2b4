//! `GET /v1/articles/{article}`.

use serde_json::{Value, json};

use super::fault;
use super::fixture::{Story, comment, draft, publish};
use crate::support::{Site, both};

both! {
    async fn is_found_by_slug_and_by_id(site: Site) {
        let ids = publish(&site, [Story::new("a"), Story::new("b")]).await;
        let by_slug = site.get("/v1/articles/a").await;
        let article = by_slug.expect(200);
        assert_eq!(article["id"], ids[0].to_string());
        assert_eq!(article["links"], json!({
            "self": "/v1/articles/a",
            "sections": "/v1/articles/a/sections",
            "citations": "/v1/articles/a/citations",
            "bibliography": "/v1/articles/a/bibliography",
            "evidence": "/v1/articles/a/evidence",
            "comments": "/v1/articles/a/comments",
            "versions": "/v1/articles/a/versions",
        }));
        assert_eq!(article["comments"], json!({
            "policy": "open", "count": 0, "href": "/v1/articles/a/comments", "data": null, "next": null,
        }));
        let by_id = site.get(&format!("/v1/articles/{}", ids[0])).await;
        assert_eq!(by_id.body, by_slug.body);
    }

    async fn has_every_member_whether_there_is_something_or_not(site: Site) {
        publish(&site, [Story::new("a")]).await;
        let article = site.get("/v1/articles/a").await.expect(200);
        let names: Vec<&str> = article.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, [
            "id", "slug", "language", "translation_group", "translations", "title", "subtitle", "summary", "published_at",
            "updated_at", "version", "authors", "reviewed", "tags", "word_count", "reading_minutes", "evidence", "claims",
            "sections", "citations", "comments", "links",
        ]);
        assert_eq!(article["authors"], json!([
            {"name": "ADA", "slug": "ada", "credentials": null, "orcid": null, "published_articles": null},
        ]));
    }

    async fn has_its_parts_byte_for_byte(site: Site) {
        publish(&site, [Story { cites: &["s2001", "s2002"], ..Story::new("a") }]).await;
        let whole = site.get("/v1/articles/a?include=sections,citations").await;
        let section = site.get("/v1/articles/a/sections/findings").await;
        assert!(whole.text().contains(&section.text()));
        assert_eq!(whole.json()["citations"].as_array().map(Vec::len), Some(2));
        let citation = site.get("/v1/articles/a/citations/2").await;
        assert!(whole.text().contains(&citation.text()));
    }

    async fn is_not_there_as_a_draft(site: Site) {
        let id = draft(&site, "secret", "old-secret").await;
        for name in ["secret", "old-secret", &id.to_string(), "nothing", "No-Slug", "a%00b", "%FF", "a..b"] {
            for rest in ["", "/sections", "/sections/lead", "/citations", "/citations/1", "/bibliography"] {
                let reply = site.get(&format!("/v1/articles/{name}{rest}")).await;
                assert_eq!((reply.status, reply.code()), (404, "not_found".into()), "{name}{rest}");
            }
        }
    }

    async fn is_led_to_from_an_old_slug(site: Site) {
        let ids = publish(&site, [Story { old_slug: Some("before"), ..Story::new("now") }]).await;
        for rest in [
            "", "?include=sections&fields=title", "/sections", "/sections/lead", "/citations?limit=1", "/citations/1",
            "/bibliography?style=vancouver", "/bibliography.txt",
        ] {
            let reply = site.get(&format!("/v1/articles/before{rest}")).await;
            assert_eq!(reply.status, 301, "{rest}");
            assert_eq!(reply.header("location"), format!("/v1/articles/now{rest}"));
            assert!(reply.header("cache-control").starts_with("public"));
        }
        let head = site.request("HEAD", "/v1/articles/before").send().await;
        assert_eq!((head.status, head.header("location")), (301, "/v1/articles/now"));
        assert_eq!(site.get(&format!("/v1/articles/{}", ids[0])).await.status, 200);
        assert_eq!(site.get("/v1/articles/before?nonsense=1").await.status, 400);
    }

    async fn a_slug_in_use_leads_nowhere_else(site: Site) {
        publish(&site, [Story { old_slug: Some("b"), ..Story::new("a") }, Story::new("b")]).await;
        assert_eq!(site.get("/v1/articles/b").await.expect(200)["slug"], "b");
    }

    async fn gives_the_fields_that_are_named(site: Site) {
        publish(&site, [Story { cites: &["s2001"], tags: &["skin"], ..Story::new("a") }]).await;
        let some = site.get("/v1/articles/a?fields=slug,tags.name,links.self,citations.study.csl").await;
        assert_eq!(some.expect(200), json!({
            "slug": "a", "tags": [{"name": "SKIN"}],
            "citations": [{"study": {"csl": {"id": "other", "type": "book", "title": "s2001"}}}],
            "links": {"self": "/v1/articles/a"},
        }));
        let wrong = site.get("/v1/articles/a?fields=citations.study.csl.DOI,sections.headin").await.json();
        assert_eq!(wrong["errors"].as_array().map(Vec::len), Some(2));
        assert!(fault(&wrong, "fields").contains("Did you mean \"citations.study"));
    }

    async fn changes_its_etag_with_its_comments(site: Site) {
        let ids = publish(&site, [Story::new("a")]).await;
        let before = site.get("/v1/articles/a").await;
        let again = site.request("GET", "/v1/articles/a").header("If-None-Match", before.etag()).send().await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!((before.header("last-modified"), again.header("last-modified")), ("", ""));
        comment(&site, ids[0], "held", None, 1).await;
        assert_eq!(site.get("/v1/articles/a").await.etag(), before.etag());
        comment(&site, ids[0], "approved", None, 1).await;
        let after = site.request("GET", "/v1/articles/a").header("If-None-Match", before.etag()).send().await;
        assert_eq!(after.expect(200)["comments"]["count"], 1);
    }

    async fn says_when_it_changed_if_nothing_else_can_change(site: Site) {
        publish(&site, [Story::new("a")]).await;
        let at = "Tue, 25 Jun 2024 09:30:00 GMT";
        for (query, expected) in [
            ("fields=title,sections", at), ("fields=comments.count", ""), ("fields=authors.name", at),
            ("fields=authors.name&include=authors", at), ("fields=authors&include=authors", ""), ("", ""),
        ] {
            let reply = site.get(&format!("/v1/articles/a?{query}")).await;
            assert_eq!((reply.status, reply.header("last-modified")), (200, expected), "{query}");
        }
        let head = site.request("HEAD", "/v1/articles/a?fields=title").send().await;
        assert_eq!((head.status, head.body.len(), head.header("last-modified")), (200, 0, at));
    }

    async fn has_the_first_threads_and_leads_to_the_others(site: Site) {
        let ids = publish(&site, [Story::new("a"), Story::new("b")]).await;
        for seconds in 0..23 {
            comment(&site, ids[0], "approved", None, seconds).await;
        }
        comment(&site, ids[1], "approved", None, 500).await;
        let page = site.get("/v1/articles?include=comments&sort=title").await.expect(200);
        let shown = |at: usize| page["data"][at]["comments"]["data"].as_array().map(Vec::len);
        assert_eq!((shown(0), shown(1)), (Some(20), Some(1)));
        let talk = &page["data"][0]["comments"];
        assert_eq!((&talk["count"], &talk["data"][19]["name"]), (&json!(23), &json!("Reader 19")));
        let others = site.get(talk["next"].as_str().expect("an address")).await.expect(200);
        assert_eq!((&others["data"][0]["name"], others["data"].as_array().map(Vec::len)), (&json!("Reader 20"), Some(3)));
        assert!(page["data"][1]["comments"]["next"].is_null());
        let next = site.get("/v1/articles/a?fields=comments.next").await.expect(200);
        assert_eq!(next["comments"], json!({"next": talk["next"]}));
    }

    async fn shows_replies_to_what_is_hidden_on_their_own(site: Site) {
        let ids = publish(&site, [Story::new("a")]).await;
        let hidden = comment(&site, ids[0], "trash", None, 1).await;
        comment(&site, ids[0], "approved", Some(hidden), 2).await;
        let article = site.get("/v1/articles/a?include=comments").await.expect(200);
        let shown = &article["comments"]["data"][0];
        assert_eq!((&shown["name"], &shown["parent_id"], &shown["replies"]), (&json!("Reader 2"), &Value::Null, &json!([])));
        assert_eq!(article["comments"]["data"], site.get("/v1/articles/a/comments").await.expect(200)["data"]);
    }
}
