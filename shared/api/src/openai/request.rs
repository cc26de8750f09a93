//! What a client of OpenAI's API sends, as far as this API reads it.

use application::Wishes;
use domain::{MessageRole, ModelList, PromptMessage};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::problem::Problem;

/// The longest body, in bytes.
pub(super) const MESSAGES_BYTES: usize = 64 * 1024;

/// The most messages of a conversation.
const MOST_MESSAGES: usize = 200;

/// A conversation to be answered. Members that are not named here are ignored.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Completion {
    /// One of `GET /v1/models`. Where that one is gone another answers: the answer names it.
    model: String,
    /// 1 to 200, oldest first.
    messages: Vec<Line>,
    /// Never more than `CHAT_MAX_TOKENS`.
    max_tokens: Option<u32>,
    /// The same by its newer name.
    max_completion_tokens: Option<u32>,
    /// 0 to 2.
    temperature: Option<f64>,
    /// 0 to 1.
    top_p: Option<f64>,
    /// A text, or up to four.
    #[schema(value_type = Option<Object>)]
    stop: Option<Value>,
    /// `{"type": "text"}` or `{"type": "json_object"}`.
    #[schema(value_type = Option<Object>)]
    response_format: Option<Value>,
    /// `true`: the answer streams.
    stream: Option<bool>,
    /// 1: only one answer is made.
    n: Option<u32>,
    /// Refused unless empty.
    #[schema(value_type = Option<Object>)]
    tools: Option<Value>,
    /// Refused unless empty.
    #[schema(value_type = Option<Object>)]
    functions: Option<Value>,
}

/// One message of the conversation.
#[derive(Deserialize, ToSchema)]
#[schema(as = CompletionMessage)]
struct Line {
    /// `system`, `developer`, `user` or `assistant`.
    role: String,
    /// What is said.
    content: Content,
}

/// A text, or parts of type `text`.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = CompletionContent)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message.
#[derive(Deserialize, ToSchema)]
#[schema(as = CompletionPart)]
struct Part {
    /// `text`.
    #[serde(rename = "type")]
    kind: String,
    /// What is said.
    text: Option<String>,
}

impl Completion {
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
        for (name, given) in [("tools", &self.tools), ("functions", &self.functions)] {
            if given.as_ref().is_some_and(|given| !is_empty(given)) {
                return Err(Problem::unsupported_parameter(name));
            }
        }
        if self.n.is_some_and(|answers| answers != 1) {
            return Err(Problem::unsupported_parameter("n"));
        }
        if self.messages.is_empty() || self.messages.len() > MOST_MESSAGES {
            let rule = format!("`messages` must have 1 to {MOST_MESSAGES} messages.");
            return Err(Problem::invalid_field("messages", rule));
        }
        let mut more = Map::new();
        for (name, given, most) in [("temperature", self.temperature, 2.0), ("top_p", self.top_p, 1.0)] {
            let Some(given) = given else { continue };
            if !(0.0..=most).contains(&given) {
                return Err(Problem::invalid_field(name, format!("`{name}` must be a number from 0 to {most}.")));
            }
            more.insert(name.to_owned(), given.into());
        }
        if let Some(stop) = self.stop.filter(|stop| !stop.is_null()) {
            if !is_stop(&stop) {
                return Err(Problem::invalid_field(
                    "stop",
                    "`stop` must be a text that is not empty, or a list of up to four.",
                ));
            }
            more.insert("stop".to_owned(), stop);
        }
        if let Some(format) = self.response_format.filter(|format| !format.is_null()) {
            if !format.is_object() {
                return Err(Problem::invalid_field("response_format", "`response_format` must be an object."));
            }
            // A schema is the client's own program for the vendor: one that it fails on would count against the model for everybody.
            if !matches!(format.get("type").and_then(Value::as_str), Some("text" | "json_object")) {
                return Err(Problem::unsupported_parameter("response_format"));
            }
            more.insert("response_format".to_owned(), format);
        }
        let max_tokens = self.max_completion_tokens.or(self.max_tokens);
        if max_tokens == Some(0) {
            return Err(Problem::invalid_field("max_tokens", "`max_tokens` must be at least 1."));
        }
        let messages = self.messages.into_iter().enumerate().map(|(at, line)| line.checked(at));
        let messages = messages.collect::<Result<_, _>>()?;
        Ok((messages, Wishes { model: Some(self.model), max_tokens, more }))
    }
}

