//! The copy of a running answer that goes to Redis a few times a second: other readers are served from it, an answer that Postgres
//! does not take survives in it, and with each batch comes the question whether somebody wants the answer to end.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use domain::{MessageId, MessageStatus, RequestId, UserId};
use infrastructure::model::whole_events;
use infrastructure::postgres::NewTurn;
use infrastructure::redis::{Batch, Progress, ReplayEnd, StopWish};
use platform::Level;

use crate::App;
use crate::recorder::SAVE_EVERY;

/// The most that is kept of one answer, in bytes: more than `CHAT_MAX_TOKENS` of 2,048 tokens take as chunks, less than what a small Redis would feel.
pub(crate) const COPY_LIMIT: usize = 2 * 1024 * 1024;

/// The most that is sent at once, in bytes: Upstash takes 1 MB in a request.
const BATCH_LIMIT: usize = 512 * 1024;

/// A copy is at rest for so many times as long as Redis took for the last batch: one that is far or busy is asked less often, so that many
/// running answers do not keep messages from being admitted.
const REST: u32 = 12;

/// The first time comes at the latest so long after the first byte: the answer's place among the running ones was only held for the wait.
const FIRST_WITHIN: Duration = Duration::from_secs(5);

/// So many copies are made at the operator's interval; after them each pause is longer than the one before, by [`GROWTH`], so that a
/// copy lags behind by a sixth of the answer's time at most. An answer of 100 s takes some 31: with all else a turn calls that stays
/// below the 50 calls which Cloudflare's free plan allows a request.
const STEADY: u32 = 12;
const GROWTH: f64 = 1.2;

/// Whoever copies one answer.
pub(crate) struct Copyist {
    request: RequestId,
    user: UserId,
    answer: MessageId,
    /// Characters that the answer had before this run.
    before: usize,
    is_on: bool,
    /// Length of the copy so far, in bytes.
    kept: Cell<usize>,
    /// What has come since.
    pending: RefCell<Decoded>,
    /// The answer is too long to be copied whole.
    overflown: Cell<bool>,
}

impl Copyist {
    pub fn new(app: &App, turn: &NewTurn, first: &[u8]) -> Self {
        Self {
            request: app.request,
            user: turn.owner,
            answer: turn.answer,
            before: turn.before().chars().count(),
            is_on: app.config.resume_every.is_some(),
            kept: Cell::new(0),
            pending: RefCell::new(Decoded::new(first)),
            overflown: Cell::new(false),
        }
    }

    /// Takes what has come.
    pub fn take(&self, bytes: &[u8]) {
        if !self.is_on || self.overflown.get() {
            return;
        }
        let mut pending = self.pending.borrow_mut();
        if self.kept.get() + pending.text.len() + bytes.len() > COPY_LIMIT {
            self.overflown.set(true);
            *pending = Decoded::default();
        } else {
            pending.push(bytes);
        }
    }

    /// Copies until somebody wants the answer to end. Without a copy it only asks, as often as progress is saved.
    pub async fn run(&self, app: &App) -> StopWish {
        let mut pause = app.config.resume_every.unwrap_or(SAVE_EVERY);
        let mut took = Duration::ZERO;
        let mut copies = 0;
        loop {
            let longest = if copies == 0 { FIRST_WITHIN } else { SAVE_EVERY };
            app.platform.clock.sleep(pause.max(took * REST).min(longest)).await;
            let asked_at = app.platform.clock.now();
            let batch = self.next_batch();
            let progress = Progress {
                request: self.request,
                user: self.user,
                answer: self.answer,
                before: self.before,
                batch: Batch { kept: self.kept_so_far(), bytes: &batch },
            };
            let kept = app.redis.append_replay(&progress).await;
            took = app.platform.clock.now().duration_since(asked_at).unsigned_abs();
            copies += 1;
            if copies > STEADY {
                pause = pause.mul_f64(GROWTH).min(SAVE_EVERY);
            }
            match kept {
                Ok(wish) => {
                    self.forget(batch.len());
                    if let Some(wish) = wish {
                        return wish;
                    }
                }
                // Kept or not: the next batch begins at the same place, and of what is there nothing is kept twice.
                Err(error) => app.log(Level::Warn, "answer not copied", vec![("cause", error.to_string().into())]),
            }
        }
    }

    /// What is not copied yet; `None`: too much for a copy.
    pub fn rest(&self) -> Option<String> {
        let pending = self.pending.borrow();
        let rest = format!("{}{}", pending.text, String::from_utf8_lossy(&pending.within_character));
        (!self.overflown.get() && rest.len() <= BATCH_LIMIT * 3 / 2).then_some(rest)
    }

    /// The end of the copy, as the settlement takes it; without `rest` the copy is thrown away. `None`: there is no copy.
    pub fn end<'a>(&self, rest: Option<&'a str>, status: MessageStatus) -> Option<ReplayEnd<'a>> {
        let rest = rest.map(|bytes| Batch { kept: self.kept_so_far(), bytes });
        let (answer, before) = (self.answer, self.before);
        self.is_on.then_some(ReplayEnd { answer, before, rest, status: status.name() })
    }

    fn kept_so_far(&self) -> u64 {
        u64::try_from(self.kept.get()).unwrap_or(u64::MAX)
    }

    /// Whole events only: what a reader is given never ends in the midst of one.
    fn next_batch(&self) -> String {
        let text = &self.pending.borrow().text;
        let limited = text.as_bytes().get(..BATCH_LIMIT).unwrap_or(text.as_bytes());
        // The end of an event is the end of a character too.
        text.get(..whole_events(limited)).unwrap_or_default().to_owned()
    }

    fn forget(&self, bytes: usize) {
        if !self.overflown.get() {
            self.pending.borrow_mut().text.drain(..bytes);
            self.kept.set(self.kept.get() + bytes);
        }
    }
}

/// Bytes as a reader decodes them: what is no UTF-8 becomes U+FFFD, and Redis' JSON takes it.
#[derive(Default)]
struct Decoded {
    text: String,
    /// The beginning of a character whose rest is still to come.
    within_character: Vec<u8>,
}

impl Decoded {
    /// `first`: the beginning of a stream, whose byte order mark means nothing elsewhere.
    fn new(first: &[u8]) -> Self {
        let mut decoded = Self::default();
        decoded.push(first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first));
        decoded
    }

    fn push(&mut self, bytes: &[u8]) {
        let mut all = std::mem::take(&mut self.within_character);
        all.extend_from_slice(bytes);
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            let may_go_on = chunks.peek().is_none()
                && core::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            match invalid {
                [] => {}
                _ if may_go_on => self.within_character = invalid.to_vec(),
                _ => self.text.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_in_any_cut_are_decoded_as_a_whole_is() {
        let stream =
            b"\xEF\xBB\xBFdata: Gr\xC3\xBC\xC3\x9Fe \xFF\xF0\x9F\x98\x80 \xE2\x82\n \xC0\xAF\xED\xA0\xBD \xF0\x9F";
        let expected = String::from_utf8_lossy(&stream[3..]);
        for first in 3..stream.len() {
            for second in first..stream.len() {
                let mut decoded = Decoded::new(&stream[..first]);
                decoded.push(&stream[first..second]);
                decoded.push(&stream[second..]);
                let whole = format!("{}{}", decoded.text, String::from_utf8_lossy(&decoded.within_character));
                assert_eq!(whole, expected, "cut at {first} and {second}");
            }
        }
    }
}
