//! What a comment is, as its writer sends it, as the public reads it and as moderators see it.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::types::Instant;
use crate::http::email::Email;
use crate::http::fault::{Faults, Reason};
use crate::http::page::PageInfo;
use crate::http::query::{Batch, ParseText};
use crate::http::select::{FieldsOf, Selected, Sparse};
use crate::http::text::{Lines, check};
use crate::ids::{ArticleId, ArticleRef, CommentId, EditorId};
use crate::text::markdown::{self, Places};

crate::words! {
    /// What was decided about a comment.
    Status {
        /// Waits for a decision; only moderators see it.
        Held = "held",
        /// The public reads it.
        Approved = "approved",
        /// Nobody reads it: it advertises.
        Spam = "spam",
        /// Nobody reads it.
        Trash = "trash",
    }
}

impl ParseText for Status {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

crate::words! {
    /// Whether readers may comment on an article.
    CommentPolicy {
        /// They may.
        Open = "open",
        /// What is there stays; nothing can be added.
        Closed = "closed",
    }
}

crate::words! {
    /// How comments are arranged.
    View {
        /// Replies within what they reply to.
        Tree = "tree",
        /// One after the other.
        Flat = "flat",
    }
}

crate::sort_keys! {
    /// By time, the oldest first; a hyphen before it turns it round.
    CommentKey {
        CreatedAt = "created_at",
    }
}

crate::checked_text! {
    /// The name that a reader gives.
    ReaderName(1..=100, One),
}

/// What a reader writes: a small part of Markdown, not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentBody(String);

/// The most characters of a comment.
const MOST_BODY: usize = 10_000;

impl CommentBody {
    /// Reads it; the reason tells what is wrong.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        check(text, 1, MOST_BODY, Lines::Many)?;
        if text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')) {
            return Err(Reason::new("blank", "It cannot be blank."));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deserr<Faults> for CommentBody {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        crate::http::fault::text(value, location, Self::parse)
    }
}

impl utoipa::PartialSchema for CommentBody {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        const TEXT: &str = r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*";
        crate::http::schema::formed(&format!(r"^{TEXT}[^\x00-\x20\x7F]{TEXT}$"), MOST_BODY)
    }
}

impl ToSchema for CommentBody {}

crate::formed_text! {
    /// The address of a reader's site: http or https, a host with a dot in it, no user name.
    WebAddress,
    crate::http::web_address::PATTERN,
    2000, "invalid_url", "an http or https address such as https://example.org/me", crate::http::web_address::is
}

/// The article that a moderator asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About(pub ArticleRef);

impl Deserr<Faults> for About {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        crate::http::fault::text(value, location, |text| {
            let named = ArticleRef::read(text).map(Self);
            named.ok_or_else(|| Reason::new("invalid_article", "Expected the slug or the id of an article."))
        })
    }
}

/// A comment as a reader sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewComment {
    /// What the reader wants to be called; shown with the comment.
    #[schema(value_type = ReaderName, example = "Grace")]
    pub name: ReaderName,
    /// Never shown; for moderators only.
    pub email: Email,
    /// The reader's own site, shown with the comment.
    #[schema(value_type = Option<WebAddress>, example = "https://grace.example.org/")]
    #[deserr(default)]
    pub url: Option<WebAddress>,
    /// A small part of Markdown: paragraphs, emphasis, code, lists, quotes and links.
    #[schema(value_type = CommentBody, example = "Has anybody tried this at home?")]
    pub body: CommentBody,
    /// The approved comment of the same article that this replies to.
    #[deserr(default)]
    pub parent_id: Option<CommentId>,
}

