//! One HTTP call, and why there is no answer.

use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

use ureq::http::{HeaderMap, Request, Response};
use ureq::{Agent, Body, SendBody};
use url::Url;

use super::fault::Fault;

/// A database that sleeps takes some seconds to wake.
const WITHIN: Duration = Duration::from_secs(20);

/// The most of an answer that is read, in bytes.
const READ: u64 = 1_000_000;

/// What is asked.
pub struct Call<'a> {
    /// `GET`, `POST`, `OPTIONS`.
    pub method: &'a str,
    /// Where.
    pub url: &'a str,
    /// Names and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// JSON.
    pub body: Option<String>,
    /// The variable that leads there, for the sentence.
    pub name: &'a str,
}

/// An answer.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, as far as it is text.
    pub body: String,
    /// When the answer was made by the server's clock, less this machine's, in seconds.
    pub clock: Option<i64>,
    /// How long it took.
    pub took: Duration,
    headers: HeaderMap,
}

impl Reply {
    /// A header's value; empty without it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Call<'_> {
    /// Makes it. An answer of any status is one.
    pub fn send(self) -> Result<Reply, Fault> {
        let host = host_of(self.url).ok_or_else(|| no_address(self.name.to_owned()))?;
        let started = Instant::now();
        self.run(&host).and_then(|response| read(response, started)).map_err(|error| why_not(&error, self.name, host))
    }

    fn run(&self, host: &str) -> Result<Response<Body>, ureq::Error> {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(WITHIN));
        let config = config.max_redirects(0).max_redirects_will_error(false);
        // A proxy of this machine's environment is for what lies beyond it.
        let config = if is_here(host) { config.proxy(None) } else { config };
        let mut request = Request::builder().method(self.method).uri(self.url).header("user-agent", "edgewise-xtask");
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let agent = config.build().new_agent();
        match &self.body {
            Some(body) => agent.run(request.header("content-type", "application/json").body(body.as_str())?),
            None => agent.run(request.body(SendBody::none())?),
        }
    }
}

fn read(response: Response<Body>, started: Instant) -> Result<Reply, ureq::Error> {
    let (head, body) = response.into_parts();
    let body = body.into_with_config().limit(READ).lossy_utf8(true).read_to_string()?;
    let date = head
        .headers
        .get("date")
        .and_then(|date| date.to_str().ok())
        .and_then(|date| httpdate::parse_http_date(date).ok());
    Ok(Reply {
        status: head.status.as_u16(),
        body,
        clock: date.map(ahead),
        took: started.elapsed(),
        headers: head.headers,
    })
}

/// How far a date is ahead of this machine's clock, in seconds.
fn ahead(date: SystemTime) -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match date.duration_since(SystemTime::now()) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

/// No words of the error hold the address' path, which may hold a token.
fn why_not(error: &ureq::Error, name: &str, host: String) -> Fault {
    let name = name.to_owned();
    let words = error.to_string();
    match error {
        ureq::Error::HostNotFound => Fault::HostNotFound { name, host },
        ureq::Error::Io(error) if is_lookup(error) => Fault::HostNotFound { name, host },
        _ if ["Expired", "NotValidYet"].iter().any(|word| words.contains(word)) => Fault::Certificate { host },
        ureq::Error::Timeout(_) => {
            Fault::Unreachable { name, host, why: format!("nothing within {} s", WITHIN.as_secs()) }
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => no_address(name),
        _ => Fault::Unreachable { name, host, why: words },
    }
}

fn no_address(name: String) -> Fault {
    Fault::Malformed { name, rule: "is no address, such as https://host/path".to_owned() }
}

/// The standard library gives a name that is not found no kind of its own.
fn is_lookup(error: &std::io::Error) -> bool {
    error.to_string().contains("lookup address")
}

/// The host of an address, without user and password.
pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().filter(|host| !host.is_empty()).map(str::to_owned)
}

/// Whether a host is this machine.
pub fn is_here(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
