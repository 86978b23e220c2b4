//! Every query of the public reads: over publications, published studies, old slugs and approved comments.

pub mod discovery;
pub mod names;
pub mod studies;
pub mod translations;

use std::collections::HashMap;

use diesel::dsl::{case_when, exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use self::translations::Groups;
use super::model::{ArticleKey, Filters, Include, Selection, SlugName, Slugs, StudyName};
use crate::comments::{self, Comment, CommentPolicy};
use crate::db::Conn;
use crate::db::day::Day;
use crate::db::schema::{
    publication_authors, publication_citations, publication_tags, publications, published_authors, published_studies,
    slug_redirects, study_keys,
};
use crate::db::types::{Instant, sql::Instant as Moment};
use crate::error::Problem;
use crate::http::keyset::{self, Column, Ordered, day_or_never};
use crate::http::page::{Limit, Page, Window};
use crate::http::sort::{By, Direction};
use crate::ids::{ArticleId, ArticleRef, GroupId, StudyId};
use crate::language::Language;
use crate::library::RetractionStatus;
use crate::on;
use crate::publishing::document::ReviewOverdue;

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
    /// The JSON text of its sections in other forms than HTML, when they were asked for.
    pub bodies: Option<String>,
    pub translation_group: GroupId,
    /// The day by which its next review is due.
    pub review_due: Option<Day>,
}

/// Which of the large columns to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns {
    pub sections: bool,
    pub citations: bool,
    pub bodies: bool,
}

impl Columns {
    pub const SECTIONS: Self = Self { sections: true, citations: false, bodies: false };
    pub const CITATIONS: Self = Self { sections: false, citations: true, bodies: false };

    pub fn of(selection: &Selection) -> Self {
        let sections = selection.wants(Include::Sections);
        let bodies = sections && selection.formats.beyond_html();
        Self { sections, citations: selection.wants(Include::Citations), bodies }
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
            case_when(columns.bodies.into_sql::<Bool>(), publications::bodies),
            publications::translation_group,
            publications::review_due,
        )
    }};
}

/// The published article of that name. The statement is prepared once.
pub fn find(conn: &mut Conn, article: &ArticleRef, columns: Columns) -> QueryResult<Option<Publication>> {
    on!(conn, c => {
        let query = publications::table.select(columns!(columns));
        match article {
            ArticleRef::Id(id) => query.filter(publications::article_id.eq(*id)).first(c).optional(),
            ArticleRef::Slug(slug) => query.filter(publications::slug.eq(slug)).first(c).optional(),
        }
    })
}

/// What is no longer to be relied on: what the filters call retracted.
const DOUBTFUL: [RetractionStatus; 2] = [RetractionStatus::Retracted, RetractionStatus::ExpressionOfConcern];

/// Narrows a boxed query by a filter: the condition holds for the values of which a thing has one, and not for those of
/// which it has none. The condition is never null.
macro_rules! narrow {
    ($query:ident, $filter:expr, $values:ident => $condition:expr) => {
        if let Some($values) = &$filter.any {
            $query = $query.filter($condition);
        }
        if let Some($values) = &$filter.none {
            $query = $query.filter(not($condition));
        }
    };
}
use narrow;

diesel::alias! {
    // What is asked of one article, beside those that a list is read along.
    const OF_ARTICLE_TAGS: Alias<OfArticleTags> = publication_tags as of_article_tags;
    const OF_ARTICLE_AUTHORS: Alias<OfArticleAuthors> = publication_authors as of_article_authors;
}

