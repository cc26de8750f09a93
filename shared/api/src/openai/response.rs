//! What a client of OpenAI's API is answered.

use application::turn::Timings;
use domain::{AnswerEnd, Ending, ModelList as Offered, OfferedModel, Standing};
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::headers;
use crate::messages::UsageView;
use crate::names::FinishReason;
use crate::problem::Problem;

/// A whole answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompletionView {
    id: String,
    #[schema(value_type = String)]
    object: &'static str,
    /// Seconds since 1970.
    created: i64,
    /// The model that answered.
    model: String,
    /// One.
    choices: [ChoiceView; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CompletionChoice)]
struct ChoiceView {
    index: u32,
    message: SaidView,
    finish_reason: Option<FinishReason>,
    #[schema(value_type = Option<Object>)]
    logprobs: Option<()>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CompletionAnswer)]
struct SaidView {
    role: Answerer,
    content: String,
    #[schema(value_type = Option<String>)]
    refusal: Option<()>,
}

/// Who speaks in an answer.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answerer {
    Assistant,
}

impl CompletionView {
    /// The answer that ended so.
    ///
    /// # Errors
    /// It broke off: half an answer is none to a program that keeps the conversation.
    pub(super) fn of(end: AnswerEnd, created: Timestamp) -> Result<Self, Problem> {
        match end.ending {
            Ending::Complete | Ending::Truncated | Ending::Filtered => {}
            Ending::Stopped | Ending::Interrupted => return Err(Problem::broken_off()),
        }
        let message = SaidView { role: Answerer::Assistant, content: end.text, refusal: None };
        let finish_reason = end.ending.status().finish_reason().map(FinishReason::from);
        Ok(Self {
            id: format!("chatcmpl-{}", end.answer),
            object: "chat.completion",
            created: created.as_second(),
            model: end.model.unwrap_or_default(),
            choices: [ChoiceView { index: 0, message, finish_reason, logprobs: None }],
            usage: end.usage.map(UsageView::from),
        })
    }
}

/// The models that answer here.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelList {
    #[schema(value_type = String)]
    object: &'static str,
    data: Vec<ModelView>,
}

impl ModelList {
    pub(super) fn of(models: &Offered) -> Self {
        Self { object: "list", data: models.iter().map(ModelView::of).collect() }
    }
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelView {
    id: String,
    #[schema(value_type = String)]
    object: &'static str,
    /// 0: it is not known.
    created: i64,
    #[schema(value_type = String)]
    owned_by: &'static str,
}

impl ModelView {
    pub(super) fn of(model: &OfferedModel) -> Self {
        Self { id: model.id.clone(), object: "model", created: 0, owned_by: "edgewise" }
    }
}

/// Where the caller stands, in OpenAI's headers, and how long the answer's beginning took, in milliseconds.
pub(super) fn limits(headers: &mut HeaderMap, standing: Option<&Standing>, timings: Option<Timings>, took: i128) {
    if let Some(timings) = timings {
        headers::timing(headers, timings);
    }
    headers::text(headers, "openai-processing-ms", &took.to_string());
    let Some(standing) = standing else { return };
    headers::quota(headers, standing);
    headers::requests(headers, standing);
}
