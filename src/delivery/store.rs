//! Every query of the public reads: over publications, published studies, old slugs and approved comments.

pub mod discovery;

use std::collections::HashMap;

use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable};

use super::model::{ArticleSort, Filters, Include, Selection, SlugName, StudyFilters, StudyName, StudySort};
use crate::comments::{self, Comment, CommentPolicy};
use crate::db::Conn;
use crate::db::schema::{
    publication_authors, publication_citations, publication_tags, publications, published_studies, study_keys,
};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::page::{Limit, Page, Window, any_text};
use crate::ids::{ArticleId, ArticleRef, StudyId};
use crate::language::Language;
use crate::library::RetractionStatus;
use crate::{keyset, on};

diesel::define_sql_function! {
    /// The first of the two that is known.
    fn coalesce(x: Nullable<Integer>, y: Integer) -> Integer;
}

/// What is read of a publication.
#[derive(Debug, Queryable)]
pub struct Publication {
    pub id: ArticleId,
    pub title: String,
    pub language: String,
    /// The name of the citation style.
    pub style: String,
    pub published_at: Instant,
    pub updated_at: Instant,
    pub comment_policy: CommentPolicy,
    /// The JSON text of its head.
    pub head: String,
    /// The JSON text of its sections, when they were asked for.
    pub sections: Option<String>,
    /// The JSON text of its citations, when they were asked for.
    pub citations: Option<String>,
}

/// Which of the large columns to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns {
    pub sections: bool,
    pub citations: bool,
}

impl Columns {
    pub const SECTIONS: Self = Self { sections: true, citations: false };
    pub const CITATIONS: Self = Self { sections: false, citations: true };

    pub fn of(selection: &Selection) -> Self {
        Self { sections: selection.wants(Include::Sections), citations: selection.wants(Include::Citations) }
    }
}

/// The columns of a [`Publication`]; the large ones are read only when wanted, in the same statement.
macro_rules! columns {
    ($columns:expr) => {{
        let columns: Columns = $columns;
        (
            publications::article_id,
            publications::title,
            publications::language,
            publications::style,
            publications::published_at,
            publications::updated_at,
            publications::comment_policy,
            publications::head,
            case_when(columns.sections.into_sql::<Bool>(), publications::sections),
            case_when(columns.citations.into_sql::<Bool>(), publications::citations),
        )
    }};
}

/// The published article of that name.
pub fn find(conn: &mut Conn, article: &ArticleRef, columns: Columns) -> QueryResult<Option<Publication>> {
    on!(conn, c => {
        let query = publications::table.select(columns!(columns)).into_boxed();
        let query = match article {
            ArticleRef::Id(id) => query.filter(publications::article_id.eq(*id)),
            ArticleRef::Slug(slug) => query.filter(publications::slug.eq(slug)),
        };
        query.first(c).optional()
    })
}

/// What is no longer to be relied on: what the filters call retracted.
const DOUBTFUL: [RetractionStatus; 2] = [RetractionStatus::Retracted, RetractionStatus::ExpressionOfConcern];

/// The publications that the filters leave, as a boxed query.
macro_rules! filtered {
    ($filters:expr) => {{
        let filters: &Filters = $filters;
        let mut query = publications::table.into_boxed();
        if let Some(languages) = &filters.languages {
            query = query.filter(publications::language.eq_any(languages.0.iter().map(Language::as_str)));
        }
        if let Some(matching) = &filters.matching {
            query = query.filter(matching.clone());
        }
        if let Some(tags) = &filters.tags {
            let tagged = publication_tags::table
                .filter(publication_tags::article_id.eq(publications::article_id))
                .filter(publication_tags::slug.eq_any(tags.0.iter().map(SlugName::as_str)));
            query = query.filter(exists(tagged));
        }
        if let Some(authors) = &filters.authors {
            let written = publication_authors::table
                .filter(publication_authors::article_id.eq(publications::article_id))
                .filter(publication_authors::slug.eq_any(authors.0.iter().map(SlugName::as_str)));
            query = query.filter(exists(written));
        }
        if let Some(cites) = &filters.cites {
            let names = Names::of(&cites.0);
            // A study is cited by few of all articles: these are found first, not each article asked.
            let citing = publication_citations::table
                .inner_join(published_studies::table)
                .filter(
                    published_studies::study_id
                        .eq_any(names.ids)
                        .or(published_studies::key.eq_any(names.keys))
                        .or(published_studies::doi.assume_not_null().eq_any(names.dois)),
                )
                .select(publication_citations::article_id);
            query = query.filter(publications::article_id.eq_any(citing));
        }
        if let Some(levels) = &filters.levels {
            let of_level = publication_citations::table
                .filter(publication_citations::article_id.eq(publications::article_id))
                .filter(publication_citations::evidence_level.eq_any(&levels.0));
            query = query.filter(exists(of_level));
        }
        if let Some(designs) = &filters.designs {
            let of_design = publication_citations::table
                .inner_join(published_studies::table)
                .filter(publication_citations::article_id.eq(publications::article_id))
                .filter(published_studies::design.eq_any(&designs.0));
            query = query.filter(exists(of_design));
        }
        // Few studies are: they are found first.
        let doubtful = publication_citations::table
            .inner_join(published_studies::table)
            .filter(published_studies::retraction.eq_any(DOUBTFUL))
            .select(publication_citations::article_id);
        match filters.retracted {
            Some(true) => query.filter(publications::article_id.eq_any(doubtful)),
            Some(false) => query.filter(publications::article_id.ne_all(doubtful)),
            None => query,
        }
    }};
}

