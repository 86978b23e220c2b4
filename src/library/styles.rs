//! The citation styles of this site, by name.

use diesel::prelude::*;

use crate::citing::bibliography::Style;
use crate::db::Conn;
use crate::db::schema::styles;
use crate::error::Problem;
use crate::http::fault::{Reason, shortened};
use crate::on;

crate::formed_text! {
    /// Names a citation style, bundled or uploaded.
    StyleName, "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", 100, "invalid_style", "the name of a citation style such as vancouver",
    is_name
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
    let csl: Option<String> = on!(conn, c => styles::table.find(name).select(styles::csl).first(c).optional())?;
    if let Some(csl) = csl {
        let broken = |faults| Problem::internal(format!("the uploaded style {name}: {faults:?}"));
        return Style::upload(&csl).map(Ok).map_err(broken);
    }
    let uploaded: Vec<String> = on!(conn, c => styles::table.select(styles::name).order(styles::name).load(c))?;
    let near = uploaded.iter().find(|known| strsim::jaro_winkler(name, known) > 0.8).map(String::as_str).or(nearest);
    let meant = near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
    Ok(Err(Reason::new("unknown_style", format!("There is no citation style {:?}.{meant}", shortened(name)))))
}
