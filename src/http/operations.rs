//! Where the operations of the contract are put: into the router, and into the document while it is written.

use std::collections::BTreeSet;

use actix_web::dev::HttpServiceFactory;
use actix_web::web::ServiceConfig;
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// Takes operations. Each worker has a router of its own; the document is collected once, since that is the work of
/// tens of megabytes.
pub struct Operations<'s> {
    router: &'s mut ServiceConfig,
    document: Option<&'s mut Collected>,
}

/// What is collected for the document.
#[derive(Default)]
pub struct Collected {
    pub document: OpenApi,
    /// Names that several schemas have: all but the last are lost.
    pub clashes: BTreeSet<String>,
}

impl Collected {
    fn take(&mut self, operation: &impl OpenApiFactory) {
        let mut schemas = Vec::new();
        operation.schemas(&mut schemas);
        self.document.paths.merge(operation.paths());
        let known = &mut self.document.components.get_or_insert_with(Components::new).schemas;
        for (name, schema) in schemas {
            if known.get(&name).is_some_and(|other| *other != schema) {
                self.clashes.insert(name.clone());
            }
            known.insert(name, schema);
        }
    }
}

impl<'s> Operations<'s> {
    /// Puts operations into the router.
    pub fn new(router: &'s mut ServiceConfig) -> Self {
        Self { router, document: None }
    }

    /// Puts them into the document, too.
    pub fn documented(router: &'s mut ServiceConfig, document: &'s mut Collected) -> Self {
        Self { router, document: Some(document) }
    }

    /// Takes an operation.
    pub fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        if let Some(document) = &mut self.document {
            document.take(&operation);
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
