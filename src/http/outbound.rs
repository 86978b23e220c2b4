//! Asking other servers: one way to trust them, one name for us.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder};

/// A client that follows no redirect and waits so long for a whole answer. `about` is added to its name.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(timeout: Duration, about: &str) -> anyhow::Result<ClientBuilder> {
    Ok(Client::builder()
        .tls_backend_preconfigured(tls()?)
        .user_agent(format!("ibid/{}{about}", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout))
}

fn tls() -> anyhow::Result<rustls::ClientConfig> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
