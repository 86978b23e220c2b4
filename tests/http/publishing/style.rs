use ibid::accounts::Role;
use serde_json::{Value, json};

use super::publish;
use crate::editorial::{article, study};
use crate::support::{Site, both};

async fn patch(editor: &Site, address: &str, change: Value) -> crate::support::Reply {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&change).send().await
}

both! {
    async fn an_article_has_a_style_of_its_own_or_the_sites(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "bb2002").await;
        study(&editor, "aa2001").await;
        let text = "It helps [@bb2002, p. 3]. @aa2001 found nothing [see @aa2001; @bb2002].";
        let (address, _) = article(&editor, "Pores", &[text]).await;
        assert_eq!(editor.get(&address).await.json()["style"], Value::Null);
        publish(&editor, &address).await;
        let numeric = site.get("/v1/articles/pores?include=sections,citations").await.expect(200);
        let html = numeric["sections"][0]["html"].as_str().unwrap();
        assert!(html.contains(">[1, p. 3]</a>") && html.contains("Example"), "{html}");
        assert_eq!(numeric["citations"][0]["formatted"]["label"], "1.");

        patch(&editor, &address, json!({"style": "apa"})).await.expect(200);
        publish(&editor, &address).await;
        let words = site.get("/v1/articles/pores?include=sections,citations").await.expect(200);
        let html = words["sections"][0]["html"].as_str().unwrap();
        assert!(html.contains(">Example, 2020b, p. 3</a>)") && html.contains(">Example (2020a)</a> found"), "{html}");
        let formatted = |at: usize| &words["citations"][at]["formatted"];
        assert_eq!((&formatted(0)["style"], &formatted(0)["label"]), (&json!("apa"), &json!("")));
        // The numbers are by first appearance; the bibliography has an order of its own.
        assert_eq!(words["citations"][0]["key"], "bb2002");
        let positions: Vec<_> = (0..2).map(|at| formatted(at)["position"].as_i64().unwrap()).collect();
        assert_eq!(positions, [2, 1]);
        let places = words["citations"][0]["places"].as_array().unwrap();
        assert_eq!(places.len(), 2);
        assert!(places.iter().all(|id| html.contains(&format!("id=\"{}\"", id.as_str().unwrap()))), "{html}");

        assert_eq!(patch(&editor, &address, json!({"style": null})).await.expect(200)["style"], Value::Null);
    }

    async fn a_style_that_is_not_there_is_refused_with_the_likeliest(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["Text."]).await;
        let refused = patch(&editor, &address, json!({"style": "vancuver"})).await.expect(422);
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/style"), &json!("unknown_style")));
        assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("\"vancouver\""), "{refused}");
        let made = editor.post("/v1/manage/articles", &json!({"title": "Other", "style": "nonsense"})).await;
        assert_eq!(made.expect(422)["errors"][0]["code"], "unknown_style");
    }
}
