//! `/v1/styles` and `/v1/manage/styles`.

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::Conn;
use ibid::db::schema::styles;
use ibid::on;
use serde_json::{Value, json};

use crate::editorial::{article, study};
use crate::publishing::publish;
use crate::support::{Reply, Site, both};

const CSL: &str = "application/vnd.citationstyles.style+xml";

/// A numeric style that prints the title before this.
fn file(end: &str) -> String {
    format!(
        r#"<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text">
  <info>
    <title>House style</title>
    <id>https://example.org/styles/other-name</id>
    <category citation-format="numeric"/>
    <updated>2024-06-24T00:00:00+00:00</updated>
    <rights license="https://example.org/terms">Example terms</rights>
  </info>
  <citation><layout prefix="[" suffix="]"><text variable="citation-number"/></layout></citation>
  <bibliography><layout>
    <text variable="citation-number" suffix=") "/><text variable="title" suffix="{end}"/>
  </layout></bibliography>
</style>"#
    )
}

async fn put(editor: &Site, name: &str, body: &str, if_match: Option<&str>) -> Reply {
    let request = editor.request("PUT", &format!("/v1/manage/styles/{name}")).header("Content-Type", CSL);
    let request = if let Some(etag) = if_match { request.if_match(etag) } else { request };
    request.body(body).send().await
}

async fn delete(editor: &Site, name: &str) -> Reply {
    let address = format!("/v1/manage/styles/{name}");
    let read = editor.get(&address).await;
    let etag = if read.status == 200 { read.etag().to_owned() } else { "\"1.x\"".to_owned() };
    editor.request("DELETE", &address).if_match(etag).send().await
}

fn names(page: &Value) -> Vec<String> {
    page["data"].as_array().expect("data").iter().map(|s| s["name"].as_str().expect("a name").to_owned()).collect()
}

