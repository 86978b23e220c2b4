//! Where a path of the site leads that is there no longer, as editors have said it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use diesel::prelude::*;
use percent_encoding::percent_decode_str;

use crate::db::Conn;
use crate::db::schema::redirects;
use crate::ids::ArticleId;
use crate::on;

/// How many redirects a reader is led along. Those that are made can lead along fewer; later ones can come to lead to them.
const MOST: usize = 20;

/// The most redirects that a new one may lead along, itself among them.
pub const MOST_IN_A_ROW: usize = 10;

/// Gone, and nothing in its place (RFC 9110, section 15.5.11).
pub const GONE: i32 = 410;

/// What a path is looked for by: decoded where that gives a text, and without a slash at its end.
pub fn name_of(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8().unwrap_or(Cow::Borrowed(path));
    let readable = if decoded.chars().any(char::is_control) { path } else { &decoded };
    match readable.trim_end_matches('/') {
        "" => "/".to_owned(),
        name => name.to_owned(),
    }
}

/// The path of a location of the site, without its query and fragment; `None`: it is elsewhere.
fn path_of(location: &str) -> Option<&str> {
    location.starts_with('/').then(|| location.split(['?', '#']).next()).flatten()
}

/// Where a redirect leads by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A path of the site, or an address elsewhere.
    Location(String),
    Article(ArticleId),
    Gone,
}

/// Where a path leads in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// That of the first redirect, but a temporary one where any on the way is.
    pub status: i32,
    pub target: Target,
    /// The names that were passed, the first is the path's.
    pub passed: Vec<String>,
}

/// Where a path leads; `None`: editors have said nothing of it. A way that turns in a circle, or is too long, ends where that is
/// known.
///
/// # Errors
/// Those of the database.
pub fn way(conn: &mut Conn, path: &str) -> QueryResult<Option<Way>> {
    let mut name = name_of(path);
    let mut passed = Vec::new();
    let mut seen = BTreeSet::new();
    let mut known: Option<(i32, Target)> = None;
    while passed.len() < MOST && seen.insert(name.clone()) {
        let Some((status, location, article)) = row(conn, &name)? else { break };
        passed.push(name);
        let first =
            known.map_or(status, |(before, _)| if is_temporary(before) { before } else { after(before, status) });
        let target = match (location, article) {
            (Some(location), _) => Target::Location(location),
            (None, Some(article)) => Target::Article(article),
            (None, None) => Target::Gone,
        };
        let next = match &target {
            Target::Location(location) => path_of(location).map(name_of),
            Target::Article(_) | Target::Gone => None,
        };
        known = Some((first, target));
        match next {
            Some(next) => name = next,
            None => break,
        }
    }
    Ok(known.map(|(status, target)| Way { status, target, passed }))
}

fn is_temporary(status: i32) -> bool {
    matches!(status, 302 | 307)
}

/// What a permanent redirect to another one comes to.
fn after(first: i32, next: i32) -> i32 {
    if is_temporary(next) || next == GONE { next } else { first }
}

type Row = (i32, Option<String>, Option<ArticleId>);

fn row(conn: &mut Conn, name: &str) -> QueryResult<Option<Row>> {
    on!(conn, c => redirects::table
        .filter(redirects::name.eq(name))
        .select((redirects::status, redirects::location, redirects::article_id))
        .first(c)
        .optional())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_however_it_is_written() {
        for (path, name) in [
            ("/old", "/old"),
            ("/old/", "/old"),
            ("/", "/"),
            ("/caf%C3%A9/", "/café"),
            ("/café", "/café"),
            // No text, or one that no database keeps.
            ("/%FF", "/%FF"),
            ("/a%00b", "/a%00b"),
            ("/100%", "/100%"),
        ] {
            assert_eq!(name_of(path), name);
        }
    }
}
