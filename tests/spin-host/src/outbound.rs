//! Calls of a component to the outside: only to the hosts its manifest names, refused as Spin refuses them.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use http::uri::Scheme;
use http::{Request, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;
use url::Host;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use crate::variables::Variables;

/// An entry of `allowed_outbound_hosts`.
#[derive(Debug, PartialEq, Eq)]
struct Allowed {
    scheme: Option<String>,
    host: AllowedHost,
    ports: Option<(u16, u16)>,
}

#[derive(Debug, PartialEq, Eq)]
enum AllowedHost {
    Any,
    Below(String),
    Exactly(Host),
    /// An address and how many of its bits count.
    Network(IpAddr, u8),
}

/// The hosts a component may call.
#[derive(Debug)]
pub struct AllowedHosts {
    allowed: Vec<Allowed>,
    /// Why there are none although the manifest names some: one entry whose variable has a wrong value voids all of them.
    void: Option<String>,
}

impl AllowedHosts {
    /// Fails where an entry is wrong as the manifest has it. What a variable makes of one is told when the component calls.
    pub fn of(entries: &[String], variables: &Variables) -> Result<Self> {
        let (templates, literals): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.contains("{{"));
        let mut allowed: Vec<Allowed> =
            literals.into_iter().map(|entry| Allowed::parse(entry)).collect::<Result<_>>()?;
        let filled: Result<Vec<String>> = templates.into_iter().map(|entry| variables.fill(entry)).collect();
        // One that a variable left empty allows nothing.
        let is_something = |entry: &&String| !matches!(entry.as_str(), "" | "http://" | "https://");
        let parsed: Result<Vec<Allowed>> =
            filled?.iter().filter(is_something).map(|entry| Allowed::parse(entry)).collect();
        Ok(match parsed {
            Ok(parsed) => {
                allowed.extend(parsed);
                Self { allowed, void: None }
            }
            Err(error) => Self { allowed: Vec::new(), void: Some(format!("{error:#}")) },
        })
    }

    fn allow(&self, uri: &http::Uri) -> bool {
        let Some(host) = uri.host().and_then(|host| Host::parse(host).ok()) else { return false };
        let scheme = uri.scheme_str().unwrap_or("https");
        let Some(port) = uri.port_u16().or_else(|| known_port(scheme)) else { return false };
        self.allowed.iter().any(|allowed| allowed.allows(scheme, &host, port))
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self> {
        Self::read(entry).with_context(|| format!("allowed_outbound_hosts: {entry:?} is not as Spin wants it"))
    }

    fn read(entry: &str) -> Result<Self> {
        let (scheme, rest) = entry.trim().split_once("://").context("no scheme")?;
        let (host, port) = match rest.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port),
            None => (rest.strip_suffix('/').unwrap_or(rest), ""),
        };
        let host = host.strip_suffix('/').unwrap_or(host);
        let network = host.split_once('/').and_then(|(ip, bits)| Some((ip.parse().ok()?, bits.parse().ok()?)));
        if (host.contains('/') && network.is_none()) || port.trim_end_matches('/').contains('/') {
            bail!("it must have no path");
        }
        let scheme_is_a_word = scheme == "*" || scheme.chars().all(char::is_alphabetic);
        ensure!(scheme_is_a_word, "its scheme is no word");
        let number = |text: &str| text.parse::<u16>().with_context(|| format!("port {text:?} is not a number"));
        let ports = match port.trim_end_matches('/') {
            "*" => None,
            "" => {
                let port = known_port(scheme).context("no port, and none is known for the scheme")?;
                Some((port, port))
            }
            range => match range.split_once("..") {
                Some((first, end)) => Some((number(first)?, number(end)?.saturating_sub(1))),
                None => Some((number(range)?, number(range)?)),
            },
        };
        let host = match (host, network) {
            (_, Some((ip, bits))) => AllowedHost::Network(ip, bits),
            ("*", None) => AllowedHost::Any,
            ("self" | "self.alt", None) => bail!("calls of a component to its own application are not known here"),
            (host, None) => match host.strip_prefix("*.") {
                Some(domain) => AllowedHost::Below(format!(".{}", Host::parse(domain)?)),
                None => AllowedHost::Exactly(Host::parse(host)?),
            },
        };
        Ok(Self { scheme: (scheme != "*").then(|| scheme.to_owned()), host, ports })
    }

    fn allows(&self, scheme: &str, host: &Host, port: u16) -> bool {
        let host_fits = match (&self.host, host) {
            (AllowedHost::Any, _) => true,
            (AllowedHost::Below(suffix), Host::Domain(domain)) => domain.ends_with(suffix),
            (AllowedHost::Below(_), _) => false,
            (AllowedHost::Exactly(allowed), host) => allowed == host,
            (AllowedHost::Network(IpAddr::V4(network), bits), Host::Ipv4(ip)) => {
                let unused = 32_u32.saturating_sub(u32::from(*bits));
                (network.to_bits() ^ ip.to_bits()).checked_shr(unused).unwrap_or(0) == 0
            }
            (AllowedHost::Network(IpAddr::V6(network), bits), Host::Ipv6(ip)) => {
                let unused = 128_u32.saturating_sub(u32::from(*bits));
                (network.to_bits() ^ ip.to_bits()).checked_shr(unused).unwrap_or(0) == 0
            }
            (AllowedHost::Network(..), _) => false,
        };
        let port_fits = self.ports.is_none_or(|(first, last)| (first..=last).contains(&port));
        host_fits && port_fits && self.scheme.as_ref().is_none_or(|allowed| allowed == scheme)
    }
}

