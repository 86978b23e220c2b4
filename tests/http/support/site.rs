use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::web;
use ibid::accounts::{EditorName, NewEditor, Role, store, token};
use ibid::app::{App, State};
use ibid::clock::Clock;
use ibid::config::Settings;
use ibid::db::Backend;
use ibid::http::email::Email;
use ibid::ids::FamilyId;
use serde_json::Value;
use wiremock::MockServer;

/// A running site and a client of it.
#[derive(Clone)]
pub struct Site {
    pub state: State,
    base: String,
    /// Where the site looks studies up: nobody answers there until a test plays the services.
    services: Arc<Mutex<Option<TcpListener>>>,
    client: reqwest::Client,
    token: Option<String>,
}

/// Serves a site with these settings for as long as the test runs.
pub fn run<F: Future<Output = ()>>(mut settings: Settings, test: impl FnOnce(Site) -> F) {
    let services = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = services.local_addr().expect("an address");
    settings.lookup.crossref = format!("http://{address}/crossref");
    settings.lookup.datacite = format!("http://{address}/datacite");
    settings.lookup.ncbi = format!("http://{address}/ncbi");
    let services = Arc::new(Mutex::new(Some(services)));
    let state = web::Data::new(App::open(settings, Clock::default()).expect("the app opens"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    actix_web::rt::System::new().block_on(async {
        let server = ibid::server::serve(state.clone(), listener).expect("the server starts");
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        test(Site { state, base, services, client, token: None }).await;
        handle.stop(false).await;
    });
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    /// The `code` of a problem document.
    #[track_caller]
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        self.json()["code"].as_str().expect("a code").to_owned()
    }

    /// The JSON of an answer that has to have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

/// A request in the making.
pub struct Request(reqwest::RequestBuilder);

impl Request {
    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    pub fn if_match(self, etag: impl AsRef<str>) -> Self {
        self.header("If-Match", etag)
    }

    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self(self.0.body(body.into()))
    }

    /// The answer as it comes, piece by piece.
    pub async fn open(self) -> reqwest::Response {
        self.0.send().await.expect("an answer")
    }

    pub async fn send(self) -> Reply {
        let response = self.0.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a body").to_vec();
        Reply { status, headers, body }
    }
}

impl Site {
    pub fn request(&self, method: &str, path: &str) -> Request {
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Request(request)
    }

    /// The services that the site looks studies up with, to be played: Crossref under `/crossref`, DataCite under
    /// `/datacite`, NCBI under `/ncbi`.
    pub async fn services(&self) -> MockServer {
        let listener = self.services.lock().expect("no test has panicked with it").take();
        MockServer::builder().listener(listener.expect("they are played once")).start().await
    }

    /// Another node over the same database, asked by the same client.
    pub async fn another_node(&self) -> Site {
        self.another_node_with(|_| ()).await
    }

    /// The same, with other settings.
    pub async fn another_node_with(&self, change: impl FnOnce(&mut Settings)) -> Site {
        let mut settings = self.state.settings.clone();
        change(&mut settings);
        let clock = self.state.clock.clone();
        // Opening blocks, and not where futures run.
        let opened = std::thread::spawn(move || App::open(settings, clock).expect("the app opens"));
        let state = web::Data::new(opened.join().expect("it opens"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        actix_web::rt::spawn(ibid::server::serve(state.clone(), listener).expect("the server starts"));
        Site { state, base, ..self.clone() }
    }

    /// Where it listens: host and port.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.request("GET", path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.request("POST", path).json(body).send().await
    }

    /// The same site, asked by a new editor of this role.
    pub async fn signed_in(&self, role: Role) -> Site {
        let name = format!("{}-{}", role.as_str(), uuid::Uuid::now_v7());
        let new = NewEditor {
            email: Email::parse(&format!("{name}@example.org")).expect("an address"),
            name: EditorName::parse(&name).expect("a name"),
            role,
            password_hash: "not a hash: this editor signs in without a password".into(),
        };
        let now = self.state.clock.now();
        let id = self.state.db.write(move |conn| store::insert(conn, &new, now)).await.expect("an editor");
        let (key, auth) = (&self.state.key, &self.state.settings.auth);
        let token = token::issue(key, auth, now, id, role, FamilyId::new()).expect("a token");
        self.with_token(&token)
    }

    /// The same site, asked with this access token.
    pub fn with_token(&self, token: &str) -> Site {
        Site { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The access token that requests carry.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("somebody is signed in")
    }

    /// The same site, asked by nobody in particular.
    pub fn anonymous(&self) -> Site {
        Site { token: None, ..self.clone() }
    }

    pub fn backend_name(&self) -> &'static str {
        match self.state.db.backend() {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        }
    }
}
