//! Units of work on pooled connections, off the event loop, bounded.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel::r2d2::{ManageConnection, Pool, R2D2Connection};
use tokio::sync::Semaphore;

use super::session;
use super::terms::Terms;
use super::writer::Writer;
use super::{Address, Announcement, Backend, Conn, announce, listen};
use crate::error::{Code, Problem};
use crate::on;

/// How long a request waits for a free connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many writes may wait for SQLite's writer.
const WAITING_WRITES: usize = 4096;

struct Manager(Address);

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        Conn::open(&self.0).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        on!(conn, c => c.ping()).map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        on!(conn, c => c.is_broken())
    }
}

/// Says what the pool meets, without the address, which may hold a password.
#[derive(Debug)]
struct Report;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for Report {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "the database does not answer");
    }
}

/// Who is told what was committed.
type Listener = Box<dyn Fn(&[Announcement]) + Send + Sync>;

/// The one who is told, once there is one.
#[derive(Clone, Default)]
pub struct Ear(Arc<OnceLock<Listener>>);

impl Ear {
    /// Tells what was said on this thread since it was last told.
    pub fn tell(&self) {
        let said = announce::take();
        if let Some(listener) = self.0.get()
            && !said.is_empty()
        {
            listener(&said);
        }
    }
}

/// The database of a running ibid.
#[derive(Clone)]
pub struct Database {
    backend: Backend,
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    /// SQLite's writer; PostgreSQL writes on the pool.
    writer: Option<Writer>,
    ear: Ear,
    address: Address,
    /// One request at a time has a transaction for all that it does.
    together: Arc<Semaphore>,
}

impl Database {
    /// Opens the pool and brings the tables up to date. Blocks: not for async code.
    pub fn open(address: &Address, connections: u32) -> anyhow::Result<Self> {
        Conn::open(address)?.migrate()?;
        let backend = address.backend();
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .test_on_check_out(backend == Backend::Postgres)
            .error_handler(Box::new(Report))
            .build(Manager(address.clone()))?;
        let ear = Ear::default();
        let writer = match backend {
            Backend::Sqlite => Some(Writer::start(Conn::open(address)?, WAITING_WRITES, ear.clone())?),
            Backend::Postgres => None,
        };
        let permits = Arc::new(Semaphore::new(connections as usize));
        let together = Arc::new(Semaphore::new(1));
        Ok(Self { backend, pool, permits, writer, ear, address: address.clone(), together })
    }

    /// Calls `wake` at each `NOTIFY` of this channel, by whichever process, and when one may have been missed. Goes on for as
    /// long as it is polled, and mends its connection by itself. Answers at once on SQLite, where nobody notifies.
    pub async fn listen(&self, channel: &'static str, wake: impl Fn()) {
        if let Some((url, ca_file)) = self.address.postgres() {
            listen::listen(url, ca_file, channel, wake).await;
        }
    }

    /// Has `listener` told of every commit of this process that appended to the change log: after the commit, before
    /// the one who asked for it is answered. It must be quick. Only the first one is ever told.
    pub fn on_commit(&self, listener: impl Fn(&[Announcement]) + Send + Sync + 'static) {
        let _ = self.ear.0.set(Box::new(listener));
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Runs `work` on a pooled connection, on one state of the database.
    ///
    /// # Errors
    /// `database_busy` when no connection becomes free in time, `database_unavailable` when none can be opened.
    pub async fn read<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        match Terms::session() {
            // What the transaction has written is to be seen.
            Some(session) => session.step(work).await,
            None => self.pooled(|conn| conn.snapshot(work)).await,
        }
    }

    async fn pooled<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let permit = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or_else(Problem::busy)?;
        let pool = self.pool.clone();
        // The work outlives a client that goes away, so the permit goes with it.
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut conn = pool.get().map_err(|error| Problem::unavailable(&error))?;
            work(&mut conn)
        });
        done.await.unwrap_or_else(|error| Err(Problem::internal(format!("a unit of work failed: {error}"))))
    }

    /// Runs `work` in one write transaction, on the [`Terms`] of the request it belongs to; it is durable when this answers,
    /// unless it was only tried.
    ///
    /// # Errors
    /// As [`Database::read`]; nothing is kept when `work` refuses.
    pub async fn write<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        self.write_aside(Terms::hold(work)).await
    }

    /// The same of what is not the request's doing but ibid's own, such as an answer from elsewhere that is kept: on no terms.
    ///
    /// # Errors
    /// Those of [`Database::write`].
    pub async fn write_aside<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        match (Terms::session(), &self.writer) {
            // Another transaction would wait for the one that waits for it.
            (Some(session), _) => session.step(work).await,
            (None, Some(writer)) => writer.write(work).await,
            (None, None) => self.transacted(work).await,
        }
    }

    async fn transacted<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let ear = self.ear.clone();
        self.pooled(move |conn| {
            // A panic on this thread may have left something.
            announce::forget(0);
            let done = conn.transaction(work);
            ear.tell();
            done
        })
        .await
    }

    /// Does all that `request` reads and writes in one transaction, on the [`Terms`] of the request that this is called in: it
    /// is kept when `request` succeeds, and all of it undone when it fails, takes longer than so many seconds or is dropped.
    /// One such request is served at a time. What it has others do, as tasks of their own, is not part of it.
    ///
    /// # Errors
    /// Those of `request` and of [`Database::write`]; `batch_too_long`; `database_busy` when others take too long.
    pub async fn together<T>(
        &self,
        seconds: u64,
        request: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let wait = Duration::from_secs(seconds).max(PATIENCE);
        let turn = tokio::time::timeout(wait, self.together.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(Problem::busy)?;
        let (session, held) = session::session(seconds);
        let serve = Terms::hold(move |conn: &mut Conn| {
            let _turn = turn;
            held.serve(conn)
        });
        let served = async {
            match &self.writer {
                Some(writer) => writer.write_alone(serve).await,
                None => self.transacted(serve).await,
            }
        };
        let asked = async {
            let done = Terms::Within(session.clone()).around(request).await?;
            session.keep();
            Ok(done)
        };
        // Where `asked` fails the session is dropped, and `served` undoes it.
        let (done, kept) = tokio::join!(asked, served);
        match (done, kept) {
            (Ok(done), kept) => kept.map(|()| done),
            // What ended it is why what waited for it failed.
            (Err(_), Err(problem)) if problem.code() != Code::Internal => Err(problem),
            (Err(problem), _) => Err(problem),
        }
    }
}
