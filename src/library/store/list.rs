//! Lists of studies.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::citing::fold_key;
use crate::citing::identifiers::{Doi, Pmid};
use crate::db::Conn;
use crate::db::schema::{citations, studies, study_keys};
use crate::error::Problem;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::library::model::{Design, RetractionStatus, Review, Study};
use crate::on;

crate::sort_keys! {
    /// By the last change, or by title in the order of its letters' codes; a hyphen before a key turns it round.
    StudyKey {
        UpdatedAt = "updated_at",
        Title = "title",
    }
}

impl Ordered for StudyKey {
    const ID: Column = Column::id("studies.id");

    fn column(by: By<Self>) -> Column {
        match by.key {
            Self::UpdatedAt => Column::instant("studies.updated_at"),
            Self::Title => Column::text("studies.title"),
        }
    }
}

/// Which studies a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub designs: Option<Vec<Design>>,
    pub reviews: Option<Vec<Review>>,
    pub years: Option<Vec<i32>>,
    /// Whether a working copy cites it.
    pub cited: Option<bool>,
    pub retracted: Option<bool>,
    /// Whether a reader could look it up, as `citing::record::completeness` says.
    pub complete: Option<bool>,
    pub doi: Option<Doi>,
    pub pmid: Option<Pmid>,
    /// Any of its keys.
    pub key: Option<String>,
    /// Stands in the title or in the name of an author.
    pub words: Option<String>,
}

/// What the record's members come to, in the words of one database.
struct Dialect {
    complete: &'static str,
    author: [&'static str; 2],
}

/// `citing::record::completeness` as SQL. Records were checked: every name has a part with something to see in it.
const SQLITE: Dialect = Dialect {
    complete: "(trim(studies.title) <> '' AND studies.year IS NOT NULL
        AND (coalesce(json_array_length(studies.csl, '$.author'), 0) > 0
            OR coalesce(json_array_length(studies.csl, '$.editor'), 0) > 0)
        AND (studies.csl ->> '$.type' NOT IN ('article-journal', 'article-magazine', 'article-newspaper', 'chapter',
                'paper-conference', 'entry-encyclopedia')
            OR trim(coalesce(studies.csl ->> '$.container-title', ''), ' ' || char(9, 10, 13)) <> '')
        AND (studies.doi IS NOT NULL OR studies.pmid IS NOT NULL OR studies.pmcid IS NOT NULL OR studies.isbn IS NOT NULL
            OR trim(coalesce(studies.csl ->> '$.URL', ''), ' ' || char(9, 10, 13)) <> ''))",
    author: [
        "EXISTS (SELECT 1 FROM json_each(studies.csl, '$.author') AS a
            WHERE coalesce(a.value ->> '$.family', a.value ->> '$.literal', a.value ->> '$.given') LIKE ",
        " ESCAPE '\\')",
    ],
};

const POSTGRES: Dialect = Dialect {
    complete: "(btrim(studies.title) <> '' AND studies.year IS NOT NULL
        AND (coalesce(jsonb_array_length(studies.csl -> 'author'), 0) > 0
            OR coalesce(jsonb_array_length(studies.csl -> 'editor'), 0) > 0)
        AND (studies.csl ->> 'type' NOT IN ('article-journal', 'article-magazine', 'article-newspaper', 'chapter',
                'paper-conference', 'entry-encyclopedia')
            OR btrim(coalesce(studies.csl ->> 'container-title', ''), E' \\t\\n\\r') <> '')
        AND (studies.doi IS NOT NULL OR studies.pmid IS NOT NULL OR studies.pmcid IS NOT NULL OR studies.isbn IS NOT NULL
            OR btrim(coalesce(studies.csl ->> 'URL', ''), E' \\t\\n\\r') <> ''))",
    author: [
        "EXISTS (SELECT 1 FROM jsonb_array_elements(studies.csl -> 'author') AS a(value)
            WHERE coalesce(a.value ->> 'family', a.value ->> 'literal', a.value ->> 'given') COLLATE \"C\" ILIKE ",
        " ESCAPE '\\')",
    ],
};

