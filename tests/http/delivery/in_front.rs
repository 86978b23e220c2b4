//! What a shared cache in front may keep and give to others: the same whoever asked first, and outdated by its tags.

use ibid::accounts::Role;
use serde_json::json;

use super::fixture::{Story, publish as publish_stories};
use crate::editorial::article;
use crate::publishing::publish;
use crate::support::{Reply, Site, both};

fn values(reply: &Reply, name: &str) -> Vec<String> {
    let all = reply.headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap().split(','));
    all.map(|value| value.trim().to_owned()).collect()
}

async fn rename(editor: &Site, address: &str, slug: &str) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&json!({"slug": slug})).send().await.expect(200);
    publish(editor, address).await;
}

both! {
    async fn pages_of_any_origin_may_read_what_was_made_for_a_program(site: Site) {
        publish_stories(&site, [Story::new("pores")]).await;
        let etag = site.get("/v1/articles/pores").await.etag().to_owned();
        for path in ["/v1/articles/pores", "/v1/articles", "/v1/articles/pores/sections", "/v1/articles/none", "/nowhere"] {
            for origin in [None, Some("https://a.example"), None, Some("null"), Some("https://b.example")] {
                for known in ["\"other\"", &etag] {
                    let request = site.request("GET", path).header("If-None-Match", known);
                    let request = origin.into_iter().fold(request, |request, origin| request.header("Origin", origin));
                    let reply = request.send().await;
                    assert_eq!(values(&reply, "access-control-allow-origin"), ["*"], "{path} {origin:?} {}", reply.status);
                    assert!(values(&reply, "access-control-expose-headers").contains(&"ETag".into()), "{path} {origin:?}");
                    assert!(!values(&reply, "vary").contains(&"Origin".into()), "{path} {origin:?}");
                }
            }
        }
    }

    async fn where_origins_are_listed_every_answer_says_that_it_goes_by_them(site: Site) {
        publish_stories(&site, [Story::new("pores")]).await;
        let site = site.another_node_with(|settings| {
            settings.cors.allowed_origins = vec!["https://a.example".into(), "https://b.example".into()];
        }).await;
        for path in ["/v1/articles/pores", "/v1/articles", "/v1/articles/none", "/nowhere"] {
            for origin in ["", "https://a.example", "", "https://b.example", "https://c.example", ""] {
                let request = site.request("GET", path);
                let request = if origin.is_empty() { request } else { request.header("Origin", origin) };
                let reply = request.send().await;
                assert_eq!(values(&reply, "vary").iter().filter(|name| *name == "Origin").count(), 1, "{path} {origin}");
                let granted = values(&reply, "access-control-allow-origin");
                let expected: &[&str] = if ["", "https://c.example"].contains(&origin) { &[] } else { &[origin] };
                assert_eq!(granted, expected, "{path}");
                assert!(values(&reply, "access-control-expose-headers").contains(&"Link".into()));
            }
        }
        let preflight = async |origin: &str| {
            let request = site.request("OPTIONS", "/v1/manage/articles").header("Origin", origin);
            request.header("Access-Control-Request-Method", "POST").header("Access-Control-Request-Headers", "authorization").send().await
        };
        let granted = preflight("https://a.example").await;
        assert_eq!((granted.status, granted.header("access-control-allow-origin")), (200, "https://a.example"));
        assert_eq!(granted.header("access-control-allow-headers"), "authorization");
        assert_eq!(preflight("https://c.example").await.header("access-control-allow-origin"), "");
    }

    async fn a_redirect_is_outdated_by_the_article_and_by_who_takes_the_slug(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        rename(&editor, &address, "small-pores").await;
        let id = address.rsplit('/').next().unwrap();
        for path in ["", ".md", "/sections", "/comments", "/evidence"] {
            let reply = site.get(&format!("/v1/articles/pores{path}")).await;
            assert_eq!(reply.status, 301, "{path}");
            // A browser that kept it would go round in a circle once the article has its old slug again.
            let caching = reply.header("cache-control");
            assert!(caching.contains("max-age=0, s-maxage=300, stale-while-revalidate=0"), "{caching}");
            let tags = values(&reply, "cache-tag");
            assert_eq!(tags, [&format!("article:{id}"), "slug:pores", "everything"]);
            assert_eq!(reply.header("surrogate-key"), tags.join(" "));
        }
        // Whatever makes the slug another's or the article's again touches one of them.
        let touched = async || {
            let changes = site.state.db.read(|conn| Ok(ibid::publishing::log::after(conn, 0, 100)?)).await.unwrap();
            let tags = changes.last().unwrap().tags().unwrap();
            tags.iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>()
        };
        rename(&editor, &address, "pores").await;
        assert!(touched().await.contains(&format!("article:{id}")));
        site.get("/v1/articles/pores").await.expect(200);
        assert_eq!(site.get("/v1/articles/small-pores").await.header("location"), "/v1/articles/pores");
        let (other, _) = article(&editor, "Other pores", &["The lead."]).await;
        rename(&editor, &other, "small-pores").await;
        assert!(touched().await.contains(&"slug:small-pores".into()));
        site.get("/v1/articles/small-pores").await.expect(200);
    }
}
