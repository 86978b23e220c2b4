//! Gives what is kept before the application sees the request. Most requests are for answers that are kept, and the way
//! through the application takes longer than the answer.

use std::sync::Arc;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, RequestHead, Response, Service, ServiceFactory, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use futures_util::future::{Either, FutureExt, ready};

use super::{Cache, Found};
use crate::http::cross_origin::CrossOrigin;
use crate::http::finish::Early;
use crate::http::limits::{Admission, Limits};

/// The application with the cache before it. What is not plain goes on to the application, which comes to the same
/// answer.
pub fn before<A, B>(
    application: impl IntoServiceFactory<A, Request>,
    cache: Arc<Cache>,
    limits: Arc<Limits>,
    cross_origin: Arc<CrossOrigin>,
) -> impl ServiceFactory<
    Request,
    Config = AppConfig,
    Response = Response<BoxBody>,
    Error = A::Error,
    InitError = A::InitError,
    Service: 'static,
    Future: 'static,
>
where
    A: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>> + 'static,
    A::Future: 'static,
    A::Service: 'static,
    A::Error: 'static,
    B: MessageBody + 'static,
{
    actix_service::apply_fn_factory(application, move |request: Request, application: &A::Service| {
        match kept(request.head(), &cache, &limits, &cross_origin) {
            Some(answer) => Either::Left(ready(Ok(answer.into()))),
            None => {
                let answered = application.call(request);
                Either::Right(answered.map(|answer| answer.map(|answer| answer.map_into_boxed_body().into())))
            }
        }
    })
}

fn kept(request: &RequestHead, cache: &Cache, limits: &Limits, cross_origin: &CrossOrigin) -> Option<HttpResponse> {
    let headers = &request.headers;
    // Who may ask is told by the layer that knows the origins, encoded paths are for the one that decodes them.
    let plain = request.method == Method::GET && !headers.contains_key(AUTHORIZATION) && !cross_origin.chooses(headers);
    if !plain || request.uri.path().contains('%') {
        return None;
    }
    let Found::Hit(stored, freshness) = cache.find(request.uri.path_and_query()?.as_str(), headers) else {
        return None;
    };
    let early = Early::of(request)?;
    let mut answer = stored.answer_at_once(headers, freshness)?;
    match limits.admit(request) {
        Admission::Admitted(None) => {}
        Admission::Admitted(Some(told)) => told.tell(answer.headers_mut()),
        Admission::Refused => return None,
    }
    early.answered(request, &mut answer, cross_origin);
    Some(answer)
}
