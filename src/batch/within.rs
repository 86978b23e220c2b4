//! The application once more, within a request to it: without the layers that a request has been through already.

use std::rc::Rc;

use actix_http::Request;
use actix_service::boxed::BoxService;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::{Error, dev::Service as _};
use futures_util::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use crate::error::Problem;

/// What does requests.
pub type Inner = BoxService<Request, ServiceResponse<BoxBody>, Error>;
type Made = LocalBoxFuture<'static, Result<Inner, ()>>;

/// The application of a worker, made when it is first needed.
#[derive(Clone)]
pub struct Within {
    make: Rc<dyn Fn() -> Made>,
    made: Rc<OnceCell<Inner>>,
}

impl Within {
    pub fn new(make: impl Fn() -> Made + 'static) -> Self {
        Self { make: Rc::new(make), made: Rc::new(OnceCell::new()) }
    }

    /// Does a request.
    ///
    /// # Errors
    /// Those that no response was made of.
    pub async fn call(&self, request: Request) -> Result<ServiceResponse<BoxBody>, Error> {
        let made = self.made.get_or_try_init(|| (self.make)()).await;
        let inner = made.map_err(|()| Problem::internal("the application within could not be made"))?;
        inner.call(request).await
    }
}
