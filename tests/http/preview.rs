//! Working copies, read without an account.

use ibid::accounts::Role;
use regex::Regex;
use serde_json::{Value, json};

use crate::editorial::{article, study};
use crate::publishing::publish;
use crate::support::{Reply, Site, both};

const EVERYTHING: &str = "include=sections,citations,comments,translations&body=html,markdown,text,blocks";

/// Makes a link to the article.
async fn link(editor: &Site, address: &str, body: Value) -> Value {
    editor.post(&format!("{address}/preview-tokens"), &body).await.expect(201)
}

fn href(link: &Value) -> String {
    link["href"].as_str().expect("an address").to_owned()
}

/// What it says but for when: a working copy was changed when a publication was made.
fn but_for_moments(reply: &Reply) -> String {
    let moment = Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z|[0-9]{4}-[0-9]{2}-[0-9]{2}").expect("a pattern");
    let text = reply.text();
    let day = Regex::new(r#"<(day|month|year)[^/]*</(day|month|year)>|iso-8601-date="[^"]*""#).expect("a pattern");
    day.replace_all(&moment.replace_all(&text, "MOMENT"), "DAY").into_owned()
}

async fn accepting(site: &Site, path: &str, accept: &str) -> Reply {
    site.request("GET", path).header("Accept", accept).send().await
}

/// The identifiers of a list of links.
async fn listed(editor: &Site, address: &str, query: &str) -> Vec<Value> {
    let page = editor.get(&format!("{address}/preview-tokens?{query}")).await.expect(200);
    page["data"].as_array().expect("links").iter().map(|link| link["note"].clone()).collect()
}

both! {
    async fn it_is_read_as_it_would_be_published(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "one2020").await;
        let whole = json!({
            "title": "Pores", "subtitle": "And scars", "summary": "What was measured.", "tags": ["Skin"],
            "authors": [{"name": "Ada Example"}],
            "sections": [{"body": "It helps [@one2020, p. 3]."}, {"heading": "More", "body": "* a\n* b"}],
            "claims": [{"statement": "It helps.", "for": ["one2020"]}],
        });
        let made = editor.post("/v1/manage/articles", &whole).await;
        made.expect(201);
        let address = made.header("location").to_owned();
        let path = href(&link(&editor, &address, json!({})).await);
        assert!(path.starts_with("/v1/preview/eyJ"));

        let reader = site.anonymous();
        let mut before = Vec::new();
        let accepts = ["application/ld+json", "text/markdown", "text/html", "application/jats+xml", "application/json"];
        for accept in accepts {
            let reply = accepting(&reader, &path, accept).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert!(reply.header("content-type").starts_with(accept), "{accept}");
            before.push(but_for_moments(&reply));
        }
        let parts = [
            EVERYTHING.to_owned(), "fields=title,sections.heading,citations.key".into(),
            "include=citations&style=apa&locale=de-DE".into(),
        ];
        for part in &parts {
            before.push(but_for_moments(&reader.get(&format!("{path}?{part}")).await));
        }
        assert_eq!(reader.get("/v1/articles/pores").await.status, 404);

        publish(&editor, &address).await;
        let mut after = Vec::new();
        for accept in accepts {
            after.push(but_for_moments(&accepting(&reader, "/v1/articles/pores", accept).await));
        }
        for part in &parts {
            after.push(but_for_moments(&reader.get(&format!("/v1/articles/pores?{part}")).await));
        }
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after);
        }
        // What is published is shown with its number, and a change of it with the next.
        assert_eq!(reader.get(&path).await.expect(200)["version"], 1);
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("PATCH", &address).if_match(etag).json(&json!({"title": "Other pores"})).send().await.expect(200);
        let changed = reader.get(&path).await.expect(200);
        assert_eq!((&changed["title"], &changed["version"]), (&json!("Other pores"), &json!(2)));
        assert_eq!(reader.get("/v1/articles/pores").await.expect(200)["title"], "Pores");
    }

    async fn nobody_keeps_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, etag) = article(&editor, "Pores", &["The lead."]).await;
        let path = href(&link(&editor, &address, json!({})).await);
        let reader = site.anonymous();
        for accept in ["application/json", "text/html", "text/markdown"] {
            let reply = accepting(&reader, &path, accept).await;
            assert_eq!(reply.status, 200);
            assert_eq!(reply.header("cache-control"), "private, no-store", "{accept}");
            assert_eq!(reply.header("x-robots-tag"), "noindex, nofollow");
            assert_eq!(reply.header("referrer-policy"), "no-referrer");
            let about_keeping = ["cache-tag", "surrogate-key", "last-modified"].map(|name| reply.header(name));
            assert_eq!(about_keeping, ["", "", ""], "{accept}");
            assert!(reply.header("vary").contains("Accept"));
        }
        let read = reader.get(&path).await;
        let again = reader.request("GET", &path).header("If-None-Match", read.etag()).send().await;
        assert_eq!((again.status, again.header("x-robots-tag")), (304, "noindex, nofollow"));
        let head = reader.request("HEAD", &path).send().await;
        assert_eq!((head.status, head.body.len(), head.etag()), (200, 0, read.etag()));
        // A change is there at once.
        editor.request("PATCH", &address).if_match(etag).json(&json!({"summary": "New."})).send().await.expect(200);
        assert_eq!(reader.get(&path).await.expect(200)["summary"], "New.");
    }

    async fn what_would_stop_a_publication_is_shown(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Unfinished", &["Somebody showed it [@nobody1999]."]).await;
        let read = site.get(&format!("{}?include=sections,citations", href(&link(&editor, &address, json!({})).await))).await;
        let read = read.expect(200);
        assert_eq!(read["sections"][0]["html"], "<p>Somebody showed it <span class=\"citation-unknown\">[?nobody1999]</span>.</p>\n");
        assert_eq!((&read["citations"], &read["version"]), (&json!([]), &json!(1)));
        let (empty, _) = article(&editor, "Empty", &[]).await;
        let path = href(&link(&editor, &empty, json!({})).await);
        assert_eq!(site.get(&path).await.expect(200)["title"], "Empty");
        assert!(accepting(&site, &path, "text/html").await.text().contains("Empty"));
    }

    async fn a_link_ends_when_it_was_to_or_is_revoked(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let in_seconds = |seconds: i64| site.state.clock.now().plus_seconds(seconds).to_rfc3339();
        let short = link(&editor, &address, json!({"expires_at": in_seconds(600), "note": "short"})).await;
        let long = link(&editor, &address, json!({"note": "long"})).await;
        let lasts = |link: &Value, name: &str| ibid::db::types::Instant::parse(link[name].as_str().unwrap()).unwrap().unix();
        assert_eq!(lasts(&long, "expires_at") - lasts(&long, "created_at"), 48 * 3_600);
        assert_eq!(listed(&editor, &address, "").await, ["long", "short"]);
        assert_eq!(site.get(&href(&short)).await.status, 200);

        site.state.clock.advance(std::time::Duration::from_secs(601));
        let over = site.get(&href(&short)).await;
        assert_eq!((over.status, over.code()), (404, "not_found".into()));
        assert_eq!(site.get(&href(&long)).await.status, 200);
        assert_eq!(listed(&editor, &address, "").await, ["long"]);
        let other = article(&editor, "Other", &["x"]).await.0;
        let id = long["id"].as_str().unwrap();
        let of_the_other = editor.request("DELETE", &format!("{other}/preview-tokens/{id}")).send().await;
        assert_eq!(of_the_other.status, 404);
        let revoked = editor.request("DELETE", &format!("{address}/preview-tokens/{id}")).send().await;
        assert_eq!(revoked.status, 204);
        assert_eq!(site.get(&href(&long)).await.code(), "not_found");
        assert_eq!(editor.request("DELETE", &format!("{address}/preview-tokens/{id}")).send().await.status, 404);

        // With the article goes what leads to it.
        let last = link(&editor, &address, json!({})).await;
        editor.request("DELETE", &address).if_match(editor.get(&address).await.etag()).send().await.expect(204);
        assert_eq!(site.get(&href(&last)).await.code(), "not_found");

        for (given, code) in [
            (in_seconds(-1), "in_the_past"), (in_seconds(720 * 3_600 + 60), "too_far_off"),
        ] {
            let refused = editor.post(&format!("{other}/preview-tokens"), &json!({"expires_at": given})).await;
            let fault = &refused.expect(422)["errors"][0];
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/expires_at"), &json!(code)));
        }
        assert_eq!(listed(&editor, &other, "").await, [Value::Null; 0]);
    }

    async fn a_token_opens_what_it_was_made_for_and_nothing_else(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        let made = link(&editor, &address, json!({})).await;
        let token = made["token"].as_str().unwrap();
        // No access token, and no access token is one.
        assert_eq!(site.with_token(token).get(&address).await.code(), "unauthenticated");
        assert_eq!(site.get(&format!("/v1/preview/{}", editor.token())).await.code(), "not_found");
        // Damaged at any place, it opens nothing.
        for place in (0..token.len()).step_by(7) {
            let mut damaged = token.as_bytes().to_vec();
            damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert_eq!(site.get(&format!("/v1/preview/{damaged}")).await.status, 404, "{damaged}");
        }
        for nothing in ["x", "a.b.c", "%20", "..", &"a".repeat(3_000)] {
            assert_eq!(site.get(&format!("/v1/preview/{nothing}")).await.status, 404, "{nothing}");
        }
        // It only reads.
        assert_eq!(site.post(&format!("/v1/preview/{token}"), &json!({})).await.status, 405);
        let wrong = site.get(&format!("/v1/preview/{token}?fields=titel")).await;
        assert_eq!((wrong.status, wrong.code()), (400, "invalid_parameter".into()));
        assert_eq!(accepting(&site, &href(&made), "image/png").await.code(), "not_acceptable");
    }

    async fn links_are_made_by_those_who_write(site: Site) {
        let [author, other] = [site.signed_in(Role::Author).await, site.signed_in(Role::Author).await];
        let (reviewer, moderator) = (site.signed_in(Role::Reviewer).await, site.signed_in(Role::Moderator).await);
        let (address, _) = article(&author, "Mine", &["The lead."]).await;
        link(&author, &address, json!({"note": "a"})).await;
        let path = format!("{address}/preview-tokens");
        assert_eq!(other.post(&path, &json!({})).await.status, 404);
        assert_eq!(other.get(&path).await.status, 404);
        assert_eq!(reviewer.post(&path, &json!({})).await.status, 403);
        assert_eq!(listed(&reviewer, &address, "").await, ["a"]);
        assert_eq!(moderator.get(&path).await.status, 403);
        assert_eq!(site.get(&path).await.status, 401);
    }

    async fn links_are_listed_in_pages(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        for note in ["a", "b", "c"] {
            link(&editor, &address, json!({"note": note})).await;
        }
        assert_eq!(listed(&editor, &address, "sort=created_at").await, ["a", "b", "c"]);
        let page = editor.get(&format!("{address}/preview-tokens?limit=2&count=true")).await.expect(200);
        assert_eq!((&page["data"][0]["note"], &page["page"]["total"]), (&json!("c"), &json!(3)));
        let next = editor.get(page["page"]["next"].as_str().unwrap()).await.expect(200);
        assert_eq!((&next["data"][0]["note"], &next["page"]["next"]), (&json!("a"), &Value::Null));
        // The link is there to be copied again.
        assert_eq!(site.get(next["data"][0]["href"].as_str().unwrap()).await.status, 200);
    }

    async fn the_site_may_show_it_on_its_own_pages(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        assert_eq!(link(&editor, &address, json!({})).await["address"], Value::Null);
        let node = editor.another_node_with(|settings| {
            settings.site.preview_address = "https://www.example.org/preview?token={token}".into();
        });
        let made = link(&node.await, &address, json!({})).await;
        let token = made["token"].as_str().unwrap();
        assert_eq!(made["address"], format!("https://www.example.org/preview?token={token}"));
        // Signed by one node, read at another.
        assert_eq!(site.get(&href(&made)).await.status, 200);
    }
}
