//! Where the operations of the contract are put: into the router, and into the document while it is written.

use actix_web::dev::HttpServiceFactory;
use actix_web::web::ServiceConfig;
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// Takes operations. Each worker has a router of its own; the document is collected once, since that is the work of
/// tens of megabytes.
pub struct Operations<'s> {
    router: &'s mut ServiceConfig,
    document: Option<&'s mut OpenApi>,
}

impl<'s> Operations<'s> {
    /// Puts operations into the router.
    pub fn new(router: &'s mut ServiceConfig) -> Self {
        Self { router, document: None }
    }

    /// Puts them into the document, too.
    pub fn documented(router: &'s mut ServiceConfig, document: &'s mut OpenApi) -> Self {
        Self { router, document: Some(document) }
    }

    /// Takes an operation.
    pub fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        if let Some(document) = &mut self.document {
            let mut schemas = Vec::new();
            operation.schemas(&mut schemas);
            document.paths.merge(operation.paths());
            document.components.get_or_insert_with(Components::new).schemas.extend(schemas);
        }
        self.router.service(operation);
        self
    }

    /// Takes those of a room.
    pub fn configure(&mut self, room: impl FnOnce(&mut Self)) -> &mut Self {
        room(self);
        self
    }
}
