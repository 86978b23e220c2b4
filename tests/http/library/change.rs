use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{STUDIES, add, article, faults};
use crate::support::{Reply, Site, both};

/// A study with this key, and its ETag.
async fn given(site: &Site, key: &str, mut csl: Value) -> String {
    csl["id"] = json!(key);
    let made = add(site, csl).await;
    made.expect(201);
    made.etag().to_owned()
}

async fn patch(site: &Site, key: &str, etag: &str, body: &Value) -> Reply {
    site.request("PATCH", &format!("{STUDIES}/{key}")).if_match(etag).json(body).send().await
}

both! {
    async fn a_record_is_merged_member_by_member(site: Site) {
        let editor = site.signed_in(Role::Author).await;
        let etag = given(&editor, "a1", json!({
            "type": "book", "title": "Old", "note": "n", "volume": "1",
            "author": [{"family": "A"}, {"family": "B"}],
            "issued": {"date-parts": [[2001]], "circa": true},
            "custom": {"keep": 1, "drop": 2, "in": {"keep": [null], "drop": 3}},
        })).await;
        site.state.clock.advance(std::time::Duration::from_secs(60));
        let changed = patch(&editor, "a1", &etag, &json!({
            "csl": {
                "title": "New", "note": null, "volume": 2, "DOI": "doi:10.1000/X",
                "author": [{"family": "C"}],
                "issued": {"date-parts": [[2002, 3]], "circa": null},
                "custom": {"drop": null, "in": {"drop": null, "add": 4}, "new": {"none": null}},
            },
            "design": "cohort", "sample_size": 12,
        })).await;
        let study = changed.expect(200);
        assert_eq!(study["csl"], json!({
            "id": "a1", "type": "book", "title": "New", "volume": 2, "DOI": "doi:10.1000/X",
            "author": [{"family": "C"}], "issued": {"date-parts": [[2002, 3]]},
            "custom": {"keep": 1, "in": {"keep": [null], "add": 4}, "new": {}},
        }));
        assert_eq!((&study["title"], &study["year"], &study["doi"]), (&json!("New"), &json!(2002), &json!("10.1000/x")));
        assert_eq!((&study["design"], &study["sample_size"], &study["version"]), (&json!("cohort"), &json!(12), &json!(2)));
        assert!(study["updated_at"].as_str() > study["created_at"].as_str());
        let read = editor.get(&format!("{STUDIES}/a1")).await;
        assert_eq!((read.etag(), &read.body), (changed.etag(), &changed.body));

        let clear = json!({"design": null, "sample_size": null, "csl": {"DOI": null}});
        let study = patch(&editor, "a1", changed.etag(), &clear).await.expect(200);
        assert_eq!((&study["design"], &study["sample_size"], &study["doi"]), (&json!(null), &json!(null), &json!(null)));
    }

    async fn a_change_that_changes_nothing_makes_no_version(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "a1", json!({"type": "book", "title": "T", "custom": {"b": 1.5, "a": 10}})).await;
        let read = editor.get(&format!("{STUDIES}/a1")).await.expect(200);
        for body in [
            json!({}),
            json!({"csl": {}, "design": null}),
            json!({"csl": {"note": null}}),
            json!({"csl": read["csl"]}),
            json!({"csl": {"custom": {"a": 10.0, "b": 1.5}}}),
        ] {
            let same = patch(&editor, "a1", &etag, &body).await;
            assert_eq!((same.expect(200), same.etag()), (read.clone(), etag.as_str()), "{body}");
        }
    }

    async fn what_would_not_be_a_record_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "a1", json!({"type": "book", "issued": {"literal": "2001"}})).await;
        let change = json!({"csl": {
            "type": null, "id": "b2", "titel": "x", "issued": {"literal": null}, "author": [{}], "DOI": "none",
        }});
        let mut found = faults(&patch(&editor, "a1", &etag, &change).await);
        found.sort();
        let expected = [
            ("/csl/DOI", "invalid_identifier"), ("/csl/author/0", "empty_name"), ("/csl/id", "immutable"),
            ("/csl/issued", "empty_date"), ("/csl/titel", "unknown_variable"), ("/csl/type", "required"),
        ];
        assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        for (body, pointer, code) in [
            (json!({"key": null}), "/key", "wrong_type"),
            (json!({"id": "x"}), "/id", "immutable"),
            (json!({"title": "x"}), "/title", "immutable"),
            (json!({"design": 1}), "/design", "wrong_type"),
            (json!({"sample_size": -1}), "/sample_size", "out_of_range"),
            (json!({"csl": null}), "/csl", "wrong_type"),
            (json!({"cls": {}}), "/cls", "unknown_member"),
        ] {
            assert_eq!(faults(&patch(&editor, "a1", &etag, &body).await), [(pointer.into(), code.into())], "{body}");
        }
        assert_eq!(editor.get(&format!("{STUDIES}/a1")).await.etag(), etag);
    }

    async fn an_identifier_of_another_study_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        given(&editor, "a1", json!({"type": "book", "DOI": "10.1000/x"})).await;
        let etag = given(&editor, "b2", json!({"type": "book"})).await;
        let taken = patch(&editor, "b2", &etag, &json!({"csl": {"DOI": "https://doi.org/10.1000/X"}})).await;
        assert_eq!((taken.status, taken.code()), (409, "study_exists".into()));
        let first = editor.get(&format!("{STUDIES}/a1")).await.expect(200);
        assert_eq!(taken.json()["existing"], first["id"]);
        patch(&editor, "b2", &etag, &json!({"csl": {"DOI": "10.1000/y"}})).await.expect(200);
    }

    async fn changes_need_the_version_they_were_made_from(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "a1", json!({"type": "book"})).await;
        let body = json!({"csl": {"title": "T"}});
        let path = format!("{STUDIES}/a1");
        let without = editor.request("PATCH", &path).json(&body).send().await;
        assert_eq!((without.status, without.code()), (428, "precondition_required".into()));
        let second = patch(&editor, "a1", &etag, &body).await;
        second.expect(200);
        let stale = patch(&editor, "a1", &etag, &json!({"csl": {"title": "U"}})).await;
        assert_eq!((stale.status, stale.code()), (412, "version_conflict".into()));
        assert_eq!((&stale.json()["current_version"], stale.etag()), (&json!(2), "\"2\""));
        patch(&editor, "a1", stale.etag(), &json!({"csl": {"title": "U"}})).await.expect(200);
        assert_eq!(patch(&editor, "a1", "*", &body).await.code(), "forbidden");
        let admin = site.signed_in(Role::Admin).await;
        patch(&admin, "a1", "*", &body).await.expect(200);
        assert_eq!(patch(&admin, "none", "*", &body).await.code(), "not_found");
        let merge = admin.request("PATCH", &path).if_match("*").header("Content-Type", "application/merge-patch+json");
        merge.body(r#"{"csl": {"title": null}}"#).send().await.expect(200);
    }

    async fn of_two_changes_of_one_version_one_wins(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "a1", json!({"type": "book"})).await;
        let (one, two) = (json!({"csl": {"title": "One"}}), json!({"csl": {"title": "Two"}}));
        let (one, two) = tokio::join!(patch(&editor, "a1", &etag, &one), patch(&editor, "a1", &etag, &two));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }

    async fn publications_follow_the_library(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "a1", json!({"type": "book", "title": "Old"})).await;
        let made = article(&editor, "So it is [@a1].").await;
        let publish = format!("{}/publish", made.header("location"));
        let published = editor.request("POST", &publish).if_match(made.etag()).send().await;
        assert_eq!(published.status, 200, "{}", published.text());
        let study = patch(&editor, "a1", &etag, &json!({"csl": {"title": "New"}})).await.expect(200);
        assert_eq!(study["cited_by"], json!({"working_copies": 1, "publications": 1}));
        use diesel::prelude::*;
        use ibid::db::schema::published_studies;
        let titles = site.state.db.read(|conn| {
            Ok(ibid::on!(conn, c => published_studies::table.select(published_studies::title).load::<String>(c))?)
        });
        assert_eq!(titles.await.unwrap(), ["New"]);
    }
}
