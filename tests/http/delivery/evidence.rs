//! `GET /v1/articles/{article}/evidence`, its picture, and the filters by evidence.

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{fault, slugs};
use crate::editorial::{article, study};
use crate::publishing::{publish, retract};
use crate::support::{Site, both};

/// A study of a design, with so many participants.
async fn designed(editor: &Site, key: &str, design: &str, size: Option<i32>) -> Value {
    study(editor, key).await;
    let address = format!("/v1/manage/studies/{key}");
    let etag = editor.get(&address).await.etag().to_owned();
    let change = json!({"design": design, "sample_size": size});
    editor.request("PATCH", &address).if_match(etag).json(&change).send().await.expect(200)
}

/// Three published articles: on a trial and a retracted series, on a review, on nothing.
async fn published(site: &Site) -> Site {
    let editor = site.signed_in(Role::Editor).await;
    designed(&editor, "trial", "randomized_trial", Some(20)).await;
    let series = designed(&editor, "series", "case_series", Some(37)).await;
    designed(&editor, "review", "systematic_review", None).await;
    let texts = [("Both", "It helps [@trial; @series]."), ("One", "It does [@review; @trial]."), ("None", "It may.")];
    for (title, text) in texts {
        let (address, _) = article(&editor, title, &[text]).await;
        publish(&editor, &address).await;
    }
    retract(site, &series).await;
    editor
}

both! {
    async fn is_data(site: Site) {
        published(&site).await;
        let reply = site.get("/v1/articles/both/evidence").await;
        let evidence = reply.expect(200);
        assert_eq!((&evidence["article"]["slug"], &evidence["article"]["title"]), (&json!("both"), &json!("Both")));
        assert_eq!((&evidence["evidence"]["best_level"], &evidence["evidence"]["retracted"]), (&json!("2"), &json!(1)));
        assert_eq!(evidence["studies"][0], json!({
            "number": 1, "key": "trial", "title": "About trial", "year": 2020, "design": "randomized_trial",
            "sample_size": 20, "evidence_level": "2", "retraction": null,
        }));
        assert_eq!(evidence["studies"][1]["retraction"]["status"], "retracted");
        assert!(!reply.header("last-modified").is_empty());
        let again = site.request("GET", "/v1/articles/both/evidence").header("If-None-Match", reply.etag()).send().await;
        assert_eq!(again.status, 304);
        assert_eq!(site.get("/v1/articles/nothing/evidence").await.status, 404);
        assert_eq!(site.get("/v1/articles/both/evidence?size=1").await.status, 400);
    }

    async fn is_a_picture(site: Site) {
        published(&site).await;
        let picture = site.get("/v1/articles/both/evidence.svg").await;
        assert_eq!((picture.status, picture.header("content-type")), (200, "image/svg+xml"));
        assert_eq!(picture.header("content-security-policy"), "default-src 'none'; style-src 'unsafe-inline'");
        let text = picture.text();
        let document = roxmltree::Document::parse(&text).expect("well-formed XML");
        let said: Vec<&str> = document.descendants().filter_map(|node| node.attribute("aria-label")).collect();
        assert_eq!(said, [
            "1. Example 2020, randomised trial, 20 participants",
            "2. Example 2020, case series, 37 participants, retracted",
        ]);
        let allowed = ["svg", "title", "desc", "style", "rect", "text", "path", "circle", "g"];
        assert!(document.descendants().filter(|n| n.is_element()).all(|n| allowed.contains(&n.tag_name().name())));
        let again = site.request("GET", "/v1/articles/both/evidence.svg").header("If-None-Match", picture.etag()).send().await;
        assert_eq!(again.status, 304);
        let none = site.get("/v1/articles/none/evidence.svg").await;
        assert!(none.status == 200 && none.text().contains("The article cites no studies."));
        assert_eq!(site.get("/v1/articles/nothing/evidence.svg").await.status, 404);
    }

    async fn of_the_demo_article_looks_like_this(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let demo: Value = serde_json::from_str(include_str!("../../../demo/site.json")).expect("JSON");
        for study in demo["studies"].as_array().expect("studies") {
            editor.post("/v1/manage/studies", study).await.expect(201);
        }
        let made = editor.post("/v1/manage/articles", &demo["article"]).await;
        made.expect(201);
        publish(&editor, made.header("location")).await;
        let slug = demo["article"]["slug"].as_str().expect("a slug");
        let picture = site.get(&format!("/v1/articles/{slug}/evidence.svg")).await;
        insta::assert_snapshot!("demo_article", picture.text());
    }

    async fn filters_articles(site: Site) {
        published(&site).await;
        for (query, expected) in [
            ("evidence_level=1", vec!["one"]),
            ("evidence_level=1,4", vec!["both", "one"]),
            ("evidence_level=5", vec![]),
            ("design=randomized_trial", vec!["both", "one"]),
            ("design=case_series,systematic_review", vec!["both", "one"]),
            ("design=randomized_trial&evidence_level=4", vec!["both"]),
            ("retracted=true", vec!["both"]),
            ("retracted=false", vec!["none", "one"]),
            ("retracted=false&cites=trial", vec!["one"]),
        ] {
            let page = site.get(&format!("/v1/articles?sort=title&count=true&{query}")).await.expect(200);
            assert_eq!(slugs(&page), expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
        let problem = site.get("/v1/articles?evidence_level=6&design=trial&retracted=maybe").await.expect(400);
        assert!(fault(&problem, "evidence_level").contains("1, 2, 3, 4, 5"), "{problem}");
        assert!(fault(&problem, "design").contains("randomized_trial") && !fault(&problem, "retracted").is_empty());
    }

    async fn filters_studies(site: Site) {
        published(&site).await;
        for (query, expected) in [
            ("design=randomized_trial,case_series", vec!["series", "trial"]),
            ("retracted=true", vec!["series"]),
            ("retracted=false", vec!["review", "trial"]),
            ("year=2019", vec![]),
            ("year=2019,2020&design=systematic_review", vec!["review"]),
        ] {
            let page = site.get(&format!("/v1/studies?sort=title&count=true&{query}")).await.expect(200);
            let keys: Vec<&str> = page["data"].as_array().expect("data").iter().filter_map(|s| s["key"].as_str()).collect();
            assert_eq!(keys, expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
        let problem = site.get("/v1/studies?year=20x9&design=").await.expect(400);
        assert!(fault(&problem, "year").contains("-9999") && !fault(&problem, "design").is_empty());
    }
}
