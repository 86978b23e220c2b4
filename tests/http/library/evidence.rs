//! What a study says beside its record, where it came from, and who gets to see it.

use ibid::accounts::Role;
use ibid::openapi;
use serde_json::{Value, json};

use super::{STUDIES, article, faults};
use crate::support::{Reply, Site, both};

const NOTE: &str = "The methods look odd to me.";

fn full() -> Value {
    json!({
        "key": "a1",
        "csl": {"type": "article-journal", "title": "T", "abstract": "What it is about.", "container-title": "J"},
        "review": "peer_reviewed",
        "follow_up": "P2Y6M",
        "funding": [{"funder": "NIH", "award": "R01"}, {"funder": "Wellcome"}],
        "conflicts_of_interest": "None.\nReally.",
        "open_access_url": "https://europepmc.org/article/MED/1",
        "notes": NOTE,
    })
}

async fn patch(site: &Site, etag: &str, body: &Value) -> Reply {
    site.request("PATCH", &format!("{STUDIES}/a1")).if_match(etag).json(body).send().await
}

/// Where the fields of a study came from, as `(field, source)`.
fn sources(study: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = study["sources"].as_array().expect("sources").iter();
    list.map(|one| (text(&one["field"]), text(&one["source"]))).collect()
}

both! {
    async fn everything_that_is_given_is_kept_and_can_be_changed(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = editor.post(STUDIES, &full()).await;
        let study = made.expect(201);
        for member in ["review", "follow_up", "conflicts_of_interest", "open_access_url", "notes"] {
            assert_eq!(study[member], full()[member], "{member}");
        }
        assert_eq!(study["funding"], json!([{"funder": "NIH", "award": "R01"}, {"funder": "Wellcome", "award": null}]));
        assert_eq!(study["csl"]["abstract"], "What it is about.");
        assert_eq!((&study["retraction"], &study["isbn"], &study["aliases"]), (&json!(null), &json!(null), &json!([])));
        let read = editor.get(&format!("{STUDIES}/a1")).await;
        assert_eq!((read.etag(), &read.body), (made.etag(), &made.body));

        let change = json!({
            "review": "preprint", "follow_up": "PT12H", "funding": [], "conflicts_of_interest": null,
            "open_access_url": "http://example.org/a", "notes": null, "csl": {"ISBN": "0-306-40615-2"},
        });
        let changed = patch(&editor, made.etag(), &change).await;
        let study = changed.expect(200);
        for member in ["review", "follow_up", "funding", "conflicts_of_interest", "open_access_url", "notes"] {
            assert_eq!(study[member], change[member], "{member}");
        }
        assert_eq!(study["isbn"], "9780306406157");
        let same = patch(&editor, changed.etag(), &change).await;
        assert_eq!(same.etag(), changed.etag(), "the same again makes no version");
    }

    async fn what_cannot_be_is_refused_with_its_place(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = editor.post(STUDIES, &full()).await.etag().to_owned();
        for (body, pointer, code) in [
            (json!({"review": "blessed"}), "/review", "unknown_value"),
            (json!({"follow_up": "six months"}), "/follow_up", "invalid_duration"),
            (json!({"funding": [{"award": "R01"}]}), "/funding/0/funder", "required"),
            (json!({"funding": [{"funder": " "}]}), "/funding/0/funder", "blank"),
            (json!({"funding": vec![json!({"funder": "F"}); 101]}), "/funding", "too_many"),
            (json!({"funding": null}), "/funding", "wrong_type"),
            (json!({"open_access_url": "javascript:alert(1)"}), "/open_access_url", "invalid_url"),
            (json!({"notes": ""}), "/notes", "too_short"),
            (json!({"conflicts_of_interest": "\u{7}"}), "/conflicts_of_interest", "invalid_character"),
            (json!({"sources": []}), "/sources", "immutable"),
            (json!({"retraction": null}), "/retraction", "immutable"),
            (json!({"aliases": ["b"]}), "/aliases", "immutable"),
            (json!({"csl": {"ISBN": "0-306-40615-3"}}), "/csl/ISBN", "check_digit"),
            (json!({"csl": {"ISSN": "1234-5678"}}), "/csl/ISSN", "check_digit"),
        ] {
            let found = faults(&patch(&editor, &etag, &body).await);
            let code = if code == "check_digit" { found[0].1.clone() } else { code.to_owned() };
            assert_eq!(found, [(pointer.to_owned(), code)], "{body}");
        }
    }

    async fn fields_say_who_wrote_them(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let file = "@article{a1, title = {T}, journal = {J}, volume = {1}, year = {2001}}";
        let import = editor.request("POST", &format!("{STUDIES}/import")).header("Content-Type", "application/x-bibtex");
        import.body(file).send().await.expect(200);
        let read = editor.get(&format!("{STUDIES}/a1")).await;
        let of_file = |field: &str| (field.to_owned(), "import:bibtex".to_owned());
        let expected = ["container-title", "issued", "title", "type", "volume"].map(of_file);
        assert_eq!(sources(&read.expect(200)), expected);
        site.state.clock.advance(std::time::Duration::from_secs(60));
        let change = json!({"csl": {"volume": "2", "title": "T", "issued": null}, "design": "cohort"});
        let study = patch(&editor, read.etag(), &change).await.expect(200);
        let by_hand = |field: &str| (field.to_owned(), "editor".to_owned());
        let expected =
            [of_file("container-title"), by_hand("design"), of_file("title"), of_file("type"), by_hand("volume")];
        assert_eq!(sources(&study), expected);
        let at = |field: &str| study["sources"].as_array().unwrap().iter().find(|one| one["field"] == field).unwrap()["at"].clone();
        assert!(at("volume").as_str() > at("title").as_str());
    }

    async fn notes_are_in_no_public_answer(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        editor.post(STUDIES, &full()).await.expect(201);
        let made = article(&editor, "So it is [@a1].").await;
        let publish = format!("{}/publish", made.header("location"));
        editor.request("POST", &publish).if_match(made.etag()).send().await.expect(200);
        let slug = made.json()["slug"].as_str().unwrap().to_owned();
        let anchor = made.json()["sections"][0]["anchor"].as_str().unwrap().to_owned();
        let contract = openapi::document().unwrap();
        let public = |operation: &Value| !operation["security"].to_string().contains("bearer");
        let mut asked = 0;
        for (path, item) in contract["paths"].as_object().unwrap() {
            if !item.get("get").is_some_and(public) {
                continue;
            }
            let path = path.replace("{article}", &slug).replace("{anchor}", &anchor).replace("{number}", "1").replace("{key}", "a1");
            let with = match path.as_str() {
                // A stream that ends with what it has now.
                "/v1/events" => "?wait=0&last_event_id=0",
                path if path == format!("/v1/articles/{slug}") => "?include=sections,citations",
                _ => "",
            };
            let reply = site.anonymous().get(&format!("{path}{with}")).await;
            assert!(!String::from_utf8_lossy(&reply.body).contains("methods look odd"), "{path}");
            asked += usize::from(reply.status == 200);
        }
        assert!(asked >= 10, "{asked} public answers were read");
        let study = site.anonymous().get("/v1/studies/a1").await.expect(200);
        assert!(study["csl"].get("note").is_none() && study.get("notes").is_none(), "{study}");
    }

    async fn lists_are_filtered_by_what_studies_are(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let journal = |title: &str| json!({
            "type": "article-journal", "title": title, "author": [{"family": "Müller"}],
            "issued": {"raw": "2001"}, "container-title": "J", "DOI": format!("10.1000/{title}"),
        });
        let mut without = journal("b");
        without.as_object_mut().unwrap().remove("container-title");
        let mut blank = journal("c");
        blank["container-title"] = json!(" \n");
        let anyone = json!({"type": "book", "title": "50 % of Sheep_s wool", "editor": [{"literal": "O'Neill Group"}], "issued": {"raw": "1999"}, "URL": "https://x.org"});
        for (key, csl, review) in [
            ("full", journal("a"), "peer_reviewed"),
            ("homeless", without, "preprint"),
            ("blank", blank, "not_reviewed"),
            ("book", anyone, "not_reviewed"),
        ] {
            editor.post(STUDIES, &json!({"key": key, "csl": csl, "review": review})).await.expect(201);
            site.state.clock.advance(std::time::Duration::from_secs(1));
        }
        for (query, expected) in [
            ("complete=true", vec!["book", "full"]),
            ("complete=false", vec!["blank", "homeless"]),
            ("review=preprint,not_reviewed", vec!["book", "blank", "homeless"]),
            ("retracted=true", vec![]),
            ("retracted=false", vec!["book", "blank", "homeless", "full"]),
            ("key=full", vec!["full"]),
            ("key=nobody", vec![]),
            ("q=SHEEP", vec!["book"]),
            ("q=50%20%25%20of", vec!["book"]),
            ("q=p_s", vec!["book"]),
            ("q=%25", vec!["book"]),
            ("q=ller", vec!["blank", "homeless", "full"]),
            ("q=b&complete=true", vec![]),
            ("q=a'%20OR%201=1", vec![]),
        ] {
            let listed = editor.get(&format!("{STUDIES}?count=true&{query}")).await.expect(200);
            let keys: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|study| study["key"].as_str().unwrap()).collect();
            assert_eq!(keys, expected, "{query}");
            assert_eq!(listed["page"]["total"], expected.len(), "{query}");
            for study in listed["data"].as_array().unwrap() {
                let complete = if query.starts_with("complete=true") { Some(true) } else if query.starts_with("complete") { Some(false) } else { None };
                assert!(complete.is_none_or(|complete| study["completeness"]["complete"] == complete), "{query}");
            }
        }
        for (query, parameter) in [("review=x", "review"), ("q=", "q"), ("key=A", "key"), ("complete=1", "complete"), ("retracted=", "retracted")] {
            let refused = editor.get(&format!("{STUDIES}?{query}")).await;
            assert_eq!((refused.code(), &refused.json()["errors"][0]["parameter"]), ("invalid_parameter".into(), &json!(parameter)));
        }
    }
}
