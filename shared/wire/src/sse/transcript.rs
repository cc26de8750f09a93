//! What a streamed chat completion has said so far.

use super::Splitter;
use crate::completions::{Chunk, ProviderError, Usage};

/// The largest event taken; the largest seen from the vendor (a usage chunk) is under 2 kB.
const EVENT_LIMIT: usize = 1024 * 1024;

/// Collects a chat completion from its event stream, cut anywhere.
///
/// The text is the first choice's `delta.content`; reasoning is left out. Events that are no chunk are counted, not fatal: the
/// reader gets them too, and the text around them still counts.
#[derive(Debug)]
pub struct Transcript {
    splitter: Splitter,
    said: Said,
    bytes: u64,
}

#[derive(Debug, Default)]
struct Said {
    text: String,
    usage: Option<Usage>,
    finish_reason: Option<String>,
    model: Option<String>,
    error: Option<ProviderError>,
    done: bool,
    chunks: u64,
    malformed: u64,
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

impl Transcript {
    /// An empty transcript.
    pub fn new() -> Self {
        Self { splitter: Splitter::new(EVENT_LIMIT), said: Said::default(), bytes: 0 }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let said = &mut self.said;
        if self.splitter.push(bytes, |event| said.take(&event.data)).is_err() {
            self.said.malformed += 1;
        }
    }

    /// The stream has ended; takes an event that lacked only its blank line.
    pub fn finish(&mut self) {
        let said = &mut self.said;
        self.splitter.finish(|event| said.take(&event.data));
    }

    /// The answer so far.
    pub fn text(&self) -> &str {
        &self.said.text
    }

    /// Takes the answer out, leaving an empty one.
    pub fn take_text(&mut self) -> String {
        core::mem::take(&mut self.said.text)
    }

    /// Token counts: the last ones seen.
    pub fn usage(&self) -> Option<Usage> {
        self.said.usage
    }

    /// Why the model stopped (`stop`, `length`, …), once it has said so.
    pub fn finish_reason(&self) -> Option<&str> {
        self.said.finish_reason.as_deref()
    }

    /// The model that answers, by its own account.
    pub fn model(&self) -> Option<&str> {
        self.said.model.as_deref()
    }

    /// An error that arrived inside the stream.
    pub fn error(&self) -> Option<&ProviderError> {
        self.said.error.as_ref()
    }

    /// Whether `[DONE]` was seen.
    pub fn done(&self) -> bool {
        self.said.done
    }

    /// Events that carried a chunk or an error.
    pub fn chunks(&self) -> u64 {
        self.said.chunks
    }

    /// Events that were neither; also counts each push after one that was too large.
    pub fn malformed(&self) -> u64 {
        self.said.malformed
    }

    /// Bytes taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Said {
    fn take(&mut self, data: &str) {
        if self.done {
            return;
        }
        if data.trim_ascii() == "[DONE]" {
            self.done = true;
            return;
        }
        let Ok(chunk) = Chunk::parse(data) else {
            self.malformed += 1;
            return;
        };
        self.chunks += 1;
        // The error comes first: a chunk with one can have choices that mean nothing.
        if let Some(error) = chunk.error {
            self.error.get_or_insert(error);
            return;
        }
        if self.model.is_none() {
            self.model = chunk.model.map(|model| model.into_owned());
        }
        self.text.push_str(&chunk.content);
        if let Some(reason) = chunk.finish_reason {
            self.finish_reason = Some(reason.into_owned());
        }
        self.usage = chunk.usage.or(self.usage);
    }
}
