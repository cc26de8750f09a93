//! Where a reader is in an answer, and what of its copy they are still to be given.

use infrastructure::model::{Chunk, Splitter, first_event, text_chunk, write_event};
use infrastructure::redis::Look;
use platform::{BodyWriter, ReaderLeft};

/// Where a reader is in an answer. As an event's `id` it is `before-bytes-chars`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The place in a copy; `None`: the reader only knows its characters.
    pub in_copy: Option<InCopy>,
    /// Characters of the answer's text that the reader has.
    pub chars: usize,
}

/// A place in the copy of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InCopy {
    /// Characters of the answer before the run: tells a continued answer's runs apart.
    pub before: usize,
    /// Bytes of the copy that the reader has.
    pub bytes: u64,
}

impl Position {
    /// After so many characters.
    #[must_use]
    pub fn after(chars: usize) -> Self {
        Self { in_copy: None, chars }
    }

    /// Reads an event's `id`; `None`: it is not one of ours.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let mut parts = id.trim().split('-');
        let (before, bytes, chars) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let in_copy = InCopy { before: before.parse().ok()?, bytes: bytes.parse().ok()? };
        Some(Self { in_copy: Some(in_copy), chars: chars.parse().ok()? })
    }
}

/// Where a reader is, and the way to them.
pub(super) struct Place {
    pub(super) writer: Box<dyn BodyWriter>,
    pub(super) position: Position,
    /// Characters of the copy that the reader has already.
    skip: usize,
    /// Characters of the answer before the copy's run.
    before: usize,
    pub(super) is_in_copy: bool,
}

impl Place {
    /// A reader who has not been handed anything yet.
    pub(super) fn new(writer: Box<dyn BodyWriter>, position: Position) -> Self {
        Self { writer, position, skip: 0, before: 0, is_in_copy: false }
    }

    /// Finds the reader's place in the copy that `look` is into. `false`: this copy has nothing for them.
    pub(super) async fn enter(&mut self, look: &Look, stored: Option<&str>) -> Result<bool, ReaderLeft> {
        self.before = look.before;
        match self.position.in_copy {
            Some(place) if place.before == look.before && place.bytes <= look.length => {}
            _ if self.position.chars < look.before => {
                // What came before this run is in the row alone.
                let Some(stored) = stored else { return Ok(false) };
                let missing: String = stored.chars().take(look.before).skip(self.position.chars).collect();
                self.position =
                    Position { in_copy: Some(InCopy { before: look.before, bytes: 0 }), chars: look.before };
                let chunk = text_chunk("before", None, 0, &missing);
                self.event(write_event("", &chunk).as_bytes()).await?;
            }
            _ => {
                self.skip = self.position.chars - look.before;
                self.position.chars = look.before;
                self.position.in_copy = Some(InCopy { before: look.before, bytes: 0 });
            }
        }
        self.is_in_copy = true;
        Ok(true)
    }

    /// This copy is an earlier run's: the next one is found by characters.
    pub(super) fn leave_copy(&mut self) {
        self.is_in_copy = false;
        // The reader has more than this copy had: they have seen a part of the next run.
        self.position.chars += std::mem::take(&mut self.skip);
        self.position.in_copy = None;
    }

    /// Hands out the events of `bytes`; if they are the `last` of the answer, also one whose blank line is missing. Says whether there was any.
    pub(super) async fn events(&mut self, bytes: &[u8], last: bool) -> Result<bool, ReaderLeft> {
        let mut rest = bytes;
        let mut moved = false;
        while !rest.is_empty() {
            let Some(end) = first_event(rest).or(last.then_some(rest.len())) else { break };
            let (event, after) = rest.split_at(end);
            rest = after;
            moved = true;
            if let Some(place) = &mut self.position.in_copy {
                place.bytes += length(event);
            }
            self.pass(event).await?;
        }
        Ok(moved)
    }

    /// Hands out one event of the copy, or what of it the reader does not have.
    async fn pass(&mut self, event: &[u8]) -> Result<(), ReaderLeft> {
        let text = text_of(event);
        let chars = text.chars().count();
        self.position.chars += chars;
        if self.skip == 0 {
            return self.event(event).await;
        }
        let known = self.skip.min(chars);
        self.skip -= known;
        if known == chars {
            return Ok(());
        }
        let rest: String = text.chars().skip(known).collect();
        self.event(write_event("", &text_chunk("rest", None, 0, &rest)).as_bytes()).await
    }

    /// Writes one event with the place after it.
    pub(super) async fn event(&mut self, event: &[u8]) -> Result<(), ReaderLeft> {
        let place = self.position.in_copy.unwrap_or(InCopy { before: self.before, bytes: 0 });
        let mut bytes = format!("id: {}-{}-{}\n", place.before, place.bytes, self.position.chars).into_bytes();
        bytes.extend_from_slice(event);
        self.writer.write(bytes.into()).await
    }
}

/// The text that an event adds.
fn text_of(event: &[u8]) -> String {
    let mut text = String::new();
    let mut splitter = Splitter::new(event.len() + 1);
    let mut take = |data: &str| {
        if let Ok(chunk) = Chunk::parse(data)
            && chunk.error.is_none()
        {
            text.push_str(&chunk.content);
        }
    };
    // One event cannot be larger than itself.
    let _fits = splitter.push(event, |event| take(&event.data));
    splitter.finish(|event| take(&event.data));
    text
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_ours_is_a_place_and_nothing_else_is() {
        let place = Position { in_copy: Some(InCopy { before: 7, bytes: 1234 }), chars: 56 };
        assert_eq!(Position::parse("7-1234-56"), Some(place));
        for id in ["", "1", "1-2", "1-2-3-4", "a-2-3", "-1-2-3", "1-2-", "99999999999999999999999-1-2"] {
            assert_eq!(Position::parse(id), None, "{id}");
        }
    }

    #[test]
    fn the_text_of_an_event_is_what_it_adds_to_the_answer() {
        let chunk = write_event("", &text_chunk("id", None, 0, "hé\n"));
        assert_eq!(text_of(chunk.as_bytes()), "hé\n");
        for nothing in ["data: [DONE]\n\n", ": comment\n\n", "data: {\"error\":{\"message\":\"x\"}}\n\n", "data: junk"]
        {
            assert_eq!(text_of(nothing.as_bytes()), "", "{nothing}");
        }
    }
}
