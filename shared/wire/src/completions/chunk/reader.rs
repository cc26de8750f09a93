//! The chunks of one stream, each with a look at the one before: most say another text and nothing else. Where one string without escapes stands in place
//! of another, the JSON around it means what it meant, so it is not read again.

use crate::completions::{Chunk, MalformedCompletion, TextBytes};

/// The most that is kept of a chunk for the next, in bytes; the usual ones have some 200.
const AROUND_LIMIT: usize = 2 * 1024;

/// Reads the chunks of one stream.
#[derive(Debug, Default)]
pub struct ChunkReader {
    before: Option<Around>,
}

/// What one chunk of a stream says.
#[derive(Debug, PartialEq)]
pub enum Said<'a> {
    /// This text, and else what the chunk before has said.
    Text(&'a str),
    /// All of it.
    Chunk(Chunk<'a>),
}

impl ChunkReader {
    /// Reads the data of the next event (not `[DONE]`), as [`Chunk::parse`] does.
    ///
    /// # Errors
    /// [`MalformedCompletion`]: a reader's `JSON.parse` would refuse it too.
    pub fn read<'a>(&mut self, data: &'a str) -> Result<Said<'a>, MalformedCompletion> {
        if let Some(text) = self.before.as_ref().and_then(|before| before.text_of(data)) {
            return Ok(Said::Text(text));
        }
        let chunk = Chunk::parse(data)?;
        self.before = Around::of(data, &chunk);
        Ok(Said::Chunk(chunk))
    }
}

/// What stands around a chunk's text, its quotes included.
#[derive(Debug)]
struct Around {
    head: String,
    tail: String,
}

impl Around {
    /// Nothing where the chunk says something besides its text, or its text has escapes.
    fn of(data: &str, chunk: &Chunk<'_>) -> Option<Self> {
        let Chunk { error: None, model: _, content, reasoning, finish_reason: None, usage: None } = chunk else {
            return None;
        };
        let text = content.borrowed().filter(|text| !text.is_empty() && *reasoning == TextBytes::default())?;
        if data.len() - text.len() > AROUND_LIMIT {
            return None;
        }
        // Borrowed text is a part of `data`.
        let at = text.as_ptr().addr().checked_sub(data.as_ptr().addr())?;
        let (head, tail) = (data.get(..at)?, data.get(at + text.len()..)?);
        let is_quoted = head.ends_with('"') && tail.starts_with('"');
        is_quoted.then(|| Self { head: head.to_owned(), tail: tail.to_owned() })
    }

    fn text_of<'a>(&self, data: &'a str) -> Option<&'a str> {
        let text = data.strip_prefix(&*self.head)?.strip_suffix(&*self.tail)?;
        let is_plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        is_plain.then_some(text)
    }
}
