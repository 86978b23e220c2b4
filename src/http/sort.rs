//! The order of a collection: `sort=-published_at,title`.

use std::fmt;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::fault::{Faults, Reason, shortened, suggestion, text};

/// What a collection can be sorted by: a closed list of words, made by [`sort_keys!`](crate::sort_keys).
pub trait SortKey: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// Every word, in the order of the list.
    const WORDS: &'static [&'static str];
    /// What it is to sort by each of them.
    const ABOUT: &'static str;

    fn as_str(self) -> &'static str;
    fn parse(word: &str) -> Option<Self>;
}

/// Makes a closed list of sort keys; its doc comment says what it is to sort by each.
#[macro_export]
macro_rules! sort_keys {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $crate::http::sort::SortKey for $name {
            const WORDS: &'static [&'static str] = &[$($word),+];
            const ABOUT: &'static str = concat!($($doc),*);

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Up,
    /// The greatest first.
    Down,
}

impl Direction {
    pub fn reversed(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// One key with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By<K> {
    pub key: K,
    pub direction: Direction,
}

impl<K: SortKey> fmt::Display for By<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.direction == Direction::Down { "-" } else { "" })?;
        f.write_str(self.key.as_str())
    }
}

/// The most keys of one [`Sort`].
pub const MOST_KEYS: usize = 4;

/// The order of a collection: by the first key, what is alike in it by the second, and so on; what is alike in all by
/// the ids, in the direction of the last. Never empty, and no key stands in it twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort<K>(Vec<By<K>>);

impl<K: SortKey> Sort<K> {
    /// By one key, the least first.
    pub fn up(key: K) -> Self {
        Self(vec![By { key, direction: Direction::Up }])
    }

    /// By one key, the greatest first.
    pub fn down(key: K) -> Self {
        Self(vec![By { key, direction: Direction::Down }])
    }

    pub fn keys(&self) -> &[By<K>] {
        &self.0
    }

    /// The direction in which ids settle what all keys leave open.
    pub fn last_direction(&self) -> Direction {
        self.0.last().map_or(Direction::Up, |by| by.direction)
    }

    fn read(given: &str) -> Result<Self, Reason> {
        let mut sort = Vec::new();
        for word in given.split(',') {
            let (name, direction) = match word.strip_prefix('-') {
                Some(name) => (name, Direction::Down),
                None => (word, Direction::Up),
            };
            let key = K::parse(name).ok_or_else(|| {
                let detail = format!("There is no sort key {:?}.{}", shortened(name), suggestion(name, K::WORDS));
                Reason::new("unknown_value", detail)
            })?;
            if sort.iter().any(|by: &By<K>| by.key == key) {
                return Err(Reason::new("repeated_value", format!("The key {name:?} is given twice.")));
            }
            sort.push(By { key, direction });
            if sort.len() > MOST_KEYS {
                return Err(Reason::new("too_many", format!("At most {MOST_KEYS} keys.")));
            }
        }
        Ok(Self(sort))
    }
}

/// As the parameter writes it.
impl<K: SortKey> fmt::Display for Sort<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, by) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            by.fmt(f)?;
        }
        Ok(())
    }
}

impl<K: SortKey> Deserr<Faults> for Sort<K> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::read)
    }
}

impl<K: SortKey> PartialSchema for Sort<K> {
    fn schema() -> RefOr<Schema> {
        let forms: Vec<String> = K::WORDS.iter().flat_map(|word| [(*word).to_owned(), format!("-{word}")]).collect();
        let key = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(forms));
        let most = MOST_KEYS.min(K::WORDS.len());
        ArrayBuilder::new()
            .items(key)
            .min_items(Some(1))
            .max_items(Some(most))
            .description(Some(K::ABOUT.trim()))
            .into()
    }
}

impl<K: SortKey> ToSchema for Sort<K> {}

#[cfg(test)]
mod tests {
    use super::*;

    crate::sort_keys! {
        /// For the tests.
        Key {
            Title = "title",
            Year = "year",
        }
    }

    #[test]
    fn reads_several_keys_each_once() {
        let sort = Sort::<Key>::read("-year,title").unwrap();
        assert_eq!(
            sort.keys(),
            [By { key: Key::Year, direction: Direction::Down }, By { key: Key::Title, direction: Direction::Up }]
        );
        assert_eq!(sort.to_string(), "-year,title");
        assert_eq!(sort.last_direction(), Direction::Up);
        for (wrong, code, says) in [
            ("", "unknown_value", "\"\""),
            ("titel", "unknown_value", "Did you mean \"title\"?"),
            ("--year", "unknown_value", "\"-year\""),
            ("title,", "unknown_value", "\"\""),
            ("title,-title", "repeated_value", "\"title\""),
        ] {
            let reason = Sort::<Key>::read(wrong).unwrap_err();
            assert_eq!(reason.code, code, "{wrong}");
            assert!(reason.detail.contains(says), "{wrong}: {}", reason.detail);
        }
    }
}
