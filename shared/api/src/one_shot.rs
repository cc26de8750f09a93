//! A one-shot question, without a token, and its answer: for scripts. Switched off unless the operator wants it.

use application::turn::{self, AnswerBody, Heard, ONE_SHOT_BYTES, ONE_SHOT_CHARS, Rewritten, Whole};
use application::{App, StreamFault, text_chunk, text_end, write_event};
use domain::{Ending, FinishReason as Reason};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::messages::UsageView;
use crate::names::FinishReason;
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{event_stream, json};

const PATH: &str = "/api/chat";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::one_shot(Method::POST, PATH, |app, request| Box::pin(ask(app, request)))];

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// 1 to 2,000 characters.
    prompt: String,
    /// `true`: the answer streams.
    #[serde(default)]
    stream: bool,
}

/// Its whole answer.
#[derive(Serialize, ToSchema)]
#[schema(as = OneShotAnswer)]
pub(crate) struct AnswerView {
    /// At most 10,000 bytes.
    answer: String,
    /// It was longer, and is cut there.
    truncated: bool,
    /// Why the model stopped; `null`: the answer is cut.
    #[schema(required = true)]
    finish_reason: Option<FinishReason>,
    /// The model that answered.
    #[schema(required = true)]
    model: Option<String>,
    /// What the model counted.
    #[schema(required = true)]
    usage: Option<UsageView>,
}

/// Ask one question without a token (`FEATURE_ONE_SHOT`, off by default). Nothing is kept. Five a minute come from one address (a /64 of IPv6), they
/// count among the messages of its guests, and 401 `challenge_required` asks for work beyond these (docs/proof-of-work.md). The answer is cut at 10,000 bytes. The stream has
/// chunks as those of a message (`choices[0].delta.content`) and ends with `data: [DONE]`; where it is cut its last event is `event: truncated`, where it breaks off
/// `event: error`.
#[utoipa::path(
    post, path = PATH, tag = "one-shot", operation_id = "ask_once", security(()), request_body = Question,
    params(("X-Proof-Of-Work" = Option<String>, Header, description = "`<challenge>.<n>`, the work that a `challenge_required` asked for")),
    responses(
        (status = 200, content((AnswerView = "application/json"), (String = "text/event-stream"))),
        Problem,
    )
)]
async fn ask(app: App, request: Request) -> HandlerResult {
    // Nobody can be drawn who shows neither token nor browser.
    if !app.config.rollout.includes_everybody() {
        return Err(Problem::not_found());
    }
    let (address, proof) = (request.client, request.proof_of_work().map(str::to_owned));
    let Question { prompt, stream } = request.json(ONE_SHOT_CHARS).await?;
    let question = app.config.message_within(&prompt, ONE_SHOT_CHARS);
    let question = question.map_err(|error| Problem::from(error).of_field("prompt"))?;
    let accepted = turn::send(&app, turn::one_shot(&app, address, proof, &question)).await?;
    let no_stream = || Problem::internal("a one-shot question has no stream");
    let AnswerBody::Stream(answer) = accepted.body else { return Err(no_stream()) };
    let mut response = if stream {
        event_stream(turn::rewritten(&app, answer, rewrite(&app)).ok_or_else(no_stream)?)
    } else {
        json(StatusCode::OK, &view(turn::whole(&app, answer, ONE_SHOT_BYTES).await.ok_or_else(no_stream)?)?)
    };
    if let Some(standing) = &accepted.standing {
        headers::quota(response.headers_mut(), standing);
    }
    Ok(response)
}

fn view(whole: Whole) -> Result<AnswerView, Problem> {
    let Whole { text, model, ending, usage } = whole;
    let finish_reason = ending.map(reason).transpose()?.map(FinishReason::from);
    Ok(AnswerView {
        answer: text,
        truncated: ending.is_none(),
        finish_reason,
        model,
        usage: usage.map(UsageView::from),
    })
}

/// Why an answer has come to its end.
///
/// # Errors
/// It has not: half an answer is none to a script.
fn reason(ending: Ending) -> Result<Reason, Problem> {
    ending.status().finish_reason().ok_or_else(Problem::broken_off)
}

/// The stream of an answer: the model's text alone, as far as it may go.
fn rewrite(app: &App) -> turn::Rewrite {
    let (request, mut room) = (app.request, ONE_SHOT_BYTES);
    let (id, created) = (request.to_string(), app.platform.clock.now().as_second());
    let mut answers: Option<String> = None;
    Box::new(move |heard| match heard {
        Heard::Beginning { model } => {
            answers = model.map(str::to_owned);
            Rewritten::default()
        }
        Heard::Text(text) => {
            let kept = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
            let is_last = kept.len() < text.len();
            room = if is_last { 0 } else { room - kept.len() };
            let mut bytes = if kept.is_empty() {
                String::new()
            } else {
                write_event("", &text_chunk(&id, answers.as_deref(), created, kept))
            };
            if is_last {
                bytes += &write_event("truncated", r#"{"truncated":true}"#);
            }
            Rewritten { bytes, is_last }
        }
        Heard::End { ending, .. } => {
            let bytes = match ending.status().finish_reason() {
                Some(reason) => {
                    let end = text_end(&id, answers.as_deref(), created, reason.name());
                    write_event("", &end) + &write_event("", "[DONE]")
                }
                None => {
                    let (name, data) = Problem::in_stream(StreamFault::BrokenOff, request);
                    write_event(name, &data)
                }
            };
            Rewritten { bytes, is_last: true }
        }
    })
}
