//! One transaction for all that a request reads and writes, however many units of work that is. The unit that holds it
//! open takes the others, one after the other, until it is told to keep them or until their time is over.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use tokio::sync::oneshot;

use super::{Conn, late};
use crate::error::{Code, Problem};

/// Those who hold one open wait for each other on it: any number that ibid alone takes.
const TOGETHER_LOCK: i64 = 0x1b1d_0003;

/// What is to be done next; `false`: nothing more, all of it is to be kept.
type Step = Box<dyn FnOnce(&mut Conn) -> bool + Send>;

/// The side of those who have something to do. When the last clone is dropped before [`Session::keep`], all is undone.
#[derive(Clone)]
pub struct Session {
    steps: SyncSender<Step>,
    seconds: u64,
}

/// The side of the one who does it.
pub struct Held {
    steps: Receiver<Step>,
    seconds: u64,
}

/// `seconds`: how long all of it may take.
pub fn session(seconds: u64) -> (Session, Held) {
    // A request does one thing after the other, and each waits for its answer.
    let (steps, taken) = sync_channel(64);
    (Session { steps, seconds }, Held { steps: taken, seconds })
}

impl Session {
    /// Does `work` in a savepoint of the transaction: what it refuses is undone, and the next one can still be done.
    pub async fn step<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let step: Step = Box::new(move |conn| {
            // Who asked may have gone away, and with them the whole session.
            let _ = tell.send(conn.transaction(work));
            true
        });
        self.steps.try_send(step).map_err(|_| too_long(self.seconds))?;
        told.await.unwrap_or_else(|_| Err(too_long(self.seconds)))
    }

    /// Has everything kept that was done.
    pub fn keep(self) {
        // If nobody takes it, the time was over, which the other side says.
        let _ = self.steps.try_send(Box::new(|_| false));
    }
}

impl Held {
    /// Does what comes, in the transaction that is open, until it is to be kept.
    ///
    /// # Errors
    /// `batch_too_long`; or nobody is there any more to say that it is to be kept.
    pub fn serve(self, conn: &mut Conn) -> Result<(), Problem> {
        let ends = Instant::now() + Duration::from_secs(self.seconds);
        bound(conn, self.seconds)?;
        let later = late::Later::begin();
        loop {
            match self.steps.recv_timeout(ends.saturating_duration_since(Instant::now())) {
                Ok(step) => {
                    if !step(conn) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err(too_long(self.seconds)),
                Err(RecvTimeoutError::Disconnected) => return Err(Problem::internal("a session was given up")),
            }
        }
        later.end(conn)?;
        if Instant::now() > ends { Err(too_long(self.seconds)) } else { Ok(()) }
    }
}

/// On PostgreSQL no statement, and no wait within one, takes longer than all may, and one session is open at a time, on
/// whichever node: two that touch the same in another order would else wait for each other. SQLite has one writer.
fn bound(conn: &mut Conn, seconds: u64) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        diesel::sql_query(format!("SET LOCAL statement_timeout = '{seconds}s'")).execute(&mut **c)?;
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({TOGETHER_LOCK})")).execute(&mut **c)?;
    }
    Ok(())
}

fn too_long(seconds: u64) -> Problem {
    let detail =
        format!("The operations took longer than the {seconds} seconds that they may. Nothing of them is kept.");
    Problem::new(Code::BatchTooLong, detail).with_header("Retry-After", "1")
}
