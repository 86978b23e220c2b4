//! The sections and citations of a published article.

use serde_json::json;

use super::fixture::{Story, publish};
use crate::support::{Site, both};

both! {
    async fn sections_are_listed_and_found_by_anchor(site: Site) {
        publish(&site, [Story { cites: &["s2001"], ..Story::new("a") }]).await;
        let list = site.get("/v1/articles/a/sections?count=true").await;
        let sections = list.expect(200);
        assert_eq!(sections["page"], json!({"limit": 20, "next": null, "prev": null, "total": 2}));
        assert_eq!(list.header("last-modified"), "Tue, 25 Jun 2024 09:30:00 GMT");
        let findings = site.get("/v1/articles/a/sections/findings").await;
        assert_eq!(findings.expect(200), sections["data"][1]);
        assert_eq!(findings.header("content-type"), "application/json");
        assert_eq!(findings.json()["citations"], json!([1]));
        let again = site.request("GET", "/v1/articles/a/sections/findings").header("If-None-Match", findings.etag());
        assert_eq!(again.send().await.status, 304);
        let missing = site.get("/v1/articles/a/sections/nothing").await;
        assert_eq!((missing.status, missing.json()["detail"].as_str()), (404, Some("No such section.")));
    }

    async fn citations_are_listed_in_pages_and_found_by_number(site: Site) {
        let cites = &["s2001", "s2002", "s2003", "s2004", "s2005"];
        publish(&site, [Story { cites, ..Story::new("a") }]).await;
        let numbers = |page: &serde_json::Value| -> Vec<i64> {
            page["data"].as_array().expect("data").iter().filter_map(|citation| citation["number"].as_i64()).collect()
        };
        let first = site.get("/v1/articles/a/citations?limit=2").await.expect(200);
        let second = site.get(first["page"]["next"].as_str().expect("a next page")).await.expect(200);
        let third = site.get(second["page"]["next"].as_str().expect("a next page")).await.expect(200);
        assert_eq!((numbers(&first), numbers(&second), numbers(&third)), (vec![1, 2], vec![3, 4], vec![5]));
        assert!(third["page"]["next"].is_null());
        let back = site.get(third["page"]["prev"].as_str().expect("a page before")).await.expect(200);
        assert_eq!(back["data"], second["data"]);

        assert_eq!(site.get("/v1/articles/a/citations/3").await.expect(200)["key"], "s2003");
        for nothing in ["0", "6", "03", "+3", "x", "99999999999999999999"] {
            assert_eq!(site.get(&format!("/v1/articles/a/citations/{nothing}")).await.status, 404, "{nothing}");
        }
    }

    async fn cursors_and_parameters_are_checked(site: Site) {
        publish(&site, [Story { cites: &["s2001", "s2002"], ..Story::new("a") }]).await;
        let page = site.get("/v1/articles/a/citations?limit=1").await.expect(200);
        let cursor = page["page"]["next"].as_str().and_then(|next| next.split("cursor=").nth(1)).expect("a cursor");
        assert_eq!(site.get(&format!("/v1/articles/a/sections?cursor={cursor}")).await.status, 400);
        for wrong in ["sections?limit=0", "sections?sort=title", "sections/lead?x=1", "citations?x=1", "citations/1?x=1"] {
            let reply = site.get(&format!("/v1/articles/a/{wrong}")).await;
            assert_eq!((reply.status, reply.code()), (400, "invalid_parameter".into()), "{wrong}");
        }
    }
}
