//! About ourselves: liveness, the contract, the contract for people. Answers without configuration and without a store.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::Endpoint;
use crate::response::{self, Body};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::open("/api/v1/health", health),
    Endpoint::open("/api/v1/openapi.json", contract),
    Endpoint::open("/api/v1/docs", readable_contract),
];

/// Alive.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// Always `ok`: an answer is the news.
    status: &'static str,
    /// The version that answers.
    version: &'static str,
}

/// Whether the functions answer, and which version.
#[utoipa::path(get, path = "/api/v1/health", tag = "meta", security(()), responses((status = 200, body = HealthView)))]
fn health() -> Response<Body> {
    response::json(StatusCode::OK, &HealthView { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// This contract.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "meta", security(()), responses((status = 200, body = serde_json::Value)))]
fn contract() -> Response<Body> {
    cached(response::whole("application/json", Bytes::from_static(include_bytes!("../../../schema/openapi.json"))))
}

/// This contract, for people.
#[utoipa::path(get, path = "/api/v1/docs", tag = "meta", security(()), responses((status = 200, body = String, content_type = "text/html")))]
fn readable_contract() -> Response<Body> {
    let page = Bytes::from_static(include_bytes!("../../../schema/openapi.html"));
    let mut response = cached(response::whole("text/html; charset=utf-8", page));
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    );
    response
}

/// The contract changes with a deployment only.
fn cached(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
