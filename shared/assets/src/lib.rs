//! The page as files: what a static host does, for runtimes that have none.
//!
//! The files are part of the program (`assets-build` puts them there), so an address is looked up in a table and can lead
//! nowhere else. Headers and the page's addresses come from its own `_headers` and `_redirects`, which Cloudflare's static assets
//! read too; what a missing file is answered with is decided here for both ([`missing`]).

mod encoding;
mod path;
mod rules;

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use crate::encoding::Encoding;
use crate::path::Target;
pub use crate::path::{Missing, missing};
pub use crate::rules::{Addresses, MalformedRules, Rules};

/// A file of the page, with its compressed forms.
pub struct File {
    /// Its address, such as `/assets/index-D1d7eq1l.js`.
    pub path: &'static str,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The entity tag, quotes and all. It is weak, because it is the same for every form.
    pub etag: &'static str,
    /// The file itself, where gzip does not make it smaller; otherwise it is made of that, for the few who accept no compression. The
    /// program would be nearly twice as large with both.
    pub plain: Option<&'static [u8]>,
    /// By brotli, where that is much smaller than by gzip.
    pub brotli: Option<&'static [u8]>,
    /// By gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// The page.
pub struct Site {
    /// Every file, in any order.
    pub files: &'static [File],
    /// What `_headers` says; it was parsed once when the page was embedded, so it does parse.
    pub headers: &'static str,
    /// What `_redirects` says; so was it.
    pub redirects: &'static str,
}

/// Whatever has no hash in its name is asked for again each time, which costs a 304.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// A file that is missing now may be there after the next deployment.
const FORGET: HeaderValue = HeaderValue::from_static("no-store");

impl Site {
    /// Answers a request. To a `HEAD` the body is given too: the runtime sends its length only.
    #[must_use]
    pub fn answer(&self, method: &Method, path: &str, asked: &HeaderMap) -> Response<Bytes> {
        let mut response = match self.find(path) {
            _ if method != Method::GET && method != Method::HEAD => refusal(StatusCode::METHOD_NOT_ALLOWED),
            Found::Nothing => refusal(StatusCode::NOT_FOUND),
            Found::Mistyped(page) => not_found(page, asked),
            Found::File(file) if is_known(asked, file.etag) => not_modified(file),
            Found::File(file) => content(file, asked),
        };
        let found = !response.status().is_client_error();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, REVALIDATE);
        if let Ok(rules) = Rules::parse(self.headers) {
            rules.apply(path, headers);
        }
        if !found {
            headers.insert(header::CACHE_CONTROL, FORGET);
        }
        response
    }

    /// What an address leads to; the page's own addresses, such as a session's, lead to its first file.
    fn find(&self, path: &str) -> Found {
        let file = |path: &str| self.files.iter().find(|file| file.path == path);
        let page = || file("/index.html");
        let is_page = |path: &str| Addresses::parse(self.redirects).is_ok_and(|addresses| addresses.contain(path));
        let (found, mistyped) = match path::target(path) {
            Some(Target::Page) => (page(), None),
            Some(Target::File(path) | Target::FileOrPage(path)) if is_page(&path) => (page(), None),
            Some(Target::File(path)) => (file(&path), None),
            Some(Target::FileOrPage(path)) => (file(&path), page()),
            None => (None, None),
        };
        match (found, mistyped) {
            (Some(file), _) => Found::File(file),
            (None, Some(page)) => Found::Mistyped(page),
            (None, None) => Found::Nothing,
        }
    }
}

/// Where an address leads.
enum Found {
    File(&'static File),
    /// To no file; a person is shown the page all the same.
    Mistyped(&'static File),
    Nothing,
}

/// Whether the asker has this version already (RFC 9110 §13.1.2, weak comparison).
fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

fn content(file: &'static File, asked: &HeaderMap) -> Response<Bytes> {
    let encoding = encoding::choose(asked, file.brotli.is_some(), file.gzip.is_some());
    let (bytes, name) = match (encoding, file.brotli, file.gzip) {
        (Encoding::Brotli, Some(bytes), _) => (Bytes::from_static(bytes), Some("br")),
        (Encoding::Gzip, _, Some(bytes)) => (Bytes::from_static(bytes), Some("gzip")),
        (_, _, gzip) => (plain(file.plain, gzip), None),
    };
    let mut response = Response::new(bytes);
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, file.content_type);
    if let Some(name) = name {
        set(headers, header::CONTENT_ENCODING, name);
    }
    identify(headers, file);
    response
}

/// The page for an address that leads nowhere. It has no tag: this is not the answer of another address.
fn not_found(page: &'static File, asked: &HeaderMap) -> Response<Bytes> {
    let mut response = content(page, asked);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().remove(header::ETAG);
    response
}

/// A file as it is; empty only if the program was built wrongly, which the tests of `assets-build` exclude.
fn plain(plain: Option<&'static [u8]>, gzip: Option<&'static [u8]>) -> Bytes {
    match (plain, gzip) {
        (Some(bytes), _) => Bytes::from_static(bytes),
        (None, Some(bytes)) => {
            let mut whole = Vec::new();
            let read = GzDecoder::new(bytes).read_to_end(&mut whole);
            if read.is_ok() { whole.into() } else { Bytes::new() }
        }
        (None, None) => Bytes::new(),
    }
}

fn not_modified(file: &'static File) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    identify(response.headers_mut(), file);
    response
}

/// What a cache needs to know, with and without the file itself.
fn identify(headers: &mut HeaderMap, file: &File) {
    set(headers, header::ETAG, file.etag);
    if file.brotli.is_some() || file.gzip.is_some() {
        set(headers, header::VARY, "accept-encoding");
    }
}

fn refusal(status: StatusCode) -> Response<Bytes> {
    let words = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(Bytes::from_static(words.as_bytes()));
    *response.status_mut() = status;
    set(response.headers_mut(), header::CONTENT_TYPE, "text/plain; charset=utf-8");
    if status == StatusCode::METHOD_NOT_ALLOWED {
        set(response.headers_mut(), header::ALLOW, "GET, HEAD");
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
