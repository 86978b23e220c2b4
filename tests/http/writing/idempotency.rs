use std::time::Duration;

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use ibid::accounts::{Role, token};
use ibid::db::Conn;
use ibid::http::aside::Bounds;
use ibid::http::idempotency::Idempotency;
use ibid::ids::{EditorId, FamilyId};
use ibid::on;
use serde_json::{Value, json};

use super::{DOI, crossref_knows, is_replayed, keyed, operations, texts, writes};
use crate::support::{Reply, Site, both, comes};

const ARTICLES: &str = "/v1/manage/articles";
const LOOKUP: &str = "/v1/manage/studies/lookup";

async fn count(site: &Site, table: &'static str) -> usize {
    let read = move |conn: &mut Conn| Ok(texts(conn, &format!("SELECT '' AS text FROM {table}")).len());
    site.state.db.read(read).await.expect("the database")
}

async fn execute(site: &Site, sql: &'static str) {
    let write = move |conn: &mut Conn| Ok(on!(conn, c => c.batch_execute(sql))?);
    site.state.db.write(write).await.expect("the statement");
}

/// The same editor with a token that is valid by now.
async fn anew(editor: &Site, role: Role) -> Site {
    let claims = editor.token().split('.').nth(1).expect("claims");
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let id = EditorId::parse(claims["sub"].as_str().expect("a subject")).expect("an id");
    let (key, auth) = (&editor.state.key, &editor.state.settings.auth);
    editor.with_token(&token::issue(key, auth, editor.state.clock.now(), id, role, FamilyId::new()).expect("a token"))
}

fn comment(body: &str) -> Value {
    json!({"name": "Grace", "email": "grace@example.org", "body": body})
}

async fn published(site: &Site) -> String {
    let admin = site.signed_in(Role::Admin).await;
    let (article, etag) = crate::editorial::article(&admin, "Talk", &["Text."]).await;
    admin.request("POST", &format!("{article}/publish")).if_match(etag).send().await.expect(200);
    "/v1/articles/talk/comments".to_owned()
}

