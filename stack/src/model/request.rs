//! A chat request, read as SambaNova reads it.

use serde::Deserialize;
use serde_json::Value;

/// What the demo model looks at; it takes and ignores the rest, as the real one does.
#[derive(Debug, Deserialize)]
pub struct ChatRequest {
    /// Model name.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Whether to stream.
    #[serde(default)]
    pub stream: Option<bool>,
    /// `include_usage`
    #[serde(default)]
    pub stream_options: Option<StreamOptions>,
    /// Most tokens of an answer.
    #[serde(default, alias = "max_completion_tokens")]
    pub max_tokens: Option<u64>,
}

/// Options of a stream.
#[derive(Debug, Deserialize)]
pub struct StreamOptions {
    /// A usage chunk at the end.
    #[serde(default)]
    pub include_usage: bool,
}

/// One message.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: String,
    /// Text, or parts with text.
    #[serde(default)]
    pub content: Value,
}

impl Message {
    /// The text of the message, parts joined.
    pub fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }
}

impl ChatRequest {
    /// What the user said last.
    pub fn last_user_text(&self) -> String {
        self.messages.iter().rev().find(|message| message.role == "user").map(Message::text).unwrap_or_default()
    }

    /// What every message says.
    pub fn texts(&self) -> Vec<String> {
        self.messages.iter().map(Message::text).collect()
    }

    /// About as many tokens as the conversation has: one for every four bytes, and some for each message.
    pub fn prompt_tokens(&self) -> u64 {
        self.messages.iter().map(|message| 4 + tokens(&message.text())).sum()
    }

    /// Whether the client wants a usage chunk.
    pub fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage)
    }
}

/// About as many tokens as a text has.
pub fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}
