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

/// Who speaks in a client's conversation.
#[derive(Clone, Copy, ToSchema)]
#[schema(as = ConversationRole, rename_all = "snake_case")]
pub(super) enum ClientRole {
    System,
    Developer,
    User,
    Assistant,
}

impl ClientRole {
    fn named(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "developer" => Some(Self::Developer),
            "user" => Some(Self::User),
            "assistant" => Some(Self::Assistant),
            _ => None,
        }
    }
}

/// One message of the conversation.
#[derive(Deserialize, ToSchema)]
#[schema(as = CompletionMessage)]
struct Line {
    #[schema(value_type = ClientRole)]
    role: String,
    /// What is said.
    content: Content,
}

/// A text, or parts that are texts.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = CompletionContent)]
pub(super) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message.
#[derive(Deserialize, ToSchema)]
#[schema(as = CompletionPart)]
pub(super) struct Part {
    /// `text`; of a response `input_text` or `output_text`.
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
        are_few("messages", self.messages.len())?;
        let mut more = chances(self.temperature, self.top_p)?;
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
        let role = role(&self.role, &format!("messages[{at}].role"))?;
        Ok(PromptMessage { role, content: self.content.text(&["text"], &format!("messages[{at}].content"))? })
    }
}

impl Content {
    /// What is said, in parts of these types alone; `field` is where it stands.
    ///
    /// # Errors
    /// 400 for parts of other types.
    pub(super) fn text(self, kinds: &[&str], field: &str) -> Result<String, Problem> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Parts(parts) => {
                let texts = parts.into_iter().map(|part| part.text.filter(|_| kinds.contains(&part.kind.as_str())));
                let texts: Option<Vec<String>> = texts.collect();
                Ok(texts.ok_or_else(|| Problem::unsupported_parameter(field))?.concat())
            }
        }
    }
}

/// Who speaks; `field` is where it stands.
///
/// # Errors
/// 400 for others.
pub(super) fn role(name: &str, field: &str) -> Result<MessageRole, Problem> {
    match ClientRole::named(name) {
        // The vendor knows no `developer`.
        Some(ClientRole::System | ClientRole::Developer) => Ok(MessageRole::System),
        Some(ClientRole::User) => Ok(MessageRole::User),
        Some(ClientRole::Assistant) => Ok(MessageRole::Assistant),
        None if ["tool", "function"].contains(&name) => Err(Problem::unsupported_parameter(field)),
        None => Err(Problem::invalid_field(field, "A role is `system`, `developer`, `user` or `assistant`.")),
    }
}

/// Members of the model's request that say how much is left to chance.
///
/// # Errors
/// 400 for a number that is out of range.
pub(super) fn chances(temperature: Option<f64>, top_p: Option<f64>) -> Result<Map<String, Value>, Problem> {
    let mut members = Map::new();
    for (name, given, most) in [("temperature", temperature, 2.0), ("top_p", top_p, 1.0)] {
        let Some(given) = given else { continue };
        if !(0.0..=most).contains(&given) {
            return Err(Problem::invalid_field(name, format!("`{name}` must be a number from 0 to {most}.")));
        }
        members.insert(name.to_owned(), given.into());
    }
    Ok(members)
}

/// Whether a conversation has no more messages than one may have; `field` is where they stand.
///
/// # Errors
/// 400 for none, and for too many.
pub(super) fn are_few(field: &str, messages: usize) -> Result<(), Problem> {
    if (1..=MOST_MESSAGES).contains(&messages) {
        return Ok(());
    }
    Err(Problem::invalid_field(field, format!("`{field}` must have 1 to {MOST_MESSAGES} messages.")))
}

/// What a member without a meaning may hold.
pub(super) fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn is_stop(stop: &Value) -> bool {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let are_texts = |several: &Vec<Value>| (1..=4).contains(&several.len()) && several.iter().all(is_text);
    is_text(stop) || stop.as_array().is_some_and(are_texts)
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