/// A comment as the public reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comment {
    pub id: CommentId,
    /// The comment it stands under: what it replies to or, when that is not shown (any more), the nearest one above
    /// that is; null at the top.
    pub parent_id: Option<CommentId>,
    /// What the reader is called.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1F\x7F]*$", example = "Grace")]
    pub name: String,
    /// The reader's own site.
    #[schema(max_length = 2000, pattern = r"^https?://[^\x00-\x20]+$", example = "https://grace.example.org/")]
    pub url: Option<String>,
    /// Sanitised HTML.
    #[schema(max_length = 1000000, pattern = r"^[^\x00]*$", example = "<p>Has anybody tried this at home?</p>\n")]
    pub html: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:12:05.123Z")]
    pub created_at: Instant,
    /// 0 for a comment on the article, 1 for a reply to one, and so on, as it was written. A comment at the deepest
    /// level that the site allows takes no replies.
    #[schema(minimum = 0, maximum = 50, example = 0)]
    pub depth: i32,
    /// The replies to it, the oldest first; empty in the flat view.
    #[schema(no_recursion, max_items = 500)]
    pub replies: Vec<Comment>,
    /// Whether the thread that begins here has more than the 500 replies that the tree holds of it, the oldest; the
    /// flat view has all. False for replies.
    pub more_replies: bool,
}

/// One page of comments.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommentPage {
    /// The comments.
    #[schema(max_items = 100)]
    pub data: Vec<SelectedComment>,
    /// With `ids`: those under which no comment of the article is shown, in the order asked; null otherwise.
    #[schema(max_items = 100)]
    pub missing: Option<Vec<CommentId>>,
    /// Where the page stands.
    pub page: PageInfo,
}

/// Comments that are asked for by id.
pub type CommentBatch = Batch<CommentId>;

impl ParseText for CommentId {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::new("invalid_id", "Expected the id of a comment."))
    }
}

/// A comment or members of it.
pub type SelectedComment = Selected<Comment>;
/// Members of a comment.
pub type CommentFields = FieldsOf<Comment>;

impl Sparse for Comment {
    const FIELDS: &'static [&'static str] =
        &["id", "parent_id", "name", "url", "html", "created_at", "depth", "replies", "more_replies"];
}

/// What became of a comment that was posted. The e-mail address is not repeated.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostedComment {
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// `held`: a moderator looks at it before the public does.
    pub status: Status,
    /// What the reader is called.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1F\x7F]*$", example = "Grace")]
    pub name: String,
    /// The reader's own site.
    #[schema(max_length = 2000, pattern = r"^https?://[^\x00-\x20]+$", example = "https://grace.example.org/")]
    pub url: Option<String>,
    /// The body, as it will be shown: sanitised HTML.
    #[schema(max_length = 1000000, pattern = r"^[^\x00]*$", example = "<p>Has anybody tried this at home?</p>\n")]
    pub html: String,
    /// What the body had and the HTML has not.
    #[schema(max_items = 10000)]
    pub removed: Vec<Removal>,
    /// When it was taken in.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:12:05.123Z")]
    pub created_at: Instant,
}

/// Something in a body that is not shown as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Removal {
    /// Stable, for programs: image, unsafe_link, too_deep.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "unsafe_link")]
    pub code: String,
    /// Its beginning.
    #[schema(max_length = 100, pattern = r"^[^\x00]*$", example = "[here](javascript:alert(1))")]
    pub what: String,
    /// The line of the body, from 1.
    #[schema(minimum = 1, maximum = 10001, example = 1)]
    pub line: i32,
    /// The character of the line, from 1.
    #[schema(minimum = 1, maximum = 10001, example = 5)]
    pub column: i32,
}

