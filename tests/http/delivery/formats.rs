//! `GET /v1/articles/{article}` by `Accept`, and with the ends that mean the same.

use ibid::accounts::Role;
use serde_json::json;

use super::cache::retitle;
use super::fixture::{Story, comment, publish};
use crate::editorial::article;
use crate::publishing::publish as publish_draft;
use crate::support::{Reply, Site, both};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

/// The formats beside JSON: the end of the address, the media type, what it is sent as, and what it begins with.
const FORMATS: [(&str, &str, &str, &str); 4] = [
    ("jsonld", "application/ld+json", "application/ld+json", "{\"@context\":\"https://schema.org\""),
    ("md", "text/markdown", "text/markdown; charset=utf-8", "---\ntitle: \"About a\"\n"),
    ("html", "text/html", "text/html; charset=utf-8", "<!doctype html>\n<html lang=\"en\">"),
    ("xml", "application/jats+xml", "application/jats+xml; charset=utf-8", "<?xml version=\"1.0\""),
];

async fn accepting(site: &Site, path: &str, accept: &str) -> Reply {
    site.request("GET", path).header("Accept", accept).send().await
}

/// Whether the answer is said to be chosen by `Accept`.
fn varies(reply: &Reply) -> bool {
    let values = reply.headers.get_all("vary").iter().map(|value| value.to_str().expect("a readable header"));
    values.flat_map(|value| value.split(',')).any(|name| name.trim() == "Accept")
}

fn story() -> Story {
    Story {
        cites: &["s2009", "s2001"],
        tags: &["skin"],
        authors: &["ada", "bo"],
        old_slug: Some("old"),
        ..Story::new("a")
    }
}

