//! The database: one connection type over SQLite and PostgreSQL, and units of work that run off the
//! event loop. Knows no resource.

mod announce;
pub mod day;
mod free;
mod late;
mod listen;
mod pool;
mod postgres;
pub mod schema;
mod session;
mod terms;
pub mod types;
mod violation;
mod writer;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error as QueryError;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};

pub use announce::Announcement;
pub use free::first_free;
pub use pool::Database;
pub use terms::{Mark, Terms};
pub use violation::{Violation, violation};

use self::postgres::PgSync;

/// A connection to either database.
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(Box<PgSync>),
}

/// Type-checks `$body` once per database, with `$c` bound to the concrete connection.
#[macro_export]
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Postgres($c) => {
                let $c = &mut **$c;
                $body
            }
        }
    };
}

/// Which database is behind a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Where the database is: `sqlite://PATH` or `postgres://…`, and how to reach it.
#[derive(Debug, Clone)]
pub struct Address {
    url: SecretString,
    ca_file: Option<std::path::PathBuf>,
}

/// The URL names neither database.
#[derive(Debug, thiserror::Error)]
#[error("expected sqlite://PATH or postgres://USER@HOST/NAME")]
pub struct UnknownScheme;

impl Address {
    /// `ca_file`: PEM certificates that are trusted besides the public ones, PostgreSQL only.
    pub fn parse(url: SecretString, ca_file: Option<std::path::PathBuf>) -> Result<Self, UnknownScheme> {
        let known = ["sqlite://", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| url.expose_secret().starts_with(scheme)) {
            Ok(Self { url, ca_file })
        } else {
            Err(UnknownScheme)
        }
    }

    pub fn backend(&self) -> Backend {
        match self.sqlite_path() {
            Some(_) => Backend::Sqlite,
            None => Backend::Postgres,
        }
    }

    /// Where PostgreSQL is.
    fn postgres(&self) -> Option<(&str, Option<&std::path::Path>)> {
        (self.backend() == Backend::Postgres).then(|| (self.url.expose_secret(), self.ca_file.as_deref()))
    }

    /// The file of a SQLite database.
    pub fn sqlite_path(&self) -> Option<&str> {
        self.url.expose_secret().strip_prefix("sqlite://")
    }
}

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that ibid alone takes: migrations of several nodes wait for each other on it.
const MIGRATION_LOCK: i64 = 0x1b1d_0001;

impl Conn {
    /// Opens one connection. Blocks; on PostgreSQL it must not be called from async code.
    pub fn open(address: &Address) -> ConnectionResult<Self> {
        match address.sqlite_path() {
            Some(path) => {
                let mut conn = SqliteConnection::establish(path)?;
                // The busy timeout covers other processes (a backup, the command line).
                conn.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(conn))
            }
            None => {
                Ok(Self::Postgres(Box::new(postgres::open(address.url.expose_secret(), address.ca_file.as_deref())?)))
            }
        }
    }

    /// Brings the tables up to date; answers how many migrations ran. Safe to call from several nodes at once.
    pub fn migrate(&mut self) -> anyhow::Result<usize> {
        let ran = match self {
            Self::Sqlite(conn) => conn.run_pending_migrations(SQLITE_MIGRATIONS).map(|ran| ran.len()),
            Self::Postgres(conn) => {
                conn.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
                let ran = conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(|ran| ran.len());
                conn.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
                ran
            }
        };
        ran.map_err(|error| anyhow::anyhow!(error))
    }

    /// Runs `work` in one transaction: `BEGIN IMMEDIATE` on SQLite, a savepoint when nested.
    pub fn transaction<T, E: From<QueryError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let (said, waits) = (announce::mark(), late::mark());
        let forget = || {
            announce::forget(said);
            late::forget(waits);
        };
        self.begin()?;
        match work(self) {
            Ok(value) => {
                self.commit().inspect_err(|_| forget())?;
                Ok(value)
            }
            Err(error) => {
                forget();
                // The first error is the one to tell; a failed rollback breaks the connection, which the pool sees.
                let _ = self.rollback();
                Err(error)
            }
        }
    }

    /// What `work` comes to, with all it wrote undone: a dry run.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn tried<T, E: From<QueryError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let said = announce::mark();
        self.begin()?;
        let done = work(self);
        announce::forget(said);
        let undone = self.rollback();
        let value = done?;
        undone?;
        Ok(value)
    }

    /// Runs `work` on one state of the database: what several statements read fits together. Nothing can be written.
    pub fn snapshot<T, E: From<QueryError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED")?,
            Self::Postgres(conn) => {
                <PgSync as Connection>::TransactionManager::begin_transaction(conn.as_mut())?;
                conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
            }
        }
        let done = work(self);
        match &done {
            Ok(_) => self.commit()?,
            // The first error is the one to tell.
            Err(_) => drop(self.rollback()),
        }
        done
    }

    /// How many transactions are open, one within the other.
    fn depth(&mut self) -> QueryResult<u32> {
        let depth = match self {
            Self::Sqlite(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn).transaction_depth()?,
            Self::Postgres(conn) => {
                <PgSync as Connection>::TransactionManager::transaction_manager_status_mut(conn.as_mut())
                    .transaction_depth()?
            }
        };
        Ok(depth.map_or(0, std::num::NonZero::get))
    }

    fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => {
                match AnsiTransactionManager::transaction_manager_status_mut(conn).transaction_depth()? {
                    None => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
                    Some(_) => AnsiTransactionManager::begin_transaction(conn),
                }
            }
            Self::Postgres(conn) => <PgSync as Connection>::TransactionManager::begin_transaction(conn.as_mut()),
        }
    }

    fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::commit_transaction(conn),
            Self::Postgres(conn) => <PgSync as Connection>::TransactionManager::commit_transaction(conn.as_mut()),
        }
    }

    fn rollback(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
            Self::Postgres(conn) => <PgSync as Connection>::TransactionManager::rollback_transaction(conn.as_mut()),
        }
    }
}
