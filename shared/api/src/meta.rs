//! About ourselves: liveness, the contract, the contract for people. Answers without configuration and without a store.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::is_included;
use crate::endpoint::{Endpoint, OpenRequest};
use crate::headers;
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
#[utoipa::path(
    get, path = "/api/v1/health", tag = "meta", security(()),
    params(("me" = Option<String>, Query, description = "`1`: whether the chat is there for who asks, in `X-Feature`")),
    responses((status = 200, body = HealthView, headers(("X-Feature" = Option<String>, description = "Such as `chat;rollout=25;in=1`"))))
)]
fn health(request: &OpenRequest<'_>) -> Response<Body> {
    let view = HealthView { status: "ok", version: env!("CARGO_PKG_VERSION") };
    let mut response = response::json(StatusCode::OK, &view);
    if request.parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "me=1")) {
        headers::text(response.headers_mut(), "x-feature", &feature(request));
    }
    response
}

/// Whether the chat is there for who asks: a rollout's testers look here.
fn feature(request: &OpenRequest<'_>) -> String {
    let Some(config) = request.config else { return "chat;rollout=0;in=0".to_owned() };
    let is_in = is_included(config, &request.parts.headers, request.now);
    format!("chat;rollout={};in={}", config.rollout, u8::from(is_in))
}

/// This contract.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "meta", security(()), responses((status = 200, body = serde_json::Value)))]
fn contract(_: &OpenRequest<'_>) -> Response<Body> {
    cached(response::whole("application/json", Bytes::from_static(include_bytes!("../../../schema/openapi.json"))))
}

/// This contract, for people.
#[utoipa::path(get, path = "/api/v1/docs", tag = "meta", security(()), responses((status = 200, body = String, content_type = "text/html")))]
fn readable_contract(_: &OpenRequest<'_>) -> Response<Body> {
    let page = Bytes::from_static(include_bytes!("../../../schema/openapi.html"));
    let mut response = cached(response::whole("text/html; charset=utf-8", page));
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    );
    response
}

/// The contract changes with a deployment only: caches may keep it for five minutes.
const CONTRACT_KEPT: &str = "public, max-age=300";

fn cached(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(CONTRACT_KEPT));
    response
}
