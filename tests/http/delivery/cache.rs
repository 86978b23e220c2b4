//! What is kept of answers: never older than the last commit, in every encoding, and given when the database is away.

use std::io::Read;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use ibid::accounts::Role;
use ibid::on;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::fixture::{Story, comment, publish as publish_stories};
use super::statements::Statements;
use crate::editorial::{article, study};
use crate::publishing::publish;
use crate::support::{Reply, Site, both, comes};

async fn encoded(site: &Site, path: &str, encoding: &str) -> Reply {
    site.request("GET", path).header("Accept-Encoding", encoding).send().await
}

fn unpacked(reply: &Reply) -> Vec<u8> {
    let mut body = Vec::new();
    match reply.header("content-encoding") {
        "" => body.clone_from(&reply.body),
        "gzip" => drop(flate2::read::GzDecoder::new(&reply.body[..]).read_to_end(&mut body).unwrap()),
        "br" => brotli::BrotliDecompress(&mut &reply.body[..], &mut body).unwrap(),
        "zstd" => body = zstd::bulk::decompress(&reply.body, 1 << 20).unwrap(),
        other => panic!("{other}"),
    }
    body
}

pub async fn run_sql(site: &Site, sql: &'static str) {
    let run = move |conn: &mut ibid::db::Conn| Ok(on!(conn, c => c.batch_execute(sql))?);
    site.state.db.write(run).await.unwrap();
}

/// Gives the article another title and publishes it.
pub async fn retitle(editor: &Site, address: &str, title: &str) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&json!({"title": title})).send().await.expect(200);
    publish(editor, address).await;
}

