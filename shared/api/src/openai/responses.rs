//! OpenAI's Responses API, as far as it is texts and nothing is stored (`store: false`), made of the same chat completion as all else here.

mod events;
mod object;
mod request;

use application::App;
use application::turn::{self, AnswerBody};
use domain::Ending;
use http::StatusCode;

use super::Asker;
use super::request::MESSAGES_BYTES;
use super::response::limits;
use crate::endpoint::HandlerResult;
use crate::headers;
use crate::problem::{OpenAiResponses, Problem};
use crate::request::Request;
use crate::response::{event_stream, json};
use object::ResponseView;
use request::NewResponse;

pub(super) const PATH: &str = "/v1/responses";

/// Have a conversation answered that the client keeps, by the Responses API: texts alone, and nothing is stored. Whatever else is asked for is refused with
/// `unsupported_parameter`. The stream has the events of that API, each with its `sequence_number`, and ends with `response.completed`, `response.incomplete` or, where the
/// model breaks off, `response.failed`.
#[utoipa::path(
    post, path = PATH, tag = "openai", operation_id = "create_response", request_body = NewResponse,
    params(("X-Proof-Of-Work" = Option<String>, Header, description = "`<challenge>.<n>`, the work that a `challenge_required` asked for")),
    responses(
        (
            status = 200, content((ResponseView = "application/json"), (String = "text/event-stream")),
            headers(
                ("X-Model" = String, description = "The model that answers"),
                ("X-Model-Instead-Of" = String, description = "The one that was named, where it is not there to be asked"),
            ),
        ),
        OpenAiResponses,
    )
)]
pub(crate) async fn respond(app: App, request: Request) -> HandlerResult {
    let began = app.platform.clock.now();
    let asker = Asker::of(&app, &request).await?;
    let new = NewResponse::read(request.json_within(MESSAGES_BYTES).await?)?;
    let streams = new.streams();
    let begun = ResponseView::begun(&new, began.as_second());
    let accepted = asker.ask(&app, new.checked(&app.config.models)?, streams).await?;
    let mut response = match accepted.body {
        AnswerBody::Stream(reader) => {
            let body = turn::rewritten(&app, reader, events::rewrite(begun, accepted.answer));
            event_stream(body.ok_or_else(|| Problem::internal("an answer that streams cannot be read"))?)
        }
        AnswerBody::Unkept(end) => match end.ending {
            // Half an answer is none to a program that keeps the conversation.
            Ending::Stopped | Ending::Interrupted => return Err(Problem::broken_off()),
            Ending::Complete | Ending::Truncated | Ending::Filtered => {
                let answered = begun.answered(accepted.answer, end.model.as_deref());
                json(StatusCode::OK, &answered.ended(end.ending, end.text, end.usage))
            }
        },
        AnswerBody::Plain { .. } => return Err(Problem::internal("an answer that is not kept was stored")),
    };
    let took = app.platform.clock.now().duration_since(began).as_millis().max(0);
    headers::models(response.headers_mut(), accepted.model.as_deref(), accepted.instead_of.as_deref());
    limits(response.headers_mut(), accepted.standing.as_ref(), accepted.timings, took);
    Ok(response)
}
