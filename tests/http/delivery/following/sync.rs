use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{change, comment, decide, mend, unpublish};
use crate::editorial::{article, study};
use crate::publishing::publish;
use crate::support::{Site, both};

/// What a client holds of everything that is published.
struct Copy {
    site: Site,
    limit: usize,
    articles: BTreeMap<String, Value>,
    /// Where it goes on.
    next: String,
}

impl Copy {
    fn new(site: &Site, limit: usize) -> Self {
        Self { site: site.anonymous(), limit, articles: BTreeMap::new(), next: format!("/v1/sync?limit={limit}") }
    }

    /// Takes over one page. Answers how many items it had, and whether it was the last one.
    async fn page(&mut self) -> (usize, bool) {
        let page = self.site.get(&self.next).await.expect(200);
        let items = page["data"].as_array().expect("data");
        assert!(items.len() <= self.limit);
        for item in items {
            let id = item["id"].as_str().expect("an id").to_owned();
            match item["type"].as_str() {
                Some("article") => {
                    assert_eq!(item["article"]["id"], id.as_str());
                    self.articles.insert(id, item["article"].clone());
                }
                Some("deleted_article") => {
                    assert_eq!(item["article"], Value::Null);
                    self.articles.remove(&id);
                }
                other => panic!("{other:?}"),
            }
        }
        let next = page["page"]["next"].as_str();
        assert_eq!(next.is_none(), page["next_sync"].is_string());
        self.next = next.or(page["next_sync"].as_str()).expect("an address").to_owned();
        (items.len(), next.is_none())
    }

    /// Takes over everything until now.
    async fn catch_up(&mut self) -> usize {
        let mut taken = 0;
        loop {
            let (items, last) = self.page().await;
            taken += items;
            if last {
                return taken;
            }
        }
    }

    /// Whether it holds exactly what the API answers.
    async fn agrees(&self) {
        let mut held = self.articles.clone();
        let mut next = Some("/v1/articles?fields=id&limit=100".to_owned());
        while let Some(address) = next {
            let list = self.site.get(&address).await.expect(200);
            for item in list["data"].as_array().expect("data") {
                let id = item["id"].as_str().expect("an id");
                let mut whole =
                    self.site.get(&format!("/v1/articles/{id}?include=sections,citations")).await.expect(200);
                assert!(whole["translations"].take().is_array(), "each comes as an article of its own");
                assert_eq!(held.remove(id), Some(whole), "{id}");
            }
            next = list["page"]["next"].as_str().map(str::to_owned);
        }
        assert!(held.is_empty(), "it holds what is not published: {held:#?}");
    }
}

/// A seeded stream of numbers: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// Publishes, edits, renames, unpublishes, comments and mends studies, as it comes.
async fn write(editor: Site, name: &'static str, seed: u64, rounds: usize) {
    let mut dice = Dice(seed);
    let keys = ["aa2001", "bb2002", "cc2003"];
    let mut written: Vec<(String, bool)> = Vec::new();
    let mut comments: Vec<String> = Vec::new();
    for round in 0..rounds {
        let title = format!("{name} {round}");
        match (dice.roll(8), written.len()) {
            (0 | 1, _) | (_, 0) => {
                let body = format!("It says so [@{}; @{}].", keys[dice.roll(3)], keys[dice.roll(3)]);
                let (address, _) = article(&editor, &title, &[&body]).await;
                publish(&editor, &address).await;
                written.push((address, true));
            }
            (2, all) => {
                let (address, published) = &mut written[dice.roll(all)];
                change(&editor, address, json!({"title": title})).await;
                *published = true;
            }
            (3, all) => {
                let (address, published) = &mut written[dice.roll(all)];
                change(&editor, address, json!({"slug": format!("{name}-slug-{round}").to_lowercase()})).await;
                *published = true;
            }
            (4, all) => {
                let (address, published) = &mut written[dice.roll(all)];
                if std::mem::replace(published, false) {
                    unpublish(&editor, address).await;
                }
            }
            (5, _) => mend(&editor, keys[dice.roll(3)], &title).await,
            (6, all) => {
                let (address, published) = &written[dice.roll(all)];
                if *published {
                    let slug = editor.get(address).await.expect(200)["slug"].as_str().expect("a slug").to_owned();
                    let new = comment(&editor, &slug).await;
                    decide(&editor, &new, "approved").await;
                    comments.push(new);
                }
            }
            _ => {
                if let Some(shown) = comments.pop() {
                    decide(&editor, &shown, "spam").await;
                }
            }
        }
    }
}

