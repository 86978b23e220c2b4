use ibid::accounts::Role;
use serde_json::json;

use super::{change, unpublish};
use crate::editorial::article;
use crate::publishing::publish;
use crate::support::{Site, both};

both! {
    async fn an_old_address_leads_to_the_present_one(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        let resolve = |path: &str| {
            let (site, path) = (site.clone(), format!("/v1/redirects/resolve?path={path}"));
            async move { site.get(&path).await }
        };
        assert_eq!(resolve("pores").await.code(), "not_found");
        change(&editor, &address, json!({"slug": "large-pores"})).await;
        change(&editor, &address, json!({"slug": "very-large-pores"})).await;
        for (path, leads_to) in [
            ("pores", "very-large-pores"),
            ("/blog/large-pores", "/blog/very-large-pores"),
            ("/en/2024/pores/", "/en/2024/very-large-pores/"),
            ("/v1/articles/pores/versions/1", "/v1/articles/very-large-pores/versions/1"),
            ("/large-pores/pores", "/large-pores/very-large-pores"),
        ] {
            let resolved = resolve(path).await.expect(200);
            assert_eq!((&resolved["status"], &resolved["location"]), (&json!(301), &json!(leads_to)), "{path}");
            assert_eq!(resolved["article"]["slug"], "very-large-pores");
            let href = resolved["article"]["href"].as_str().unwrap();
            assert_eq!(site.get(href).await.expect(200)["id"], resolved["article"]["id"]);
        }
        for none in ["very-large-pores", "/blog/never", "/", "/Pores", "/p%C3%B6res"] {
            assert_eq!(resolve(none).await.code(), "not_found", "{none}");
        }
        for wrong in ["", "/a%20b", "/a%3Fb=c", "/a%23b"] {
            assert_eq!(resolve(wrong).await.code(), "invalid_parameter", "{wrong}");
        }
        assert_eq!(resolve(&"/a".repeat(1_001)).await.code(), "invalid_parameter");
        assert_eq!(resolve(&"/a".repeat(999)).await.code(), "not_found");
        assert_eq!(site.get("/v1/redirects/resolve").await.code(), "invalid_parameter");

        // The slug of another article leads nowhere else any more.
        let (other, _) = article(&editor, "Others", &["Another one."]).await;
        change(&editor, &other, json!({"slug": "large-pores"})).await;
        assert_eq!(resolve("/blog/large-pores").await.code(), "not_found");
        assert_eq!(resolve("/blog/pores").await.expect(200)["location"], "/blog/very-large-pores");
        unpublish(&editor, &address).await;
        assert_eq!(resolve("/blog/pores").await.code(), "not_found");
    }
}
