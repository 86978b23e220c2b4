//! What an article is made of, and what requests may say about it.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::review::{NewReview, ReviewPatch};
use crate::citing::identifiers;
use crate::comments::CommentPolicy;
use crate::db::types::Instant;
use crate::http::body::Patch;
use crate::http::fault::{Fault, Faults, Reason, pointer, text, wrong_kind};
use crate::http::list::AtMost;
use crate::http::query::ParseText;
use crate::ids::{ArticleId, ClaimId, EditorId, SectionId};
use crate::language::Language;
use crate::library::styles::StyleName;
use crate::library::{Certainty, EvidenceLevel};
use crate::text::anchor;

/// The most sections of an article.
pub const MOST_SECTIONS: usize = 500;
/// The most citations of an article.
pub const MOST_CITATIONS: usize = 5_000;
/// The most markers of an article.
pub const MOST_MARKERS: usize = 20_000;
/// The most claims of an article.
pub const MOST_CLAIMS: usize = 200;
/// The most studies that speak for one claim, or against it.
pub const MOST_CLAIM_STUDIES: usize = 500;

crate::checked_text! {
    /// The title of an article.
    Title(1 ..= 300, One),
    /// The subtitle of an article.
    Subtitle(1 ..= 300, One),
    /// What the article says, in a few sentences of plain text.
    Summary(1 ..= 2000, One),
    /// The heading of a section.
    Heading(1 ..= 300, One),
    /// The text of a section: Markdown (CommonMark and tables) with `[@key]` markers. Raw HTML is not kept.
    SectionBody(0 ..= 500000, Many),
    /// The name of an author or a reviewer.
    AuthorName(1 ..= 200, One),
    /// What qualifies an author or a reviewer, such as `MD`.
    Credentials(1 ..= 200, One),
    /// The name of a tag.
    TagName(1 ..= 120, One),
    /// What an article claims, in one sentence of plain text.
    Statement(1 ..= 2000, One),
}

crate::formed_text! {
    /// Names an article in addresses.
    Slug, anchor::PATTERN, 120, "invalid_slug",
    "lower-case letters a-z, digits and single hyphens between them, and not the form of an id",
    |text| anchor::is_slug(text) && ArticleId::parse(text).is_none()
}

crate::formed_text! {
    /// Names an article: by its id or its slug.
    ArticleName, anchor::PATTERN, 120, "invalid_article", "the id or the slug of an article", anchor::is_slug
}

crate::formed_text! {
    /// Names a section within its article.
    Anchor, anchor::GIVEN_PATTERN, 80, "invalid_anchor",
    "lower-case letters a-z, digits and single hyphens between them, and not what references and citations are named by \
     (ref-1, cite-lead-1)",
    anchor::may_be_given
}

crate::formed_text! {
    /// Names a study: by its key, its id, `doi:…` or `pmid:…`.
    StudyName, r"^[^\x00-\x20\x7F]+$", 2000, "invalid_study", "a study's key or id",
    |text| !text.is_empty() && !text.chars().any(|c| c.is_ascii_control() || c == ' ')
}

crate::formed_text! {
    /// A person's ORCID iD, with hyphens; its check digit is checked.
    Orcid, r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$", 19, "invalid_orcid",
    "an ORCID iD such as 0000-0002-1825-0097, with a right check digit",
    |text| text.len() == 19 && identifiers::Orcid::parse(text).is_ok_and(|orcid| orcid.as_str() == text)
}

crate::sort_keys! {
    /// By the last change, by title in the order of its letters' codes, or by the day by which the next review is due, articles
    /// of which none is due last in both directions; a hyphen before a key turns it round.
    ArticleKey {
        UpdatedAt = "updated_at",
        Title = "title",
        ReviewDue = "review_due",
    }
}

crate::words! {
    /// How the working copy stands to what the public reads.
    State {
        /// Never published.
        Draft = "draft",
        /// The public reads this version.
        Published = "published",
        /// The public reads an older version.
        Changed = "changed",
        /// Was published and is no longer.
        Unpublished = "unpublished",
    }
}