fn dialect(conn: &Conn) -> &'static Dialect {
    if matches!(conn, Conn::Sqlite(_)) { &SQLITE } else { &POSTGRES }
}

/// The title holds it: ASCII letters in either case, as SQLite's LIKE and PostgreSQL's ILIKE in the collation "C" agree.
fn title_like(conn: &Conn) -> [&'static str; 2] {
    let operator = if matches!(conn, Conn::Sqlite(_)) { "studies.title LIKE " } else { "studies.title ILIKE " };
    [operator, " ESCAPE '\\'"]
}

/// The words as a pattern of LIKE.
fn containing(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

macro_rules! filtered {
    ($dialect:expr, $title:expr, $filter:expr) => {{
        let (dialect, title): (&Dialect, [&'static str; 2]) = ($dialect, $title);
        let mut query = studies::table.into_boxed();
        if let Some(designs) = &$filter.designs {
            query = query.filter(studies::design.eq_any(designs));
        }
        if let Some(reviews) = &$filter.reviews {
            query = query.filter(studies::review.eq_any(reviews));
        }
        if let Some(years) = &$filter.years {
            query = query.filter(studies::year.eq_any(years));
        }
        if let Some(doi) = &$filter.doi {
            query = query.filter(studies::doi.eq(doi.as_str()));
        }
        if let Some(pmid) = &$filter.pmid {
            query = query.filter(studies::pmid.eq(pmid.as_str()));
        }
        if let Some(key) = &$filter.key {
            let named = study_keys::table.filter(study_keys::key.eq(fold_key(key))).select(study_keys::study_id);
            query = query.filter(studies::id.eq_any(named));
        }
        query = match $filter.retracted {
            Some(true) => query.filter(studies::retraction.eq(RetractionStatus::Retracted)),
            Some(false) => query.filter(
                studies::retraction.is_null().or(studies::retraction.ne(RetractionStatus::Retracted).assume_not_null()),
            ),
            None => query,
        };
        query = match $filter.complete {
            Some(true) => query.filter(sql::<Bool>(dialect.complete)),
            Some(false) => query.filter(diesel::dsl::not(sql::<Bool>(dialect.complete))),
            None => query,
        };
        if let Some(words) = &$filter.words {
            let in_title = sql::<Bool>("(").sql(title[0]).bind::<Text, _>(containing(words)).sql(title[1]);
            let or_author = in_title.sql(" OR ").sql(dialect.author[0]).bind::<Text, _>(containing(words));
            query = query.filter(or_author.sql(dialect.author[1]).sql(")"));
        }
        let citing = citations::table.filter(citations::study_id.eq(studies::id));
        match $filter.cited {
            Some(true) => query.filter(diesel::dsl::exists(citing)),
            Some(false) => query.filter(diesel::dsl::not(diesel::dsl::exists(citing))),
            None => query,
        }
    }};
}

/// One page of studies.
pub fn list(conn: &mut Conn, filter: &Filter, window: &Window<StudyKey>) -> Result<Page<Study>, Problem> {
    let (dialect, title) = (dialect(conn), title_like(conn));
    let beyond = window.beyond()?;
    let rows: Vec<Study> = on!(conn, c => filtered!(dialect, title, filter)
        .select(Study::as_select())
        .filter(beyond)
        .order(window.order_by())
        .limit(window.fetch())
        .load(c))?;
    let value = |study: &Study, by: By<StudyKey>| match by.key {
        StudyKey::UpdatedAt => study.updated_at.to_rfc3339(),
        StudyKey::Title => study.title.clone(),
    };
    Ok(window.page(rows, value, |study| study.id.to_string()))
}

/// How many studies there are.
pub fn count(conn: &mut Conn, filter: &Filter) -> Result<i64, Problem> {
    let (dialect, title) = (dialect(conn), title_like(conn));
    Ok(on!(conn, c => filtered!(dialect, title, filter).count().get_result(c))?)
}
