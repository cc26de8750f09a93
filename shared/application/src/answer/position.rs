//! Where a reader is in an answer, and what of its replay buffer they are still to be given.

use infrastructure::model::{Chunk, Event, Joined, Splitter, first_event, text_chunk, without_ids, write_event};
use infrastructure::redis::BUFFER_LIMIT;
use platform::{BodyWriter, ReaderLeft};

/// More characters than any answer has.
pub const MOST_CHARS: u32 = 100_000_000;

/// More bytes than any buffer has: its last batch may go beyond the limit.
const MOST_BYTES: u64 = 2 * BUFFER_LIMIT as u64;

/// Where a reader is in an answer. As an event's `id` it is `before-bytes-chars`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The position in a buffer; `None`: the reader only knows its characters.
    pub in_buffer: Option<InBuffer>,
    /// Characters of the answer's text that the reader has.
    pub chars: usize,
}

/// A position in the buffer of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InBuffer {
    /// Characters of the answer before the run: tells a continued answer's runs apart.
    pub before: usize,
    /// Bytes of the buffer that the reader has.
    pub bytes: u64,
}

impl Position {
    /// The position after `chars` characters of the answer.
    #[must_use]
    pub fn after(chars: usize) -> Self {
        Self { in_buffer: None, chars }
    }

    /// Reads an event's `id`; `None`: it is not one of ours, but upstream's, say, that came with the first stream.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        if !id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return None;
        }
        let mut parts = id.split('-');
        let (before, bytes, chars) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (before, chars): (usize, usize) = (before.parse().ok()?, chars.parse().ok()?);
        let bytes = bytes.parse().ok().filter(|bytes| *bytes <= MOST_BYTES)?;
        let most = MOST_CHARS as usize;
        let in_bounds = before <= most && chars <= most;
        in_bounds.then_some(Self { in_buffer: Some(InBuffer { before, bytes }), chars })
    }

    /// The byte of the buffer to read on from.
    pub(super) fn bytes(&self) -> u64 {
        self.in_buffer.map_or(0, |at| at.bytes)
    }
}

/// The way to a reader, and their position.
pub(super) struct Handout {
    pub(super) writer: Box<dyn BodyWriter>,
    pub(super) position: Position,
    /// Characters of the buffer that the reader has already.
    skip: usize,
    /// Characters of the answer before the buffer's run.
    before: usize,
    pub(super) is_in_buffer: bool,
    /// The text of the buffer since the last whole character.
    joined: Joined,
    /// The reader has not been given the half character that the buffer's text ends with at present.
    lacks_half: bool,
    /// The buffer's finish reason has not been handed out yet.
    pub(super) lacks_reason: bool,
    /// What follows in the buffer is no longer the answer's.
    is_over: bool,
}

impl Handout {
    /// A reader who has not been handed anything yet.
    pub(super) fn new(writer: Box<dyn BodyWriter>, position: Position) -> Self {
        Self {
            writer,
            position,
            skip: 0,
            before: 0,
            is_in_buffer: false,
            joined: Joined::default(),
            lacks_half: false,
            lacks_reason: false,
            is_over: false,
        }
    }

    /// Finds the reader's position in the buffer of this length, whose run had `before` characters before it. `false`: this buffer has
    /// nothing for them.
    pub(super) async fn enter(&mut self, before: usize, length: u64, stored: Option<&str>) -> Result<bool, ReaderLeft> {
        self.before = before;
        match self.position.in_buffer {
            Some(at) if at.before == before && at.bytes <= length && !self.is_known_by_characters(at) => {}
            Some(_) | None if self.position.chars < before => {
                // What came before this run is in the row alone.
                let Some(stored) = stored else { return Ok(false) };
                let missing: String = stored.chars().take(before).skip(self.position.chars).collect();
                self.position = Position { in_buffer: Some(InBuffer { before, bytes: 0 }), chars: before };
                let chunk = text_chunk("before", None, 0, &missing);
                self.event(write_event("", &chunk).as_bytes()).await?;
            }
            Some(_) | None => {
                self.skip = self.position.chars - before;
                self.position.chars = before;
                self.position.in_buffer = Some(InBuffer { before, bytes: 0 });
            }
        }
        self.is_in_buffer = true;
        Ok(true)
    }

