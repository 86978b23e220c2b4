//! The HTTP client of the services. Nothing but the configured addresses is asked: a redirect that leads to another
//! host is a failure, and so is an answer that is too long.

use std::time::Duration;

use anyhow::Context;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::citing::identifiers::Doi;
use crate::citing::sources::Service;
use crate::config::Lookup;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::outbound;

/// The most bytes of an answer.
const MOST_BYTES: usize = 5_000_000;
/// How many redirects are followed.
const MOST_REDIRECTS: usize = 3;
/// The longest wait that callers are told, in seconds: what `Retry-After` may say in the contract.
const LONGEST_WAIT: i64 = 86_400;
/// What callers are told to wait when the service does not say, in seconds.
const USUAL_WAIT: i64 = 60;

/// The services that studies are looked up with.
pub struct Services {
    http: Client,
    /// Asked at the same time.
    permits: Semaphore,
    crossref: Option<Url>,
    datacite: Option<Url>,
    ncbi: Option<Url>,
    contact: String,
    timeout: Duration,
    keep_seconds: i64,
}

/// What a service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Found(String),
    /// It knows no such study.
    None,
}

impl Reply {
    /// The body of the answer.
    pub fn body(self) -> Option<String> {
        match self {
            Self::Found(body) => Some(body),
            Self::None => None,
        }
    }
}

/// The setting that holds the service's address.
pub fn setting(service: Service) -> &'static str {
    match service {
        Service::Crossref => "crossref",
        Service::DataCite => "datacite",
        Service::PubMed => "ncbi",
    }
}

impl Services {
    /// # Errors
    /// When TLS cannot be set up, or an address is none.
    pub fn new(settings: &Lookup) -> anyhow::Result<Self> {
        let address = |name: &str, text: &str| match text {
            "" => Ok(None),
            text => Url::parse(text).map(Some).with_context(|| format!("lookup.{name}")),
        };
        let about = match settings.contact.as_str() {
            "" => String::new(),
            contact => format!(" (+mailto:{contact})"),
        };
        let timeout = Duration::from_secs(settings.timeout_seconds);
        let http = outbound::client(timeout, &about)?.redirect(Policy::custom(within_the_host)).build();
        let http = http.context("lookup")?;
        Ok(Self {
            http,
            permits: Semaphore::new(settings.at_once),
            crossref: address("crossref", &settings.crossref)?,
            datacite: address("datacite", &settings.datacite)?,
            ncbi: address("ncbi", &settings.ncbi)?,
            contact: settings.contact.clone(),
            timeout,
            keep_seconds: i64::from(settings.keep_days) * 86_400,
        })
    }

    fn base(&self, service: Service) -> Option<&Url> {
        match service {
            Service::Crossref => self.crossref.as_ref(),
            Service::DataCite => self.datacite.as_ref(),
            Service::PubMed => self.ncbi.as_ref(),
        }
    }

    /// Whether the service is switched on.
    pub fn has(&self, service: Service) -> bool {
        self.base(service).is_some()
    }

    /// Whether answers are kept.
    pub fn keeps(&self) -> bool {
        self.keep_seconds > 0
    }

    /// Answers from before are asked for anew.
    pub fn kept_since(&self, now: Instant) -> Instant {
        now.plus_seconds(-self.keep_seconds)
    }

    /// Asks a service for the study with this normalised identifier.
    ///
    /// # Errors
    /// `lookup_failed`, `lookup_timeout`, `lookup_limited`.
    pub async fn ask(&self, service: Service, identifier: &str) -> Result<Reply, Problem> {
        let base = self.base(service).ok_or_else(|| failed(service, "it is switched off"))?;
        self.get(service, address(base, service, identifier, &self.contact)?).await
    }

    /// Asks Crossref for the notices that name this DOI.
    ///
    /// # Errors
    /// As [`Services::ask`].
    pub async fn ask_for_updates(&self, doi: &Doi) -> Result<Reply, Problem> {
        let service = Service::Crossref;
        let base = self.base(service).ok_or_else(|| failed(service, "it is switched off"))?;
        let mut url = below(base, service, "works")?;
        url.query_pairs_mut()
            .append_pair("filter", &format!("updates:{}", doi.as_str()))
            .append_pair("select", "DOI,update-to")
            .append_pair("rows", "100");
        self.get(service, url).await
    }

    async fn get(&self, service: Service, url: Url) -> Result<Reply, Problem> {
        let _permit = self.permit(service).await?;
        let response = self.http.get(url).send().await.map_err(|error| undone(service, &error))?;
        match response.status() {
            StatusCode::OK => body(service, response).await.map(Reply::Found),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Reply::None),
            // So NCBI answers to numbers that it has not given yet.
            StatusCode::BAD_REQUEST if service == Service::PubMed => Ok(Reply::None),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Err(limited(service, wait(&response))),
            status => Err(failed(service, format!("it answered {}", status.as_u16()))),
        }
    }

    async fn permit(&self, service: Service) -> Result<SemaphorePermit<'_>, Problem> {
        let permit = tokio::time::timeout(self.timeout, self.permits.acquire()).await.ok().and_then(Result::ok);
        permit.ok_or_else(|| limited(service, 1))
    }
}

