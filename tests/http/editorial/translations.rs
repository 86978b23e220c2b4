use ibid::accounts::Role;
use serde_json::{Value, json};

use crate::support::{Site, both};

const ARTICLES: &str = "/v1/manage/articles";

/// Makes an article; answers its address and its working copy.
async fn made(editor: &Site, title: &str, language: &str, of: Option<&str>) -> (String, Value) {
    let new = json!({"title": title, "language": language, "translation_of": of, "sections": [{"body": "Text."}]});
    let reply = editor.post(ARTICLES, &new).await;
    let copy = reply.expect(201);
    (reply.header("location").to_owned(), copy)
}

/// The languages of the translations that a working copy has.
async fn languages(editor: &Site, address: &str) -> Vec<String> {
    let copy = editor.get(address).await.expect(200);
    let translations = copy["translations"].as_array().expect("translations").clone();
    translations.iter().map(|it| it["language"].as_str().expect("a language").to_owned()).collect()
}

async fn patch(editor: &Site, address: &str, change: Value) -> crate::support::Reply {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&change).send().await
}

/// The code of a problem, and the pointer and the code of its only fault.
fn fault(reply: &crate::support::Reply) -> (u16, String, String, String) {
    let problem = reply.json();
    let errors = problem["errors"].as_array().expect("errors").clone();
    assert_eq!(errors.len(), 1, "{problem}");
    let text = |name: &str| errors[0][name].as_str().expect("a text").to_owned();
    (reply.status, reply.code(), text("pointer"), text("code"))
}

fn told(status: u16, code: &str, pointer: &str, fault: &str) -> (u16, String, String, String) {
    (status, code.to_owned(), pointer.to_owned(), fault.to_owned())
}

