//! Gives what is kept before the application sees the request. Most requests are for answers that are kept, and the way
//! through the application takes longer than the answer.

use std::sync::Arc;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, RequestHead, Response, Service, ServiceFactory, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, ORIGIN};
use futures_util::future::{Either, FutureExt, ready};

use super::{Cache, Found};
use crate::http::finish::Early;
use crate::http::limits::{Admission, Limits};

/// The application with the cache before it. What is not plain goes on to the application, which comes to the same
/// answer.
pub fn before<A, B>(
    application: impl IntoServiceFactory<A, Request>,
    cache: Arc<Cache>,
    limits: Arc<Limits>,
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
        match kept(request.head(), &cache, &limits) {
            Some(answer) => Either::Left(ready(Ok(answer.into()))),
            None => {
                let answered = application.call(request);
                Either::Right(answered.map(|answer| answer.map(|answer| answer.map_into_boxed_body().into())))
            }
        }
    })
}

fn kept(request: &RequestHead, cache: &Cache, limits: &Limits) -> Option<HttpResponse> {
    let headers = &request.headers;
    // Other origins are answered by the layer that knows which may ask, encoded paths by the one that decodes them.
    let plain = request.method == Method::GET && !headers.contains_key(AUTHORIZATION) && !headers.contains_key(ORIGIN);
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
    early.answered(request, &mut answer);
    Some(answer)
}
