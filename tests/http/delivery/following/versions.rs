use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::Conn;
use ibid::db::schema::{publication_versions, publications};
use ibid::ids::ArticleId;
use ibid::{on, publishing};
use serde_json::{Value, json};

use super::super::fixture::at;
use super::{change, unpublish};
use crate::editorial::study;
use crate::publishing::{publish, retract};
use crate::support::{Site, both};

/// An article with three publications, its second and third under another title.
async fn thrice(site: &Site) -> (Site, String, Value) {
    let editor = site.signed_in(Role::Editor).await;
    let study = study(&editor, "aa2001").await;
    let made = editor
        .post(
            "/v1/manage/articles",
            &json!({
                "title": "Pores", "published_at": "2024-06-24T00:00:00Z",
                "authors": [{"name": "Ada Example", "credentials": "MD"}, {"name": "Example Institute"}],
                "sections": [{"body": "The lead [@aa2001]."}],
            }),
        )
        .await;
    made.expect(201);
    let address = made.header("location").to_owned();
    publish(&editor, &address).await;
    change(&editor, &address, json!({"title": "Large pores", "slug": "large-pores"})).await;
    change(&editor, &address, json!({"title": "Very large pores", "sections": [{"body": "Another lead [@aa2001]."}]}))
        .await;
    (editor, address, study)
}

fn numbers(list: &Value) -> Vec<i64> {
    list["data"]
        .as_array()
        .expect("data")
        .iter()
        .map(|version| version["version"].as_i64().expect("a number"))
        .collect()
}

