//! `GET /v1/articles`.

use super::fixture::{Story, comment, draft, publish};
use super::{fault, slugs};
use crate::support::{Site, both};

/// Walks from a page to the last one along `next`, then back along `prev`; both ways have to meet the same pages.
async fn walk(site: &Site, first: &str) -> Vec<String> {
    let mut pages = vec![site.get(first).await.expect(200)];
    while let Some(next) = pages.last().expect("a page")["page"]["next"].as_str().map(str::to_owned) {
        pages.push(site.get(&next).await.expect(200));
        assert!(pages.len() < 50, "the pages go in a circle");
    }
    let mut page = pages.last().expect("a page").clone();
    for before in pages.iter().rev().skip(1) {
        page = site.get(page["page"]["prev"].as_str().expect("a page before")).await.expect(200);
        assert_eq!(page["data"], before["data"]);
    }
    assert_eq!(page["page"]["prev"], serde_json::Value::Null);
    pages.iter().flat_map(|page| slugs(page).into_iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

both! {
    async fn are_listed_newest_first_with_all_their_members(site: Site) {
        publish(&site, [
            Story { published_at: "2024-01-01T00:00:00Z", ..Story::new("old") },
            Story { published_at: "2024-02-01T00:00:00Z", tags: &["skin"], ..Story::new("new") },
        ]).await;
        draft(&site, "secret", "old-secret").await;
        let reply = site.get("/v1/articles").await;
        let page = reply.expect(200);
        assert_eq!(slugs(&page), ["new", "old"]);
        assert_eq!(page["page"], serde_json::json!({"limit": 20, "next": null, "prev": null, "total": null}));
        let article = &page["data"][0];
        assert_eq!(article["title"], "About new");
        assert_eq!(article["authors"][0]["published_articles"], serde_json::Value::Null);
        assert_eq!(article["tags"][0]["slug"], "skin");
        assert!(article["sections"].is_null() && article["citations"].is_null() && article["comments"]["data"].is_null());
        assert_eq!(article["comments"]["href"], "/v1/articles/new/comments");
        assert!(reply.header("cache-control").starts_with("public, max-age="));
        assert!(!reply.text().contains("secret"));
    }

    async fn pages_are_stable_both_ways_with_ties(site: Site) {
        let days = ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00.000001Z", "2024-01-02T00:00:00Z"];
        let story = |number: usize| Story {
            published_at: days[number % 3],
            updated_at: days[number % 2],
            title: ["Same", "same", "Übel", "100%"][number % 4].into(),
            ..Story::new(format!("a-{number:02}"))
        };
        publish(&site, (0..23).map(story)).await;
        for sort in ["published_at", "updated_at", "title"] {
            for limit in [1, 4, 7, 23, 100] {
                let up = walk(&site, &format!("/v1/articles?sort={sort}&limit={limit}")).await;
                let mut down = walk(&site, &format!("/v1/articles?sort=-{sort}&limit={limit}")).await;
                assert_eq!(up.len(), 23, "{sort} {limit}");
                down.reverse();
                assert_eq!(up, down, "{sort} {limit}");
            }
        }
        let page = site.get("/v1/articles?limit=4&count=true").await;
        assert_eq!(page.expect(200)["page"]["total"], 23);
        assert!(page.header("link").ends_with("; rel=\"next\""));
        let next = page.json()["page"]["next"].as_str().expect("a next page").to_owned();
        assert!(next.contains("limit=4") && next.contains("count=true"), "{next}");
    }

    async fn new_articles_do_not_shift_pages(site: Site) {
        let story = |number: usize| Story { published_at: "2024-01-01T00:00:00Z", ..Story::new(format!("a-{number}")) };
        publish(&site, (0..4).map(story)).await;
        let first = site.get("/v1/articles?limit=2").await.expect(200);
        publish(&site, [Story { published_at: "2025-01-01T00:00:00Z", ..Story::new("newer") }]).await;
        let second = site.get(first["page"]["next"].as_str().expect("a next page")).await.expect(200);
        assert_eq!(slugs(&second), ["a-1", "a-0"]);
        assert!(second["page"]["prev"].is_string());
    }

    async fn filters_of_one_name_widen_and_of_several_narrow(site: Site) {
        publish(&site, [
            Story { tags: &["skin", "diet"], authors: &["ada"], cites: &["s2001", "s2002"], ..Story::new("a") },
            Story { tags: &["skin"], authors: &["bo", "ada"], language: "pt-BR", cites: &["s2002"], ..Story::new("b") },
            Story { tags: &["diet"], authors: &["cy"], language: "de", ..Story::new("c") },
        ]).await;
        let study = site.get("/v1/studies/s2001").await.expect(200)["id"].as_str().expect("an id").to_owned();
        for (query, expected) in [
            ("tag=skin", vec!["a", "b"]),
            ("tag=skin,diet", vec!["a", "b", "c"]),
            ("tag=skin&author=bo", vec!["b"]),
            ("author=ada,cy&language=en,de", vec!["a", "c"]),
            ("language=pt-BR", vec!["b"]),
            ("language=pt", vec![]),
            ("cites=s2002", vec!["a", "b"]),
            ("cites=10.5555/S2001", vec!["a"]),
            ("cites=10.5555%2Fs2001,s2002", vec!["a", "b"]),
            (&format!("cites={study}"), vec!["a"]),
            ("tag=nothing", vec![]),
            ("cites=nothing&tag=skin", vec![]),
        ] {
            let page = site.get(&format!("/v1/articles?sort=title&count=true&{query}")).await.expect(200);
            assert_eq!(slugs(&page), expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
    }

    async fn come_with_what_is_included(site: Site) {
        let ids = publish(&site, [
            Story { cites: &["s2001"], authors: &["ada", "bo"], ..Story::new("a") },
            Story { authors: &["ada"], ..Story::new("b") },
        ]).await;
        let first = comment(&site, ids[0], "approved", None, 1).await;
        let reply = comment(&site, ids[0], "approved", Some(first), 3).await;
        comment(&site, ids[0], "approved", None, 2).await;
        for hidden in ["held", "spam", "trash"] {
            comment(&site, ids[0], hidden, Some(first), 4).await;
        }
        let answer = site.get("/v1/articles?sort=title&include=sections,citations,comments,authors,sections").await;
        let page = answer.expect(200);
        let (a, b) = (&page["data"][0], &page["data"][1]);
        assert_eq!(a["sections"][1]["heading"], "Findings");
        assert_eq!(a["citations"][0]["study"]["doi"], "10.5555/s2001");
        assert_eq!(a["authors"][0]["published_articles"], 2);
        assert_eq!(a["authors"][1]["published_articles"], 1);
        assert_eq!(a["comments"]["count"], 3);
        let threads = a["comments"]["data"].as_array().expect("comments");
        assert_eq!(threads.iter().map(|thread| &thread["name"]).collect::<Vec<_>>(), ["Reader 1", "Reader 2"]);
        assert_eq!(threads[0]["replies"][0]["id"], reply.to_string());
        assert_eq!(threads[0]["replies"][0]["parent_id"], first.to_string());
        assert_eq!(threads[0]["replies"].as_array().expect("replies").len(), 1);
        assert_eq!((b["comments"]["count"].as_i64(), b["comments"]["data"].as_array().map(Vec::len)), (Some(0), Some(0)));
        assert_eq!(b["citations"], serde_json::json!([]));
        assert!(!answer.text().contains("secret@") && !answer.text().contains("192.0.2.77"));
    }

    async fn give_the_fields_that_are_named(site: Site) {
        publish(&site, [Story { cites: &["s2001"], ..Story::new("a") }]).await;
        let page = site.get("/v1/articles?fields=title,sections.heading,citations.study.doi,comments.count").await;
        assert_eq!(page.expect(200)["data"], serde_json::json!([{
            "title": "About a",
            "sections": [{"heading": null}, {"heading": "Findings"}],
            "citations": [{"study": {"doi": "10.5555/s2001"}}],
            "comments": {"count": 0},
        }]));
        assert_eq!(page.json()["page"]["limit"], 20);
        let left_out = site.get("/v1/articles?include=sections&fields=slug").await;
        assert_eq!(left_out.expect(200)["data"], serde_json::json!([{"slug": "a"}]));
        let authors = site.get("/v1/articles?fields=authors.published_articles").await;
        assert_eq!(authors.expect(200)["data"], serde_json::json!([{"authors": [{"published_articles": 1}]}]));
    }

    async fn unknown_parameters_and_values_are_named(site: Site) {
        for (query, parameter, says) in [
            ("tags=skin", "tags", "Did you mean \"tag\"?"),
            ("fields=titel", "fields", "Did you mean \"title\"?"),
            ("fields=title,page", "fields", "\"page\""),
            ("fields=", "fields", "no field \"\""),
            ("include=section", "include", "Did you mean \"sections\"?"),
            ("include=", "include", "no part \"\""),
            ("sort=slug", "sort", "published_at, updated_at, title"),
            ("sort=title,published", "sort", "Did you mean \"published_at\"?"),
            ("sort=title,-title", "sort", "twice"),
            ("sort=", "sort", "no sort key \"\""),
            ("not.tga=a", "not.tga", "Did you mean \"not.tag\"?"),
            ("not.limit=2", "not.limit", "not.slug"),
            ("not.tag=A", "not.tag", "a slug"),
            ("tag=a&not.tag=B,c", "not.tag", "a slug"),
            ("body=htlm", "body", "Did you mean \"html\"?"),
            ("published_after=yesterday", "published_after", "Expected a day"),
            ("ids=a,a", "ids", "\"a\" is given twice"),
            ("ids=A", "ids", "the slug of an article"),
            ("ids=a&sort=title", "sort", "with `ids`"),
            ("ids=a&limit=1", "limit", "with `ids`"),
            ("limit=0", "limit", "1 to 100"),
            ("limit=101", "limit", "1 to 100"),
            ("count=yes", "count", "true"),
            ("cursor=abc", "cursor", "not a cursor"),
            ("tag=Skin", "tag", "a slug"),
            ("tag=", "tag", "a slug"),
            ("tag=a&tag=b", "tag", "twice"),
            ("author=a%00b", "author", "U+0000"),
            ("language=english", "language", "language tag"),
            ("cites=11.1/x", "cites", "DOI"),
        ] {
            let reply = site.get(&format!("/v1/articles?{query}")).await;
            assert_eq!((reply.status, reply.code()), (400, "invalid_parameter".into()), "{query}");
            let problem = reply.json();
            assert!(fault(&problem, parameter).contains(says), "{query}: {problem}");
        }
        let many = site.get("/v1/articles?x=1&limit=0&fields=a,b").await.json();
        assert_eq!(many["errors"].as_array().expect("errors").len(), 4);
    }

    async fn a_cursor_belongs_to_its_list(site: Site) {
        publish(&site, (0..3).map(|number| Story::new(format!("a-{number}")))).await;
        let page = site.get("/v1/articles?limit=1").await.expect(200);
        let next = page["page"]["next"].as_str().expect("a next page");
        let cursor = next.split("cursor=").nth(1).expect("a cursor");
        for foreign in [format!("/v1/articles?sort=title&cursor={cursor}"), format!("/v1/studies?cursor={cursor}")] {
            let reply = site.get(&foreign).await;
            assert_eq!((reply.status, reply.code()), (400, "invalid_parameter".into()), "{foreign}");
        }
    }

    async fn an_unchanged_list_is_a_304(site: Site) {
        publish(&site, [Story::new("a")]).await;
        let first = site.get("/v1/articles").await;
        let again = site.request("GET", "/v1/articles").header("If-None-Match", first.etag()).send().await;
        assert_eq!((again.status, again.body.len(), again.etag()), (304, 0, first.etag()));
        publish(&site, [Story::new("b")]).await;
        let changed = site.request("GET", "/v1/articles").header("If-None-Match", first.etag()).send().await;
        assert_eq!(changed.status, 200);
        let head = site.request("HEAD", "/v1/articles").send().await;
        assert_eq!((head.status, head.body.len(), head.etag()), (200, 0, changed.etag()));
    }
}