fn known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// The connections of an application: kept open for the next call, whichever component makes it. Without TCP_NODELAY, as Spin's.
#[derive(Clone)]
pub struct Connections(Client<HttpConnector, WasiBody>);

impl Connections {
    /// None yet.
    pub fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    async fn send(&self, mut request: Request<WasiBody>) -> Result<http::Response<WasiBody>, Error> {
        // The client puts its own there.
        request.headers_mut().remove(header::HOST);
        let response = self.0.request(request).await.map_err(|error| failure(&error))?;
        Ok(response.map(|body| body.map_err(|_| Error::HttpProtocolError).boxed_unsync()))
    }
}

/// What Spin tells a component about a call that failed: whether there was a connection at all, and no more.
fn failure(error: &legacy::Error) -> Error {
    if error.is_connect() { Error::ConnectionRefused } else { Error::HttpProtocolError }
}

/// What sends a component's requests.
pub struct Outbound {
    /// The component's id, for the log.
    pub component: Arc<str>,
    /// Whom it may call.
    pub allowed: Arc<AllowedHosts>,
    /// The application's connections.
    pub connections: Connections,
}

/// An answer and the work that brings its body in.
type Sent = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let is_allowed = self.allowed.allow(request.uri());
        if !is_allowed {
            let authority = request.uri().authority().map_or("", |authority| authority.as_str());
            let why = self.allowed.void.as_deref().unwrap_or("allowed_outbound_hosts");
            eprintln!("component {}: not allowed to call {authority} ({why})", self.component);
        }
        let connections = self.connections.clone();
        Box::new(async move {
            if !is_allowed {
                return Err(Error::HttpRequestDenied);
            }
            if request.uri().scheme() == Some(&Scheme::HTTP) {
                let done: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(async { Ok(()) });
                return Ok((connections.send(request).await?, done));
            }
            let (response, incoming) = default_send_request(request, options).await?;
            let incoming: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(incoming);
            Ok((response.map(BodyExt::boxed_unsync), incoming))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entry: &str, uri: &str, expected: bool) {
        let hosts = AllowedHosts::of(&["{{ host }}".to_owned()], &Variables::from_iter([("host", entry)])).unwrap();
        assert_eq!(hosts.allow(&uri.parse().unwrap()), expected, "{entry} and {uri}");
    }

    #[test]
    fn a_call_goes_to_what_is_named_and_nowhere_else() {
        check("https://api.example", "https://api.example/v1", true);
        check("https://api.example/", "https://api.example:443/v1", true);
        check("https://api.example", "http://api.example/v1", false);
        check("https://api.example", "https://api.example:444/v1", false);
        check("https://api.example", "https://evil.api.example/", false);
        check("https://*.api.example", "https://one.api.example/", true);
        check("https://*.api.example", "https://api.example/", false);
        check("https://*.api.example", "https://evilapi.example/", false);
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080/sql", true);
        check("http://127.0.0.1:8080", "http://127.0.0.1/sql", false);
        check("http://127.0.0.1:8080", "http://127.0.0.2:8080/", false);
        check("http://[::1]:8080", "http://[::1]:8080/", true);
        check("http://localhost:8000..8002", "http://localhost:8001/", true);
        check("http://localhost:8000..8002", "http://localhost:8002/", false);
        check("*://*:*", "http://anywhere:7/", true);
        check("http://10.0.0.0/8:*", "http://10.200.3.4:7/", true);
        check("http://10.0.0.0/8:*", "http://11.0.0.1:7/", false);
        check("http://10.0.0.0/8:*", "http://localhost:7/", false);
        check("", "http://anywhere:7/", false);
    }

    #[test]
    fn an_entry_that_spin_would_not_take_voids_the_list_if_a_variable_made_it_and_else_nothing_starts() {
        for entry in ["example.com", "https://example.com/v1", "http://127.0.0.1:80/v1", "ftp://x", "http://self", "*"]
        {
            let variables = Variables::from_iter([("host", entry)]);
            let good = "https://good.example".to_owned();
            assert!(AllowedHosts::of(&[good.clone(), entry.to_owned()], &variables).is_err(), "{entry}");
            let hosts = AllowedHosts::of(&[good, "{{ host }}".to_owned()], &variables).unwrap();
            assert!(!hosts.allow(&"https://good.example/".parse().unwrap()), "{entry}");
            assert!(hosts.void.is_some_and(|why| why.contains(entry)), "{entry}");
        }
    }
}
