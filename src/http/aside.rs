//! A body that is put aside, to be looked at as a whole before anybody reads it: in memory while it is small, in a file
//! without a name beyond that.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{self, Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use sha2::{Digest, Sha256};

use crate::error::{Code, Problem};

/// How much of a file is read at once.
const PIECE: usize = 65_536;

/// How much may be put aside.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// In memory.
    pub held: usize,
    /// At all.
    pub most: usize,
}

/// A whole body.
pub struct Aside {
    content: Content,
    /// SHA-256 of it.
    pub hash: Vec<u8>,
}

enum Content {
    Held(BytesMut),
    Filed(File),
}

impl Aside {
    /// Reads a body to its end. What is too large for memory goes to `dir`.
    ///
    /// # Errors
    /// `body_too_large`, `malformed_request` when it breaks off, `database_unavailable` when the disk refuses.
    pub async fn put(mut payload: Payload, bounds: Bounds, dir: &Path) -> Result<Self, Problem> {
        let (mut content, mut hash, mut length) = (Content::Held(BytesMut::new()), Sha256::new(), 0);
        while let Some(chunk) = payload.next().await {
            let broken = |_| Problem::new(Code::MalformedRequest, "The body could not be read to its end.");
            let chunk = chunk.map_err(broken)?;
            hash.update(&chunk);
            length += chunk.len();
            if length > bounds.most {
                let detail = format!("The body may have {} bytes at most.", bounds.most);
                return Err(Problem::new(Code::BodyTooLarge, detail));
            }
            content = content.with(chunk, bounds.held, dir).await?;
        }
        Ok(Self { content, hash: hash.finalize().to_vec() })
    }

    /// The body, to be read from its beginning.
    ///
    /// # Errors
    /// `database_unavailable` when the disk refuses.
    pub fn into_payload(self) -> Result<Payload, Problem> {
        let mut file = match self.content {
            Content::Held(bytes) => return Ok(Payload::from(bytes.freeze())),
            Content::Filed(file) => file,
        };
        file.rewind().map_err(|error| Problem::unavailable(&error))?;
        let pieces = try_unfold(file, |mut file| async move {
            let read = web::block(move || {
                let mut piece = vec![0; PIECE];
                let length = file.read(&mut piece)?;
                piece.truncate(length);
                Ok((piece, file))
            });
            let read: Result<_, std::io::Error> = read.await.map_err(|_| PayloadError::Incomplete(None))?;
            let (piece, file) = read.map_err(PayloadError::Io)?;
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
        });
        Ok(Payload::Stream { payload: Box::pin(pieces) })
    }
}

impl Content {
    async fn with(self, chunk: Bytes, held: usize, dir: &Path) -> Result<Self, Problem> {
        let (file, before) = match self {
            Self::Held(mut bytes) if bytes.len() + chunk.len() <= held => {
                bytes.extend_from_slice(&chunk);
                return Ok(Self::Held(bytes));
            }
            Self::Held(bytes) => (None, bytes),
            Self::Filed(file) => (Some(file), BytesMut::new()),
        };
        let dir = dir.to_owned();
        let write = move || {
            let mut file = file.map_or_else(|| tempfile::tempfile_in(dir), Ok)?;
            file.write_all(&before)?;
            file.write_all(&chunk)?;
            Ok(file)
        };
        let written: Result<_, std::io::Error> = web::block(write).await.map_err(Problem::internal)?;
        written.map(Self::Filed).map_err(|error| Problem::unavailable(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn put(content: &[u8], bounds: Bounds) -> Result<Aside, Problem> {
        let chunks: Vec<_> = content.chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let chunks: actix_web::dev::Payload = Payload::Stream { payload: Box::pin(futures_util::stream::iter(chunks)) };
        Aside::put(chunks, bounds, &std::env::temp_dir()).await
    }

    #[actix_web::test]
    async fn what_is_put_aside_is_read_as_it_was() {
        let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for (length, held) in [(0, 0), (0, 10), (10, 10), (11, 10), (content.len(), 10), (content.len(), usize::MAX)] {
            let aside = put(&content[..length], Bounds { held, most: content.len() }).await.unwrap();
            assert_eq!(aside.hash, Sha256::digest(&content[..length]).to_vec());
            let mut payload = aside.into_payload().unwrap();
            let mut read = Vec::new();
            while let Some(piece) = payload.next().await {
                read.extend_from_slice(&piece.unwrap());
            }
            assert!(read == content[..length], "{length} bytes, {held} held");
        }
        let refused = put(&content[..11], Bounds { held: 5, most: 10 }).await.err().unwrap();
        assert_eq!(refused.code(), Code::BodyTooLarge);
    }
}