both! {
    async fn an_article_by_itself_is_a_group_of_its_own(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (_, one) = made(&editor, "One", "en", None).await;
        let (_, two) = made(&editor, "Two", "en", None).await;
        assert_eq!((&one["translation_group"], &one["translations"]), (&one["id"], &json!([])));
        assert_ne!(one["translation_group"], two["translation_group"]);
    }

    async fn translations_tell_each_other_by_language(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (english, one) = made(&editor, "Large pores", "en", None).await;
        let (german, two) = made(&editor, "Große Poren", "de", Some("large-pores")).await;
        let (french, _) = made(&editor, "Grands pores", "fr", two["id"].as_str()).await;
        assert_eq!(two["translation_group"], one["id"]);
        assert_eq!(two["translations"], json!([
            {"id": one["id"], "slug": "large-pores", "language": "en", "title": "Large pores", "state": "draft"},
        ]));
        assert_eq!(languages(&editor, &english).await, ["de", "fr"]);
        assert_eq!(languages(&editor, &german).await, ["en", "fr"]);
        assert_eq!(languages(&editor, &french).await, ["de", "en"]);
        let listed = editor.get("/v1/manage/articles").await.expect(200);
        let groups = listed["data"].as_array().unwrap().iter();
        assert!(groups.into_iter().all(|article| article["translation_group"] == one["id"]), "{listed}");
    }

    async fn a_patch_moves_takes_out_and_leaves_alone(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (english, one) = made(&editor, "One", "en", None).await;
        let (german, _) = made(&editor, "Eins", "de", Some("one")).await;
        let (other, _) = made(&editor, "Other", "en", None).await;

        let kept = patch(&editor, &german, json!({"title": "Eins!"})).await.expect(200);
        assert_eq!((&kept["translation_group"], &kept["version"]), (&one["id"], &json!(2)));
        let same = patch(&editor, &german, json!({"translation_of": "one"})).await.expect(200);
        assert_eq!(same["version"], 2, "nothing changed");

        let moved = patch(&editor, &german, json!({"translation_of": "other"})).await.expect(200);
        assert_eq!((moved["translations"][0]["slug"].as_str(), &moved["version"]), (Some("other"), &json!(3)));
        assert_eq!((languages(&editor, &english).await, languages(&editor, &other).await), (vec![], vec!["de".to_owned()]));

        // The first of a group leaves it; the id of the group stays with the others.
        let alone = patch(&editor, &other, json!({"translation_of": null})).await.expect(200);
        assert_eq!((&alone["translations"], &alone["version"]), (&json!([]), &json!(2)));
        assert_eq!(languages(&editor, &german).await, Vec::<String>::new());
        let again = patch(&editor, &other, json!({"translation_of": null})).await.expect(200);
        assert_eq!((&again["translation_group"], &again["version"]), (&alone["translation_group"], &json!(2)));
    }

    async fn a_replacement_that_names_no_translation_has_none(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        made(&editor, "One", "en", None).await;
        let (german, _) = made(&editor, "Eins", "de", Some("one")).await;
        let put = async |body: Value| {
            let etag = editor.get(&german).await.etag().to_owned();
            editor.request("PUT", &german).if_match(etag).json(&body).send().await.expect(200)
        };
        let kept = put(json!({"title": "Eins", "language": "de", "translation_of": "one"})).await;
        assert_eq!(kept["translations"][0]["slug"], "one");
        let alone = put(json!({"title": "Eins", "language": "de"})).await;
        assert_eq!(alone["translations"], json!([]));
    }

    async fn each_language_stands_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        made(&editor, "One", "en", None).await;
        let (german, _) = made(&editor, "Eins", "de", Some("one")).await;
        let (lone, _) = made(&editor, "Allein", "de", None).await;

        let new = json!({"title": "Noch eins", "language": "de", "translation_of": "one"});
        let taken = editor.post(ARTICLES, &new).await;
        assert_eq!(fault(&taken), told(409, "language_taken", "/translation_of", "language_taken"));
        let taken = patch(&editor, &lone, json!({"translation_of": "one"})).await;
        assert_eq!(fault(&taken), told(409, "language_taken", "/translation_of", "language_taken"));
        let taken = patch(&editor, &german, json!({"language": "en"})).await;
        assert_eq!(fault(&taken), told(409, "language_taken", "/language", "language_taken"));

        // The language that the same change brings counts.
        let joined = patch(&editor, &lone, json!({"translation_of": "one", "language": "de-AT"})).await.expect(200);
        assert_eq!(joined["translations"].as_array().unwrap().len(), 2);
        let left = patch(&editor, &german, json!({"translation_of": null, "language": "en"})).await.expect(200);
        assert_eq!(left["language"], "en");
    }

    async fn what_is_no_other_article_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = made(&editor, "One", "en", None).await;
        for (of, code) in [
            (json!("nothing-here"), "unknown_article"),
            (json!("0193f3e0-7d2c-7c4a-9b58-2f1d6a0c9e10"), "unknown_article"),
            (json!("one"), "same_article"),
            (json!("No Slug"), "invalid_article"),
            (json!(7), "wrong_type"),
        ] {
            let refused = patch(&editor, &address, json!({"translation_of": of})).await;
            assert_eq!(fault(&refused), told(422, "validation_failed", "/translation_of", code), "{of}");
        }
    }

    async fn there_are_fifty_at_most(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        made(&editor, "One", "en", None).await;
        for number in 1..50_u8 {
            let region = format!("{}{}", char::from(b'A' + number / 26), char::from(b'A' + number % 26));
            made(&editor, "Another", &format!("en-{region}"), Some("one")).await;
        }
        let new = json!({"title": "Too many", "language": "de", "translation_of": "one"});
        let refused = editor.post(ARTICLES, &new).await;
        assert_eq!(fault(&refused), told(422, "validation_failed", "/translation_of", "too_many"));
    }

    async fn authors_neither_see_nor_join_what_is_not_theirs(site: Site) {
        let (editor, author) = (site.signed_in(Role::Editor).await, site.signed_in(Role::Author).await);
        made(&editor, "One", "en", None).await;
        let (german, _) = made(&author, "Eins", "de", None).await;
        let refused = patch(&author, &german, json!({"translation_of": "one"})).await;
        assert_eq!(fault(&refused), told(422, "validation_failed", "/translation_of", "unknown_article"));
        patch(&editor, &german, json!({"translation_of": "one"})).await.expect(200);
        assert_eq!(languages(&editor, &german).await, ["en"]);
        assert_eq!(languages(&author, &german).await, Vec::<String>::new());
    }

    async fn of_two_at_once_one_gets_the_language(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (english, _) = made(&editor, "One", "en", None).await;
        for language in ["de", "fr", "es"] {
            let new = json!({"title": "Another", "language": language, "translation_of": "one"});
            let (a, b) = tokio::join!(editor.post(ARTICLES, &new), editor.post(ARTICLES, &new));
            let mut came = [a.status, b.status];
            came.sort_unstable();
            assert_eq!(came, [201, 409], "{language}");
        }
        assert_eq!(languages(&editor, &english).await, ["de", "es", "fr"]);
    }

    async fn two_that_name_each_other_at_once_come_together(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (one, _) = made(&editor, "One", "en", None).await;
        let (two, _) = made(&editor, "Zwei", "de", None).await;
        let (a, b) = tokio::join!(
            patch(&editor, &one, json!({"translation_of": "zwei"})),
            patch(&editor, &two, json!({"translation_of": "one"})),
        );
        a.expect(200);
        b.expect(200);
        assert_eq!((languages(&editor, &one).await, languages(&editor, &two).await), (vec!["de".into()], vec!["en".into()]));
    }
}