both! {
    async fn stay_as_they_were_published(site: Site) {
        let (editor, address, study) = thrice(&site).await;
        let id = address.rsplit('/').next().unwrap();
        let first = site.get(&format!("/v1/articles/{id}/versions/1")).await.expect(200);
        assert_eq!((&first["title"], &first["slug"], &first["version"]), (&json!("Pores"), &json!("pores"), &json!(1)));
        assert_eq!((&first["is_current"], &first["current_version"]), (&json!(false), &json!(3)));
        assert!(first["sections"][0]["html"].as_str().unwrap().contains("The lead"));
        assert_eq!(first["links"], json!({
            "self": format!("/v1/articles/{id}/versions/1"),
            "article": "/v1/articles/large-pores",
            "versions": "/v1/articles/large-pores/versions",
            "previous": null,
            "next": format!("/v1/articles/{id}/versions/2"),
        }));
        let current = site.get("/v1/articles/large-pores/versions/3").await.expect(200);
        assert_eq!(current["links"]["previous"], format!("/v1/articles/{id}/versions/2"));
        assert_eq!((&current["is_current"], &current["links"]["next"]), (&json!(true), &Value::Null));
        let article = site.get("/v1/articles/large-pores?include=sections,citations").await.expect(200);
        for member in ["id", "title", "sections", "citations", "evidence", "updated_at", "tags", "claims"] {
            assert_eq!(current[member], article[member], "{member}");
        }

        // The current version follows its studies; the others stay.
        retract(&site, &study).await;
        let status = |version: &Value| version["citations"][0]["study"]["retraction"]["status"].clone();
        assert_eq!(site.get(&format!("/v1/articles/{id}/versions/1")).await.expect(200), first);
        assert_eq!(status(&site.get(&format!("/v1/articles/{id}/versions/3")).await.expect(200)), "retracted");
        assert_eq!(site.get(article["links"]["versions"].as_str().unwrap()).await.expect(200)["data"][0]["version"], 3);

        for none in ["0", "4", "01", "+1", "x", "99999999999"] {
            assert_eq!(site.get(&format!("/v1/articles/{id}/versions/{none}")).await.code(), "not_found", "{none}");
        }
        let moved = site.get("/v1/articles/pores/versions/1?style=apa").await;
        assert_eq!((moved.status, moved.header("location")), (301, "/v1/articles/large-pores/versions/1?style=apa"));

        unpublish(&editor, &address).await;
        for gone in ["versions", "versions/1", "versions/3"] {
            assert_eq!(site.get(&format!("/v1/articles/{id}/{gone}")).await.code(), "not_found");
        }
        change(&editor, &address, json!({"sections": [{"body": "No study."}]})).await;
        assert_eq!(numbers(&site.get(&format!("/v1/articles/{id}/versions")).await.expect(200)), [4, 3, 2, 1]);
        let third = site.get(&format!("/v1/articles/{id}/versions/3")).await.expect(200);
        assert_eq!((&third["title"], status(&third)), (&json!("Very large pores"), json!("retracted")));
    }

    async fn are_listed_the_newest_first(site: Site) {
        let (editor, address, _) = thrice(&site).await;
        change(&editor, &address, json!({"title": "Huge pores"})).await;
        let mut page = site.get("/v1/articles/large-pores/versions?limit=2&count=true").await.expect(200);
        assert_eq!((numbers(&page), &page["page"]["total"]), (vec![4, 3], &json!(4)));
        assert_eq!((&page["data"][0]["is_current"], &page["data"][0]["title"]), (&json!(true), &json!("Huge pores")));
        assert_eq!(page["data"][1]["is_current"], false);
        page = site.get(page["page"]["next"].as_str().unwrap()).await.expect(200);
        assert_eq!((numbers(&page), &page["page"]["next"]), (vec![2, 1], &Value::Null));
        let href = page["data"][1]["href"].as_str().unwrap();
        assert_eq!(site.get(href).await.expect(200)["title"], "Pores");
        page = site.get(page["page"]["prev"].as_str().unwrap()).await.expect(200);
        assert_eq!((numbers(&page), &page["page"]["prev"]), (vec![4, 3], &Value::Null));
        assert_eq!(site.get("/v1/articles/large-pores/versions?cursor=Zm9v").await.code(), "invalid_parameter");
        page = site.get("/v1/articles/large-pores/versions?limit=1&fields=version,title").await.expect(200);
        assert_eq!(page["data"], json!([{"version": 4, "title": "Huge pores"}]));
        page = site.get(page["page"]["next"].as_str().unwrap()).await.expect(200);
        assert_eq!(page["data"], json!([{"version": 3, "title": "Very large pores"}]));
        let one = site.get("/v1/articles/large-pores/versions/1?fields=title,links.next,citations.key&style=apa").await.expect(200);
        let next = format!("/v1/articles/{}/versions/2", address.rsplit('/').next().unwrap());
        assert_eq!(one, json!({"title": "Pores", "links": {"next": next}, "citations": [{"key": "aa2001"}]}));
        for wrong in ["versions?fields=headline", "versions/1?fields=title,comments", "versions/1?fields="] {
            assert_eq!(site.get(&format!("/v1/articles/large-pores/{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn are_asked_for_by_order_number_and_time(site: Site) {
        let (editor, address, _) = thrice(&site).await;
        change(&editor, &address, json!({"title": "Huge pores"})).await;
        let id = ArticleId::parse(address.rsplit('/').next().unwrap()).unwrap();
        // Each was published on the day of its number and changed on the day after.
        let date = move |conn: &mut Conn| {
            for number in 1..=4 {
                let [published, updated] = [number, number + 1].map(|day| at(&format!("2024-06-0{day}T08:00:00Z")));
                on!(conn, c => diesel::update(publication_versions::table.find((id, number)))
                    .set((publication_versions::published_at.eq(published), publication_versions::updated_at.eq(updated)))
                    .execute(c))?;
                on!(conn, c => diesel::update(publications::table.find(id).filter(publications::number.eq(number)))
                    .set((publications::published_at.eq(published), publications::updated_at.eq(updated)))
                    .execute(c))?;
            }
            Ok(())
        };
        site.state.db.write(date).await.expect("they have their dates");
        site.state.cache.touch_all();
        let versions = "/v1/articles/large-pores/versions";
        let list = async |query: &str| site.get(&format!("{versions}?count=true&{query}")).await.expect(200);

        for (query, expected) in [
            ("sort=version", vec![1, 2, 3, 4]),
            ("sort=-version", vec![4, 3, 2, 1]),
            ("published_after=2024-06-02", vec![4, 3]),
            ("published_after=2024-06-02T07:59:59Z", vec![4, 3, 2]),
            ("published_before=2024-06-02T08:00:00Z", vec![1]),
            ("published_before=2024-06-04", vec![3, 2, 1]),
            ("published_after=2024-06-04", vec![]),
            ("updated_after=2024-06-04", vec![4]),
            ("updated_before=2024-06-05&sort=version", vec![1, 2, 3]),
            ("published_after=2024-06-01&updated_before=2024-06-05", vec![3, 2]),
        ] {
            let page = list(query).await;
            assert_eq!((numbers(&page), &page["page"]["total"]), (expected.clone(), &json!(expected.len())), "{query}");
            assert_eq!(page["missing"], Value::Null, "{query}");
            // The same page by page, there and back.
            let sorted = if query.contains("sort=") { query.to_owned() } else { format!("{query}&sort=-version") };
            for limit in 1..=3 {
                let mut page = list(&format!("limit={limit}&{sorted}")).await;
                let mut there = numbers(&page);
                while let Some(next) = page["page"]["next"].as_str() {
                    page = site.get(next).await.expect(200);
                    there.extend(numbers(&page));
                }
                let mut back = vec![numbers(&page)];
                while let Some(prev) = page["page"]["prev"].as_str() {
                    page = site.get(prev).await.expect(200);
                    back.insert(0, numbers(&page));
                }
                assert_eq!((&there, &back.concat()), (&expected, &expected), "{sorted} by {limit}");
            }
        }

        let some = list("ids=2,9,4,1").await;
        assert_eq!((numbers(&some), &some["missing"]), (vec![2, 4, 1], &json!(["9"])));
        assert_eq!(some["page"], json!({"limit": 100, "next": null, "prev": null, "total": 4}));
        assert_eq!((&some["data"][1]["is_current"], &some["data"][0]["is_current"]), (&json!(true), &json!(false)));
        let some = list("ids=4,2,1&published_before=2024-06-02&fields=version").await;
        assert_eq!((&some["data"], &some["missing"]), (&json!([{"version": 1}]), &json!(["4", "2"])));
        assert_eq!(some["page"]["total"], 1);
        for wrong in [
            "ids=", "ids=0", "ids=01", "ids=x", "ids=1,1", "ids=1&sort=version", "ids=1&limit=1", "sort=number",
            "sort=version,-version", "published_after=yesterday", "not.ids=1", "created_after=2024-06-02",
        ] {
            assert_eq!(site.get(&format!("{versions}?{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
        // A page of another order is no page of this one.
        let next = list("sort=version&limit=1").await["page"]["next"].as_str().unwrap().replace("sort=version", "sort=-version");
        assert_eq!(site.get(&next).await.code(), "invalid_parameter");

        unpublish(&editor, &address).await;
        change(&editor, &address, json!({"title": "Pores again"})).await;
        assert_eq!(numbers(&list("sort=version").await), [1, 2, 3, 4, 5]);
        let since = list("published_after=2024-06-03&updated_after=2024-06-05").await;
        assert_eq!((numbers(&since), &since["page"]["total"]), (vec![5], &json!(1)));
    }

    async fn say_how_to_cite_them(site: Site) {
        let (_, address, _) = thrice(&site).await;
        let id = address.rsplit('/').next().unwrap();
        let cite = |query: &'static str| {
            let (site, path) = (site.clone(), format!("/v1/articles/{id}/versions/1{query}"));
            async move { site.get(&path).await.expect(200)["cite_as"].clone() }
        };
        let url = format!("{}/v1/articles/{id}/versions/1", site.state.settings.public_url());
        let cited = cite("").await;
        assert_eq!(cited["csl"], json!({
            "type": "webpage", "title": "Pores",
            "author": [{"family": "Example", "given": "Ada"}, {"literal": "Example Institute"}],
            "container-title": "ibid", "issued": {"date-parts": [[2024, 6, 24]]}, "version": "1", "language": "en",
            "URL": url, "id": "pores-v1",
        }));
        assert_eq!((&cited["style"], &cited["url"]), (&json!("vancouver"), &json!(url)));
        let text = cited["text"].as_str().unwrap();
        assert!(text.starts_with("Example A, Example Institute.") && text.contains("2024. Pores."), "{text}");
        assert!(text.ends_with(&url), "{text}");
        assert!(cited["html"].as_str().unwrap().contains("Pores") && !cited["html"].as_str().unwrap().contains("csl-label"));
        assert!(cited["bibtex"].as_str().unwrap().starts_with("@online{pores-v1,"), "{cited}");
        assert!(cited["ris"].as_str().unwrap().contains(&format!("UR  - {url}")), "{cited}");
        let apa = cite("?style=apa&locale=de").await;
        let text = apa["text"].as_str().unwrap();
        assert!(text.starts_with("Example, A.,") && text.contains("(2024, "), "{text}");
        assert_eq!((&apa["style"], &apa["locale"]), (&json!("apa"), &json!("de-DE")));
        let later = site.get(&format!("/v1/articles/{id}/versions/2")).await.expect(200);
        assert_eq!(later["cite_as"]["csl"]["original-date"], json!({"date-parts": [[2024, 6, 24]]}));
        assert_eq!(site.get(&format!("/v1/articles/{id}/versions/1?style=vancuver")).await.code(), "invalid_parameter");
    }

    async fn get_the_form_of_a_newer_ibid(site: Site) {
        let (_, address, study) = thrice(&site).await;
        let id = address.rsplit('/').next().unwrap();
        let path = format!("/v1/articles/{id}/versions/1");
        let before = site.get(&path).await.expect(200);
        retract(&site, &study).await;
        let older = |source: bool| move |conn: &mut Conn| {
            use publication_versions::{rendition, sections, source as made_from};
            on!(conn, c => {
                diesel::update(publication_versions::table).set(rendition.eq(0)).execute(c)?;
                if source {
                    diesel::update(publication_versions::table).set(sections.eq("[]")).execute(c)?;
                } else {
                    diesel::update(publication_versions::table).set(made_from.eq(None::<String>)).execute(c)?;
                }
            });
            Ok(())
        };
        // With what it was made from, the text is made anew; without, it stays. The studies are as they were.
        for source in [true, false] {
            site.state.db.write(older(source)).await.unwrap();
            site.state.cache.touch_all();
            let logged = crate::publishing::logged(&site).await.len();
            publishing::bring_up_to_date(&site.state).await.unwrap();
            // Other nodes keep answers in the form before until they are told.
            assert_eq!(crate::publishing::logged(&site).await[logged..], ["refresh", "refresh"]);
            let after = site.get(&path).await.expect(200);
            for member in ["title", "updated_at", "sections", "cite_as"] {
                assert_eq!(after[member], before[member], "{member}");
            }
            assert_eq!(after["citations"][0]["study"], before["citations"][0]["study"]);
            assert_eq!(after["citations"][0]["formatted"], before["citations"][0]["formatted"]);
        }
        let logged = crate::publishing::logged(&site).await;
        site.state.db.write(older(false)).await.unwrap();
        publishing::bring_up_to_date(&site.state).await.unwrap();
        assert_eq!(crate::publishing::logged(&site).await, logged, "no form is another one");
    }
}
