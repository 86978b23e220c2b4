//! The binary killed while it works: what is due is done all the same, and once.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use ibid::app::App;
use ibid::clock::Clock;
use ibid::config::{Flags, Settings};
use ibid::db::schema::changes;
use ibid::ids::SubjectId;
use ibid::on;
use serde_json::{Value, json};

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PASSWORD: &str = "correct horse battery";

fn ibid(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ibid"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("IBID_")) {
        command.env_remove(name);
    }
    command.env("IBID_PASSWORDS__MEMORY_KIB", "8").env("IBID_PASSWORDS__ITERATIONS", "1").env("IBID_DATA_DIR", dir);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn start(dir: &Path, port: u16) -> Server {
    let mut server = ibid(dir);
    server.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
    let mut server = Server(server.stdout(Stdio::piped()).spawn().expect("the binary starts"));
    let mut printed = BufReader::new(server.0.stdout.take().expect("a pipe")).lines();
    assert!(printed.any(|line| line.expect("a line").contains("/docs/")), "it says where it serves");
    server
}

#[test]
fn what_is_scheduled_is_done_once_whenever_the_server_is_killed() {
    const ARTICLES: i64 = 12;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let base = format!("http://127.0.0.1:{port}");
    let mut create = ibid(dir.path());
    create.args(["editor", "create", "--email", "ada@example.org", "--name", "Ada Example", "--role", "editor"]);
    assert!(create.env("IBID_PASSWORD", PASSWORD).stdout(Stdio::null()).status().expect("it ends").success());

    let server = start(dir.path(), port);
    let due = actix_web::rt::System::new().block_on(async {
        let client = reqwest::Client::new();
        let signed_in = client.post(format!("{base}/v1/auth/login"));
        let signed_in =
            signed_in.json(&json!({"email": "ada@example.org", "password": PASSWORD})).send().await.unwrap();
        let token = signed_in.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
        let now = Clock::default().now().get();
        let due = Instant::now() + Duration::from_secs(3);
        for number in 0..ARTICLES {
            let new = json!({"title": format!("Article {number}"), "sections": [{"body": "The lead."}]});
            let made = client.post(format!("{base}/v1/manage/articles")).bearer_auth(&token).json(&new);
            let made = made.send().await.unwrap();
            assert_eq!(made.status(), 201);
            let address = format!("{base}{}/schedule", made.headers()["location"].to_str().unwrap());
            let etag = client.get(&address).bearer_auth(&token).send().await.unwrap().headers()["etag"].clone();
            let at = now + time::Duration::milliseconds(3_000 + 100 * number);
            let at = ibid::db::types::Instant::new(at).to_rfc3339();
            let set = client.put(&address).bearer_auth(&token).header("if-match", etag);
            let set = set.json(&json!({"publish_at": at})).send().await.unwrap();
            assert_eq!(set.status(), 200, "{}", set.text().await.unwrap());
        }
        due
    });
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
    drop(server);
    for lifetime in [5, 40, 0, 80, 15] {
        let killed = start(dir.path(), port);
        std::thread::sleep(Duration::from_millis(lifetime));
        drop(killed);
    }

    let server = start(dir.path(), port);
    let flags = Flags { file: None, overrides: vec![("data_dir", dir.path().display().to_string())] };
    let app = App::open(Settings::load(&flags).expect("settings"), Clock::default()).expect("the app opens");
    actix_web::rt::System::new().block_on(async {
        let patience = Instant::now() + Duration::from_secs(60);
        let published = loop {
            let read =
                |conn: &mut _| Ok(on!(conn, c => changes::table.select((changes::subject_id, changes::kind)).load(c))?);
            let log: Vec<(SubjectId, String)> = app.db.read(read).await.expect("the log");
            if log.len() as i64 >= ARTICLES || Instant::now() > patience {
                break log;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let mut times = BTreeMap::new();
        published.iter().for_each(|(article, _)| *times.entry(article.to_string()).or_insert(0) += 1);
        assert_eq!(times.len() as i64, ARTICLES);
        assert!(
            published.iter().all(|(_, kind)| kind == "publish") && times.values().all(|times| *times == 1),
            "{times:?}"
        );
        for number in 0..ARTICLES {
            let article = reqwest::get(format!("{base}/v1/articles/article-{number}")).await.unwrap();
            assert_eq!(article.json::<Value>().await.unwrap()["version"], 1);
        }
    });
    drop(server);
}
