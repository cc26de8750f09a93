//! Sending: the answer streams, or comes whole.

use application::App;
use application::send_message::{self, Accepted, AnswerBody, AnswerForm, SendMessage};
use domain::{MessageText, SessionId, TokenUsage};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Answer, Endpoint};
use crate::problem::{Problem, ProblemView};
use crate::request::Request;
use crate::sessions::MessageView;
use crate::{headers, response};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::POST, "/api/v1/chat/sessions/{id}/messages", |app, request| Box::pin(send(app, request))),
    Endpoint::chat(Method::POST, "/api/v1/chat/messages", |app, request| Box::pin(send_in_new_session(app, request))),
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
    /// What the model counted.
    #[schema(required = true)]
    usage: Option<UsageView>,
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

/// Send a message. The stream is the model's own: `data: {…chat.completion.chunk…}` … `data: [DONE]`; only if the model breaks off, one last `event: error`.
#[utoipa::path(
    post, path = "/api/v1/chat/sessions/{id}/messages", tag = "messages", request_body = NewMessage,
    params(("id" = String, Path, description = "The session", format = Uuid)),
    responses(
        (status = 200, content((PlainAnswer = "application/json"), (String = "text/event-stream")), headers(
            ("X-Session-Id" = String), ("X-User-Message-Id" = String), ("X-Message-Id" = String),
        )),
        (status = "4XX", body = ProblemView), (status = "5XX", body = ProblemView),
    )
)]
async fn send(app: App, request: Request) -> Answer {
    let session = request.session_id();
    answer(app, request, Some(session)).await
}

/// Send a message that starts a session.
#[utoipa::path(
    post, path = "/api/v1/chat/messages", tag = "messages", request_body = NewMessage,
    responses(
        (status = 200, content((PlainAnswer = "application/json"), (String = "text/event-stream")), headers(
            ("X-Session-Id" = String), ("X-User-Message-Id" = String), ("X-Message-Id" = String),
        )),
        (status = "4XX", body = ProblemView), (status = "5XX", body = ProblemView),
    )
)]
async fn send_in_new_session(app: App, request: Request) -> Answer {
    answer(app, request, None).await
}

async fn answer(app: App, request: Request, session: Option<Result<SessionId, Problem>>) -> Answer {
    let caller = request.caller(&app)?;
    let session = session.transpose()?;
    let input: NewMessage = request.json(app.config.message_chars).await?;
    let text = MessageText::parse(&input.content, app.config.message_chars)?;
    let form = if input.stream { AnswerForm::Stream { broken_off: error_event(&app) } } else { AnswerForm::Plain };
    let accepted = send_message::send(&app, SendMessage { caller, session, text, answer: form }).await?;
    Ok(respond(accepted))
}

fn respond(accepted: Accepted) -> http::Response<response::Body> {
    let session = accepted.session.to_string();
    let mut response = match accepted.body {
        AnswerBody::Stream(reader) => response::event_stream(reader),
        AnswerBody::Plain { question, answer, usage } => response::json(
            StatusCode::OK,
            &PlainAnswer {
                session_id: session.clone(),
                user_message: MessageView::from(&*question),
                message: MessageView::from(&*answer),
                usage: usage.map(UsageView::from),
            },
        ),
    };
    let headers = response.headers_mut();
    headers::text(headers, "x-session-id", &session);
    headers::text(headers, "x-user-message-id", &accepted.question.to_string());
    headers::text(headers, "x-message-id", &accepted.answer.to_string());
    if let Some(standing) = &accepted.standing {
        headers::quota(headers, standing);
    }
    response
}

/// The last event of a stream that upstream breaks off.
fn error_event(app: &App) -> bytes::Bytes {
    let view = Problem::broken_off().view(app.request);
    send_message::error_event(&serde_json::to_string(&view).unwrap_or_default())
}
