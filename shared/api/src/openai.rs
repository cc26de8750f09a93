//! OpenAI's chat completions and responses, with an account's API key or a visitor's own token as the key: any client of that API is a client of this page's model.
//!
//! Nothing is stored: the client keeps its conversation. Limits, budget and prices are those of the page. The stream is the model's
//! own, as everywhere but for responses; errors have OpenAI's shape (`problem/openai.rs`).

mod request;
mod response;
pub(crate) mod responses;

use std::net::IpAddr;

use application::turn::{self, Accepted, AnswerBody, AnswerForm, SendMessage};
use application::{App, SendError, Wishes};
use domain::{Action, PromptMessage, User};
use http::{Method, StatusCode};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::problem::{OpenAiResponses, Problem};
use crate::request::Request;
use crate::response::{event_stream, json};
use request::{Completion, MESSAGES_BYTES};
use response::{CompletionView, ModelList, ModelView};

const COMPLETIONS: &str = "/v1/chat/completions";
const MODELS: &str = "/v1/models";
const MODEL: &str = "/v1/models/{id}";

/// The routes of this group, at the address that clients expect, and below that of the API.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::openai(Method::POST, COMPLETIONS, |app, request| Box::pin(complete(app, request))),
    Endpoint::openai(Method::GET, MODELS, |app, request| Box::pin(models(app, request))),
    Endpoint::openai(Method::GET, MODEL, |app, request| Box::pin(model(app, request))),
    Endpoint::openai(Method::POST, "/api/v1/openai/chat/completions", |app, request| Box::pin(complete(app, request))),
    Endpoint::openai(Method::GET, "/api/v1/openai/models", |app, request| Box::pin(models(app, request))),
    Endpoint::openai(Method::GET, "/api/v1/openai/models/{id}", |app, request| Box::pin(model(app, request))),
];

/// The Responses API at both addresses: a table of its own, because its answers are written anew on their way, which takes code that nothing else wants.
pub const RESPONSES: &[Endpoint] = &[
    Endpoint::openai(Method::POST, responses::PATH, |app, request| Box::pin(responses::respond(app, request))),
    Endpoint::openai(Method::POST, "/api/v1/openai/responses", |app, request| {
        Box::pin(responses::respond(app, request))
    }),
];

/// Have a conversation answered that the client keeps. It must fit into `CHAT_MAX_CONTEXT_TOKENS` whole, together with the operator's own instructions,
/// which come before it. Tools and images are refused, members that are not known are ignored. The stream is the model's own, so a last chunk
/// may have `usage` though nobody asked for it. Should the model break off, the stream ends with an event that holds an `error`, without `[DONE]`.
#[utoipa::path(
    post, path = COMPLETIONS, tag = "openai", operation_id = "create_chat_completion", request_body = Completion,
    params(("X-Proof-Of-Work" = Option<String>, Header, description = "`<challenge>.<n>`, the work that a `challenge_required` asked for")),
    responses(
        (
            status = 200, content((CompletionView = "application/json"), (String = "text/event-stream")),
            headers(
                ("X-Model" = String, description = "The model that answers"),
                ("X-Model-Instead-Of" = String, description = "The one that was named, where it is not there to be asked"),
            ),
        ),
        OpenAiResponses,
    )
)]
async fn complete(app: App, request: Request) -> HandlerResult {
    let began = app.platform.clock.now();
    let asker = Asker::of(&app, &request).await?;
    let completion: Completion = request.json_within(MESSAGES_BYTES).await?;
    let streams = completion.streams();
    let accepted = asker.ask(&app, completion.checked(&app.config.models)?, streams).await?;
    let mut response = match accepted.body {
        AnswerBody::Stream(reader) => event_stream(reader),
        AnswerBody::Unkept(end) => json(StatusCode::OK, &CompletionView::of(*end, began)?),
        AnswerBody::Plain { .. } => return Err(Problem::internal("an answer that is not kept was stored")),
    };
    let took = app.platform.clock.now().duration_since(began).as_millis().max(0);
    headers::models(response.headers_mut(), accepted.model.as_deref(), accepted.instead_of.as_deref());
    response::limits(response.headers_mut(), accepted.standing.as_ref(), accepted.timings, took);
    Ok(response)
}

/// Who asks, by which key and from where: what of a request stands beside its body.
struct Asker {
    caller: User,
    address: Option<IpAddr>,
    proof: Option<String>,
}

impl Asker {
    async fn of(app: &App, request: &Request) -> Result<Self, Problem> {
        let caller = request.caller_by_key(app).await?;
        Ok(Self { caller, address: request.client, proof: request.proof_of_work().map(str::to_owned) })
    }

    /// Has the model answer a conversation that its client keeps.
    async fn ask(
        self,
        app: &App,
        (messages, wishes): (Vec<PromptMessage>, Wishes),
        streams: bool,
    ) -> Result<Accepted, SendError> {
        let Self { caller, address, proof } = self;
        let command = SendMessage {
            limits: app.limits(&caller),
            caller,
            address,
            action: Action::Ask { messages, beside: wishes.tokens() },
            answer: if streams { AnswerForm::Stream } else { AnswerForm::Plain },
            key: None,
            proof,
            wishes,
        };
        turn::send(app, command).await
    }
}

/// The models that answer here.
#[utoipa::path(
    get, path = MODELS, tag = "openai", operation_id = "list_models",
    responses((status = 200, body = ModelList), OpenAiResponses)
)]
async fn models(app: App, request: Request) -> HandlerResult {
    let _caller = request.caller_by_key(&app).await?;
    Ok(json(StatusCode::OK, &ModelList::of(&app.config.models)))
}

/// One of them.
#[utoipa::path(
    get, path = MODEL, tag = "openai", operation_id = "read_model",
    params(("id" = String, Path, description = "Its name")),
    responses((status = 200, body = ModelView), OpenAiResponses)
)]
async fn model(app: App, request: Request) -> HandlerResult {
    let _caller = request.caller_by_key(&app).await?;
    let id = request.path_value("id").unwrap_or_default();
    let known = app.config.models.iter().find(|model| model.id == id);
    let known = known.ok_or_else(Problem::no_such_model)?;
    Ok(json(StatusCode::OK, &ModelView::of(known)))
}
