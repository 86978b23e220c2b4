//! Tokens that are not ours, not of this kind or not of this time. All of them are 401.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ibid::accounts::SigningKey;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::{ada, text, tokens};
use crate::support::{Site, both};

/// Everything that makes a valid token, to be changed.
struct Forge {
    header: Value,
    claims: Value,
    key: EncodingKey,
}

impl Forge {
    /// A token that the server gave out, taken apart, with the server's own key.
    async fn new(site: &Site) -> Self {
        ada(site).await;
        let tokens = tokens(site).await;
        let parts: Vec<Value> = text(&tokens, "access_token").split('.').take(2).map(decoded).collect();
        let pem = std::fs::read(site.state.settings.signing_key_file()).expect("the key");
        let key = EncodingKey::from_ed_pem(&pem).expect("a key");
        Self { header: parts[0].clone(), claims: parts[1].clone(), key }
    }

    fn with(&self, header: Value, claims: Value) -> String {
        let message =
            format!("{}.{}", encoded(&changed(&self.header, header)), encoded(&changed(&self.claims, claims)));
        signed(message, &self.key, jsonwebtoken::Algorithm::EdDSA)
    }
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// `null` takes a member away.
fn changed(value: &Value, change: Value) -> Value {
    let mut value = value.clone();
    for (name, new) in change.as_object().expect("an object") {
        match new {
            Value::Null => drop(value.as_object_mut().expect("an object").remove(name)),
            new => value[name] = new.clone(),
        }
    }
    value
}

fn signed(message: String, key: &EncodingKey, algorithm: jsonwebtoken::Algorithm) -> String {
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("a signature");
    format!("{message}.{signature}")
}

#[track_caller]
fn assert_all_refused(results: &[(String, u16, String)]) {
    for (what, status, code) in results {
        assert_eq!((*status, code.as_str()), (401, "unauthenticated"), "{what}");
    }
}

async fn ask(site: &Site, what: impl Into<String>, token: &str) -> (String, u16, String) {
    let reply = site.with_token(token).get("/v1/auth/me").await;
    let code = if reply.status == 200 { String::new() } else { reply.code() };
    (what.into(), reply.status, code)
}

both! {
    async fn headers_that_are_not_ours(site: Site) {
        let forge = Forge::new(&site).await;
        assert_eq!(ask(&site, "", &forge.with(json!({}), json!({}))).await.1, 200, "the forge makes valid tokens");
        let mut results = Vec::new();
        for header in [
            json!({"typ": "JWT"}),
            json!({"typ": "rt+jwt"}),
            json!({"typ": null}),
            json!({"kid": null}),
            json!({"kid": ""}),
            json!({"kid": "../../../../dev/null"}),
            json!({"kid": "' OR '1'='1"}),
            json!({"alg": "none"}),
            json!({"alg": "None"}),
            json!({"alg": "HS256"}),
            json!({"alg": "RS256"}),
            json!({"alg": null}),
            json!({"alg": 1}),
        ] {
            results.push(ask(&site, header.to_string(), &forge.with(header, json!({}))).await);
        }
        assert_all_refused(&results);
    }

    async fn unsigned_and_wrongly_signed(site: Site) {
        let forge = Forge::new(&site).await;
        let mut results = Vec::new();
        let message = |header: Value| format!("{}.{}", encoded(&changed(&forge.header, header)), encoded(&forge.claims));
        for alg in ["none", "NONE", "EdDSA"] {
            let unsigned = format!("{}.", message(json!({"alg": alg})));
            results.push(ask(&site, format!("unsigned, {alg}"), &unsigned).await);
        }
        // The public key is known to everybody, so it must not do as a shared secret in any of its forms.
        let jwk = serde_json::to_value(site.state.key.public()).expect("JSON")["keys"][0].clone();
        let x = jwk["x"].as_str().expect("a text");
        let raw = URL_SAFE_NO_PAD.decode(x).expect("base64url");
        for secret in [raw.as_slice(), x.as_bytes(), jwk.to_string().as_bytes(), b""] {
            let key = EncodingKey::from_secret(secret);
            let token = signed(message(json!({"alg": "HS256"})), &key, jsonwebtoken::Algorithm::HS256);
            results.push(ask(&site, "HS256 with the public key", &token).await);
        }

        let dir = tempfile::tempdir().expect("a directory");
        let theirs = SigningKey::open(&dir.path().join("key.pem")).expect("a key");
        let pem = std::fs::read(dir.path().join("key.pem")).expect("the key");
        let key = EncodingKey::from_ed_pem(&pem).expect("a key");
        let their_jwk = serde_json::to_value(theirs.public()).expect("JSON")["keys"][0].clone();
        for header in [
            json!({}),
            json!({"kid": their_jwk["kid"]}),
            json!({"jwk": their_jwk}),
            json!({"jku": "https://evil.example/jwks.json"}),
        ] {
            let token = signed(message(header.clone()), &key, jsonwebtoken::Algorithm::EdDSA);
            results.push(ask(&site, format!("another key, {header}"), &token).await);
        }

        let valid = forge.with(json!({}), json!({}));
        let (head, signature) = valid.rsplit_once('.').expect("three parts");
        let (header, _) = head.split_once('.').expect("three parts");
        let promoted = encoded(&changed(&forge.claims, json!({"role": "admin"})));
        results.push(ask(&site, "other claims", &format!("{header}.{promoted}.{signature}")).await);
        for garbage in ["x", "..", "a.b.c", &format!("{valid}.x"), &format!("{valid}A"), head] {
            results.push(ask(&site, garbage, garbage).await);
        }
        assert_all_refused(&results);
    }

    async fn claims_for_others_and_other_times(site: Site) {
        let forge = Forge::new(&site).await;
        let now = site.state.clock.now().unix();
        let nobody = uuid::Uuid::now_v7().to_string();
        let mut results = Vec::new();
        for claims in [
            json!({"exp": now}),
            json!({"exp": now - 3600}),
            json!({"exp": null}),
            json!({"exp": "never"}),
            json!({"nbf": now + 3600, "exp": now + 7200}),
            json!({"nbf": null}),
            json!({"iss": "https://elsewhere.example"}),
            json!({"iss": null}),
            json!({"aud": "another"}),
            json!({"aud": null}),
            json!({"aud": []}),
            json!({"sub": nobody}),
            json!({"sub": null}),
            json!({"sub": "1"}),
            json!({"sid": null}),
            json!({"sid": "1"}),
            json!({"role": "root"}),
        ] {
            results.push(ask(&site, claims.to_string(), &forge.with(json!({}), claims)).await);
        }
        assert_all_refused(&results);
    }

    async fn a_token_ends_when_its_time_is_over(site: Site) {
        let valid = Forge::new(&site).await.with(json!({}), json!({}));
        site.state.clock.advance(Duration::from_secs(890));
        assert_eq!(ask(&site, "", &valid).await.1, 200);
        site.state.clock.advance(Duration::from_secs(11));
        assert_all_refused(&[ask(&site, "expired", &valid).await]);
    }

    async fn the_role_that_counts_is_the_present_one(site: Site) {
        let forge = Forge::new(&site).await;
        let token = forge.with(json!({}), json!({"role": "admin"}));
        let me = site.with_token(&token).get("/v1/auth/me").await.expect(200);
        assert_eq!(me["role"], "editor");
    }
}
