use std::time::Duration;

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::revisions;
use ibid::on;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::{article, study};
use crate::support::{Reply, Site, both};

/// Lets the time pass in which writes fold.
fn later(site: &Site) {
    site.state.clock.advance(Duration::from_secs(301));
}

async fn change(editor: &Site, address: &str, patch: &Value) -> Value {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(patch).send().await.expect(200)
}

async fn restore(editor: &Site, address: &str, number: i64) -> Reply {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("POST", &format!("{address}/revisions/{number}/restore")).if_match(etag).send().await
}

async fn publish(editor: &Site, address: &str) -> Value {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("POST", &format!("{address}/publish")).if_match(etag).send().await.expect(200)
}

async fn listed(editor: &Site, address: &str, query: &str) -> Vec<Value> {
    let list = editor.get(&format!("{address}/revisions{query}")).await.expect(200);
    list["data"].as_array().unwrap().clone()
}

async fn numbers(editor: &Site, address: &str, query: &str) -> Vec<i64> {
    listed(editor, address, query).await.iter().map(|revision| revision["number"].as_i64().unwrap()).collect()
}

/// What editors set of a working copy, without what counts its changes.
fn state(copy: &Value) -> Value {
    let mut copy = copy.clone();
    for member in ["state", "version", "published_version", "updated_at", "warnings", "translations"] {
        copy.as_object_mut().unwrap().remove(member);
    }
    copy
}