    /// At the beginning of a run's buffer, and yet with some of its characters: they came from the row.
    fn is_known_by_characters(&self, at: InBuffer) -> bool {
        at.bytes == 0 && self.position.chars > at.before
    }

    /// Hands out what only the row has. It may be in the buffer a moment later, so that from here on the position is known by its characters.
    pub(super) async fn rest_of_row(&mut self, chunk: &str, chars: usize) -> Result<(), ReaderLeft> {
        self.position.chars += chars;
        self.position.in_buffer = None;
        self.event(write_event("", chunk).as_bytes()).await
    }

    /// This buffer is an earlier run's: the next one is found by characters.
    pub(super) fn leave_buffer(&mut self) {
        self.is_in_buffer = false;
        (self.joined, self.lacks_half, self.lacks_reason, self.is_over) = (Joined::default(), false, false, false);
        // They may have seen a part of the next run.
        self.skip_no_more();
        self.position.in_buffer = None;
    }

    /// The reader has more than the buffer had, and is given the rest from elsewhere.
    pub(super) fn skip_no_more(&mut self) {
        self.position.chars += std::mem::take(&mut self.skip);
    }

    /// Hands out the events of `bytes`; if they are the `last` of the answer, also one whose blank line is missing. Says whether there was any.
    pub(super) async fn events(&mut self, bytes: &[u8], last: bool) -> Result<bool, ReaderLeft> {
        let mut rest = bytes;
        let mut moved = false;
        while !rest.is_empty() {
            let end = first_event(rest);
            let Some(length) = end.or(last.then_some(rest.len())) else { break };
            let (event, after) = rest.split_at(length);
            rest = after;
            moved = true;
            if let Some(at) = &mut self.position.in_buffer {
                at.bytes += self::length(event);
            }
            self.pass(event, end.is_some()).await?;
        }
        // A trailing half character counts as one (U+FFFD), for readers as in the row.
        if last && self.joined.is_within_character() && !self.lacks_half {
            self.position.chars += 1;
            // The end may be read again: it counts once.
            self.joined = Joined::default();
        }
        Ok(moved)
    }

    /// Hands out one event of the buffer, or what of it the reader does not have. `[DONE]` is left to the answer's end, which the row decides:
    /// an answer that was cut off by its length may go on. So is an error: upstream's words are not for readers.
    async fn pass(&mut self, event: &[u8], is_whole: bool) -> Result<(), ReaderLeft> {
        if self.is_over {
            return Ok(());
        }
        let owed_half = self.lacks_half;
        let heard = Heard::of(event, &mut self.joined);
        self.is_over = heard.is_over;
        if heard.is_over {
            return Ok(());
        }
        let chars = heard.text.chars().count();
        self.position.chars += chars;
        if self.skip == 0 && !owed_half {
            let mut event = without_ids(event).into_owned();
            if !is_whole {
                // A reader would not understand half an event.
                if !heard.is_chunk {
                    return Ok(());
                }
                event.extend_from_slice(b"\n\n");
            }
            return self.event(&event).await;
        }
        self.lacks_half = self.joined.is_within_character();
        self.lacks_reason |= heard.has_reason;
        let known = self.skip.min(chars);
        self.skip -= known;
        if known == chars {
            return Ok(());
        }
        let rest: String = heard.text.chars().skip(known).collect();
        self.event(write_event("", &text_chunk("rest", None, 0, &rest)).as_bytes()).await
    }

    /// Writes one event with the position after it.
    pub(super) async fn event(&mut self, event: &[u8]) -> Result<(), ReaderLeft> {
        let at = self.position.in_buffer.unwrap_or(InBuffer { before: self.before, bytes: 0 });
        let mut bytes = format!("id: {}-{}-{}\n", at.before, at.bytes, self.position.chars).into_bytes();
        bytes.extend_from_slice(event);
        self.writer.write(bytes.into()).await
    }
}