#[track_caller]
fn same(first: &Reply, again: &Reply) {
    assert!(!is_replayed(first) && is_replayed(again), "{}", again.text());
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    for name in ["content-type", "etag", "location", "cache-control", "retry-after", "link"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
}

#[test]
fn every_post_takes_a_key() {
    for (path, method, operation) in operations() {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let takes =
            parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key" && parameter["in"] == "header");
        let tries = parameters.iter().any(|parameter| parameter["name"] == "dry_run" && parameter["in"] == "query");
        assert_eq!((takes, tries), (writes(&path, &method), writes(&path, &method)), "{method} {path}");
        if method == "post" && takes {
            for (status, code) in [
                ("409", "idempotency_in_flight"),
                ("409", "idempotency_answer_lost"),
                ("422", "idempotency_key_reused"),
            ] {
                let reference = operation["responses"][status]["$ref"].as_str().unwrap_or_default();
                assert!(reference.contains(code), "{path}: {code}");
            }
        }
        assert!(takes || method == "get" || path.starts_with("/v1/auth/"), "{method} {path}");
    }
}

both! {
    async fn the_same_request_is_done_once_and_answered_the_same(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let body = json!({"title": "Once"});
        let first = keyed(&editor, ARTICLES, "key-1", &body).send().await;
        first.expect(201);
        let again = keyed(&editor, ARTICLES, "key-1", &body).send().await;
        same(&first, &again);
        let quoted = keyed(&editor, ARTICLES, "\"key-1\"", &body).send().await;
        same(&first, &quoted);
        assert_eq!(count(&site, "articles").await, 1);

        // Another node, and the same one after a restart.
        let elsewhere = editor.another_node().await;
        same(&first, &keyed(&elsewhere, ARTICLES, "key-1", &body).send().await);
        assert_eq!(count(&site, "articles").await, 1);

        // Not only POST: a version that is gone by now would be refused.
        let address = first.header("location");
        let patch = async || {
            let request = editor.request("PATCH", address).if_match(first.etag()).header("Idempotency-Key", "key-2");
            request.json(&json!({"title": "Twice"})).send().await
        };
        let (patched, again) = (patch().await, patch().await);
        patched.expect(200);
        same(&patched, &again);
        let delete = async || editor.request("DELETE", address).if_match(patched.etag()).header("Idempotency-Key", "key-3").send().await;
        let (deleted, again) = (delete().await, delete().await);
        assert_eq!((deleted.status, again.status, is_replayed(&again)), (204, 204, true));
    }

    async fn another_request_under_the_key_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        keyed(&editor, ARTICLES, "k", &json!({"title": "One"})).send().await.expect(201);
        let post = |path: &str| editor.request("POST", path).header("Idempotency-Key", "k");
        for (what, refused) in [
            ("body", keyed(&editor, ARTICLES, "k", &json!({"title": "Two"})).send().await),
            ("address", keyed(&editor, "/v1/manage/studies", "k", &json!({"title": "One"})).send().await),
            ("query", keyed(&editor, &format!("{ARTICLES}?dry_run=false"), "k", &json!({"title": "One"})).send().await),
            ("media type", post(ARTICLES).header("Content-Type", "text/plain").body("{\"title\":\"One\"}").send().await),
            ("If-Match", keyed(&editor, ARTICLES, "k", &json!({"title": "One"})).if_match("\"1.x\"").send().await),
        ] {
            assert_eq!((refused.status, refused.code()), (422, "idempotency_key_reused".into()), "{what}");
        }
        assert_eq!(count(&site, "articles").await, 1);
    }

    async fn nobody_is_given_the_answer_to_another(site: Site) {
        let (one, other) = (site.signed_in(Role::Editor).await, site.signed_in(Role::Editor).await);
        let body = json!({"title": "Mine"});
        let mine = keyed(&one, ARTICLES, "k", &body).send().await;
        let theirs = keyed(&other, ARTICLES, "k", &body).send().await;
        assert!(!is_replayed(&theirs));
        assert_ne!(mine.expect(201)["id"], theirs.expect(201)["id"]);
        let nobody = keyed(&site, ARTICLES, "k", &body).send().await;
        assert_eq!((nobody.status, is_replayed(&nobody)), (401, false));

        // Readers are told apart by their address.
        let comments = published(&site).await;
        let behind = site.another_node_with(|settings| {
            settings.server.trusted_proxies = vec![ibid::config::Network("127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into())];
        }).await;
        let post = async |from: &str| keyed(&behind, &comments, "k", &comment("Hi.")).header("X-Forwarded-For", from).send().await;
        let (ada, grace, again) = (post("192.0.2.1").await, post("192.0.2.2").await, post("192.0.2.1").await);
        assert_ne!(ada.expect(201)["id"], grace.expect(201)["id"]);
        same(&ada, &again);
        assert_eq!(count(&site, "comments").await, 2);
    }

    async fn of_many_at_once_one_is_done(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let nodes = [editor.clone(), editor.another_node().await];
        let body = json!({"title": "Rush", "sections": [{"body": "Text."}]});
        let ask = |n: usize| { let (node, body) = (nodes[n % 2].clone(), body.clone()); async move { keyed(&node, ARTICLES, "rush", &body).send().await } };
        let replies = join_all((0..30).map(ask)).await;
        let done = replies.iter().filter(|reply| reply.status == 201 && !is_replayed(reply)).count();
        assert_eq!((done, count(&site, "articles").await), (1, 1));
        for reply in &replies {
            assert!(reply.status == 201 || reply.code() == "idempotency_in_flight" && reply.header("retry-after") == "1", "{}", reply.text());
        }
        assert!(is_replayed(&ask(0).await) && is_replayed(&ask(1).await));
    }

    async fn an_answer_is_forgotten_after_a_day(site: Site) {
        let comments = published(&site).await;
        let first = keyed(&site, &comments, "day", &comment("Hello.")).send().await;
        site.state.clock.advance(Duration::from_secs(24 * 3_600 - 60));
        same(&first, &keyed(&site, &comments, "day", &comment("Hello.")).send().await);
        site.state.clock.advance(Duration::from_secs(61));
        let later = keyed(&site, &comments, "day", &comment("Another.")).send().await;
        assert_eq!((later.status, is_replayed(&later)), (201, false));

        keyed(&site, &comments, "other", &comment("Third.")).send().await.expect(201);
        assert_eq!(count(&site, "idempotency_keys").await, 2);
        site.state.clock.advance(Duration::from_secs(24 * 3_600 + 1));
        let bounds = Bounds { held: 0, most: 0 };
        let keys = Idempotency {
            db: site.state.db.clone(), clock: site.state.clock.clone(), keep: 1, known: bounds, anybody: bounds, dir: "/".into(),
        };
        keys.tidy().await.expect("forgotten");
        assert_eq!(count(&site, "idempotency_keys").await, 0);
    }

    async fn problems_that_the_write_came_to_are_kept_and_others_are_not(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let taken = editor.post(ARTICLES, &json!({"title": "T", "slug": "taken"})).await;
        taken.expect(201);
        let body = json!({"title": "T", "slug": "taken"});
        let refused = keyed(&editor, ARTICLES, "k", &body).send().await;
        assert_eq!(refused.code(), "slug_taken");
        editor.request("DELETE", taken.header("location")).if_match(taken.etag()).send().await;
        same(&refused, &keyed(&editor, ARTICLES, "k", &body).send().await);
        keyed(&editor, ARTICLES, "new", &body).send().await.expect(201);

        // Nothing had begun: the key is free.
        let invalid = keyed(&editor, ARTICLES, "again", &json!({"titel": "T"})).send().await;
        assert_eq!(invalid.code(), "validation_failed");
        let reviewer = site.signed_in(Role::Reviewer).await;
        let forbidden = keyed(&reviewer, ARTICLES, "again", &json!({"title": "T"})).send().await;
        assert_eq!((forbidden.code(), keyed(&reviewer, ARTICLES, "again", &json!({"title": "U"})).send().await.code()), ("forbidden".into(), "forbidden".into()));
        keyed(&editor, ARTICLES, "again", &json!({"title": "T"})).send().await.expect(201);
        assert_eq!(count(&site, "idempotency_keys").await, 3);
    }

    async fn what_is_no_key_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let long = "x".repeat(256);
        for key in ["", "a b", "\"open", "\"\"", long.as_str()] {
            let refused = keyed(&editor, ARTICLES, key, &json!({"title": "T"})).send().await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_header".into()), "{key}");
            assert_eq!(refused.json()["errors"][0]["parameter"], "Idempotency-Key");
            let dry = keyed(&editor, &format!("{ARTICLES}?dry_run=true"), key, &json!({"title": "T"})).send().await;
            assert_eq!(dry.code(), "invalid_header");
            assert_eq!(keyed(&site, ARTICLES, key, &json!({"title": "T"})).send().await.code(), "unauthenticated");
        }
        for operation in ["login", "refresh", "logout"] {
            let refused = keyed(&editor, &format!("/v1/auth/{operation}"), "k", &json!({})).send().await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_header".into()), "{operation}");
        }
        editor.post(ARTICLES, &json!({"title": "T"})).await.expect(201);
        assert_eq!(count(&site, "idempotency_keys").await, 0);
    }

    async fn a_dry_run_leaves_the_key_free(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let body = json!({"title": "T"});
        let dry = keyed(&editor, &format!("{ARTICLES}?dry_run=true"), "k", &body).send().await;
        assert_eq!((dry.status, count(&site, "idempotency_keys").await), (200, 0));
        keyed(&editor, ARTICLES, "k", &body).send().await.expect(201);
    }

    async fn a_client_that_goes_away_finds_the_answer(site: Site) {
        let (services, editor) = (site.services().await, site.signed_in(Role::Editor).await);
        crossref_knows(&services, DOI, 700).await;
        let body = json!({"doi": DOI});
        let gone = tokio::time::timeout(Duration::from_millis(300), keyed(&editor, LOOKUP, "k", &body).send()).await;
        assert!(gone.is_err());
        let meanwhile = keyed(&editor, LOOKUP, "k", &body).send().await;
        assert_eq!(meanwhile.code(), "idempotency_in_flight");
        comes("the answer", async || keyed(&editor, LOOKUP, "k", &body).send().await.status != 409).await;
        let found = keyed(&editor, LOOKUP, "k", &body).send().await;
        assert_eq!((found.status, is_replayed(&found), count(&site, "studies").await), (201, true, 1));
        assert_eq!(services.received_requests().await.expect("requests").len(), 1);
    }

    async fn a_server_that_stops_leaves_nothing_to_be_done_twice(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let body = json!({"title": "T"});
        keyed(&editor, ARTICLES, "k", &body).send().await.expect(201);
        // As if it had stopped before the first commit.
        execute(&site, "UPDATE idempotency_keys SET state = 'claimed', status = NULL, headers = NULL, body = NULL; DELETE FROM sections; DELETE FROM articles").await;
        let waiting = keyed(&editor, ARTICLES, "k", &body).send().await;
        assert_eq!((waiting.status, waiting.code(), waiting.header("retry-after")), (409, "idempotency_in_flight".into(), "1"));
        site.state.clock.advance(Duration::from_secs(121));
        let done = keyed(&editor, ARTICLES, "k", &body).send().await;
        done.expect(201);
        same(&done, &keyed(&editor, ARTICLES, "k", &body).send().await);

        // As if it had stopped after the commit, before the answer was kept.
        execute(&site, "UPDATE idempotency_keys SET state = 'executed', status = NULL, headers = NULL, body = NULL").await;
        assert_eq!(keyed(&editor, ARTICLES, "k", &body).send().await.code(), "idempotency_in_flight");
        site.state.clock.advance(Duration::from_secs(121));
        for _ in 0..2 {
            let lost = keyed(&editor, ARTICLES, "k", &body).send().await;
            assert_eq!((lost.status, lost.code()), (409, "idempotency_answer_lost".into()));
        }
        assert_eq!(count(&site, "articles").await, 1);
        site.state.clock.advance(Duration::from_secs(24 * 3_600));
        keyed(&anew(&editor, Role::Editor).await, ARTICLES, "k", &body).send().await.expect(201);
    }

    async fn an_attempt_that_was_given_up_writes_nothing(site: Site) {
        let (services, editor) = (site.services().await, site.signed_in(Role::Editor).await);
        crossref_knows(&services, DOI, 1_000).await;
        let body = json!({"doi": DOI});
        let slow = { let (editor, body) = (editor.clone(), body.clone()); tokio::task::spawn_local(async move { keyed(&editor, LOOKUP, "k", &body).send().await }) };
        comes("the claim", async || count(&site, "idempotency_keys").await == 1).await;
        // Another one has taken over, and is at work.
        execute(&site, "UPDATE idempotency_keys SET attempt = '01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11'").await;
        let refused = slow.await.expect("an answer");
        assert_eq!((refused.status, refused.code()), (409, "idempotency_in_flight".into()));
        assert_eq!((count(&site, "studies").await, count(&site, "idempotency_keys").await), (0, 1));
    }

    async fn large_bodies_of_editors_are_known_again(site: Site) {
        let comments = published(&site).await;
        let small = site.another_node_with(|settings| settings.limits.body_bytes = 1_000).await;
        let editor = small.signed_in(Role::Editor).await;
        let file: String = (0..200).map(|n| format!("@book{{b{n}, title = {{Book {n}}}}}\n")).collect();
        let import = async |file: String| {
            let request = editor.request("POST", "/v1/manage/studies/import").header("Idempotency-Key", "file");
            request.header("Content-Type", "application/x-bibtex").body(file).send().await
        };
        let first = import(file.clone()).await;
        assert_eq!(first.expect(200)["counts"]["created"], 200);
        same(&first, &import(file.clone()).await);
        assert_eq!(import(file + " ").await.code(), "idempotency_key_reused");
        let large = keyed(&small, &comments, "k", &comment(&"x".repeat(1_000))).send().await;
        assert_eq!((large.status, large.code()), (413, "body_too_large".into()));
    }
}
