//! One PostgreSQL connection of the pure-Rust driver, used synchronously from the thread that holds it.

use std::cell::Cell;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connection with a small runtime of its own, on which its driver task lives.
pub type PgSync = AsyncConnectionWrapper<AsyncPgConnection, OwnRuntime>;

pub struct OwnRuntime(Option<Runtime>);

thread_local! {
    /// Hands the runtime that opened a connection to the wrapper, which makes its own otherwise.
    static OPENING: Cell<Option<OwnRuntime>> = const { Cell::new(None) };
}

impl OwnRuntime {
    fn new() -> std::io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| Self(Some(runtime)))
    }
}

impl BlockOn for OwnRuntime {
    #[expect(clippy::expect_used, reason = "only drop() takes the runtime, and the trait has no way to fail")]
    fn block_on<F: Future>(&self, f: F) -> F::Output {
        self.0.as_ref().expect("it is there until it is dropped").block_on(f)
    }

    #[expect(clippy::expect_used, reason = "open() alone makes connections, and the trait has no way to fail")]
    fn get_runtime() -> Self {
        OPENING.take().expect("open() hands over the runtime it opened the connection on")
    }
}

/// A runtime may not be dropped inside another one's task, so it is let go instead.
impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

pub fn open(url: &str, ca_file: Option<&Path>) -> ConnectionResult<PgSync> {
    let runtime = OwnRuntime::new().map_err(bad)?;
    let conn = runtime.block_on(connect(url, ca_file))?;
    OPENING.set(Some(runtime));
    Ok(PgSync::from(conn))
}

async fn connect(url: &str, ca_file: Option<&Path>) -> ConnectionResult<AsyncPgConnection> {
    let (client, connection) = dial(url, ca_file).await?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

/// What keeps a connection going, once it is asked to.
type Driver = tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// A connection as the driver has it.
pub async fn dial(url: &str, ca_file: Option<&Path>) -> ConnectionResult<(Client, Driver)> {
    let mut config = tokio_postgres::Config::from_str(url).map_err(bad)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_application_name().is_none() {
        config.application_name("ibid");
    }
    let tls = MakeRustlsConnect::new(tls_config(ca_file)?);
    config.connect(tls).await.map_err(bad)
}

fn tls_config(ca_file: Option<&Path>) -> ConnectionResult<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        for certificate in CertificateDer::pem_file_iter(path).map_err(bad)? {
            roots.add(certificate.map_err(bad)?).map_err(bad)?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(bad)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The error with its reason.
pub fn bad(error: impl std::error::Error) -> ConnectionError {
    // The driver's own text says "error connecting to server" and keeps the reason in its source.
    let reason = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    ConnectionError::BadConnection(format!("{error}{reason}"))
}
