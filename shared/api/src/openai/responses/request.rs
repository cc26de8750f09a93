//! What a client of OpenAI's Responses API sends, as far as this API does it. What it does not do it refuses by name: half of a wish is worse than none.

use application::Wishes;
use domain::{MessageRole, ModelList, PromptMessage};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::super::request::{ClientRole, Content, are_few, chances, is_empty, role};
use crate::input;
use crate::problem::Problem;

/// What is read. Other members are refused, unless they ask for nothing.
const READ: [&str; 8] =
    ["model", "input", "instructions", "max_output_tokens", "temperature", "top_p", "stream", "store"];

/// What the model takes part in without reading it.
const DROPPED: [&str; 4] = ["user", "safety_identifier", "prompt_cache_key", "parallel_tool_calls"];

/// A conversation to be answered.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewResponse)]
pub(crate) struct NewResponse {
    /// One of `GET /v1/models`. Where that one is gone another answers: the answer names it.
    pub(super) model: String,
    /// A text, or 1 to 200 messages, oldest first.
    input: Input,
    /// What stands before the conversation, after the operator's own.
    pub(super) instructions: Option<String>,
    /// Never more than `CHAT_MAX_TOKENS`.
    pub(super) max_output_tokens: Option<u32>,
    /// 0 to 2.
    pub(super) temperature: Option<f64>,
    /// 0 to 1.
    pub(super) top_p: Option<f64>,
    /// `true`: the answer streams.
    stream: Option<bool>,
    /// `false`, also where it is left out: nothing is stored.
    store: Option<bool>,
}

/// A text, or messages.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ResponseInput)]
enum Input {
    Text(String),
    Items(Vec<Item>),
}

/// One message of the conversation.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResponseInputItem)]
struct Item {
    /// `message`, also where it is left out.
    #[serde(rename = "type")]
    kind: Option<String>,
    #[schema(value_type = Option<ClientRole>)]
    role: Option<String>,
    /// What is said.
    content: Option<Content>,
}

impl NewResponse {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 for what this API does not do, or of a wrong kind.
    pub(super) fn read(body: Map<String, Value>) -> Result<Self, Problem> {
        let mut read = Map::new();
        for (name, value) in body {
            if READ.contains(&name.as_str()) {
                read.insert(name, value);
            } else if !asks_for_nothing(&name, &value) {
                return Err(Problem::unsupported_parameter(&name));
            }
        }
        let new: Self = input::parse(Value::Object(read).to_string().as_bytes())?;
        if new.store == Some(true) {
            return Err(Problem::unsupported_parameter("store"));
        }
        Ok(new)
    }

