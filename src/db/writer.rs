//! SQLite's one writer. Writes that wait at the same time are committed together: one fsync makes all of
//! them durable, each in a savepoint of its own, and none is answered before the commit.

use std::panic::AssertUnwindSafe;

use tokio::sync::{mpsc, oneshot};

use super::Conn;
use crate::error::Problem;

/// How many waiting writes one commit may take.
const MOST_PER_COMMIT: usize = 64;

/// Tells the waiting caller how it went, once the commit is known to have succeeded or not.
type Answer = Box<dyn FnOnce(Result<(), Problem>) + Send>;
/// A write; it is told so when there is no transaction to run in.
type Job = Box<dyn FnOnce(Result<&mut Conn, Problem>) -> (Outcome, Answer) + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Kept,
    Undone,
}

/// The lane of the one writer. When the last clone is dropped, the thread finishes what is queued and ends.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the thread; `waiting` is how many writes may queue before callers are told to come back.
    pub fn start(conn: Conn, waiting: usize) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel(waiting);
        std::thread::Builder::new().name("ibid-writer".into()).spawn(move || run(conn, jobs))?;
        Ok(Self { queue })
    }

    pub async fn write<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let done = conn.and_then(|conn| {
                std::panic::catch_unwind(AssertUnwindSafe(|| conn.transaction(work)))
                    .unwrap_or_else(|_| Err(Problem::internal("a write panicked")))
            });
            let outcome = if done.is_ok() { Outcome::Kept } else { Outcome::Undone };
            let answer: Answer = Box::new(move |committed| {
                // The caller may have gone away; the write stands all the same.
                let _ = tell.send(done.and_then(|value| committed.map(|()| value)));
            });
            (outcome, answer)
        });
        self.queue.try_send(job).map_err(|_| Problem::busy())?;
        told.await.map_err(|_| Problem::internal("the writer has stopped"))?
    }
}

fn run(mut conn: Conn, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut answers = Vec::new();
        let committed = commit_together(&mut conn, first, &mut jobs, &mut answers);
        for answer in answers {
            answer(committed.clone());
        }
    }
}

fn commit_together(
    conn: &mut Conn,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Problem> {
    if let Err(error) = conn.begin() {
        answers.push(first(Err(error.into())).1);
        return Ok(());
    }
    let mut next = Some(first);
    while let Some(job) = next.take() {
        let (outcome, answer) = job(Ok(conn));
        answers.push(answer);
        // After a failure SQLite may have rolled the whole transaction back: commit what there is and begin anew.
        if outcome == Outcome::Kept && answers.len() < MOST_PER_COMMIT {
            next = jobs.try_recv().ok();
        }
    }
    conn.commit().map_err(|error| {
        let _ = conn.rollback();
        error.into()
    })
}
