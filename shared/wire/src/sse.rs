//! Server-sent events: a splitter for bytes that arrive in any cut, and the transcript of a streamed chat completion.

mod frames;
#[cfg(test)]
mod tests;
mod transcript;

pub use frames::{first_event, whole_events, without_ids};
pub use transcript::Transcript;

use std::borrow::Cow;

use memchr::memchr2;

/// One event, as the stream's reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// The `event:` field; empty means `message`.
    pub name: Cow<'a, str>,
    /// The `data:` lines, joined by line feeds. Bytes that are no UTF-8 are replaced, as browsers do.
    pub data: Cow<'a, str>,
}

/// The stream holds an event larger than the splitter was allowed to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream exceeds {limit} bytes")]
pub struct EventTooLarge {
    /// What was allowed.
    pub limit: usize,
}

/// Splits a byte stream into events by the HTML standard (§9.2.6): LF, CR and CRLF end a line, a blank line ends an event, lines
/// beginning with a colon are comments, one byte order mark may open the stream.
///
/// Each byte is looked at once, however the stream is cut, and no more than one event is kept.
#[derive(Debug)]
pub struct Splitter {
    limit: usize,
    /// The beginning of a line whose end has not arrived.
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    name: Vec<u8>,
    /// The last byte was a CR: an LF next belongs to it.
    after_cr: bool,
    first_line: bool,
    /// The last whole line was not blank: an event has begun.
    within_event: bool,
    failed: bool,
}

impl Splitter {
    /// A splitter that keeps at most `limit` bytes of one event.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            name: Vec::new(),
            after_cr: false,
            first_line: true,
            within_event: false,
            failed: false,
        }
    }

    /// What must be written before an event of our own, so that a reader of the same bytes sees it as one: nothing after a whole event.
    #[must_use]
    pub fn gap(&self) -> &'static str {
        match (self.failed || self.within_event || !self.line.is_empty(), self.after_cr) {
            (true, _) => "\n\n",
            // Readers wait after a CR: it may be half a line end.
            (false, true) => "\n",
            (false, false) => "",
        }
    }

    /// Takes the next bytes and hands every event they complete to `on_event`.
    ///
    /// # Errors
    /// [`EventTooLarge`]; the stream cannot be trusted any more then, so every later call fails too.
    pub fn push(&mut self, bytes: &[u8], mut on_event: impl FnMut(Event<'_>)) -> Result<(), EventTooLarge> {
        let mut rest = bytes;
        while !rest.is_empty() && !self.failed {
            if core::mem::take(&mut self.after_cr)
                && let Some(after) = rest.strip_prefix(b"\n")
            {
                rest = after;
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else {
                self.keep(rest);
                break;
            };
            let (head, tail) = rest.split_at(end);
            self.after_cr = tail.first() == Some(&b'\r');
            rest = tail.get(1..).unwrap_or_default();
            if self.line.is_empty() {
                self.take_line(head, &mut on_event);
            } else {
                self.keep(head);
                let mut line = core::mem::take(&mut self.line);
                self.take_line(&line, &mut on_event);
                line.clear();
                self.line = line;
            }
        }
        if self.failed { Err(EventTooLarge { limit: self.limit }) } else { Ok(()) }
    }

    /// The stream has ended: hands over an event that lacked only its last line ends, as [`Splitter::gap`] makes readers see it.
    pub fn finish(&mut self, mut on_event: impl FnMut(Event<'_>)) {
        if self.failed {
            return;
        }
        let line = core::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, &mut on_event);
        }
        self.dispatch(&mut on_event);
    }

    fn keep(&mut self, part: &[u8]) {
        if self.line.len() + self.data.len() + part.len() > self.limit {
            self.fail();
        } else {
            self.line.extend_from_slice(part);
        }
    }

    fn fail(&mut self) {
        self.failed = true;
        self.line = Vec::new();
        self.data = Vec::new();
    }

    fn take_line(&mut self, line: &[u8], on_event: &mut impl FnMut(Event<'_>)) {
        if self.failed {
            return;
        }
        let line = if core::mem::take(&mut self.first_line) {
            line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
        } else {
            line
        };
        self.within_event = !line.is_empty();
        if line.is_empty() {
            return self.dispatch(on_event);
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let (field, value) = line.split_at(colon);
                let value = value.strip_prefix(b":").unwrap_or(value);
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        match field {
            b"data" => {
                if self.data.len() + value.len() + 1 > self.limit {
                    return self.fail();
                }
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            b"event" if value.len() > self.limit => self.fail(),
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            // Comments (an empty field), `id`, `retry` and fields to come.
            _ => {}
        }
    }

    fn dispatch(&mut self, on_event: &mut impl FnMut(Event<'_>)) {
        if core::mem::take(&mut self.has_data) {
            on_event(Event { name: decoded(&self.name), data: decoded(&self.data) });
        }
        self.data.clear();
        self.name.clear();
    }
}

/// `String::from_utf8_lossy`, which looks at each byte by itself, only where it has something to replace.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    core::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// One event in the form it travels; an empty name is left out. Line ends in `data` become lines of their own.
#[must_use]
pub fn write_event(name: &str, data: &str) -> String {
    let mut event = String::with_capacity(name.len() + data.len() + 24);
    if !name.is_empty() {
        event.push_str("event: ");
        event.extend(name.chars().filter(|c| !matches!(c, '\n' | '\r')));
        event.push('\n');
    }
    for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event
}