    pub(super) fn streams(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    /// The conversation, and what is wanted of the model.
    ///
    /// # Errors
    /// 400 for what this API does not do, 404 for a model that is not offered.
    pub(super) fn checked(self, models: &ModelList) -> Result<(Vec<PromptMessage>, Wishes), Problem> {
        if models.iter().all(|offered| offered.id != self.model) {
            return Err(Problem::no_such_model());
        }
        if self.max_output_tokens == Some(0) {
            return Err(Problem::invalid_field("max_output_tokens", "`max_output_tokens` must be at least 1."));
        }
        let more = chances(self.temperature, self.top_p)?;
        let instructions = self.instructions.map(|content| PromptMessage { role: MessageRole::System, content });
        let mut messages: Vec<PromptMessage> = instructions.into_iter().collect();
        match self.input {
            Input::Text(content) => messages.push(PromptMessage { role: MessageRole::User, content }),
            Input::Items(items) => {
                are_few("input", items.len())?;
                for (at, item) in items.into_iter().enumerate() {
                    messages.push(item.checked(at)?);
                }
            }
        }
        Ok((messages, Wishes { model: Some(self.model), max_tokens: self.max_output_tokens, more }))
    }
}

impl Item {
    fn checked(self, at: usize) -> Result<PromptMessage, Problem> {
        if self.kind.is_some_and(|kind| kind != "message") {
            return Err(Problem::unsupported_parameter(&format!("input[{at}].type")));
        }
        let field = |name: &str| format!("input[{at}].{name}");
        let named = self.role.ok_or_else(|| Problem::missing_field(&field("role")))?;
        let content = self.content.ok_or_else(|| Problem::missing_field(&field("content")))?;
        let content = content.text(&["input_text", "output_text"], &field("content"))?;
        Ok(PromptMessage { role: role(&named, &field("role"))?, content })
    }
}

/// Whether a member that is not read changes nothing: clients send the defaults of the API.
fn asks_for_nothing(name: &str, value: &Value) -> bool {
    let neutral: &[Value] = match name {
        _ if is_empty(value) || DROPPED.contains(&name) => return true,
        "background" => &[json!(false)],
        "metadata" | "reasoning" => &[json!({})],
        "service_tier" => &[json!("auto"), json!("default")],
        "stream_options" => &[json!({}), json!({"include_obfuscation": false})],
        "text" => &[json!({}), json!({"format": {"type": "text"}})],
        "tool_choice" => &[json!("auto"), json!("none")],
        "top_logprobs" => &[json!(0)],
        "truncation" => &[json!("disabled")],
        _ => &[],
    };
    neutral.contains(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(more: Value) -> Result<(Vec<PromptMessage>, Wishes), (String, String)> {
        let models = ModelList::parse("m@1/2,other").unwrap();
        let mut body = json!({"model": "m", "input": "Hi"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let new = NewResponse::read(body.as_object().unwrap().clone());
        new.and_then(|new| new.checked(&models))
            .map_err(|problem| (problem.code().name().to_owned(), problem.detail().field.clone().unwrap_or_default()))
    }

    #[test]
    fn a_conversation_is_read_as_its_client_means_it() {
        let said = |input: Value| {
            let (messages, wishes) = checked(json!({
                "input": input, "instructions": "Be brief.", "max_output_tokens": 5, "temperature": 0.25, "top_p": null, "store": false,
                "tools": [], "text": {"format": {"type": "text"}}, "truncation": "disabled", "include": null, "user": "dropped", "stream": true,
            }))
            .unwrap();
            assert_eq!((wishes.model.as_deref(), wishes.max_tokens), (Some("m"), Some(5)));
            assert_eq!(Value::Object(wishes.more), json!({"temperature": 0.25}));
            messages.iter().map(|line| format!("{}: {}", line.role.name(), line.content)).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(said(json!("Hi")), "system: Be brief.; user: Hi");
        let parts = json!([{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]);
        let answer = json!({
            "type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
            "content": [{"type": "output_text", "text": "c", "annotations": []}],
        });
        let items = json!([{"role": "developer", "content": "d"}, {"role": "user", "content": parts}, answer]);
        assert_eq!(said(items), "system: Be brief.; system: d; user: ab; assistant: c");
    }

    #[test]
    fn what_is_not_done_is_named() {
        let image = json!([{"type": "input_image", "image_url": "https://example.com/a.png"}]);
        for (more, code, field) in [
            (json!({"model": "unknown"}), "model_not_found", "model"),
            (json!({"model": null}), "invalid_request", "model"),
            (json!({"input": null}), "invalid_request", "input"),
            (json!({"input": []}), "invalid_request", "input"),
            (json!({"input": 7}), "invalid_request", "input"),
            (json!({"input": vec![json!({"role": "user", "content": ""}); 201]}), "invalid_request", "input"),
            (json!({"input": [{"role": "user", "content": image}]}), "unsupported_parameter", "input[0].content"),
            (json!({"input": [{"role": "tool", "content": "x"}]}), "unsupported_parameter", "input[0].role"),
            (json!({"input": [{"role": "robot", "content": "x"}]}), "invalid_request", "input[0].role"),
            (json!({"input": [{"content": "x"}]}), "invalid_request", "input[0].role"),
            (json!({"input": [{"role": "user"}]}), "invalid_request", "input[0].content"),
            (
                json!({"input": [{"type": "function_call_output", "output": "x"}]}),
                "unsupported_parameter",
                "input[0].type",
            ),
            (json!({"max_output_tokens": 0}), "invalid_request", "max_output_tokens"),
            (json!({"temperature": 2.5}), "invalid_request", "temperature"),
            (json!({"stream": "yes"}), "invalid_request", "stream"),
            (json!({"store": true}), "unsupported_parameter", "store"),
            (json!({"tools": [{"type": "web_search"}]}), "unsupported_parameter", "tools"),
            (json!({"previous_response_id": "resp_1"}), "unsupported_parameter", "previous_response_id"),
            (json!({"conversation": "conv_1"}), "unsupported_parameter", "conversation"),
            (json!({"background": true}), "unsupported_parameter", "background"),
            (json!({"reasoning": {"effort": "high"}}), "unsupported_parameter", "reasoning"),
            (json!({"text": {"format": {"type": "json_schema"}}}), "unsupported_parameter", "text"),
            (json!({"include": ["message.output_text.logprobs"]}), "unsupported_parameter", "include"),
            (json!({"truncation": "auto"}), "unsupported_parameter", "truncation"),
            (json!({"messages": [{"role": "user", "content": "x"}]}), "unsupported_parameter", "messages"),
        ] {
            let told = checked(more.clone()).map(|_| ()).unwrap_err();
            assert_eq!(told, (code.to_owned(), field.to_owned()), "{more}");
        }
    }
}
