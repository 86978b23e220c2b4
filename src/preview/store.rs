//! Every query about links to working copies.

use diesel::prelude::*;

use super::link::Opened;
use crate::db::Conn;
use crate::db::schema::preview_tokens;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{ArticleId, EditorId, PreviewTokenId};
use crate::on;

/// How many links that are over are forgotten with a new one.
const FORGOTTEN_AT_ONCE: i64 = 500;

crate::sort_keys! {
    /// By when they were made; a hyphen before it turns it round.
    PreviewTokenKey {
        Created = "created_at",
    }
}

impl Ordered for PreviewTokenKey {
    const ID: Column = Column::id("preview_tokens.id");

    fn column(_: By<Self>) -> Column {
        Column::instant("preview_tokens.created_at")
    }
}

/// A link to a working copy.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = preview_tokens)]
pub struct PreviewToken {
    pub id: PreviewTokenId,
    pub article_id: ArticleId,
    /// Who it is for.
    pub note: Option<String>,
    /// Who made it.
    pub editor_id: Option<EditorId>,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// Keeps a link; some of those that are over are forgotten.
pub fn insert(conn: &mut Conn, link: &PreviewToken) -> Result<(), Problem> {
    let over: Vec<PreviewTokenId> = on!(conn, c => preview_tokens::table
        .filter(preview_tokens::expires_at.le(link.created_at))
        .order(preview_tokens::expires_at)
        .limit(FORGOTTEN_AT_ONCE)
        .select(preview_tokens::id)
        .load(c))?;
    if !over.is_empty() {
        on!(conn, c => diesel::delete(preview_tokens::table.filter(preview_tokens::id.eq_any(&over))).execute(c))?;
    }
    on!(conn, c => diesel::insert_into(preview_tokens::table).values(link).execute(c))?;
    Ok(())
}

/// A page of the links of an article that are not over.
pub fn list(
    conn: &mut Conn,
    article: ArticleId,
    now: Instant,
    window: &Window<PreviewTokenKey>,
) -> Result<Page<PreviewToken>, Problem> {
    let rows: Vec<PreviewToken> = on!(conn, c => preview_tokens::table
        .filter(preview_tokens::article_id.eq(article))
        .filter(preview_tokens::expires_at.gt(now))
        .filter(window.beyond()?)
        .order(window.order_by())
        .limit(window.fetch())
        .select(PreviewToken::as_select())
        .load(c)?);
    Ok(window.page(rows, |row, _| row.created_at.to_rfc3339(), |row| row.id.to_string()))
}

/// How many links of an article are not over.
pub fn count(conn: &mut Conn, article: ArticleId, now: Instant) -> Result<i64, Problem> {
    Ok(on!(conn, c => preview_tokens::table
        .filter(preview_tokens::article_id.eq(article))
        .filter(preview_tokens::expires_at.gt(now))
        .count()
        .get_result(c))?)
}

/// Whether a link stands: it is neither over nor revoked.
pub fn stands(conn: &mut Conn, link: Opened, now: Instant) -> Result<bool, Problem> {
    let query = preview_tokens::table
        .filter(preview_tokens::id.eq(link.id))
        .filter(preview_tokens::article_id.eq(link.article))
        .filter(preview_tokens::expires_at.gt(now));
    Ok(on!(conn, c => diesel::select(diesel::dsl::exists(query)).get_result(c))?)
}

/// Revokes a link.
///
/// # Errors
/// `not_found` when the article has none of that id.
pub fn remove(conn: &mut Conn, article: ArticleId, id: PreviewTokenId) -> Result<(), Problem> {
    let gone = on!(conn, c => diesel::delete(preview_tokens::table.find(id))
        .filter(preview_tokens::article_id.eq(article))
        .execute(c))?;
    if gone == 0 { Err(Problem::not_found("preview token")) } else { Ok(()) }
}
