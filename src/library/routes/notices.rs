//! `/v1/manage/notices` and `/v1/manage/studies/{study}/notices`: what has become of studies.

mod import;
mod list;
mod study;

pub use import::take_in;

use crate::db::Conn;
use crate::error::Problem;
use crate::http::operations::Operations;
use crate::library::notices::{Notice, NoticeView, store};

pub fn routes(config: &mut Operations<'_>) {
    config
        .service(list::list)
        .service(import::import)
        .service(list::sources)
        .service(list::get)
        .service(list::delete)
        .service(study::list)
        .service(study::create)
        .service(study::refresh);
}

/// The notices with the studies that they are about.
fn views(conn: &mut Conn, notices: Vec<Notice>) -> Result<Vec<NoticeView>, Problem> {
    let mut studies = store::studies_of(conn, &notices)?;
    let view = |notice: Notice| {
        let studies = studies.remove(&notice.id).unwrap_or_default();
        NoticeView::new(notice, studies)
    };
    Ok(notices.into_iter().map(view).collect())
}
