//! Reviews of working copies: given, changed, taken away, and refused.

use std::time::Duration;

use ibid::accounts::Role;
use ibid::db::day::Day;
use serde_json::{Value, json};

use super::article;
use crate::support::{Reply, Site, both};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The day that it is for the site.
pub fn today(site: &Site) -> String {
    site.state.clock.today().to_string()
}

/// The day after today.
pub fn tomorrow(site: &Site) -> String {
    Day::of(site.state.clock.today().end()).to_string()
}

async fn patch(editor: &Site, address: &str, change: Value) -> Reply {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&change).send().await
}

/// The pointers and codes of what is refused.
fn faults(refused: &Reply) -> Vec<(String, String)> {
    assert_eq!((refused.status, refused.code()), (422, "validation_failed".into()));
    let told =
        |fault: &Value| (fault["pointer"].as_str().unwrap().to_owned(), fault["code"].as_str().unwrap().to_owned());
    let mut faults: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(told).collect();
    faults.sort();
    faults
}

fn expected<const N: usize>(faults: [(&str, &str); N]) -> Vec<(String, String)> {
    faults.into_iter().map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).collect()
}

fn review() -> Value {
    json!({
        "by": [
            {"name": "Grace Example", "credentials": "MD", "orcid": "0000-0002-1825-0097"},
            {"name": "Alan Example", "credentials": null, "orcid": null},
        ],
        "at": "2024-06-20",
        "next_due": "2025-06-20",
    })
}

