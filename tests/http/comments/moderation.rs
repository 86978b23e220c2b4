use ibid::accounts::Role;
use ibid::db::types::Json;
use serde_json::{Value, json};

use super::{Talk, comment, decide, post, published, unpublish};
use crate::support::{Site, both};

/// The bodies of a moderators' list.
fn bodies(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("comments").iter().filter_map(|comment| comment["body"].as_str()).collect()
}

async fn changes(site: &Site) -> Vec<(String, String, Value)> {
    use diesel::prelude::*;
    use ibid::db::schema::changes;
    use ibid::ids::ArticleId;
    let read = |conn: &mut ibid::db::Conn| {
        let rows: Vec<(String, ArticleId, Json)> = ibid::on!(conn, c => changes::table
            .order(changes::seq)
            .select((changes::kind, changes::subject_id, changes::detail))
            .load(c))?;
        Ok(rows.into_iter().map(|(kind, id, detail)| (kind, id.to_string(), detail.0)).collect())
    };
    site.state.db.read(read).await.expect("the log")
}

both! {
    async fn moderators_list_by_status_and_article(site: Site) {
        let talk = Talk::new(&site).await;
        let other = published(&site, "another").await;
        for (body, status) in [("a", "approved"), ("s", "spam"), ("t", "trash")] {
            let id = talk.says(body, None).await;
            talk.decide(&id, status).await;
        }
        post(&site, "an-article", &comment("h", None)).await.expect(201);
        post(&site, "another", &comment("o", None)).await.expect(201);
        unpublish(&site, &other).await;
        for (query, expected) in [
            ("", vec!["o", "h", "t", "s", "a"]),
            ("?sort=created_at", vec!["a", "s", "t", "h", "o"]),
            ("?status=held", vec!["o", "h"]),
            ("?status=spam,trash", vec!["t", "s"]),
            ("?article=another", vec!["o"]),
            ("?article=nothing", vec![]),
            ("?status=held,approved&article=an-article&sort=created_at", vec!["a", "h"]),
            (&format!("?article={other}"), vec!["o"]),
        ] {
            let joined = if query.is_empty() { "?count=true".into() } else { format!("{query}&count=true") };
            let page = talk.moderator.get(&format!("/v1/manage/comments{joined}")).await;
            assert_eq!(page.header("cache-control"), "private, no-store");
            let page = page.expect(200);
            assert_eq!((bodies(&page), &page["page"]["total"]), (expected.clone(), &json!(expected.len())), "{query}");
        }

        let mut page = talk.moderator.get("/v1/manage/comments?limit=2").await.expect(200);
        let mut pages = vec![bodies(&page).join(" ")];
        while let Some(next) = page["page"]["next"].as_str() {
            page = talk.moderator.get(next).await.expect(200);
            pages.push(bodies(&page).join(" "));
        }
        assert_eq!(pages, ["o h", "t s", "a"]);
        let prev = page["page"]["prev"].as_str().expect("a page before").to_owned();
        assert_eq!(bodies(&talk.moderator.get(&prev).await.expect(200)), ["t", "s"]);

        for (query, parameter) in [("?status=new", "status"), ("?status=", "status"), ("?article=A", "article"), ("?view=flat", "view")] {
            let refused = talk.moderator.get(&format!("/v1/manage/comments{query}")).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_parameter".into()), "{query}");
            assert_eq!(refused.json()["errors"][0]["parameter"], parameter);
        }
    }

    async fn moderators_see_everything(site: Site) {
        let talk = Talk::new(&site).await;
        let posted = post(&site, "an-article", &comment("Hello.", None)).await.expect(201);
        let id = posted["id"].as_str().expect("an id");
        let seen = talk.moderator.get(&format!("/v1/manage/comments/{id}")).await.expect(200);
        assert_eq!(seen, json!({
            "id": id, "article": {"id": talk.article, "slug": "an-article", "title": "An article"},
            "parent_id": null, "depth": 0, "status": "held", "name": "Grace", "email": "grace@secret.example",
            "url": null, "ip": "127.0.0.1", "user_agent": null, "body": "Hello.", "html": "<p>Hello.</p>\n",
            "created_at": posted["created_at"], "decided_at": null, "decided_by": null,
        }));
        let unknown = uuid::Uuid::now_v7().to_string();
        for id in [unknown.as_str(), "x", "a%00b"] {
            let path = format!("/v1/manage/comments/{id}");
            assert_eq!(talk.moderator.get(&path).await.expect(404)["code"], "not_found");
            let decision = talk.moderator.request("PATCH", &path).json(&json!({"status": "spam"})).send().await;
            assert_eq!(decision.expect(404)["code"], "not_found");
        }
    }

    async fn a_decision_is_remembered_once(site: Site) {
        let talk = Talk::new(&site).await;
        let id = post(&site, "an-article", &comment("Hello.", None)).await.expect(201)["id"].clone();
        let id = id.as_str().expect("an id");
        let first = talk.decide(id, "approved").await;
        assert_eq!(first["status"], "approved");
        assert!(first["decided_at"].is_string() && first["decided_by"].is_string());
        assert_eq!(talk.moderator.get(&format!("/v1/manage/comments/{id}")).await.expect(200), first);
        let again = decide(&site.signed_in(Role::Editor).await, id, "approved").await;
        assert_eq!(again, first);
        let other = decide(&site.signed_in(Role::Admin).await, id, "spam").await;
        assert_ne!(other["decided_by"], first["decided_by"]);
        talk.decide(id, "trash").await;

        let entry = |status: &str| ("comment".to_owned(), talk.article.clone(), json!({"comment": id, "status": status}));
        assert_eq!(changes(&site).await, [entry("approved"), entry("spam")]);
    }

    async fn if_match_is_honoured_when_sent(site: Site) {
        let talk = Talk::new(&site).await;
        let id = post(&site, "an-article", &comment("Hello.", None)).await.expect(201)["id"].clone();
        let path = format!("/v1/manage/comments/{}", id.as_str().expect("an id"));
        let read = talk.moderator.get(&path).await;
        let patch = |etag: &str, status: &str| {
            talk.moderator.request("PATCH", &path).if_match(etag).json(&json!({"status": status})).send()
        };
        let approved = patch(read.etag(), "approved").await;
        assert_eq!(approved.status, 200);
        let stale = patch(read.etag(), "spam").await;
        assert_eq!((stale.status, stale.code()), (412, "version_conflict".into()));
        assert_eq!(stale.etag(), approved.etag());
        assert_eq!(patch(approved.etag(), "spam").await.status, 200);
        assert_eq!(patch("*", "held").await.status, 200);
        assert_eq!(patch("nonsense", "spam").await.code(), "invalid_header");
    }

    async fn only_those_who_may_moderate_do(site: Site) {
        let talk = Talk::new(&site).await;
        let id = talk.says("a", None).await;
        let path = format!("/v1/manage/comments/{id}");
        let decision = json!({"status": "spam"});
        for (role, status) in [
            (Role::Author, 403),
            (Role::Reviewer, 403),
            (Role::Moderator, 200),
            (Role::Editor, 200),
            (Role::Admin, 200),
        ] {
            let editor = site.signed_in(role).await;
            assert_eq!(editor.get("/v1/manage/comments").await.status, status, "{role:?}");
            assert_eq!(editor.get(&path).await.status, status, "{role:?}");
            assert_eq!(editor.request("PATCH", &path).json(&decision).send().await.status, status, "{role:?}");
        }
        for refused in [
            site.get("/v1/manage/comments").await,
            site.get(&path).await,
            site.request("PATCH", &path).json(&decision).send().await,
        ] {
            assert_eq!((refused.status, refused.code()), (401, "unauthenticated".into()));
        }
    }

    async fn decisions_are_checked(site: Site) {
        let talk = Talk::new(&site).await;
        let id = talk.says("a", None).await;
        let patch = |body: &'static str, media: &'static str| {
            talk.moderator.request("PATCH", &format!("/v1/manage/comments/{id}"))
                .header("Content-Type", media).body(body).send()
        };
        let refused = patch(r#"{"status":"good","why":1}"#, "application/json").await;
        assert_eq!(refused.expect(422)["errors"].as_array().map(Vec::len), Some(2));
        assert_eq!(patch("{}", "application/json").await.expect(422)["errors"][0]["code"], "required");
        assert_eq!(patch(r#"{"status":"held"}"#, "text/plain").await.status, 415);
        assert_eq!(patch(r#"{"status":"held"}"#, "application/merge-patch+json").await.status, 200);
    }
}
