//! Responses: JSON, text, and a stream that is only handed on.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use platform::ReaderBody;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::headers;

/// The body of a response.
pub enum Body {
    /// Whole.
    Whole(Bytes),
    /// On its way from upstream; only the runtime can open it.
    Stream(ReaderBody),
}

/// 204: it is done, and there is nothing to say.
pub(crate) fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::Whole(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 304: it is as the caller knows it.
pub(crate) fn not_modified() -> Response<Body> {
    let mut response = no_content();
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

/// A JSON response.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    // Our views are structs of strings and numbers: serialising them has no way to fail.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Body::Whole(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A JSON response that caches may keep and ask for again by its `ETag`: 304 when one of `known` names it, the tags of an `If-None-Match`. They are
/// compared weakly (RFC 9110 §13.1.2).
pub(crate) fn revalidated<'a>(
    value: &impl Serialize,
    max_age: &'static str,
    mut known: impl Iterator<Item = &'a str>,
) -> Response<Body> {
    let mut response = json(StatusCode::OK, value);
    let tag = match response.body() {
        Body::Whole(body) => entity_tag(body),
        Body::Stream(_) => return response,
    };
    if known.any(|known| known == "*" || known == tag) {
        response = not_modified();
    }
    let headers = response.headers_mut();
    headers::text(headers, "etag", &tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(max_age));
    response
}

/// The same bytes have the same tag on every instance.
fn entity_tag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Lines of JSON, handed on as they come.
pub(crate) fn lines(reader: ReaderBody) -> Response<Body> {
    let mut response = Response::new(Body::Stream(reader));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

/// A stream of server-sent events, handed on as it comes.
pub(crate) fn event_stream(reader: ReaderBody) -> Response<Body> {
    let mut response = Response::new(Body::Stream(reader));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // `no-transform` keeps a proxy from compressing, which would hold chunks back.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
