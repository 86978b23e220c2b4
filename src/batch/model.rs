//! What a batch says.

use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::fault::Faults;
use crate::http::list::OneTo;

/// The most operations of a batch.
pub const MOST: usize = 100;

/// The pattern of names.
const NAME: &str = "^[a-z][a-z0-9_]{0,29}$";
/// The pattern of addresses, whose steps can be references.
const PATH: &str =
    "^/v1/manage(?:/(?:[A-Za-z0-9._~:-]{1,200}|\\{[a-z][a-z0-9_]{0,29}(?:\\.[A-Za-z0-9_-]{1,60}){1,8}\\})){1,10}$";

crate::words! {
    /// The method of an operation.
    OperationMethod {
        Post = "POST",
        Put = "PUT",
        Patch = "PATCH",
        Delete = "DELETE",
    }
}

crate::formed_text! {
    /// By what later operations refer to one.
    OperationName,
    NAME,
    30, "invalid_name", "a name such as article_1: a letter, then letters, digits and underscores, 30 at most",
    is_name
}

crate::formed_text! {
    /// The address of an operation, without a query.
    OperationPath,
    PATH,
    2000, "invalid_path", "an address such as /v1/manage/articles/{a.id}/sections, without a query and without %",
    is_path
}

crate::checked_text! {
    /// `If-Match` of an operation: an ETag in its quotes, or where it is to be taken from.
    OperationVersion(1..=100, One),
}

/// Several writes.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewBatch {
    /// Done in this order; all are kept, or none.
    #[schema(value_type = Vec<NewOperation>, min_items = 1, max_items = 100)]
    pub operations: OneTo<NewOperation, MOST>,
}

/// One write, as it would be sent alone.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewOperation {
    /// By what later operations refer to this one; each name stands once.
    #[deserr(default)]
    #[schema(example = "article")]
    pub name: Option<OperationName>,
    pub method: OperationMethod,
    /// A step can be `{NAME.MEMBER}`, which stands for what the answer to an earlier operation says there, such as `{article.id}`
    /// or `{article.sections.0.id}`.
    #[schema(example = "/v1/manage/articles/{article.id}/sections")]
    pub path: OperationPath,
    /// The ETag that the operation needs: in its quotes, `*`, or `{NAME.etag}` for the one that an earlier operation answered.
    #[deserr(default)]
    #[schema(example = "{article.etag}")]
    pub if_match: Option<OperationVersion>,
    /// The body; in it `{"$ref": "NAME.MEMBER"}` stands for what the answer to an earlier operation says there.
    #[deserr(default)]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
}

/// What came of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResults {
    /// One for each operation, in their order.
    #[schema(min_items = 1, max_items = 100)]
    pub results: Vec<OperationResult>,
}

/// What came of an operation, as its own answer would say it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OperationResult {
    #[schema(max_length = 30, pattern = "^[a-z][a-z0-9_]{0,29}$")]
    pub name: Option<String>,
    #[schema(minimum = 200, maximum = 299, example = 201)]
    pub status: u16,
    /// The address of what was made.
    #[schema(max_length = 8000, format = "uri-reference")]
    pub location: Option<String>,
    #[schema(max_length = 100, pattern = "^\".*\"$")]
    pub etag: Option<String>,
    /// Null where there is none.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
}

fn is_name(text: &str) -> bool {
    let rest = text.strip_prefix(|c: char| c.is_ascii_lowercase());
    rest.is_some_and(|rest| {
        rest.len() < 30 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    })
}

fn is_path(text: &str) -> bool {
    let steps = text.strip_prefix("/v1/manage/").map(|steps| steps.split('/').collect::<Vec<_>>());
    steps.is_some_and(|steps| steps.len() <= 10 && steps.into_iter().all(is_step))
}

fn is_step(step: &str) -> bool {
    match step.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}').is_some_and(is_reference),
        None => is_plain(step),
    }
}

/// Whether it can be a step of an address as it is.
pub fn is_plain(step: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b':' | b'-');
    (1..=200).contains(&step.len()) && step.bytes().all(plain)
}

/// Whether it is `NAME.MEMBER`, with up to eight members, each within the one before.
pub fn is_reference(text: &str) -> bool {
    let member = |step: &str| {
        (1..=60).contains(&step.len()) && step.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    let Some((name, members)) = text.split_once('.') else { return false };
    let members: Vec<&str> = members.split('.').collect();
    is_name(name) && members.len() <= 8 && members.into_iter().all(member)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_patterns_of_the_contract_are_what_is_read(
            path in "(/v1/manage)?(/([a-z.%{}A]{0,4}|\\{[a-z]{0,2}(\\.[a-z0-9_-]{0,2}){0,10}\\}|[a-z]{1,3})){0,12}",
            name in "[a-zA-Z0-9_.]{0,32}",
        ) {
            let pattern = regex::Regex::new(PATH).unwrap();
            prop_assert_eq!(pattern.is_match(&path), OperationPath::parse(&path).is_ok(), "{:?}", path);
            let pattern = regex::Regex::new(NAME).unwrap();
            prop_assert_eq!(pattern.is_match(&name), OperationName::parse(&name).is_ok(), "{:?}", name);
        }
    }
}
