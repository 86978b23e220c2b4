//! Two studies that become one.

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{STUDIES, add, article, faults};
use crate::support::{Reply, Site, both};

async fn merge(site: &Site, kept: &str, etag: &str, from: &str) -> Reply {
    site.request("POST", &format!("{STUDIES}/{kept}/merge")).if_match(etag).json(&json!({"from": from})).send().await
}

/// Two studies: `kept` has a DOI, `gone` a PMID, a page and another volume. Answers their ETags.
async fn pair(site: &Site) -> (String, String) {
    let kept =
        add(site, json!({"type": "article-journal", "id": "kept", "title": "T", "volume": "1", "DOI": "10.1000/kept"}))
            .await;
    kept.expect(201);
    let body = json!({
        "csl": {"type": "article-journal", "id": "gone", "title": "T.", "volume": "2", "page": "3-4", "PMID": "77"},
        "design": "cohort", "notes": "Mine.",
    });
    let gone = site.post(STUDIES, &body).await;
    gone.expect(201);
    (kept.etag().to_owned(), gone.etag().to_owned())
}

async fn copy(site: &Site, made: &Reply) -> Value {
    site.get(made.header("location")).await.expect(200)
}

/// The keys that a working copy cites, in the order of its list, and what brought them there.
fn cited(copy: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = copy["citations"].as_array().expect("citations").iter();
    list.map(|one| (text(&one["study"]["key"]), text(&one["origin"]))).collect()
}

async fn write(site: &Site, body: &str, entries: &[&str]) -> Reply {
    let entries: Vec<Value> = entries.iter().map(|key| json!({"study": key})).collect();
    let body = json!({"title": "T", "sections": [{"body": body}], "citations": entries});
    let made = site.post("/v1/manage/articles", &body).await;
    made.expect(201);
    made
}

