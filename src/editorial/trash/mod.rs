//! Deleted articles: nothing of them is lost until the trash is emptied, by hand or when their time is over.

pub mod store;
pub mod view;

use crate::app::App;
use crate::error::Problem;

/// Deletes for good what has been in the trash for long enough (`trash.days`). Answers how many articles went.
///
/// # Errors
/// Only what the database refuses.
pub async fn empty(app: &App) -> Result<usize, Problem> {
    let days = app.settings.trash.days;
    if days == 0 {
        return Ok(0);
    }
    let before = app.clock.now().plus_seconds(-86_400 * i64::from(days));
    let mut gone = 0;
    loop {
        match app.db.write(move |conn| store::empty(conn, before)).await? {
            0 => return Ok(gone),
            more => gone += more,
        }
    }
}
