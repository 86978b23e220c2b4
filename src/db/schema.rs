//! The tables, once for both databases.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    editors (id) {
        id -> Id,
        email -> Text,
        email_key -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        disabled_at -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    refresh_tokens (id) {
        id -> Id,
        family_id -> Id,
        editor_id -> Id,
        token_hash -> Text,
        issued_at -> Instant,
        expires_at -> Instant,
        spent_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    studies (id) {
        id -> Id,
        key -> Text,
        csl -> Json,
        title -> Text,
        year -> Nullable<Integer>,
        doi -> Nullable<Text>,
        pmid -> Nullable<Text>,
        pmcid -> Nullable<Text>,
        design -> Nullable<Text>,
        sample_size -> Nullable<Integer>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
        isbn -> Nullable<Text>,
        review -> Nullable<Text>,
        follow_up -> Nullable<Text>,
        funding -> Json,
        conflicts_of_interest -> Nullable<Text>,
        open_access_url -> Nullable<Text>,
        sources -> Json,
        notes -> Nullable<Text>,
        retraction -> Nullable<Text>,
        retraction_notice -> Nullable<Json>,
        crossref_checked_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    study_keys (key) {
        key -> Text,
        study_id -> Id,
        created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    study_merges (id) {
        id -> Id,
        kept_id -> Id,
        gone -> Json,
        editor_id -> Nullable<Id>,
        merged_at -> Instant,
        undone_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    notices (id) {
        id -> Id,
        source -> Text,
        source_id -> Text,
        kind -> Text,
        study_id -> Nullable<Id>,
        doi -> Nullable<Text>,
        pmid -> Nullable<Text>,
        noticed_on -> Nullable<Text>,
        reasons -> Json,
        notice_doi -> Nullable<Text>,
        notice_pmid -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    // Of one transaction: where the notices of a file are gathered before they take their places.
    staged_notices (id) {
        id -> Id,
        source -> Text,
        source_id -> Text,
        kind -> Text,
        study_id -> Nullable<Id>,
        doi -> Nullable<Text>,
        pmid -> Nullable<Text>,
        noticed_on -> Nullable<Text>,
        reasons -> Json,
        notice_doi -> Nullable<Text>,
        notice_pmid -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Instant;
    notice_imports (source) {
        source -> Text,
        sha256 -> Text,
        entries -> Integer,
        refused -> Integer,
        imported_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Instant;
    lookups (source, identifier) {
        source -> Text,
        identifier -> Text,
        status -> Integer,
        body -> Text,
        fetched_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Instant;
    styles (name) {
        name -> Text,
        title -> Text,
        class -> Text,
        csl -> Text,
        sha256 -> Text,
        info -> Text,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    claims (id) {
        id -> Id,
        article_id -> Id,
        position -> Integer,
        statement -> Text,
        certainty -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    claim_studies (claim_id, study_id) {
        claim_id -> Id,
        study_id -> Id,
        stance -> Text,
        position -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    acknowledgements (id) {
        id -> Id,
        article_id -> Id,
        rule -> Text,
        fingerprint -> Text,
        reason -> Text,
        editor_id -> Nullable<Id>,
        created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    articles (id) {
        id -> Id,
        owner_id -> Nullable<Id>,
        slug -> Text,
        language -> Text,
        title -> Text,
        subtitle -> Nullable<Text>,
        summary -> Nullable<Text>,
        comment_policy -> Text,
        published_at -> Nullable<Instant>,
        first_published_at -> Nullable<Instant>,
        version -> Integer,
        published_version -> Nullable<Integer>,
        publication_count -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
        style -> Nullable<Text>,
        reviewed_at -> Nullable<Date>,
        review_due -> Nullable<Date>,
        translation_group -> Id,
        trashed_at -> Nullable<Instant>,
        trashed_by -> Nullable<Id>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    article_authors (article_id, position) {
        article_id -> Id,
        position -> Integer,
        slug -> Text,
        name -> Text,
        credentials -> Nullable<Text>,
        orcid -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    article_reviewers (article_id, position) {
        article_id -> Id,
        position -> Integer,
        name -> Text,
        credentials -> Nullable<Text>,
        orcid -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    tags (id) {
        id -> Id,
        slug -> Text,
        name -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    article_tags (article_id, position) {
        article_id -> Id,
        position -> Integer,
        tag_id -> Id,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    sections (id) {
        id -> Id,
        article_id -> Id,
        position -> Integer,
        heading -> Nullable<Text>,
        level -> Integer,
        anchor -> Text,
        body -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    citations (id) {
        id -> Id,
        article_id -> Id,
        study_id -> Id,
        position -> Integer,
        origin -> Text,
        evidence_level -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    revisions (article_id, number) {
        article_id -> Id,
        number -> Integer,
        version -> Integer,
        changes -> Integer,
        kind -> Text,
        restored -> Nullable<Integer>,
        published -> Nullable<Integer>,
        name -> Nullable<Text>,
        editor_id -> Nullable<Id>,
        editor_name -> Nullable<Text>,
        created_at -> Instant,
        updated_at -> Instant,
        document -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    publications (article_id) {
        article_id -> Id,
        number -> Integer,
        slug -> Text,
        language -> Text,
        title -> Text,
        published_at -> Instant,
        updated_at -> Instant,
        word_count -> Integer,
        comment_policy -> Text,
        head -> Text,
        sections -> Text,
        citations -> Text,
        source -> Nullable<Text>,
        rendition -> Integer,
        style -> Text,
        bodies -> Nullable<Text>,
        review_due -> Nullable<Date>,
        translation_group -> Id,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    publication_versions (article_id, number) {
        article_id -> Id,
        number -> Integer,
        slug -> Text,
        language -> Text,
        title -> Text,
        published_at -> Instant,
        updated_at -> Instant,
        word_count -> Integer,
        comment_policy -> Text,
        head -> Text,
        sections -> Text,
        citations -> Text,
        source -> Nullable<Text>,
        rendition -> Integer,
        style -> Text,
        bodies -> Nullable<Text>,
        review_due -> Nullable<Date>,
        translation_group -> Id,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    publication_authors (article_id, position) {
        article_id -> Id,
        position -> Integer,
        slug -> Text,
        name -> Text,
        credentials -> Nullable<Text>,
        orcid -> Nullable<Text>,
        published_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    published_authors (slug) {
        slug -> Text,
        name -> Text,
        credentials -> Nullable<Text>,
        orcid -> Nullable<Text>,
        articles -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    publication_tags (article_id, position) {
        article_id -> Id,
        position -> Integer,
        slug -> Text,
        name -> Text,
        published_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    published_tags (slug) {
        slug -> Text,
        name -> Text,
        articles -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    publication_citations (article_id, number) {
        article_id -> Id,
        study_id -> Id,
        number -> Integer,
        evidence_level -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    published_studies (study_id) {
        study_id -> Id,
        key -> Text,
        title -> Text,
        year -> Nullable<Integer>,
        doi -> Nullable<Text>,
        pmid -> Nullable<Text>,
        pmcid -> Nullable<Text>,
        document -> Text,
        updated_at -> Instant,
        design -> Nullable<Text>,
        retraction -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    publication_texts (seq) {
        seq -> BigInt,
        article_id -> Id,
        published_at -> Instant,
        title -> Text,
        length -> Integer,
        profile -> Binary,
        labels -> Text,
        parts -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::Id;
    study_texts (seq) {
        seq -> BigInt,
        study_id -> Id,
    }
}

table! {
    use diesel::sql_types::*;
    search_languages (code) {
        code -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    slug_redirects (slug) {
        slug -> Text,
        article_id -> Id,
        created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    comments (id) {
        id -> Id,
        article_id -> Id,
        parent_id -> Nullable<Id>,
        depth -> Integer,
        name -> Text,
        email -> Text,
        url -> Nullable<Text>,
        body -> Text,
        html -> Text,
        status -> Text,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> Instant,
        decided_at -> Nullable<Instant>,
        decided_by -> Nullable<Id>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    changes (seq) {
        seq -> BigInt,
        at -> Instant,
        kind -> Text,
        subject_id -> Id,
        detail -> Json,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    redirects (id) {
        id -> Id,
        version -> Integer,
        path -> Text,
        name -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        article_id -> Nullable<Id>,
        note -> Nullable<Text>,
        editor_id -> Nullable<Id>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant};
    preview_tokens (id) {
        id -> Id,
        article_id -> Id,
        note -> Nullable<Text>,
        editor_id -> Nullable<Id>,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    schedules (article_id) {
        article_id -> Id,
        version -> Integer,
        publish_at -> Nullable<Instant>,
        unpublish_at -> Nullable<Instant>,
        editor_id -> Nullable<Id>,
        changed_at -> Instant,
        failed_action -> Nullable<Text>,
        failed_due -> Nullable<Instant>,
        failed_at -> Nullable<Instant>,
        problem -> Nullable<Json>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::sql::{Id, Instant, Json};
    idempotency_keys (id) {
        id -> Text,
        fingerprint -> Text,
        attempt -> Id,
        state -> Text,
        lease_until -> Instant,
        status -> Nullable<Integer>,
        headers -> Nullable<Json>,
        body -> Nullable<Binary>,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

joinable!(article_tags -> tags (tag_id));
joinable!(citations -> studies (study_id));
joinable!(study_keys -> studies (study_id));
joinable!(claim_studies -> claims (claim_id));
joinable!(publication_citations -> published_studies (study_id));
joinable!(publication_citations -> publications (article_id));
joinable!(publication_authors -> publications (article_id));
joinable!(publication_tags -> publications (article_id));

allow_tables_to_appear_in_same_query!(
    articles,
    article_authors,
    article_tags,
    tags,
    sections,
    citations,
    revisions,
    studies,
    study_keys,
    study_merges,
    notices,
    notice_imports,
    lookups,
    styles,
    claims,
    claim_studies,
    acknowledgements,
    editors,
    refresh_tokens,
    publications,
    publication_versions,
    publication_authors,
    publication_tags,
    publication_citations,
    published_authors,
    published_tags,
    published_studies,
    publication_texts,
    study_texts,
    search_languages,
    slug_redirects,
    comments,
    changes,
    schedules,
    preview_tokens,
    redirects,
    idempotency_keys,
);
