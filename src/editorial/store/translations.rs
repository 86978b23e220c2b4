//! Translations: which articles say the same in different languages.

use diesel::prelude::*;

use super::super::draft::Article;
use super::super::model::ArticleName;
use super::Scope;
use crate::db::Conn;
use crate::db::schema::articles;
use crate::error::{Code, Problem};
use crate::http::fault::Fault;
use crate::ids::{ArticleRef, GroupId};
use crate::on;

/// What has to be unique: each language stands once in a group.
pub(super) const UNIQUE: &str = "articles.translation_group, articles.language";

/// The most articles of a group.
const MOST: i64 = 50;

/// Any number that ibid alone takes: those who change groups wait for each other on it.
const GROUP_LOCK: i64 = 0x1b1d_0004;

/// Puts the article among the translations of another one, or among none.
///
/// # Errors
/// `validation_failed` when there is no such article that the editor may see, or when it is this one itself.
pub fn translate(
    conn: &mut Conn,
    article: &mut Article,
    of: Option<&ArticleName>,
    scope: Scope,
) -> Result<(), Problem> {
    lock(conn)?;
    article.translation_group = match of {
        Some(of) => group_of(conn, article, of, scope)?,
        // The id of the old group stays with those that are left in it.
        None if others_in(conn, article, article.translation_group)? > 0 => GroupId::new(),
        None => article.translation_group,
    };
    Ok(())
}

/// Lets one transaction at a time put articles in groups: of two that name each other, the second finds the first in its
/// group. SQLite has one writer.
fn lock(conn: &mut Conn) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({GROUP_LOCK})")).execute(&mut **c)?;
    }
    Ok(())
}

fn group_of(conn: &mut Conn, article: &Article, of: &ArticleName, scope: Scope) -> Result<GroupId, Problem> {
    let fault =
        |code: &'static str, detail: &str| Problem::validation(vec![Fault::at("/translation_of", code, detail)]);
    let unknown = || fault("unknown_article", "There is no such article.");
    let other = match super::article(conn, &ArticleRef::read(of.as_str()).ok_or_else(unknown)?, scope) {
        Err(problem) if problem.code() == Code::NotFound => return Err(unknown()),
        other => other?,
    };
    if other.id == article.id {
        return Err(fault("same_article", "An article is no translation of itself."));
    }
    if others_in(conn, article, other.translation_group)? >= MOST {
        return Err(fault("too_many", "There are 50 translations of this article, and no more are taken."));
    }
    Ok(other.translation_group)
}

/// How many other articles the group has.
fn others_in(conn: &mut Conn, article: &Article, group: GroupId) -> Result<i64, Problem> {
    Ok(on!(conn, c => articles::table
        .filter(articles::translation_group.eq(group))
        .filter(articles::id.ne(article.id))
        .filter(articles::trashed_at.is_null())
        .count()
        .get_result(c))?)
}

/// The other articles of the group that the editor may see, by language.
pub fn translations(conn: &mut Conn, article: &Article, scope: Scope) -> Result<Vec<Article>, Problem> {
    let all: Vec<Article> = on!(conn, c => articles::table
        .filter(articles::translation_group.eq(article.translation_group))
        .filter(articles::id.ne(article.id))
        .filter(articles::trashed_at.is_null())
        .order(articles::language)
        .select(Article::as_select())
        .load(c))?;
    Ok(all.into_iter().filter(|article| scope.covers(article)).collect())
}
