//! The Ed25519 key that signs access tokens.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

/// The key, ready to sign and to check, and its public part for others.
pub struct SigningKey {
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    /// The thumbprint of the public key (RFC 7638).
    pub(super) id: String,
    public: JwkSet,
}

impl SigningKey {
    /// Reads the key from a PEM file, which is made (readable by its owner only) when it is not there.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read(path) {
            Ok(pem) => Self::from_pem(&pem).context("not an Ed25519 key in PKCS #8 PEM"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error.into()),
        }
    }

    fn make(path: &Path) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("no key could be made"))?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| anyhow::anyhow!("no key could be made"))?;
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        write_private(path, pem.as_bytes())?;
        Self::from_pem(pem.as_bytes())
    }

    fn from_pem(pem: &[u8]) -> anyhow::Result<Self> {
        let encoding = EncodingKey::from_ed_pem(pem)?;
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let id = jwk.thumbprint(ThumbprintHash::SHA256)?;
        jwk.common.key_id = Some(id.clone());
        let decoding = DecodingKey::from_jwk(&jwk)?;
        Ok(Self { encoding, decoding, id, public: JwkSet { keys: vec![jwk] } })
    }

    /// The public keys (RFC 7517) that access tokens can be checked with.
    pub fn public(&self) -> &JwkSet {
        &self.public
    }
}

/// Writes a file that is whole or not there, with mode 0600 from its first byte.
fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let draft = path.with_extension(format!("{}.part", uuid::Uuid::now_v7()));
    let mut file = options.open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    // A second node that started at the same moment has won if the file is there now: link() does not replace.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    Ok(linked?)
}
