use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{STUDIES, add};
use crate::support::{Site, both};

const TITLE: &str = "Microneedling therapy in atrophic facial scars: an objective assessment";

async fn given(site: &Site, key: &str, title: &str, doi: Option<&str>) {
    let mut csl = json!({
        "type": "article-journal", "id": key, "title": title, "author": [{"family": "Majid"}], "issued": {"raw": "2009"},
        "container-title": "J",
    });
    if let Some(doi) = doi {
        csl["DOI"] = json!(doi);
    }
    add(site, csl).await.expect(201);
}

fn pairs(listed: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = listed["data"].as_array().expect("pairs").iter();
    list.map(|pair| (text(&pair["studies"][0]["key"]), text(&pair["studies"][1]["key"]), text(&pair["relation"])))
        .collect()
}

both! {
    async fn likely_pairs_are_listed_with_how_they_are_related(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        assert_eq!(editor.get(&format!("{STUDIES}/duplicates")).await.expect(200)["data"], json!([]));
        given(&editor, "a1", TITLE, Some("10.4103/0974-2077.53096")).await;
        given(&editor, "b1", &TITLE.to_uppercase(), None).await;
        given(&editor, "p1", TITLE, Some("10.1101/2009.01.01.1")).await;
        given(&editor, "n1", &format!("Erratum to: {TITLE}"), Some("10.4103/9")).await;
        given(&editor, "z1", "Lasers and what they do to tattoos of many colours", None).await;
        let path = format!("{STUDIES}/duplicates");
        let listed = editor.get(&format!("{path}?count=true")).await.expect(200);
        let found = pairs(&listed);
        assert!(found.contains(&("a1".into(), "b1".into(), "same_study".into())), "{found:?}");
        assert!(found.contains(&("a1".into(), "p1".into(), "preprint_and_article".into())), "{found:?}");
        assert!(found.contains(&("a1".into(), "n1".into(), "notice_and_original".into())), "{found:?}");
        assert!(!found.iter().any(|(a, b, _)| a == "z1" || b == "z1"));
        assert_eq!(listed["page"]["total"], found.len());
        let same = editor.get(&format!("{path}?relation=same_study")).await.expect(200);
        assert_eq!(pairs(&same), [("a1".into(), "b1".into(), "same_study".into())]);
        // Page by page there and back again.
        let (mut walked, mut next) = (Vec::new(), Some(format!("{path}?limit=2")));
        let mut prev = None;
        while let Some(at) = next {
            let page = editor.get(&at).await.expect(200);
            walked.extend(pairs(&page));
            next = page["page"]["next"].as_str().map(str::to_owned);
            prev = page["page"]["prev"].as_str().map(str::to_owned);
        }
        assert_eq!(walked, found);
        let before = editor.get(&prev.expect("a page before the last")).await.expect(200);
        let at = (found.len() - 1) / 2 * 2;
        assert_eq!(pairs(&before), found[at - 2..at]);
    }
}
