//! Who may do what: one line for every operation that needs a signed-in editor. A handler names its line in its
//! signature (`Permitted<op::…>`), and the server does not start when the contract has an operation without one.

crate::words! {
    /// What an editor may do.
    Role {
        /// Everything.
        Admin = "admin",
        /// Everything about all articles, studies and comments.
        Editor = "editor",
        /// Own articles, and studies.
        Author = "author",
        /// Reading all working copies and studies.
        Reviewer = "reviewer",
        /// Comments.
        Moderator = "moderator",
    }
}

/// One operation and who may do it.
pub trait Operation: 'static {
    /// The operation's id in the contract.
    const ID: &'static str;
    const ROLES: &'static [Role];
}

macro_rules! operations {
    ($($name:ident $id:literal: $($role:ident)+;)+) => {
        /// The operations, as types for signatures.
        pub mod op {
            use super::{Operation, Role};
            $(
                #[doc = concat!("`", $id, "`")]
                pub struct $name;
                impl Operation for $name {
                    const ID: &'static str = $id;
                    const ROLES: &'static [Role] = &[$(Role::$role),+];
                }
            )+
        }

        /// The table: operation id and the roles that may do it.
        pub const TABLE: &[(&str, &[Role])] = &[$(($id, &[$(Role::$role),+])),+];
    };
}

operations! {
    Me "auth_me": Admin Editor Author Reviewer Moderator;
    Logout "auth_logout": Admin Editor Author Reviewer Moderator;

    Batch "manage_batch": Admin Editor Author;

    ArticlesList "manage_articles_list": Admin Editor Author Reviewer;
    ArticlesCreate "manage_articles_create": Admin Editor Author;
    ArticlesGet "manage_articles_get": Admin Editor Author Reviewer;
    ArticlesPatch "manage_articles_patch": Admin Editor Author;
    ArticlesReplace "manage_articles_replace": Admin Editor Author;
    ArticlesDelete "manage_articles_delete": Admin Editor Author;
    TrashList "manage_trash_list": Admin Editor Author Reviewer;
    TrashRestore "manage_trash_restore": Admin Editor Author;
    TrashDelete "manage_trash_delete": Admin Editor;
    ArticlesPublish "manage_articles_publish": Admin Editor;
    ArticlesUnpublish "manage_articles_unpublish": Admin Editor;
    ScheduleGet "manage_schedule_get": Admin Editor Author Reviewer;
    ScheduleSet "manage_schedule_set": Admin Editor;
    PreviewTokensList "manage_preview_tokens_list": Admin Editor Author Reviewer;
    PreviewTokensCreate "manage_preview_tokens_create": Admin Editor Author;
    PreviewTokensDelete "manage_preview_tokens_delete": Admin Editor Author;
    ArticlesCheck "manage_articles_check": Admin Editor Author Reviewer;
    AcknowledgementsCreate "manage_acknowledgements_create": Admin Editor Author;
    AcknowledgementsDelete "manage_acknowledgements_delete": Admin Editor Author;

    SectionsList "manage_sections_list": Admin Editor Author Reviewer;
    SectionsCreate "manage_sections_create": Admin Editor Author;
    SectionsGet "manage_sections_get": Admin Editor Author Reviewer;
    SectionsPatch "manage_sections_patch": Admin Editor Author;
    SectionsDelete "manage_sections_delete": Admin Editor Author;
    SectionsOrder "manage_sections_order": Admin Editor Author;

    CitationsList "manage_citations_list": Admin Editor Author Reviewer;
    CitationsCreate "manage_citations_create": Admin Editor Author;
    CitationsGet "manage_citations_get": Admin Editor Author Reviewer;
    CitationsPatch "manage_citations_patch": Admin Editor Author;
    CitationsDelete "manage_citations_delete": Admin Editor Author;
    CitationsOrder "manage_citations_order": Admin Editor Author;

    RevisionsList "manage_revisions_list": Admin Editor Author Reviewer;
    RevisionsGet "manage_revisions_get": Admin Editor Author Reviewer;
    RevisionsPatch "manage_revisions_patch": Admin Editor Author;
    RevisionsDiff "manage_revisions_diff": Admin Editor Author Reviewer;
    RevisionsRestore "manage_revisions_restore": Admin Editor Author;

    StudiesList "manage_studies_list": Admin Editor Author Reviewer;
    StudiesCreate "manage_studies_create": Admin Editor Author;
    StudiesGet "manage_studies_get": Admin Editor Author Reviewer;
    StudiesPatch "manage_studies_patch": Admin Editor Author;
    StudiesDelete "manage_studies_delete": Admin Editor;
    StudiesDuplicates "manage_studies_duplicates": Admin Editor Author Reviewer;
    StudiesMerge "manage_studies_merge": Admin Editor;
    StudiesImport "manage_studies_import": Admin Editor Author;

    StudiesLookup "manage_studies_lookup": Admin Editor Author;
    StudyNotices "manage_study_notices_list": Admin Editor Author Reviewer;
    StudyNoticesCreate "manage_study_notices_create": Admin Editor;
    StudyNoticesRefresh "manage_study_notices_refresh": Admin Editor Author;

    NoticesList "manage_notices_list": Admin Editor Author Reviewer;
    NoticesImport "manage_notices_import": Admin Editor;
    NoticesSources "manage_notices_sources": Admin Editor Author Reviewer;
    NoticesGet "manage_notices_get": Admin Editor Author Reviewer;
    NoticesDelete "manage_notices_delete": Admin Editor;

    StylesPut "manage_styles_put": Admin Editor;
    StylesGet "manage_styles_get": Admin Editor Author Reviewer;
    StylesDelete "manage_styles_delete": Admin Editor;

    RedirectsList "manage_redirects_list": Admin Editor Author Reviewer;
    RedirectsCreate "manage_redirects_create": Admin Editor;
    RedirectsGet "manage_redirects_get": Admin Editor Author Reviewer;
    RedirectsPatch "manage_redirects_patch": Admin Editor;
    RedirectsDelete "manage_redirects_delete": Admin Editor;

    CommentsList "manage_comments_list": Admin Editor Moderator;
    CommentsGet "manage_comments_get": Admin Editor Moderator;
    CommentsDecide "manage_comments_decide": Admin Editor Moderator;
}
