//! How often one client may ask, per door: counted in memory, told in `RateLimit` headers
//! (draft-ietf-httpapi-ratelimit-headers), refused with 429.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{RequestHead, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

use crate::error::{Code, Problem};

/// How many requests a minute one client may make, per door. 0 is no limit.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Reading: under `/v1`, feeds, sitemaps.
    pub delivery: u32,
    /// `/v1/manage`.
    pub management: u32,
    /// `/v1/auth`.
    pub auth: u32,
    /// Posting comments.
    pub comments: u32,
}

/// What is read of publications elsewhere than under `/v1`.
pub const READING: [&str; 4] = ["/feeds/", "/sitemap.xml", "/sitemaps/", "/llms.txt"];

const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

type Limiter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

struct Door {
    name: &'static str,
    per_minute: u32,
    policy: HeaderValue,
    limiter: Limiter,
}

impl Door {
    fn told(&self, remaining: u32, within: u64) -> Told {
        let rate = HeaderValue::try_from(format!("\"{}\";r={remaining};t={within}", self.name)).ok();
        Told { policy: self.policy.clone(), rate }
    }
}

/// The counters of a running server.
pub struct Limits {
    trusted_proxies: Vec<IpNet>,
    delivery: Option<Door>,
    management: Option<Door>,
    auth: Option<Door>,
    comments: Option<Door>,
}

/// The address of the client, as the limits and the comments know it.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub Option<IpAddr>);

impl Limits {
    /// `trusted_proxies`: from these, `X-Forwarded-For` is believed.
    pub fn new(rates: &Rates, trusted_proxies: Vec<IpNet>) -> Arc<Self> {
        let door = |name, per_minute: u32| {
            NonZeroU32::new(per_minute).map(|rate| Door {
                name,
                per_minute,
                policy: HeaderValue::try_from(format!("\"{name}\";q={per_minute};w=60"))
                    .unwrap_or(HeaderValue::from_static("")),
                limiter: RateLimiter::dashmap(Quota::per_minute(rate)).with_middleware::<StateInformationMiddleware>(),
            })
        };
        Arc::new(Self {
            trusted_proxies,
            delivery: door("delivery", rates.delivery),
            management: door("management", rates.management),
            auth: door("auth", rates.auth),
            comments: door("comments", rates.comments),
        })
    }

    /// Forgets clients that have not asked for a while, so that memory stays bounded.
    pub fn tidy(&self) {
        for door in [&self.delivery, &self.management, &self.auth, &self.comments].into_iter().flatten() {
            door.limiter.retain_recent();
        }
    }

    /// By the path as the router will match it, which has decoded it: `%61uth` is no way around a limit.
    fn door(&self, method: &Method, path: &str) -> Option<&Door> {
        let door = if path.starts_with("/v1/manage/") {
            &self.management
        } else if path.starts_with("/v1/auth/") {
            &self.auth
        } else if path.starts_with("/v1/") && method.is_safe() {
            &self.delivery
        } else if path.starts_with("/v1/") {
            &self.comments
        } else if READING.iter().any(|prefix| path.starts_with(prefix)) {
            &self.delivery
        } else {
            &None
        };
        door.as_ref()
    }

    /// The peer, or behind trusted proxies the last address that none of them is.
    fn client(&self, request: &RequestHead) -> Option<IpAddr> {
        let peer = request.peer_addr?.ip();
        let trusted = |ip: &IpAddr| self.trusted_proxies.iter().any(|net| net.contains(ip));
        if !trusted(&peer) {
            return Some(peer);
        }
        let forwarded: Vec<IpAddr> = request
            .headers
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|ip| ip.trim().parse().ok())
            .collect();
        Some(forwarded.into_iter().rev().find(|ip| !trusted(ip)).unwrap_or(peer))
    }
}

/// Whether a request may be answered.
pub enum Admission {
    /// With what the answer tells about it, where there is a limit.
    Admitted(Option<Told>),
    Refused,
}

/// What an answer tells about its limit.
pub struct Told {
    policy: HeaderValue,
    rate: Option<HeaderValue>,
}

impl Told {
    pub fn tell(self, headers: &mut HeaderMap) {
        headers.insert(RATELIMIT_POLICY, self.policy);
        if let Some(rate) = self.rate {
            headers.insert(RATELIMIT, rate);
        }
    }
}

impl Limits {
    /// Counts a request that is answered before any layer sees it; nothing in its path is encoded. One that is refused
    /// here is not counted, and the layers say why.
    pub fn admit(&self, request: &RequestHead) -> Admission {
        let Some(door) = self.door(&request.method, request.uri.path()) else { return Admission::Admitted(None) };
        let Some(client) = self.client(request) else { return Admission::Admitted(None) };
        match door.limiter.check_key(&client) {
            Ok(state) => Admission::Admitted(Some(door.told(state.remaining_burst_capacity(), 60))),
            Err(_) => Admission::Refused,
        }
    }
}

/// The middleware.
pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(limits) = request.app_data::<web::Data<Limits>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let client = limits.client(request.head());
    request.extensions_mut().insert(ClientAddress(client));
    let (Some(door), Some(client)) = (limits.door(request.method(), request.match_info().as_str()), client) else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    match door.limiter.check_key(&client) {
        Ok(state) => {
            let mut response = next.call(request).await?;
            door.told(state.remaining_burst_capacity(), 60).tell(response.headers_mut());
            Ok(response.map_into_boxed_body())
        }
        Err(refused) => {
            let wait = refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            let problem = Problem::new(Code::RateLimited, format!("Try again in {wait} s."))
                .with_header("Retry-After", wait.to_string())
                .with_header("RateLimit-Policy", format!("\"{}\";q={};w=60", door.name, door.per_minute))
                .with_header("RateLimit", format!("\"{}\";r=0;t={wait}", door.name));
            Ok(ServiceResponse::from_err(problem, request.into_parts().0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn every_way_to_write_a_path_leads_to_its_door() {
        let limits = Limits::new(&Rates { delivery: 1, management: 1, auth: 1, comments: 1 }, Vec::new());
        for (method, path, door) in [
            ("POST", "/v1/auth/login", "auth"),
            ("POST", "/v1/%61uth/login", "auth"),
            ("GET", "/%76%31/m%61nage/articles", "management"),
            ("GET", "/v1/articles", "delivery"),
            ("GET", "/feeds/articles.atom", "delivery"),
            ("GET", "/s%69temap.xml", "delivery"),
            ("POST", "/v1/articles/x/comments", "comments"),
        ] {
            let request = TestRequest::with_uri(path).method(method.parse().unwrap()).to_srv_request();
            let found = limits.door(request.method(), request.match_info().as_str());
            assert_eq!(found.map(|door| door.name), Some(door), "{method} {path}");
        }
    }
}
