//! The doors and the ops routes put together; start and graceful stop.

use std::net::TcpListener;
use std::time::Duration;

use actix_service::{IntoServiceFactory, ServiceFactory};
use actix_web::dev::{AppConfig, ResourceDef, Server};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpServer, web};

use crate::app::State;
use crate::batch::{Allowed, Within};
use crate::delivery::cache::{Front, purge};
use crate::error::{Code, Problem};
use crate::http::aside::Bounds;
use crate::http::body::BodyLimit;
use crate::http::cross_origin::CrossOrigin;
use crate::http::finish::finish;
use crate::http::idempotency::Idempotency;
use crate::http::limits::{Limits, limit};
use crate::http::operations::Operations;
use crate::http::writing::writing;
use crate::publishing::log::{self, News};
use crate::{accounts, batch, comments, delivery, editorial, library, openapi, ops, preview, publishing};

/// Every operation of the contract. The router asks one after the other: what readers ask for comes first.
pub fn routes(config: &mut Operations<'_>) {
    config.configure(delivery::routes);
    config.configure(preview::routes::routes);
    config.configure(ops::routes);
    config.configure(accounts::routes::routes);
    config.configure(batch::routes::routes);
    config.configure(editorial::routes::routes);
    config.configure(publishing::routes::routes);
    config.configure(comments::routes);
    config.configure(library::routes::routes);
}

/// Serves on `listener` until it is stopped; a stop answers what was accepted.
///
/// # Errors
/// When the contract has an operation that no line of the permission table covers, or the socket fails.
pub fn serve(state: State, listener: TcpListener) -> anyhow::Result<Server> {
    let contract = openapi::document()?;
    openapi::check_permissions(&contract)?;
    let settings = state.settings.clone();
    let networks = settings.server.trusted_proxies.iter().map(|network| network.0).collect();
    let limits = web::Data::from(Limits::new(&settings.rate, networks));
    let methods = web::Data::new(Methods::of(&contract));
    let text = web::Data::new(ops::ContractText(openapi::text(&contract)?));
    let allowed = web::Data::new(Allowed::of(&contract)?);
    let body_limit = BodyLimit(settings.limits.body_bytes);
    let keys = web::Data::new(idempotency(&state));
    actix_web::rt::spawn(tidy(limits.clone(), keys.clone(), state.clone()));
    if let Some(front) = Front::new(&settings.purge)? {
        actix_web::rt::spawn(purge(state.clone(), front));
    }
    actix_web::rt::spawn(follow(state.clone()));
    actix_web::rt::spawn(listen(state.clone()));
    actix_web::rt::spawn(publishing::keep_time(state.clone()));
    let cross_origin = web::Data::new(CrossOrigin::of(&settings.cors.allowed_origins));
    let server = HttpServer::new(move || {
        let application = ActixApp::new()
            .app_data(state.clone())
            .app_data(limits.clone())
            .app_data(cross_origin.clone())
            .app_data(methods.clone())
            .app_data(text.clone())
            .app_data(keys.clone())
            .app_data(allowed.clone())
            .app_data(within(&state, &methods, body_limit))
            .app_data(body_limit)
            .app_data(body_limit.payload_config())
            .wrap(from_fn(writing))
            .wrap(from_fn(accounts::guard::gate))
            .wrap(from_fn(delivery::cache::cached))
            .wrap(from_fn(limit))
            .wrap(cross_origin.layer())
            .wrap(from_fn(finish))
            .configure(|config| routes(&mut Operations::new(config)))
            .configure(ops::problem_pages)
            .configure(openapi::pages)
            .default_service(web::to(unknown));
        delivery::cache::before(
            application,
            state.cache.clone(),
            limits.clone().into_inner(),
            cross_origin.clone().into_inner(),
        )
    });
    let stalled = Duration::from_secs(settings.server.stalled_seconds);
    let server = server.client_request_timeout(Duration::from_secs(settings.server.head_seconds));
    let server = server.on_connect(move |connection, _| cut_when_stalled(connection, stalled));
    let workers = match settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        given => given,
    };
    let server = server.workers(workers).shutdown_timeout(settings.server.stop_seconds);
    // Left to itself, actix answers nothing more after SIGINT.
    Ok(server.disable_signals().listen(listener)?.run())
}

/// What does the operations of a batch: the router behind the gate. The batch has been through the other layers.
fn within(state: &State, methods: &web::Data<Methods>, body_limit: BodyLimit) -> Within {
    let (state, methods) = (state.clone(), methods.clone());
    Within::new(move || {
        let application = ActixApp::new()
            .app_data(state.clone())
            .app_data(methods.clone())
            .app_data(body_limit)
            .app_data(body_limit.payload_config())
            .wrap(from_fn(accounts::guard::gate))
            .configure(|config| routes(&mut Operations::new(config)))
            .default_service(web::to(unknown));
        let made = application.into_factory().new_service(AppConfig::default());
        Box::pin(async move { Ok(actix_service::boxed::service(made.await?)) })
    })
}