both! {
    async fn an_article_is_made_with_its_review(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let new = json!({"title": "Pores", "sections": [{"body": "The lead."}], "reviewed": review()});
        let made = editor.post("/v1/manage/articles", &new).await;
        let copy = made.expect(201);
        assert_eq!(copy["reviewed"], review());
        let address = made.header("location");
        assert_eq!(editor.get(address).await.expect(200), copy);
        assert_eq!(editor.get("/v1/manage/articles").await.expect(200)["data"][0]["reviewed"], review());

        let replaced = json!({"title": "Pores", "reviewed": {"by": [{"name": "Ada Example"}], "at": "2024-07-01"}});
        let put = |etag: String, body: Value| {
            let request = editor.request("PUT", address).if_match(etag).json(&body);
            async move { request.send().await }
        };
        let replaced = put(made.etag().to_owned(), replaced).await;
        let whole = json!({
            "by": [{"name": "Ada Example", "credentials": null, "orcid": null}], "at": "2024-07-01", "next_due": null,
        });
        assert_eq!((&replaced.expect(200)["reviewed"], &replaced.json()["version"]), (&whole, &json!(2)));
        // What is not named gets its default.
        let replaced = put(replaced.etag().to_owned(), json!({"title": "Pores"})).await;
        assert_eq!(replaced.expect(200)["reviewed"], Value::Null);
        editor.request("DELETE", address).if_match(replaced.etag()).send().await.expect(204);
    }

    async fn a_change_is_merged_with_the_review(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, first) = article(&editor, "Pores", &["The lead."]).await;
        assert_eq!(editor.get(&address).await.expect(200)["reviewed"], Value::Null);
        let given = patch(&editor, &address, json!({"reviewed": review()})).await;
        assert_eq!((&given.expect(200)["reviewed"], &given.json()["version"]), (&review(), &json!(2)));

        let merged = async |change: Value| patch(&editor, &address, json!({"reviewed": change})).await.expect(200);
        let later = merged(json!({"next_due": "2026-01-01"})).await;
        let mut wanted = review();
        wanted["next_due"] = json!("2026-01-01");
        assert_eq!(later["reviewed"], wanted);
        // Lists are replaced whole, and within them there is nothing to merge with.
        let others = merged(json!({"by": [{"name": "Alan Example"}], "next_due": null})).await;
        wanted["by"] = json!([{"name": "Alan Example", "credentials": null, "orcid": null}]);
        wanted["next_due"] = Value::Null;
        assert_eq!((&others["reviewed"], &others["version"]), (&wanted, &json!(4)));
        // What changes nothing makes no version.
        assert_eq!(merged(json!({})).await["version"], 4);
        assert_eq!(merged(json!({"at": "2024-06-20"})).await["version"], 4);
        assert_eq!(patch(&editor, &address, json!({"title": "Large pores"})).await.expect(200)["reviewed"], wanted);

        let stale = editor.request("PATCH", &address).if_match(first).json(&json!({"reviewed": null})).send().await;
        assert_eq!((stale.status, stale.code()), (412, "version_conflict".into()));
        let cleared = patch(&editor, &address, json!({"reviewed": null})).await.expect(200);
        assert_eq!((&cleared["reviewed"], &cleared["version"]), (&Value::Null, &json!(6)));
        // Merged with nothing, a part is not enough.
        let part = patch(&editor, &address, json!({"reviewed": {"next_due": "2026-01-01"}})).await;
        assert_eq!(faults(&part), expected([("/reviewed/at", "required"), ("/reviewed/by", "required")]));
        let part = patch(&editor, &address, json!({"reviewed": {}})).await;
        assert_eq!(faults(&part), expected([("/reviewed/at", "required"), ("/reviewed/by", "required")]));
    }

    async fn all_faults_of_a_review_are_named_at_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let post = async |review: Value| {
            editor.post("/v1/manage/articles", &json!({"title": "Pores", "reviewed": review})).await
        };
        let refused = post(json!({
            "by": [{"name": " ", "orcid": "0000-0002-1825-0098", "title": "Dr"}, {"credentials": 3}],
            "at": "2024-02-30",
            "next_due": "2025-06-20T00:00:00Z",
            "on": "2024-06-20",
        })).await;
        assert_eq!(faults(&refused), expected([
            ("/reviewed/at", "invalid_date"),
            ("/reviewed/by/0/name", "blank"),
            ("/reviewed/by/0/orcid", "invalid_orcid"),
            ("/reviewed/by/0/title", "unknown_member"),
            ("/reviewed/by/1/credentials", "wrong_type"),
            ("/reviewed/by/1/name", "required"),
            ("/reviewed/next_due", "invalid_date"),
            ("/reviewed/on", "unknown_member"),
        ]));
        let none = post(json!({"by": [], "at": null})).await;
        assert_eq!(faults(&none), expected([("/reviewed/at", "wrong_type"), ("/reviewed/by", "too_few")]));
        let eleven: Vec<Value> = (0..11).map(|n| json!({"name": format!("Reviewer {n}")})).collect();
        assert_eq!(faults(&post(json!({"by": eleven, "at": "2024-06-20"})).await), expected([("/reviewed/by", "too_many")]));
        let widest = post(json!({"by": eleven[..10], "at": "0000-02-29", "next_due": "9999-12-31"})).await.expect(201);
        let widest = editor.get(&format!("/v1/manage/articles/{}", widest["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((&widest["reviewed"]["at"], &widest["reviewed"]["next_due"]), (&json!("0000-02-29"), &json!("9999-12-31")));
        assert_eq!(widest["reviewed"]["by"].as_array().unwrap().len(), 10);
        assert_eq!(faults(&post(json!("Grace Example")).await), expected([("/reviewed", "wrong_type")]));

        // What no schema can say, with what else is wrong with the article.
        let (today, tomorrow) = (today(&site), tomorrow(&site));
        let refused = editor.post("/v1/manage/articles", &json!({
            "title": "Pores",
            "tags": ["Skin", "skin"],
            "reviewed": {
                "by": [
                    {"name": "Grace Example", "orcid": "0000-0002-1825-0097"},
                    {"name": "G. Example", "orcid": "0000-0002-1825-0097"},
                ],
                "at": tomorrow,
                "next_due": today,
            },
        })).await;
        assert_eq!(faults(&refused), expected([
            ("/reviewed/at", "future_date"),
            ("/reviewed/by/1", "duplicate"),
            ("/reviewed/next_due", "due_before_review"),
            ("/tags/1", "duplicate"),
        ]));
        let (address, _) = article(&editor, "Nails", &["The lead."]).await;
        patch(&editor, &address, json!({"reviewed": review()})).await.expect(200);
        // The day after the one by which the next review is due, which stays.
        let refused = patch(&editor, &address, json!({"reviewed": {"at": "2025-06-21"}})).await;
        assert_eq!(faults(&refused), expected([("/reviewed/next_due", "due_before_review")]));
        assert_eq!(editor.get(&address).await.expect(200)["reviewed"], review());
        let null = patch(&editor, &address, json!({"reviewed": {"by": null, "at": null}})).await;
        assert_eq!(faults(&null), expected([("/reviewed/at", "wrong_type"), ("/reviewed/by", "wrong_type")]));
    }

    async fn a_review_is_of_today_at_the_latest(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let by = json!([{"name": "Grace Example"}]);
        let tomorrow = tomorrow(&site);
        let review = json!({"reviewed": {"by": by, "at": tomorrow, "next_due": tomorrow}});
        assert_eq!(faults(&patch(&editor, &address, review.clone()).await), expected([("/reviewed/at", "future_date")]));
        let of_today = json!({"reviewed": {"by": by, "at": today(&site), "next_due": today(&site)}});
        patch(&editor, &address, of_today).await.expect(200);
        // Signed in anew: tokens do not last a day.
        site.state.clock.advance(DAY);
        let editor = site.signed_in(Role::Editor).await;
        assert_eq!(patch(&editor, &address, review).await.expect(200)["reviewed"]["at"], json!(tomorrow));
    }

    async fn working_copies_are_listed_by_whether_their_review_is_overdue(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let by = json!([{"name": "Grace Example"}]);
        for (title, review) in [
            ("None", Value::Null),
            ("Undue", json!({"by": by, "at": "2024-06-20"})),
            ("Past", json!({"by": by, "at": "2024-06-20", "next_due": "2025-06-20"})),
            ("Today", json!({"by": by, "at": "2024-06-20", "next_due": today(&site)})),
        ] {
            editor.post("/v1/manage/articles", &json!({"title": title, "reviewed": review})).await.expect(201);
        }
        let titles = async |editor: &Site, overdue: &str| {
            let list = editor.get(&format!("/v1/manage/articles?sort=title&count=true&review_overdue={overdue}")).await.expect(200);
            let titles: Vec<String> =
                list["data"].as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect();
            assert_eq!(list["page"]["total"], titles.len());
            titles
        };
        assert_eq!(titles(&editor, "true").await, ["Past"]);
        assert_eq!(titles(&editor, "false").await, ["None", "Today", "Undue"]);
        site.state.clock.advance(DAY);
        let editor = site.signed_in(Role::Editor).await;
        assert_eq!(titles(&editor, "true").await, ["Past", "Today"]);
        assert_eq!(titles(&editor, "false").await, ["None", "Undue"]);
        assert_eq!(editor.get("/v1/manage/articles?review_overdue=yes").await.status, 400);
    }
}
