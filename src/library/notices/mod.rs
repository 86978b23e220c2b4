//! Notices about studies: retractions, expressions of concern, corrections and reinstatements, from wherever they are
//! told, and what they come to for the studies of the library.

mod import;
mod model;
mod status;
pub mod store;

pub use import::{File, Imported, Refused, import, survey};
pub use model::{
    Checked, GivenDoi, ListedStudy, NewNotice, Notice, NoticeDay, NoticeKind, NoticeNote, NoticeView, Notices,
    ReasonText, SourceView, Sources, StudyNotices,
};
pub use status::{StatusChange, recheck, recheck_all};

use crate::db::Conn;
use crate::error::Problem;
use crate::library::{NoticeSource, Study};

/// Where it was looked whether something has become of the study, and when: not being listed says something only
/// about such sources. A study without DOI and PMID is found in none.
///
/// # Errors
/// Those of the database.
pub fn integrity_checked(conn: &mut Conn, study: &Study) -> Result<Vec<Checked>, Problem> {
    let imports = store::imports(conn)?;
    Ok(checked(&imports, study))
}

/// The same when the imports have been read already.
pub fn checked(imports: &[SourceView], study: &Study) -> Vec<Checked> {
    let of_data_set = |import: &&SourceView| import.source == NoticeSource::RetractionWatch;
    let data_set = imports.iter().find(of_data_set).filter(|_| study.doi.is_some() || study.pmid.is_some());
    let data_set = data_set.map(|import| (import.source, import.imported_at));
    let crossref = study.crossref_checked_at.map(|at| (NoticeSource::Crossref, at));
    let each = data_set.into_iter().chain(crossref);
    each.map(|(source, checked_at)| Checked { source, checked_at }).collect()
}
