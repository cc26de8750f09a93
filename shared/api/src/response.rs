//! Answers: JSON, text, and a stream that is only handed on.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use platform::ReaderBody;
use serde::Serialize;

/// The body of an answer.
pub enum Body {
    /// Whole.
    Whole(Bytes),
    /// On its way from upstream; only the runtime can open it.
    Stream(ReaderBody),
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    // Our views are structs of strings and numbers: serialising them has no way to fail.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = whole("application/json", body.into());
    *response.status_mut() = status;
    response
}

/// A whole answer of this type.
pub(crate) fn whole(content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::Whole(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
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