/// A comment with all that is known about it, for moderators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModeratedComment {
    pub id: CommentId,
    pub article: CommentedArticle,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// 0 for a comment on the article, 1 for a reply to one, and so on.
    #[schema(minimum = 0, maximum = 50, example = 0)]
    pub depth: i32,
    pub status: Status,
    /// What the reader is called.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1F\x7F]*$", example = "Grace")]
    pub name: String,
    /// Never public.
    #[schema(max_length = 254, format = "email", example = "grace@example.org")]
    pub email: String,
    /// The reader's own site.
    #[schema(max_length = 2000, pattern = r"^https?://[^\x00-\x20]+$", example = "https://grace.example.org/")]
    pub url: Option<String>,
    /// The address it was sent from; never public.
    #[schema(max_length = 45, pattern = "^[0-9A-Fa-f.:]+$", example = "203.0.113.7")]
    pub ip: Option<String>,
    /// The program it was sent with, as it called itself; never public.
    #[schema(max_length = 2000, pattern = r"^[^\x00]*$", example = "Mozilla/5.0")]
    pub user_agent: Option<String>,
    /// What the reader wrote.
    #[schema(max_length = 10000, pattern = r"^[^\x00]*$", example = "Has anybody tried this at home?")]
    pub body: String,
    /// What the public reads, or would: sanitised HTML.
    #[schema(max_length = 1000000, pattern = r"^[^\x00]*$", example = "<p>Has anybody tried this at home?</p>\n")]
    pub html: String,
    /// When it was taken in.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:12:05.123Z")]
    pub created_at: Instant,
    /// When its present status was decided; null for one that nobody has decided about.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2024-06-24T09:00:00Z")]
    pub decided_at: Option<Instant>,
    /// Who decided; null as well when that editor is no more.
    pub decided_by: Option<EditorId>,
}

/// The article that a comment is about, as its working copy has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::articles)]
pub struct CommentedArticle {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    #[schema(max_length = 300, pattern = r"^[^\x00-\x1F\x7F]*$", example = "Microneedling for large pores")]
    pub title: String,
}

/// One page of comments, for moderators.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeratedCommentPage {
    /// The comments.
    #[schema(max_items = 100)]
    pub data: Vec<ModeratedComment>,
    /// Where the page stands.
    pub page: PageInfo,
}

/// What is to become of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Decision {
    pub status: Status,
}

/// A rendered body.
pub struct Rendered {
    pub html: String,
    pub removed: Vec<Removal>,
}

/// Renders a body, once: what is stored is what is shown.
pub fn render(body: &CommentBody) -> Rendered {
    let body = body.as_str();
    let markdown::Rendered { html, removed, .. } = markdown::render_comment(body);
    let places = Places::of(body);
    Rendered { html, removed: removed.into_iter().map(|removed| removal(&places, removed)).collect() }
}

fn removal(places: &Places<'_>, removed: markdown::Removed) -> Removal {
    let (line, column) = places.line_column(removed.at.start);
    // Neither is more than the characters of a body, and one.
    let counted = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    Removal { code: removed.code.to_owned(), what: removed.what, line: counted(line), column: counted(column) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_of_readers_are_on_the_web() {
        for good in [
            "https://example.org",
            "http://www.example.org:8080/a?b#c",
            "https://müller.example/ü",
            "https://xn--mller-kva.example?x",
        ] {
            assert!(WebAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "javascript:alert(1)",
            "JAVASCRIPT://example.org/%0aalert(1)",
            "ftp://example.org/",
            "https://",
            "https://localhost/",
            "https://user@example.org/",
            "https://127.0.0.1/",
            "https://example..org/",
            "https://example.org:/",
            "https://example.org:999999/",
            "https://example.org/a b",
            "https://example.org/\"onclick=",
            "https://example.org\\@evil.example",
        ] {
            assert!(WebAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bodies_have_something_to_show() {
        assert!(CommentBody::parse("x").is_ok() && CommentBody::parse(&"ä".repeat(MOST_BODY)).is_ok());
        assert_eq!(CommentBody::parse("").unwrap_err().code, "too_short");
        assert_eq!(CommentBody::parse(" \n\t\r ").unwrap_err().code, "blank");
        assert_eq!(CommentBody::parse(&"ä".repeat(MOST_BODY + 1)).unwrap_err().code, "too_long");
        assert_eq!(CommentBody::parse("a\u{8}").unwrap_err().code, "invalid_character");
    }

    #[test]
    fn what_is_left_out_is_told_with_its_place() {
        let rendered = render(&CommentBody::parse("*One*,\ntwo [x](javascript:alert(1)).").unwrap());
        assert_eq!(rendered.html, "<p><em>One</em>,<br>\ntwo x.</p>\n");
        let what = "[x](javascript:alert(1))".to_owned();
        assert_eq!(rendered.removed, [Removal { code: "unsafe_link".into(), what, line: 2, column: 5 }]);
    }
}