/// Whose articles: one's own, or those of another editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Me,
    Editor(EditorId),
}

impl Owner {
    /// The editor that is meant, where this one asks.
    pub fn of(self, me: EditorId) -> EditorId {
        match self {
            Self::Me => me,
            Self::Editor(editor) => editor,
        }
    }
}

impl ParseText for Owner {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        let id = || EditorId::parse(text).map(Self::Editor);
        let owner = if text == "me" { Some(Self::Me) } else { id() };
        owner.ok_or_else(|| Reason::new("invalid_owner", "Expected `me` or the id of an editor."))
    }
}

impl PartialSchema for Owner {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::http::schema::formed("^(me|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$", 36)
    }
}

impl ToSchema for Owner {}

crate::words! {
    /// What a schedule holds.
    Scheduled {
        /// It is to be published by itself.
        Publish = "publish",
        /// It is to be taken down by itself.
        Unpublish = "unpublish",
        /// Something could not be done when it was due.
        Failed = "failed",
    }
}

crate::words! {
    /// Why a citation is there.
    Origin {
        /// An editor gave it; it stays without a marker.
        Entry = "entry",
        /// A marker in the text cites the study; it goes with the last of them.
        Marker = "marker",
    }
}

/// A moment as requests write it: RFC 3339 with seconds, years 1000…2999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub Instant);

const TIMESTAMP: &str =
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$";

impl Deserr<Faults> for Timestamp {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let formed = matches!(text.as_bytes(), [b'1' | b'2', _, _, _, b'-', _, _, b'-', _, _, b'T', ..])
                && text
                    .split_once('.')
                    .is_none_or(|(_, rest)| (1..=6).contains(&rest.bytes().take_while(u8::is_ascii_digit).count()));
            let at = Instant::parse(text).filter(|_| formed);
            at.map(Self).ok_or_else(|| {
                Reason::new("invalid_timestamp", "Expected a timestamp (RFC 3339) such as 2024-06-24T00:00:00Z.")
            })
        })
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .max_length(Some(35))
            .pattern(Some(TIMESTAMP))
            .examples([serde_json::json!("2024-06-24T00:00:00Z")])
            .into()
    }
}

impl ToSchema for Timestamp {}

/// The level of a section's heading, 2…6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i32, minimum = 2, maximum = 6, example = 2)]
pub struct Level(pub i32);

impl Default for Level {
    fn default() -> Self {
        Self(2)
    }
}

impl Deserr<Faults> for Level {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        ranged(value, location, 2, 6).map(Self)
    }
}

/// A place in a list, from 1. A place past the end is the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
pub struct Position(pub i32);

impl Deserr<Faults> for Position {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        ranged(value, location, 1, 5000).map(Self)
    }
}

fn ranged<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>, least: i32, most: i32) -> Result<i32, Faults> {
    let number = match value {
        Value::Integer(number) => i32::try_from(number).unwrap_or(i32::MAX),
        Value::NegativeInteger(_) => i32::MIN,
        other => return Err(wrong_kind(other, &[deserr::ValueKind::Integer], location)),
    };
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    let detail = format!("Expected a whole number from {least} to {most}.");
    Err(Faults(vec![Fault::at(pointer(location), "out_of_range", detail)]))
}

