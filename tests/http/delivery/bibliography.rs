//! `GET /v1/articles/{article}/bibliography`.

use serde_json::json;

use super::fault;
use super::fixture::{Story, publish};
use crate::support::{Reply, Site, both};

const CSL: &str = "application/vnd.citationstyles.csl+json";

async fn accepting(site: &Site, accept: &str) -> Reply {
    site.request("GET", "/v1/articles/a/bibliography").header("Accept", accept).send().await
}

both! {
    async fn comes_in_three_formats(site: Site) {
        publish(&site, [Story { cites: &["s2009", "s2001"], ..Story::new("a") }]).await;
        let json = accepting(&site, "application/json").await;
        assert_eq!(json.expect(200), json!({"style": "vancouver", "entries": [
            {"number": 1, "key": "s2009", "text": "1. Author A. Study s2009.", "html": "<p>1. Author A. Study s2009.</p>"},
            {"number": 2, "key": "s2001", "text": "2. Author A. Study s2001.", "html": "<p>2. Author A. Study s2001.</p>"},
        ]}));
        let plain = accepting(&site, "text/plain").await;
        assert_eq!(plain.text(), "1. Author A. Study s2009.\n2. Author A. Study s2001.\n");
        assert_eq!(plain.header("content-type"), "text/plain; charset=utf-8");
        let records = accepting(&site, CSL).await;
        assert_eq!(records.header("content-type"), CSL);
        assert_eq!(records.expect(200), json!([
            {"id": "s2009", "type": "book", "title": "s2009"}, {"id": "s2001", "type": "book", "title": "s2001"},
        ]));
        let tags = [json.etag(), plain.etag(), records.etag()];
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
        for reply in [&json, &plain, &records] {
            assert!(reply.header("vary").starts_with("Accept"), "{}", reply.header("vary"));
            assert_eq!(reply.header("last-modified"), "Tue, 25 Jun 2024 09:30:00 GMT");
        }
    }

    async fn is_what_the_client_likes_best(site: Site) {
        publish(&site, [Story { cites: &["s2009"], ..Story::new("a") }]).await;
        for (accept, media_type) in [
            ("*/*", "application/json"), ("text/*", "text/plain; charset=utf-8"), ("application/*", "application/json"),
            ("application/json;q=0.1, text/plain;q=0.2", "text/plain; charset=utf-8"), (&format!("{CSL}, */*;q=0.1"), CSL),
        ] {
            assert_eq!(accepting(&site, accept).await.header("content-type"), media_type, "{accept}");
        }
        let neither = accepting(&site, "text/html").await;
        assert_eq!((neither.status, neither.code()), (406, "not_acceptable".into()));
        assert!(neither.json()["detail"].as_str().expect("a detail").contains(CSL));
        assert!(neither.header("vary").contains("Accept"));
        let plain = accepting(&site, "text/plain").await;
        let again = site.request("GET", "/v1/articles/a/bibliography").header("Accept", "text/plain");
        let again = again.header("If-None-Match", plain.etag()).send().await;
        assert_eq!((again.status, again.header("vary").starts_with("Accept")), (304, true));
        let other = site.request("GET", "/v1/articles/a/bibliography").header("If-None-Match", plain.etag()).send().await;
        assert_eq!(other.status, 200);
    }

    async fn has_an_address_for_each_format(site: Site) {
        publish(&site, [Story { cites: &["s2009"], ..Story::new("a") }]).await;
        for (suffix, accept) in [("json", "application/json"), ("txt", "text/plain"), ("csl.json", CSL)] {
            let file = site.request("GET", &format!("/v1/articles/a/bibliography.{suffix}")).header("Accept", "text/html");
            let file = file.send().await;
            let negotiated = accepting(&site, accept).await;
            assert_eq!((file.status, &file.body, file.etag()), (200, &negotiated.body, negotiated.etag()));
            assert!(!file.header("vary").starts_with("Accept,"));
        }
        for nothing in ["bib", "", "JSON"] {
            assert_eq!(site.get(&format!("/v1/articles/a/bibliography.{nothing}")).await.status, 404, "{nothing}");
        }
    }

    async fn has_the_style_that_is_named(site: Site) {
        publish(&site, [Story::new("a")]).await;
        assert_eq!(site.get("/v1/articles/a/bibliography?style=vancouver").await.expect(200)["entries"], json!([]));
        for path in ["bibliography?style=apa", "bibliography.txt?style=apa"] {
            let problem = site.get(&format!("/v1/articles/a/{path}")).await.expect(400);
            assert!(fault(&problem, "style").contains("vancouver"));
        }
        assert_eq!(site.get("/v1/articles/a/bibliography?format=json").await.status, 400);
    }
}
