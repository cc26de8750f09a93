//! About ourselves: liveness, which answers without configuration and without a store; and what that stands on, for a monitor.
//!
//! The contract (`/api/v1/openapi.json`) and its readable form (`/api/v1/docs`) are files of the page.

use std::cmp::Ordering;

use application::health::{self, Health, Part};
use application::{App, operator_token};
use http::{Response, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::is_included;
use crate::endpoint::{Endpoint, HandlerResult, OpenRequest};
use crate::headers;
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{self, Body};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::health("/api/v1/health", health, |app, request| Box::pin(look(app, request)))];

/// Alive.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthView {
    status: HealthStatus,
    /// The version that answers.
    version: &'static str,
    /// `ok`, or in a word why Redis does not answer: `timeout`, `unreachable` or `error`. This and what follows for a monitor alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    redis: Option<&'static str>,
    /// `ok`, or why the model does not answer: as above, `refused`, or `missing` where it has none of those that are configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    model: Option<&'static str>,
    /// `ok`, or why Postgres does not answer; with `deep=db` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    database: Option<&'static str>,
    /// The database's schema; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    schema: Option<SchemaView>,
}

/// `ok`: an answer is the news; `failing`: a part that was asked does not answer, or the schema is older than the code.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthStatus {
    Ok,
    Failing,
}

/// How new the database's schema is.
#[derive(Serialize, ToSchema)]
pub(crate) struct SchemaView {
    /// The number of its newest migration.
    version: i64,
    /// Held against the newest that the code knows: `current`; `older`: migrate; `newer`, with which this version works.
    age: &'static str,
}

impl HealthView {
    fn alive() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self { status: HealthStatus::Ok, version, redis: None, model: None, database: None, schema: None }
    }

    fn of(found: Health) -> Self {
        let word = |part: Part| part.err().unwrap_or("ok");
        let schema = found.schema_age().map(|(version, age)| {
            let age = match age {
                Ordering::Less => "older",
                Ordering::Equal => "current",
                Ordering::Greater => "newer",
            };
            SchemaView { version, age }
        });
        Self {
            status: if found.is_well() { HealthStatus::Ok } else { HealthStatus::Failing },
            redis: Some(word(found.redis)),
            model: Some(word(found.model)),
            database: found.database.map(word),
            schema,
            ..Self::alive()
        }
    }
}

/// Whether the functions answer, and which version. With `deep`, for a monitor that shows `METRICS_TOKEN` (without that variable: 404), whether what they
/// stand on does.
#[utoipa::path(
    get, path = "/api/v1/health", tag = "meta", security(()),
    params(
        ("me" = Option<String>, Query, description = "`1`: whether the chat is there for who asks, in `X-Feature`"),
        ("deep" = Option<String>, Query, description = "`1`: ask Redis and the model, too; `db`: and Postgres, which may be asleep")
    ),
    responses(
        (status = 200, body = HealthView, headers(("X-Feature" = Option<String>, description = "Such as `chat;rollout=25;in=1`"))),
        (status = 503, body = HealthView, description = "A part does not answer, or the schema is older than the code"),
        Problem
    )
)]
fn health(request: &OpenRequest<'_>) -> Response<Body> {
    let mut response = response::json(StatusCode::OK, &HealthView::alive());
    if request.parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "me=1")) {
        headers::text(response.headers_mut(), "x-feature", &feature(request));
    }
    response
}

async fn look(app: App, request: Request) -> HandlerResult {
    request.shows(&app, operator_token::is_for_metrics)?;
    let with_database = match request.query("deep").as_deref() {
        Some("1") => false,
        Some("db") => true,
        _ => return Err(Problem::wrong_text("deep")),
    };
    let found = health::look(&app, with_database).await;
    let status = if found.is_well() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(response::json(status, &HealthView::of(found)))
}

/// Whether the chat is there for who asks: a rollout's testers look here.
fn feature(request: &OpenRequest<'_>) -> String {
    let Some(config) = request.config else { return "chat;rollout=0;in=0".to_owned() };
    let is_in = is_included(config, &request.parts.headers, request.now);
    format!("chat;rollout={};in={}", config.rollout, u8::from(is_in))
}
