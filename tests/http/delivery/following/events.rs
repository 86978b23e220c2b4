use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::config::Settings;
use ibid::db::Conn;
use ibid::db::schema::changes;
use ibid::db::types::Json;
use ibid::ids::SubjectId;
use ibid::on;
use serde_json::{Value, json};

use super::{change, comment, decide, mend, unpublish};
use crate::editorial::{article, study};
use crate::publishing::publish;
use crate::support::{Site, both, comes};

/// What stands between two blank lines of a stream.
#[derive(Debug, Default, PartialEq)]
struct Block {
    id: Option<i64>,
    event: Option<String>,
    data: Value,
}

impl Block {
    fn read(text: &str) -> Self {
        let mut block = Self::default();
        for line in text.lines() {
            let (name, value) = line.split_once(": ").expect("a field");
            match name {
                "id" => block.id = Some(value.parse().expect("a number")),
                "event" => block.event = Some(value.to_owned()),
                "data" => block.data = serde_json::from_str(value).expect("JSON"),
                "" | "retry" => {}
                other => panic!("{other}"),
            }
        }
        block
    }
}

/// A client that follows.
struct Stream {
    answer: reqwest::Response,
    read: String,
}

impl Stream {
    async fn open(site: &Site, query: &str, last: Option<i64>) -> Self {
        loop {
            let mut request = site.request("GET", &format!("/v1/events{query}"));
            if let Some(last) = last {
                request = request.header("Last-Event-ID", last.to_string());
            }
            let answer = request.open().await;
            // That a client has gone is noticed when it is sent something; until then it has its place.
            if answer.status() != 429 {
                assert_eq!(answer.status(), 200);
                return Self { answer, read: String::new() };
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The next block; `None` when the stream has ended.
    async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let block = Block::read(block);
                self.read = rest.to_owned();
                return Some(block);
            }
            let more = tokio::time::timeout(Duration::from_secs(60), self.answer.chunk()).await;
            let more = more.expect("a stream is never silent").expect("the stream goes on or ends")?;
            self.read += std::str::from_utf8(&more).expect("whole characters");
        }
    }

    /// The next event.
    async fn event(&mut self) -> Option<Block> {
        loop {
            let block = self.block().await?;
            if block.event.is_some() {
                return Some(block);
            }
        }
    }

    /// The next number that the client remembers.
    async fn id(&mut self) -> i64 {
        loop {
            if let Some(id) = self.block().await.expect("the stream goes on").id {
                return id;
            }
        }
    }

    /// All events until the stream ends.
    async fn rest(mut self) -> Vec<Block> {
        let mut all = Vec::new();
        while let Some(event) = self.event().await {
            all.push(event);
        }
        all
    }
}

fn names(events: &[Block]) -> Vec<&str> {
    events.iter().filter_map(|event| event.event.as_deref()).collect()
}

/// Appends so many entries to the log that name so many studies. 120 of 5,000 are more than what the systems on both sides
/// hold for a client.
async fn append(site: &Site, entries: usize, studies: usize) {
    let studies: Vec<String> = (0..studies).map(|_| uuid::Uuid::nil().to_string()).collect();
    let now = site.state.clock.now();
    let append = move |conn: &mut Conn| {
        for _ in 0..entries {
            let row = (
                changes::at.eq(now),
                changes::kind.eq("refresh"),
                changes::subject_id.eq(SubjectId(uuid::Uuid::nil())),
                changes::detail.eq(Json(json!({"slug": "a", "version": 1, "studies": studies}))),
            );
            on!(conn, c => diesel::insert_into(changes::table).values(row).execute(c))?;
        }
        Ok(())
    };
    site.state.db.write(append).await.expect("they are appended");
}

/// The numbers that the log has.
async fn logged(site: &Site) -> Vec<i64> {
    let read = |conn: &mut Conn| Ok(on!(conn, c => changes::table.order(changes::seq).select(changes::seq).load(c))?);
    site.state.db.read(read).await.expect("the log")
}