both! {
    async fn are_listed_with_their_terms(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        put(&editor, "house", &file("!"), None).await.expect(201);
        let mut all = Vec::new();
        let mut address = "/v1/styles?limit=30&count=true".to_owned();
        let mut pages = Vec::new();
        loop {
            let page = site.get(&address).await.expect(200);
            assert_eq!(page["page"]["total"], 81);
            all.extend(names(&page));
            let next = page["page"]["next"].as_str().map(str::to_owned);
            pages.push(page);
            match next {
                Some(next) => address = next,
                None => break,
            }
        }
        assert!(all.len() == 81 && all.is_sorted() && all.contains(&"house".to_owned()), "{all:?}");
        let back = site.get(pages[2]["page"]["prev"].as_str().expect("a page before")).await.expect(200);
        assert_eq!(back["data"], pages[1]["data"]);
        assert!(pages[0]["locales"].as_array().expect("locales").contains(&json!("de-DE")));

        let aliases = pages.iter().flat_map(|page| page["data"].as_array().expect("data")).flat_map(|s| s["aliases"].as_array().expect("aliases"));
        for alias in aliases.filter_map(Value::as_str) {
            assert_eq!(site.get(&format!("/v1/styles/{alias}")).await.status, 200, "{alias}");
        }

        let ama = site.get("/v1/styles/ama").await.expect(200);
        assert_eq!((&ama["name"], &ama["source"]), (&json!("american-medical-association"), &json!("bundled")));
        assert_eq!(ama["licence"]["url"], "https://creativecommons.org/licenses/by-sa/3.0/");
        let house = site.get("/v1/styles/house").await.expect(200);
        assert_eq!((&house["title"], &house["class"], &house["source"]), (&json!("House style"), &json!("numeric"), &json!("uploaded")));
        assert_eq!(house["licence"], json!({"name": "Example terms", "url": "https://example.org/terms"}));
        for nothing in ["vancuver", "No", "x/y"] {
            assert_eq!(site.get(&format!("/v1/styles/{nothing}")).await.status, 404, "{nothing}");
        }
    }

    async fn those_that_ibid_came_to_bundle_hide_no_others(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        put(&editor, "gb-house", &file("!"), None).await.expect(201);
        // Uploaded before ibid knew these names: nothing in the list is between them and the style above.
        let shadowed = ["gb-7714-2005-numeric", "gb-7714-2015-author-date", "gb-7714-2015-note", "vancouver"];
        for (place, name) in shadowed.into_iter().enumerate() {
            let uploaded = format!("house-{place}");
            put(&editor, &uploaded, &file("?"), None).await.expect(201);
            let rename = move |conn: &mut Conn| {
                let info: String = on!(conn, c => styles::table.find(&uploaded).select(styles::info).first(c))?;
                on!(conn, c => diesel::update(styles::table.find(&uploaded))
                    .set((styles::name.eq(name), styles::info.eq(info.replace(&uploaded, name))))
                    .execute(c))?;
                Ok(())
            };
            site.state.db.write(rename).await.expect("it has the other name");
        }
        site.state.cache.touch_all();
        for (limit, sort) in [(1, "name"), (2, "name"), (3, "-name"), (1, "-name"), (80, "name"), (81, "-name")] {
            let mut page = site.get(&format!("/v1/styles?count=true&limit={limit}&sort={sort}")).await.expect(200);
            assert_eq!(page["page"]["total"], 81);
            let mut met = names(&page);
            while let Some(next) = page["page"]["next"].as_str() {
                page = site.get(next).await.expect(200);
                met.extend(names(&page));
            }
            if sort == "-name" {
                met.reverse();
            }
            assert!(met.is_sorted() && met.contains(&"gb-house".to_owned()), "{limit} {sort}: {met:?}");
            assert_eq!(met.len(), 81, "{limit} {sort}");
        }
    }

    async fn are_found_by_words_and_by_name(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for (name, title) in [("house", "Hausstil für Bücher"), ("mansion", "American house")] {
            put(&editor, name, &file("!").replace("House style", title), None).await.expect(201);
        }
        let list = async |query: &str| site.get(&format!("/v1/styles?count=true&{query}")).await.expect(200);
        for (query, expected) in [
            ("q=house", vec!["house", "mansion"]),
            ("q=HOUSE&sort=-name", vec!["mansion", "house"]),
            ("q=bucher", vec!["house"]),
            ("q=B%C3%BCch+hausst", vec!["house"]),
            ("q=ouse", vec![]),
            ("q=american+h", vec!["mansion"]),
            ("q=ama", vec!["american-medical-association"]),
            ("q=americ+medic", vec!["american-medical-association"]),
        ] {
            let page = list(query).await;
            assert_eq!((names(&page), &page["page"]["total"]), (expected.iter().map(ToString::to_string).collect(), &json!(expected.len())), "{query}");
            assert_eq!(page["missing"], Value::Null);
        }
        let mut page = list("q=american&limit=1").await;
        let (total, mut met) = (page["page"]["total"].clone(), names(&page));
        while let Some(next) = page["page"]["next"].as_str() {
            page = site.get(next).await.expect(200);
            met.extend(names(&page));
        }
        assert!(met.is_sorted() && met.contains(&"mansion".to_owned()) && met.len() > 5, "{met:?}");
        assert_eq!(total, met.len());

        let some = list("ids=mansion,ama,nothing,apa,american-medical-association&fields=name,source").await;
        assert_eq!(names(&some), ["mansion", "american-medical-association", "apa"]);
        assert_eq!((&some["data"][0]["source"], &some["missing"]), (&json!("uploaded"), &json!(["nothing"])));
        assert_eq!(some["page"], json!({"limit": 100, "next": null, "prev": null, "total": 82}));
        let some = list("ids=house,apa,mansion&q=american").await;
        assert_eq!((names(&some), &some["missing"]), (vec!["apa".to_owned(), "mansion".to_owned()], &json!(["house"])));
        let long = format!("q={}", "a".repeat(201));
        for wrong in ["q=", "q=-", &long, "ids=", "ids=No", "ids=apa,apa", "ids=apa&sort=name", "ids=apa&limit=1", "not.q=apa"] {
            assert_eq!(site.get(&format!("/v1/styles?{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn an_uploaded_one_prints_and_publications_follow_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = put(&editor, "house", &file("!"), None).await;
        assert_eq!((made.status, made.header("location")), (201, "/v1/manage/styles/house"));
        study(&editor, "aa2001").await;
        let (address, etag) = article(&editor, "Pores", &["It helps [@aa2001]."]).await;
        editor.request("PATCH", &address).if_match(etag).json(&json!({"style": "house"})).send().await.expect(200);
        publish(&editor, &address).await;
        let text = async || site.get("/v1/articles/pores/bibliography.txt").await.text();
        assert_eq!(text().await, "1) About aa2001!\n");
        assert_eq!(site.get("/v1/articles/pores/bibliography").await.expect(200)["style"], "house");

        let read = editor.get("/v1/manage/styles/house").await;
        assert_eq!((read.header("content-type"), read.text()), (CSL, file("!")));
        assert_eq!(put(&editor, "house", &file("?"), None).await.code(), "precondition_required");
        assert_eq!(put(&editor, "house", &file("?"), Some("\"7.x\"")).await.code(), "version_conflict");
        let same = put(&editor, "house", &file("!"), Some(read.etag())).await;
        assert_eq!((same.status, same.etag()), (200, made.etag()));
        let changed = put(&editor, "house", &file("?"), Some(read.etag())).await;
        assert_eq!((changed.status, changed.etag() == read.etag()), (200, false));
        assert_eq!(text().await, "1) About aa2001?\n");
        assert_eq!(site.get("/v1/articles/pores?include=citations").await.expect(200)["citations"][0]["formatted"]["text"], "1) About aa2001?");

        let refused = delete(&editor, "house").await;
        assert_eq!((refused.status, refused.code()), (409, "style_in_use".into()));
        assert!(refused.json()["detail"].as_str().expect("a detail").contains("publications: 1"));
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("PATCH", &address).if_match(etag).json(&json!({"style": null})).send().await.expect(200);
        assert_eq!(delete(&editor, "house").await.status, 409);
        publish(&editor, &address).await;
        assert_eq!(delete(&editor, "house").await.status, 204);
        assert_eq!(editor.get("/v1/manage/styles/house").await.status, 404);
        assert_eq!(site.get("/v1/articles/pores/bibliography?style=house").await.status, 400);
    }

    async fn what_is_wrong_with_a_file_is_told_with_the_line(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let wrong = put(&editor, "house", "<style>\n<info>", None).await.expect(422);
        assert!(wrong["errors"][0]["detail"].as_str().expect("a detail").starts_with("Line "), "{wrong}");
        assert_eq!(put(&editor, "house", &file("!").replace("1.0", "2.0"), None).await.expect(422)["errors"][0]["code"], "style_version");
        assert_eq!(put(&editor, "house", "", None).await.status, 422);
        assert_eq!(put(&editor, "house", &file(&" ".repeat(1_000_000)), None).await.code(), "body_too_large");
        let no_text = editor.request("PUT", "/v1/manage/styles/house").header("Content-Type", CSL).body([0xff, 0xfe]).send().await;
        assert_eq!(no_text.expect(422)["errors"][0]["code"], "not_utf8");
        let json = editor.request("PUT", "/v1/manage/styles/house").json(&json!({})).send().await;
        assert_eq!(json.code(), "unsupported_media_type");
        for taken in ["vancouver", "ama"] {
            assert_eq!(put(&editor, taken, &file("!"), None).await.code(), "style_bundled", "{taken}");
            assert_eq!(delete(&editor, taken).await.code(), "style_bundled", "{taken}");
        }
        assert_eq!(put(&editor, "No%20name", &file("!"), None).await.code(), "invalid_parameter");
        assert_eq!(put(&editor, "house", &file("!"), Some("\"1.x\"")).await.code(), "version_conflict");
        assert_eq!(site.get("/v1/styles/house").await.status, 404);
    }
}
