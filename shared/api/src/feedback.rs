//! `…/messages/{message_id}/feedback`: what a caller thinks of an answer of theirs.

use application::{App, feedback};
use domain::Feedback;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::Vote;
use crate::problem::Problem;
use crate::request::{MessagePath, Request};
use crate::response;

const FEEDBACK: &str = "/api/v1/chat/sessions/{id}/messages/{message_id}/feedback";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::chat(Method::PUT, FEEDBACK, |app, request| Box::pin(vote(app, request)))];

/// What somebody thinks of an answer.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Feedback)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedbackView {
    /// `null`: nothing any more.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    vote: Option<Vote>,
    /// Why, in at most 500 characters.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Say what you think of an answer, in the place of what you said before.
#[utoipa::path(
    put, path = FEEDBACK, tag = "feedback", operation_id = "vote", request_body = FeedbackView, params(MessagePath),
    responses((status = 200, body = FeedbackView), Problem)
)]
async fn vote(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let MessagePath { id, message_id } = request.message_path()?;
    let client = request.client;
    let FeedbackView { vote, reason } = request.json(0).await?;
    let given = vote.map(|vote| Feedback::new(vote.into(), reason.as_deref())).transpose()?;
    feedback::vote(&app, &caller, client, id, message_id, given.as_ref()).await?;
    let reason = given.and_then(|given| given.reason);
    Ok(response::json(StatusCode::OK, &FeedbackView { vote, reason }))
}
