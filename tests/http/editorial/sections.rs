use ibid::accounts::Role;
use serde_json::{Value, json};

use super::article;
use crate::support::{Site, both};

fn bodies(sections: &Value) -> Vec<String> {
    sections.as_array().unwrap().iter().map(|section| section["body"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn one_section_at_a_time(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["One.", "Two."]).await;
        let sections = format!("{address}/sections");

        let added = editor.request("POST", &sections).if_match(&etag)
            .json(&json!({"position": 2, "heading": "Between", "body": "Between."})).send().await;
        assert_eq!(added.expect(201)["position"], 2);
        let one = added.header("location").to_owned();
        assert_eq!(editor.get(&one).await.expect(200)["anchor"], "between");
        let all = editor.get(&sections).await.json()["data"].clone();
        assert_eq!(bodies(&all), ["One.", "Between.", "Two."]);

        let moved = editor.request("PATCH", &one).if_match(added.etag())
            .json(&json!({"position": 1, "heading": "First now"})).send().await;
        let section = moved.expect(200);
        assert_eq!((&section["position"], &section["anchor"]), (&json!(1), &json!("between")));

        let ids: Vec<Value> = editor.get(&sections).await.json()["data"].as_array().unwrap().iter()
            .map(|section| section["id"].clone()).collect();
        let order = json!([ids[2], ids[0], ids[1]]);
        let ordered = editor.request("PUT", &format!("{sections}/order")).if_match(moved.etag()).json(&order).send().await;
        assert_eq!(bodies(&ordered.expect(200)["data"]), ["Two.", "Between.", "One."]);
        let partial = editor.request("PUT", &format!("{sections}/order")).if_match(ordered.etag())
            .json(&json!([ids[2], ids[2]])).send().await;
        let codes: Vec<_> = partial.json()["errors"].as_array().unwrap().iter().map(|f| f["code"].clone()).collect();
        assert_eq!((partial.status, codes), (422, vec![json!("unknown_id"), json!("incomplete_order")]));

        let deleted = editor.request("DELETE", &one).if_match(ordered.etag()).send().await;
        assert_eq!(bodies(&deleted.expect(200)["data"]), ["Two.", "One."]);
        assert_eq!(editor.get(&one).await.status, 404);
        assert_eq!(editor.get(&address).await.json()["version"], 5);
    }

    async fn any_read_of_the_article_gives_the_version(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["One."]).await;
        let list = editor.get(&format!("{address}/sections")).await;
        let id = list.json()["data"][0]["id"].as_str().unwrap().to_owned();
        let one = format!("{address}/sections/{id}");
        let patch = |etag: String| editor.request("PATCH", &one).if_match(etag).json(&json!({"body": "x"})).send();
        let first = patch(list.etag().to_owned()).await;
        first.expect(200);
        assert_eq!(patch(list.etag().to_owned()).await.status, 412);
        assert_eq!(patch(editor.get(&one).await.etag().to_owned()).await.status, 200);
    }

    async fn anchors_are_unique_within_the_article(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["One."]).await;
        let taken = editor.request("POST", &format!("{address}/sections")).if_match(&etag)
            .json(&json!({"anchor": "lead", "body": "x"})).send().await;
        assert_eq!((taken.status, taken.code()), (409, "anchor_taken".into()));
        let twice = editor.request("PATCH", &address).if_match(&etag).json(&json!({
            "sections": [{"anchor": "a", "body": "x"}, {"anchor": "a", "body": "y"}]
        })).send().await;
        assert_eq!((twice.status, twice.json()["errors"][0]["pointer"].clone()), (422, json!("/sections/1/anchor")));
    }

    async fn what_readers_will_not_get_is_told(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["Text.\n\n<script>alert(1)</script>\n\n[x](javascript:y)"]).await;
        let copy = editor.get(&address).await.json();
        let codes: Vec<_> = copy["warnings"].as_array().unwrap().iter().map(|w| w["code"].clone()).collect();
        assert!(codes.contains(&json!("raw_html")) && codes.contains(&json!("unsafe_link")), "{codes:?}");
        assert_eq!(copy["warnings"][0]["line"], 3);
    }

    async fn of_very_many_warnings_the_first_are_told_and_the_others_counted(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &[&"a <b>c</b>\n".repeat(40)]).await;
        let warnings = editor.get(&address).await.json()["warnings"].clone();
        let warnings = warnings.as_array().unwrap();
        assert_eq!(warnings.len(), 31);
        assert_eq!(warnings[30]["code"], "more_warnings");
        assert!(warnings[30]["detail"].as_str().unwrap().starts_with("50 more"), "{}", warnings[30]);
    }
}
