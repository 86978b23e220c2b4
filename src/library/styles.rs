//! The citation styles of this site, by name.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use diesel::prelude::*;

use crate::citing::bibliography::Style;
use crate::db::Conn;
use crate::db::schema::styles;
use crate::error::Problem;
use crate::http::fault::{Reason, shortened};
use crate::http::query::ParseText;
use crate::on;

mod query;
pub mod store;
mod view;

pub use query::StyleQuery;
pub use view::{CitationClass, StyleLicence, StyleSource, StyleView};

crate::formed_text! {
    /// Names a citation style, bundled or uploaded.
    StyleName, "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", 100, "invalid_style", "the name of a citation style such as vancouver",
    is_name
}

impl ParseText for StyleName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

fn is_name(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.split(['-', '_', '.']).all(part)
}

/// The style of that name: a bundled one, or else an uploaded one.
///
/// # Errors
/// The inner error tells that there is none, with the name that was probably meant. `internal` when what was uploaded
/// cannot be read: it was checked on its way in.
pub fn style(conn: &mut Conn, name: &str) -> Result<Result<Style, Reason>, Problem> {
    let nearest = match Style::parse(name) {
        Ok(style) => return Ok(Ok(style)),
        Err(unknown) => unknown.nearest,
    };
    let sha256: Option<String> = on!(conn, c => styles::table.find(name).select(styles::sha256).first(c).optional())?;
    if let Some(sha256) = sha256 {
        return uploaded(conn, name, &sha256).map(Ok);
    }
    let names: Vec<String> = on!(conn, c => styles::table.select(styles::name).order(styles::name).load(c))?;
    let near = names.iter().find(|known| strsim::jaro_winkler(name, known) > 0.8).map(String::as_str).or(nearest);
    let meant = near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
    Ok(Err(Reason::new("unknown_style", format!("There is no citation style {:?}.{meant}", shortened(name)))))
}

/// How many uploaded styles are kept ready: reading one costs as much as formatting a list in it.
const MOST_READY: usize = 16;

/// Uploaded styles by what they are, ready for use.
static READY: LazyLock<Mutex<HashMap<String, Style>>> = LazyLock::new(Mutex::default);

fn uploaded(conn: &mut Conn, name: &str, sha256: &str) -> Result<Style, Problem> {
    let ready = READY.lock().unwrap_or_else(PoisonError::into_inner).get(sha256).cloned();
    if let Some(style) = ready {
        return Ok(style.named(name));
    }
    // Its hash again: it may have been changed in the meantime.
    let (csl, sha256): (String, String) =
        on!(conn, c => styles::table.find(name).select((styles::csl, styles::sha256)).first(c))?;
    let broken = |faults| Problem::internal(format!("the uploaded style {name}: {faults:?}"));
    let style = Style::upload(&csl).map_err(broken)?;
    let mut ready = READY.lock().unwrap_or_else(PoisonError::into_inner);
    if ready.len() >= MOST_READY {
        ready.clear();
    }
    ready.insert(sha256, style.clone());
    Ok(style.named(name))
}
