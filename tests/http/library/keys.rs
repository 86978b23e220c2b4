//! Keys that change, and names that stay.

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{STUDIES, add, article, faults};
use crate::support::{Reply, Site, both};

async fn given(site: &Site, key: &str) -> String {
    let made = add(site, json!({"type": "book", "id": key, "title": format!("About {key}")})).await;
    made.expect(201);
    made.etag().to_owned()
}

async fn rename(site: &Site, key: &str, etag: &str, new: &str) -> Reply {
    site.request("PATCH", &format!("{STUDIES}/{key}")).if_match(etag).json(&json!({"key": new})).send().await
}

async fn body_of(site: &Site, path: &str) -> (Value, Value, Value) {
    let copy = site.get(path).await.expect(200);
    (copy["sections"][0]["body"].clone(), copy["version"].clone(), copy["state"].clone())
}

both! {
    async fn a_key_changes_in_every_marker_and_goes_on_naming_the_study(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "old").await;
        given(&editor, "other").await;
        let text = "So [see @old, p. 3; @other] and [@Old] but `[@old]`; @old says it.";
        let draft = article(&editor, text).await;
        let silent = article(&editor, "Nothing [@other].").await;
        let renamed = rename(&editor, "old", &etag, "new").await;
        let study = renamed.expect(200);
        assert_eq!((&study["key"], &study["csl"]["id"], &study["version"]), (&json!("new"), &json!("new"), &json!(2)));
        assert_eq!(study["aliases"], json!(["old"]));
        let (body, version, state) = body_of(&editor, draft.header("location")).await;
        assert_eq!(body, "So [see @new, p. 3; @other] and [@new] but `[@old]`; @new says it.");
        assert_eq!((version, state), (json!(2), json!("draft")));
        assert_eq!(body_of(&editor, silent.header("location")).await.1, 1);

        for name in ["old", "new"] {
            let found = editor.get(&format!("{STUDIES}/{name}")).await;
            assert_eq!((found.expect(200)["key"].clone(), found.etag()), (json!("new"), renamed.etag()), "{name}");
            let listed = editor.get(&format!("{STUDIES}?key={name}")).await.expect(200);
            assert_eq!(listed["data"][0]["key"], "new", "{name}");
        }
        let by_alias = article(&editor, "As [@old] says.").await.json();
        assert_eq!(by_alias["citations"][0]["study"]["key"], "new");
    }

    async fn what_the_public_reads_follows_and_stays_published(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "old").await;
        let exact = article(&editor, "So it is [@old].").await;
        let changed = article(&editor, "And so [@old].").await;
        for made in [&exact, &changed] {
            let path = format!("{}/publish", made.header("location"));
            editor.request("POST", &path).if_match(made.etag()).send().await.expect(200);
        }
        let more = editor.request("PATCH", changed.header("location")).if_match(changed.etag());
        more.json(&json!({"title": "Another"})).send().await.expect(200);
        let renamed = rename(&editor, "old", &etag, "new").await;
        renamed.expect(200);
        let (body, version, state) = body_of(&editor, exact.header("location")).await;
        assert_eq!((body, version, state), (json!("So it is [@new]."), json!(2), json!("published")));
        let (_, version, state) = body_of(&editor, changed.header("location")).await;
        assert_eq!((version, state), (json!(3), json!("changed")));
        let slug = exact.json()["slug"].as_str().unwrap().to_owned();
        let read = site.anonymous().get(&format!("/v1/articles/{slug}?include=citations")).await.expect(200);
        assert_eq!(read["citations"][0]["key"], "new");
        for name in ["old", "new"] {
            let study = site.anonymous().get(&format!("/v1/studies/{name}")).await.expect(200);
            assert_eq!(study["key"], "new", "{name}");
        }
    }

    async fn no_key_ever_names_two_studies(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = given(&editor, "majid2009").await;
        let other = given(&editor, "other").await;
        let renamed = rename(&editor, "majid2009", &etag, "mine").await;
        let id = renamed.expect(200)["id"].clone();
        for key in ["mine", "majid2009"] {
            let taken = rename(&editor, "other", &other, key).await;
            assert_eq!((taken.status, taken.code(), &taken.json()["existing"]), (409, "key_taken".into(), &id), "{key}");
            let taken = add(&editor, json!({"type": "book", "id": key})).await;
            assert_eq!((taken.code(), &taken.json()["existing"]), ("key_taken".into(), &id), "{key}");
        }
        let proposed = json!({"type": "book", "author": [{"family": "Majid"}], "issued": {"raw": "2009"}});
        assert_eq!(add(&editor, proposed).await.expect(201)["key"], "majid2009a");
        let back = rename(&editor, "mine", renamed.etag(), "majid2009").await.expect(200);
        assert_eq!((&back["key"], &back["aliases"]), (&json!("majid2009"), &json!(["mine"])));
        for key in ["A", "doi:10", "duplicates", "import", "lookup", "pmcid:1"] {
            assert_eq!(faults(&rename(&editor, "other", &other, key).await), [("/key".into(), "invalid_key".into())], "{key}");
        }
        let stale = rename(&editor, "other", "\"7.x\"", "fresh").await;
        assert_eq!(stale.code(), "version_conflict");
        let sent_back = json!({"key": "fresh", "csl": {"id": "other", "title": "T"}});
        let both = editor.request("PATCH", &format!("{STUDIES}/other")).if_match(&other).json(&sent_back).send().await;
        assert_eq!(both.expect(200)["csl"]["id"], "fresh");
    }

    async fn of_two_that_want_one_key_one_gets_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (one, two) = (given(&editor, "one").await, given(&editor, "two").await);
        let (first, second) = tokio::join!(rename(&editor, "one", &one, "wanted"), rename(&editor, "two", &two, "wanted"));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }

    async fn a_rename_and_writers_of_articles_do_not_meet_half_way(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let mut etag = given(&editor, "k0").await;
        let made = article(&editor, "So [@k0].").await;
        let path = made.header("location").to_owned();
        for round in 1..=6 {
            let (old, new) = (format!("k{}", round - 1), format!("k{round}"));
            let (writer, text) = (editor.clone(), format!("Round {round} [@{old}]."));
            let write = async {
                let copy = writer.get(&path).await;
                let body = json!({"sections": [{"body": text}]});
                writer.request("PATCH", &path).if_match(copy.etag()).json(&body).send().await
            };
            let (renamed, written) = tokio::join!(rename(&editor, &old, &etag, &new), write);
            assert!([200, 412, 503].contains(&written.status), "{}", written.text());
            etag = renamed.etag().to_owned();
            renamed.expect(200);
            let copy = editor.get(&path).await.expect(200);
            assert_eq!(copy["citations"][0]["study"]["key"], new.as_str(), "{copy}");
            assert_eq!(copy["citations"].as_array().unwrap().len(), 1);
        }
    }
}