impl Line {
    fn checked(self, at: usize) -> Result<PromptMessage, Problem> {
        let role = match self.role.as_str() {
            // The vendor knows no `developer`.
            "system" | "developer" => MessageRole::System,
            "user" => MessageRole::User,
            "assistant" => MessageRole::Assistant,
            "tool" | "function" => return Err(Problem::unsupported_parameter(&format!("messages[{at}].role"))),
            _ => {
                let rule = "A role is `system`, `developer`, `user` or `assistant`.";
                return Err(Problem::invalid_field(&format!("messages[{at}].role"), rule));
            }
        };
        let content = match self.content {
            Content::Text(text) => text,
            Content::Parts(parts) => {
                let texts = parts.into_iter().map(|part| part.text.filter(|_| part.kind == "text"));
                let texts: Option<Vec<String>> = texts.collect();
                texts.ok_or_else(|| Problem::unsupported_parameter(&format!("messages[{at}].content")))?.concat()
            }
        };
        Ok(PromptMessage { role, content })
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn is_stop(stop: &Value) -> bool {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let are_few = |several: &Vec<Value>| (1..=4).contains(&several.len()) && several.iter().all(is_text);
    is_text(stop) || stop.as_array().is_some_and(are_few)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(body: Value) -> Result<(Vec<PromptMessage>, Wishes), (String, String)> {
        let models: ModelList = ModelList::parse("m@1/2,other").unwrap();
        let completion = crate::input::parse::<Completion>(body.to_string().as_bytes());
        completion
            .and_then(|completion| completion.checked(&models))
            .map_err(|problem| (problem.code().name().to_owned(), problem.detail().field.clone().unwrap_or_default()))
    }

    fn with(more: Value) -> Value {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    #[test]
    fn a_conversation_is_read_as_its_client_means_it() {
        let (messages, wishes) = checked(with(json!({
            "messages": [
                {"role": "developer", "content": "Be brief.", "name": "ignored"},
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                {"role": "assistant", "content": "c"},
            ],
            "max_tokens": 7, "max_completion_tokens": 5, "temperature": 0.25, "top_p": null, "stop": ["x"],
            "response_format": {"type": "json_object"}, "user": "dropped", "tools": [], "logprobs": true,
        })))
        .unwrap();
        let said: Vec<_> = messages.iter().map(|line| (line.role.name(), line.content.as_str())).collect();
        assert_eq!(said, [("system", "Be brief."), ("user", "ab"), ("assistant", "c")]);
        assert_eq!((wishes.model.as_deref(), wishes.max_tokens), (Some("m"), Some(5)));
        let more = json!({"temperature": 0.25, "stop": ["x"], "response_format": {"type": "json_object"}});
        assert_eq!(Value::Object(wishes.more), more);
    }

    #[test]
    fn what_cannot_be_done_is_named() {
        let image = json!([{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]);
        for (more, code, field) in [
            (json!({"model": "unknown"}), "model_not_found", "model"),
            (json!({"model": null}), "invalid_request", "model"),
            (json!({"messages": []}), "invalid_request", "messages"),
            (json!({"messages": vec![json!({"role": "user", "content": ""}); 201]}), "invalid_request", "messages"),
            (json!({"messages": [{"role": "user"}]}), "invalid_request", "content"),
            (json!({"messages": [{"role": "user", "content": image}]}), "unsupported_parameter", "messages[0].content"),
            (json!({"messages": [{"role": "tool", "content": "x"}]}), "unsupported_parameter", "messages[0].role"),
            (json!({"messages": [{"role": "robot", "content": "x"}]}), "invalid_request", "messages[0].role"),
            (json!({"tools": [{"type": "function"}]}), "unsupported_parameter", "tools"),
            (json!({"functions": [{}]}), "unsupported_parameter", "functions"),
            (json!({"n": 2}), "unsupported_parameter", "n"),
            (json!({"temperature": 2.5}), "invalid_request", "temperature"),
            (json!({"top_p": -0.1}), "invalid_request", "top_p"),
            (json!({"stop": [1]}), "invalid_request", "stop"),
            (json!({"stop": ""}), "invalid_request", "stop"),
            (json!({"stop": ["a", ""]}), "invalid_request", "stop"),
            (json!({"stop": ["a", "b", "c", "d", "e"]}), "invalid_request", "stop"),
            (json!({"response_format": "json"}), "invalid_request", "response_format"),
            (json!({"response_format": {"type": "json_schema"}}), "unsupported_parameter", "response_format"),
            (json!({"max_tokens": 0}), "invalid_request", "max_tokens"),
            (json!({"stream": "yes"}), "invalid_request", "stream"),
        ] {
            let told = checked(with(more.clone())).map(|_| ()).unwrap_err();
            assert_eq!(told, (code.to_owned(), field.to_owned()), "{more}");
        }
    }
}
