//! Sending, and what else makes a model answer: the answer streams, or comes whole.

use std::collections::BTreeMap;

use application::App;
use application::turn::{AnswerBody, AnswerForm};
use domain::{Action, MessageId, TokenUsage};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::asked::{Asked, documented, documented_answer, respond};
use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::FinishReason;
use crate::problem::Problem;
use crate::request::{MessagePath, Request, SessionPath};
use crate::sessions::MessageView;
use crate::{answers, headers, response};

const COLLECTION: &str = "/api/v1/chat/sessions/{id}/messages";
const ONE: &str = "/api/v1/chat/sessions/{id}/messages/{message_id}";
const REGENERATE: &str = "/api/v1/chat/sessions/{id}/messages/{message_id}/regenerate";
const CONTINUE: &str = "/api/v1/chat/sessions/{id}/messages/{message_id}/continue";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::POST, COLLECTION, |app, request| Box::pin(send(app, request))),
    Endpoint::chat(Method::POST, "/api/v1/chat/messages", |app, request| Box::pin(send_in_new_session(app, request))),
    Endpoint::chat(Method::PUT, ONE, |app, request| Box::pin(edit(app, request))),
    Endpoint::chat(Method::POST, REGENERATE, |app, request| Box::pin(regenerate(app, request))),
    Endpoint::chat(Method::POST, CONTINUE, |app, request| Box::pin(continue_answer(app, request))),
    Endpoint::chat(Method::POST, answers::STOP, |app, request| Box::pin(answers::stop(app, request))),
    Endpoint::chat(Method::GET, answers::STREAM, |app, request| Box::pin(answers::stream(app, request))),
];

/// A message to be answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// 1 to `CHAT_MAX_MESSAGE_LENGTH` characters.
    content: String,
    /// `false`: the answer comes whole, as JSON.
    #[serde(default = "streams")]
    stream: bool,
    /// The message that it follows; without it, the session's newest.
    #[schema(format = Uuid)]
    parent_id: Option<String>,
    /// The model that is asked first, of those in `/config`, for this session from now on. Where visitors have no choice it is refused.
    model: Option<String>,
}

/// A message that starts a session, or replaces another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstMessage {
    /// 1 to `CHAT_MAX_MESSAGE_LENGTH` characters.
    content: String,
    /// `false`: the answer comes whole, as JSON.
    #[serde(default = "streams")]
    stream: bool,
    /// The model that is asked first, of those in `/config`, for this session from now on. Where visitors have no choice it is refused.
    model: Option<String>,
}

/// How an answer should come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerWish {
    /// `false`: the answer comes whole, as JSON.
    #[serde(default = "streams")]
    stream: bool,
    /// The model that is asked first, of those in `/config`, for this session from now on. Where visitors have no choice it is refused.
    model: Option<String>,
}

impl Default for AnswerWish {
    fn default() -> Self {
        Self { stream: true, model: None }
    }
}

fn streams() -> bool {
    true
}

/// A whole answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlainAnswer {
    #[schema(format = Uuid)]
    session_id: String,
    user_message: MessageView,
    message: MessageView,
    /// Why the model stopped; `null`: it did not come to its end.
    #[schema(required = true)]
    finish_reason: Option<FinishReason>,
    /// What the model counted.
    #[schema(required = true)]
    usage: Option<UsageView>,
}

/// Every way in which an answer comes.
impl IntoResponses for PlainAnswer {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let response = ResponseBuilder::new()
            .content("application/json", Content::new(Some(Ref::from_schema_name(Self::name()))))
            .content("text/event-stream", Content::new(Some(String::schema())))
            .header("X-Session-Id", documented(None))
            .header("X-User-Message-Id", documented(None));
        BTreeMap::from([("200".to_owned(), documented_answer(response).into())])
    }
}

/// Token counts.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageView {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

impl From<TokenUsage> for UsageView {
    fn from(usage: TokenUsage) -> Self {
        Self {
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            total_tokens: usage.prompt.saturating_add(usage.completion),
        }
    }
}

