//! What a streamed chat completion has said so far.

use std::borrow::Cow;

use super::{Event, Splitter};
use crate::completions::{Chunk, ChunkReader, Joined, ProviderError, StreamedChunk, TextBytes, Usage};

/// The largest event taken; the largest seen from the vendor (a usage chunk) is under 2 kB.
const EVENT_LIMIT: usize = 1024 * 1024;

/// Collects a chat completion from its event stream, cut anywhere: the text that a reader of the same bytes has.
///
/// The text is the first choice's `delta.content`; reasoning is left out. It ends with `[DONE]` or with an error, as for readers.
/// Events that are no chunk are counted, not fatal: the reader gets them too, and the text around them still counts.
#[derive(Debug)]
pub struct Transcript {
    splitter: Splitter,
    said: Said,
    bytes: u64,
    /// Once it is finished.
    gap: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Said {
    reader: ChunkReader,
    text: Joined,
    usage: Option<Usage>,
    finish_reason: Option<String>,
    model: Option<String>,
    error: Option<ProviderError>,
    done: bool,
    chunks: u64,
    malformed: u64,
    reasoning: TextBytes,
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

impl Transcript {
    /// An empty transcript.
    #[must_use]
    pub fn new() -> Self {
        Self { splitter: Splitter::new(EVENT_LIMIT), said: Said::default(), bytes: 0, gap: None }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let said = &mut self.said;
        if self.splitter.push(bytes, |event| said.take(&event)).is_err() {
            self.said.malformed += 1;
        }
    }

    /// The stream has ended; takes an event that lacked only its blank line.
    pub fn finish(&mut self) {
        self.gap.get_or_insert(self.splitter.gap());
        let said = &mut self.said;
        self.splitter.finish(|event| said.take(&event));
        self.said.text.finish();
    }

    /// What must be written after the last byte, so that readers take what [`Transcript::finish`] has taken and an event of our own
    /// is one.
    #[must_use]
    pub fn gap(&self) -> &'static str {
        self.gap.unwrap_or_else(|| self.splitter.gap())
    }

    /// The answer so far, in whole characters.
    #[must_use]
    pub fn text(&self) -> &str {
        self.said.text.as_str()
    }

    /// Takes the answer out, leaving an empty one.
    pub fn take_text(&mut self) -> String {
        self.said.text.take()
    }

    /// Token counts: the last ones seen.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.said.usage
    }

    /// Why the model stopped (`stop`, `length`, …), once it has said so.
    #[must_use]
    pub fn finish_reason(&self) -> Option<&str> {
        self.said.finish_reason.as_deref()
    }

    /// The model that answers, by its own account.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.said.model.as_deref()
    }

    /// Whether the answer is over, whatever upstream does with its connection: `[DONE]` or an error has come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.said.is_over()
    }

    /// An error that arrived inside the stream.
    #[must_use]
    pub fn error(&self) -> Option<&ProviderError> {
        self.said.error.as_ref()
    }

    /// Whether `[DONE]` was seen.
    #[must_use]
    pub fn done(&self) -> bool {
        self.said.done
    }

    /// Events that carried a chunk or an error.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.said.chunks
    }

    /// Events that were neither; also counts each push after one that was too large.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.said.malformed
    }

    /// How much reasoning there was, which is left out of the text.
    #[must_use]
    pub fn reasoning(&self) -> TextBytes {
        self.said.reasoning
    }

    /// Bytes taken.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Said {
    fn is_over(&self) -> bool {
        self.done || self.error.is_some()
    }

    fn take(&mut self, event: &Event<'_>) {
        if self.is_over() {
            return;
        }
        if event.data == "[DONE]" && event.name != "error" {
            self.done = true;
            return;
        }
        // Readers go by the event's name too, whatever it says.
        if event.name == "error" {
            self.chunks += 1;
            let said = Chunk::parse(&event.data).ok().and_then(|chunk| chunk.error);
            self.error = said.or_else(|| Some(ProviderError::in_words(&event.data)));
            return;
        }
        let chunk = match self.reader.read(&event.data) {
            Ok(StreamedChunk::Whole(chunk)) => chunk,
            Ok(StreamedChunk::Text(text)) => {
                self.chunks += 1;
                return self.text.push(&Cow::Borrowed(text).into());
            }
            Err(_) => {
                self.malformed += 1;
                return;
            }
        };
        self.chunks += 1;
        // The error comes first: a chunk with one can have choices that mean nothing.
        if chunk.error.is_some() {
            self.error = chunk.error;
            return;
        }
        if self.model.is_none() {
            self.model = chunk.model.map(|model| model.into_owned());
        }
        self.reasoning += chunk.reasoning;
        self.text.push(&chunk.content);
        if let Some(reason) = chunk.finish_reason {
            self.finish_reason = Some(reason.into_owned());
        }
        self.usage = chunk.usage.or(self.usage);
    }
}
