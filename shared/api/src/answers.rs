//! An answer that is there or on its way: ending it, and reading it once more.

use application::App;
use application::answer::{self, MOST_CHARS, Position};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::endpoint::HandlerResult;
use crate::problem::Problem;
use crate::request::{MessagePath, Request, sole};
use crate::sessions::MessageView;
use crate::{headers, response};

pub(crate) const STOP: &str = "/api/v1/chat/sessions/{id}/messages/{message_id}/stop";
pub(crate) const STREAM: &str = "/api/v1/chat/sessions/{id}/messages/{message_id}/stream";

/// Where an answer should end.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopAt {
    /// Characters of the stream's text that the reader has seen, as Unicode scalar values: no more is kept. Without it, all that has arrived.
    #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
    seen: Option<u32>,
}

/// End an answer that is on its way, from wherever. Gives it as it is stored then.
#[utoipa::path(
    post, path = STOP, tag = "messages", request_body = Option<StopAt>,
    params(MessagePath),
    responses(
        (status = 200, body = MessageView),
        Problem,
    )
)]
pub(crate) async fn stop(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let MessagePath { id: session, message_id } = request.message_path()?;
    let input: StopAt = request.optional_json(0).await?;
    let seen = input.seen.and_then(|seen| usize::try_from(seen).ok());
    let message = answer::stop(&app, &caller, session, message_id, seen).await?;
    Ok(response::json(StatusCode::OK, &MessageView::from(&message)))
}

/// Read an answer from any place on and to its end, while it is on its way and later. Every event of the answer has an `id:` to come back
/// with. A whole answer ends with `[DONE]`, one that broke off with an `event: error` of ours (never the model's own), one that was
/// stopped with neither; so does a stream that was cut off, for some runtimes close it in good order. After neither, come back with the last
/// `id`, or read the message: its `status` says whether it was stopped. At most 5 requests of a user read running answers at once, others
/// get 429 `rate_limited` with `scope: "readers"`.
#[utoipa::path(
    get, path = STREAM, tag = "messages", operation_id = "stream",
    params(
        MessagePath,
        ("from" = Option<u32>, Query, description = "Characters of the answer that are known, as Unicode scalar values", minimum = 0, maximum = 100_000_000),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event's `id`; it wins over `from`. One that did not come from this address, such as one of the model's own, counts for nothing"),
    ),
    responses(
        (status = 200, content((String = "text/event-stream"))),
        Problem,
    )
)]
pub(crate) async fn stream(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let MessagePath { id: session, message_id } = request.message_path()?;
    let reader = answer::resume(&app, &caller, session, message_id, position(&request)?).await?;
    let mut response = response::event_stream(reader);
    let headers = response.headers_mut();
    headers::text(headers, "x-session-id", &session.to_string());
    headers::text(headers, "x-message-id", &message_id.to_string());
    Ok(response)
}

/// Where a reader who comes back is in their answer.
///
/// # Errors
/// 400 for a `from` that is no such number.
pub(crate) fn position(request: &Request) -> Result<Position, Problem> {
    let from = request.query_number("from", 0, 0, MOST_CHARS)?;
    // Upstream's own ids reach readers with the first stream, and EventSource comes back with them: what is no id of ours says nothing.
    let event = sole(request.headers(), "last-event-id").ok().flatten().and_then(|id| id.to_str().ok());
    Ok(event.and_then(Position::parse).unwrap_or_else(|| Position::after(usize::try_from(from).unwrap_or(usize::MAX))))
}
