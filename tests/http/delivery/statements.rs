//! How many statements a request makes: the same, whatever the page holds.

use std::sync::{Arc, Barrier, Mutex};

use diesel::connection::{Connection, InstrumentationEvent};
use ibid::accounts::Role;
use ibid::db::{Backend, Conn};
use ibid::on;
use serde_json::json;

use super::fixture::{Story, comment, publish};
use super::search;
use crate::support::{Site, both};

/// The tables that ibid reads by itself.
const UPKEEP: [&str; 3] = ["changes", "schedules", "idempotency_keys"];

/// The statements that the site's connections have run since the last look.
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Listens on every connection of the pool: holds all of them at once, so that none is met twice.
    pub async fn of(site: &Site) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all_here = Arc::new(Barrier::new(4));
        let listen = || {
            let (heard, all_here) = (heard.clone(), all_here.clone());
            site.state.db.read(move |conn: &mut Conn| {
                all_here.wait();
                on!(conn, c => c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                    if let InstrumentationEvent::StartQuery { query, .. } = event {
                        heard.lock().expect("no test panics with it").push(query.to_string());
                    }
                }));
                all_here.wait();
                Ok(())
            })
        };
        let (a, b, c, d) = tokio::join!(listen(), listen(), listen(), listen());
        [a, b, c, d].into_iter().for_each(|listens| listens.expect("a connection"));
        Self(heard)
    }

    /// All that read a table: the pool itself asks whether a connection is alive. What no request reads is left out: the change
    /// log is read all the time, what is scheduled and which keys are to be forgotten from time to time.
    pub fn take(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.0.lock().expect("no test panics with it"));
        let own = |statement: &String| UPKEEP.iter().any(|table| statement.contains(table));
        all.into_iter().filter(|statement| statement.contains(" FROM ") && !own(statement)).collect()
    }
}