/// Follows a redirect within the host that was asked, and no other.
fn within_the_host(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let asked = attempt.previous().first().map(Url::origin);
    if attempt.previous().len() > MOST_REDIRECTS {
        attempt.error("it redirects too often")
    } else if asked.is_some_and(|asked| asked == attempt.url().origin()) {
        attempt.follow()
    } else {
        attempt.error("it redirects to another host")
    }
}

/// The address of what the service knows under the identifier.
fn address(base: &Url, service: Service, identifier: &str, contact: &str) -> Result<Url, Problem> {
    match service {
        Service::Crossref => below(base, service, &format!("works/{}", in_path(identifier))),
        Service::DataCite => below(base, service, &format!("dois/{}", in_path(identifier))),
        Service::PubMed => {
            let mut url = below(base, service, "efetch.fcgi")?;
            url.query_pairs_mut()
                .append_pair("db", "pubmed")
                .append_pair("id", identifier)
                .append_pair("retmode", "xml")
                .append_pair("tool", "ibid");
            if !contact.is_empty() {
                url.query_pairs_mut().append_pair("email", contact);
            }
            Ok(url)
        }
    }
}

fn below(base: &Url, service: Service, path: &str) -> Result<Url, Problem> {
    let text = format!("{}/{path}", base.as_str().trim_end_matches('/'));
    Url::parse(&text).map_err(|error| failed(service, format!("its address cannot be made: {error}")))
}

/// A DOI in a path. Its slashes may stand there, unless what is between them would be taken for a step up or down.
fn in_path(doi: &str) -> String {
    let steps = doi.split('/').any(|step| ["", ".", ".."].contains(&step));
    let mut path = String::new();
    for byte in doi.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b'(' | b')' | b':' | b';' => {
                path.push(char::from(byte));
            }
            b'/' if !steps => path.push('/'),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

/// The whole body, as long as it may be.
async fn body(service: Service, mut response: Response) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| undone(service, &error))? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(failed(service, format!("its answer has more than {MOST_BYTES} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    match String::from_utf8(bytes) {
        // PostgreSQL cannot keep U+0000.
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(failed(service, "its answer is not text in UTF-8")),
    }
}

/// How long the service asks to wait (RFC 9110, section 10.2.3), within what callers can be told.
fn wait(response: &Response) -> i64 {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let seconds = header("retry-after").and_then(|text| {
        text.trim().parse().ok().or_else(|| Some(http_date(text)? - header("date").and_then(http_date)?))
    });
    seconds.unwrap_or(USUAL_WAIT).clamp(1, LONGEST_WAIT)
}

/// Seconds since 1970 of an IMF-fixdate.
fn http_date(text: &str) -> Option<i64> {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    Some(time::PrimitiveDateTime::parse(text.trim(), format).ok()?.assume_utc().unix_timestamp())
}

/// The request came to nothing.
fn undone(service: Service, error: &reqwest::Error) -> Problem {
    if error.is_timeout() {
        let detail = format!("{} did not answer in time.", service.name());
        return Problem::new(Code::LookupTimeout, detail);
    }
    let reason = std::error::Error::source(error).map(ToString::to_string);
    let says = if error.is_redirect() { reason.unwrap_or_default() } else { "it cannot be reached".to_owned() };
    failed(service, says)
}

/// The look-up failed, for a reason that goes into a sentence.
pub fn failed(service: Service, says: impl std::fmt::Display) -> Problem {
    Problem::new(Code::LookupFailed, format!("The look-up at {} failed: {says}.", service.name()))
}

fn limited(service: Service, seconds: i64) -> Problem {
    let detail = format!("{} can be asked again in {seconds} s.", service.name());
    Problem::new(Code::LookupLimited, detail).with_header("Retry-After", seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_any_doi() {
        let base = Url::parse("https://api.example.org/v1/").unwrap();
        let works = |doi: &str| address(&base, Service::Crossref, doi, "").unwrap().to_string();
        assert_eq!(works("10.4103/0974-2077.53096"), "https://api.example.org/v1/works/10.4103/0974-2077.53096");
        let sici = "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2";
        assert!(works(sici).ends_with("/works/10.1002/(sici)1097-0258(19980815)17:15%3C1661::aid-sim968%3E3.0.co;2-2"));
        assert_eq!(works("10.5555/../../x"), "https://api.example.org/v1/works/10.5555%2F..%2F..%2Fx");
        assert_eq!(works("10.5555/a?b#c%d"), "https://api.example.org/v1/works/10.5555/a%3Fb%23c%25d");
        assert_eq!(works("10.5555//a"), "https://api.example.org/v1/works/10.5555%2F%2Fa");
        let pubmed = address(&base, Service::PubMed, "123", "a@example.org").unwrap().to_string();
        assert_eq!(
            pubmed,
            "https://api.example.org/v1/efetch.fcgi?db=pubmed&id=123&retmode=xml&tool=ibid&email=a%40example.org"
        );
    }

    #[test]
    fn waits_are_read_as_seconds() {
        assert_eq!(http_date("Thu, 01 Jan 1970 00:01:00 GMT"), Some(60));
        assert_eq!(http_date("soon"), None);
    }
}
