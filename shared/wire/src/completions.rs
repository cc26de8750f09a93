//! The chat-completions protocol as SambaNova speaks it: request, chunk, usage, errors.
//!
//! Parsing is tolerant on purpose: unknown keys are ignored, `choices` may be null or empty, `created` may be a float (it is not
//! read), an error may come inside a 200. What the vendor documents and what it sends have differed before.

mod error;
mod loose;
mod replay;
mod retry_after;
#[cfg(test)]
mod tests;
mod text;

pub use error::{ProviderError, ProviderErrorKind};
pub use replay::{text_chunk, text_end};
pub use retry_after::{RetryAfter, parse_retry_after};
pub use text::{Joined, Text};

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Who speaks. The vendor knows no `developer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The operator's instructions.
    System,
    /// The visitor.
    User,
    /// The model.
    Assistant,
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatMessage<'a> {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Cow<'a, str>,
}

/// What to send with a stream besides the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StreamOptions {
    /// Ask for a last chunk with token counts.
    pub include_usage: bool,
}

/// The body of `POST /chat/completions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatRequest<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The conversation, oldest first.
    pub messages: &'a [ChatMessage<'a>],
    /// The longest answer, in tokens.
    pub max_tokens: u32,
    /// Whether the answer streams.
    pub stream: bool,
    /// Only with `stream`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_options: Option<StreamOptions>,
}

impl<'a> ChatRequest<'a> {
    /// A request; a streaming one asks for token counts too.
    pub fn new(model: &'a str, messages: &'a [ChatMessage<'a>], max_tokens: u32, stream: bool) -> Self {
        let stream_options = stream.then_some(StreamOptions { include_usage: true });
        Self { model, messages, max_tokens, stream, stream_options }
    }

    /// The request as JSON.
    pub fn body(&self) -> Vec<u8> {
        // Strings, numbers and booleans: serialising them has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Token counts of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the conversation sent.
    #[serde(deserialize_with = "count")]
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    #[serde(deserialize_with = "count")]
    pub completion_tokens: u64,
    /// Both.
    #[serde(deserialize_with = "count")]
    pub total_tokens: u64,
}

/// A count that may come as a float or as null; anything else counts nothing rather than losing the chunk around it.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    // A float cast saturates: negative counts and NaN become 0.
    Ok(value.as_u64().or_else(|| value.as_f64().map(|float| float as u64)).unwrap_or_default())
}

/// An answer that is no JSON object of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed completion: {0}")]
pub struct MalformedCompletion(String);

impl MalformedCompletion {
    fn new(error: &serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// One event's data of a streamed answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk<'a> {
    /// An error inside the stream; look at it before anything else.
    pub error: Option<ProviderError>,
    /// The model that answers.
    pub model: Option<Cow<'a, str>>,
    /// The text that this chunk adds; empty in the first, last and usage chunks.
    pub content: Text<'a>,
    /// Why the model stopped.
    pub finish_reason: Option<Cow<'a, str>>,
    /// Token counts, usually in a chunk of their own.
    pub usage: Option<Usage>,
}

impl<'a> Chunk<'a> {
    /// Reads the data of one event (not `[DONE]`).
    ///
    /// # Errors
    /// [`MalformedCompletion`]: a reader's `JSON.parse` would refuse it too.
    pub fn parse(data: &'a str) -> Result<Self, MalformedCompletion> {
        // serde's derived structs read arrays too, by position.
        let is_object = data.trim_start().starts_with('{');
        match serde_json::from_str::<Envelope<'a>>(data) {
            Ok(raw) if is_object => Ok(Self::from(raw)),
            // A field of another type, a key twice, half a surrogate pair: what readers take must not be lost for it.
            Ok(_) | Err(_) => loose::parse(data),
        }
    }
}

impl<'a> From<Envelope<'a>> for Chunk<'a> {
    fn from(raw: Envelope<'a>) -> Self {
        let request_id = raw.request_id.map(Cow::into_owned);
        let mut chunk = Self {
            error: raw.error.filter(is_set).map(|error| ProviderError::from_json(None, error, request_id)),
            model: raw.model.map(|model| model.0),
            usage: raw.usage,
            ..Self::default()
        };
        if let Some(choice) = raw.choices.into_iter().flatten().next() {
            chunk.finish_reason = choice.finish_reason.map(|reason| reason.0);
            chunk.content =
                choice.delta.and_then(|delta| delta.content).map(|text| Text::from(text.0)).unwrap_or_default();
        }
        chunk
    }
}

/// Whether JavaScript takes the value for true: `"error": false` is no error.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A chunk as it usually comes.
#[derive(Deserialize)]
struct Envelope<'a> {
    error: Option<Value>,
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    model: Option<Borrowed<'a>>,
    #[serde(borrow)]
    choices: Option<Vec<Choice<'a>>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Borrowed<'a>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<Borrowed<'a>>,
}

/// serde borrows a `Cow` field by itself but not an `Option<Cow>`: that one is copied for every chunk.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
