//! The ids of the things ibid keeps, each a type of its own.

crate::typed_id! {
    /// The id of an article: the same for its working copy and its publication.
    ArticleId,
    /// The id of a section.
    SectionId,
    /// The id of a citation.
    CitationId,
    /// The id of a study.
    StudyId,
    /// The id of a tag.
    TagId,
    /// The id of a comment.
    CommentId,
    /// The id of an editor.
    EditorId,
    /// The id of a refresh token.
    RefreshTokenId,
    /// The id of a family of refresh tokens: all that follow from one sign-in.
    FamilyId,
}
