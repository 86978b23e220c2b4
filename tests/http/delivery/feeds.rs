//! `GET /feeds/…`.

use roxmltree::Document;
use serde_json::{Value, json};

use super::fixture::{Story, comment, draft, publish};
use crate::support::{Site, both};

fn titles(feed: &Value) -> Vec<&str> {
    feed["items"].as_array().expect("items").iter().map(|item| item["title"].as_str().expect("a title")).collect()
}

both! {
    async fn have_the_newest_first(site: Site) {
        publish(&site, [
            Story { published_at: "2024-01-01T00:00:00Z", updated_at: "2025-01-01T00:00:00Z", ..Story::new("old") },
            Story { published_at: "2024-03-01T00:00:00Z", tags: &["skin"], ..Story::new("new") },
            Story { published_at: "2024-02-01T00:00:00Z", authors: &["bo"], ..Story::new("middle") },
        ]).await;
        draft(&site, "draft", "once").await;
        let all = site.get("/feeds/articles.json").await;
        assert_eq!(all.header("content-type"), "application/feed+json");
        assert_eq!(titles(&all.expect(200)), ["About new", "About middle", "About old"]);
        assert!(all.expect(200)["items"][0]["content_html"].as_str().expect("HTML").contains("<h2>Findings</h2>"));
        let atom = site.get("/feeds/articles.atom").await;
        assert_eq!(atom.header("content-type"), "application/atom+xml; charset=utf-8");
        let text = atom.text();
        let document = Document::parse(&text).expect("XML");
        let updated = document.root_element().children().find(|node| node.tag_name().name() == "updated");
        assert_eq!(updated.and_then(|node| node.text()), Some("2025-01-01T00:00:00Z"));
        let rss = site.get("/feeds/articles.rss").await;
        assert_eq!(rss.header("content-type"), "application/rss+xml; charset=utf-8");
        assert_eq!(Document::parse(&rss.text()).expect("XML").descendants().filter(|node| node.has_tag_name("item")).count(), 3);
        assert!(rss.header("cache-control").starts_with("public"));
        let again = site.request("GET", "/feeds/articles.rss").header("If-None-Match", rss.etag()).send().await;
        assert_eq!(again.status, 304);
        assert_eq!(titles(&site.get("/feeds/tags/skin.json").await.expect(200)), ["About new"]);
        assert_eq!(site.get("/feeds/tags/skin.json").await.expect(200)["title"], "ibid: SKIN");
        assert_eq!(titles(&site.get("/feeds/authors/bo.json").await.expect(200)), ["About middle"]);
        for nothing in ["articles.xml", "articles", "tags/none.atom", "tags/Skin.atom", "authors/none.rss", "authors/skin.json", "articles/none/comments.atom", "articles/draft/comments.atom"] {
            assert_eq!(site.get(&format!("/feeds/{nothing}")).await.status, 404, "{nothing}");
        }
        assert_eq!(site.get("/feeds/articles.atom?limit=3").await.status, 400);
    }

    async fn have_fifty_at_most(site: Site) {
        publish(&site, (0..52).map(|number| Story::new(format!("s-{number}")))).await;
        assert_eq!(titles(&site.get("/feeds/articles.json").await.expect(200)).len(), 50);
    }

    async fn of_nothing_are_empty(site: Site) {
        assert_eq!(titles(&site.get("/feeds/articles.json").await.expect(200)), [""; 0]);
        assert!(site.get("/feeds/articles.atom").await.text().contains("<updated>1970-01-01T00:00:00Z</updated>"));
    }

    async fn of_comments_have_those_that_are_approved(site: Site) {
        let id = publish(&site, [Story { old_slug: Some("once"), ..Story::new("a") }]).await[0];
        let first = comment(&site, id, "approved", None, 1).await;
        comment(&site, id, "approved", Some(first), 2).await;
        comment(&site, id, "held", None, 3).await;
        let feed = site.get("/feeds/articles/a/comments.json").await.expect(200);
        assert_eq!(titles(&feed), ["Reader 2: About a", "Reader 1: About a"]);
        assert_eq!(feed["items"][1]["id"], json!(format!("urn:uuid:{first}")));
        let atom = site.get(&format!("/feeds/articles/{id}/comments.atom")).await.text();
        assert!(atom.contains(&format!("<thr:in-reply-to ref=\"urn:uuid:{first}\"")), "{atom}");
        for secret in ["secret@example.org", "192.0.2.77", "Reader 3"] {
            assert!(!atom.contains(secret));
        }
        let moved = site.get("/feeds/articles/once/comments.rss").await;
        assert_eq!((moved.status, moved.header("location")), (301, "/feeds/articles/a/comments.rss"));
    }
}
