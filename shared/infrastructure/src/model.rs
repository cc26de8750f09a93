//! The model: one request, its head, its errors in our classes.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::{Ending, MessageRole, Prompt, TokenUsage, estimated_tokens};
use http::{Method, Request, StatusCode, header};
use platform::{HttpError, Opened, Upstream, UpstreamBody};
use serde_json::{Map, Value};
use wire::completions::{ChatMessage, ChatRequest, ProviderError, Role, Usage, parse_retry_after};

pub use wire::completions::{Chunk, Joined, text_chunk, text_end};
pub use wire::sse::{Event, Splitter, Transcript, first_event, whole_events, without_ids, write_event};

use crate::ModelError;

/// How much of an error body is read: SambaNova's are below 1 kB.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// How much of the list of models is read.
const LIST_LIMIT: usize = 1024 * 1024;

/// What a client wants of the model beyond an answer; by default nothing.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The model to be asked first.
    pub model: Option<String>,
    /// The longest answer, in tokens; never more than the operator allows.
    pub max_tokens: Option<u32>,
    /// Further members of the request, such as `temperature`, checked by whoever took them.
    pub more: Map<String, Value>,
}

impl Wishes {
    /// Tokens of what is sent beside the conversation, estimated: a schema of `response_format` is read by the model, and billed.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.more.iter().map(|(name, value)| estimated_tokens(name) + estimated_tokens(&value.to_string())).sum()
    }
}

/// The model's client.
#[derive(Clone)]
pub struct Model {
    upstream: Rc<dyn Upstream>,
    endpoint: Rc<str>,
    key: Rc<str>,
}

impl Model {
    /// A client for the API at `base` (without `/chat/completions`). Nothing is sent yet.
    #[must_use]
    pub fn new(upstream: Rc<dyn Upstream>, base: &str, key: &str) -> Self {
        let endpoint = format!("{}/chat/completions", base.trim_end_matches('/'));
        Self { upstream, endpoint: endpoint.into(), key: key.into() }
    }

    /// Asks `model` and waits at most `first_byte` for the head of a 200; its body is still on the wire.
    ///
    /// # Errors
    /// [`ModelError`] in every case but a 200.
    pub async fn open(
        &self,
        model: &str,
        prompt: &Prompt,
        max_tokens: u32,
        wishes: &Wishes,
        first_byte: Duration,
    ) -> Result<Box<dyn UpstreamBody>, ModelError> {
        let lines: Vec<ChatMessage<'_>> = prompt
            .lines()
            .iter()
            .map(|line| ChatMessage { role: role(line.role), content: line.content.as_str().into() })
            .collect();
        let max_tokens = wishes.max_tokens.map_or(max_tokens, |wish| wish.min(max_tokens));
        let body = ChatRequest::new(model, &lines, max_tokens, &wishes.more).body();
        let request = Request::builder()
            .method(Method::POST)
            .uri(&*self.endpoint)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Bytes::from(body))
            .map_err(|error| ModelError::NotSent(error.to_string()))?;
        let opened = self.upstream.open(request, first_byte).await.map_err(unreachable)?;
        if opened.status == StatusCode::OK { Ok(opened.body) } else { Err(refusal(opened).await) }
    }

    /// The models that the key may ask, by their ids, if they come `within` this time.
    ///
    /// # Errors
    /// [`ModelError`] in every case but a list.
    pub async fn list(&self, within: Duration) -> Result<Vec<String>, ModelError> {
        let base = self.endpoint.trim_end_matches("/chat/completions");
        let request = Request::builder()
            .uri(format!("{base}/models"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Bytes::new())
            .map_err(|error| ModelError::NotSent(error.to_string()))?;
        let opened = self.upstream.open(request, within).await.map_err(unreachable)?;
        if opened.status != StatusCode::OK {
            return Err(refusal(opened).await);
        }
        let body = opened.body.collect(LIST_LIMIT).await.map_err(unreachable)?;
        let list: Value = serde_json::from_slice(&body).map_err(|_| ModelError::Empty)?;
        let models = list.get("data").and_then(Value::as_array).ok_or(ModelError::Empty)?;
        Ok(models.iter().filter_map(|model| Some(model.get("id")?.as_str()?.to_owned())).collect())
    }
}

/// What an answer means that is no 200.
async fn refusal(opened: Opened) -> ModelError {
    let text = |name| opened.headers.get(name).and_then(|value| value.to_str().ok());
    let retry_after = text(header::RETRY_AFTER)
        .and_then(|value| parse_retry_after(value, text(header::DATE)))
        .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
        .filter(|seconds| *seconds > 0);
    let body = opened.body.collect(ERROR_BODY_LIMIT).await.unwrap_or_default();
    ModelError::refused(ProviderError::parse(opened.status.as_u16(), &body), retry_after)
}

/// The error that a stream holds, in our classes.
#[must_use]
pub fn error_in_stream(transcript: &Transcript) -> Option<ModelError> {
    Some(ModelError::refused(transcript.error()?.clone(), None))
}

/// How an answer has ended, as far as its own words say: with `[DONE]`, or with the reason why it ends, which some vendors send
/// without `[DONE]`. `None`: it has not come to its end, or an error has come.
#[must_use]
pub fn own_ending(transcript: &Transcript) -> Option<Ending> {
    let is_whole = transcript.error().is_none() && (transcript.done() || transcript.finish_reason().is_some());
    is_whole.then(|| Ending::by(transcript.finish_reason()))
}

/// The most tokens that are believed: what the database's column holds.
const MOST_TOKENS: u64 = i32::MAX.unsigned_abs() as u64;

/// The model's counts in our words. `None`: it has counted nothing, not even the prompt.
#[must_use]
pub fn token_usage(usage: Usage) -> Option<TokenUsage> {
    let Usage { prompt_tokens, completion_tokens } = usage;
    (prompt_tokens > 0)
        .then(|| TokenUsage { prompt: prompt_tokens.min(MOST_TOKENS), completion: completion_tokens.min(MOST_TOKENS) })
}

fn role(role: MessageRole) -> Role {
    match role {
        MessageRole::System => Role::System,
        MessageRole::User => Role::User,
        MessageRole::Assistant => Role::Assistant,
    }
}

fn unreachable(cause: HttpError) -> ModelError {
    match cause {
        HttpError::Timeout(limit) => ModelError::Timeout(limit.as_secs()),
        HttpError::Connection(_) | HttpError::TooLarge(_) => ModelError::Unreachable(cause.to_string()),
        HttpError::BadRequest(_) => ModelError::NotSent(cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_beside_a_conversation_counts() {
        let wishes = |more: Value| Wishes { more: more.as_object().unwrap().clone(), ..Wishes::default() };
        assert_eq!(Wishes::default().tokens(), 0);
        let schema = serde_json::json!({"response_format": {"type": "json_schema", "schema": "x".repeat(9_000)}});
        assert!(wishes(schema).tokens() > 3_000);
    }

    #[test]
    fn counts_that_cannot_be_are_none_or_bounded() {
        let usage = |prompt_tokens, completion_tokens| token_usage(Usage { prompt_tokens, completion_tokens });
        assert_eq!(usage(12, 3), Some(TokenUsage { prompt: 12, completion: 3 }));
        assert_eq!((usage(0, 0), usage(0, 7)), (None, None));
        assert_eq!(usage(u64::MAX, 3_000_000_000), Some(TokenUsage { prompt: MOST_TOKENS, completion: MOST_TOKENS }));
    }
}
