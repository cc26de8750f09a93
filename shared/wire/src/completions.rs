//! The chat-completions protocol as SambaNova speaks it: request, chunk, usage, errors.
//!
//! Parsing is tolerant on purpose (`chunk.rs`): what the vendor documents and what it sends have differed before.

mod chunk;
mod error;
mod replay;
mod retry_after;
#[cfg(test)]
mod tests;
mod text;

pub use chunk::{ChunkReader, StreamedChunk};
pub use error::{ProviderError, ProviderErrorKind};
pub use replay::{text_chunk, text_end};
pub use retry_after::parse_retry_after;
pub use text::{Joined, Text};

use std::borrow::Cow;
use std::iter::Sum;
use std::ops::AddAssign;

use serde::Serialize;
use serde_json::{Map, Value};

/// Who speaks. The vendor knows no `developer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
struct StreamOptions {
    /// Ask for a last chunk with token counts.
    include_usage: bool,
}

/// The body of `POST /chat/completions`: every answer streams, and tells its token counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatRequest<'a> {
    model: &'a str,
    messages: &'a [ChatMessage<'a>],
    max_tokens: u32,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

impl<'a> ChatRequest<'a> {
    /// A request for an answer of at most `max_tokens` to `messages`, oldest first. `more` are further members, by other names than these.
    #[must_use]
    pub fn new(model: &'a str, messages: &'a [ChatMessage<'a>], max_tokens: u32, more: &'a Map<String, Value>) -> Self {
        let stream_options = StreamOptions { include_usage: true };
        Self { model, messages, max_tokens, stream: true, stream_options, more }
    }

    /// The request as JSON.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        // Strings, numbers and booleans: serialising them has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Token counts of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the conversation sent.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
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

/// Bytes of a text that is counted and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextBytes {
    /// Within ASCII.
    pub ascii: u64,
    /// Of all other characters.
    pub other: u64,
}

impl TextBytes {
    /// Counts a text's.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let ascii = text.bytes().filter(u8::is_ascii).count();
        Self { ascii: ascii as u64, other: (text.len() - ascii) as u64 }
    }
}

impl AddAssign for TextBytes {
    fn add_assign(&mut self, more: Self) {
        self.ascii += more.ascii;
        self.other += more.other;
    }
}

impl Sum for TextBytes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
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
    /// What it adds to the model's reasoning, which is no part of the answer and is billed all the same.
    pub reasoning: TextBytes,
    /// Why the model stopped.
    pub finish_reason: Option<Cow<'a, str>>,
    /// Token counts, usually in a chunk of their own.
    pub usage: Option<Usage>,
}
