//! Which component answers a request, as Spin decides it, and the headers that Spin adds.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use http::header::{CONNECTION, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::manifest::{HttpTrigger, Manifest};

/// All routes, the most specific first: a word goes before a named part, and that before the rest of a path.
pub struct Routes {
    routes: Vec<Route>,
}

/// A route of the manifest.
pub struct Route {
    /// As in the manifest.
    pattern: String,
    parts: Vec<Part>,
    /// The component's id.
    pub component: String,
}

/// What stands between two slashes of a pattern; in the order in which it is tried.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    Named(String),
    Rest,
}

/// The route of a request, and what of its path a wildcard stands for.
pub struct Matched<'routes> {
    /// The route.
    pub route: &'routes Route,
    rest: String,
    named: Vec<(String, String)>,
}

impl Routes {
    /// Reads the manifest's triggers.
    pub fn of(manifest: &Manifest) -> Result<Self> {
        for HttpTrigger { route, component } in manifest.routes() {
            ensure!(manifest.component.contains_key(component), "route {route}: no component {component:?}");
        }
        let routes = manifest.routes().iter();
        Ok(Self::from_iter(routes.map(|trigger| (trigger.route.as_str(), trigger.component.as_str()))))
    }

    /// Finds the route of a path.
    pub fn find(&self, path: &str) -> Option<Matched<'_>> {
        let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        self.routes.iter().find_map(|route| route.take(&words, path.ends_with('/')))
    }
}

impl<'text> FromIterator<(&'text str, &'text str)> for Routes {
    fn from_iter<T: IntoIterator<Item = (&'text str, &'text str)>>(routes: T) -> Self {
        let mut routes: Vec<Route> =
            routes.into_iter().map(|(pattern, component)| Route::new(pattern, component)).collect();
        routes.sort_by(|one, other| one.parts.cmp(&other.parts));
        Self { routes }
    }
}

impl Route {
    fn new(pattern: &str, component: &str) -> Self {
        let parts = pattern.split('/').filter(|part| !part.is_empty()).map(|part| match part.strip_prefix(':') {
            Some(name) => Part::Named(name.to_owned()),
            None if part == "..." => Part::Rest,
            None => Part::Word(part.to_owned()),
        });
        Self { pattern: pattern.to_owned(), parts: parts.collect(), component: component.to_owned() }
    }

    /// What a path is to this route. A slash at the end belongs to the rest, if the route has one.
    fn take(&self, mut words: &[&str], ends_with_slash: bool) -> Option<Matched<'_>> {
        let (mut rest, mut named) = (String::new(), Vec::new());
        for part in &self.parts {
            if *part == Part::Rest {
                rest = words.iter().map(|word| format!("/{word}")).collect();
                rest += if ends_with_slash { "/" } else { "" };
                words = &[];
                break;
            }
            let (word, others) = words.split_first()?;
            match part {
                Part::Word(known) if known == word => {}
                Part::Named(name) => named.push((name.clone(), (*word).to_owned())),
                _ => return None,
            }
            words = others;
        }
        words.is_empty().then_some(Matched { route: self, rest, named })
    }
}

impl Matched<'_> {
    /// Gives a request the address that Spin gives it. Fails where nothing says which host is asked.
    pub fn address<B>(&self, request: &mut http::Request<B>) -> Result<()> {
        let authority = match request.headers().get(HOST) {
            Some(host) => Authority::try_from(host.as_bytes())?,
            None => request.uri().authority().cloned().context("no 'Host' header present in request")?,
        };
        let mut parts = request.uri().clone().into_parts();
        (parts.scheme, parts.authority) = (Some(Scheme::HTTP), Some(authority));
        *request.uri_mut() = Uri::from_parts(parts)?;
        Ok(())
    }

    /// Gives a request the headers that Spin gives it. Fails where one of the client's is not UTF-8.
    pub fn add_headers<B>(&self, request: &mut http::Request<B>, client: SocketAddr) -> Result<()> {
        for (name, value) in request.headers() {
            str::from_utf8(value.as_bytes()).with_context(|| format!("header {name}"))?;
        }
        let full = request.uri().to_string();
        let headers = request.headers_mut();
        headers.remove(CONNECTION);
        let prefix = self.route.pattern.strip_suffix("/...").unwrap_or(&self.route.pattern);
        set(headers, "spin-path-info", &self.rest)?;
        set(headers, "spin-full-url", &full)?;
        set(headers, "spin-matched-route", &self.route.pattern)?;
        set(headers, "spin-base-path", "/")?;
        set(headers, "spin-raw-component-route", &self.route.pattern)?;
        set(headers, "spin-component-route", prefix)?;
        set(headers, "spin-client-addr", &client.to_string())?;
        self.named.iter().try_for_each(|(name, value)| set(headers, &format!("spin-path-match-{name}"), value))
    }
}

