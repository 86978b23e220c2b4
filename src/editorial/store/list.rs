//! Lists of working copies.

use diesel::prelude::*;

use super::super::draft::Article;
use super::super::model::{ArticleKey, Scheduled, State};
use super::Scope;
use super::parts::{Around, around};
use crate::db::Conn;
use crate::db::schema::{article_authors, article_tags, articles, citations, schedules, tags};
use crate::error::Problem;
use crate::http::keyset::{Column, Ordered, day_or_never};
use crate::http::page::{Page, Window};
use crate::http::sort::{By, Direction};
use crate::ids::{ArticleId, EditorId, StudyId};
use crate::on;
use crate::publishing::document::ReviewOverdue;

/// Which articles a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub states: Option<Vec<State>>,
    pub languages: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub authors: Option<Vec<String>>,
    pub overdue: Option<ReviewOverdue>,
    pub scheduled: Option<Vec<Scheduled>>,
    pub owners: Option<Vec<EditorId>>,
    /// Studies that they cite.
    pub cites: Option<Vec<StudyId>>,
}

/// [`Article::state`] as SQL.
const STATE: &str = "CASE WHEN articles.published_version = articles.version THEN 'published' \
     WHEN articles.published_version IS NOT NULL THEN 'changed' \
     WHEN articles.publication_count > 0 THEN 'unpublished' ELSE 'draft' END";

macro_rules! filtered {
    ($scope:expr, $filter:expr) => {{
        let mut query = articles::table.filter(articles::trashed_at.is_null()).into_boxed();
        if let Scope::Own(editor) = $scope {
            query = query.filter(articles::owner_id.eq(editor));
        }
        if let Some(languages) = &$filter.languages {
            query = query.filter(articles::language.eq_any(languages));
        }
        if let Some(slugs) = &$filter.tags {
            query = query.filter(diesel::dsl::exists(
                article_tags::table
                    .inner_join(tags::table)
                    .filter(article_tags::article_id.eq(articles::id))
                    .filter(tags::slug.eq_any(slugs)),
            ));
        }
        if let Some(slugs) = &$filter.authors {
            query = query.filter(diesel::dsl::exists(
                article_authors::table
                    .filter(article_authors::article_id.eq(articles::id))
                    .filter(article_authors::slug.eq_any(slugs)),
            ));
        }
        if let Some(owners) = &$filter.owners {
            query = query.filter(articles::owner_id.assume_not_null().eq_any(owners));
        }
        if let Some(studies) = &$filter.cites {
            query = query.filter(diesel::dsl::exists(
                citations::table
                    .filter(citations::article_id.eq(articles::id))
                    .filter(citations::study_id.eq_any(studies)),
            ));
        }
        match $filter.overdue {
            Some(ReviewOverdue { is: true, on }) => query = query.filter(articles::review_due.lt(on)),
            Some(ReviewOverdue { is: false, on }) => {
                query = query.filter(articles::review_due.ge(on).or(articles::review_due.is_null()));
            }
            None => {}
        }
        if let Some(scheduled) = &$filter.scheduled {
            let mut with = schedules::table.select(schedules::article_id).into_boxed();
            if scheduled.contains(&Scheduled::Publish) {
                with = with.or_filter(schedules::publish_at.is_not_null());
            }
            if scheduled.contains(&Scheduled::Unpublish) {
                with = with.or_filter(schedules::unpublish_at.is_not_null());
            }
            if scheduled.contains(&Scheduled::Failed) {
                with = with.or_filter(schedules::failed_at.is_not_null());
            }
            query = query.filter(articles::id.eq_any(with));
        }
        if let Some(states) = &$filter.states {
            let words: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
            query = query.filter(diesel::dsl::sql::<diesel::sql_types::Text>(STATE).eq_any(words));
        }
        query
    }};
}

impl Ordered for ArticleKey {
    const ID: Column = Column::id("articles.id");

    fn column(by: By<Self>) -> Column {
        match (by.key, by.direction) {
            (Self::UpdatedAt, _) => Column::instant("articles.updated_at"),
            (Self::Title, _) => Column::text("articles.title"),
            // As the indexes have it, and `day_or_never`.
            (Self::ReviewDue, Direction::Up) => Column::day("coalesce(articles.review_due, 'infinity')"),
            (Self::ReviewDue, Direction::Down) => Column::day("coalesce(articles.review_due, '-infinity')"),
        }
    }
}

/// One page of articles.
pub fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &Filter,
    window: &Window<ArticleKey>,
) -> Result<(Page<Article>, Around), Problem> {
    let beyond = window.beyond()?;
    let rows: Vec<Article> = on!(conn, c => filtered!(scope, filter)
        .select(Article::as_select())
        .filter(beyond)
        .order(window.order_by())
        .limit(window.fetch())
        .load(c))?;
    let value = |article: &Article, by: By<ArticleKey>| match by.key {
        ArticleKey::UpdatedAt => article.updated_at.to_rfc3339(),
        ArticleKey::Title => article.title.clone(),
        ArticleKey::ReviewDue => day_or_never(article.review_due, by.direction),
    };
    let page = window.page(rows, value, |article| article.id.to_string());
    let ids: Vec<ArticleId> = page.items.iter().map(|article| article.id).collect();
    let around = around(conn, &ids)?;
    Ok((page, around))
}

/// How many articles there are.
pub fn count(conn: &mut Conn, scope: Scope, filter: &Filter) -> Result<i64, Problem> {
    Ok(on!(conn, c => filtered!(scope, filter).count().get_result(c))?)
}
