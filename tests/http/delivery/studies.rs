//! `GET /v1/studies` and below.

use serde_json::{Value, json};

use super::fixture::{Story, publish};
use crate::support::{Site, both};

fn keys(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("data").iter().map(|study| study["key"].as_str().expect("a key")).collect()
}

async fn walk(site: &Site, first: &str) -> Vec<String> {
    let (mut keys_met, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(address) = next {
        let page = site.get(&address).await.expect(200);
        keys_met.extend(keys(&page).into_iter().map(str::to_owned));
        next = page["page"]["next"].as_str().map(str::to_owned);
    }
    keys_met
}

both! {
    async fn are_listed_by_title_or_year(site: Site) {
        publish(&site, [
            Story { cites: &["b2001", "a2009", "zz"], ..Story::new("a") },
            Story { cites: &["c2001", "b2001", "yy"], ..Story::new("b") },
        ]).await;
        for limit in [1, 2, 100] {
            for (sort, expected) in [
                ("title", ["a2009", "b2001", "c2001", "yy", "zz"]),
                ("-title", ["zz", "yy", "c2001", "b2001", "a2009"]),
                ("year", ["b2001", "c2001", "a2009", "zz", "yy"]),
                ("-year", ["a2009", "c2001", "b2001", "yy", "zz"]),
            ] {
                let met = walk(&site, &format!("/v1/studies?sort={sort}&limit={limit}")).await;
                assert_eq!(met, expected, "{sort} {limit}");
            }
        }
        let page = site.get("/v1/studies?sort=year&limit=2&count=true").await.expect(200);
        assert_eq!(page["page"]["total"], 5);
        let next = site.get(page["page"]["next"].as_str().expect("a next page")).await.expect(200);
        let last = site.get(next["page"]["next"].as_str().expect("a next page")).await.expect(200);
        let back = site.get(last["page"]["prev"].as_str().expect("a page before")).await.expect(200);
        assert_eq!(keys(&back), keys(&next));
        let some = site.get("/v1/studies?fields=key,completeness.complete&limit=1").await.expect(200);
        assert_eq!(some["data"], json!([{"key": "a2009", "completeness": {"complete": true}}]));
    }

    async fn are_found_by_key_and_by_id(site: Site) {
        publish(&site, [Story { cites: &["s2009"], ..Story::new("a") }]).await;
        let by_key = site.get("/v1/studies/s2009").await;
        let study = by_key.expect(200);
        assert_eq!((&study["doi"], &study["pmid"], &study["sample_size"]), (&json!("10.5555/s2009"), &Value::Null, &json!(37)));
        assert_eq!(by_key.header("last-modified"), "Mon, 01 Jan 2024 00:00:00 GMT");
        let by_id = site.get(&format!("/v1/studies/{}", study["id"].as_str().expect("an id"))).await;
        assert_eq!(by_id.body, by_key.body);
        let again = site.request("GET", "/v1/studies/s2009").header("If-None-Match", by_key.etag()).send().await;
        assert_eq!(again.status, 304);
        assert_eq!(site.request("HEAD", "/v1/studies/s2009").send().await.etag(), by_key.etag());
        for nothing in ["s2010", "S2009", "a%00b", "10.5555%2Fs2009", "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11"] {
            assert_eq!(site.get(&format!("/v1/studies/{nothing}")).await.status, 404, "{nothing}");
            assert_eq!(site.get(&format!("/v1/studies/{nothing}/articles")).await.status, 404, "{nothing}");
        }
    }

    async fn know_the_articles_that_cite_them(site: Site) {
        publish(&site, [
            Story { cites: &["s2001", "s2009"], published_at: "2024-01-01T00:00:00Z", ..Story::new("a") },
            Story { cites: &["s2009"], published_at: "2024-02-01T00:00:00Z", ..Story::new("b") },
            Story { cites: &["s2001"], ..Story::new("c") },
        ]).await;
        let page = site.get("/v1/studies/s2009/articles?count=true").await.expect(200);
        let met: Vec<_> = page["data"].as_array().expect("data").iter()
            .map(|citing| (citing["article"]["slug"].as_str(), citing["number"].as_i64())).collect();
        assert_eq!(met, [(Some("b"), Some(1)), (Some("a"), Some(2))]);
        assert_eq!(page["page"]["total"], 2);
        assert!(page["data"][0]["article"]["sections"].is_null());
        let first = site.get("/v1/studies/s2009/articles?limit=1&sort=title").await.expect(200);
        let next = site.get(first["page"]["next"].as_str().expect("a next page")).await.expect(200);
        assert_eq!(next["data"][0]["article"]["slug"], "b");
    }

    async fn unknown_parameters_are_named(site: Site) {
        publish(&site, [Story { cites: &["s2009"], ..Story::new("a") }]).await;
        for wrong in [
            "?sort=doi", "?fields=csl.DOI", "?include=citations", "/s2009?fields=keys", "/s2009/articles?include=articles",
        ] {
            let reply = site.get(&format!("/v1/studies{wrong}")).await;
            assert_eq!((reply.status, reply.code()), (400, "invalid_parameter".into()), "{wrong}");
        }
    }
}
