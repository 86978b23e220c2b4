//! Looking studies up at Crossref, DataCite and PubMed.
//!
//! Only the configured services are ever asked, one after the other; what they answer is kept for a while. The
//! database is not held while a service is waited for.

mod client;
mod model;
pub mod store;

pub use client::{Reply, Services};
pub use model::{DroppedField, LookUp, LookUpReport, LookUpSource, LookedUp, Wanted, new_study};

use self::store::Kept;
use crate::citing::identifiers::Doi;
use crate::citing::notices::{ForeignNotice, Item, crossref, of_work};
use crate::citing::sources::{self, Described, Service};
use crate::db::Database;
use crate::db::types::Instant;
use crate::error::{Code, Problem};

/// What a service says of a study.
#[derive(Debug, Clone)]
pub struct Found {
    pub service: Service,
    pub described: Described,
    /// When the service said so.
    pub asked_at: Instant,
    /// It was kept from an earlier look-up.
    pub kept: bool,
}

/// Asks the services for the study, unless one of them has answered not long ago.
///
/// # Errors
/// `lookup_off` when all services that could know it are switched off, `study_not_found_at_sources`, `lookup_failed`,
/// `lookup_timeout`, `lookup_limited`.
pub async fn find(db: &Database, services: &Services, wanted: &Wanted, now: Instant) -> Result<Found, Problem> {
    let on: Vec<Service> = wanted.services().iter().copied().filter(|service| services.has(*service)).collect();
    if on.is_empty() {
        return Err(off(wanted.services()));
    }
    for service in &on {
        if let Some(found) = ask_one(db, services, *service, wanted, now).await? {
            return Ok(found);
        }
    }
    let names: Vec<&str> = on.into_iter().map(Service::name).collect();
    let detail = format!("No study with the {} is known at {}.", wanted.told(), names.join(" or "));
    Err(Problem::new(Code::StudyNotFoundAtSources, detail))
}

fn off(services: &[Service]) -> Problem {
    let settings: Vec<String> =
        services.iter().map(|service| format!("lookup.{}", client::setting(*service))).collect();
    Problem::new(Code::LookupOff, format!("The look-up is switched off: {} is empty.", settings.join(" and ")))
}

async fn ask_one(
    db: &Database,
    services: &Services,
    service: Service,
    wanted: &Wanted,
    now: Instant,
) -> Result<Option<Found>, Problem> {
    let (identifier, since) = (wanted.identifier().to_owned(), services.kept_since(now));
    let kept = db.read(move |conn| store::kept(conn, service, &identifier, since, now)).await?;
    if let Some(kept) = kept {
        match read(service, kept.body.clone()).await {
            Ok(described) => return Ok(described.map(|described| found(service, described, kept.asked_at, true))),
            // It was read when it was kept: ask anew what is read otherwise today.
            Err(problem) if problem.code() == Code::LookupFailed => {}
            Err(problem) => return Err(problem),
        }
    }
    let reply = services.ask(service, wanted.identifier()).await?;
    let described = match &reply {
        Reply::Found(body) => read(service, Some(body.clone())).await?,
        Reply::None => None,
    };
    let body = reply.body().filter(|_| described.is_some());
    if services.keeps() {
        let answer = Kept { body, asked_at: now };
        let identifier = wanted.identifier().to_owned();
        db.write_aside(move |conn| store::keep(conn, service, &identifier, &answer, since)).await?;
    }
    Ok(described.map(|described| found(service, described, now, false)))
}

fn found(service: Service, described: Described, asked_at: Instant, kept: bool) -> Found {
    Found { service, described, asked_at, kept }
}

/// What an answer describes; no body is the answer that there is no such study. Long answers take a while to read.
async fn read(service: Service, body: Option<String>) -> Result<Option<Described>, Problem> {
    let Some(body) = body else { return Ok(None) };
    let read = tokio::task::spawn_blocking(move || sources::read(service, &body)).await;
    let read = read.map_err(|error| Problem::internal(format!("reading an answer failed: {error}")))?;
    read.map_err(|unreadable| client::failed(service, format!("its answer cannot be read: {unreadable}")))
}

/// What Crossref knows at this moment to have become of a study: on the study's own work, and on the notices.
///
/// # Errors
/// As [`find`].
pub async fn notices_of(services: &Services, doi: &Doi) -> Result<Vec<ForeignNotice>, Problem> {
    if !services.has(Service::Crossref) {
        return Err(off(&[Service::Crossref]));
    }
    let Reply::Found(body) = services.ask(Service::Crossref, doi.as_str()).await? else {
        let detail = format!("Crossref does not know the DOI {doi}.");
        return Err(Problem::new(Code::StudyNotFoundAtSources, detail));
    };
    let unreadable = |says: String| client::failed(Service::Crossref, format!("its answer cannot be read: {says}"));
    let work = sources::crossref_work(&body).map_err(|error| unreadable(error.to_string()))?;
    let mut items = of_work(doi, &work);
    if let Reply::Found(body) = services.ask_for_updates(doi).await? {
        let mut told = |_, item| {
            items.push(item);
            Ok::<(), std::convert::Infallible>(())
        };
        crossref(body.as_bytes(), &mut told)
            .map_err(|stopped| unreadable(crate::citing::notices::Broken::from(stopped).to_string()))?;
    }
    Ok(about(doi, items))
}

/// The notices of the study, each once.
pub fn about(doi: &Doi, items: Vec<Item>) -> Vec<ForeignNotice> {
    let mut notices: Vec<ForeignNotice> = Vec::new();
    for item in items {
        if let Item::Notice(notice) = item
            && notice.doi.as_ref() == Some(doi)
            && notices.iter().all(|known| known.source_id != notice.source_id)
        {
            notices.push(notice);
        }
    }
    notices
}
