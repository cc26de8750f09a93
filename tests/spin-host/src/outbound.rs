//! Calls of a component to the outside: only to the hosts its manifest names, refused as Spin refuses them.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use http::Request;
use http_body_util::BodyExt;
use url::Host;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

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
}

/// The hosts a component may call.
#[derive(Debug)]
pub struct AllowedHosts(Vec<Allowed>);

impl AllowedHosts {
    /// Understands entries whose templates are filled. One that a variable left empty allows nothing.
    pub fn parse(entries: &[String]) -> Result<Self> {
        let is_empty = |entry: &&String| !matches!(entry.as_str(), "" | "http://" | "https://");
        let allowed = entries.iter().filter(is_empty).map(|entry| {
            Allowed::parse(entry).with_context(|| format!("allowed_outbound_hosts: {entry:?} is not as Spin wants it"))
        });
        Ok(Self(allowed.collect::<Result<_>>()?))
    }

    fn allow(&self, uri: &http::Uri) -> bool {
        let Some(host) = uri.host().and_then(|host| Host::parse(host).ok()) else { return false };
        let scheme = uri.scheme_str().unwrap_or("https");
        let Some(port) = uri.port_u16().or_else(|| known_port(scheme)) else { return false };
        self.0.iter().any(|allowed| allowed.allows(scheme, &host, port))
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self> {
        let (scheme, rest) = entry.trim().split_once("://").context("no scheme")?;
        let (host, port) = match rest.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port),
            None => (rest.strip_suffix('/').unwrap_or(rest), ""),
        };
        if host.contains('/') || port.trim_end_matches('/').contains('/') {
            bail!("it must have no path");
        }
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
        let host = match host {
            "*" => AllowedHost::Any,
            "self" | "self.alt" => bail!("calls of a component to its own application are not known here"),
            host => match host.strip_prefix("*.") {
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

/// What sends a component's requests.
pub struct Outbound {
    /// The component's id, for the log.
    pub component: Arc<str>,
    /// Whom it may call.
    pub allowed: Arc<AllowedHosts>,
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
            eprintln!("component {}: not allowed to call {authority} (allowed_outbound_hosts)", self.component);
        }
        Box::new(async move {
            if !is_allowed {
                return Err(Error::HttpRequestDenied);
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
        let hosts = AllowedHosts::parse(&[entry.to_owned()]).unwrap();
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
        check("", "http://anywhere:7/", false);
    }

    #[test]
    fn an_entry_that_spin_would_not_take_is_refused() {
        for entry in ["example.com", "https://example.com/v1", "http://127.0.0.1:80/v1", "ftp://x", "http://self", "*"]
        {
            assert!(AllowedHosts::parse(&[entry.to_owned()]).is_err(), "{entry}");
        }
    }
}