both! {
    async fn all_pages_and_then_what_changed(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let mut addresses = Vec::new();
        for number in 0..5 {
            let (address, _) = article(&editor, &format!("Pores {number}"), &["The lead [@aa2001]."]).await;
            publish(&editor, &address).await;
            addresses.push(address);
        }
        let mut copy = Copy::new(&site, 2);
        assert_eq!((copy.page().await, copy.page().await, copy.page().await), ((2, false), (2, false), (1, true)));
        copy.agrees().await;

        let poll = site.get(&copy.next).await;
        assert_eq!(poll.expect(200)["data"], json!([]));
        assert_eq!(poll.json()["next_sync"], copy.next.as_str());
        assert!(poll.header("cache-control").starts_with("public, max-age=0, s-maxage=0"), "{}", poll.header("cache-control"));
        let again = site.request("GET", &copy.next).header("If-None-Match", poll.etag()).send().await;
        assert_eq!(again.status, 304);

        // Twice changed, once told; a draft is nobody's business.
        change(&editor, &addresses[0], json!({"title": "Large pores"})).await;
        change(&editor, &addresses[0], json!({"title": "Larger pores", "slug": "larger-pores"})).await;
        article(&editor, "A draft", &["Not yet."]).await;
        let page = site.get(&copy.next).await.expect(200);
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        assert_eq!(page["data"][0]["article"]["title"], "Larger pores");
        assert!(page["data"][0]["changed_at"].is_string());

        unpublish(&editor, &addresses[1]).await;
        let shown = comment(&site, "pores-2").await;
        assert_eq!(site.get(&copy.next).await.expect(200)["data"].as_array().unwrap().len(), 2);
        decide(&editor, &shown, "approved").await;
        assert_eq!(copy.catch_up().await, 3);
        assert_eq!(copy.articles.len(), 4);
        copy.agrees().await;
        decide(&editor, &shown, "trash").await;
        assert_eq!(copy.catch_up().await, 1);
        copy.agrees().await;

        mend(&editor, "aa2001", "Mended").await;
        assert_eq!((copy.page().await, copy.page().await), ((2, false), (2, true)));
        copy.agrees().await;
        assert_eq!(copy.catch_up().await, 0);
        let mut late = Copy::new(&site, 100);
        assert_eq!(late.catch_up().await, 4);
        assert_eq!(late.articles, copy.articles);
    }

    async fn what_changes_while_pages_are_read_comes_again(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let mut addresses = Vec::new();
        for number in 0..4 {
            let (address, _) = article(&editor, &format!("Pores {number}"), &["The lead."]).await;
            publish(&editor, &address).await;
            addresses.push(address);
        }
        let mut copy = Copy::new(&site, 2);
        assert_eq!(copy.page().await, (2, false));
        change(&editor, &addresses[0], json!({"title": "Large pores"})).await;
        unpublish(&editor, &addresses[1]).await;
        unpublish(&editor, &addresses[2]).await;
        let (last, _) = article(&editor, "Last pores", &["The lead."]).await;
        publish(&editor, &last).await;
        assert_eq!(copy.page().await, (2, true));
        assert_eq!(copy.articles.len(), 4);
        assert_eq!(copy.catch_up().await, 4);
        copy.agrees().await;
    }

    async fn a_cursor_of_elsewhere_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        let mut copy = Copy::new(&site, 20);
        copy.catch_up().await;
        let forget = |conn: &mut ibid::db::Conn| {
            use diesel::RunQueryDsl;
            ibid::on!(conn, c => diesel::delete(ibid::db::schema::changes::table).execute(c))?;
            Ok(())
        };
        site.state.db.write(forget).await.unwrap();
        site.state.cache.touch_all();
        let refused = site.get(&copy.next).await;
        assert_eq!(refused.code(), "invalid_parameter");
        assert_eq!(refused.json()["errors"][0]["code"], "invalid_cursor");
        for wrong in ["cursor=Zm9v", "cursor=", "limit=0", "limit=101", "token=x"] {
            assert_eq!(site.get(&format!("/v1/sync?{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn a_copy_agrees_whatever_is_written_meanwhile(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["aa2001", "bb2002", "cc2003"] {
            study(&editor, key).await;
        }
        let done = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = [1, 2, 3, 7]
            .into_iter()
            .map(|limit| {
                let (site, done) = (site.clone(), done.clone());
                actix_web::rt::spawn(async move {
                    let (mut copy, mut dice) = (Copy::new(&site, limit), Dice(limit as u64));
                    while !done.load(Ordering::SeqCst) {
                        let (_, last) = copy.page().await;
                        // Now and then one begins anew, in the middle of it all.
                        if last && dice.roll(8) == 0 {
                            copy = Copy::new(&site, limit);
                        }
                        actix_web::rt::task::yield_now().await;
                    }
                    copy
                })
            })
            .collect();
        tokio::join!(write(editor.clone(), "First", 1, 40), write(editor.clone(), "Second", 2, 40));
        done.store(true, Ordering::SeqCst);
        for client in clients {
            let mut copy = client.await.expect("every page is answered");
            // One that is still at its first pages has to ask for what changed meanwhile.
            while copy.catch_up().await > 0 {}
            copy.agrees().await;
        }
    }
}
