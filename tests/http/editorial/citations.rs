use ibid::accounts::Role;
use serde_json::json;

use super::{article, numbers, study};
use crate::support::{Site, both};

fn expected(keys: &[&str]) -> Vec<(i64, String)> {
    (1..).zip(keys).map(|(number, key)| (number, (*key).to_owned())).collect()
}

both! {
    async fn markers_number_by_first_appearance(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["aa2001", "bb2002", "cc2003", "dd2004"] {
            study(&editor, key).await;
        }
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Pores",
            "sections": [
                {"body": "First [@cc2003, p. 3] and `[@dd2004]` in code, then [see @aa2001; @cc2003]."},
                {"body": "Unknown [@nobody1999] and again [@AA2001]."}
            ],
            "citations": [{"study": "dd2004"}, {"study": "aa2001"}, {"study": "doi:10.5555/bb2002"}]
        })).await;
        let copy = made.expect(201);
        assert_eq!(numbers(&copy["citations"]), expected(&["cc2003", "aa2001", "dd2004", "bb2002"]));
        assert_eq!(copy["citations"][0]["origin"], "marker");
        assert_eq!(copy["citations"][1]["cited_in"], json!(["lead", "section"]));
        assert_eq!(copy["sections"][0]["citations"], json!([1, 2]));
        assert_eq!(copy["dangling"][0]["key"], "nobody1999");
        assert_eq!((&copy["dangling"][0]["line"], &copy["dangling"][0]["column"]), (&json!(1), &json!(10)));

        let address = made.header("location").to_owned();
        let first = copy["sections"][0]["id"].as_str().unwrap();
        let shorter = editor.request("PATCH", &format!("{address}/sections/{first}")).if_match(made.etag())
            .json(&json!({"body": "Only [@dd2004]."})).send().await;
        shorter.expect(200);
        let copy = editor.get(&address).await.json();
        assert_eq!(numbers(&copy["citations"]), expected(&["dd2004", "aa2001", "bb2002"]));
    }

    async fn a_citation_at_a_time(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["aa2001", "bb2002", "cc2003"] {
            study(&editor, key).await;
        }
        let (address, etag) = article(&editor, "Pores", &["Marked [@aa2001]."]).await;
        let citations = format!("{address}/citations");
        let cite = |etag: String, name: &str| {
            editor.request("POST", &citations).if_match(etag).json(&json!({"study": name})).send()
        };
        let second = cite(etag, "bb2002").await;
        assert_eq!(second.expect(201)["number"], 2);
        let third = cite(second.etag().to_owned(), "cc2003").await;
        let again = cite(third.etag().to_owned(), "cc2003").await;
        assert_eq!((again.status, again.code()), (409, "already_cited".into()));
        let unknown = cite(third.etag().to_owned(), "nobody1999").await;
        assert_eq!((unknown.status, unknown.json()["errors"][0]["pointer"].clone()), (422, json!("/study")));

        let list = editor.get(&citations).await.json()["data"].clone();
        let id = |index: usize| list[index]["id"].as_str().unwrap().to_owned();
        let order = json!([id(2), id(1), id(0)]);
        let ordered = editor.request("PUT", &format!("{citations}/order")).if_match(third.etag()).json(&order).send().await;
        assert_eq!(numbers(&ordered.expect(200)["data"]), expected(&["aa2001", "cc2003", "bb2002"]));

        let marked = editor.request("DELETE", &format!("{citations}/{}", id(0))).if_match(ordered.etag()).send().await;
        assert_eq!((marked.status, marked.code()), (409, "citation_marked".into()));
        let removed = editor.request("DELETE", &format!("{citations}/{}", id(2))).if_match(ordered.etag()).send().await;
        assert_eq!(numbers(&removed.expect(200)["data"]), expected(&["aa2001", "bb2002"]));
        assert_eq!(editor.get(&format!("{citations}/{}", id(2))).await.status, 404);
        assert_eq!(editor.get(&format!("{citations}/{}", id(1))).await.expect(200)["number"], 2);
    }

    async fn a_cited_study_stays(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = study(&editor, "aa2001").await;
        let (address, etag) = article(&editor, "Pores", &["Marked [@aa2001]."]).await;
        let id = made["id"].as_str().unwrap();
        let study_address = format!("/v1/manage/studies/{id}");
        let study_etag = editor.get(&study_address).await.etag().to_owned();
        let refused = editor.request("DELETE", &study_address).if_match(&study_etag).send().await;
        assert_eq!((refused.status, refused.code()), (409, "study_cited".into()));
        assert_eq!(editor.request("DELETE", &address).if_match(&etag).send().await.status, 204);
        let in_trash = address.replace("/articles/", "/trash/");
        assert_eq!(editor.request("DELETE", &in_trash).send().await.status, 204);
        assert_eq!(editor.request("DELETE", &study_address).if_match(&study_etag).send().await.status, 204);
    }
}
