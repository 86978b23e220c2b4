//! What editors say about a redirect, and get to see of it.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::db::types::Instant;
use crate::editorial::model::ArticleName;
use crate::http::body::Patch;
use crate::http::fault::{Fault, Faults, Reason, pointer, text, wrong_kind};
use crate::http::page::PageInfo;
use crate::http::query::ParseText;
use crate::http::{schema, web_address};
use crate::ids::{ArticleId, EditorId, RedirectId};
use crate::publishing::name::GONE;

/// The most characters of a path that leads elsewhere.
const MOST_PATH: usize = 500;
/// The most characters of where it leads.
const MOST_LOCATION: usize = 2_000;

/// A path of the site, without query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePath(String);

impl SitePath {
    /// Not two slashes at its beginning: browsers take what follows them for a host.
    const PATTERN: &str = r"^/([^\x00-\x20\x7F?#/][^\x00-\x20\x7F?#]*)?$";

    fn read(text: &str) -> Result<Self, Reason> {
        let plain = |c: char| c > ' ' && !matches!(c, '\x7F' | '?' | '#');
        let is_path = text.strip_prefix('/').is_some_and(|rest| !rest.starts_with('/') && rest.chars().all(plain));
        if !is_path {
            let detail = "Expected a path of the site such as /2019/05/old-page, without a query and blanks.";
            return Err(Reason::new("invalid_path", detail));
        }
        bounded(text, MOST_PATH).map(|()| Self(text.to_owned()))
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl ParseText for SitePath {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::read(text)
    }
}

/// Where a path leads: a path of the site, or an address elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    const PATH_PATTERN: &str = r"^/([^\x00-\x20\x22\x2F\x3C\x3E\x5C\x60\x7F][^\x00-\x20\x22\x3C\x3E\x5C\x60\x7F]*)?$";

    fn read(text: &str) -> Result<Self, Reason> {
        let plain = |c: char| c > ' ' && !matches!(c, '"' | '<' | '>' | '\\' | '`' | '\x7F');
        let is_path = text.strip_prefix('/').is_some_and(|rest| !rest.starts_with('/') && rest.chars().all(plain));
        if !is_path && !web_address::is(text) {
            let detail = "Expected a path of the site such as /new-page?from=old, or an http or https address.";
            return Err(Reason::new("invalid_location", detail));
        }
        bounded(text, MOST_LOCATION).map(|()| Self(text.to_owned()))
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

fn bounded(text: &str, most: usize) -> Result<(), Reason> {
    match text.chars().count() {
        length if length > most => {
            Err(Reason::new("too_long", format!("At most {most} characters, this has {length}.")))
        }
        _ => Ok(()),
    }
}

impl Deserr<Faults> for SitePath {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::read)
    }
}

impl PartialSchema for SitePath {
    fn schema() -> RefOr<Schema> {
        schema::formed(Self::PATTERN, MOST_PATH)
    }
}

impl ToSchema for SitePath {}

impl Deserr<Faults> for Location {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::read)
    }
}

impl PartialSchema for Location {
    fn schema() -> RefOr<Schema> {
        schema::formed(&format!("{}|{}", Self::PATH_PATTERN, web_address::PATTERN), MOST_LOCATION)
    }
}

impl ToSchema for Location {}

/// What a frontend is to answer: 301 and 308 for good, 302 and 307 for a while, 410 where nothing is in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedirectStatus(pub i32);

impl RedirectStatus {
    const ALL: [i32; 5] = [301, 302, 307, 308, GONE];
    const EXPECTED: &str = "Expected 301, 302, 307, 308 or 410.";
}

impl Default for RedirectStatus {
    fn default() -> Self {
        Self(301)
    }
}

impl ParseText for RedirectStatus {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        let known = Self::ALL.into_iter().find(|status| status.to_string() == text);
        known.map(Self).ok_or_else(|| Reason::new("unknown_value", Self::EXPECTED))
    }
}

