//! The layer around the routes: gives what is kept, keeps what is public, and makes of every public answer what the
//! client asked for.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, AUTHORIZATION};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};
use tokio::sync::watch;

use super::{Boarding, Found, Freshness, Landing, Stored, with_header};
use crate::app::State;
use crate::http::answer::Finished;

/// The address that answers go on and on at.
const STREAM: &str = "/v1/events";

/// The middleware.
pub async fn cached(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // Who shows a token is told when it is worthless, whatever is asked for; a stream is each client's own.
    let anybody = request.method() == Method::GET
        && !request.headers().contains_key(AUTHORIZATION)
        && request.match_info().as_str() != STREAM;
    let Some(state) = request.app_data::<State>().filter(|_| anybody).cloned() else {
        return finish(next.call(request).await?.map_into_boxed_body()).await;
    };
    let cache = &state.cache;
    let Some(address) = request.uri().path_and_query().map(|address| address.as_str().to_owned()) else {
        return finish(next.call(request).await?.map_into_boxed_body()).await;
    };
    let mut outdated = match cache.find(&address, request.headers()) {
        Found::Hit(stored, freshness) => return Ok(give(request, &stored, freshness).await),
        Found::Miss(outdated) => outdated,
    };
    if cache.entries.is_none() {
        return finish(next.call(request).await?.map_into_boxed_body()).await;
    }
    // Whoever asks the same gets the same; what an answer is chosen by is not known before there is one.
    let name = with_header(&address, ACCEPT.as_str(), request.headers());
    loop {
        match cache.board(&name) {
            Boarding::Pilot(flight) => {
                let epoch = cache.begin();
                let headers = request.headers().clone();
                let response = next.call(request).await?.map_into_boxed_body();
                let (request, mut response) = response.into_parts();
                let Some(finished) = response.extensions_mut().remove::<Finished>() else {
                    flight.land(Landing::Private);
                    return Ok(bridged(request, response, outdated.take()).await);
                };
                let stored = Arc::new(Stored::new(finished)?);
                flight.land(cache.keep(&address, &headers, &stored, epoch));
                let answer = stored.answer(&headers, Freshness::Fresh).await;
                return Ok(ServiceResponse::new(request, answer));
            }
            Boarding::Passenger(flight) => match landed(flight).await {
                // Outdated between landing and here: whoever asked after the change must not get it. What another one's
                // languages chose is for those alone who like the same.
                Landing::Kept(stored, chosen)
                    if stored.outdated_at().is_none()
                        && chosen.as_deref() == stored.by().language(request.headers()) =>
                {
                    return Ok(give(request, &stored, Freshness::Fresh).await);
                }
                Landing::Private => {
                    let response = next.call(request).await?.map_into_boxed_body();
                    let (request, mut response) = response.into_parts();
                    let finished = response.extensions_mut().remove::<Finished>();
                    return match finished {
                        Some(finished) => finished_answer(request, finished).await,
                        None => Ok(bridged(request, response, outdated.take()).await),
                    };
                }
                Landing::Kept(..) | Landing::Outdated | Landing::Flying => {}
            },
        }
        // It may have been made in the meantime.
        match cache.find(&address, request.headers()) {
            Found::Hit(stored, freshness) => return Ok(give(request, &stored, freshness).await),
            Found::Miss(older) => outdated = outdated.or(older),
        }
    }
}

/// What the ones who wait are told; [`Landing::Flying`] when the one who made it went away.
async fn landed(mut flight: watch::Receiver<Landing>) -> Landing {
    let landed = flight.wait_for(|landing| !matches!(landing, Landing::Flying)).await;
    landed.map_or(Landing::Flying, |landing| landing.clone())
}

async fn give(request: ServiceRequest, stored: &Stored, freshness: Freshness) -> ServiceResponse<BoxBody> {
    let answer = stored.answer(request.headers(), freshness).await;
    request.into_response(answer)
}

/// Makes of a public answer what the client gets, and leaves all others alone.
async fn finish(response: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let (request, mut response) = response.into_parts();
    let finished = response.extensions_mut().remove::<Finished>();
    match finished {
        Some(finished) => finished_answer(request, finished).await,
        None => Ok(ServiceResponse::new(request, response)),
    }
}

async fn finished_answer(request: HttpRequest, finished: Finished) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = Stored::new(finished)?.answer(request.headers(), Freshness::Fresh).await;
    Ok(ServiceResponse::new(request, answer))
}

/// What was right a while ago, instead of an answer that ibid itself cannot make now.
async fn bridged(
    request: HttpRequest,
    response: HttpResponse,
    outdated: Option<Arc<Stored>>,
) -> ServiceResponse<BoxBody> {
    match outdated.filter(|_| response.status().is_server_error()) {
        Some(stored) => {
            let answer = stored.answer(request.headers(), Freshness::Stale).await;
            ServiceResponse::new(request, answer)
        }
        None => ServiceResponse::new(request, response),
    }
}
