//! Hearing what other processes notify of on PostgreSQL, on a connection of its own. That a notification is lost does no
//! harm: who listens looks from time to time anyway.

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use futures_util::future::{Either, select};
use futures_util::stream::{StreamExt, poll_fn};
use tokio_postgres::{AsyncMessage, Client};

use super::postgres::{bad, dial};

/// How long the first wait between two tries is.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often a silent connection is tried: one that somebody on the way has dropped says nothing of it.
const TRIED_EVERY: Duration = Duration::from_secs(30);
/// How long the database may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// As [`super::Database::listen`].
pub async fn listen(url: &str, ca_file: Option<&Path>, channel: &str, wake: impl Fn()) {
    let (mut wait, mut lost) = (FIRST_WAIT, false);
    loop {
        let listening = || {
            wait = FIRST_WAIT;
            if std::mem::take(&mut lost) {
                tracing::info!(channel, "the database is listened to again");
            }
            // What was notified of meanwhile was not heard.
            wake();
        };
        let cause = once(url, ca_file, channel, listening, &wake).await;
        if !std::mem::replace(&mut lost, true) {
            tracing::warn!(%cause, channel, "the database is not listened to: changes of other nodes are met a little later");
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Listens until the connection is lost; answers why it was.
async fn once(
    url: &str,
    ca_file: Option<&Path>,
    channel: &str,
    listening: impl FnOnce(),
    wake: impl Fn(),
) -> ConnectionError {
    let (client, mut driver) = match within(dial(url, ca_file)).await {
        Ok(connected) => connected,
        Err(error) => return error,
    };
    let mut messages = poll_fn(move |context| driver.poll_message(context));
    let heard = async {
        while let Some(message) = messages.next().await {
            match message {
                Ok(AsyncMessage::Notification(_)) => wake(),
                Ok(_) => {}
                Err(error) => return bad(error),
            }
        }
        ConnectionError::BadConnection("the connection was closed".into())
    };
    match select(pin!(heard), pin!(kept_up(&client, channel, listening))).await {
        Either::Left((cause, _)) | Either::Right((cause, _)) => cause,
    }
}

/// Begins to listen, and tries the connection from time to time; answers why that failed.
async fn kept_up(client: &Client, channel: &str, listening: impl FnOnce()) -> ConnectionError {
    let asked = async |sql: &str| within(async { client.batch_execute(sql).await.map_err(bad) }).await;
    if let Err(error) = asked(&format!("LISTEN {channel}")).await {
        return error;
    }
    listening();
    loop {
        tokio::time::sleep(TRIED_EVERY).await;
        if let Err(error) = asked("").await {
            return error;
        }
    }
}

async fn within<T>(work: impl Future<Output = ConnectionResult<T>>) -> ConnectionResult<T> {
    let late = |_| ConnectionError::BadConnection("the database takes too long for an answer".into());
    tokio::time::timeout(PATIENCE, work).await.map_err(late)?
}