both! {
    async fn what_was_said_of_one_is_said_of_the_other(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (etag, _) = pair(&editor).await;
        let gone = editor.get(&format!("{STUDIES}/gone")).await.expect(200);
        let made = article(&editor, "So [@gone, p. 3], and [@pmid:77], and [@kept; @gone].").await;
        let done = merge(&editor, "kept", &etag, "gone").await;
        let merged = done.expect(200);
        assert_eq!(merged["filled"], json!(["page", "PMID", "design", "notes"]));
        assert_eq!(merged["differing"], json!([{"field": "volume", "kept": "1", "other": "2"}]));
        assert_eq!((&merged["articles"], &merged["gone"]["key"], &merged["gone"]["id"]), (&json!(1), &json!("gone"), &gone["id"]));
        let study = &merged["study"];
        assert_eq!((&study["key"], &study["doi"], &study["pmid"]), (&json!("kept"), &json!("10.1000/kept"), &json!("77")));
        assert_eq!((&study["design"], &study["notes"], &study["version"]), (&json!("cohort"), &json!("Mine."), &json!(2)));
        assert_eq!(study["csl"]["volume"], "1");
        assert_eq!(study["aliases"], json!(["gone"]));
        assert!(done.etag().starts_with("\"2."));
        let copy = copy(&editor, &made).await;
        assert_eq!(copy["sections"][0]["body"], "So [@kept, p. 3], and [@kept], and [@kept].");
        assert_eq!(cited(&copy), [("kept".into(), "marker".into())]);
        assert_eq!(copy["version"], 2);
        // Every name of the one that went leads to the one that stayed.
        for name in ["gone", gone["id"].as_str().unwrap()] {
            assert_eq!(editor.get(&format!("{STUDIES}/{name}")).await.expect(200)["key"], "kept", "{name}");
        }
        let again = add(&editor, json!({"type": "book", "PMID": "77"})).await;
        assert_eq!((again.code(), &again.json()["existing"]), ("study_exists".into(), &study["id"]));
    }

    async fn an_identifier_that_finds_no_room_goes_on_naming_the_study(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let kept = add(&editor, json!({"type": "book", "id": "kept", "DOI": "10.1000/kept"})).await;
        let id = kept.expect(201)["id"].clone();
        add(&editor, json!({"type": "book", "id": "gone", "DOI": "10.1000/Gone"})).await.expect(201);
        merge(&editor, "kept", kept.etag(), "gone").await.expect(200);
        let made = article(&editor, "So [@doi:10.1000/gone].").await;
        assert_eq!(cited(&made.json()), [("kept".into(), "marker".into())]);
        let again = add(&editor, json!({"type": "book", "DOI": "10.1000/GONE"})).await;
        assert_eq!((again.status, again.code(), &again.json()["existing"]), (409, "study_exists".into(), &id));
        // A chain of merges leads to its end.
        let last = add(&editor, json!({"type": "book", "id": "last"})).await;
        merge(&editor, "last", last.etag(), "gone").await.expect(200);
        for name in ["kept", "gone", id.as_str().unwrap()] {
            assert_eq!(editor.get(&format!("{STUDIES}/{name}")).await.expect(200)["key"], "last", "{name}");
        }
    }

    async fn where_an_article_cites_both_one_citation_stays(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (etag, _) = pair(&editor).await;
        add(&editor, json!({"type": "book", "id": "else"})).await.expect(201);
        let gone_first = write(&editor, "[@kept]", &["gone", "else"]).await;
        let kept_first = write(&editor, "[@gone]", &["kept", "else"]).await;
        let entries = write(&editor, "No marker.", &["else", "gone", "kept"]).await;
        let only_gone = write(&editor, "[@else]", &["gone"]).await;
        let neither = write(&editor, "[@else]", &[]).await;
        merge(&editor, "kept", &etag, "gone").await.expect(200);
        let entry = |key: &str| (key.to_owned(), "entry".to_owned());
        assert_eq!(cited(&copy(&editor, &gone_first).await), [entry("kept"), entry("else")]);
        assert_eq!(cited(&copy(&editor, &kept_first).await), [entry("kept"), entry("else")]);
        assert_eq!(cited(&copy(&editor, &entries).await), [entry("else"), entry("kept")]);
        assert_eq!(cited(&copy(&editor, &only_gone).await)[1], entry("kept"));
        assert_eq!(copy(&editor, &neither).await["version"], 1);
    }

    async fn publications_follow_with_new_numbers(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (etag, _) = pair(&editor).await;
        add(&editor, json!({"type": "book", "id": "else", "title": "Else"})).await.expect(201);
        let made = article(&editor, "First [@gone], then [@else], then [@kept].").await;
        let path = made.header("location").to_owned();
        editor.request("POST", &format!("{path}/publish")).if_match(made.etag()).send().await.expect(200);
        merge(&editor, "kept", &etag, "gone").await.expect(200);
        let copy = copy(&editor, &made).await;
        assert_eq!((&copy["state"], &copy["version"]), (&json!("published"), &json!(2)));
        let slug = made.json()["slug"].as_str().unwrap().to_owned();
        let read = site.anonymous().get(&format!("/v1/articles/{slug}?include=sections,citations")).await.expect(200);
        let numbers: Vec<_> = read["citations"].as_array().unwrap().iter().map(|one| (one["number"].clone(), one["key"].clone())).collect();
        assert_eq!(numbers, [(json!(1), json!("kept")), (json!(2), json!("else"))]);
        assert_eq!(read["sections"][0]["citations"], json!([1, 2]));
        assert_eq!(site.anonymous().get("/v1/studies/gone").await.expect(200)["key"], "kept");
        let study = editor.get(&format!("{STUDIES}/kept")).await.expect(200);
        assert_eq!(study["cited_by"], json!({"working_copies": 1, "publications": 1}));
    }

    async fn what_is_found_under_the_name_that_goes_is_found_at_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (etag, _) = pair(&editor).await;
        // Nothing is cited of it, and it has nothing that the other lacks: no publication reads differently afterwards.
        let bare = add(&editor, json!({"type": "article-journal", "id": "bare", "title": "T", "volume": "1"})).await.expect(201);
        let made = article(&editor, "Only [@kept].").await;
        editor.request("POST", &format!("{}/publish", made.header("location"))).if_match(made.etag()).send().await.expect(200);
        let (slug, id) = (made.json()["slug"].as_str().unwrap().to_owned(), bare["id"].as_str().unwrap().to_owned());
        let named = [
            "/v1/articles?cites=bare&fields=slug".to_owned(),
            format!("/v1/articles?cites={id}&fields=slug"),
            format!("/v1/articles/{slug}/citations?ids=bare&fields=key"),
            "/v1/studies?ids=bare&fields=key".to_owned(),
        ];
        for path in &named {
            assert_eq!(site.get(path).await.expect(200)["data"], json!([]), "{path}");
        }
        let before = site.get(&format!("/v1/articles/{slug}?include=citations")).await;
        merge(&editor, "kept", &etag, "bare").await.expect(200);
        for path in &named {
            assert_eq!(site.get(path).await.expect(200)["data"].as_array().unwrap().len(), 1, "{path}");
        }
        assert_eq!(site.get(&format!("/v1/articles/{slug}?include=citations")).await.etag(), before.etag());
    }

    async fn what_cannot_be_merged_is_refused_and_changes_nothing(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (etag, _) = pair(&editor).await;
        let gone = editor.get(&format!("{STUDIES}/gone")).await;
        for (from, code) in [("kept", "same_study"), ("nobody", "unknown_study"), ("NO KEY", "invalid_key")] {
            assert_eq!(faults(&merge(&editor, "kept", &etag, from).await), [("/from".into(), code.into())], "{from}");
        }
        assert_eq!(merge(&editor, "kept", "\"9.x\"", "gone").await.code(), "version_conflict");
        assert_eq!(merge(&editor, "nobody", &etag, "gone").await.code(), "not_found");
        assert_eq!(merge(&site.signed_in(Role::Author).await, "kept", &etag, "gone").await.code(), "forbidden");
        let without = editor.request("POST", &format!("{STUDIES}/kept/merge")).json(&json!({"from": "gone"})).send().await;
        assert_eq!(without.code(), "precondition_required");
        let same = editor.get(&format!("{STUDIES}/gone")).await;
        assert_eq!((same.etag(), &same.body), (gone.etag(), &gone.body));
    }

    async fn of_two_merges_that_cross_one_is_made(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (kept, gone) = pair(&editor).await;
        let made = article(&editor, "So [@kept; @gone].").await;
        let (one, two) = tokio::join!(merge(&editor, "kept", &kept, "gone"), merge(&editor, "gone", &gone, "kept"));
        let won = [one.status, two.status].iter().filter(|status| **status == 200).count();
        assert_eq!(won, 1, "{} {}", one.text(), two.text());
        let copy = copy(&editor, &made).await;
        assert_eq!(copy["citations"].as_array().unwrap().len(), 1);
    }
}