both! {
    async fn are_as_many_for_one_article_as_for_fifty(site: Site) {
        let story = |number: usize| {
            Story { tags: &["skin"], authors: &["ada", "bo"], cites: &["s2001", "s2002"], ..Story::new(format!("s-{number}")) }
        };
        let ids = publish(&site, (0..60).map(story)).await;
        for id in &ids {
            let first = comment(&site, *id, "approved", None, 1).await;
            comment(&site, *id, "approved", Some(first), 2).await;
        }
        let statements = Statements::of(&site).await;
        let all = "include=sections,citations,comments,authors,translations&body=html,markdown,text,blocks&sort=title,-published_at&\
            count=true&tag=skin&author=bo&cites=s2001&language=en&retracted=false&not.slug=x,y&published_after=2000-01-01";
        for (limit, articles) in [(1, 1), (50, 50)] {
            let page = site.get(&format!("/v1/articles?limit={limit}&{all}")).await.expect(200);
            assert_eq!(page["data"].as_array().expect("data").len(), articles);
            assert_eq!(page["data"][0]["comments"]["data"][0]["replies"][0]["depth"], 1);
            let made = statements.take();
            // The page, its translations, its comments' counts, its comments, its authors' counts, the total.
            assert_eq!(made.len(), 6, "{made:#?}");
        }
        site.get("/v1/articles?limit=50&include=sections,citations").await.expect(200);
        assert_eq!(statements.take().len(), 2);
        site.get("/v1/articles?limit=50&fields=title,sections.heading").await.expect(200);
        assert_eq!(statements.take().len(), 1);
        site.get("/v1/articles/s-1?include=sections,citations,comments,authors").await.expect(200);
        assert_eq!(statements.take().len(), 5);
        let parts = [
            "sections", "sections/lead", "citations", "citations/1", "citations?style=apa", "evidence",
            "sections?body=blocks,text&ids=lead,findings", "citations?ids=1,2&count=true",
        ];
        for one in parts.into_iter().chain(["bibliography", "bibliography?style=apa&locale=de", "bibliography.csl.json"]) {
            site.get(&format!("/v1/articles/s-1/{one}")).await.expect(200);
            assert_eq!(statements.take().len(), 1, "{one}");
        }
        // What a key means now, and the citations.
        site.get("/v1/articles/s-1/citations?ids=1,s2002&not.key=x1,x2&count=true").await.expect(200);
        assert_eq!(statements.take().len(), 2);
        for (suffix, made) in [("md", 2), ("html", 2), ("xml", 2), ("jsonld", 4)] {
            assert_eq!(site.get(&format!("/v1/articles/s-1.{suffix}")).await.status, 200);
            assert_eq!(statements.take().len(), made, "{suffix}");
        }
        let lists = ["/feeds/articles.atom", "/feeds/tags/skin.rss", "/feeds/authors/bo.json", "/v1/site"];
        for (path, made) in lists.map(|path| (path, 1)).into_iter().chain([
            ("/feeds/articles/s-1/comments.atom", 2), ("/sitemap.xml", 3), ("/llms.txt", 2), ("/robots.txt", 0),
        ]) {
            assert_eq!(site.get(path).await.status, 200, "{path}");
            assert_eq!(statements.take().len(), made, "{path}");
        }
        site.get("/v1/studies?limit=50&count=true&year=2001,2002&retracted=false").await.expect(200);
        assert_eq!(statements.take().len(), 2);
        site.get("/v1/studies/s2001/articles?limit=50&count=true").await.expect(200);
        assert_eq!(statements.take().len(), 5);
        for limit in [1, 50] {
            site.get(&format!("/v1/studies?limit={limit}&include=articles&count=true")).await.expect(200);
            assert_eq!(statements.take().len(), 3);
        }
        let names: Vec<String> = (0..50).map(|number| format!("s-{number}")).collect();
        for names in ["s-1".to_owned(), names.join(",")] {
            // Old slugs, the articles, and what is around them.
            site.get(&format!("/v1/articles?ids={names}&{all}").replace("sort=title,-published_at&", "")).await.expect(200);
            assert_eq!(statements.take().len(), 7, "{names}");
        }
        site.get("/v1/studies?ids=s2001,s2002,10.5555/s2001x").await.expect(200);
        assert_eq!(statements.take().len(), 2);
        for one in ["authors?count=true", "tags?count=true&sort=-published_articles"] {
            site.get(&format!("/v1/{one}")).await.expect(200);
            assert_eq!(statements.take().len(), 2, "{one}");
        }
        for one in ["authors?ids=ada,bo", "authors/ada", "tags/skin"] {
            site.get(&format!("/v1/{one}")).await.expect(200);
            assert_eq!(statements.take().len(), 1, "{one}");
        }
        for limit in [1, 50] {
            let page = site.get(&format!("/v1/sync?limit={limit}")).await.expect(200);
            assert_eq!(page["data"].as_array().expect("data").len(), limit);
            // The articles and the counts of their comments; and the end of the log, which is not counted here.
            assert_eq!(statements.take().len(), 2);
        }
        site.get("/v1/articles/s-1/versions?count=true").await.expect(200);
        assert_eq!(statements.take().len(), 4);
        site.get("/v1/articles/s-1/versions/1").await.expect(200);
        assert_eq!(statements.take().len(), 3);
        // One more tells which languages there are.
        site.get("/v1/articles?q=scars&limit=50&count=true&fields=title").await.expect(200);
        assert_eq!(statements.take().len(), 3);
        site.get("/v1/studies?q=scars&limit=50").await.expect(200);
        assert_eq!(statements.take().len(), 2);
    }
}

both! {
    async fn are_as_many_for_one_hit_as_for_many(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for number in 0..30 {
            let sections = json!([{"body": "Scars and pores."}]);
            search::publish(&editor, &json!({"title": format!("A{number}"), "tags": ["Skin"], "sections": sections})).await;
        }
        let statements = Statements::of(&site).await;
        let on_postgres = usize::from(site.state.db.backend() == Backend::Postgres);
        let all = "q=scars+-needle+por*&tag=skin&language=en&facets=tag,author,year,design&count=true";
        for (limit, hits) in [(1, 1), (30, 30)] {
            let page = site.get(&format!("/v1/search?{all}&limit={limit}")).await.expect(200);
            assert_eq!(page["data"].as_array().expect("data").len(), hits);
            assert_eq!(page["page"]["total"], 30);
            let made = statements.take();
            // The languages, on PostgreSQL how large the site is, what is found, the articles, their texts, their comments'
            // counts.
            assert_eq!(made.len(), 5 + on_postgres, "{made:#?}");
        }
        site.get("/v1/search?q=scars&limit=50&fields=title").await.expect(200);
        assert_eq!(statements.take().len(), 4 + on_postgres);
    }
}