both! {
    async fn are_what_accept_says_and_what_the_address_says(site: Site) {
        publish(&site, [story()]).await;
        for (suffix, accept, content_type, beginning) in FORMATS {
            let file = site.request("GET", &format!("/v1/articles/a.{suffix}")).header("Accept", "image/png").send().await;
            let negotiated = accepting(&site, "/v1/articles/a", accept).await;
            assert_eq!((file.status, file.header("content-type")), (200, content_type), "{suffix}");
            assert_eq!((&file.body, file.etag()), (&negotiated.body, negotiated.etag()), "{suffix}");
            assert!(file.text().starts_with(beginning), "{}", file.text());
            assert!(varies(&negotiated) && !varies(&file), "{suffix}");
            let frozen = if suffix == "jsonld" { "" } else { "Tue, 25 Jun 2024 09:30:00 GMT" };
            assert_eq!(file.header("last-modified"), frozen, "{suffix}");
            let again = site.request("GET", &format!("/v1/articles/a.{suffix}")).header("If-None-Match", file.etag());
            assert_eq!(again.send().await.status, 304);
            let head = site.request("HEAD", &format!("/v1/articles/a.{suffix}")).send().await;
            assert_eq!((head.status, head.body.len(), head.etag()), (200, 0, file.etag()));
        }
        assert!(accepting(&site, "/v1/articles/a", BROWSER).await.text().starts_with("<!doctype html>"));
    }

    async fn json_is_what_answers_when_nothing_else_is_asked_for(site: Site) {
        publish(&site, [story()]).await;
        let json = site.get("/v1/articles/a.json?include=citations&fields=citations.key").await;
        assert_eq!(json.expect(200), json!({"citations": [{"key": "s2009"}, {"key": "s2001"}]}));
        assert!(!varies(&json));
        for accept in ["*/*", "application/json", "application/*", ""] {
            let reply = accepting(&site, "/v1/articles/a", accept).await;
            assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"), "{accept}");
            assert!(varies(&reply));
        }
        // What says which members of the JSON are wanted wants JSON: so does a browser that is given such an address.
        let fields = "/v1/articles/a?fields=title";
        assert_eq!(accepting(&site, fields, BROWSER).await.expect(200), json!({"title": "About a"}));
        let refused = accepting(&site, fields, "text/html").await;
        assert_eq!((refused.status, refused.code()), (406, "not_acceptable".into()));
        let neither = accepting(&site, "/v1/articles/a", "application/pdf").await;
        assert_eq!((neither.status, neither.code()), (406, "not_acceptable".into()));
        assert!(neither.json()["detail"].as_str().expect("a detail").contains("application/jats+xml"));
        assert!(varies(&neither));
    }

    async fn old_slugs_lead_to_the_same_format(site: Site) {
        publish(&site, [story()]).await;
        for suffix in ["json", "jsonld", "md", "html", "xml"] {
            let moved = site.get(&format!("/v1/articles/old.{suffix}")).await;
            assert_eq!((moved.status, moved.header("location")), (301, format!("/v1/articles/a.{suffix}").as_str()));
        }
        assert_eq!(site.get("/v1/articles/old/sections").await.header("location"), "/v1/articles/a/sections");
        assert_eq!(site.get("/v1/articles/old?fields=title").await.header("location"), "/v1/articles/a?fields=title");
        for nothing in ["a.pdf", "a.", "none.md", "A.md", "a.md.md", "a.MD"] {
            assert_eq!(site.get(&format!("/v1/articles/{nothing}")).await.status, 404, "{nothing}");
        }
        assert_eq!(site.get("/v1/articles/a.md?style=apa").await.status, 400);
    }

    async fn linked_data_has_the_comments_that_are_approved(site: Site) {
        let id = publish(&site, [story()]).await[0];
        let first = comment(&site, id, "approved", None, 1).await;
        comment(&site, id, "approved", Some(first), 2).await;
        comment(&site, id, "held", None, 3).await;
        let reply = site.get("/v1/articles/a.jsonld").await;
        let article = &reply.expect(200)["mainEntity"];
        assert_eq!((&article["commentCount"], article["comment"].as_array().map(Vec::len)), (&json!(2), Some(1)));
        assert_eq!(article["comment"][0]["comment"][0]["author"]["name"], "Reader 2");
        assert_eq!(article["citation"][0]["@id"], "https://doi.org/10.5555/s2009");
        assert!(!reply.text().contains("secret@example.org") && !reply.text().contains("192.0.2.77"));
    }

    async fn a_commit_is_seen_by_the_next_read_of_each(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish_draft(&editor, &address).await;
        let everywhere = [
            "/v1/articles/pores.md", "/v1/articles/pores.html", "/v1/articles/pores.xml", "/v1/articles/pores.jsonld",
            "/feeds/articles.atom", "/feeds/articles.rss", "/feeds/articles.json", "/feeds/articles/pores/comments.atom",
            "/sitemap.xml", "/llms.txt",
        ];
        let mut before = Vec::new();
        for path in everywhere {
            before.push(site.get(path).await.etag().to_owned());
            assert_eq!(site.get(path).await.etag(), before.last().expect("just pushed"), "{path}");
        }
        retitle(&editor, &address, "Pores anew").await;
        for (path, before) in everywhere.into_iter().zip(before) {
            let after = site.get(path).await;
            assert!(after.status == 200 && after.etag() != before, "{path}");
        }
    }

    async fn a_page_runs_nothing(site: Site) {
        publish(&site, [story()]).await;
        let page = site.get("/v1/articles/a.html").await;
        let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; base-uri 'none'";
        assert_eq!(page.header("content-security-policy"), policy);
        let text = page.text();
        let canonical = format!("<link rel=\"canonical\" href=\"http://{}/v1/articles/a.html\">", site.state.settings.server.listen);
        assert!(text.contains(&canonical) && text.contains("<li id=\"ref-2\">"), "{text}");
        // What a request calls the host is not believed: the answer is kept for others.
        let spoofed = site.request("GET", "/v1/articles/a.html").header("Host", "evil.example").send().await;
        assert_eq!(spoofed.body, page.body);
    }

    async fn jats_is_well_formed(site: Site) {
        publish(&site, [story()]).await;
        let text = site.get("/v1/articles/a.xml").await.text();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(&text, options).expect("XML");
        assert_eq!(document.descendants().filter(|node| node.has_tag_name("ref")).count(), 2);
    }
}
