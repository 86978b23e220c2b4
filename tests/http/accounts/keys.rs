use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use super::{ada, text, tokens};
use crate::support::{Site, both};

both! {
    async fn others_can_check_our_tokens_with_the_public_keys(site: Site) {
        let id = ada(&site).await;
        let tokens = tokens(&site).await;
        let reply = site.get("/.well-known/jwks.json").await;
        let keys = reply.expect(200);
        assert!(reply.header("cache-control").starts_with("public, max-age=300,"));
        assert!(keys["keys"][0].get("d").is_none(), "the private part stays here");

        let token = text(&tokens, "access_token");
        let header = jsonwebtoken::decode_header(token).expect("a header");
        assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), Algorithm::EdDSA));
        let keys: JwkSet = serde_json::from_value(keys).expect("a key set as others read it");
        let key = keys.find(header.kid.as_deref().expect("a kid")).expect("the key of the token");
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["ibid"]);
        validation.set_issuer(&["ibid"]);
        let key = DecodingKey::from_jwk(key).expect("a key");
        let claims: Value = jsonwebtoken::decode(token, &key, &validation).expect("a valid token").claims;
        assert_eq!((&claims["sub"], &claims["role"]), (&id.to_string().into(), &"editor".into()));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
        assert!(!claims.to_string().contains('@'), "no address in a token");
    }
}