/// What an event of the buffer says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    /// The whole characters that it adds.
    text: String,
    is_chunk: bool,
    /// It says why the answer ended.
    has_reason: bool,
    /// It is `[DONE]` or an error.
    is_over: bool,
}

impl Heard {
    /// `joined` holds half a character from one event to the next.
    fn of(event: &[u8], joined: &mut Joined) -> Self {
        let mut heard = Self::default();
        let mut splitter = Splitter::new(event.len() + 1);
        let mut take = |event: Event<'_>| match Chunk::parse(&event.data) {
            _ if event.name == "error" || event.data == "[DONE]" => heard.is_over = true,
            Ok(chunk) if chunk.error.is_some() => heard.is_over = true,
            Ok(chunk) => {
                heard.is_chunk = true;
                heard.has_reason |= chunk.finish_reason.is_some();
                joined.push(&chunk.content);
            }
            Err(_) => {}
        };
        // One event cannot be larger than itself.
        let _fits = splitter.push(event, &mut take);
        splitter.finish(&mut take);
        heard.text = joined.take();
        heard
    }
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use bytes::Bytes;

    use super::*;

    #[test]
    fn an_id_of_ours_is_a_position_and_nothing_else_is() {
        let position = Position { in_buffer: Some(InBuffer { before: 7, bytes: 1234 }), chars: 56 };
        assert_eq!(Position::parse("7-1234-56"), Some(position));
        let last = Position { in_buffer: Some(InBuffer { before: 0, bytes: MOST_BYTES }), chars: MOST_CHARS as usize };
        assert_eq!(Position::parse(&format!("0-{MOST_BYTES}-{MOST_CHARS}")), Some(last));
        for id in [
            "",
            "1",
            "1-2",
            "1-2-3-4",
            "a-2-3",
            "-1-2-3",
            "1-2-",
            "1-+2-3",
            "chatcmpl-1",
            "0-18446744073709551615-0",
            "18446744073709551615-0-0",
            "0-0-18446744073709551615",
            "99999999999999999999999-1-2",
        ] {
            assert_eq!(Position::parse(id), None, "{id}");
        }
    }

    /// Takes all and keeps nothing.
    struct Nowhere;

    #[async_trait(?Send)]
    impl BodyWriter for Nowhere {
        async fn write(&mut self, _bytes: Bytes) -> Result<(), ReaderLeft> {
            Ok(())
        }

        async fn probe(&mut self) -> Result<(), ReaderLeft> {
            Ok(())
        }

        async fn close(self: Box<Self>) {}
    }

    #[test]
    fn half_a_character_at_the_end_counts_once_however_often_the_end_is_read() {
        let mut handout = Handout::new(Box::new(Nowhere), Position::default());
        let half = br#"data: {"choices":[{"delta":{"content":"ab\ud83d"}}]}"#;
        futures::executor::block_on(async {
            handout.enter(0, length(half), None).await.unwrap();
            handout.events(half, true).await.unwrap();
            for _ in 0..2 {
                handout.events(b"", true).await.unwrap();
            }
        });
        assert_eq!(handout.position.chars, 3);
    }

    #[test]
    fn the_text_of_an_event_is_what_it_adds_to_the_answer() {
        let heard = |event: &str| Heard::of(event.as_bytes(), &mut Joined::default());
        let chunk = write_event("", &text_chunk("id", None, 0, "hé\n"));
        assert_eq!(heard(&chunk), Heard { text: "hé\n".to_owned(), is_chunk: true, ..Heard::default() });
        for nothing in [": comment\n\n", "data: junk", "da"] {
            assert_eq!(heard(nothing), Heard::default(), "{nothing}");
        }
        for end in ["data: [DONE]\n\n", "data: {\"error\":{\"message\":\"x\"}}\n\n", "event: error\ndata: x\n\n"] {
            assert_eq!(heard(end), Heard { is_over: true, ..Heard::default() }, "{end}");
        }
        let mut joined = Joined::default();
        let half = |content: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n");
        assert_eq!(Heard::of(half("ab\\ud83d").as_bytes(), &mut joined).text, "ab");
        assert_eq!(Heard::of(half("\\ude00c").as_bytes(), &mut joined).text, "😀c");
    }
}
