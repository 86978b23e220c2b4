//! Every query about uploaded styles.

use diesel::prelude::*;

use super::view::{StyleSource, StyleView};
use super::{StyleName, StyleQuery};
use crate::citing::bibliography::{Style, bundled, bundled_names};
use crate::db::Conn;
use crate::db::schema::{articles, publications, styles};
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::etag::{IfMatch, IfMatchThere};
use crate::http::page::{Page, Window};
use crate::on;

/// An uploaded style.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = styles)]
pub struct Uploaded {
    pub name: String,
    title: String,
    class: String,
    /// The file as it was uploaded.
    pub csl: String,
    sha256: String,
    info: String,
    pub version: i32,
    created_at: Instant,
    updated_at: Instant,
}

impl Uploaded {
    /// What the API tells of it.
    ///
    /// # Errors
    /// `internal` when what is stored is not what an upload writes.
    pub fn view(&self) -> Result<StyleView, Problem> {
        view(&self.info)
    }
}

fn view(info: &str) -> Result<StyleView, Problem> {
    serde_json::from_str(info).map_err(|error| Problem::internal(format!("an uploaded style: {error}")))
}

/// The uploaded style of that name.
///
/// # Errors
/// `not_found`
pub fn uploaded(conn: &mut Conn, name: &StyleName) -> Result<Uploaded, Problem> {
    find(conn, name)?.ok_or_else(|| Problem::not_found("uploaded style"))
}

fn find(conn: &mut Conn, name: &StyleName) -> QueryResult<Option<Uploaded>> {
    on!(conn, c => styles::table.find(name.as_str()).select(Uploaded::as_select()).first(c).optional())
}

/// What the API tells of the style of that name, bundled or uploaded.
///
/// # Errors
/// `not_found`
pub fn style(conn: &mut Conn, name: &StyleName) -> Result<StyleView, Problem> {
    if let Ok(style) = Style::parse(name.as_str()) {
        return Ok(StyleView::of(style.info(), StyleSource::Bundled));
    }
    find(conn, name)?.ok_or_else(|| Problem::not_found("citation style"))?.view()
}

crate::sort_keys! {
    /// By name; a hyphen before it turns it round.
    StyleKey {
        Name = "name",
    }
}

/// Uploaded styles, as a boxed query. A name that a later ibid has come to bundle names what is bundled.
macro_rules! uploads {
    () => {
        styles::table.filter(styles::name.ne_all(bundled_names())).into_boxed()
    };
}

/// What the API tells of the bundled styles that are found.
fn with_ibid(query: Option<&StyleQuery>) -> impl Iterator<Item = StyleView> {
    let views = bundled().map(|info| StyleView::of(info, StyleSource::Bundled));
    views.filter(move |style| query.is_none_or(|query| query.finds(style)))
}

/// What the API tells of these uploaded styles, as far as they are found.
fn views(rows: &[String], query: Option<&StyleQuery>) -> Result<Vec<StyleView>, Problem> {
    let mut views = rows.iter().map(|info| view(info)).collect::<Result<Vec<StyleView>, _>>()?;
    views.retain(|style| query.is_none_or(|query| query.finds(style)));
    Ok(views)
}

/// A page of the styles that are found, by their names; of all without a query. One statement, which with a query reads
/// what there is to know of all uploaded styles: few are uploaded, and their files are not read.
pub fn list(
    conn: &mut Conn,
    query: Option<&StyleQuery>,
    window: &Window<StyleKey>,
) -> Result<Page<StyleView>, Problem> {
    let beside = window.cursor.as_ref().map(|cursor| cursor.id.as_str());
    let up = window.ascending();
    let lies_there = |name: &str| beside.is_none_or(|beside| if up { name > beside } else { name < beside });
    let rows: Vec<String> = on!(conn, c => {
        let uploads = match (beside, up) {
            (None, _) => uploads!(),
            (Some(beside), true) => uploads!().filter(styles::name.gt(beside)),
            (Some(beside), false) => uploads!().filter(styles::name.lt(beside)),
        };
        let uploads = if up { uploads.order(styles::name) } else { uploads.order(styles::name.desc()) };
        let uploads = if query.is_none() { uploads.limit(window.fetch()) } else { uploads };
        uploads.select(styles::info).load(c)
    })?;
    let mut found = views(&rows, query)?;
    found.extend(with_ibid(query).filter(|style| lies_there(&style.name)));
    found.sort_by(|a, b| if up { a.name.cmp(&b.name) } else { b.name.cmp(&a.name) });
    found.truncate(usize::try_from(window.fetch()).unwrap_or_default());
    Ok(window.page(found, |style, _| style.name.clone(), |style| style.name.clone()))
}

