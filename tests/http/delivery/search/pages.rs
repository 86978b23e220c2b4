//! Pages of what is found.

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::{Backend, Conn};
use ibid::{on, publishing};
use serde_json::json;

use super::{address, found_on, publish, search};
use crate::delivery::fixture::{self, Story};
use crate::support::{Site, both};

both! {
    async fn are_walked_both_ways(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        // Some alike, so that ties are met.
        for (number, scars) in [1, 3, 3, 2, 1, 3, 5].into_iter().enumerate() {
            let body = format!("{} and nothing.", "scars ".repeat(scars));
            publish(&editor, &json!({"title": format!("A{number}"), "sections": [{"body": body}]})).await;
        }
        let all = found_on(&search(&site, &[("q", "scar")]).await.expect(200));
        assert_eq!(all.len(), 7);
        assert_eq!((all[0].as_str(), all[6].as_str()), ("a6", "a0"));
        for limit in ["1", "2", "3", "7"] {
            let first = address("/v1/search", &[("q", "scar"), ("limit", limit), ("count", "true")]);
            let (mut there, mut next, mut last) = (Vec::new(), Some(first), None);
            while let Some(address) = next {
                let page = site.get(&address).await.expect(200);
                assert_eq!(page["page"]["total"], 7);
                there.extend(found_on(&page));
                next = page["page"]["next"].as_str().map(str::to_owned);
                last = page["page"]["prev"].as_str().map(str::to_owned);
            }
            assert_eq!(there, all, "{limit}");
            let mut before = last;
            let mut back = Vec::new();
            while let Some(address) = before {
                let page = site.get(&address).await.expect(200);
                back.splice(0..0, found_on(&page));
                before = page["page"]["prev"].as_str().map(str::to_owned);
            }
            assert_eq!(back, all[..back.len()], "{limit}");
        }
        let foreign = site.get("/v1/articles?limit=1").await.expect(200);
        let cursor = foreign["page"]["next"].as_str().and_then(|next| next.split("cursor=").nth(1)).expect("a cursor");
        assert_eq!(site.get(&format!("/v1/search?q=scar&cursor={cursor}")).await.status, 400);
    }

    async fn are_in_the_order_that_is_asked(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        // Title, scars and day; a text with more of them matches better.
        for (title, scars, day) in [("a", 1, 2), ("b", 4, 1), ("c", 2, 2), ("d", 1, 3), ("e", 4, 3)] {
            let text = format!("{}{}", "scars ".repeat(scars), "nothing ".repeat(8 - scars));
            let published_at = format!("2024-06-0{day}T00:00:00Z");
            publish(&editor, &json!({"title": title, "published_at": published_at, "sections": [{"body": text}]})).await;
        }
        for (sort, expected) in [
            ("-relevance", ["e", "b", "c", "d", "a"]),
            ("relevance", ["a", "d", "c", "b", "e"]),
            ("published_at", ["b", "a", "c", "d", "e"]),
            ("-published_at", ["e", "d", "c", "a", "b"]),
            ("-published_at,-relevance", ["e", "d", "c", "a", "b"]),
            ("published_at,-relevance", ["b", "c", "a", "e", "d"]),
            ("-relevance,published_at", ["b", "e", "c", "a", "d"]),
        ] {
            for limit in ["1", "2", "5"] {
                let first = address("/v1/search", &[("q", "scar"), ("sort", sort), ("limit", limit)]);
                let mut page = site.get(&first).await.expect(200);
                let mut there = found_on(&page);
                while let Some(next) = page["page"]["next"].as_str() {
                    page = site.get(next).await.expect(200);
                    there.extend(found_on(&page));
                }
                let mut back = found_on(&page);
                while let Some(prev) = page["page"]["prev"].as_str() {
                    page = site.get(prev).await.expect(200);
                    back.splice(0..0, found_on(&page)).for_each(drop);
                }
                assert_eq!((&there[..], &back[..]), (&expected.map(str::to_owned)[..], &there[..]), "{sort} {limit}");
            }
        }
        let plain = search(&site, &[("q", "scar")]).await.expect(200);
        assert_eq!(plain["data"], search(&site, &[("q", "scar"), ("sort", "-relevance")]).await.expect(200)["data"]);
        let bounded = [("q", "scar"), ("sort", "-published_at"), ("published_after", "2024-06-01"), ("facets", "year")];
        assert_eq!(found_on(&search(&site, &bounded).await.expect(200)), ["e", "d", "c", "a"]);
        for wrong in ["sort=score", "sort=relevance,-relevance", "sort=", "ids=a"] {
            assert_eq!(site.get(&format!("/v1/search?q=scar&{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn of_a_common_word_are_those_of_the_newest_articles(site: Site) {
        let ids = fixture::publish(&site, (0..1_005).map(|number| Story::new(format!("s-{number}")))).await;
        // As in a site that had many articles before.
        let on_postgres = site.state.db.backend() == Backend::Postgres;
        let late = move |conn: &mut Conn| {
            if on_postgres {
                let late = "SELECT setval(pg_get_serial_sequence('publication_texts', 'seq'), 600000)";
                on!(conn, c => diesel::sql_query(late).execute(c))?;
            }
            Ok(())
        };
        site.state.db.write(late).await.expect("the numbers go on");
        assert_eq!(publishing::bring_up_to_date(&site.state).await.expect("they are brought up to date"), 1_005);
        site.state.cache.touch_all();
        let page = search(&site, &[("q", "findings"), ("limit", "1"), ("count", "true"), ("facets", "author")]).await.expect(200);
        assert_eq!(page["scope"], json!({"ranked": 1000, "complete": false}));
        assert_eq!((&page["page"]["total"], &page["facets"]["author"][0]["count"]), (&json!(1005), &json!(1000)));
        for (nth, ranked) in [(4, 0), (5, 1), (1_004, 1)] {
            let page = search(&site, &[("q", &format!("findings \"s {nth}\""))]).await.expect(200);
            assert_eq!(page["data"][0]["article"]["id"], ids[nth].to_string());
            // Past the bound only the newest are met.
            let (mut met, mut next) = (0, Some(address("/v1/search", &[("q", "findings"), ("limit", "100"), ("fields", "id")])));
            while let Some(address) = next {
                let page = site.get(&address).await.expect(200);
                let hits = page["data"].as_array().expect("data");
                met += hits.iter().filter(|hit| hit["article"]["id"] == ids[nth].to_string()).count();
                next = page["page"]["next"].as_str().map(str::to_owned);
            }
            assert_eq!(met, ranked, "{nth}");
        }
    }

    async fn are_answered_with_a_tag(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        publish(&editor, &json!({"title": "A", "sections": [{"body": "Scars."}]})).await;
        let reply = site.get("/v1/search?q=scars").await;
        let again = site.request("GET", "/v1/search?q=scars").header("If-None-Match", reply.etag()).send().await;
        assert_eq!(again.status, 304);
        assert!(reply.header("cache-control").starts_with("public"));
        let page = site.get("/v1/search?q=scars&include=sections").await.expect(200);
        assert_eq!(page["data"][0]["article"]["sections"][0]["html"], "<p>Scars.</p>\n");
    }
}