/// Where writes with a key are known again. Files come from editors alone; everybody else sends what fits into memory.
fn idempotency(state: &State) -> Idempotency {
    let sizes = &state.settings.limits;
    let held = sizes.body_bytes;
    Idempotency {
        db: state.db.clone(),
        clock: state.clock.clone(),
        keep: i64::from(state.settings.idempotency.hours) * 3_600,
        known: Bounds { held, most: held.max(sizes.notices_bytes).max(sizes.import_bytes) },
        anybody: Bounds { held, most: held },
        dir: state.settings.data_dir.clone(),
    }
}

/// Forgets what is over, every minute.
async fn tidy(limits: web::Data<Limits>, keys: web::Data<Idempotency>, state: State) {
    let mut every = tokio::time::interval(Duration::from_secs(60));
    loop {
        every.tick().await;
        limits.tidy();
        if let Err(problem) = keys.tidy().await {
            let cause = problem.cause().unwrap_or(problem.detail());
            tracing::warn!(cause, "keys of requests whose time is over could not be forgotten");
        }
        match editorial::trash::empty(&state).await {
            Ok(0) => {}
            Ok(articles) => tracing::info!(articles, "deleted for good: they were in the trash for long enough"),
            Err(problem) => {
                let cause = problem.cause().unwrap_or(problem.detail());
                tracing::warn!(cause, "the trash could not be emptied");
            }
        }
    }
}

/// Has the system cut the connection of a client that does not take what it is sent.
#[cfg(target_os = "linux")]
fn cut_when_stalled(connection: &dyn std::any::Any, after: Duration) {
    let Some(connection) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
    if let Err(error) = socket2::SockRef::from(connection).set_tcp_user_timeout(Some(after)) {
        tracing::debug!(%error, "a connection has no limit for stalling");
    }
}

/// Other systems have no such limit.
#[cfg(not(target_os = "linux"))]
fn cut_when_stalled(_: &dyn std::any::Any, _: Duration) {}

/// Outdates the answers that other nodes' changes touch.
async fn follow(state: State) {
    let cache = state.cache.clone();
    let tell = |news| match news {
        News::Change(change) => match change.tags() {
            Some(tags) => cache.touch(&tags),
            None => cache.touch_all(),
        },
        News::Lost => cache.lose(),
        News::CaughtUp => cache.catch_up(),
    };
    let every = Duration::from_millis(state.settings.database.poll_milliseconds);
    state.follower.follow(&state.db, every, tell).await;
}

/// Has the log looked at as soon as another node has appended to it.
async fn listen(state: State) {
    state.db.listen(log::CHANNEL, || state.follower.wake()).await;
}

/// What asks the process to stop: Ctrl-C (SIGINT) and SIGTERM.
#[cfg(unix)]
pub struct StopSignals([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl StopSignals {
    /// Takes them over from here on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    /// Waits for one.
    pub async fn next(&mut self) {
        std::future::poll_fn(|context| {
            // All of them are asked, so that each wakes this up.
            let came = self.0.each_mut().map(|signal| signal.poll_recv(context).is_ready());
            if came.contains(&true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

/// What asks the process to stop: Ctrl-C.
#[cfg(not(unix))]
pub struct StopSignals(());

#[cfg(not(unix))]
impl StopSignals {
    /// Takes it over.
    ///
    /// # Errors
    /// None.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self(()))
    }

    /// Waits for one.
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Which methods each address of the contract has, to tell a wrong method from a wrong address.
struct Methods(Vec<(ResourceDef, Vec<String>)>);

impl Methods {
    fn of(contract: &serde_json::Value) -> Self {
        let paths = contract["paths"].as_object().into_iter().flatten();
        Self(paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods_of(item))).collect())
    }

    /// The methods of the address; where a fixed address could also be taken for one with a parameter, of the fixed one.
    fn at(&self, path: &str) -> Option<String> {
        let matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let parameters = |pattern: &ResourceDef| pattern.pattern().map_or(0, |text| text.matches('{').count());
        let (_, methods) = matching.min_by_key(|(pattern, _)| parameters(pattern))?;
        Some(methods.join(", "))
    }
}

fn methods_of(item: &serde_json::Value) -> Vec<String> {
    let mut methods: Vec<String> =
        item.as_object().into_iter().flatten().map(|(name, _)| name.to_ascii_uppercase()).collect();
    methods.retain(|name| ["GET", "PUT", "POST", "PATCH", "DELETE"].contains(&name.as_str()));
    if methods.iter().any(|name| name == "GET") {
        methods.push(Method::HEAD.to_string());
    }
    methods
}

async fn unknown(
    request: actix_web::HttpRequest,
    methods: web::Data<Methods>,
) -> Result<actix_web::HttpResponse, Problem> {
    Err(match methods.at(request.path()) {
        Some(allow) => {
            let detail = format!("{} is not one of {allow}.", request.method());
            Problem::new(Code::MethodNotAllowed, detail).with_header("Allow", allow)
        }
        None => Problem::new(Code::NotFound, "There is nothing at this address."),
    })
}

/// Binds the configured address.
///
/// # Errors
/// Names the setting.
pub fn bind(state: &State) -> anyhow::Result<TcpListener> {
    let address = state.settings.server.listen;
    TcpListener::bind(address).map_err(|error| anyhow::anyhow!("server.listen: cannot listen on {address}: {error}"))
}
