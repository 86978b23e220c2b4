use ibid::accounts::Role;
use serde_json::json;

use super::{STUDIES, add, article};
use crate::support::{Site, both};

/// Three books: of 2001, 2002 and of no year.
async fn shelf(site: &Site) -> Site {
    let editor = site.signed_in(Role::Editor).await;
    for (key, title, design, csl) in [
        ("ant", "Ants", Some("cohort"), json!({"issued": {"raw": "2001"}, "DOI": "10.1000/ANT", "PMID": "11"})),
        ("bee", "Bees", Some("animal"), json!({"issued": {"raw": "2002"}, "DOI": "10.1000/bee"})),
        ("cat", "Cats", None, json!({})),
    ] {
        let mut csl = csl;
        csl["type"] = json!("book");
        csl["title"] = json!(title);
        editor.post(STUDIES, &json!({"key": key, "csl": csl, "design": design})).await.expect(201);
        site.state.clock.advance(std::time::Duration::from_secs(60));
    }
    editor
}

async fn keys(site: &Site, query: &str) -> Vec<String> {
    let listed = site.get(&format!("{STUDIES}?{query}")).await.expect(200);
    listed["data"].as_array().unwrap().iter().map(|study| study["key"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn a_study_is_found_by_key_and_id(site: Site) {
        let editor = shelf(&site).await;
        let by_key = editor.get(&format!("{STUDIES}/bee")).await;
        let id = by_key.expect(200)["id"].as_str().unwrap().to_owned();
        let by_id = editor.get(&format!("{STUDIES}/{id}")).await;
        assert_eq!((by_key.etag(), &by_key.body), (by_id.etag(), &by_id.body));
        assert_eq!(by_key.header("cache-control"), "private, no-store");
        let same = editor.request("GET", &format!("{STUDIES}/bee")).header("If-None-Match", by_key.etag()).send().await;
        assert_eq!(same.status, 304);
        for nothing in ["wasp", "BEE", "%00", "b%C3%A9", "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "a"] {
            assert_eq!(editor.get(&format!("{STUDIES}/{nothing}")).await.code(), "not_found", "{nothing}");
        }
    }

    async fn lists_are_sorted_and_filtered(site: Site) {
        let editor = shelf(&site).await;
        for (query, expected) in [
            ("", vec!["cat", "bee", "ant"]),
            ("sort=-updated_at", vec!["cat", "bee", "ant"]),
            ("sort=updated_at", vec!["ant", "bee", "cat"]),
            ("sort=title", vec!["ant", "bee", "cat"]),
            ("sort=-title", vec!["cat", "bee", "ant"]),
            ("design=cohort", vec!["ant"]),
            ("design=cohort,animal", vec!["bee", "ant"]),
            ("year=2002", vec!["bee"]),
            ("year=2001,2002", vec!["bee", "ant"]),
            ("year=2001&design=animal", vec![]),
            ("doi=https://doi.org/10.1000/Ant", vec!["ant"]),
            ("doi=10.1000/none", vec![]),
            ("pmid=PMID:11", vec!["ant"]),
            ("cited=false", vec!["cat", "bee", "ant"]),
            ("cited=true", vec![]),
        ] {
            assert_eq!(keys(&editor, query).await, expected, "{query}");
        }
        article(&editor, "Insects [@bee].").await;
        article(&editor, "More insects [@bee].").await;
        assert_eq!(keys(&editor, "cited=true").await, ["bee"]);
        assert_eq!(keys(&editor, "cited=false").await, ["cat", "ant"]);
        let bee = editor.get(&format!("{STUDIES}?cited=true&count=true")).await.expect(200);
        assert_eq!(bee["data"][0]["cited_by"], json!({"working_copies": 2, "publications": 0}));
        assert_eq!(bee["page"]["total"], 1);
    }

    async fn wrong_parameters_are_named(site: Site) {
        let editor = shelf(&site).await;
        let address = format!(
            "{STUDIES}?design=rct&year=02001&cited=maybe&doi=x&pmid=x&sort=year&limit=0&count=1&title=x"
        );
        let problem = editor.get(&address).await.expect(400);
        let mut named: Vec<&str> =
            problem["errors"].as_array().unwrap().iter().map(|fault| fault["parameter"].as_str().unwrap()).collect();
        named.sort_unstable();
        assert_eq!(named, ["cited", "count", "design", "doi", "limit", "pmid", "sort", "title", "year"]);
        assert_eq!(editor.get(&format!("{STUDIES}/bee?fields=x")).await.code(), "invalid_parameter");
    }

    async fn pages_lead_through_the_whole_library_and_back(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        // The same title and moment: the id decides.
        for _ in 0..7 {
            add(&editor, json!({"type": "book", "title": "The same"})).await.expect(201);
        }
        for sort in ["title", "-title", "updated_at", "-updated_at"] {
            let all = keys(&editor, &format!("sort={sort}")).await;
            let (mut seen, mut pages) = (Vec::new(), 0);
            let mut next = Some(format!("{STUDIES}?sort={sort}&limit=3&count=true"));
            let mut last = None;
            while let Some(address) = next {
                let page = editor.get(&address).await.expect(200);
                assert_eq!(page["page"]["total"], 7);
                seen.extend(page["data"].as_array().unwrap().iter().map(|study| study["key"].as_str().unwrap().to_owned()));
                next = page["page"]["next"].as_str().map(str::to_owned);
                last = page["page"]["prev"].as_str().map(str::to_owned);
                pages += 1;
            }
            assert_eq!((seen, pages), (all.clone(), 3), "{sort}");
            let before = editor.get(&last.expect("a page before")).await.expect(200);
            assert_eq!(before["data"][0]["key"], all[3]);
        }
    }
}