both! {
    async fn every_write_leaves_a_revision(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let made = listed(&editor, &address, "").await;
        assert_eq!(made.len(), 1);
        assert_eq!((&made[0]["number"], &made[0]["kind"], &made[0]["version"]), (&json!(1), &json!("created"), &json!(1)));
        assert_eq!((&made[0]["is_current"], &made[0]["restored_from"]), (&json!(true), &Value::Null));
        assert!(made[0]["editor"]["name"].as_str().unwrap().starts_with("editor-"));

        let copy = change(&editor, &address, &json!({"title": "Large pores", "tags": ["Skin"]})).await;
        let revisions = listed(&editor, &address, "?count=true").await;
        assert_eq!(revisions.len(), 2);
        assert_eq!((&revisions[0]["kind"], &revisions[0]["version"]), (&json!("changed"), &json!(2)));
        let held = editor.get(&format!("{address}/revisions/2")).await.expect(200);
        assert_eq!((&held["state"]["title"], &held["state"]["tags"]), (&copy["title"], &copy["tags"]));
        let before = editor.get(&format!("{address}/revisions/1")).await.expect(200);
        assert_eq!((&before["state"]["title"], &before["is_current"]), (&json!("Pores"), &json!(false)));

        // What changes nothing leaves nothing.
        change(&editor, &address, &json!({"title": "Large pores"})).await;
        assert_eq!(numbers(&editor, &address, "").await, [2, 1]);
        for nothing in ["3", "0", "01", "+1", "-1", "x", "99999999999"] {
            assert_eq!(editor.get(&format!("{address}/revisions/{nothing}")).await.status, 404, "{nothing}");
        }
    }

    async fn writes_of_one_editor_within_a_while_are_one(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let other = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let title = async |who: &Site, title: &str| change(who, &address, &json!({"title": title})).await;
        title(&editor, "One").await;
        title(&editor, "Two").await;
        assert_eq!(numbers(&editor, &address, "").await, [2, 1]);
        let folded = editor.get(&format!("{address}/revisions/2")).await.expect(200);
        assert_eq!((&folded["version"], &folded["state"]["title"]), (&json!(3), &json!("Two")));
        // Another editor's is another, and so is what the first writes after that.
        title(&other, "Three").await;
        title(&editor, "Four").await;
        assert_eq!(numbers(&editor, &address, "").await, [4, 3, 2, 1]);
        later(&site);
        title(&editor, "Five").await;
        assert_eq!(numbers(&editor, &address, "").await, [5, 4, 3, 2, 1]);
        // One that has a name is closed.
        let five = editor.get(&format!("{address}/revisions/5")).await;
        let named = editor.request("PATCH", &format!("{address}/revisions/5")).if_match(five.etag());
        named.json(&json!({"name": "Sent to Grace"})).send().await.expect(200);
        title(&editor, "Six").await;
        assert_eq!(numbers(&editor, &address, "").await, [6, 5, 4, 3, 2, 1]);
        // And one that was published.
        publish(&editor, &address).await;
        title(&editor, "Seven").await;
        assert_eq!(numbers(&editor, &address, "").await, [7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(numbers(&editor, &address, "?published=true").await, [6]);

        let never = site.another_node_with(|settings| settings.revisions.fold_seconds = 0).await.with_token(editor.token());
        title(&never, "Eight").await;
        title(&never, "Nine").await;
        assert_eq!(numbers(&editor, &address, "?limit=3").await, [9, 8, 7]);
    }

    async fn lists_are_filtered_and_paged(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let other = site.signed_in(Role::Admin).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        for title in ["One", "Two", "Three"] {
            change(&other, &address, &json!({"title": title})).await;
            // An access token is valid for as long as three times this.
            site.state.clock.advance(Duration::from_secs(if title == "Three" { 0 } else { 301 }));
        }
        let first = editor.get(&format!("{address}/revisions?limit=3&count=true")).await.expect(200);
        assert_eq!(first["page"]["total"], 4);
        let next = editor.get(first["page"]["next"].as_str().unwrap()).await.expect(200);
        assert_eq!((next["data"].as_array().unwrap().len(), &next["page"]["next"]), (1, &Value::Null));
        let back = editor.get(next["page"]["prev"].as_str().unwrap()).await.expect(200);
        assert_eq!(back["data"], first["data"]);
        assert_eq!(numbers(&editor, &address, "?sort=number").await, [1, 2, 3, 4]);
        let me = first["data"][0]["editor"]["id"].as_str().unwrap().to_owned();
        assert_eq!(numbers(&editor, &address, &format!("?editor={me}")).await, [4, 3, 2]);
        assert_eq!(numbers(&editor, &address, "?kind=created").await, [1]);
        assert_eq!(numbers(&editor, &address, "?named=true").await, [] as [i64; 0]);
        assert_eq!(numbers(&editor, &address, "?named=false&published=false&kind=created,changed").await, [4, 3, 2, 1]);
        for wrong in ["editor=x", "kind=made", "named=yes", "sort=title", "limit=0", "nmed=true"] {
            assert_eq!(editor.get(&format!("{address}/revisions?{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn the_newest_are_kept_and_what_has_a_name_or_was_published(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let few = site.another_node_with(|settings| {
            settings.revisions.fold_seconds = 0;
            settings.revisions.keep = 2;
        }).await.with_token(editor.token());
        let (address, _) = article(&few, "Pores", &["The lead."]).await;
        let first = few.get(&format!("{address}/revisions/1")).await;
        few.request("PATCH", &format!("{address}/revisions/1")).if_match(first.etag()).json(&json!({"name": "First"})).send().await.expect(200);
        change(&few, &address, &json!({"title": "Two"})).await;
        publish(&few, &address).await;
        for title in ["Three", "Four", "Five", "Six"] {
            change(&few, &address, &json!({"title": title})).await;
        }
        assert_eq!(numbers(&few, &address, "").await, [6, 5, 2, 1]);
        assert_eq!(few.get(&format!("{address}/revisions/3")).await.status, 404);
        let published = few.get(&format!("{address}/revisions/2")).await.expect(200);
        assert_eq!((&published["published"], &published["state"]["title"]), (&json!(1), &json!("Two")));
        // Without its name it is like the others.
        let first = few.get(&format!("{address}/revisions/1")).await;
        few.request("PATCH", &format!("{address}/revisions/1")).if_match(first.etag()).json(&json!({"name": null})).send().await.expect(200);
        change(&few, &address, &json!({"title": "Seven"})).await;
        assert_eq!(numbers(&few, &address, "").await, [7, 6, 2]);
    }

    async fn a_name_is_given_under_the_tag_of_the_revision(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        change(&editor, &address, &json!({"title": "One"})).await;
        let at = format!("{address}/revisions/2");
        let read = editor.get(&at).await;
        let name = |name: Value| editor.request("PATCH", &at).json(&json!({"name": name}));
        assert_eq!(name(json!("x")).send().await.code(), "precondition_required");
        // A write went into it since it was read: what gets the name is not what was seen.
        change(&editor, &address, &json!({"title": "Two"})).await;
        let stale = name(json!("x")).if_match(read.etag()).send().await;
        assert_eq!((stale.status, stale.code()), (412, "version_conflict".into()));
        let read = editor.get(&at).await;
        for wrong in [json!(""), json!("a\nb"), json!("x".repeat(201)), json!(3)] {
            assert_eq!(name(wrong).if_match(read.etag()).send().await.code(), "validation_failed");
        }
        let named = name(json!("Before the review")).if_match(read.etag()).send().await;
        assert_eq!(named.expect(200)["name"], "Before the review");
        assert_eq!(name(json!("y")).if_match(read.etag()).send().await.code(), "version_conflict");
        assert_eq!(numbers(&editor, &address, "?named=true").await, [2]);
        let gone = name(Value::Null).if_match(named.etag()).send().await;
        assert_eq!(gone.expect(200)["name"], Value::Null);
        // The article has not changed.
        assert_eq!(editor.get(&address).await.expect(200)["version"], 3);
    }

    async fn each_editor_sees_their_articles(site: Site) {
        let (editor, author) = (site.signed_in(Role::Editor).await, site.signed_in(Role::Author).await);
        let reviewer = site.signed_in(Role::Reviewer).await;
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        let (own, own_etag) = article(&author, "Mine", &["The lead."]).await;
        for path in ["", "/1", "/1/diff"] {
            assert_eq!(author.get(&format!("{address}/revisions{path}")).await.status, 404, "{path}");
            assert_eq!(author.get(&format!("{own}/revisions{path}")).await.status, 200, "{path}");
            assert_eq!(reviewer.get(&format!("{address}/revisions{path}")).await.status, 200, "{path}");
        }
        let name = |who: &Site, of: &str| who.request("PATCH", &format!("{of}/revisions/1")).if_match("\"1.x\"").json(&json!({"name": "x"}));
        let back = |who: &Site, of: &str, etag: &str| who.request("POST", &format!("{of}/revisions/1/restore")).if_match(etag);
        assert_eq!(name(&author, &address).send().await.status, 404);
        assert_eq!(back(&author, &address, &etag).send().await.status, 404);
        assert_eq!(name(&reviewer, &address).send().await.status, 403);
        assert_eq!(back(&reviewer, &address, &etag).send().await.status, 403);
        assert_eq!(name(&author, &own).send().await.status, 200);
        assert_eq!(back(&author, &own, &own_etag).send().await.status, 200);
        // A revision is one of its article.
        change(&editor, &address, &json!({"title": "One"})).await;
        assert_eq!(author.get(&format!("{own}/revisions/2")).await.status, 404);
    }

    async fn a_revision_is_brought_back_whole(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["one", "two", "three"] {
            study(&editor, key).await;
        }
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Pores", "slug": "pores", "subtitle": "What helps", "summary": "Perhaps.",
            "tags": ["Skin", "Needles"], "authors": [{"name": "Ada Example", "credentials": "MD"}, {"name": "Grace"}],
            "reviewed": {"by": [{"name": "Hedy"}], "at": "2024-06-20", "next_due": "2025-06-20"},
            "published_at": "2024-06-24T00:00:00Z", "comment_policy": "closed", "style": "apa",
            "sections": [{"body": "So [@two]."}, {"heading": "More", "level": 3, "anchor": "more", "body": "And [@one]."}],
            "citations": [{"study": "three", "evidence_level": "2"}],
            "claims": [{"statement": "It helps.", "certainty": "low", "for": ["one"], "against": ["three"]}]
        })).await;
        let first = made.expect(201);
        let address = made.header("location").to_owned();
        change(&editor, &address, &json!({
            "title": "Other", "slug": "other", "subtitle": null, "summary": null, "tags": [], "authors": [], "reviewed": null,
            "published_at": null, "comment_policy": "open", "style": null,
            "sections": [{"heading": "New", "body": "All [@three] new."}], "citations": [], "claims": []
        })).await;
        let blind = editor.request("POST", &format!("{address}/revisions/1/restore")).send().await;
        assert_eq!((blind.status, blind.code()), (428, "precondition_required".into()));
        let stale = editor.request("POST", &format!("{address}/revisions/1/restore")).if_match(made.etag()).send().await;
        assert_eq!((stale.status, stale.code()), (412, "version_conflict".into()));
        assert_eq!(stale.json()["current_version"], 2);
        assert_eq!(restore(&editor, &address, 9).await.status, 404);

        let back = restore(&editor, &address, 1).await;
        let copy = back.expect(200);
        assert_eq!(copy["version"], 3);
        // The slug is a relation to others.
        let expected = json!({"slug": "other"});
        let mut as_first = state(&first);
        as_first["slug"] = expected["slug"].clone();
        assert_eq!(state(&copy), as_first);
        let revisions = listed(&editor, &address, "").await;
        assert_eq!((&revisions[0]["kind"], &revisions[0]["restored_from"]), (&json!("restored"), &json!(1)));
        assert_eq!(editor.get(&address).await.etag(), back.etag());
        // What is there already is no change.
        assert_eq!(restore(&editor, &address, 1).await.expect(200)["version"], 3);
        assert_eq!(numbers(&editor, &address, "").await, [3, 2, 1]);
        // Forward again.
        let again = restore(&editor, &address, 2).await.expect(200);
        assert_eq!((&again["title"], again["citations"].as_array().unwrap().len()), (&json!("Other"), 1));
    }

    async fn what_is_brought_back_follows_the_library(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["old", "kept", "gone", "last"] {
            study(&editor, key).await;
        }
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Pores",
            "sections": [{"body": "So [@old, p. 3] and [@gone; @last] and [@kept]."}],
            "claims": [{"statement": "It helps.", "for": ["gone", "old"], "against": ["kept"]}]
        })).await;
        made.expect(201);
        let address = made.header("location").to_owned();
        // A key gets another name while the text stands, and two studies become one.
        let tag = editor.get("/v1/manage/studies/old").await.etag().to_owned();
        editor.request("PATCH", "/v1/manage/studies/old").if_match(tag).json(&json!({"key": "new"})).send().await.expect(200);
        let tag = editor.get("/v1/manage/studies/kept").await.etag().to_owned();
        editor.request("POST", "/v1/manage/studies/kept/merge").if_match(tag).json(&json!({"from": "gone"})).send().await.expect(200);
        let followed = editor.get(&address).await.expect(200);
        assert_eq!(followed["sections"][0]["body"], "So [@new, p. 3] and [@kept; @last] and [@kept].");
        // Had it stayed it would be as it is: there is nothing to bring back.
        assert_eq!(restore(&editor, &address, 1).await.expect(200), followed);
        let gone = editor.get(&format!("{address}/revisions/1")).await.expect(200);
        let keys: Vec<_> = gone["state"]["citations"].as_array().unwrap().iter()
            .map(|citation| (citation["study"]["key"].clone(), citation["study"]["present_key"].clone())).collect();
        assert_eq!(keys, [("old", "new"), ("gone", "kept"), ("last", "last"), ("kept", "kept")].map(|(then, now)| (json!(then), json!(now))));

        change(&editor, &address, &json!({"sections": [{"body": "Nothing."}], "claims": []})).await;
        // The state that the library made has its revision: nobody wrote it.
        let revisions = listed(&editor, &address, "").await;
        let kinds: Vec<_> = revisions.iter().map(|revision| revision["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["changed", "followed", "created"]);
        assert_eq!(revisions[1]["editor"], Value::Null);
        let back = restore(&editor, &address, 1).await.expect(200);
        assert_eq!(state(&back)["sections"], state(&followed)["sections"]);
        assert_eq!(state(&back)["claims"], state(&followed)["claims"]);
        let cited = |copy: &Value| copy["citations"].as_array().unwrap().iter().map(|c| c["study"]["key"].clone()).collect::<Vec<_>>();
        assert_eq!(cited(&back), cited(&followed));
    }

    async fn a_study_that_is_gone_is_named_and_nothing_is_changed(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["one", "two"] {
            study(&editor, key).await;
        }
        let (address, _) = article(&editor, "Pores", &["So [@one; @two]."]).await;
        change(&editor, &address, &json!({"title": "Other", "sections": [{"body": "So [@two]."}]})).await;
        let tag = editor.get("/v1/manage/studies/one").await.etag().to_owned();
        editor.request("DELETE", "/v1/manage/studies/one").if_match(tag).send().await.expect(204);
        let before = editor.get(&address).await;
        let refused = restore(&editor, &address, 1).await;
        assert_eq!((refused.status, refused.code()), (409, "study_gone".into()));
        let fault = &refused.json()["errors"][0];
        assert_eq!((&fault["code"], &fault["pointer"]), (&json!("study_gone"), &json!("/citations/0/study")));
        assert!(fault["detail"].as_str().unwrap().contains("one"), "{fault}");
        assert_eq!(editor.get(&address).await.etag(), before.etag());
        assert_eq!(numbers(&editor, &address, "").await, [2, 1]);
        // Another study that takes the key is another study.
        study(&editor, "one").await;
        assert_eq!(restore(&editor, &address, 1).await.code(), "study_gone");
        let held = editor.get(&format!("{address}/revisions/1")).await.expect(200);
        assert_eq!(held["state"]["citations"][0]["study"]["present_key"], Value::Null);
    }

    async fn a_language_that_is_taken_is_not_taken_back(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        change(&editor, &address, &json!({"language": "de"})).await;
        let id = editor.get(&address).await.json()["id"].clone();
        editor.post("/v1/manage/articles", &json!({"title": "Pores", "slug": "pores-en", "language": "en", "translation_of": id})).await.expect(201);
        let refused = restore(&editor, &address, 1).await;
        assert_eq!((refused.status, refused.code()), (409, "language_taken".into()));
        assert_eq!(refused.json()["errors"][0]["pointer"], "/language");
    }

    async fn publications_know_their_revisions(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["So [@late]."]).await;
        // The library gets the study afterwards: what is published is not what was written.
        study(&editor, "late").await;
        change(&editor, &address, &json!({"title": "Large pores"})).await;
        publish(&editor, &address).await;
        assert_eq!(numbers(&editor, &address, "?published=true").await, [2]);
        // What is published already is not published again.
        publish(&editor, &address).await;
        assert_eq!(numbers(&editor, &address, "").await, [2, 1]);
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("POST", &format!("{address}/unpublish")).if_match(etag).send().await.expect(200);
        publish(&editor, &address).await;
        let published = listed(&editor, &address, "?published=true").await;
        let told: Vec<_> = published.iter().map(|one| (one["number"].clone(), one["published"].clone(), one["kind"].clone())).collect();
        assert_eq!(told, [(json!(3), json!(2), json!("published")), (json!(2), json!(1), json!("changed"))]);

        let (address, _) = article(&editor, "Later", &["So [@later]."]).await;
        study(&editor, "later").await;
        publish(&editor, &address).await;
        let published = listed(&editor, &address, "").await;
        assert_eq!((published.len(), &published[0]["kind"], &published[0]["published"]), (2, &json!("published"), &json!(1)));
        let held = editor.get(&format!("{address}/revisions/2")).await.expect(200);
        assert_eq!(held["state"]["citations"][0]["study"]["key"], "later");
    }

    async fn an_article_that_is_older_than_revisions_gets_what_it_was(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        forget(&site).await;
        assert_eq!(numbers(&editor, &address, "").await, [] as [i64; 0]);
        change(&editor, &address, &json!({"title": "Large pores"})).await;
        let revisions = listed(&editor, &address, "").await;
        assert_eq!((&revisions[1]["kind"], &revisions[1]["published"], &revisions[1]["editor"]), (&json!("followed"), &json!(1), &Value::Null));
        assert_eq!(restore(&editor, &address, 1).await.expect(200)["title"], "Pores");
        // Published before anything else it is told of too.
        forget(&site).await;
        publish(&editor, &address).await;
        assert_eq!(numbers(&editor, &address, "?published=true").await, [1]);
        // And it goes with its article.
        let (gone, etag) = article(&editor, "Gone", &["The lead."]).await;
        editor.request("DELETE", &gone).if_match(etag).send().await.expect(204);
        assert_eq!(editor.get(&format!("{gone}/revisions")).await.status, 404);
    }

    async fn what_is_different_is_told_field_by_field(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["one", "two"] {
            study(&editor, key).await;
        }
        let (address, _) = article(&editor, "Pores", &["The lead.", "So [@one].\n\nAnd so on.", "The end."]).await;
        let sections = editor.get(&address).await.json()["sections"].clone();
        let id = |index: usize| sections[index]["id"].clone();
        change(&editor, &address, &json!({
            "title": "Large pores",
            "tags": ["Skin"],
            "sections": [
                {"id": id(2), "body": "The end."},
                {"id": id(0), "body": "The lead."},
                {"id": id(1), "body": "So [@two].\n\nAnd so on."},
            ],
            "claims": [{"statement": "It helps.", "for": ["two"]}]
        })).await;
        let diff = editor.get(&format!("{address}/revisions/1/diff?to=2")).await.expect(200);
        assert_eq!((&diff["identical"], &diff["from"]["number"], &diff["to"]["number"]), (&json!(false), &json!(1), &json!(2)));
        assert_eq!(diff["article"], json!([{"field": "title", "from": "Pores", "to": "Large pores"}]));
        let sections = diff["sections"].as_array().unwrap();
        assert_eq!(sections.len(), 2, "{diff:#}");
        assert_eq!((&sections[0]["id"], &sections[0]["change"], &sections[0]["from"], &sections[0]["to"]), (&id(2), &json!("moved"), &json!(3), &json!(1)));
        assert_eq!((&sections[1]["id"], &sections[1]["change"], &sections[1]["moved"]), (&id(1), &json!("changed"), &json!(false)));
        assert_eq!(sections[1]["unified"], "@@ -1,3 +1,3 @@\n-So [@one].\n+So [@two].\n \n And so on.\n\\ No newline at end of file\n");
        let told = |list: &str| diff[list].as_array().unwrap().iter().map(|one| (one["label"].clone(), one["change"].clone())).collect::<Vec<_>>();
        assert_eq!(told("citations"), [(json!("one"), json!("removed")), (json!("two"), json!("added"))]);
        assert_eq!(told("tags"), [(json!("Skin"), json!("added"))]);
        assert_eq!(told("claims"), [(json!("It helps."), json!("added"))]);
        // With the working copy, which is the same; and the other way round.
        let current = editor.get(&format!("{address}/revisions/1/diff")).await.expect(200);
        assert_eq!((&current["to"], &current["sections"], &current["claims"]), (&Value::Null, &diff["sections"], &diff["claims"]));
        assert_eq!(editor.get(&format!("{address}/revisions/2/diff?to=current")).await.expect(200)["identical"], true);
        let back = editor.get(&format!("{address}/revisions/2/diff?to=1")).await.expect(200);
        assert_eq!(back["article"], json!([{"field": "title", "from": "Large pores", "to": "Pores"}]));
        assert_eq!(editor.get(&format!("{address}/revisions/1/diff?to=9")).await.status, 404);
        for wrong in ["to=0", "to=x", "to=01", "to=", "too=1"] {
            assert_eq!(editor.get(&format!("{address}/revisions/1/diff?{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn whatever_was_written_comes_back(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in KEYS {
            study(&editor, key).await;
        }
        let site = site.another_node_with(|settings| settings.revisions.fold_seconds = 0).await;
        let editor = site.with_token(editor.token());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for case in 0..5 {
            let edits = prop::collection::vec(edit(), 3..8).new_tree(&mut runner).unwrap().current();
            let (address, _) = article(&editor, &format!("Case {case}"), &["Start [@one]."]).await;
            let mut states = vec![editor.get(&address).await.expect(200)];
            for edit in &edits {
                let before = states.last().unwrap()["version"].clone();
                perform(&editor, &address, edit).await;
                let copy = editor.get(&address).await.expect(200);
                if copy["version"] != before {
                    states.push(copy);
                }
            }
            let all: Vec<usize> = (0..states.len()).rev().chain(0..states.len()).collect();
            for index in all {
                let back = restore(&editor, &address, index as i64 + 1).await.expect(200);
                assert_eq!(state(&back), state(&states[index]), "case {case}, revision {}: {edits:?}", index + 1);
            }
        }
    }
}

const KEYS: [&str; 4] = ["one", "two", "three", "four"];

/// A change of an article; places are taken modulo what there is.
#[derive(Debug, Clone)]
enum Edit {
    Patch(Value),
    Body(usize, String),
    Add(usize, String),
    Remove(usize),
    Move(usize, usize),
    Cite(usize),
    Turn,
}

fn body() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            (0..KEYS.len()).prop_map(|key| format!("So [@{}].", KEYS[key])),
            (0..KEYS.len()).prop_map(|key| format!("As @{} says.", KEYS[key])),
            Just("Words.\n\nMore words.".to_owned()),
            Just("[@nobody]".to_owned()),
        ],
        0..3,
    )
    .prop_map(|parts| parts.join(" "))
}

