//! What the public reads follows the library, and is made from what was frozen when it was published.

mod asking;
mod check;
mod evidence;
mod redirects;
mod schedule;
mod source;
mod style;

use diesel::prelude::*;
use ibid::db::schema::{changes, publications, studies};
use ibid::db::types::{Instant, Json};
use ibid::ids::{ArticleId, StudyId};
use ibid::library::{NoticeSource, Retraction, RetractionStatus};
use ibid::{on, publishing};
use serde_json::{Value, json};

use crate::support::Site;

/// What is stored of a publication.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Stored {
    pub head: String,
    pub sections: String,
    pub citations: String,
    pub source: Option<String>,
    pub updated_at: Instant,
}

/// The stored publication of an article.
pub async fn stored(site: &Site, article: &str) -> Stored {
    let id = id_of(article);
    let read = move |conn: &mut _| {
        Ok(on!(conn, c => publications::table
            .find(id)
            .select((
                publications::head,
                publications::sections,
                publications::citations,
                publications::source,
                publications::updated_at,
            ))
            .first::<Stored>(c))?)
    };
    site.state.db.read(read).await.expect("a publication")
}

/// The article at the end of an address.
pub fn id_of(address: &str) -> ArticleId {
    address.rsplit('/').next().and_then(ArticleId::parse).expect("an id")
}

/// The kinds of the changes that the log has, in order.
pub async fn logged(site: &Site) -> Vec<String> {
    let read = |conn: &mut _| Ok(on!(conn, c => changes::table.order(changes::seq).select(changes::kind).load(c))?);
    site.state.db.read(read).await.expect("the log")
}

/// Publishes an article as it is.
pub async fn publish(editor: &Site, address: &str) -> Value {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("POST", &format!("{address}/publish")).if_match(etag).send().await.expect(200)
}

/// Lets the library know that a study was retracted, as an import of notices does.
pub async fn retract(site: &Site, study: &Value) {
    let id = StudyId::parse(study["id"].as_str().expect("an id")).expect("an id");
    let now = site.state.clock.now();
    let notice = Retraction {
        status: RetractionStatus::Retracted,
        date: Some("2021-03-15".into()),
        reasons: vec!["Concerns about data".into()],
        notice_doi: None,
        notice_pmid: None,
        source: NoticeSource::Editor,
        disputed: false,
    };
    let write = move |conn: &mut _| {
        publishing::store::lock(conn)?;
        on!(conn, c => diesel::update(studies::table.find(id))
            .set((
                studies::retraction.eq(Some(RetractionStatus::Retracted)),
                studies::retraction_notice.eq(Some(Json(json!(notice)))),
            ))
            .execute(c))?;
        publishing::studies_changed(conn, &[id], now)
    };
    site.state.db.write(write).await.expect("it is kept");
}