/// An article to be. PUT takes the same: what it does not name gets its default.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewArticle {
    pub title: Title,
    /// Made from the title when it is not given.
    #[deserr(default)]
    pub slug: Option<Slug>,
    /// The site's language when it is not given.
    #[deserr(default)]
    pub language: Option<Language>,
    /// Another article that this one says in another language: it comes to stand among the translations of that one. Of
    /// nothing when it is not given.
    #[deserr(default)]
    pub translation_of: Option<ArticleName>,
    #[deserr(default)]
    pub subtitle: Option<Subtitle>,
    #[deserr(default)]
    pub summary: Option<Summary>,
    /// By name or slug; a tag that is not there yet is made.
    #[schema(value_type = Option<Vec<TagName>>, max_items = 50)]
    #[deserr(default)]
    pub tags: Option<AtMost<TagName, 50>>,
    /// The byline, in order.
    #[schema(value_type = Option<Vec<NewByline>>, max_items = 50)]
    #[deserr(default)]
    pub authors: Option<AtMost<NewByline, 50>>,
    /// That experts reviewed it; nobody did when it is not given.
    #[deserr(default)]
    pub reviewed: Option<NewReview>,
    /// The date that readers see; the moment of the first publication when it is not given.
    #[deserr(default)]
    pub published_at: Option<Timestamp>,
    /// `open` when it is not given.
    #[deserr(default)]
    pub comment_policy: Option<CommentPolicy>,
    /// The citation style, bundled or uploaded; the site's when it is not given.
    #[deserr(default)]
    pub style: Option<StyleName>,
    /// In order.
    #[schema(value_type = Option<Vec<SectionInput>>, max_items = 500)]
    #[deserr(default)]
    pub sections: Option<AtMost<SectionInput, MOST_SECTIONS>>,
    /// Studies that the article cites whether or not a marker does.
    #[schema(value_type = Option<Vec<NewCitation>>, max_items = 5000)]
    #[deserr(default)]
    pub citations: Option<AtMost<NewCitation, MOST_CITATIONS>>,
    /// What the article claims; the studies that a claim names become citations.
    #[schema(value_type = Option<Vec<ClaimInput>>, max_items = 200)]
    #[deserr(default)]
    pub claims: Option<AtMost<ClaimInput, MOST_CLAIMS>>,
}

/// A change of an article (JSON Merge Patch): members that are not named stay as they are, lists are replaced whole.
#[derive(Debug, Clone, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ArticlePatch {
    #[deserr(default)]
    #[schema(value_type = Title, required = false)]
    pub title: Patch<Title>,
    #[deserr(default)]
    #[schema(value_type = Slug, required = false)]
    pub slug: Patch<Slug>,
    #[deserr(default)]
    #[schema(value_type = Language, required = false)]
    pub language: Patch<Language>,
    /// Another article that this one says in another language: it comes to stand among the translations of that one, and
    /// leaves those among which it stood; null for among none.
    #[deserr(default)]
    #[schema(value_type = Option<ArticleName>, required = false)]
    pub translation_of: Patch<Option<ArticleName>>,
    #[deserr(default)]
    #[schema(value_type = Option<Subtitle>, required = false)]
    pub subtitle: Patch<Option<Subtitle>>,
    #[deserr(default)]
    #[schema(value_type = Option<Summary>, required = false)]
    pub summary: Patch<Option<Summary>>,
    /// By name or slug; a tag that is not there yet is made.
    #[deserr(default)]
    #[schema(value_type = Vec<TagName>, max_items = 50, required = false)]
    pub tags: Patch<AtMost<TagName, 50>>,
    /// The byline, in order.
    #[deserr(default)]
    #[schema(value_type = Vec<NewByline>, max_items = 50, required = false)]
    pub authors: Patch<AtMost<NewByline, 50>>,
    /// That experts reviewed it; null when nobody did.
    #[deserr(default)]
    #[schema(value_type = Option<ReviewPatch>, required = false)]
    pub reviewed: Patch<Option<ReviewPatch>>,
    /// The date that readers see; null for the moment of the first publication.
    #[deserr(default)]
    #[schema(value_type = Option<Timestamp>, required = false)]
    pub published_at: Patch<Option<Timestamp>>,
    #[deserr(default)]
    #[schema(value_type = CommentPolicy, required = false)]
    pub comment_policy: Patch<CommentPolicy>,
    /// The citation style, bundled or uploaded; null for the site's.
    #[deserr(default)]
    #[schema(value_type = Option<StyleName>, required = false)]
    pub style: Patch<Option<StyleName>>,
    /// All sections, in order; those with an id keep it.
    #[deserr(default)]
    #[schema(value_type = Vec<SectionInput>, max_items = 500, required = false)]
    pub sections: Patch<AtMost<SectionInput, MOST_SECTIONS>>,
    /// All entries given by editors; studies that markers or claims name stay cited.
    #[deserr(default)]
    #[schema(value_type = Vec<NewCitation>, max_items = 5000, required = false)]
    pub citations: Patch<AtMost<NewCitation, MOST_CITATIONS>>,
    /// All claims, in order; those with an id keep it. The studies that a claim names become citations.
    #[deserr(default)]
    #[schema(value_type = Vec<ClaimInput>, max_items = 200, required = false)]
    pub claims: Patch<AtMost<ClaimInput, MOST_CLAIMS>>,
}

