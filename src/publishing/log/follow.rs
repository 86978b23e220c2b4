//! Following the change log: whoever reacts to changes is told of each, in commit order, whichever node made it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

use super::{Change, after, last};
use crate::db::Database;
use crate::error::Problem;

/// How many changes are read at a time.
const BATCH: i64 = 500;
/// How many batches a slow listener may be behind before it has to read the log itself.
const MOST_BEHIND: usize = 64;

/// What a listener is told.
#[derive(Debug, Clone)]
pub enum News {
    /// Another node appended this.
    Change(Change),
    /// The log cannot be read (any more).
    Lost,
    /// The log was read to its end.
    CaughtUp,
}

/// One node's place in the log.
#[derive(Debug)]
pub struct Follower {
    seen: AtomicI64,
    begun: AtomicBool,
    lost: AtomicBool,
    wake: Notify,
    /// What this node appended and was told of at once.
    own: Mutex<BTreeSet<i64>>,
    news: broadcast::Sender<Arc<Vec<Change>>>,
}

impl Default for Follower {
    fn default() -> Self {
        Self {
            seen: AtomicI64::new(0),
            begun: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            wake: Notify::new(),
            own: Mutex::default(),
            news: broadcast::Sender::new(MOST_BEHIND),
        }
    }
}

impl Follower {
    /// Everything appended from now on, in order. One who falls behind is told so, and reads the log.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Vec<Change>>> {
        self.news.subscribe()
    }

    /// The last change that was told.
    pub fn seen(&self) -> i64 {
        self.seen.load(Ordering::Acquire)
    }

    /// Whether its place in the log is known: what is appended from then on is told.
    pub fn is_following(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    /// This node appended these, and those who react at once were told: the others are to be now.
    pub fn appended(&self, seqs: impl IntoIterator<Item = i64>) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).extend(seqs);
        self.wake();
    }

    /// Somebody appended something, or may have: the log is looked at now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Follows from the present end of the log, for as long as the node runs. The log is looked at when this is woken, and
    /// `every` so often whether it is or not. `tell` must be quick.
    pub async fn follow(&self, db: &Database, every: Duration, tell: impl Fn(News)) {
        loop {
            let read = match self.is_following() {
                true => self.read_on(db, &tell).await,
                false => self.begin(db).await,
            };
            match read {
                Ok(()) => {
                    if self.lost.swap(false, Ordering::AcqRel) {
                        tracing::info!("the change log is followed again");
                    }
                    tell(News::CaughtUp);
                }
                Err(problem) => {
                    if !self.lost.swap(true, Ordering::AcqRel) {
                        tracing::warn!(cause = problem.cause(), "the change log cannot be read");
                    }
                    tell(News::Lost);
                }
            }
            let _ = tokio::time::timeout(every, self.wake.notified()).await;
        }
    }

    /// Those that this node did not append itself.
    fn foreign<'a>(&self, changes: &'a [Change]) -> impl Iterator<Item = &'a Change> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let foreign: Vec<&Change> = changes.iter().filter(|change| !own.remove(&change.seq)).collect();
        // One may be read here before its node is told; it is told twice then.
        if let Some(newest) = changes.last() {
            *own = own.split_off(&newest.seq);
        }
        foreign.into_iter()
    }

    async fn begin(&self, db: &Database) -> Result<(), Problem> {
        let end = db.read(|conn| Ok(last(conn)?)).await?;
        self.seen.store(end, Ordering::Release);
        self.begun.store(true, Ordering::Release);
        Ok(())
    }

    async fn read_on(&self, db: &Database, tell: &impl Fn(News)) -> Result<(), Problem> {
        loop {
            let seen = self.seen();
            let changes = db.read(move |conn| Ok(after(conn, seen, BATCH)?)).await?;
            let Some(newest) = changes.last().map(|change| change.seq) else { return Ok(()) };
            let more = changes.len() as i64 == BATCH;
            let changes = Arc::new(changes);
            for change in self.foreign(&changes) {
                tell(News::Change(change.clone()));
            }
            self.seen.store(newest, Ordering::Release);
            // Nobody may be listening.
            let _ = self.news.send(changes);
            if !more {
                return Ok(());
            }
        }
    }
}
