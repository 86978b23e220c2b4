//! Every query that writes the authors and the tags of publications: those of each article, and all of them with their
//! numbers of articles, so that lists of them read no articles.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::document::{Byline, Tag};
use crate::db::Conn;
use crate::db::schema::{publication_authors, publication_tags, published_authors, published_tags};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::ArticleId;
use crate::on;

/// Replaces the authors and tags of an article.
///
/// # Errors
/// Those of the database.
pub fn keep(
    conn: &mut Conn,
    article: ArticleId,
    published_at: Instant,
    authors: &[Byline],
    tags: &[Tag],
) -> Result<(), Problem> {
    keep_authors(conn, article, published_at, authors)?;
    keep_tags(conn, article, published_at, tags)
}

/// Takes an article out of the lists of authors and tags.
///
/// # Errors
/// Those of the database.
pub fn remove(conn: &mut Conn, article: ArticleId) -> Result<(), Problem> {
    keep(conn, article, Instant::new(time::OffsetDateTime::UNIX_EPOCH), &[], &[])
}

/// By how much the number of articles of each of these names changes. A name that stays is there too: what it is called
/// may have changed. The numbers are kept, not counted again: a tag of a large site has too many articles for that.
fn changes<'s>(before: &'s [String], after: impl Iterator<Item = &'s str>) -> BTreeMap<&'s str, i32> {
    let before: BTreeSet<&str> = before.iter().map(String::as_str).collect();
    let after: BTreeSet<&str> = after.collect();
    let change = |slug: &str| i32::from(after.contains(slug)) - i32::from(before.contains(slug));
    before.union(&after).map(|slug| (*slug, change(slug))).collect()
}

fn keep_authors(conn: &mut Conn, article: ArticleId, published_at: Instant, authors: &[Byline]) -> Result<(), Problem> {
    let of_article = || publication_authors::table.filter(publication_authors::article_id.eq(article));
    let before: Vec<String> = on!(conn, c => of_article().select(publication_authors::slug).load(c))?;
    on!(conn, c => diesel::delete(of_article()).execute(c))?;
    let rows: Vec<_> = (1..)
        .zip(authors)
        .map(|(position, author): (i32, _)| {
            (
                publication_authors::article_id.eq(article),
                publication_authors::position.eq(position),
                publication_authors::slug.eq(&author.slug),
                publication_authors::name.eq(&author.name),
                publication_authors::credentials.eq(&author.credentials),
                publication_authors::orcid.eq(&author.orcid),
                publication_authors::published_at.eq(published_at),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(publication_authors::table).values(rows).execute(c))?;
    for (slug, change) in changes(&before, authors.iter().map(|author| author.slug.as_str())) {
        keep_author(conn, slug, change)?;
    }
    Ok(())
}

/// Makes the list of authors say of one what the articles say.
fn keep_author(conn: &mut Conn, slug: &str, change: i32) -> Result<(), Problem> {
    // The ids of newer articles are greater.
    let newest: Option<(String, Option<String>, Option<String>)> = on!(conn, c => publication_authors::table
        .filter(publication_authors::slug.eq(slug))
        .order((publication_authors::article_id.desc(), publication_authors::position.asc()))
        .select((publication_authors::name, publication_authors::credentials, publication_authors::orcid))
        .first(c)
        .optional())?;
    let Some((name, credentials, orcid)) = newest else {
        on!(conn, c => diesel::delete(published_authors::table.find(slug)).execute(c))?;
        return Ok(());
    };
    let values = (
        published_authors::name.eq(name),
        published_authors::credentials.eq(credentials),
        published_authors::orcid.eq(orcid),
    );
    on!(conn, c => diesel::insert_into(published_authors::table)
        .values((published_authors::slug.eq(slug), published_authors::articles.eq(1), values.clone()))
        .on_conflict(published_authors::slug)
        .do_update()
        .set((values, published_authors::articles.eq(published_authors::articles + change)))
        .execute(c))?;
    Ok(())
}

fn keep_tags(conn: &mut Conn, article: ArticleId, published_at: Instant, tags: &[Tag]) -> Result<(), Problem> {
    let of_article = || publication_tags::table.filter(publication_tags::article_id.eq(article));
    let before: Vec<String> = on!(conn, c => of_article().select(publication_tags::slug).load(c))?;
    on!(conn, c => diesel::delete(of_article()).execute(c))?;
    let rows: Vec<_> = (1..)
        .zip(tags)
        .map(|(position, tag): (i32, _)| {
            (
                publication_tags::article_id.eq(article),
                publication_tags::position.eq(position),
                publication_tags::slug.eq(&tag.slug),
                publication_tags::name.eq(&tag.name),
                publication_tags::published_at.eq(published_at),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(publication_tags::table).values(rows).execute(c))?;
    for (slug, change) in changes(&before, tags.iter().map(|tag| tag.slug.as_str())) {
        keep_tag(conn, slug, change)?;
    }
    Ok(())
}

/// Makes the list of tags say of one what the articles say.
fn keep_tag(conn: &mut Conn, slug: &str, change: i32) -> Result<(), Problem> {
    let newest: Option<String> = on!(conn, c => publication_tags::table
        .filter(publication_tags::slug.eq(slug))
        .order((publication_tags::article_id.desc(), publication_tags::position.asc()))
        .select(publication_tags::name)
        .first(c)
        .optional())?;
    let Some(name) = newest else {
        on!(conn, c => diesel::delete(published_tags::table.find(slug)).execute(c))?;
        return Ok(());
    };
    on!(conn, c => diesel::insert_into(published_tags::table)
        .values((published_tags::slug.eq(slug), published_tags::name.eq(&name), published_tags::articles.eq(1)))
        .on_conflict(published_tags::slug)
        .do_update()
        .set((published_tags::name.eq(&name), published_tags::articles.eq(published_tags::articles + change)))
        .execute(c))?;
    Ok(())
}