impl Deserr<Faults> for RedirectStatus {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let number = match value {
            Value::Integer(number) => i32::try_from(number).ok(),
            Value::NegativeInteger(_) => None,
            other => return Err(wrong_kind(other, &[deserr::ValueKind::Integer], location)),
        };
        let known = number.filter(|number| Self::ALL.contains(number));
        known.map(Self).ok_or_else(|| Faults(vec![Fault::at(pointer(location), "unknown_value", Self::EXPECTED)]))
    }
}

impl PartialSchema for RedirectStatus {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(Self::ALL[0]))
            .maximum(Some(GONE))
            .enum_values(Some(Self::ALL))
            .into()
    }
}

impl ToSchema for RedirectStatus {}

crate::checked_text! {
    /// Why there is a redirect.
    RedirectNote(1 ..= 200, One),
}

/// A redirect to be made. It leads to an article or to a location, or with 410 to neither.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewRedirect {
    /// What is there no longer. However it is encoded, and with a slash at its end or without, it is the same path.
    #[schema(example = "/2019/05/microneedling")]
    pub path: SitePath,
    /// 301 when it is not given.
    #[deserr(default)]
    #[schema(value_type = RedirectStatus, required = false)]
    pub status: RedirectStatus,
    #[deserr(default)]
    #[schema(example = "/blog/microneedling")]
    pub location: Option<Location>,
    /// An article, by its slug or its id: to wherever it is read, as long as it is published.
    #[deserr(default)]
    pub article: Option<ArticleName>,
    #[deserr(default)]
    pub note: Option<RedirectNote>,
}

/// A change of a redirect (JSON Merge Patch).
#[derive(Debug, Clone, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct RedirectPatch {
    #[deserr(default)]
    #[schema(value_type = SitePath, required = false)]
    pub path: Patch<SitePath>,
    #[deserr(default)]
    #[schema(value_type = RedirectStatus, required = false)]
    pub status: Patch<RedirectStatus>,
    #[deserr(default)]
    #[schema(value_type = Option<Location>)]
    pub location: Patch<Option<Location>>,
    #[deserr(default)]
    #[schema(value_type = Option<ArticleName>)]
    pub article: Patch<Option<ArticleName>>,
    #[deserr(default)]
    #[schema(value_type = Option<RedirectNote>)]
    pub note: Patch<Option<RedirectNote>>,
}

crate::sort_keys! {
    /// By path, or by when they were changed; a hyphen before it turns it round.
    RedirectKey {
        Path = "path",
        Updated = "updated_at",
    }
}

/// Where a path of the site leads.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Redirect)]
pub struct RedirectView {
    pub id: RedirectId,
    /// Counts the changes; the ETag names it.
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    #[schema(value_type = SitePath, example = "/2019/05/microneedling")]
    pub path: String,
    #[schema(value_type = RedirectStatus, example = 301)]
    pub status: i32,
    /// Null when it leads to an article, or to nothing.
    #[schema(value_type = Option<Location>)]
    pub location: Option<String>,
    /// Null when it leads to no article.
    pub article: Option<RedirectArticle>,
    #[schema(value_type = Option<RedirectNote>)]
    pub note: Option<String>,
    /// Who changed it last; null when the account is gone.
    pub by: Option<EditorId>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub created_at: Instant,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub updated_at: Instant,
}

/// The article that a path leads to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RedirectArticle {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// Whether it is: readers are led nowhere while it is not.
    pub published: bool,
}

/// A page of redirects.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redirects {
    #[schema(max_items = 100)]
    pub data: Vec<RedirectView>,
    pub page: PageInfo,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_leads_where_it_says() {
        for good in ["/", "/a", "/a/b?c=d#e", "/é", "https://example.org/x", "http://example.org"] {
            assert!(Location::read(good).is_ok(), "{good}");
        }
        for bad in
            ["", "a", "//example.org", "/\\example.org", "/a b", "javascript:alert(1)", "https://localhost", "/a\nb"]
        {
            assert!(Location::read(bad).is_err(), "{bad}");
        }
        for bad in ["", "a", "//a", "/a?b", "/a#b", "https://example.org", &format!("/{}", "a".repeat(500))] {
            assert!(SitePath::read(bad).is_err(), "{bad}");
        }
    }
}
