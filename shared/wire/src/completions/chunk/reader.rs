//! The chunks of one stream, each with a look at an earlier one: most say another text and nothing else. Where one string without escapes stands in place
//! of another, the JSON around it means what it meant, so it is not read again.

#[cfg(test)]
mod tests;

use crate::completions::{Chunk, MalformedCompletion, TextBytes};

/// The most that is kept of a chunk for the next, in bytes; the usual ones have some 200.
const TEMPLATE_LIMIT: usize = 2 * 1024;

/// So many templates in a row that no later chunk was like, and none is made any more: the provider has something else in each.
const UNUSED_LIMIT: u8 = 16;

/// Reads the chunks of one stream.
#[derive(Debug, Default)]
pub struct ChunkReader {
    template: Option<Template>,
    /// Templates since the last that was of use.
    unused: u8,
}

/// What one chunk of a stream says.
#[derive(Debug, PartialEq)]
pub enum StreamedChunk<'a> {
    /// This text, and else what an earlier chunk has said; that one had no reasoning, no usage, no reason to end and no error.
    Text(&'a str),
    /// All of it.
    Whole(Chunk<'a>),
}

impl ChunkReader {
    /// Reads the data of the next event (not `[DONE]`), as [`Chunk::parse`] does.
    ///
    /// # Errors
    /// [`MalformedCompletion`]: a browser's `JSON.parse` would refuse it too.
    pub fn read<'a>(&mut self, data: &'a str) -> Result<StreamedChunk<'a>, MalformedCompletion> {
        if let Some(text) = self.template.as_ref().and_then(|template| template.text_of(data)) {
            self.unused = 0;
            return Ok(StreamedChunk::Text(text));
        }
        let chunk = Chunk::parse(data)?;
        if self.unused < UNUSED_LIMIT
            && let Some(template) = Template::of(data, &chunk)
        {
            self.unused += 1;
            self.template = Some(template);
        }
        Ok(StreamedChunk::Whole(chunk))
    }
}

/// What stands around a chunk's text, its quotes included.
#[derive(Debug)]
struct Template {
    prefix: String,
    suffix: String,
}

impl Template {
    /// Nothing where the chunk says something besides its text, or its text has escapes.
    fn of(data: &str, chunk: &Chunk<'_>) -> Option<Self> {
        let Chunk { error: None, model: _, content, reasoning, finish_reason: None, usage: None } = chunk else {
            return None;
        };
        let text = content.borrowed().filter(|text| !text.is_empty() && *reasoning == TextBytes::default())?;
        if data.len() - text.len() > TEMPLATE_LIMIT {
            return None;
        }
        // Borrowed text is a part of `data`, between its quotes.
        let at = text.as_ptr().addr().checked_sub(data.as_ptr().addr())?;
        let (prefix, suffix) = (data.get(..at)?, data.get(at + text.len()..)?);
        let is_quoted = prefix.ends_with('"') && suffix.starts_with('"');
        is_quoted.then(|| Self { prefix: prefix.to_owned(), suffix: suffix.to_owned() })
    }

    fn text_of<'a>(&self, data: &'a str) -> Option<&'a str> {
        let text = data.strip_prefix(&*self.prefix)?.strip_suffix(&*self.suffix)?;
        let is_plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        is_plain.then_some(text)
    }
}