fn edit() -> impl Strategy<Value = Edit> {
    let patch = prop_oneof![
        "[a-z]{1,8}".prop_map(|title| json!({"title": title})),
        prop::collection::vec("[a-z]{1,3}", 0..3).prop_map(|tags| {
            let tags: std::collections::BTreeSet<String> = tags.into_iter().collect();
            json!({"tags": tags, "authors": tags.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()})
        }),
        (0..KEYS.len(), 0..KEYS.len()).prop_map(|(one, two)| {
            let against = if one == two { vec![] } else { vec![KEYS[two]] };
            json!({"claims": [{"statement": "It helps.", "for": [KEYS[one]], "against": against}]})
        }),
        Just(json!({"claims": [], "citations": []})),
    ];
    prop_oneof![
        patch.prop_map(Edit::Patch),
        (0..9_usize, body()).prop_map(|(at, body)| Edit::Body(at, body)),
        (1..9_usize, body()).prop_map(|(at, body)| Edit::Add(at, body)),
        (0..9_usize).prop_map(Edit::Remove),
        (0..9_usize, 1..9_usize).prop_map(|(at, to)| Edit::Move(at, to)),
        (0..KEYS.len()).prop_map(Edit::Cite),
        Just(Edit::Turn),
    ]
}

async fn perform(editor: &Site, address: &str, edit: &Edit) {
    let read = editor.get(address).await;
    let (copy, etag) = (read.json(), read.etag().to_owned());
    let sections = copy["sections"].as_array().unwrap();
    let section = |at: &usize| {
        sections
            .get(at % sections.len().max(1))
            .map(|one| format!("{address}/sections/{}", one["id"].as_str().unwrap()))
    };
    let ask = |method: &str, path: String, body: Value| editor.request(method, &path).if_match(&etag).json(&body);
    let request = match edit {
        Edit::Patch(patch) => ask("PATCH", address.to_owned(), patch.clone()),
        Edit::Body(at, body) => {
            let Some(path) = section(at) else { return };
            ask("PATCH", path, json!({"body": body}))
        }
        Edit::Add(at, body) => {
            ask("POST", format!("{address}/sections"), json!({"position": at, "heading": "More", "body": body}))
        }
        Edit::Remove(at) => {
            let Some(path) = section(at) else { return };
            editor.request("DELETE", &path).if_match(&etag)
        }
        Edit::Move(at, to) => {
            let Some(path) = section(at) else { return };
            ask("PATCH", path, json!({"position": to}))
        }
        Edit::Cite(key) => {
            ask("POST", format!("{address}/citations"), json!({"study": KEYS[*key], "evidence_level": "2"}))
        }
        Edit::Turn => {
            let mut ids: Vec<_> = copy["citations"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
            ids.reverse();
            ask("PUT", format!("{address}/citations/order"), json!(ids))
        }
    };
    let reply = request.send().await;
    // An entry of its own is cited already.
    assert!([200, 201, 409].contains(&reply.status), "{edit:?}: {}", reply.text());
}

/// Makes the database one that is older than revisions.
async fn forget(site: &Site) {
    let forget = |conn: &mut ibid::db::Conn| Ok(on!(conn, c => diesel::delete(revisions::table).execute(c))?);
    site.state.db.write(forget).await.unwrap();
}
