//! Sending, and what else makes a model answer: the answer streams, or comes whole.

use std::collections::BTreeMap;
use std::net::IpAddr;

use application::turn::{self, Accepted, AnswerBody, AnswerForm, SendMessage};
use application::{App, Wishes};
use domain::{Action, IdempotencyKey, MessageId, TokenUsage, User};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Content, Header, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

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
}

/// How an answer should come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerWish {
    /// `false`: the answer comes whole, as JSON.
    #[serde(default = "streams")]
    stream: bool,
}

impl Default for AnswerWish {
    fn default() -> Self {
        Self { stream: true }
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
        let header = |description: Option<&str>| {
            Header::builder().schema(Some(String::schema())).description(description).build()
        };
        let response = ResponseBuilder::new()
            .content("application/json", Content::new(Some(Ref::from_schema_name(Self::name()))))
            .content("text/event-stream", Content::new(Some(String::schema())))
            .header("X-Session-Id", header(None))
            .header("X-User-Message-Id", header(None))
            .header("X-Message-Id", header(None))
            .header("Idempotent-Replayed", header(Some("`true`: an earlier request with this key made it")));
        BTreeMap::from([("200".to_owned(), response.build().into())])
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
    asked.answer(app, Action::Send { session: Some(id), parent, text }, input.stream).await
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
    asked.answer(app, Action::Send { session: None, parent: None, text }, input.stream).await
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
    asked.answer(app, Action::Edit { session, message, text }, input.stream).await
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
    asked.answer(app, Action::Regenerate { session, message }, input.stream).await
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
    asked.answer(app, Action::Continue { session, answer }, input.stream).await
}

/// Who asks for an answer, from where, and under which key.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
struct Asked {
    #[param(ignore)]
    caller: User,
    #[param(ignore)]
    address: Option<IpAddr>,
    /// 1 to 255 visible characters. Repeated with the same key within 24 hours, the request is done and charged once, and its answer is given again, running or whole; one that failed before its answer began is tried again
    #[param(rename = "Idempotency-Key", value_type = Option<String>)]
    key: Option<IdempotencyKey>,
    /// `<challenge>.<n>`, the work that a `challenge_required` asked for
    #[param(rename = "X-Proof-Of-Work", value_type = Option<String>)]
    proof: Option<String>,
}

impl Asked {
    fn by(app: &App, request: &Request) -> Result<Self, Problem> {
        let proof = request.proof_of_work().map(str::to_owned);
        Ok(Self { caller: request.caller(app)?, address: request.client, key: request.idempotency_key()?, proof })
    }

    async fn answer(self, app: App, action: Action, streams: bool) -> HandlerResult {
        let answer = if streams { AnswerForm::Stream } else { AnswerForm::Plain };
        let Self { caller, address, key, proof } = self;
        let command = SendMessage { caller, address, action, answer, key, proof, wishes: Wishes::default() };
        respond(turn::send(&app, command).await?)
    }
}

fn respond(accepted: Accepted) -> HandlerResult {
    let session = accepted.session.to_string();
    let mut response = match accepted.body {
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
    if let Some(question) = accepted.question {
        headers::text(headers, "x-user-message-id", &question.to_string());
    }
    if accepted.is_replayed {
        headers::text(headers, "idempotent-replayed", "true");
    }
    headers::text(headers, "x-message-id", &accepted.answer.to_string());
    if let Some(standing) = &accepted.standing {
        headers::quota(headers, standing);
    }
    Ok(response)
}
