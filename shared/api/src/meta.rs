//! About ourselves: liveness. Answers without configuration and without a store.
//!
//! The contract (`/api/v1/openapi.json`) and its readable form (`/api/v1/docs`) are files of the page.

use http::{Response, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::is_included;
use crate::endpoint::{Endpoint, OpenRequest};
use crate::headers;
use crate::response::{self, Body};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[Endpoint::open("/api/v1/health", health)];

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
