//! Every query about the studies that published articles cite.

use std::collections::HashMap;

use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};

use super::{DOUBTFUL, Names, in_order, narrow, recorded};
use crate::db::Conn;
use crate::db::schema::{publication_citations, published_studies, study_keys};
use crate::db::types::{Instant, sql};
use crate::delivery::model::{DoiName, Identifier, PmcidName, PmidName, StudyFilters, StudyName, StudySortKey};
use crate::error::Problem;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::{By, Direction};
use crate::ids::{ArticleId, StudyId};
use crate::on;

/// A study that is cited by something published.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = published_studies)]
pub struct CitedStudy {
    pub study_id: StudyId,
    pub key: String,
    pub title: String,
    pub year: Option<i32>,
    pub doi: Option<String>,
    /// Its JSON text.
    pub document: String,
    pub updated_at: Instant,
}

/// The study of that name.
pub fn find(conn: &mut Conn, name: &StudyName) -> QueryResult<Option<CitedStudy>> {
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
    let name = recorded(name);
    let named = || study_keys::table.filter(study_keys::key.eq(&name)).select(study_keys::study_id);
    on!(conn, c => published_studies::table
        .filter(published_studies::study_id.eq_any(named()))
        .select(CitedStudy::as_select())
        .first(c)
        .optional())
}

/// The present keys of the published studies that have these keys or had them before, by the keys that are asked for. One
/// statement.
pub fn present_keys(conn: &mut Conn, keys: &[String]) -> QueryResult<HashMap<String, String>> {
    let found: Vec<(String, String)> = on!(conn, c => study_keys::table
        .inner_join(published_studies::table.on(published_studies::study_id.eq(study_keys::study_id)))
        .filter(study_keys::key.eq_any(keys))
        .select((study_keys::key, published_studies::key))
        .load(c))?;
    Ok(found.into_iter().collect())
}

