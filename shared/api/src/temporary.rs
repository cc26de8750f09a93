//! Temporary chats: the page keeps the conversation, the answer is in its replay buffer for an hour, and nothing is stored. Postgres is not asked.

use std::collections::BTreeMap;

use application::App;
use application::answer;
use application::turn::{AnswerBody, AnswerForm};
use domain::{Action, MessageId, MessageRole, PromptMessage};
use http::Method;
use serde::Deserialize;
use utoipa::openapi::{Content, RefOr, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use crate::answers::position;
use crate::asked::{Asked, documented_answer, respond};
use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::names::Speaker;
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{event_stream, no_content};

const COLLECTION: &str = "/api/v1/chat/temporary";
const STREAM: &str = "/api/v1/chat/temporary/{id}/stream";
const STOP: &str = "/api/v1/chat/temporary/{id}/stop";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::POST, COLLECTION, |app, request| Box::pin(send(app, request))),
    Endpoint::chat(Method::GET, STREAM, |app, request| Box::pin(stream(app, request))),
    Endpoint::chat(Method::POST, STOP, |app, request| Box::pin(stop(app, request))),
];

/// The longest body, in bytes.
const BODY_BYTES: usize = 64 * 1024;

/// The most messages that were said before.
const MOST_MESSAGES: usize = 200;

/// A message of a chat that is not kept, with what was said before it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemporaryMessage {
    /// At most 200, oldest first: a `user`'s and an `assistant`'s in turn. The model sees the last of them, as many as of a chat that is kept.
    messages: Vec<SaidBefore>,
    /// 1 to `CHAT_MAX_MESSAGE_LENGTH` characters.
    content: String,
    /// The model that is asked first, of those in `/config`, for this message. Where visitors have no choice it is refused.
    model: Option<String>,
}

/// The answer, as it is generated.
struct TemporaryAnswer;

impl IntoResponses for TemporaryAnswer {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let response = ResponseBuilder::new().content("text/event-stream", Content::new(Some(String::schema())));
        BTreeMap::from([("200".to_owned(), documented_answer(response).into())])
    }
}

/// What was said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaidBefore {
    /// Who speaks.
    role: Speaker,
    /// What they say.
    content: String,
}

/// A path that names an answer.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
struct AnswerPath {
    /// The answer: `X-Message-Id`
    #[param(value_type = String, format = Uuid)]
    id: MessageId,
}

impl AnswerPath {
    fn of(request: &Request) -> Result<Self, Problem> {
        let id = request.path_value("id").and_then(|value| MessageId::parse(value).ok());
        Ok(Self { id: id.ok_or_else(Problem::not_found)? })
    }
}

/// Send a message of a chat of which nothing is kept: the conversation comes with it, at most 64 kB in all. It is charged as every message is, and answered while the database
/// is down. The stream is as that of a message; it can be read again for an hour, at `/chat/temporary/{id}/stream` with the `X-Message-Id`. After that
/// hour the same request under the same key is answered with 410 `gone`. What is given again does not say which model gave it: nothing keeps that.
#[utoipa::path(
    post, path = COLLECTION, tag = "temporary", operation_id = "send_temporary", request_body = TemporaryMessage,
    params(Asked), responses(TemporaryAnswer, Problem),
)]
async fn send(app: App, request: Request) -> HandlerResult {
    let asked = Asked::by(&app, &request)?;
    let input: TemporaryMessage = request.json_within(BODY_BYTES).await?;
    let text = app.config.message(&input.content)?;
    let action = Action::Temporary { messages: said_before(input.messages)?, text };
    respond(asked.answer(&app, action, AnswerForm::Stream, input.model).await?, |body| match body {
        AnswerBody::Stream(reader) => Ok(event_stream(reader)),
        _ => Err(Problem::internal("a temporary chat's answer does not stream")),
    })
}

/// What was said, if it is a conversation that a message can follow.
///
/// # Errors
/// 400 where somebody else speaks than should, or it is too long.
fn said_before(messages: Vec<SaidBefore>) -> Result<Vec<PromptMessage>, Problem> {
    if messages.len() > MOST_MESSAGES {
        return Err(Problem::invalid_field("messages", format!("`messages` must be at most {MOST_MESSAGES}.")));
    }
    if !messages.len().is_multiple_of(2) {
        return Err(Problem::invalid_field("messages", "`messages` must end with an answer."));
    }
    let line = |(at, SaidBefore { role, content }): (usize, SaidBefore)| {
        let role = MessageRole::from(role);
        let expected = if at.is_multiple_of(2) { MessageRole::User } else { MessageRole::Assistant };
        if role != expected {
            let words = format!("A `user` and an `assistant` speak in turn, so this must be `{}`.", expected.name());
            return Err(Problem::invalid_field(&format!("messages[{at}].role"), words));
        }
        Ok(PromptMessage { role, content })
    };
    messages.into_iter().enumerate().map(line).collect()
}

/// Read an answer of a temporary chat from any place on and to its end, as that of a message: while it is on its way, and for an hour.
#[utoipa::path(
    get, path = STREAM, tag = "temporary", operation_id = "stream_temporary",
    params(
        AnswerPath,
        ("from" = Option<u32>, Query, description = "Characters of the answer that are known, as Unicode scalar values", minimum = 0, maximum = 100_000_000),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event's `id`; it wins over `from`"),
    ),
    responses((status = 200, content((String = "text/event-stream"))), Problem)
)]
async fn stream(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let AnswerPath { id } = AnswerPath::of(&request)?;
    let reader = answer::resume_temporary(&app, &caller, id, position(&request)?).await?;
    let mut response = event_stream(reader);
    headers::text(response.headers_mut(), "x-message-id", &id.to_string());
    Ok(response)
}

/// End an answer of a temporary chat that is on its way, from wherever. What has arrived stays for the hour.
#[utoipa::path(
    post, path = STOP, tag = "temporary", operation_id = "stop_temporary",
    params(AnswerPath),
    responses((status = 204, description = "It ends, or has ended"), Problem)
)]
async fn stop(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let AnswerPath { id } = AnswerPath::of(&request)?;
    answer::stop_temporary(&app, &caller, id).await?;
    Ok(no_content())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_before_is_questions_and_answers_in_turn() {
        use Speaker::{Assistant, User};
        for (speakers, field) in [
            (vec![], None),
            (vec![User, Assistant], None),
            ([User, Assistant].repeat(100), None),
            ([User, Assistant].repeat(101), Some("messages")),
            (vec![User], Some("messages")),
            (vec![Assistant, User], Some("messages[0].role")),
            (vec![User, Assistant, Assistant, User], Some("messages[2].role")),
        ] {
            let said = |role: &Speaker| SaidBefore { role: *role, content: "x".to_owned() };
            let told = said_before(speakers.iter().map(said).collect());
            let wrong = told.as_ref().err().map(|problem| problem.detail().field.clone().unwrap_or_default());
            assert_eq!(wrong.as_deref(), field, "{speakers:?}");
            assert!(told.is_ok_and(|messages| messages.len() == speakers.len()) == field.is_none());
        }
    }
}