/// Names of studies by their kind.
#[derive(Default)]
struct Names<'a> {
    ids: Vec<StudyId>,
    keys: Vec<&'a str>,
    dois: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(names: &'a [StudyName]) -> Self {
        let mut all = Self::default();
        for name in names {
            match name {
                StudyName::Id(id) => all.ids.push(*id),
                StudyName::Key(key) => all.keys.push(key),
                StudyName::Doi(doi) => all.dois.push(doi),
            }
        }
        all
    }
}

/// A page of the published articles that the filters leave.
pub fn list(
    conn: &mut Conn,
    filters: &Filters,
    sort: ArticleSort,
    window: &Window,
    columns: Columns,
) -> Result<Page<Publication>, Problem> {
    use publications::{article_id, published_at, title, updated_at};
    let rows: Vec<Publication> = on!(conn, c => {
        let query = filtered!(filters);
        let query = match sort {
            ArticleSort::Published | ArticleSort::PublishedDown => {
                keyset!(query, window, published_at, article_id, window.place(Instant::parse, ArticleId::parse)?)
            }
            ArticleSort::Updated | ArticleSort::UpdatedDown => {
                keyset!(query, window, updated_at, article_id, window.place(Instant::parse, ArticleId::parse)?)
            }
            ArticleSort::Title | ArticleSort::TitleDown => {
                keyset!(query, window, title, article_id, window.place(any_text, ArticleId::parse)?)
            }
        };
        query.select(columns!(columns)).load(c)
    })?;
    Ok(window.page(rows, |row| {
        let value = match sort {
            ArticleSort::Published | ArticleSort::PublishedDown => row.published_at.to_rfc3339(),
            ArticleSort::Updated | ArticleSort::UpdatedDown => row.updated_at.to_rfc3339(),
            ArticleSort::Title | ArticleSort::TitleDown => row.title.clone(),
        };
        (value, row.id.to_string())
    }))
}

/// These published articles, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[ArticleId], columns: Columns) -> QueryResult<Vec<Publication>> {
    on!(conn, c => publications::table
        .filter(publications::article_id.eq_any(ids))
        .select(columns!(columns))
        .load(c))
}

/// How many published articles the filters leave.
pub fn count(conn: &mut Conn, filters: &Filters) -> QueryResult<i64> {
    on!(conn, c => filtered!(filters).count().get_result(c))
}

/// What is joined to publications when they are read, because it changes without them.
#[derive(Debug, Default)]
pub struct Around {
    /// How many comments are approved; none where an article is missing.
    pub comments: HashMap<ArticleId, i64>,
    /// The first threads of approved comments, when they were asked for.
    pub threads: HashMap<ArticleId, Page<Comment>>,
    /// How many published articles an author has, by slug, when it was asked for.
    pub authors: HashMap<String, i64>,
}

/// What the selection wants around these articles: at most one statement for each kind, however many they are.
pub fn around(conn: &mut Conn, ids: &[ArticleId], authors: &[&str], selection: &Selection) -> Result<Around, Problem> {
    let mut around = Around::default();
    if ids.is_empty() {
        return Ok(around);
    }
    if selection.wants_discussion() {
        around.comments = comments::summaries(conn, ids)?;
    }
    if selection.wants(Include::Comments) {
        around.threads = comments::first_threads(conn, ids, Limit::default())?;
    }
    if selection.wants(Include::Authors) {
        around.authors = author_counts(conn, authors)?;
    }
    Ok(around)
}

fn author_counts(conn: &mut Conn, slugs: &[&str]) -> QueryResult<HashMap<String, i64>> {
    let counts: Vec<(String, i64)> = on!(conn, c => publication_authors::table
        .filter(publication_authors::slug.eq_any(slugs))
        .group_by(publication_authors::slug)
        .select((publication_authors::slug, diesel::dsl::count(publication_authors::article_id).aggregate_distinct()))
        .load(c))?;
    Ok(counts.into_iter().collect())
}