/// An author to be named.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewByline {
    pub name: AuthorName,
    /// Made from the name when it is not given.
    #[deserr(default)]
    pub slug: Option<Slug>,
    #[deserr(default)]
    pub credentials: Option<Credentials>,
    #[deserr(default)]
    pub orcid: Option<Orcid>,
}

/// A section within an article.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SectionInput {
    /// The section that it is, when it is there already.
    #[deserr(default)]
    pub id: Option<SectionId>,
    /// None for the lead.
    #[deserr(default)]
    pub heading: Option<Heading>,
    /// 2 when it is not given.
    #[deserr(default)]
    pub level: Option<Level>,
    /// Made from the heading when it is not given, and kept when the heading changes.
    #[deserr(default)]
    pub anchor: Option<Anchor>,
    pub body: SectionBody,
}

/// A section to be added.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewSection {
    /// Where it goes; to the end when it is not given.
    #[deserr(default)]
    pub position: Option<Position>,
    /// None for the lead.
    #[deserr(default)]
    pub heading: Option<Heading>,
    /// 2 when it is not given.
    #[deserr(default)]
    pub level: Option<Level>,
    /// Made from the heading when it is not given.
    #[deserr(default)]
    pub anchor: Option<Anchor>,
    pub body: SectionBody,
}

/// A change of a section (JSON Merge Patch).
#[derive(Debug, Clone, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SectionPatch {
    /// Moves it there.
    #[deserr(default)]
    #[schema(value_type = Position, required = false)]
    pub position: Patch<Position>,
    #[deserr(default)]
    #[schema(value_type = Option<Heading>, required = false)]
    pub heading: Patch<Option<Heading>>,
    #[deserr(default)]
    #[schema(value_type = Level, required = false)]
    pub level: Patch<Level>,
    #[deserr(default)]
    #[schema(value_type = Anchor, required = false)]
    pub anchor: Patch<Anchor>,
    #[deserr(default)]
    #[schema(value_type = SectionBody, required = false)]
    pub body: Patch<SectionBody>,
}

/// A study to be cited.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewCitation {
    pub study: StudyName,
    /// How strong the study is for the question of this article; what its design suggests when it is not given.
    #[deserr(default)]
    pub evidence_level: Option<EvidenceLevel>,
}

/// A change of a citation (JSON Merge Patch).
#[derive(Debug, Clone, Default, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct CitationPatch {
    /// How strong the study is for the question of this article; null for what its design suggests.
    #[deserr(default)]
    #[schema(value_type = Option<EvidenceLevel>, required = false)]
    pub evidence_level: Patch<Option<EvidenceLevel>>,
}

/// A claim within an article.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ClaimInput {
    /// The claim that it is, when it is there already.
    #[deserr(default)]
    pub id: Option<ClaimId>,
    pub statement: Statement,
    /// How certain the evidence makes it (GRADE).
    #[deserr(default)]
    pub certainty: Option<Certainty>,
    /// The studies that speak for it, strongest first.
    #[schema(rename = "for", value_type = Option<Vec<StudyName>>, max_items = 500)]
    #[deserr(rename = "for", default)]
    pub supporting: Option<AtMost<StudyName, MOST_CLAIM_STUDIES>>,
    /// The studies that speak against it.
    #[schema(value_type = Option<Vec<StudyName>>, max_items = 500)]
    #[deserr(default)]
    pub against: Option<AtMost<StudyName, MOST_CLAIM_STUDIES>>,
}

impl ClaimInput {
    /// The names of all studies that it names.
    pub fn studies(&self) -> impl Iterator<Item = &StudyName> {
        self.supporting.iter().chain(&self.against).flat_map(|names| &names.0)
    }
}