/// The studies that the filters leave, as a boxed query.
macro_rules! filtered {
    ($filters:expr) => {{
        let filters: &StudyFilters = $filters;
        let mut query = published_studies::table.into_boxed();
        if let Some(matching) = &filters.matching {
            query = query.filter(matching.clone());
        }
        narrow!(query, filters.designs, designs => {
            published_studies::design.is_not_null().and(published_studies::design.assume_not_null().eq_any(designs))
        });
        narrow!(query, filters.years, years => {
            let years = years.iter().map(|given| given.0);
            published_studies::year.is_not_null().and(published_studies::year.assume_not_null().eq_any(years))
        });
        narrow!(query, filters.dois, dois => {
            let dois = dois.iter().map(DoiName::as_str);
            published_studies::doi.is_not_null().and(published_studies::doi.assume_not_null().eq_any(dois))
        });
        narrow!(query, filters.pmids, pmids => {
            let pmids = pmids.iter().map(PmidName::as_str);
            published_studies::pmid.is_not_null().and(published_studies::pmid.assume_not_null().eq_any(pmids))
        });
        narrow!(query, filters.pmcids, pmcids => {
            let pmcids = pmcids.iter().map(PmcidName::as_str);
            published_studies::pmcid.is_not_null().and(published_studies::pmcid.assume_not_null().eq_any(pmcids))
        });
        narrow!(query, filters.has, kinds => {
            let has = |kind: Identifier| kinds.contains(&kind);
            (published_studies::doi.is_not_null().and(has(Identifier::Doi).into_sql::<Bool>()))
                .or(published_studies::pmid.is_not_null().and(has(Identifier::Pmid).into_sql::<Bool>()))
                .or(published_studies::pmcid.is_not_null().and(has(Identifier::Pmcid).into_sql::<Bool>()))
        });
        if let Some(from) = filters.year_from {
            query = query.filter(published_studies::year.ge(from));
        }
        if let Some(to) = filters.year_to {
            query = query.filter(published_studies::year.le(to));
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

/// What stands for an unknown year: beyond every year there is, on the side that comes last.
fn unknown_year(direction: Direction) -> i32 {
    match direction {
        Direction::Up => 10_000,
        Direction::Down => -10_000,
    }
}

impl Ordered for StudySortKey {
    const ID: Column = Column::id("published_studies.study_id");

    fn column(by: By<Self>) -> Column {
        match (by.key, by.direction) {
            (Self::Title, _) => Column::text("published_studies.title"),
            (Self::Key, _) => Column::text("published_studies.key"),
            // As the indexes have it, and `unknown_year`.
            (Self::Year, Direction::Up) => Column::number("coalesce(published_studies.year, 10000)"),
            (Self::Year, Direction::Down) => Column::number("coalesce(published_studies.year, -10000)"),
        }
    }
}

/// A page of the studies that published articles cite and the filters leave.
pub fn list(
    conn: &mut Conn,
    filters: &StudyFilters,
    window: &Window<StudySortKey>,
) -> Result<Page<CitedStudy>, Problem> {
    let beyond = window.beyond()?;
    let rows: Vec<CitedStudy> = on!(conn, c => filtered!(filters)
        .filter(beyond)
        .order(window.order_by())
        .limit(window.fetch())
        .select(CitedStudy::as_select())
        .load(c))?;
    let value = |row: &CitedStudy, by: By<StudySortKey>| match by.key {
        StudySortKey::Title => row.title.clone(),
        StudySortKey::Key => row.key.clone(),
        StudySortKey::Year => row.year.unwrap_or(unknown_year(by.direction)).to_string(),
    };
    Ok(window.page(rows, value, |row| row.study_id.to_string()))
}

/// The studies of these names that the filters leave, in the order of the names, each once; and the names under which
/// none was found. Names that studies had before lead to them. Two statements.
pub fn batch(
    conn: &mut Conn,
    filters: &StudyFilters,
    names: &[StudyName],
) -> QueryResult<(Vec<CitedStudy>, Vec<String>)> {
    let given = Names::of(names);
    let once: Vec<(String, StudyId)> = {
        on!(conn, c => study_keys::table
            .filter(study_keys::key.eq_any(&given.all))
            .select((study_keys::key, study_keys::study_id))
            .load(c))?
    };
    let once: HashMap<String, StudyId> = once.into_iter().collect();
    let ids: Vec<StudyId> = given.ids.iter().chain(once.values()).copied().collect();
    let rows: Vec<CitedStudy> = on!(conn, c => filtered!(filters)
        .filter(
            published_studies::study_id
                .eq_any(&ids)
                .or(published_studies::key.eq_any(&given.keys))
                .or(published_studies::doi.is_not_null().and(published_studies::doi.assume_not_null().eq_any(&given.dois))),
        )
        .select(CitedStudy::as_select())
        .load(c))?;
    let mut now: HashMap<String, StudyId> = HashMap::new();
    for row in &rows {
        now.insert(row.key.clone(), row.study_id);
        now.extend(row.doi.iter().map(|doi| (doi.clone(), row.study_id)));
    }
    let is_there = |id: &StudyId| rows.iter().any(|row| row.study_id == *id);
    let id = |name: &StudyName| match name {
        StudyName::Id(id) if is_there(id) => Some(*id),
        StudyName::Id(_) => once.get(&recorded(name)).copied(),
        StudyName::Key(word) | StudyName::Doi(word) => now.get(word).or_else(|| once.get(&recorded(name))).copied(),
    };
    let ids: Vec<Option<StudyId>> = names.iter().map(id).collect();
    let of: HashMap<String, StudyId> =
        names.iter().map(ToString::to_string).zip(ids).filter_map(|(name, id)| Some((name, id?))).collect();
    let rows = rows.into_iter().map(|row| (row.study_id, row)).collect();
    Ok(in_order(names, |name| of.get(&name.to_string()).copied(), rows))
}

/// How many studies published articles cite that the filters leave.
pub fn count(conn: &mut Conn, filters: &StudyFilters) -> QueryResult<i64> {
    on!(conn, c => filtered!(filters).count().get_result(c))
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

/// The most articles that come with one study.
pub const MOST_ARTICLES: i64 = 20;

/// An article that cites a study, as it comes with the study.
#[derive(Debug, QueryableByName)]
pub struct CitingArticle {
    #[diesel(sql_type = sql::Id)]
    pub study_id: StudyId,
    /// How many articles cite the study in all.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = sql::Id)]
    pub id: ArticleId,
    #[diesel(sql_type = Text)]
    pub slug: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = sql::Instant)]
    pub published_at: Instant,
}

/// The newest articles that cite each of these studies. One statement.
pub fn newest_articles(conn: &mut Conn, studies: &[StudyId]) -> QueryResult<HashMap<StudyId, Vec<CitingArticle>>> {
    if studies.is_empty() {
        return Ok(HashMap::new());
    }
    // The databases bind lists differently; ids are hyphenated UUIDs, so they can stand in the text.
    let ids: Vec<String> = studies.iter().map(|id| format!("'{id}'")).collect();
    let text = format!(
        "SELECT * FROM (
            SELECT c.study_id, c.number, p.article_id AS id, p.slug, p.title, p.published_at,
                count(*) OVER (PARTITION BY c.study_id) AS total,
                row_number() OVER (PARTITION BY c.study_id ORDER BY p.published_at DESC, p.article_id DESC) AS nth
            FROM publication_citations c JOIN publications p ON p.article_id = c.article_id
            WHERE c.study_id IN ({})
        ) AS numbered WHERE nth <= {MOST_ARTICLES} ORDER BY study_id, nth",
        ids.join(", ")
    );
    let rows: Vec<CitingArticle> = on!(conn, c => diesel::sql_query(text).load(c))?;
    let mut by_study: HashMap<StudyId, Vec<CitingArticle>> = HashMap::new();
    for row in rows {
        by_study.entry(row.study_id).or_default().push(row);
    }
    Ok(by_study)
}
