//! The key that a client gives a request (draft-ietf-httpapi-idempotency-key-header): a string in quotes, or the same without.

use actix_web::http::header::HeaderMap;

use super::IDEMPOTENCY_KEY;
use crate::error::{Code, Problem};
use crate::http::fault::Fault;

/// How long a key may be.
pub const MOST: usize = 255;
/// What the header may be, for the contract.
pub const PATTERN: &str = r#"^(?:[!#-~]{1,255}|"(?:[ !#-\[\]-~]|\\["\\]){1,255}")$"#;
/// The longest that it can be, every character behind a backslash.
pub const MOST_WRITTEN: usize = 2 * MOST + 2;

/// A key, as the client means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(pub String);

impl Key {
    /// `None`: the request has none.
    ///
    /// # Errors
    /// `invalid_header`.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut given = headers.get_all(IDEMPOTENCY_KEY);
        let Some(value) = given.next() else { return Ok(None) };
        if given.next().is_some() {
            return Err(refused("repeated_header", "The header is given twice."));
        }
        let key = value.to_str().ok().and_then(Self::parse);
        let expected =
            "Expected 1 to 255 printable characters of ASCII, in quotes or, without blanks and quotes, as they are.";
        key.map(Some).ok_or_else(|| refused("invalid_key", expected))
    }

    fn parse(text: &str) -> Option<Self> {
        let key = match text.strip_prefix('"') {
            Some(quoted) => unquoted(quoted.strip_suffix('"')?)?,
            None => text.bytes().all(|b| b.is_ascii_graphic() && b != b'"').then(|| text.to_owned())?,
        };
        (1..=MOST).contains(&key.len()).then_some(Self(key))
    }
}

/// What stands between the quotes of a string (RFC 9651, section 3.3.3).
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        key.push(match letter {
            '\\' => letters.next().filter(|next| matches!(next, '"' | '\\'))?,
            '"' => return None,
            ' '..='~' => letter,
            _ => return None,
        });
    }
    Some(key)
}

fn refused(code: &str, detail: &str) -> Problem {
    Problem::new(Code::InvalidHeader, format!("Idempotency-Key: {detail}")).with_errors(vec![Fault::of(
        "Idempotency-Key",
        code,
        detail,
    )])
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        let parse = |text: &str| Key::parse(text).map(|key| key.0);
        assert_eq!(parse("8e03978e-40d5"), Some("8e03978e-40d5".into()));
        assert_eq!(parse("\"8e03978e-40d5\""), parse("8e03978e-40d5"));
        assert_eq!(parse(r#""a \"b\" \\ c""#), Some(r#"a "b" \ c"#.into()));
        for bad in
            ["", "\"\"", "\"", "a b", "a\"b", "\"a", "a\"", r#""\x""#, r#""a"b""#, "ä", "\"\u{7f}\"", &"x".repeat(256)]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert!(parse(&"x".repeat(255)).is_some());
    }

    #[test]
    fn one_is_enough() {
        let request = |values: &[&str]| {
            let with = |request: TestRequest, value: &&str| request.append_header((IDEMPOTENCY_KEY, *value));
            Key::of(values.iter().fold(TestRequest::default(), with).to_http_request().headers()).map_err(|p| p.code())
        };
        assert_eq!(request(&[]), Ok(None));
        assert_eq!(request(&["a"]), Ok(Some(Key("a".into()))));
        assert_eq!(request(&["a", "a"]), Err(Code::InvalidHeader));
        assert_eq!(request(&[""]), Err(Code::InvalidHeader));
    }

    proptest! {
        #[test]
        fn the_pattern_of_the_contract_is_what_is_read(text in "[ -~]{0,8}|\"[ -~]{0,6}\"|\\PC{0,4}") {
            let pattern = regex::Regex::new(PATTERN).unwrap();
            prop_assert_eq!(pattern.is_match(&text), Key::parse(&text).is_some(), "{:?}", text);
        }
    }
}