/// The publications that the filters leave, as a boxed query.
macro_rules! filtered {
    ($filters:expr) => {
        filtered!(publications::table.into_boxed(), $filters)
    };
    ($all:expr, $filters:expr) => {{
        let filters: &Filters = $filters;
        let mut query = $all;
        if let Some(matching) = &filters.matching {
            query = query.filter(matching.clone());
        }
        narrow!(query, filters.slugs, slugs => publications::slug.eq_any(slugs.iter().map(SlugName::as_str)));
        narrow!(query, filters.languages, languages => {
            publications::language.eq_any(languages.iter().map(Language::as_str))
        });
        narrow!(query, filters.tags, tags => exists(
            OF_ARTICLE_TAGS
                .filter(OF_ARTICLE_TAGS.field(publication_tags::article_id).eq(publications::article_id))
                .filter(OF_ARTICLE_TAGS.field(publication_tags::slug).eq_any(tags.iter().map(SlugName::as_str)))
        ));
        narrow!(query, filters.authors, authors => exists(
            OF_ARTICLE_AUTHORS
                .filter(OF_ARTICLE_AUTHORS.field(publication_authors::article_id).eq(publications::article_id))
                .filter(OF_ARTICLE_AUTHORS.field(publication_authors::slug).eq_any(authors.iter().map(SlugName::as_str)))
        ));
        // A study is cited by few of all articles: these are found first, not each article asked.
        narrow!(query, filters.cites, names => publications::article_id.eq_any({
            let names = Names::of(names);
            let now = published_studies::table
                .filter(
                    published_studies::study_id
                        .eq_any(names.ids)
                        .or(published_studies::key.eq_any(names.keys))
                        .or(published_studies::doi.assume_not_null().eq_any(names.dois)),
                )
                .select(published_studies::study_id);
            let once = study_keys::table.filter(study_keys::key.eq_any(names.all)).select(study_keys::study_id);
            publication_citations::table
                .filter(publication_citations::study_id.eq_any(now.union(once)))
                .select(publication_citations::article_id)
        }));
        narrow!(query, filters.levels, levels => exists(
            publication_citations::table
                .filter(publication_citations::article_id.eq(publications::article_id))
                .filter(publication_citations::evidence_level.eq_any(levels))
        ));
        narrow!(query, filters.designs, designs => exists(
            publication_citations::table
                .inner_join(published_studies::table)
                .filter(publication_citations::article_id.eq(publications::article_id))
                .filter(published_studies::design.eq_any(designs))
        ));
        if let Some(study) = filters.study {
            let citing = publication_citations::table
                .filter(publication_citations::study_id.eq(study))
                .select(publication_citations::article_id);
            query = query.filter(publications::article_id.eq_any(citing));
        }
        for (condition, at) in filters.moments.conditions() {
            query = query.filter(sql::<Bool>(condition).bind::<Moment, _>(at));
        }
        match filters.overdue {
            Some(ReviewOverdue { is: true, on }) => query = query.filter(publications::review_due.lt(on)),
            Some(ReviewOverdue { is: false, on }) => {
                query = query.filter(publications::review_due.ge(on).or(publications::review_due.is_null()));
            }
            None => {}
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
    /// As the table of all names has them, those that studies had before among them.
    all: Vec<String>,
}

impl<'a> Names<'a> {
    fn of(names: &'a [StudyName]) -> Self {
        let mut all = Self::default();
        for name in names {
            all.all.push(recorded(name));
            match name {
                StudyName::Id(id) => all.ids.push(*id),
                StudyName::Key(key) => all.keys.push(key),
                StudyName::Doi(doi) => all.dois.push(doi),
            }
        }
        all
    }
}

/// A name as the table of all names has it.
fn recorded(name: &StudyName) -> String {
    match name {
        StudyName::Id(id) => id.to_string(),
        StudyName::Key(key) => key.clone(),
        StudyName::Doi(doi) => format!("doi:{doi}"),
    }
}

impl Ordered for ArticleKey {
    const ID: Column = Column::id("publications.article_id");

    fn column(by: By<Self>) -> Column {
        match (by.key, by.direction) {
            (Self::Published, _) => Column::instant("publications.published_at"),
            (Self::Updated, _) => Column::instant("publications.updated_at"),
            (Self::Title, _) => Column::text("publications.title"),
            // As the indexes have it, and `day_or_never`.
            (Self::ReviewDue, Direction::Up) => Column::day("coalesce(publications.review_due, 'infinity')"),
            (Self::ReviewDue, Direction::Down) => Column::day("coalesce(publications.review_due, '-infinity')"),
        }
    }
}

/// The index that a page is read along.
enum Along<'a> {
    /// That of all publications: each is asked whether the filters leave it.
    All,
    /// That of one tag, by when its articles were published.
    Tag(&'a SlugName),
    /// That of one author, likewise.
    Author(&'a SlugName),
}

impl<'a> Along<'a> {
    fn of(filters: &'a Filters, window: &Window<ArticleKey>) -> Self {
        let by_day = matches!(window.sort.keys(), [By { key: ArticleKey::Published, .. }]);
        // Articles that have several of the names would be there several times.
        let one = |slugs: &'a Slugs| slugs.any.as_deref().filter(|slugs| by_day && slugs.len() == 1)?.first();
        let author = one(&filters.authors).map(Self::Author);
        author.or_else(|| one(&filters.tags).map(Self::Tag)).unwrap_or(Self::All)
    }
}

/// A page of the published articles that the filters leave, with the place of the tags or authors that it is read along.
macro_rules! page_along {
    ($c:ident, $names:ident, $slug:expr, $filters:expr, $window:expr, $columns:expr) => {{
        let places = keyset::Columns {
            key: |_| Column::instant(concat!(stringify!($names), ".published_at")),
            id: Column::id(concat!(stringify!($names), ".article_id")),
        };
        let all = $names::table.inner_join(publications::table).filter($names::slug.eq($slug.as_str())).into_boxed();
        filtered!(all, $filters)
            .filter($window.beyond_in(places)?)
            .order($window.order_in(places))
            .limit($window.fetch())
            .select(columns!($columns))
            .load($c)?
    }};
}

/// A page of the published articles that the filters leave.
pub fn list(
    conn: &mut Conn,
    filters: &Filters,
    window: &Window<ArticleKey>,
    columns: Columns,
) -> Result<Page<Publication>, Problem> {
    let rows: Vec<Publication> = on!(conn, c => match Along::of(filters, window) {
        Along::All => filtered!(filters)
            .filter(window.beyond()?)
            .order(window.order_by())
            .limit(window.fetch())
            .select(columns!(columns))
            .load(c)?,
        Along::Tag(slug) => page_along!(c, publication_tags, slug, filters, window, columns),
        Along::Author(slug) => page_along!(c, publication_authors, slug, filters, window, columns),
    });
    let value = |row: &Publication, by: By<ArticleKey>| match by.key {
        ArticleKey::Published => row.published_at.to_rfc3339(),
        ArticleKey::Updated => row.updated_at.to_rfc3339(),
        ArticleKey::Title => row.title.clone(),
        ArticleKey::ReviewDue => day_or_never(row.review_due, by.direction),
    };
    Ok(window.page(rows, value, |row| row.id.to_string()))
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

/// The published articles of these names that the filters leave, in the order of the names, each once; and the names
/// under which none was found. Old slugs lead to the present articles. Two statements.
pub fn batch(
    conn: &mut Conn,
    filters: &Filters,
    names: &[ArticleRef],
    columns: Columns,
) -> QueryResult<(Vec<Publication>, Vec<String>)> {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            ArticleRef::Id(id) => ids.push(*id),
            ArticleRef::Slug(slug) => slugs.push(slug.as_str()),
        }
    }
    let old: Vec<(String, ArticleId)> = on!(conn, c => slug_redirects::table
        .filter(slug_redirects::slug.eq_any(&slugs))
        .select((slug_redirects::slug, slug_redirects::article_id))
        .load(c))?;
    let old: HashMap<String, ArticleId> = old.into_iter().collect();
    ids.extend(old.values());
    let rows: Vec<(String, Publication)> = on!(conn, c => filtered!(filters)
        .filter(publications::article_id.eq_any(&ids).or(publications::slug.eq_any(&slugs)))
        .select((publications::slug, columns!(columns)))
        .load(c))?;
    let by_slug: HashMap<String, ArticleId> = rows.iter().map(|(slug, row)| (slug.clone(), row.id)).collect();
    let id = |name: &ArticleRef| match name {
        ArticleRef::Id(id) => Some(*id),
        // A slug that is in use leads nowhere else.
        ArticleRef::Slug(slug) => by_slug.get(slug).or_else(|| old.get(slug)).copied(),
    };
    let rows = rows.into_iter().map(|(_, row)| (row.id, row)).collect();
    Ok(in_order(names, id, rows))
}

/// What was found under the names, in their order, each thing once, and the names under which nothing was.
pub fn in_order<N: ToString, I: Eq + std::hash::Hash, T>(
    names: &[N],
    id: impl Fn(&N) -> Option<I>,
    mut found: HashMap<I, T>,
) -> (Vec<T>, Vec<String>) {
    let there: Vec<bool> = names.iter().map(|name| id(name).is_some_and(|id| found.contains_key(&id))).collect();
    let missing = names.iter().zip(there).filter(|(_, there)| !there).map(|(name, _)| name.to_string()).collect();
    let in_order = names.iter().filter_map(|name| found.remove(&id(name)?)).collect();
    (in_order, missing)
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
    /// All that is published of a group of translations, when it was asked for.
    pub translations: Option<Groups>,
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
    let counts: Vec<(String, i32)> = on!(conn, c => published_authors::table
        .filter(published_authors::slug.eq_any(slugs))
        .select((published_authors::slug, published_authors::articles))
        .load(c))?;
    Ok(counts.into_iter().map(|(slug, count)| (slug, i64::from(count))).collect())
}
