//! SQLite's one writer. Writes that wait at the same time are committed together: one fsync makes all of
//! them durable, each in a savepoint of its own, and none is answered before the commit.

use std::panic::AssertUnwindSafe;

use tokio::sync::{mpsc, oneshot};

use super::pool::Ear;
use super::{Conn, announce};
use crate::error::Problem;

/// How many waiting writes one commit may take.
const MOST_PER_COMMIT: usize = 64;

/// Tells the waiting caller how it went, once the commit is known to have succeeded or not.
type Answer = Box<dyn FnOnce(Result<(), Problem>) + Send>;
/// A write; it is told so when there is no transaction to run in.
type Work = Box<dyn FnOnce(Result<&mut Conn, Problem>) -> (Outcome, Answer) + Send>;

/// What waits.
struct Job {
    work: Work,
    /// It can take its time: no other one is kept waiting for the same commit.
    alone: bool,
}

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
    /// Starts the thread; `waiting` is how many writes may queue before callers are told to come back. `ear` is told of
    /// every commit.
    pub fn start(conn: Conn, waiting: usize, ear: Ear) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel(waiting);
        std::thread::Builder::new().name("ibid-writer".into()).spawn(move || run(conn, jobs, &ear))?;
        Ok(Self { queue })
    }

    pub async fn write<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        self.queued(work, false).await
    }

    /// The same of what can take its time: it has a commit of its own.
    pub async fn write_alone<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        self.queued(work, true).await
    }

    async fn queued<T, W>(&self, work: W, alone: bool) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let work: Work = Box::new(move |conn| {
            // Caught inside the savepoint, so that it is undone: one left open would be taken for the transaction by all
            // writes that follow, and nothing would be committed any more.
            let done = conn.and_then(|conn| conn.transaction(|conn| caught(conn, work)));
            let outcome = if done.is_ok() { Outcome::Kept } else { Outcome::Undone };
            let answer: Answer = Box::new(move |committed| {
                // The caller may have gone away; the write stands all the same.
                let _ = tell.send(done.and_then(|value| committed.map(|()| value)));
            });
            (outcome, answer)
        });
        self.queue.try_send(Job { work, alone }).map_err(|_| Problem::busy())?;
        told.await.map_err(|_| Problem::internal("the writer has stopped"))?
    }
}

/// A panic as an error, with the savepoints that it left open undone.
fn caught<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
    let depth = conn.depth()?;
    std::panic::catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|_| {
        while conn.depth()? > depth {
            conn.rollback()?;
        }
        Err(Problem::internal("a write panicked"))
    })
}

fn run(mut conn: Conn, mut jobs: mpsc::Receiver<Job>, ear: &Ear) {
    let mut left = None;
    while let Some(first) = left.take().or_else(|| jobs.blocking_recv()) {
        let mut answers = Vec::new();
        let committed = commit_together(&mut conn, first, &mut jobs, &mut answers, &mut left);
        match committed {
            Ok(()) => ear.tell(),
            Err(_) => announce::forget(0),
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}

/// Does `first` and what waits beside it; what has to wait for a commit of its own is `left`.
fn commit_together(
    conn: &mut Conn,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
    left: &mut Option<Job>,
) -> Result<(), Problem> {
    if let Err(error) = conn.begin() {
        answers.push((first.work)(Err(error.into())).1);
        return Ok(());
    }
    let mut next = Some(first);
    while let Some(job) = next.take() {
        if job.alone && !answers.is_empty() {
            *left = Some(job);
            break;
        }
        let alone = job.alone;
        let (outcome, answer) = (job.work)(Ok(conn));
        answers.push(answer);
        // After a failure SQLite may have rolled the whole transaction back: commit what there is and begin anew.
        if outcome == Outcome::Kept && !alone && answers.len() < MOST_PER_COMMIT {
            next = jobs.try_recv().ok();
        }
    }
    conn.commit().map_err(|error| {
        let _ = conn.rollback();
        error.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    fn run_sql(conn: &mut Conn, sql: &str) -> Result<(), Problem> {
        Ok(crate::on!(conn, c => c.batch_execute(sql))?)
    }

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    /// What another connection sees: what is durable.
    fn kept(path: &str) -> i64 {
        let mut conn = SqliteConnection::establish(path).unwrap();
        diesel::sql_query("SELECT count(*) AS n FROM t").get_result::<Count>(&mut conn).unwrap().n
    }

    #[tokio::test]
    async fn writes_before_and_after_a_panic_are_durable_and_its_own_is_undone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.db").to_str().unwrap().to_owned();
        let address = super::super::Address::parse(format!("sqlite://{path}").into(), None).unwrap();
        let writer = Writer::start(Conn::open(&address).unwrap(), 16, Ear::default()).unwrap();
        writer.write(|conn| run_sql(conn, "CREATE TABLE t (a)")).await.unwrap();
        let panics = writer.write(|conn| -> Result<(), Problem> {
            run_sql(conn, "INSERT INTO t VALUES (1)")?;
            conn.transaction(|conn| {
                run_sql(conn, "INSERT INTO t VALUES (2)")?;
                panic!("on purpose")
            })
        });
        let before = writer.write(|conn| run_sql(conn, "INSERT INTO t VALUES (3)"));
        let (before, panicked) = tokio::join!(before, panics);
        before.unwrap();
        assert_eq!(panicked.unwrap_err().code(), crate::error::Code::Internal);
        assert_eq!(kept(&path), 1);
        writer.write(|conn| run_sql(conn, "INSERT INTO t VALUES (4)")).await.unwrap();
        assert_eq!(kept(&path), 2);
    }
}