both! {
    async fn a_commit_is_seen_by_the_next_read(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        publish(&editor, &address).await;
        let everywhere = [
            "/v1/articles/pores", "/v1/articles?fields=title", "/v1/articles?count=true", "/v1/articles/pores/sections",
            "/v1/studies/aa2001/articles", "/v1/articles/pores/evidence",
        ];
        for round in 0..3 {
            let mut before = Vec::new();
            for path in everywhere {
                before.push(site.get(path).await.etag().to_owned());
                assert_eq!(site.get(path).await.etag(), before.last().unwrap(), "{path}");
            }
            retitle(&editor, &address, &format!("Pores {round}")).await;
            for (path, before) in everywhere.into_iter().zip(before) {
                let after = site.get(path).await;
                after.expect(200);
                // Sections say nothing of the title.
                assert_eq!(after.etag() == before, path.ends_with("/sections"), "{path}");
            }
        }
        editor.request("POST", &format!("{address}/unpublish")).if_match(editor.get(&address).await.etag()).send().await.expect(200);
        site.get("/v1/articles/pores").await.expect(404);
        assert_eq!(site.get("/v1/articles?count=true").await.expect(200)["page"]["total"], 0);
    }

    async fn comments_and_the_library_are_followed(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let study = study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        publish(&editor, &address).await;
        let count = async || site.get("/v1/articles/pores?fields=comments.count").await.expect(200)["comments"]["count"].clone();
        assert_eq!(count().await, 0);
        let sent = json!({"name": "Ada", "email": "ada@example.org", "body": "Is it so?"});
        let sent = site.post("/v1/articles/pores/comments", &sent).await.expect(201);
        let moderated = format!("/v1/manage/comments/{}", sent["id"].as_str().unwrap());
        let moderator = site.signed_in(Role::Moderator).await;
        moderator.request("PATCH", &moderated).json(&json!({"status": "approved"})).send().await.expect(200);
        assert_eq!(count().await, 1);
        assert_eq!(site.get("/v1/articles/pores/comments").await.expect(200)["data"].as_array().unwrap().len(), 1);

        let retraction = async || site.get("/v1/studies/aa2001").await.expect(200)["retraction"]["status"].clone();
        assert_eq!(retraction().await, Value::Null);
        let cited = async || site.get("/v1/articles?retracted=true&count=true").await.expect(200)["page"]["total"].clone();
        assert_eq!(cited().await, 0);
        crate::publishing::retract(&editor, &study).await;
        assert_eq!((retraction().await, cited().await), (json!("retracted"), json!(1)));
    }

    async fn every_encoding_has_its_bytes_and_its_tag(site: Site) {
        publish_stories(&site, (0..12).map(|n| Story::new(format!("s-{n}")))).await;
        let path = "/v1/articles";
        let plain = encoded(&site, path, "identity").await;
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept-Encoding"));
        let mut tags = vec![plain.etag().to_owned()];
        for encoding in ["gzip", "br", "zstd"] {
            for _ in 0..2 {
                let packed = encoded(&site, path, encoding).await;
                assert_eq!(packed.header("content-encoding"), encoding);
                assert!(packed.body.len() * 2 < plain.body.len());
                assert_eq!(unpacked(&packed), plain.body);
                assert_eq!(packed.header("vary"), "Accept-Encoding");
                let known = site.request("GET", path).header("Accept-Encoding", encoding).header("If-None-Match", packed.etag());
                let known = known.send().await;
                assert_eq!((known.status, known.etag(), known.body.len()), (304, packed.etag(), 0));
                tags.push(packed.etag().to_owned());
            }
        }
        tags.dedup();
        assert_eq!(tags.len(), 4, "{tags:?}");
        // Strong: the tag of other bytes is another tag.
        let other = site.request("GET", path).header("Accept-Encoding", "gzip").header("If-None-Match", &tags[0]).send().await;
        assert_eq!(other.status, 200);
        let head = site.request("HEAD", path).send().await;
        assert_eq!((head.status, head.etag(), head.body.len()), (200, plain.etag(), 0));
        assert_eq!(head.header("content-length"), plain.body.len().to_string());
    }

    async fn tags_name_what_an_answer_shows(site: Site) {
        let ids = publish_stories(&site, [Story::new("a"), Story::new("b")]).await;
        let one = site.get("/v1/articles/a").await;
        assert_eq!(one.header("cache-tag"), format!("article:{},comments:{0},translations:{0},everything", ids[0]));
        assert_eq!(one.header("surrogate-key"), format!("article:{} comments:{0} translations:{0} everything", ids[0]));
        let list = site.get("/v1/articles?fields=slug").await;
        let mut tags: Vec<&str> = list.header("cache-tag").split(',').collect();
        tags.sort_unstable();
        let mut all = vec![format!("article:{}", ids[0]), format!("article:{}", ids[1]), "articles".to_owned(), "everything".to_owned()];
        all.sort_unstable();
        assert_eq!(tags, all);
        comment(&site, ids[0], "approved", None, 1).await;
        assert_eq!(site.get("/v1/articles/a/comments").await.header("cache-tag"), format!("article:{},comments:{0},everything", ids[0]));
    }

    async fn what_answers_are_chosen_by_keeps_them_apart(site: Site) {
        publish_stories(&site, [Story { cites: &["s2001"], ..Story::new("a") }]).await;
        for _ in 0..2 {
            for media_type in ["application/json", "text/plain", "text/html", "application/x-bibtex"] {
                let reply = site.request("GET", "/v1/articles/a/bibliography").header("Accept", media_type).send().await;
                assert_eq!(reply.status, 200);
                assert!(reply.header("content-type").starts_with(media_type), "{media_type}");
                assert!(reply.header("vary").starts_with("Accept"), "{}", reply.header("vary"));
            }
            let refused = site.request("GET", "/v1/articles/a/bibliography").header("Accept", "application/pdf").send().await;
            assert_eq!(refused.status, 406);
        }
        // A worthless token is told, whatever is kept.
        let reply = site.request("GET", "/v1/articles/a").header("Authorization", "Bearer worthless").send().await;
        assert_eq!(reply.status, 401);
    }

    async fn another_node_follows_within_a_second(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        let other = site.another_node().await.anonymous();
        let title = async || other.get("/v1/articles/pores").await.expect(200)["title"].clone();
        assert_eq!(title().await, "Pores");
        // The other node has found its place in the log.
        tokio::time::timeout(Duration::from_secs(10), async {
            while !other.state.follower.is_following() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        for round in 0..3 {
            let new = format!("Pores {round}");
            retitle(&editor, &address, &new).await;
            // It is the log that tells, not the clock: long enough for any machine.
            tokio::time::timeout(Duration::from_secs(20), async {
                while title().await != new.as_str() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
            .await
            .unwrap_or_else(|_| panic!("{new} never comes"));
        }
    }

    async fn the_cache_in_front_is_told_until_it_has_heard(site: Site) {
        let front = MockServer::start().await;
        let purged = |answer: u16, times: u64| {
            Mock::given(method("PURGE")).and(path("/")).and(header("authorization", "Bearer front")).respond_with(ResponseTemplate::new(answer)).up_to_n_times(times)
        };
        purged(503, 1).mount(&front).await;
        purged(200, 100).mount(&front).await;
        let node = site.another_node_with(|settings| {
            settings.purge.address = front.uri();
            settings.purge.authorization = "Bearer front".into();
        });
        let node = node.await;
        tokio::time::timeout(Duration::from_secs(10), async {
            // Its place in the log is known once it was read.
            while !node.state.follower.is_following() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        // A change of any node, and the one who asks is answered first.
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        let id = address.rsplit('/').next().unwrap().to_owned();
        let told = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let asked = front.received_requests().await.unwrap();
                if asked.len() >= 2 {
                    break asked;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let told = told.await.expect("it is told again after a failure");
        for request in &told[..2] {
            assert_eq!(request.headers["xkey-purge"], format!("article:{id} articles slug:pores studies translations:{id}"));
        }
    }

    async fn what_a_newer_node_changed_may_be_anything(site: Site) {
        let front = MockServer::start().await;
        Mock::given(method("PURGE")).respond_with(ResponseTemplate::new(200)).mount(&front).await;
        let node = site.another_node_with(|settings| settings.purge.address = front.uri()).await.anonymous();
        comes("it follows", async || node.state.follower.is_following()).await;
        publish_stories(&site, [Story::new("a")]).await;
        let path = "/v1/articles/a?fields=title";
        let kept = node.get(path).await.etag().to_owned();
        run_sql(&site, "UPDATE publications SET head = replace(head, 'About', 'Not about')").await;
        assert_eq!(node.get(path).await.etag(), kept);
        let entry = "INSERT INTO changes (at, kind, subject_id, detail) \
            SELECT published_at, 'of a newer ibid', article_id, '{}' FROM publications";
        run_sql(&site, entry).await;
        comes("it is read anew", async || node.get(path).await.etag() != kept).await;
        comes("the front is told", async || {
            front.received_requests().await.unwrap().iter().any(|request| request.headers["xkey-purge"] == "everything")
        })
        .await;
    }

    async fn what_was_right_a_while_ago_is_given_while_the_database_is_away(site: Site) {
        let ids = publish_stories(&site, [Story::new("a"), Story::new("b")]).await;
        let kept = site.get("/v1/articles/a?fields=title").await;
        assert_eq!(kept.header("cache-status"), "");
        run_sql(&site, "ALTER TABLE publications RENAME TO away").await;
        // Nothing says that it is outdated.
        assert_eq!(site.get("/v1/articles/a?fields=title").await.header("cache-status"), "");
        comment(&site, ids[0], "approved", None, 1).await;
        let stale = site.get("/v1/articles/a?fields=title").await;
        assert_eq!((stale.status, stale.etag()), (200, kept.etag()));
        assert_eq!(stale.header("cache-status"), "ibid; hit; detail=stale");
        assert!(site.get("/v1/articles/b?fields=title").await.status >= 500, "it was never read");
        let bound = u64::from(site.state.settings.caching.stale_if_error);
        site.state.clock.advance(Duration::from_secs(bound + 60));
        assert!(site.get("/v1/articles/a?fields=title").await.status >= 500, "it is too old");
        run_sql(&site, "ALTER TABLE away RENAME TO publications").await;
        let fresh = site.get("/v1/articles/a?fields=title").await;
        assert_eq!((fresh.status, fresh.header("cache-status")), (200, ""));
    }

    async fn no_older_answer_comes_back_under_load(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores 0", &["The lead."]).await;
        publish(&editor, &address).await;
        let published = Arc::new(AtomicI64::new(0));
        let done = Arc::new(AtomicI64::new(0));
        let readers: Vec<_> = ["/v1/articles/pores-0?fields=title", "/v1/articles?fields=title"]
            .into_iter()
            .cycle()
            .take(8)
            .map(|path| {
                let (site, published, done) = (site.clone(), published.clone(), done.clone());
                actix_web::rt::spawn(async move {
                    let (mut reads, mut newest) = (0, 0);
                    while done.load(Ordering::SeqCst) == 0 {
                        let at_least = published.load(Ordering::SeqCst);
                        let read = site.get(path).await.expect(200);
                        let title = read["title"].as_str().or(read["data"][0]["title"].as_str()).unwrap().to_owned();
                        let round: i64 = title.trim_start_matches("Pores ").parse().unwrap();
                        assert!(round >= at_least, "{path}: {round} after {at_least}");
                        assert!(round >= newest, "{path}: {round} after {newest}");
                        newest = round;
                        reads += 1;
                    }
                    reads
                })
            })
            .collect();
        for round in 1..=25 {
            retitle(&editor, &address, &format!("Pores {round}")).await;
            published.store(round, Ordering::SeqCst);
        }
        done.store(1, Ordering::SeqCst);
        for reader in readers {
            assert!(reader.await.expect("no reader met an older answer") > 0);
        }
    }

    async fn who_waits_for_an_answer_gets_the_format_of_all_its_lines(site: Site) {
        publish_stories(&site, [Story { cites: &["s2001"], ..Story::new("a") }]).await;
        // No read is answered until all have been asked for.
        let gate = Arc::new(Barrier::new(5));
        let held: Vec<_> = (0..4)
            .map(|_| {
                let (db, gate) = (site.state.db.clone(), gate.clone());
                let hold = move |_: &mut ibid::db::Conn| {
                    gate.wait();
                    gate.wait();
                    Ok(())
                };
                actix_web::rt::spawn(async move { db.read(hold).await })
            })
            .collect();
        let wait = |gate: Arc<Barrier>| tokio::task::spawn_blocking(move || gate.wait());
        wait(gate.clone()).await.unwrap();
        let formats = ["application/json", "text/plain", "text/html", "application/x-bibtex"];
        let asked: Vec<_> = formats
            .into_iter()
            .cycle()
            .take(16)
            .map(|format| {
                // They differ in the second line alone.
                let request = site.request("GET", "/v1/articles/a/bibliography");
                let request = request.header("Accept", "application/vnd.citationstyles.csl+json;q=0.1").header("Accept", format);
                actix_web::rt::spawn(async move { (format, request.send().await) })
            })
            .collect();
        assert_eq!(site.get("/livez").await.status, 200);
        wait(gate).await.unwrap();
        for answer in asked {
            let (format, reply) = answer.await.unwrap();
            assert_eq!(reply.status, 200);
            assert!(reply.header("content-type").starts_with(format), "{format}: {}", reply.header("content-type"));
        }
        for held in held {
            held.await.unwrap().unwrap();
        }
    }

    async fn many_who_ask_the_same_are_answered_by_one_read(site: Site) {
        publish_stories(&site, (0..30).map(|n| Story::new(format!("s-{n}")))).await;
        let statements = Statements::of(&site).await;
        let asked: Vec<_> = (0..12)
            .map(|_| {
                let site = site.clone();
                actix_web::rt::spawn(async move { site.get("/v1/articles?limit=30").await.etag().to_owned() })
            })
            .collect();
        let mut tags = Vec::new();
        for asked in asked {
            tags.push(asked.await.unwrap());
        }
        tags.dedup();
        assert_eq!(tags.len(), 1);
        let lists = statements.take().into_iter().filter(|statement| statement.contains("publications")).count();
        assert_eq!(lists, 1);
    }
}