/// Send a message. The stream is the model's own: `data: {…chat.completion.chunk…}` … `data: [DONE]`, where it ends; only if the model breaks
/// off, or the answer cannot be saved yet, one last `event: error` of ours, which is always an event of its own. An answer without
/// `[DONE]` and without such an event has broken off too, whatever the connection says: read the rest at `…/messages/{message_id}/stream`.
/// An error that the model itself sends within its stream is passed on like every byte of it, and ours follows.
#[utoipa::path(
    post, path = COLLECTION, tag = "messages", request_body = NewMessage,
    params(SessionPath, Asked), responses(PlainAnswer, Problem),
)]
async fn send(app: App, request: Request) -> HandlerResult {
    let asked = Asked::by(&app, &request)?;
    let SessionPath { id } = request.session_path()?;
    let input: NewMessage = request.json(app.config.message_chars).await?;
    let text = app.config.message(&input.content)?;
    let parent = input.parent_id.as_deref().map(MessageId::parse).transpose();
    let parent = parent.map_err(|_| Problem::not_a_message_id("parent_id"))?;
    answered(asked, app, Action::Send { session: Some(id), parent, text }, (input.stream, input.model)).await
}

/// Send a message that starts a session.
#[utoipa::path(
    post, path = "/api/v1/chat/messages", tag = "messages", request_body = FirstMessage,
    params(Asked), responses(PlainAnswer, Problem),
)]
async fn send_in_new_session(app: App, request: Request) -> HandlerResult {
    let asked = Asked::by(&app, &request)?;
    let input: FirstMessage = request.json(app.config.message_chars).await?;
    let text = app.config.message(&input.content)?;
    answered(asked, app, Action::Send { session: None, parent: None, text }, (input.stream, input.model)).await
}

/// Send a message in another wording: a new one beside the old, which stays.
#[utoipa::path(
    put, path = ONE, tag = "messages", request_body = FirstMessage,
    params(MessagePath, Asked), responses(PlainAnswer, Problem),
)]
async fn edit(app: App, request: Request) -> HandlerResult {
    let asked = Asked::by(&app, &request)?;
    let MessagePath { id: session, message_id: message } = request.message_path()?;
    let input: FirstMessage = request.json(app.config.message_chars).await?;
    let text = app.config.message(&input.content)?;
    answered(asked, app, Action::Edit { session, message, text }, (input.stream, input.model)).await
}

/// Have a message answered once more, or for the first time if its answer never began; an earlier answer stays. An answer's id stands
/// for the message that it answers.
#[utoipa::path(
    post, path = REGENERATE, tag = "messages", request_body = Option<AnswerWish>,
    params(MessagePath, Asked), responses(PlainAnswer, Problem),
)]
async fn regenerate(app: App, request: Request) -> HandlerResult {
    let asked = Asked::by(&app, &request)?;
    let MessagePath { id: session, message_id: message } = request.message_path()?;
    let input: AnswerWish = request.optional_json(0).await?;
    answered(asked, app, Action::Regenerate { session, message }, (input.stream, input.model)).await
}

/// Have an answer go on that was stopped, broke off or reached the model's limit of tokens. The stream brings what is new; the whole answer stays one message.
#[utoipa::path(
    post, path = CONTINUE, tag = "messages", operation_id = "continue", request_body = Option<AnswerWish>,
    params(MessagePath, Asked), responses(PlainAnswer, Problem),
)]
async fn continue_answer(app: App, request: Request) -> HandlerResult {
    let asked = Asked::by(&app, &request)?;
    let MessagePath { id: session, message_id: answer } = request.message_path()?;
    let input: AnswerWish = request.optional_json(0).await?;
    answered(asked, app, Action::Continue { session, answer }, (input.stream, input.model)).await
}

/// Has an answer come in the form that was wished.
async fn answered(asked: Asked, app: App, action: Action, (streams, model): (bool, Option<String>)) -> HandlerResult {
    let form = if streams { AnswerForm::Stream } else { AnswerForm::Plain };
    let accepted = asked.answer(&app, action, form, model).await?;
    let (session, question) = (accepted.session.to_string(), accepted.question);
    respond(accepted, |body| {
        let mut response = match body {
            AnswerBody::Stream(reader) => response::event_stream(reader),
            AnswerBody::Plain { question, answer, usage } => response::json(
                StatusCode::OK,
                &PlainAnswer {
                    session_id: session.clone(),
                    user_message: MessageView::from(&*question),
                    message: MessageView::from(&*answer),
                    finish_reason: answer.status.finish_reason().map(FinishReason::from),
                    usage: usage.map(UsageView::from),
                },
            ),
            AnswerBody::Unkept(_) => return Err(Problem::internal("an answer of a session was not kept")),
        };
        let headers = response.headers_mut();
        headers::text(headers, "x-session-id", &session);
        if let Some(question) = question {
            headers::text(headers, "x-user-message-id", &question.to_string());
        }
        Ok(response)
    })
}
