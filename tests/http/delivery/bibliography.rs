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
    async fn comes_in_the_style_that_it_was_published_in(site: Site) {
        publish(&site, [Story { cites: &["s2009", "s2001"], ..Story::new("a") }]).await;
        let json = accepting(&site, "application/json").await;
        assert_eq!(json.expect(200), json!({"style": "vancouver", "locale": "en-US", "entries": [
            {"number": 1, "key": "s2009", "label": "1.", "text": "1. Author A. Study s2009.", "html": "<p>1. Author A. Study s2009.</p>"},
            {"number": 2, "key": "s2001", "label": "2.", "text": "2. Author A. Study s2001.", "html": "<p>2. Author A. Study s2001.</p>"},
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
        let neither = accepting(&site, "application/pdf").await;
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
        for (suffix, accept) in [
            ("json", "application/json"), ("txt", "text/plain"), ("html", "text/html"), ("bib", "application/x-bibtex"),
            ("ris", "application/x-research-info-systems"), ("csl.json", CSL),
        ] {
            let file = site.request("GET", &format!("/v1/articles/a/bibliography.{suffix}")).header("Accept", "image/png");
            let file = file.send().await;
            let negotiated = accepting(&site, accept).await;
            assert_eq!((file.status, &file.body, file.etag()), (200, &negotiated.body, negotiated.etag()));
            assert!(!file.header("vary").starts_with("Accept,"));
        }
        for nothing in ["pdf", "", "JSON"] {
            assert_eq!(site.get(&format!("/v1/articles/a/bibliography.{nothing}")).await.status, 404, "{nothing}");
        }
    }

    async fn has_the_style_and_the_language_that_are_named(site: Site) {
        publish(&site, [Story::new("none"), Story { cites: &["s2009", "s2001"], ..Story::new("a") }]).await;
        assert_eq!(site.get("/v1/articles/none/bibliography?style=apa").await.expect(200)["entries"], json!([]));
        let text = async |query: &str| site.get(&format!("/v1/articles/a/bibliography.txt?{query}")).await.text();
        assert_eq!(text("style=vancouver").await, "1. s2009.\n2. s2001.\n");
        assert_eq!(text("style=ieee").await, "[1] s2009.\n[2] s2001.\n");
        // By author and year: in an order of its own, without numbers.
        assert_eq!(text("style=apa").await, "s2001. (n.d.).\ns2009. (n.d.).\n");
        assert_eq!(text("style=apa&locale=de").await, "s2001. (o.\u{a0}J.).\ns2009. (o.\u{a0}J.).\n");
        let json = site.get("/v1/articles/a/bibliography?style=ama&locale=de-LI").await;
        assert_eq!(json.header("last-modified"), "");
        let json = json.expect(200);
        assert_eq!((&json["style"], &json["locale"]), (&json!("american-medical-association"), &json!("de-DE")));
        assert_eq!(json["entries"][1], json!({
            "number": 2, "key": "s2001", "label": "2.", "text": "2. S2001.",
            "html": "<span class=\"csl-label\">2.</span> <i>S2001</i>.",
        }));
    }

    async fn leads_back_to_the_places_in_html(site: Site) {
        publish(&site, [Story { cites: &["s2009", "s2001"], ..Story::new("a") }]).await;
        let numbered = site.get("/v1/articles/a/bibliography.html?style=vancouver").await;
        assert_eq!(numbered.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(numbered.header("content-security-policy"), "default-src 'none'; style-src 'unsafe-inline'");
        assert!(numbered.text().contains("<ol>\n<li id=\"ref-1\">s2009."), "{}", numbered.text());
        assert!(numbered.text().contains("<a class=\"citation-back\" href=\"#cite-findings-1\""), "{}", numbered.text());
        let by_author = site.get("/v1/articles/a/bibliography.html?style=apa").await.text();
        assert!(by_author.contains("<ul>\n<li id=\"ref-2\">"), "{by_author}");
    }

    async fn gives_records_to_reference_managers(site: Site) {
        publish(&site, [Story { cites: &["s2009"], ..Story::new("a") }]).await;
        let bibtex = site.get("/v1/articles/a/bibliography.bib").await;
        assert_eq!(bibtex.header("content-type"), "application/x-bibtex; charset=utf-8");
        assert!(bibtex.text().starts_with("@book{s2009,"), "{}", bibtex.text());
        let ris = site.get("/v1/articles/a/bibliography.ris").await;
        assert_eq!(ris.header("content-type"), "application/x-research-info-systems; charset=utf-8");
        assert!(ris.text().starts_with("TY  - BOOK") && ris.text().contains("s2009"), "{}", ris.text());
        assert_eq!(site.get("/v1/articles/a/bibliography.ris?style=apa").await.text(), ris.text());
    }

    async fn a_style_or_a_language_that_is_not_there_is_refused(site: Site) {
        publish(&site, [Story::new("a")]).await;
        for path in ["bibliography?style=vancuver", "bibliography.txt?style=vancuver", "citations?style=vancuver"] {
            let problem = site.get(&format!("/v1/articles/a/{path}")).await.expect(400);
            assert!(fault(&problem, "style").contains("Did you mean \"vancouver\"?"), "{problem}");
        }
        let problem = site.get("/v1/articles/a/bibliography?locale=de-DEE-x").await.expect(400);
        assert!(fault(&problem, "locale").contains("\"de-DE\""), "{problem}");
        assert_eq!(site.get("/v1/articles/a/bibliography?locale=tlh&style=No+style").await.expect(400)["errors"].as_array().map(Vec::len), Some(2));
        assert_eq!(site.get("/v1/articles/a/bibliography?format=json").await.status, 400);
        assert_eq!(site.get("/v1/articles/a?style=vancuver").await.status, 400);
    }

    async fn citations_are_printed_in_it_wherever_they_stand(site: Site) {
        publish(&site, [Story { cites: &["s2009", "s2001"], ..Story::new("a") }]).await;
        let article = site.get("/v1/articles/a?include=citations&style=apa").await.expect(200);
        let page = site.get("/v1/articles/a/citations?style=apa&limit=1&count=true").await.expect(200);
        let one = site.get("/v1/articles/a/citations/1?style=apa").await.expect(200);
        assert_eq!((&article["citations"][0], &page["data"][0]), (&one, &one));
        assert_eq!(page["page"]["total"], 2);
        assert!(page["page"]["next"].as_str().expect("a next page").contains("style=apa"));
        let formatted = &one["formatted"];
        assert_eq!((&formatted["style"], &formatted["position"], &formatted["label"]), (&json!("apa"), &json!(2), &json!("")));
        assert_eq!(site.get("/v1/articles/a?style=apa").await.expect(200)["citations"], json!(null));
        assert_eq!(site.get("/v1/articles/a/sections?style=apa").await.status, 400);
    }
}
