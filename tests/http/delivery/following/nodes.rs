//! Nodes over one PostgreSQL tell each other of changes; whatever happens to that, each looks by itself too.

use diesel::prelude::*;
use diesel::sql_types::Integer;
use ibid::accounts::Role;
use ibid::db::Conn;
use ibid::on;
use serde_json::json;

use super::change;
use crate::editorial::article;
use crate::publishing::publish;
use crate::support::{Site, comes, on_postgres};

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// The server processes of the connections that listen, by their number.
async fn listeners(site: &Site) -> Vec<i32> {
    let listening = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %' \
        ORDER BY pid";
    let read = move |conn: &mut Conn| Ok(on!(conn, c => diesel::sql_query(listening).load::<Process>(c))?);
    let all = site.state.db.read(read).await.expect("what the server does");
    all.into_iter().map(|process| process.pid).collect()
}

async fn run(site: &Site, sql: String) {
    let run = move |conn: &mut Conn| Ok(on!(conn, c => diesel::sql_query(sql).execute(c))?);
    site.state.db.write(run).await.expect("the statement runs");
}

/// Ends the connections that listen.
async fn cut(site: &Site) {
    let all = listeners(site).await;
    for pid in &all {
        run(site, format!("SELECT pg_terminate_backend({pid})")).await;
    }
    comes("they are gone", async || listeners(site).await.iter().all(|pid| !all.contains(pid))).await;
}

/// An article's title on one node follows the changes that an editor makes on another.
struct Followed {
    editor: Site,
    address: String,
    node: Site,
}

impl Followed {
    /// `node` looks at the log so often.
    async fn by(site: &Site, poll_milliseconds: u64) -> Self {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead."]).await;
        publish(&editor, &address).await;
        let node = site.another_node_with(|settings| settings.database.poll_milliseconds = poll_milliseconds);
        let node = node.await.anonymous();
        comes("it follows", async || node.state.follower.is_following()).await;
        comes("both listen", async || listeners(site).await.len() == 2).await;
        Self { editor, address, node }
    }

    async fn change(&self, title: &str) {
        assert_ne!(self.title().await, title);
        change(&self.editor, &self.address, json!({"title": title})).await;
    }

    async fn title(&self) -> String {
        self.node.get("/v1/articles/pores").await.expect(200)["title"].as_str().expect("a title").to_owned()
    }

    async fn shows(&self, title: &str) {
        comes(title, async || self.title().await == title).await;
    }
}

const AN_HOUR: u64 = 3_600_000;

#[test]
fn a_node_that_never_looks_is_told() {
    on_postgres(|site| async move {
        let followed = Followed::by(&site, AN_HOUR).await;
        for title in ["One", "Two"] {
            followed.change(title).await;
            followed.shows(title).await;
        }
        // What changes while nobody listens is seen when somebody does again.
        cut(&site).await;
        followed.change("Three").await;
        followed.shows("Three").await;
        comes("both listen again", async || listeners(&site).await.len() == 2).await;
        followed.change("Four").await;
        followed.shows("Four").await;
    });
}

#[test]
fn a_node_that_is_not_told_looks() {
    on_postgres(|site| async move {
        let followed = Followed::by(&site, 200).await;
        let may_connect = async |allowed: bool| {
            let sql = "UPDATE pg_database SET datallowconn = $ WHERE datname = current_database()";
            run(&site, sql.replace('$', &allowed.to_string())).await;
        };
        may_connect(false).await;
        cut(&site).await;
        for title in ["One", "Two"] {
            followed.change(title).await;
            followed.shows(title).await;
            assert!(listeners(&site).await.is_empty());
        }
        may_connect(true).await;
        comes("both listen again", async || listeners(&site).await.len() == 2).await;
    });
}
