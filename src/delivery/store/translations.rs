//! The queries behind translations: what is published of a group.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::publications;
use crate::ids::{ArticleId, GroupId};
use crate::on;

/// What is told of a translation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = publications)]
pub struct TranslationRow {
    #[diesel(column_name = article_id)]
    pub id: ArticleId,
    pub translation_group: GroupId,
    pub slug: String,
    pub language: String,
    pub title: String,
}

/// All that is published of some groups, each by language.
pub type Groups = HashMap<GroupId, Vec<TranslationRow>>;

/// All that is published of a group, by language. The statement is prepared once.
pub fn group(conn: &mut Conn, group: GroupId) -> QueryResult<Vec<TranslationRow>> {
    on!(conn, c => publications::table
        .filter(publications::translation_group.eq(group))
        .order(publications::language)
        .select(TranslationRow::as_select())
        .load(c))
}

/// All that is published of these groups, each by language.
pub fn groups(conn: &mut Conn, groups: &[GroupId]) -> QueryResult<Groups> {
    let rows: Vec<TranslationRow> = on!(conn, c => publications::table
        .filter(publications::translation_group.eq_any(groups))
        .order(publications::language)
        .select(TranslationRow::as_select())
        .load(c))?;
    let mut by_group = Groups::new();
    for row in rows {
        by_group.entry(row.translation_group).or_default().push(row);
    }
    Ok(by_group)
}
