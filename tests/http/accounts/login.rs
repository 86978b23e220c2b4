use std::time::Duration;

use ibid::accounts::{Hasher, Password, store};
use serde_json::json;

use super::{EMAIL, PASSWORD, ada, count_tokens, disable, is_accepted, login, text, tokens};
use crate::support::{Site, both};

both! {
    async fn answers_with_tokens_that_nobody_keeps(site: Site) {
        ada(&site).await;
        let reply = login(&site, EMAIL, PASSWORD).await;
        let tokens = reply.expect(200);
        assert_eq!(reply.header("cache-control"), "private, no-store");
        assert_eq!((text(&tokens, "token_type"), &tokens["expires_in"]), ("Bearer", &json!(900)));
        assert!(text(&tokens, "refresh_token").starts_with("ibid_rt_"));
        assert!(is_accepted(&site, &tokens).await);
        assert_eq!(login(&site, "aDA@eXAMPLE.ORG", PASSWORD).await.status, 200, "the case of the address is nothing");
    }

    async fn refuses_all_who_may_not_in_the_same_words(site: Site) {
        let id = ada(&site).await;
        let wrong = login(&site, EMAIL, "correct horse batteries").await;
        let unknown = login(&site, "nobody@example.org", PASSWORD).await;
        disable(&site, id).await;
        let disabled = login(&site, EMAIL, PASSWORD).await;
        for reply in [&wrong, &unknown, &disabled] {
            assert_eq!((reply.status, reply.code()), (401, "invalid_credentials".into()));
            assert_eq!(reply.header("www-authenticate"), "Bearer");
            assert_eq!(reply.header("cache-control"), "no-store");
            let but_its_id = |reply: &crate::support::Reply| {
                let mut problem = reply.json();
                problem["instance"].take();
                problem
            };
            assert_eq!(but_its_id(reply), but_its_id(&wrong));
        }
        assert_eq!(count_tokens(&site).await, 0);
    }

    async fn names_everything_that_is_wrong_with_the_body(site: Site) {
        let body = json!({"email": "ada", "password": "x".repeat(257), "remember": true});
        let reply = site.post("/v1/auth/login", &body).await;
        assert_eq!((reply.status, reply.code()), (422, "validation_failed".into()));
        assert!(!reply.text().contains("xxx"), "a password is not repeated");
        let errors = reply.json()["errors"].clone();
        let pointers: Vec<&str> = errors.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/email", "/password", "/remember"]);
        let missing = site.post("/v1/auth/login", &json!({})).await.expect(422);
        assert_eq!(missing["errors"].as_array().map(Vec::len), Some(2));
        let form = site.request("POST", "/v1/auth/login").header("Content-Type", "text/plain").body("{}").send().await;
        assert_eq!((form.status, form.code()), (415, "unsupported_media_type".into()));
    }

    async fn makes_the_hash_anew_when_its_cost_has_changed(site: Site) {
        let id = ada(&site).await;
        let mut dearer = site.state.settings.passwords.clone();
        dearer.iterations = 3;
        let old = Hasher::new(&dearer).unwrap().hash(Password::parse(PASSWORD).unwrap()).await.unwrap();
        let hash = async || {
            let known = site.state.db.read(|conn| store::credentials(conn, "ada@example.org")).await.unwrap();
            known.expect("the editor").password_hash
        };
        let replaced = hash().await;
        let present = store::Credentials { editor: id, password_hash: replaced.clone() };
        let kept = old.clone();
        site.state.db.write(move |conn| store::replace_hash(conn, &present, &kept)).await.unwrap();
        assert_eq!(hash().await, old);

        assert_eq!(login(&site, EMAIL, "correct horse batteries").await.status, 401);
        assert_eq!(hash().await, old, "a wrong password changes nothing");
        tokens(&site).await;
        let new = hash().await;
        assert!(new.contains("t=1,") && new != replaced, "{new}");
        tokens(&site).await;
        assert_eq!(hash().await, new, "once is enough");
    }

    async fn a_hash_that_cannot_be_read_fits_no_password(site: Site) {
        let someone = site.signed_in(ibid::accounts::Role::Author).await;
        let email = someone.get("/v1/auth/me").await.expect(200)["email"].as_str().unwrap().to_owned();
        let reply = login(&site, &email, PASSWORD).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_credentials".into()));
    }

    async fn drops_the_tokens_that_have_expired(site: Site) {
        ada(&site).await;
        tokens(&site).await;
        tokens(&site).await;
        assert_eq!(count_tokens(&site).await, 2);
        site.state.clock.advance(Duration::from_secs(31 * 86_400));
        tokens(&site).await;
        assert_eq!(count_tokens(&site).await, 1);
    }
}