/// Spin 4.1 puts its own after one of the same name that a client sent: the last one counts.
fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Result<()> {
    headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: [(&str, &str); 7] = [
        ("/...", "page"),
        ("/api/...", "meta"),
        ("/api/health", "health"),
        ("/api/sessions/...", "sessions"),
        ("/api/sessions/:id/messages/...", "messages"),
        ("/api/sessions/:id/title", "title"),
        ("/api/sessions/recent/title", "recent"),
    ];

    fn check(path: &str, component: &str, rest: &str, named: &[(&str, &str)]) {
        let routes = Routes::from_iter(ROUTES);
        let matched = routes.find(path).unwrap();
        let told: Vec<_> = matched.named.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            (matched.route.component.as_str(), matched.rest.as_str(), &told[..]),
            (component, rest, named),
            "{path}"
        );
    }

    #[test]
    fn the_most_specific_route_is_taken_whatever_their_order() {
        check("/", "page", "/", &[]);
        check("/assets/a.js", "page", "/assets/a.js", &[]);
        check("/api", "meta", "", &[]);
        check("/api/", "meta", "/", &[]);
        check("/apis", "page", "/apis", &[]);
        check("/api/health", "health", "", &[]);
        check("/api/healthy", "meta", "/healthy", &[]);
        check("/api/sessions", "sessions", "", &[]);
        check("/api/sessions/7", "sessions", "/7", &[]);
        check("/api/sessions/7/messages", "messages", "", &[("id", "7")]);
        check("/api/sessions/7/messages/8/stop/", "messages", "/8/stop/", &[("id", "7")]);
        check("/api/sessions/7/title", "title", "", &[("id", "7")]);
        check("/api/sessions/recent/title", "recent", "", &[]);
        check("/api/sessions/recent/messages", "messages", "", &[("id", "recent")]);
        assert!(Routes::from_iter([("/api", "api")]).find("/").is_none());
    }

    #[test]
    fn what_spin_says_comes_last() {
        let routes = Routes::from_iter(ROUTES);
        let matched = routes.find("/api/sessions/7/messages").unwrap();
        let mut request = http::Request::builder()
            .uri("/api/sessions/7/messages?x=1")
            .header("host", "chat.example:8080")
            .header("spin-client-addr", "6.6.6.6:6")
            .header("connection", "close")
            .body(())
            .unwrap();
        matched.address(&mut request).unwrap();
        matched.add_headers(&mut request, "127.0.0.1:5".parse().unwrap()).unwrap();
        let header = |name: &str| {
            request.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(header("spin-client-addr"), ["6.6.6.6:6", "127.0.0.1:5"]);
        assert_eq!(header("spin-path-match-id"), ["7"]);
        assert_eq!(header("spin-full-url"), ["http://chat.example:8080/api/sessions/7/messages?x=1"]);
        assert_eq!(header("spin-component-route"), ["/api/sessions/:id/messages"]);
        assert!(header("connection").is_empty());
    }

    #[test]
    fn a_header_outside_utf_8_is_refused_and_a_request_without_a_host_too() {
        let routes = Routes::from_iter(ROUTES);
        let matched = routes.find("/").unwrap();
        let latin = HeaderValue::from_bytes(b"name=caf\xe9").unwrap();
        let mut request = http::Request::builder().uri("/").header("cookie", latin).body(()).unwrap();
        assert!(matched.add_headers(&mut request, "127.0.0.1:5".parse().unwrap()).is_err());
        assert!(matched.address(&mut request).is_err());
    }
}
