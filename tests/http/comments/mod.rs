//! Readers' comments: posting, reading, moderating.

mod moderation;
mod post;
mod read;

use ibid::accounts::Role;
use ibid::db::schema::{articles, comments, publications, slug_redirects};
use ibid::db::types::Instant;
use ibid::ids::{ArticleId, CommentId};
use ibid::on;
use serde_json::{Value, json};

use crate::support::{Reply, Site};

/// A published article of this slug.
async fn published(site: &Site, slug: &str) -> String {
    publish(site, slug, "open").await.to_string()
}

/// The one place that knows how an article comes to be published.
async fn publish(site: &Site, slug: &str, policy: &'static str) -> ArticleId {
    use diesel::prelude::*;
    let (id, slug, now) = (ArticleId::new(), slug.to_owned(), site.state.clock.now());
    let write = move |conn: &mut ibid::db::Conn| {
        on!(conn, c => {
            diesel::insert_into(articles::table)
                .values((
                    articles::id.eq(id),
                    articles::slug.eq(&slug),
                    articles::language.eq("en"),
                    articles::title.eq("An article"),
                    articles::comment_policy.eq(policy),
                    articles::version.eq(1),
                    articles::published_version.eq(Some(1)),
                    articles::publication_count.eq(1),
                    articles::created_at.eq(now),
                    articles::updated_at.eq(now),
                    articles::translation_group.eq(id),
                ))
                .execute(c)?;
            diesel::insert_into(publications::table)
                .values((
                    publications::article_id.eq(id),
                    publications::number.eq(1),
                    publications::slug.eq(&slug),
                    publications::language.eq("en"),
                    publications::title.eq("An article"),
                    publications::published_at.eq(now),
                    publications::updated_at.eq(now),
                    publications::word_count.eq(0),
                    publications::comment_policy.eq(policy),
                    publications::head.eq("{}"),
                    publications::sections.eq("[]"),
                    publications::citations.eq("[]"),
                    publications::translation_group.eq(id),
                ))
                .execute(c)?;
        });
        Ok(id)
    };
    site.state.db.write(write).await.expect("a published article")
}

/// Takes the publication down; the comments stay.
async fn unpublish(site: &Site, id: &str) {
    use diesel::prelude::*;
    let id = ArticleId::parse(id).expect("an id");
    let write =
        move |conn: &mut ibid::db::Conn| Ok(on!(conn, c => diesel::delete(publications::table.find(id)).execute(c))?);
    site.state.db.write(write).await.expect("taken down");
}

/// Remembers an old slug of an article.
async fn redirect(site: &Site, old: &str, to: &str) {
    use diesel::prelude::*;
    let (old, to, now) = (old.to_owned(), ArticleId::parse(to).expect("an id"), site.state.clock.now());
    let write = move |conn: &mut ibid::db::Conn| {
        let row = (slug_redirects::slug.eq(old), slug_redirects::article_id.eq(to), slug_redirects::created_at.eq(now));
        Ok(on!(conn, c => diesel::insert_into(slug_redirects::table).values(row).execute(c))?)
    };
    site.state.db.write(write).await.expect("a redirect");
}

/// Sets the time of every comment of an article, so that cursors have ties to break.
async fn all_at(site: &Site, article: &str, at: Instant) {
    use diesel::prelude::*;
    let article = ArticleId::parse(article).expect("an id");
    let write = move |conn: &mut ibid::db::Conn| {
        let all = comments::table.filter(comments::article_id.eq(article));
        Ok(on!(conn, c => diesel::update(all).set(comments::created_at.eq(at)).execute(c))?)
    };
    site.state.db.write(write).await.expect("times set");
}

/// Sets the time of one comment.
async fn set_time(site: &Site, id: &str, at: &str) {
    use diesel::prelude::*;
    let (id, at) = (CommentId::parse(id).expect("an id"), Instant::parse(at).expect("a timestamp"));
    let write = move |conn: &mut ibid::db::Conn| {
        Ok(on!(conn, c => diesel::update(comments::table.find(id)).set(comments::created_at.eq(at)).execute(c))?)
    };
    site.state.db.write(write).await.expect("the time set");
}

fn comment(body: &str, parent: Option<&str>) -> Value {
    json!({"name": "Grace", "email": "grace@secret.example", "body": body, "parent_id": parent})
}

async fn post(site: &Site, article: &str, body: &Value) -> Reply {
    site.anonymous().post(&format!("/v1/articles/{article}/comments"), body).await
}

async fn decide(moderator: &Site, id: &str, status: &str) -> Value {
    let body = json!({"status": status});
    moderator.request("PATCH", &format!("/v1/manage/comments/{id}")).json(&body).send().await.expect(200)
}

/// An article with a moderator who approves at once.
struct Talk {
    site: Site,
    moderator: Site,
    article: String,
}

impl Talk {
    async fn new(site: &Site) -> Self {
        let moderator = site.signed_in(Role::Moderator).await;
        Self { site: site.clone(), moderator, article: published(site, "an-article").await }
    }

    /// Posts and approves; answers the id.
    async fn says(&self, body: &str, parent: Option<&str>) -> String {
        let posted = post(&self.site, &self.article, &comment(body, parent)).await.expect(201);
        let id = posted["id"].as_str().expect("an id").to_owned();
        decide(&self.moderator, &id, "approved").await;
        id
    }

    async fn decide(&self, id: &str, status: &str) -> Value {
        decide(&self.moderator, id, status).await
    }

    /// The list's answer.
    async fn read(&self, query: &str) -> Value {
        self.site.get(&format!("/v1/articles/an-article/comments{query}")).await.expect(200)
    }
}

/// `a(b c(d))`: the words of the comments, replies in brackets.
fn outline(comments: &Value) -> String {
    let one = |comment: &Value| {
        let html = comment["html"].as_str().expect("html");
        let word = html.trim().trim_start_matches("<p>").trim_end_matches("</p>");
        match outline(&comment["replies"]) {
            below if below.is_empty() => word.to_owned(),
            below => format!("{word}({below})"),
        }
    };
    comments.as_array().expect("an array").iter().map(one).collect::<Vec<_>>().join(" ")
}