/// A study that is cited by something published.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = published_studies)]
pub struct CitedStudy {
    pub study_id: StudyId,
    pub title: String,
    pub year: Option<i32>,
    /// Its JSON text.
    pub document: String,
    pub updated_at: Instant,
}

/// The study of that name.
pub fn study(conn: &mut Conn, name: &StudyName) -> QueryResult<Option<CitedStudy>> {
    let present = on!(conn, c => {
        let query = published_studies::table.select(CitedStudy::as_select()).into_boxed();
        let query = match name {
            StudyName::Id(id) => query.filter(published_studies::study_id.eq(*id)),
            StudyName::Key(key) => query.filter(published_studies::key.eq(key)),
            StudyName::Doi(doi) => query.filter(published_studies::doi.eq(doi)),
        };
        query.first(c).optional()
    })?;
    match present {
        Some(study) => Ok(Some(study)),
        None => once_named(conn, name),
    }
}

/// The study that had this name before: its key was changed, or it became one with another.
fn once_named(conn: &mut Conn, name: &StudyName) -> QueryResult<Option<CitedStudy>> {
    let name = match name {
        StudyName::Id(id) => id.to_string(),
        StudyName::Key(key) => key.clone(),
        StudyName::Doi(doi) => format!("doi:{doi}"),
    };
    let named = || study_keys::table.filter(study_keys::key.eq(&name)).select(study_keys::study_id);
    on!(conn, c => published_studies::table
        .filter(published_studies::study_id.eq_any(named()))
        .select(CitedStudy::as_select())
        .first(c)
        .optional())
}

/// The studies that the filters leave, as a boxed query.
macro_rules! filtered_studies {
    ($filters:expr) => {{
        let filters: &StudyFilters = $filters;
        let mut query = published_studies::table.into_boxed();
        if let Some(matching) = &filters.matching {
            query = query.filter(matching.clone());
        }
        if let Some(designs) = &filters.designs {
            query = query.filter(published_studies::design.eq_any(&designs.0));
        }
        if let Some(years) = &filters.years {
            query = query.filter(published_studies::year.eq_any(years.0.iter().map(|given| given.0)));
        }
        match filters.retracted {
            Some(true) => query.filter(published_studies::retraction.eq_any(DOUBTFUL)),
            Some(false) => query.filter(
                published_studies::retraction
                    .is_null()
                    .or(published_studies::retraction.ne_all(DOUBTFUL).assume_not_null()),
            ),
            None => query,
        }
    }};
}

/// A page of the studies that published articles cite and the filters leave.
pub fn studies(
    conn: &mut Conn,
    filters: &StudyFilters,
    sort: StudySort,
    window: &Window,
) -> Result<Page<CitedStudy>, Problem> {
    use published_studies::{study_id, title, year};
    // Beyond every year there is, on the side that comes last.
    let unknown = if sort == StudySort::YearDown { i32::MIN } else { i32::MAX };
    let rows: Vec<CitedStudy> = on!(conn, c => {
        let query = filtered_studies!(filters);
        let query = match sort {
            StudySort::Title | StudySort::TitleDown => {
                keyset!(query, window, title, study_id, window.place(any_text, StudyId::parse)?)
            }
            StudySort::Year | StudySort::YearDown => {
                let number = |text: &str| text.parse::<i32>().ok();
                keyset!(query, window, coalesce(year, unknown), study_id, window.place(number, StudyId::parse)?)
            }
        };
        query.select(CitedStudy::as_select()).load(c)
    })?;
    Ok(window.page(rows, |row| {
        let value = match sort {
            StudySort::Title | StudySort::TitleDown => row.title.clone(),
            StudySort::Year | StudySort::YearDown => row.year.unwrap_or(unknown).to_string(),
        };
        (value, row.study_id.to_string())
    }))
}

/// How many studies published articles cite that the filters leave.
pub fn study_count(conn: &mut Conn, filters: &StudyFilters) -> QueryResult<i64> {
    on!(conn, c => filtered_studies!(filters).count().get_result(c))
}

/// The number that the study has in each of these articles.
pub fn numbers(conn: &mut Conn, study: StudyId, articles: &[ArticleId]) -> QueryResult<HashMap<ArticleId, i32>> {
    let numbers: Vec<(ArticleId, i32)> = on!(conn, c => publication_citations::table
        .filter(publication_citations::study_id.eq(study))
        .filter(publication_citations::article_id.eq_any(articles))
        .select((publication_citations::article_id, publication_citations::number))
        .load(c))?;
    Ok(numbers.into_iter().collect())
}
