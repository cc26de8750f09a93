//! `/chat/quota`: where a caller stands.

use application::App;
use application::quota::{self, Quota};
use domain::Standing;
use http::{Method, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::{headers, response};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::chat(Method::GET, "/api/v1/chat/quota", |app, request| Box::pin(read(app, request)))];

/// Where a caller stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotaView {
    minute: MinuteView,
    day: DayView,
    streams: StreamsView,
}

/// The sliding minute.
#[derive(Serialize, ToSchema)]
pub(crate) struct MinuteView {
    limit: u64,
    used: u64,
    remaining: u64,
    /// When the oldest message leaves the minute.
    #[schema(format = DateTime)]
    reset_at: String,
}

/// The UTC day.
#[derive(Serialize, ToSchema)]
pub(crate) struct DayView {
    /// `null`: no limit.
    #[schema(required = true)]
    limit: Option<u64>,
    used: u64,
    /// `null`: no limit.
    #[schema(required = true)]
    remaining: Option<u64>,
    /// Midnight UTC.
    #[schema(format = DateTime)]
    reset_at: String,
}

/// Answers under way.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamsView {
    limit: u64,
    active: u64,
}

impl From<&Standing> for QuotaView {
    fn from(standing: &Standing) -> Self {
        let (minute, day, answers) = (&standing.minute, &standing.day, &standing.answers);
        Self {
            minute: MinuteView {
                limit: minute.limit,
                used: minute.used,
                remaining: minute.remaining(),
                reset_at: minute.reset_at.to_string(),
            },
            day: DayView {
                limit: day.limit,
                used: day.used,
                remaining: day.remaining(),
                reset_at: day.reset_at.to_string(),
            },
            streams: StreamsView { limit: answers.limit, active: answers.active },
        }
    }
}

/// Both limits, what is used, what is left, and when they reset.
#[utoipa::path(
    get, path = "/api/v1/chat/quota", tag = "quota", operation_id = "read_quota",
    responses(
        (
            status = 200, body = QuotaView,
            headers(("X-Model" = String, description = "The model that is asked next, where none is named: the first that is there")),
        ),
        Problem,
    )
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let Quota { standing, model } = quota::read(&app, &caller).await?;
    let mut response = response::json(StatusCode::OK, &QuotaView::from(&standing));
    headers::quota(response.headers_mut(), &standing);
    headers::text(response.headers_mut(), "x-model", &model);
    Ok(response)
}
