//! The Ed25519 key that signs access tokens.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::Serialize;
use utoipa::ToSchema;

/// The key, ready to sign and to check, and its public part for others.
pub struct SigningKey {
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    /// The thumbprint of the public key (RFC 7638).
    pub(super) id: String,
    public: PublicKeys,
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JwkSet)]
pub struct PublicKeys {
    #[schema(min_items = 1, max_items = 10)]
    keys: Vec<PublicKey>,
}

/// The public part of an Ed25519 key (RFC 8037).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Jwk)]
pub struct PublicKey {
    /// The family of the key.
    #[schema(max_length = 3, pattern = "^OKP$", example = "OKP")]
    kty: &'static str,
    /// The curve.
    #[schema(max_length = 7, pattern = "^Ed25519$", example = "Ed25519")]
    crv: &'static str,
    /// The algorithm it is used with.
    #[schema(max_length = 5, pattern = "^EdDSA$", example = "EdDSA")]
    alg: &'static str,
    /// Signatures.
    #[serde(rename = "use")]
    #[schema(max_length = 3, pattern = "^sig$", example = "sig")]
    usage: &'static str,
    /// The key's id, its thumbprint (RFC 7638): the `kid` of the tokens it signed.
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$")]
    kid: String,
    /// The public key itself.
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$")]
    x: String,
}

impl SigningKey {
    /// Reads the key from a PEM file, which is made (readable by its owner only) when it is not there.
    ///
    /// # Errors
    /// When there is a file that cannot be read or holds no such key, or none can be made.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read(path) {
            Ok(pem) => {
                let key = Self::from_pem(&pem).map_err(|_| anyhow::anyhow!("not an Ed25519 key in PKCS #8 PEM"))?;
                warn_if_others_may_read(path);
                Ok(key)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error).context("cannot be read"),
        }
    }

    fn make(path: &Path) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("no key could be made"))?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| anyhow::anyhow!("no key could be made"))?;
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        match write_private(path, pem.as_bytes()).context("cannot be made")? {
            Written::Ours => Self::from_pem(pem.as_bytes()),
            // A second node that started at the same moment was faster; its key is the site's.
            Written::Theirs => Self::open(path),
        }
    }

    fn from_pem(pem: &[u8]) -> anyhow::Result<Self> {
        let encoding = EncodingKey::from_ed_pem(pem)?;
        let jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let id = jwk.thumbprint(ThumbprintHash::SHA256)?;
        let decoding = DecodingKey::from_jwk(&jwk)?;
        let AlgorithmParameters::OctetKeyPair(parameters) = jwk.algorithm else {
            anyhow::bail!("not an Ed25519 key");
        };
        let public =
            PublicKey { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid: id.clone(), x: parameters.x };
        Ok(Self { encoding, decoding, id, public: PublicKeys { keys: vec![public] } })
    }

    /// The public keys that access tokens can be checked with.
    pub fn public(&self) -> &PublicKeys {
        &self.public
    }
}

#[cfg(unix)]
fn warn_if_others_may_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "others than its owner may read the signing key");
    }
}

#[cfg(not(unix))]
fn warn_if_others_may_read(_: &Path) {}

/// Whose file is there now.
pub enum Written {
    Ours,
    Theirs,
}

/// Writes a file that is whole or not there, with mode 0600 from its first byte, and replaces none.
pub fn write_private(path: &Path, content: &[u8]) -> std::io::Result<Written> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_private_dir(parent)?;
    let draft = path.with_extension(format!("{}.part", uuid::Uuid::now_v7()));
    let written = write_draft(&draft, content).and_then(|()| match std::fs::hard_link(&draft, path) {
        Ok(()) => Ok(Written::Ours),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Written::Theirs),
        Err(error) => Err(error),
    });
    // The draft goes whether it served or not; one that stays behind hurts nobody.
    let _ = std::fs::remove_file(&draft);
    #[cfg(unix)]
    File::open(parent)?.sync_all()?;
    written
}

fn write_draft(draft: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(draft)?;
    file.write_all(content)?;
    file.sync_all()
}

fn make_private_dir(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys").join("signing.pem");
        let made = SigningKey::open(&path).unwrap();
        assert_eq!(SigningKey::open(&path).unwrap().id, made.id);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no drafts stay behind");
    }

    #[test]
    fn nodes_that_start_together_get_the_same_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("signing.pem");
        let ids: Vec<String> = std::thread::scope(|scope| {
            let nodes: Vec<_> = (0..8).map(|_| scope.spawn(|| SigningKey::make(&path).unwrap().id)).collect();
            nodes.into_iter().map(|node| node.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(SigningKey::open(&path).unwrap().id, ids[0]);
    }

    #[test]
    fn what_is_no_key_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("signing.pem");
        for garbage in ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            std::fs::write(&path, garbage).unwrap();
            let error = SigningKey::open(&path).err().unwrap();
            assert!(error.to_string().contains("Ed25519"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), garbage);
        }
        let error = SigningKey::open(dir.path()).err().unwrap();
        assert_eq!(error.to_string(), "cannot be read");
    }
}
