//! How often a text has each word, and where: what ranking reads, small enough to be read of many texts at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::index::Class;

/// How often a word is in each class, up to a number past which more says nothing more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frequency {
    pub title: u16,
    pub lead: u16,
    pub body: u16,
    pub studies: u16,
}

impl Frequency {
    const MOST: Self = Self { title: 3, lead: 15, body: 63, studies: 15 };

    fn count(&mut self, class: Class) {
        let (count, most) = match class {
            Class::Title => (&mut self.title, Self::MOST.title),
            Class::Lead => (&mut self.lead, Self::MOST.lead),
            Class::Body => (&mut self.body, Self::MOST.body),
            Class::Studies => (&mut self.studies, Self::MOST.studies),
        };
        *count = most.min(*count + 1);
    }

    fn packed(self) -> u16 {
        self.title << 14 | self.lead << 10 | self.body << 4 | self.studies
    }

    fn unpacked(packed: u16) -> Self {
        Self { title: packed >> 14, lead: packed >> 10 & 15, body: packed >> 4 & 63, studies: packed & 15 }
    }

    /// Of two words, any of which may be meant.
    pub fn or(self, other: Self) -> Self {
        Self {
            title: Self::MOST.title.min(self.title + other.title),
            lead: Self::MOST.lead.min(self.lead + other.lead),
            body: Self::MOST.body.min(self.body + other.body),
            studies: Self::MOST.studies.min(self.studies + other.studies),
        }
    }

    /// Of two words that are meant together.
    pub fn and(self, other: Self) -> Self {
        Self {
            title: self.title.min(other.title),
            lead: self.lead.min(other.lead),
            body: self.body.min(other.body),
            studies: self.studies.min(other.studies),
        }
    }
}

/// The words of a text by their hashes. That two words share one costs no more than a place in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile<'b>(Cow<'b, [u8]>);

/// Bytes of a hash, and of a hash with its frequency.
const HASH: usize = 4;
const ENTRY: usize = HASH + 2;

impl<'b> Profile<'b> {
    /// Counts tokens.
    pub fn of(tokens: impl Iterator<Item = (Class, String)>) -> Self {
        let mut counts: BTreeMap<[u8; HASH], Frequency> = BTreeMap::new();
        for (class, token) in tokens {
            counts.entry(hash(&token)).or_default().count(class);
        }
        let mut bytes = Vec::with_capacity(counts.len() * ENTRY);
        for (hash, frequency) in counts {
            bytes.extend(hash);
            bytes.extend(frequency.packed().to_be_bytes());
        }
        Self(bytes.into())
    }

    /// What was stored.
    pub fn stored(bytes: &'b [u8]) -> Self {
        Self(bytes.into())
    }

    /// To store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_owned()
    }

    /// How often the text has this token.
    pub fn frequency(&self, token: &str) -> Frequency {
        let (entries, _) = self.0.as_chunks::<ENTRY>();
        let hash = hash(token);
        let found = entries.binary_search_by(|entry| entry[..HASH].cmp(&hash[..]));
        found.map_or_else(
            |_| Frequency::default(),
            |at| {
                let [.., high, low] = entries[at];
                Frequency::unpacked(u16::from_be_bytes([high, low]))
            },
        )
    }
}

/// FNV-1a, folded to 32 bits: stored, so it must never change.
fn hash(token: &str) -> [u8; HASH] {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in token.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let folded = (hash >> 32) ^ (hash & 0xffff_ffff);
    u32::try_from(folded).unwrap_or_default().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_to_a_bound() {
        let token = |class, word: &str| (class, word.to_owned());
        let body = (0..100).map(|_| token(Class::Body, "en:scar"));
        let rest = [token(Class::Title, "en:scar"), token(Class::Studies, "en:pore"), token(Class::Lead, "en:pore")];
        let profile = Profile::of(body.chain(rest));
        assert_eq!(profile.frequency("en:scar"), Frequency { title: 1, lead: 0, body: 63, studies: 0 });
        assert_eq!(profile.frequency("en:pore"), Frequency { title: 0, lead: 1, body: 0, studies: 1 });
        assert_eq!(profile.frequency("en:none"), Frequency::default());
        assert_eq!(Profile::stored(&profile.clone().into_bytes()), profile);
        assert_eq!(Profile::stored(&[1, 2, 3]).frequency("en:scar"), Frequency::default());
    }

    #[test]
    fn every_frequency_is_unpacked_as_it_was() {
        for packed in [0, 1, 15, 16, 1008, 1024, 15360, 16384, 65535] {
            assert_eq!(Frequency::unpacked(packed).packed(), packed);
        }
    }
}
