//! Role × operation, generated from the contract: every guarded operation that there is, asked by everybody.

use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use ibid::accounts::permission::TABLE;
use ibid::accounts::{Permitted, Role, guard, op};
use ibid::http::body::Body;
use ibid::http::etag::IfMatch;
use ibid::http::fault::Faults;
use ibid::http::query::{NoParameters, Query};
use ibid::openapi;
use serde_json::{Value, json};

use crate::support::{Reply, Site, both};

const ROLES: [Role; 5] = [Role::Admin, Role::Editor, Role::Author, Role::Reviewer, Role::Moderator];

/// An operation of the contract.
struct Operation {
    id: String,
    method: String,
    path: String,
    guarded: bool,
    takes_if_match: bool,
    takes_body: bool,
}

impl Operation {
    fn new(path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        Self {
            id: operation["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_uppercase(),
            path: filled(path),
            guarded: operation["security"]
                .as_array()
                .is_some_and(|all| all.iter().any(|needs| needs.as_object().is_some_and(|needs| !needs.is_empty()))),
            takes_if_match: parameters.into_iter().any(|parameter| parameter["name"] == "If-Match"),
            takes_body: operation.get("requestBody").is_some(),
        }
    }

    fn roles(&self) -> &'static [Role] {
        TABLE.iter().find(|(id, _)| *id == self.id).map(|(_, roles)| *roles).expect("a line of the table")
    }

    /// A request that is well-formed and about nothing that exists.
    async fn ask(&self, site: &Site) -> Reply {
        let mut request = site.request(&self.method, &self.path);
        if self.takes_if_match {
            request = request.if_match("\"1.x\"");
        }
        if self.takes_body {
            request = request.json(&json!({}));
        }
        request.send().await
    }

    /// A request in which everything is wrong.
    async fn ask_badly(&self, site: &Site) -> Reply {
        let path = format!("{}?unknown=1", self.path.replace(NOTHING, "%20"));
        let mut request = site.request(&self.method, &path);
        if self.method != "GET" {
            request = request.header("Content-Type", "text/plain").body("{");
        }
        request.send().await
    }
}

const NOTHING: &str = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11";

/// The path with an id that nothing has in the place of its parameters.
fn filled(path: &str) -> String {
    let steps = path.split('/').map(|step| if step.contains('{') { NOTHING } else { step });
    steps.collect::<Vec<_>>().join("/")
}

fn operations() -> Vec<Operation> {
    let contract = openapi::document().expect("the contract");
    let items = contract["paths"].as_object().expect("paths").iter();
    let each = items.flat_map(|(path, item)| {
        let methods = item.as_object().expect("an item").iter();
        methods.map(move |(method, operation)| Operation::new(path, method, operation))
    });
    each.collect()
}

fn guarded() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(|operation| operation.guarded)
}

both! {
    async fn without_a_token_nothing_guarded_is_answered(site: Site) {
        for operation in guarded() {
            for reply in [operation.ask(&site).await, operation.ask_badly(&site).await] {
                assert_eq!((reply.status, reply.code()), (401, "unauthenticated".into()), "{}", operation.id);
            }
        }
    }

    async fn each_role_may_do_what_its_table_says(site: Site) {
        for role in ROLES {
            let caller = site.signed_in(role).await;
            for operation in guarded() {
                let what = format!("{} as {}", operation.id, role.as_str());
                let reply = operation.ask(&caller).await;
                if operation.roles().contains(&role) {
                    assert!(![401, 403].contains(&reply.status) && reply.status < 500, "{what}: {}", reply.text());
                } else {
                    assert_eq!((reply.status, reply.code()), (403, "forbidden".into()), "{what}");
                }
            }
        }
    }

    async fn permission_comes_before_every_other_fault(site: Site) {
        for role in ROLES {
            let caller = site.signed_in(role).await;
            for operation in guarded().filter(|operation| !operation.roles().contains(&role)) {
                let reply = operation.ask_badly(&caller).await;
                assert_eq!((reply.status, reply.code()), (403, "forbidden".into()), "{} as {}", operation.id, role.as_str());
            }
        }
    }

    async fn a_handler_that_names_its_permission_first_refuses_with_it_first(site: Site) {
        let app = App::new().app_data(site.state.clone()).wrap(from_fn(guard::gate));
        let app = init_service(app.route("/v1/manage/x", web::patch().to(demanding))).await;
        let status = async |token: Option<&str>| {
            let mut request = TestRequest::patch().uri("/v1/manage/x?unknown=1").set_payload("{");
            if let Some(token) = token {
                request = request.insert_header((AUTHORIZATION, format!("Bearer {token}")));
            }
            call_service(&app, request.to_request()).await.status().as_u16()
        };
        assert_eq!(status(None).await, 401);
        assert_eq!(status(Some("x")).await, 401);
        assert_eq!(status(Some(site.signed_in(Role::Reviewer).await.token())).await, 403);
        let permitted = status(Some(site.signed_in(Role::Author).await.token())).await;
        assert!([400, 415, 428].contains(&permitted), "{permitted}");
    }

    async fn what_is_public_asks_for_no_token(site: Site) {
        // A stream of events does not end by itself.
        let public = |operation: &Operation| !operation.guarded && operation.id != "events_stream";
        for operation in operations().into_iter().filter(public) {
            let reply = operation.ask(&site).await;
            assert!(![401, 403].contains(&reply.status), "{}: {}", operation.id, reply.text());
        }
    }
}

#[derive(deserr::Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Nothing {}

/// Has every kind of thing to refuse a request for.
async fn demanding(
    _: Permitted<op::ArticlesPatch>,
    _: IfMatch,
    _: Query<NoParameters>,
    _: Body<Nothing>,
) -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn doctored(path: &str, operation: Value) -> anyhow::Result<()> {
    let mut contract = openapi::document().expect("the contract");
    openapi::check_permissions(&contract).expect("the contract itself is in order");
    contract["paths"][path] = json!({"post": operation});
    openapi::check_permissions(&contract)
}

#[test]
fn a_contract_with_an_operation_that_nobody_thought_of_is_refused() {
    let bearer = json!([{"bearer": []}]);
    let says = |path: &str, operation: Value| doctored(path, operation).expect_err("it has to be refused").to_string();
    let unlisted = says("/v1/manage/secrets", json!({"operationId": "manage_secrets", "security": bearer}));
    assert!(unlisted.contains("manage_secrets"), "{unlisted}");
    let open = says("/v1/manage/secrets", json!({"operationId": "auth_me", "security": []}));
    assert!(open.contains("/v1/manage/secrets"), "{open}");
    let nameless = says("/v1/manage/secrets", json!({"security": bearer}));
    assert!(nameless.contains("permission table"), "{nameless}");
    let outside = says("/v1/elsewhere", json!({"operationId": "auth_me", "security": bearer}));
    assert!(outside.contains("gate"), "{outside}");
}
