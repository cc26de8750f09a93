//! What a client of OpenAI's Responses API is answered: the response, whole or as far as it has come.

use domain::{Ending, MessageId, TokenUsage};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::response::Answerer;
use super::request::NewResponse;

/// An answer as this API tells it. What was not asked for has the default of the API.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Response)]
pub(crate) struct ResponseView {
    id: String,
    #[schema(value_type = String)]
    object: &'static str,
    /// Seconds since 1970.
    created_at: i64,
    status: ResponseStatus,
    error: Option<FailureView>,
    incomplete_details: Option<IncompleteView>,
    instructions: Option<String>,
    max_output_tokens: Option<u32>,
    /// The model that answered.
    pub(super) model: String,
    /// One message, once it has begun.
    pub(super) output: Vec<ItemView>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    usage: Option<CountsView>,
    /// `false`: nothing is kept.
    store: bool,
    background: bool,
    parallel_tool_calls: bool,
    previous_response_id: Option<String>,
    #[schema(value_type = Object)]
    metadata: Value,
    #[schema(value_type = Object)]
    text: Value,
    #[schema(value_type = String)]
    tool_choice: &'static str,
    #[schema(value_type = Vec<Object>)]
    tools: [Value; 0],
    #[schema(value_type = String)]
    truncation: &'static str,
}

/// How far an answer has come.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ResponseStatus {
    InProgress,
    Completed,
    Incomplete,
    Failed,
}

/// Why there is no answer.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ResponseFailure)]
struct FailureView {
    #[schema(value_type = String)]
    code: &'static str,
    #[schema(value_type = String)]
    message: &'static str,
}

/// Why an answer is not whole.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ResponseIncomplete)]
struct IncompleteView {
    reason: IncompleteReason,
}

/// What ended it.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = ResponseIncompleteReason)]
#[serde(rename_all = "snake_case")]
enum IncompleteReason {
    MaxOutputTokens,
    ContentFilter,
}

/// The answer's message.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ResponseItem)]
pub(crate) struct ItemView {
    pub(super) id: String,
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    status: ItemStatus,
    role: Answerer,
    content: Vec<PartView>,
}

/// How far it has come.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = ResponseItemStatus)]
#[serde(rename_all = "snake_case")]
enum ItemStatus {
    InProgress,
    Completed,
    Incomplete,
}

/// Its text.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ResponsePart)]
pub(super) struct PartView {
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    text: String,
    #[schema(value_type = Vec<Object>)]
    annotations: [Value; 0],
    #[schema(value_type = Vec<Object>)]
    logprobs: [Value; 0],
}

/// What the model counted.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ResponseUsage)]
struct CountsView {
    input_tokens: u64,
    #[schema(value_type = Object)]
    input_tokens_details: Value,
    output_tokens: u64,
    #[schema(value_type = Object)]
    output_tokens_details: Value,
    total_tokens: u64,
}

impl From<TokenUsage> for CountsView {
    fn from(TokenUsage { prompt, completion }: TokenUsage) -> Self {
        Self {
            input_tokens: prompt,
            // The vendor tells neither: clients want to read a number there.
            input_tokens_details: json!({"cached_tokens": 0}),
            output_tokens: completion,
            output_tokens_details: json!({"reasoning_tokens": 0}),
            total_tokens: prompt.saturating_add(completion),
        }
    }
}

impl PartView {
    pub(super) fn of(text: String) -> Self {
        Self { kind: "output_text", text, annotations: [], logprobs: [] }
    }
}

impl ResponseView {
    /// The answer to `new`, of which nothing has come yet.
    pub(super) fn begun(new: &NewResponse, created_at: i64) -> Self {
        Self {
            id: String::new(),
            object: "response",
            created_at,
            status: ResponseStatus::InProgress,
            error: None,
            incomplete_details: None,
            instructions: new.instructions.clone(),
            max_output_tokens: new.max_output_tokens,
            model: new.model.clone(),
            output: Vec::new(),
            temperature: new.temperature,
            top_p: new.top_p,
            usage: None,
            store: false,
            background: false,
            parallel_tool_calls: false,
            previous_response_id: None,
            metadata: json!({}),
            text: json!({"format": {"type": "text"}}),
            tool_choice: "auto",
            tools: [],
            truncation: "disabled",
        }
    }

    /// The same under its answer's id, by the model that answers.
    pub(super) fn answered(mut self, answer: MessageId, model: Option<&str>) -> Self {
        self.id = format!("resp_{answer}");
        if let Some(model) = model {
            self.model = model.to_owned();
        }
        self
    }

    /// Its message as it is before its first word.
    pub(super) fn item(&self) -> ItemView {
        let id = self.id.replacen("resp_", "msg_", 1);
        ItemView { id, kind: "message", status: ItemStatus::InProgress, role: Answerer::Assistant, content: Vec::new() }
    }

    /// The same, ended with this text.
    pub(super) fn ended(mut self, ending: Ending, text: String, usage: Option<TokenUsage>) -> Self {
        let incomplete = |reason| Some(IncompleteView { reason });
        (self.status, self.incomplete_details, self.error) = match ending {
            Ending::Complete => (ResponseStatus::Completed, None, None),
            Ending::Truncated => (ResponseStatus::Incomplete, incomplete(IncompleteReason::MaxOutputTokens), None),
            Ending::Filtered => (ResponseStatus::Incomplete, incomplete(IncompleteReason::ContentFilter), None),
            Ending::Stopped | Ending::Interrupted => {
                let message = "The answer broke off. Please ask again.";
                (ResponseStatus::Failed, None, Some(FailureView { code: "server_error", message }))
            }
        };
        let is_whole = self.status == ResponseStatus::Completed;
        let status = if is_whole { ItemStatus::Completed } else { ItemStatus::Incomplete };
        let content = vec![PartView::of(text)];
        self.output = vec![ItemView { status, content, ..self.item() }];
        self.usage = usage.map(CountsView::from);
        self
    }

    /// The type of a stream's last event.
    pub(super) fn last_event(&self) -> &'static str {
        match self.status {
            ResponseStatus::InProgress => "response.in_progress",
            ResponseStatus::Completed => "response.completed",
            ResponseStatus::Incomplete => "response.incomplete",
            ResponseStatus::Failed => "response.failed",
        }
    }
}
