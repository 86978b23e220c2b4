//! What publishing keeps for those who ask precisely: the text in all forms, authors and tags.

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::publications;
use ibid::{on, publishing};
use serde_json::{Value, json};

use super::{logged, publish, stored};
use crate::editorial::{article, study};
use crate::support::{Site, both};

/// What a list of authors or tags says, by slug.
async fn names(site: &Site, list: &str) -> Vec<(String, String, i64)> {
    let page = site.get(&format!("/v1/{list}?sort=slug")).await.expect(200);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = page["data"].as_array().expect("data").iter();
    all.map(|it| (text(&it["slug"]), text(&it["name"]), it["published_articles"].as_i64().expect("a number"))).collect()
}

async fn change(editor: &Site, address: &str, change: Value) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&change).send().await.expect(200);
}

fn known(all: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    all.iter().map(|(slug, name, count)| ((*slug).to_owned(), (*name).to_owned(), *count)).collect()
}

both! {
    async fn the_text_is_kept_in_every_form(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        study(&editor, "bb2002").await;
        let body = "Scars *fade* [see @bb2002, p. 3; @aa2001].\n\n- <b>x</b>\n- y";
        let (address, _) = article(&editor, "Pores", &[body]).await;
        publish(&editor, &address).await;
        let section = site.get("/v1/articles/pores/sections/lead?body=markdown,text,blocks").await.expect(200);
        assert_eq!((&section["html"], &section["markdown"]), (&Value::Null, &json!(body)));
        assert_eq!(section["text"], "Scars fade [see 1, p. 3; 2].\n\nx\ny");
        assert_eq!(section["blocks"][0]["content"][3], json!({
            "type": "citation", "text": "[see 1, p. 3; 2]", "narrative": false, "items": [
                {"number": 1, "key": "bb2002", "prefix": "see", "locator": {"label": "page", "value": "3"},
                 "suffix": null, "suppress_author": false, "id": "cite-lead-1"},
                {"number": 2, "key": "aa2001", "prefix": null, "locator": null, "suffix": null,
                 "suppress_author": false, "id": "cite-lead-2"},
            ],
        }));
        assert_eq!(section["blocks"][1]["type"], "list");

        // A key that was changed is the present one in every form.
        change(&editor, "/v1/manage/studies/bb2002", json!({"key": "cc2003"})).await;
        let section = site.get("/v1/articles/pores/sections/lead?body=markdown,blocks").await.expect(200);
        assert_eq!(section["blocks"][0]["content"][3]["items"][0]["key"], "cc2003");
        assert_eq!(section["markdown"], body.replace("bb2002", "cc2003"));
    }

    async fn names_that_a_study_had_before_lead_to_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let gone = study(&editor, "bb2002").await["id"].as_str().expect("an id").to_owned();
        study(&editor, "dd2004").await;
        let (one, _) = article(&editor, "One", &["A [@aa2001; @bb2002] and [@doi:10.5555/AA2001, p. 3]."]).await;
        let (two, _) = article(&editor, "Two", &["B [@dd2004]."]).await;
        publish(&editor, &one).await;
        publish(&editor, &two).await;
        change(&editor, "/v1/manage/studies/aa2001", json!({"key": "cc2003"})).await;
        let kept = editor.get("/v1/manage/studies/dd2004").await.etag().to_owned();
        let merge = editor.request("POST", "/v1/manage/studies/dd2004/merge").if_match(kept);
        merge.json(&json!({"from": "bb2002"})).send().await.expect(200);

        let slugs = async |filter: &str| {
            let page = site.get(&format!("/v1/articles?sort=title&count=true&fields=slug&{filter}")).await.expect(200);
            let articles = page["data"].as_array().expect("data").iter();
            let slugs: Vec<String> = articles.map(|it| it["slug"].as_str().expect("a slug").to_owned()).collect();
            assert_eq!(page["page"]["total"], slugs.len(), "{filter}");
            slugs.join(",")
        };
        for (filter, expected) in [
            ("cites=aa2001", "one"), ("cites=cc2003", "one"), ("not.cites=aa2001", "two"), ("not.cites=bb2002", ""),
            ("cites=bb2002", "one,two"), ("cites=10.5555/bb2002", "one,two"), ("cites=nobody1999", ""),
            ("cites=aa2001,bb2002&not.cites=cc2003", "two"), ("not.cites=nobody1999", "one,two"),
        ] {
            assert_eq!(slugs(filter).await, expected, "{filter}");
        }
        assert_eq!(slugs(&format!("cites={gone}")).await, "one,two");

        let citations = async |query: &str| {
            let page = site.get(&format!("/v1/articles/one/citations?fields=key&{query}")).await.expect(200);
            let all = page["data"].as_array().expect("data").iter();
            let keys: Vec<String> = all.map(|it| it["key"].as_str().expect("a key").to_owned()).collect();
            (keys.join(","), page["missing"].clone())
        };
        assert_eq!(citations("ids=bb2002,nobody1999,1").await, ("dd2004,cc2003".into(), json!(["nobody1999"])));
        assert_eq!(citations("ids=aa2001,cc2003").await, ("cc2003".into(), json!([])));
        assert_eq!(citations("key=aa2001").await, ("cc2003".into(), Value::Null));
        assert_eq!(citations("not.key=aa2001").await, ("dd2004".into(), Value::Null));

        // Markers in published Markdown have the keys of the citations.
        let section = site.get("/v1/articles/one/sections/lead?body=markdown").await.expect(200);
        assert_eq!(section["markdown"], "A [@cc2003; @dd2004] and [@cc2003, p. 3].");
    }

    async fn what_was_published_before_forms_were_kept_gets_them(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["Scars *fade*."]).await;
        publish(&editor, &address).await;
        let (before, kept) = (stored(&site, &address).await, site.get("/v1/articles/pores/sections?body=text,blocks").await);
        let age = |conn: &mut _| {
            on!(conn, c => diesel::update(publications::table)
                .set((publications::bodies.eq(None::<String>), publications::rendition.eq(1)))
                .execute(c))?;
            Ok(())
        };
        site.state.db.write(age).await.expect("it is kept");
        site.state.cache.touch_all();
        let without = site.get("/v1/articles/pores/sections/lead?body=text").await.expect(200);
        assert_eq!((&without["text"], &without["html"]), (&Value::Null, &Value::Null));
        site.state.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(publishing::bring_up_to_date(&site.state).await.expect("all are rendered"), 1);
        let again = site.get("/v1/articles/pores/sections?body=text,blocks").await;
        assert_eq!(again.expect(200), kept.expect(200));
        // It says the same as before, at the same moment; who keeps answers is told all the same.
        assert_eq!(stored(&site, &address).await, before);
        assert_eq!(logged(&site).await, ["publish", "refresh"]);
    }

    async fn authors_and_tags_follow_the_publications(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (one, _) = article(&editor, "One", &["Some text."]).await;
        let (two, _) = article(&editor, "Two", &["More text."]).await;
        let by = |name: &str| json!([{"name": name, "slug": "ada"}, {"name": "Bo", "slug": "bo"}]);
        change(&editor, &one, json!({"authors": by("Ada"), "tags": ["Skin"]})).await;
        change(&editor, &two, json!({"authors": by("Ada Example"), "tags": ["Skin", "Diet"]})).await;
        assert_eq!(names(&site, "authors").await, []);
        publish(&editor, &one).await;
        assert_eq!(names(&site, "authors").await, known(&[("ada", "Ada", 1), ("bo", "Bo", 1)]));
        publish(&editor, &two).await;
        // The newest article says what somebody is called.
        assert_eq!(names(&site, "authors").await, known(&[("ada", "Ada Example", 2), ("bo", "Bo", 2)]));
        assert_eq!(names(&site, "tags").await, known(&[("diet", "Diet", 1), ("skin", "Skin", 2)]));

        change(&editor, &one, json!({"authors": by("A. Example"), "tags": []})).await;
        publish(&editor, &one).await;
        assert_eq!(names(&site, "authors").await, known(&[("ada", "Ada Example", 2), ("bo", "Bo", 2)]));
        assert_eq!(names(&site, "tags").await, known(&[("diet", "Diet", 1), ("skin", "Skin", 1)]));

        let etag = editor.get(&two).await.etag().to_owned();
        editor.request("POST", &format!("{two}/unpublish")).if_match(etag).send().await.expect(200);
        assert_eq!(names(&site, "authors").await, known(&[("ada", "A. Example", 1), ("bo", "Bo", 1)]));
        assert_eq!(names(&site, "tags").await, []);
        assert_eq!(site.get("/v1/tags/skin").await.status, 404);
    }
}
