use ibid::accounts::Role;
use serde_json::Value;

use super::{EMAIL, ada, disable, refresh, text, tokens};
use crate::support::{Site, both};

both! {
    async fn tells_who_is_signed_in(site: Site) {
        let id = ada(&site).await;
        let ada = site.with_token(text(&tokens(&site).await, "access_token"));
        let reply = ada.get("/v1/auth/me").await;
        let me = reply.expect(200);
        assert_eq!(me["id"], id.to_string());
        assert_eq!((&me["email"], &me["name"], &me["role"]), (&EMAIL.into(), &"Ada Example".into(), &"editor".into()));
        assert!(me["created_at"].is_string() && me["updated_at"].is_string());
        assert_eq!(me.as_object().map(serde_json::Map::len), Some(6), "nothing else is told");
        assert_eq!(reply.header("cache-control"), "private, no-store");
        let same = ada.request("GET", "/v1/auth/me").header("If-None-Match", reply.etag()).send().await;
        assert_eq!((same.status, same.body.len()), (304, 0));
        assert_eq!(ada.anonymous().get("/v1/auth/me").await.status, 401);
    }

    async fn asks_for_a_token_in_the_words_of_rfc_6750(site: Site) {
        let reply = site.get("/v1/auth/me").await;
        assert_eq!((reply.status, reply.code()), (401, "unauthenticated".into()));
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        let reply = site.with_token("x").get("/v1/auth/me").await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, r#"Bearer error="invalid_token""#));
        for value in ["Basic YTpi", "Bearer", "Bearer ", "bearer", ""] {
            let reply = site.request("GET", "/v1/auth/me").header("Authorization", value).send().await;
            assert_eq!((reply.status, reply.code()), (401, "unauthenticated".into()), "{value:?}");
        }
    }

    async fn the_gate_sees_paths_as_the_router_does(site: Site) {
        let editor = site.signed_in(Role::Author).await;
        assert_eq!(editor.get("/v1/%61uth/me").await.status, 200);
        assert_eq!(site.get("/v1/%61uth/me").await.status, 401);
    }

    async fn a_disabled_editor_is_nobody(site: Site) {
        let id = ada(&site).await;
        let ada = site.with_token(text(&tokens(&site).await, "access_token"));
        assert_eq!(ada.get("/v1/auth/me").await.status, 200);
        disable(&site, id).await;
        assert_eq!(ada.get("/v1/auth/me").await.status, 401);
    }

    async fn a_sign_out_ends_the_session_and_no_other(site: Site) {
        ada(&site).await;
        let (first, other) = (tokens(&site).await, tokens(&site).await);
        let renewed = refresh(&site, text(&first, "refresh_token")).await.expect(200);
        let asked_by = |tokens: &Value| site.with_token(text(tokens, "access_token"));
        let reply = asked_by(&first).request("POST", "/v1/auth/logout").send().await;
        assert_eq!((reply.status, reply.header("cache-control")), (204, "private, no-store"));
        for tokens in [&first, &renewed] {
            assert_eq!(asked_by(tokens).get("/v1/auth/me").await.status, 401);
            assert_eq!(refresh(&site, text(tokens, "refresh_token")).await.status, 401);
        }
        assert_eq!(asked_by(&first).request("POST", "/v1/auth/logout").send().await.status, 401);
        assert_eq!(asked_by(&other).get("/v1/auth/me").await.status, 200);
        assert_eq!(refresh(&site, text(&other, "refresh_token")).await.status, 200);
    }
}