/// How many styles are found; how many there are without a query. One statement.
pub fn count(conn: &mut Conn, query: Option<&StyleQuery>) -> Result<i64, Problem> {
    let uploaded: i64 = match query {
        None => on!(conn, c => uploads!().count().get_result(c))?,
        Some(_) => {
            let rows: Vec<String> = on!(conn, c => uploads!().select(styles::info).load(c))?;
            i64::try_from(views(&rows, query)?.len()).unwrap_or(i64::MAX)
        }
    };
    Ok(uploaded.saturating_add(i64::try_from(with_ibid(query).count()).unwrap_or(i64::MAX)))
}

/// The styles of these names that are found, in the order of the names, each once; and the names under which none was.
/// Names that a style has besides lead to it. One statement.
pub fn batch(
    conn: &mut Conn,
    query: Option<&StyleQuery>,
    names: &[StyleName],
) -> Result<(Vec<StyleView>, Vec<String>), Problem> {
    let known = names.iter().map(StyleName::as_str);
    let rows: Vec<String> = on!(conn, c => uploads!().filter(styles::name.eq_any(known)).select(styles::info).load(c))?;
    let mut found = views(&rows, query)?;
    found.extend(with_ibid(query));
    let place = |name: &str| {
        let present = Style::parse(name).map_or_else(|_| name.to_owned(), |style| style.name().to_owned());
        found.iter().position(|style| style.name == present)
    };
    let places: Vec<Option<usize>> = names.iter().map(|name| place(name.as_str())).collect();
    let missing = names.iter().zip(&places).filter(|(_, place)| place.is_none());
    let missing = missing.map(|(name, _)| name.as_str().to_owned()).collect();
    let mut found: Vec<Option<StyleView>> = found.into_iter().map(Some).collect();
    let in_order = places.into_iter().flatten().filter_map(|place| found.get_mut(place)?.take());
    Ok((in_order.collect(), missing))
}

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    Created,
    Changed,
    /// The same file is there already.
    Same,
}

/// Keeps an uploaded style under a name.
///
/// # Errors
/// `style_bundled`, `precondition_required`, `version_conflict`
pub fn put(
    conn: &mut Conn,
    name: &StyleName,
    style: &Style,
    csl: String,
    if_match: &IfMatchThere,
    now: Instant,
) -> Result<(Uploaded, Put), Problem> {
    not_bundled(name)?;
    let there = find(conn, name)?;
    if_match.check("style", there.as_ref().map(|there| there.version))?;
    let info = StyleView { name: name.as_str().to_owned(), ..StyleView::of(style.info(), StyleSource::Uploaded) };
    let mut row = Uploaded {
        name: info.name.clone(),
        title: info.title.clone(),
        class: info.class.as_str().to_owned(),
        csl,
        sha256: style.hash().to_owned(),
        info: serde_json::to_string(&info).map_err(Problem::internal)?,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let Some(there) = there else {
        on!(conn, c => diesel::insert_into(styles::table).values(&row).execute(c))?;
        return Ok((row, Put::Created));
    };
    if there.csl == row.csl {
        return Ok((there, Put::Same));
    }
    (row.version, row.created_at) = (there.version.saturating_add(1), there.created_at);
    on!(conn, c => diesel::update(styles::table.find(name.as_str())).set(&row).execute(c))?;
    Ok((row, Put::Changed))
}

fn not_bundled(name: &StyleName) -> Result<(), Problem> {
    let Ok(style) = Style::parse(name.as_str()) else { return Ok(()) };
    let detail = match style.name() {
        same if same == name.as_str() => format!("The style {same} comes with ibid."),
        other => format!("{} is another name of the style {other}, which comes with ibid.", name.as_str()),
    };
    Err(Problem::new(Code::StyleBundled, detail))
}

/// Deletes an uploaded style that nothing is in. `of_site` is the style that the settings name.
///
/// # Errors
/// `style_bundled`, `not_found`, `version_conflict`, `style_in_use`
pub fn delete(conn: &mut Conn, name: &StyleName, if_match: &IfMatch, of_site: &str) -> Result<(), Problem> {
    not_bundled(name)?;
    let there = uploaded(conn, name)?;
    if !if_match.allows(there.version) {
        return Err(Problem::version_conflict("style", there.version));
    }
    let name = name.as_str();
    let copies: i64 = on!(conn, c => articles::table.filter(articles::style.eq(name)).count().get_result(c))?;
    let publications: i64 =
        on!(conn, c => publications::table.filter(publications::style.eq(name)).count().get_result(c))?;
    if copies + publications > 0 || of_site == name {
        let of_site = if of_site == name { "; it is the style of the site (`citations.style`)" } else { "" };
        let detail = format!("Working copies in the style: {copies}; publications: {publications}{of_site}.");
        return Err(Problem::new(Code::StyleInUse, detail));
    }
    on!(conn, c => diesel::delete(styles::table.find(name)).execute(c))?;
    Ok(())
}
