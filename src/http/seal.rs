//! Opaque texts that clients bring back: readable by us, and refused when they were tampered with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const SEAL: usize = 6;

/// The opaque form of a content. `kind` names what it is, so that one is not taken for another.
pub fn seal(kind: &str, content: &str) -> String {
    let mut bytes = mark(kind, content.as_bytes()).to_vec();
    bytes.extend_from_slice(content.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The content of an opaque text of this kind.
pub fn open(kind: &str, text: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (given, content) = bytes.split_at_checked(SEAL)?;
    if given != mark(kind, content) {
        return None;
    }
    String::from_utf8(content.to_vec()).ok()
}

/// Not a secret: it catches damage and guesses, and what such a text says gives nobody anything.
fn mark(kind: &str, content: &[u8]) -> [u8; SEAL] {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(content).finalize();
    let mut mark = [0; SEAL];
    mark.copy_from_slice(&digest[..SEAL]);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_reads_back_and_nothing_else_does() {
        let sealed = seal("a", "[1,\"b\"]");
        assert_eq!(open("a", &sealed).as_deref(), Some("[1,\"b\"]"));
        assert_eq!(open("b", &sealed), None);
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone().into_bytes();
            damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
            assert_ne!(open("a", &String::from_utf8(damaged).unwrap()).as_deref(), Some("[1,\"b\"]"));
        }
        assert_eq!((open("a", ""), open("a", "!")), (None, None));
    }
}
