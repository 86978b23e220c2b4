//! The ids of the things ibid keeps, each a type of its own.

use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

crate::typed_id! {
    /// The id of an article: the same for its working copy and its publication.
    ArticleId,
    /// The id of a group of translations: of articles that say the same in different languages.
    GroupId,
    /// The id of a section.
    SectionId,
    /// The id of a citation.
    CitationId,
    /// The id of a study.
    StudyId,
    /// The id of a merge of two studies.
    MergeId,
    /// The id of a notice about a study.
    NoticeId,
    /// The id of a claim of an article.
    ClaimId,
    /// The id of an acknowledgement of a finding.
    AcknowledgementId,
    /// The id of a link to a working copy.
    PreviewTokenId,
    /// The id of a redirect that editors made.
    RedirectId,
    /// The id of a tag.
    TagId,
    /// The id of a comment.
    CommentId,
    /// The id of what a change of the log is about: an article or a study, nil where it is neither.
    SubjectId,
    /// The id of an editor.
    EditorId,
    /// The id of a refresh token.
    RefreshTokenId,
    /// The id of a family of refresh tokens: all that follow from one sign-in.
    FamilyId,
}

/// How an address names an article: by its id, or by a slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticleRef {
    Id(ArticleId),
    Slug(String),
}

impl ArticleRef {
    /// What has the form of an id is one; no slug has it. `None` for what can be neither.
    pub fn read(text: &str) -> Option<Self> {
        let slug = || crate::text::anchor::is_slug(text).then(|| Self::Slug(text.to_owned()));
        ArticleId::parse(text).map(Self::Id).or_else(slug)
    }
}

/// As it is read.
impl std::fmt::Display for ArticleRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Slug(slug) => f.write_str(slug),
        }
    }
}

impl crate::http::query::ParseText for ArticleRef {
    fn parse_text(text: &str) -> Result<Self, crate::http::fault::Reason> {
        Self::read(text).ok_or_else(|| {
            crate::http::fault::Reason::new("invalid_article", "Expected the slug of an article, or its id.")
        })
    }
}

impl utoipa::PartialSchema for ArticleRef {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::http::schema::formed("^[a-z0-9]+(?:-[a-z0-9]+)*$", 120)
    }
}

impl<'de> serde::Deserialize<'de> for ArticleRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom("neither an id nor a slug"))
    }
}

impl utoipa::IntoParams for ArticleRef {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "The article: its slug, or its id.";
        vec![path_parameter("article", about, r"^[A-Za-z0-9-]+$", 120, "microneedling-for-large-pores")]
    }
}

/// Describes a parameter that is a part of the path.
pub fn path_parameter(name: &str, about: &str, pattern: &str, most: usize, example: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(most))
        .pattern(Some(pattern));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some(serde_json::json!(example)))
        .build()
}
