//! Telling the cache in front which tags were touched: after the commit, on every node, until it has heard it. Purging
//! twice does no harm; not at all would leave an outdated answer there for as long as `caching.s_maxage` says.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use tokio::sync::broadcast;

use crate::app::State;
use crate::config;
use crate::http::outbound;
use crate::http::tag::EVERYTHING;
use crate::publishing::log::{self, Change};

/// How long the cache in front may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The most bytes of one header of tags: what servers take without being told to.
const MOST_BYTES: usize = 4_000;
/// How many changes are read at a time.
const BATCH: i64 = 500;

/// The cache in front.
pub struct Front {
    http: Client,
    address: Url,
    method: Method,
    header: HeaderName,
    authorization: Option<HeaderValue>,
}

impl Front {
    /// `None`: there is none to tell.
    ///
    /// # Errors
    /// Names the setting that is wrong.
    pub fn new(settings: &config::Purge) -> anyhow::Result<Option<Self>> {
        if settings.address.is_empty() {
            return Ok(None);
        }
        let authorization =
            settings.authorization().map(HeaderValue::try_from).transpose().context("purge.authorization")?;
        Ok(Some(Self {
            http: outbound::client(TIMEOUT, "")?.build().context("purge")?,
            address: Url::parse(&settings.address).context("purge.address")?,
            method: Method::from_bytes(settings.method.as_bytes()).context("purge.method")?,
            header: HeaderName::try_from(&settings.header).context("purge.header")?,
            authorization: authorization.map(|mut value| {
                value.set_sensitive(true);
                value
            }),
        }))
    }

    async fn tell(&self, tags: &str) -> Result<(), String> {
        let mut request = self.http.request(self.method.clone(), self.address.clone()).header(&self.header, tags);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        // Without the address, which may hold what is not for the log.
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(format!("it answers {}", answer.status())) }
    }

    /// Tells it until it has heard it.
    async fn tell_at_last(&self, tags: &str) {
        let mut wait = Duration::from_millis(250);
        while let Err(cause) = self.tell(tags).await {
            tracing::warn!(cause, wait_seconds = wait.as_secs_f32(), "the cache in front was not told what changed");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}

/// Tells the cache in front of every change from now on, for as long as the node runs.
pub async fn purge(state: State, front: Front) {
    let mut news = state.follower.subscribe();
    let mut told = None;
    loop {
        // Whatever comes, the log says what it was; one who fell behind misses nothing.
        let woken = news.recv().await;
        let first = match &woken {
            Ok(changes) => changes.first().map(|change| change.seq - 1),
            Err(broadcast::error::RecvError::Lagged(_)) => told,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        let mut seen = *told.get_or_insert(first.unwrap_or_default());
        loop {
            let changes = state.db.read(move |conn| Ok(log::after(conn, seen, BATCH)?)).await;
            let Ok(changes) = changes.inspect_err(|problem| {
                tracing::warn!(cause = problem.cause(), "the change log cannot be read for the cache in front");
            }) else {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            };
            let Some(newest) = changes.last().map(|change| change.seq) else { break };
            for tags in in_headers(&changes) {
                front.tell_at_last(&tags).await;
            }
            seen = newest;
            told = Some(newest);
        }
    }
}

/// The tags of the changes, each once, in as few headers as they fit in. What a change touched that a newer ibid made, while
/// nodes are replaced one by one, is not known here: then it is everything.
fn in_headers(changes: &[Change]) -> Vec<String> {
    let Some(tags) = changes.iter().map(Change::tags).collect::<Option<Vec<_>>>() else {
        return vec![EVERYTHING.to_owned()];
    };
    let tags: BTreeSet<_> = tags.into_iter().flatten().collect();
    let mut headers: Vec<String> = Vec::new();
    for tag in &tags {
        match headers.last_mut() {
            Some(header) if header.len() + 1 + tag.as_str().len() <= MOST_BYTES => {
                header.push(' ');
                header.push_str(tag.as_str());
            }
            _ => headers.push(tag.as_str().to_owned()),
        }
    }
    headers
}
