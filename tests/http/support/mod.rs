//! A running site for each test, on a database of its own.

mod postgres;
mod site;

pub use site::{Reply, Request, Site};

/// Makes two tests of each function: one on SQLite, one on PostgreSQL.
macro_rules! both {
    ($($(#[$attribute:meta])* async fn $name:ident($site:ident: Site) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            async fn test($site: Site) $body

            #[test]
            $(#[$attribute])*
            fn sqlite() {
                crate::support::on_sqlite(test);
            }

            #[test]
            $(#[$attribute])*
            fn postgres() {
                crate::support::on_postgres(test);
            }
        }
    )+};
}
pub(crate) use both;

use std::time::Duration;

use ibid::config::Settings;
use secrecy::SecretString;

/// Settings that make tests fast and never refuse them.
fn settings(data_dir: &std::path::Path, database: SecretString) -> Settings {
    let mut settings = Settings::defaults().expect("the defaults are valid");
    settings.data_dir = data_dir.to_owned();
    settings.database.url = database;
    settings.database.connections = 4;
    settings.server.workers = 1;
    settings.server.stop_seconds = 1;
    settings.server.head_seconds = 120;
    settings.server.stalled_seconds = 2;
    settings.events.streams = 6;
    settings.events.streams_per_client = 5;
    settings.events.heartbeat_seconds = 1;
    settings.schedule.poll_seconds = 3_600;
    settings.lookup.timeout_seconds = 4;
    settings.lookup.contact = "operator@example.org".into();
    settings.passwords.memory_kib = 8;
    settings.passwords.iterations = 1;
    settings.limits.import_bytes = 1024 * 1024;
    for rate in [
        &mut settings.rate.delivery,
        &mut settings.rate.management,
        &mut settings.rate.auth,
        &mut settings.rate.comments,
    ] {
        *rate = 0;
    }
    settings
}

/// Runs a test on a fresh SQLite database.
pub fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Site) -> F) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let settings = settings(dir.path(), SecretString::from(""));
    site::run(settings, test);
}

/// Runs a test on a fresh PostgreSQL database, where there is a PostgreSQL.
pub fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Site) -> F) {
    let Some(cluster) = postgres::cluster() else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let settings = settings(dir.path(), SecretString::from(cluster.new_database()));
    site::run(settings, test);
}

/// Waits for what is bound to come: long enough for any machine.
pub async fn comes(what: &str, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}
