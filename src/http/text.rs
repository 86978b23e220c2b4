//! Checked texts: strings that were read at the edge and need no second look inside.

/// What a text may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// No line breaks, no other control characters.
    One,
    /// Line breaks and tabs, no other control characters.
    Many,
}

/// At least one visible ASCII or any non-ASCII character, no control characters.
pub const ONE_LINE: &str = r"^[^\x00-\x1F\x7F]*[^\x00-\x20\x7F][^\x00-\x1F\x7F]*$";
/// No control characters but tab, line feed and carriage return.
pub const MANY_LINES: &str = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$";

/// Checks a text; lengths are in characters.
pub fn check(text: &str, least: usize, most: usize, lines: Lines) -> Result<(), super::fault::Reason> {
    use super::fault::Reason;
    let length = text.chars().count();
    if length < least {
        return Err(Reason::new("too_short", format!("At least {least} characters, this has {length}.")));
    }
    if length > most {
        return Err(Reason::new("too_long", format!("At most {most} characters, this has {length}.")));
    }
    let allowed = |c: char| lines == Lines::Many && matches!(c, '\t' | '\n' | '\r');
    if let Some(c) = text.chars().find(|c| c.is_ascii_control() && !allowed(*c)) {
        let detail = format!("The control character U+{:04X} cannot stand here.", u32::from(c));
        return Err(Reason::new("invalid_character", detail));
    }
    if least > 0 && lines == Lines::One && text.chars().all(|c| c == ' ') {
        return Err(Reason::new("blank", "It cannot be blank."));
    }
    Ok(())
}

/// Makes a checked text type: `name, least..most characters, one line or many`.
#[macro_export]
macro_rules! checked_text {
    ($($(#[$doc:meta])* $name:ident ($least:literal ..= $most:literal, $lines:ident)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads it; the reason tells what is wrong.
            pub fn parse(text: &str) -> Result<Self, $crate::http::fault::Reason> {
                $crate::http::text::check(text, $least, $most, $crate::http::text::Lines::$lines)?;
                Ok(Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[allow(dead_code, reason = "not every text is taken out")]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl deserr::Deserr<$crate::http::fault::Faults> for $name {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef<'_>,
            ) -> Result<Self, $crate::http::fault::Faults> {
                $crate::http::fault::text(value, location, Self::parse)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::http::schema::text($least, $most, $crate::http::text::Lines::$lines)
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

/// Makes a text type of a given form: `name, pattern, most characters, parse function`.
#[macro_export]
macro_rules! formed_text {
    ($(#[$doc:meta])* $name:ident, $pattern:expr, $most:literal, $code:literal, $expected:literal, $is:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads it; the reason tells what is wrong.
            pub fn parse(text: &str) -> Result<Self, $crate::http::fault::Reason> {
                let is: fn(&str) -> bool = $is;
                if text.chars().count() <= $most && is(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::http::fault::Reason::new($code, concat!("Expected ", $expected, ".")))
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[allow(dead_code, reason = "not every text is taken out")]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl deserr::Deserr<$crate::http::fault::Faults> for $name {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef<'_>,
            ) -> Result<Self, $crate::http::fault::Faults> {
                $crate::http::fault::text(value, location, Self::parse)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::http::schema::formed($pattern, $most)
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