async fn all_are_free(site: &Site) {
    while site.state.streams.free() < site.state.settings.events.streams {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

both! {
    async fn what_happens_is_told_in_order(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let study = study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        let mut stream = Stream::open(&site.anonymous(), "", None).await;
        let header = |name: &str| stream.answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!((header("cache-control"), header("x-accel-buffering")), ("no-store".into(), "no".into()));
        assert!(stream.answer.headers().get("content-encoding").is_none());
        assert_eq!(stream.id().await, 0);
        publish(&editor, &address).await;
        let published = stream.event().await.unwrap();
        let id = address.rsplit('/').next().unwrap();
        assert_eq!((published.id, published.event.as_deref()), (logged(&site).await.pop(), Some("article.published")));
        assert_eq!(published.data["article"], json!({
            "id": id, "slug": "pores", "version": 1, "studies": [], "href": format!("/v1/articles/{id}"),
        }));
        assert_eq!(site.get(published.data["article"]["href"].as_str().unwrap()).await.expect(200)["version"], 1);

        let new = comment(&site, "pores").await;
        decide(&editor, &new, "approved").await;
        decide(&editor, &new, "spam").await;
        let unseen = comment(&site, "pores").await;
        decide(&editor, &unseen, "trash").await;
        mend(&editor, "aa2001", "Mended").await;
        let notice = json!({"kind": "retraction", "date": "2021-03-15", "reasons": ["Concerns about data"]});
        editor.post("/v1/manage/studies/aa2001/notices", &notice).await.expect(201);
        unpublish(&editor, &address).await;
        let mut told = Vec::new();
        while told.last().is_none_or(|event: &Block| event.event.as_deref() != Some("article.unpublished")) {
            told.push(stream.event().await.unwrap());
        }
        assert_eq!(names(&told), [
            "comment.changed", "comment.changed", "article.refreshed", "article.refreshed", "study.retraction_changed",
            "article.unpublished",
        ]);
        let comment_id = new.rsplit('/').next().unwrap();
        assert_eq!(told[0].data["comment"], json!({"id": comment_id, "shown": true}));
        assert_eq!(told[1].data["comment"], json!({"id": comment_id, "shown": false}));
        assert_eq!(told[2].data["article"]["studies"], json!([study["id"]]));
        assert_eq!((&told[4].data["study"]["key"], &told[4].data["study"]["after"]), (&json!("aa2001"), &json!("retracted")));
        let all: String = told.iter().map(|event| event.data.to_string()).collect();
        for private in ["spam", "trash", "secret.example", unseen.rsplit('/').next().unwrap()] {
            assert!(!all.contains(private), "{private}");
        }

        // What was told is what a late client reads, by type if it likes.
        let late = Stream::open(&site, "?last_event_id=0&wait=0", None).await.rest().await;
        assert_eq!(late[1..], told);
        let some = Stream::open(&site, "?wait=0&types=article.unpublished,comment.changed", Some(0)).await.rest().await;
        assert_eq!(names(&some), ["comment.changed", "comment.changed", "article.unpublished"]);
        let mut some = Stream::open(&site, "?wait=0&types=style.changed", Some(0)).await;
        assert_eq!(some.id().await, *logged(&site).await.last().unwrap());
        assert_eq!(some.block().await, None);
    }

    async fn who_comes_again_misses_nothing_and_gets_nothing_twice(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        publish(&editor, &address).await;
        let nodes = [site.clone(), site.another_node().await];
        let mut first = Stream::open(&site, "", None).await;
        let begun = first.id().await;
        drop(first);
        let clients: Vec<_> = (0..3_usize)
            .map(|turn| {
                let nodes = nodes.clone();
                actix_web::rt::spawn(async move {
                    let (mut ids, mut last, mut opened) = (Vec::new(), begun, turn);
                    // Each time only a few, then from another node.
                    while ids.len() < 40 {
                        let mut stream = Stream::open(&nodes[opened % 2], "", Some(last)).await;
                        for _ in 0..=opened % 5 {
                            if ids.len() < 40 {
                                last = stream.event().await.expect("the stream goes on").id.expect("a number");
                                ids.push(last);
                            }
                        }
                        opened += 1;
                    }
                    ids
                })
            })
            .collect();
        for round in 0..20 {
            change(&editor, &address, json!({"title": format!("Pores {round}")})).await;
            mend(&editor, "aa2001", &format!("Mended {round}")).await;
        }
        let log: Vec<i64> = logged(&site).await.into_iter().filter(|seq| *seq > begun).collect();
        assert_eq!(log.len(), 40);
        for client in clients {
            assert_eq!(client.await.expect("every event comes"), log);
        }
    }

    async fn what_cannot_be_is_refused(site: Site) {
        for wrong in ["types=article", "types=", "wait=-1", "wait=3601", "last_event_id=x", "last_event_id=7", "token=x"] {
            assert_eq!(site.get(&format!("/v1/events?{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
        for wrong in ["x", "-1", "7", "01"] {
            let refused = site.request("GET", "/v1/events").header("Last-Event-ID", wrong).send().await;
            assert_eq!(refused.code(), "invalid_header", "{wrong}");
            assert_eq!(refused.json()["errors"][0]["parameter"], "Last-Event-ID");
        }
        // A client that connects again names the last event that it has, whatever its address says.
        let resumed = site.request("GET", "/v1/events?last_event_id=7&wait=0").header("Last-Event-ID", "0").send().await;
        assert_eq!((resumed.status, resumed.text().contains("id: 0\n")), (200, true));
        let head = site.request("HEAD", "/v1/events").send().await;
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, "text/event-stream", 0));
        all_are_free(&site).await;
    }

    async fn there_is_room_for_so_many(site: Site) {
        let mut streams = Vec::new();
        for _ in 0..site.state.settings.events.streams_per_client {
            streams.push(Stream::open(&site, "", None).await);
        }
        let refused = site.get("/v1/events").await;
        assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (429, "rate_limited".into(), "10"));
        let other = site.state.streams.enter(None).unwrap();
        let refused = site.get("/v1/events").await;
        assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (503, "too_many_streams".into(), "10"));
        drop((streams.pop(), other));
        // That it went is noticed by what it is sent.
        while site.state.streams.free() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        streams.push(Stream::open(&site, "", None).await);
        site.state.streams.stop();
        for mut stream in streams {
            while stream.block().await.is_some() {}
        }
        all_are_free(&site).await;
        assert_eq!(site.get("/v1/events").await.code(), "too_many_streams");
    }

    async fn who_is_slow_is_told_everything_once(site: Site) {
        let patient = |settings: &mut Settings| {
            settings.server.stalled_seconds = 300;
            // What is told from time to time would be told in time.
            settings.events.heartbeat_seconds = 3_600;
        };
        let node = site.another_node_with(patient).await;
        comes("it follows", async || node.state.follower.is_following()).await;
        let mut stream = Stream::open(&node, "", None).await;
        assert_eq!(stream.id().await, 0);
        let follower = &node.state.follower;
        let reached = async |end: i64| {
            follower.wake();
            comes("it is followed", async || follower.seen() == end).await;
        };
        // More than is held for a client on the way, which takes nothing for now.
        append(&site, 120, 5_000).await;
        reached(120).await;
        // One by one, so that each is news by itself: many more than are remembered for who is slow.
        for end in 121..=320 {
            append(&site, 1, 1).await;
            reached(end).await;
        }
        let mut told = Vec::new();
        while told.last() != Some(&320) {
            told.push(stream.event().await.expect("the stream goes on").id.expect("a number"));
        }
        assert_eq!(told, logged(&site).await);
        // And it goes on.
        append(&site, 1, 1).await;
        reached(321).await;
        assert_eq!(stream.event().await.expect("the stream goes on").id, Some(321));
    }

    async fn who_takes_nothing_is_dropped(site: Site) {
        append(&site, 120, 5_000).await;
        let mut client = TcpStream::connect(site.address()).unwrap();
        write!(client, "GET /v1/events?last_event_id=0 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        while site.state.streams.free() == site.state.settings.events.streams {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        all_are_free(&site).await;
        // One that reads gets all of it.
        assert_eq!(Stream::open(&site, "?wait=0", Some(0)).await.rest().await.len(), 120);
        let read = std::thread::spawn(move || {
            let mut read = Vec::new();
            // The connection ends, in order or not.
            let _ = client.read_to_end(&mut read);
            read.len()
        });
        while !read.is_finished() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(read.join().unwrap() < 120 * 5_000 * 36);
    }
}
