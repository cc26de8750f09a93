//! The replay buffer of a running answer: what has arrived is appended to Redis a few times a second. Other readers are served from it, an
//! answer that Postgres does not take survives in it, and each append brings back whether a reader asks for the end.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use domain::{MessageId, MessageStatus, NewTurn, RequestId, StopWish, UserId};
use infrastructure::model::whole_events;
use infrastructure::redis::{Batch, Progress, REPLAY_LIMIT, ReplayEnd};
use platform::Level;

use crate::App;

/// Pause between two saves of what has arrived to its row: an instance that dies loses no more than this, and a row without progress for
/// `domain::DEAD_AFTER` is known to be dead. It is the longest pause between two appends as well.
pub(super) const SAVE_EVERY: Duration = Duration::from_secs(15);

/// The most that is sent at once, in bytes: Upstash takes 1 MB in a request.
const BATCH_LIMIT: usize = 512 * 1024;

/// Pause between two appends, in round trips of the last one: a slow Redis is asked less often, so that running answers do not keep
/// messages from being admitted.
const REST: u32 = 12;

/// The longest time from the first byte to the first append: the answer's place among the running ones is only held for the wait.
const FIRST_WITHIN: Duration = Duration::from_secs(5);

/// Appends that are made at the operator's interval. After them each pause is longer than the one before, by [`GROWTH`], so that the buffer
/// lags behind by a sixth of the answer's time at most. An answer of 100 s takes some 31: with all else a turn calls that stays
/// below the 50 calls which Cloudflare's free plan allows a request.
const STEADY: u32 = 12;
const GROWTH: f64 = 1.2;

/// The pauses between appends.
struct Pace {
    pause: Duration,
    appends: u32,
    /// Round trip of the last append.
    took: Duration,
}

impl Pace {
    fn new(interval: Duration) -> Self {
        Self { pause: interval, appends: 0, took: Duration::ZERO }
    }

    /// The pause before the next append.
    fn next(&self) -> Duration {
        let longest = if self.appends == 0 { FIRST_WITHIN } else { SAVE_EVERY };
        self.pause.max(self.took * REST).min(longest)
    }

    fn appended(&mut self, took: Duration) {
        self.took = took;
        self.appends += 1;
        if self.appends > STEADY {
            self.pause = self.pause.mul_f64(GROWTH).min(SAVE_EVERY);
        }
    }
}

/// The replay buffer of one run.
pub(super) struct ReplayBuffer {
    request: RequestId,
    user: UserId,
    answer: MessageId,
    /// Characters that the answer had before this run.
    before: usize,
    is_on: bool,
    /// Length of what is in Redis, in bytes.
    flushed: Cell<usize>,
    /// What has come since.
    pending: RefCell<Decoded>,
    /// The answer is too long to be kept whole.
    overflown: Cell<bool>,
}

impl ReplayBuffer {
    pub fn new(app: &App, turn: &NewTurn, first: &[u8]) -> Self {
        Self {
            request: app.request,
            user: turn.owner,
            answer: turn.answer,
            before: turn.before().chars().count(),
            is_on: app.config.resume_every.is_some(),
            flushed: Cell::new(0),
            pending: RefCell::new(Decoded::new(first)),
            overflown: Cell::new(false),
        }
    }

    /// Takes what has come, for the next append.
    pub fn append(&self, bytes: &[u8]) {
        if !self.is_on || self.overflown.get() {
            return;
        }
        let mut pending = self.pending.borrow_mut();
        if self.flushed.get() + pending.text.len() + bytes.len() > REPLAY_LIMIT {
            self.overflown.set(true);
            *pending = Decoded::default();
        } else {
            pending.push(bytes);
        }
    }

    /// Appends until a reader asks for the end. Without a buffer it only asks, as often as progress is saved.
    pub async fn flush_until_stopped(&self, app: &App) -> StopWish {
        let mut pace = Pace::new(app.config.resume_every.unwrap_or(SAVE_EVERY));
        loop {
            app.platform.clock.sleep(pace.next()).await;
            let asked_at = app.platform.clock.now();
            let batch = self.next_batch();
            let progress = Progress {
                request: self.request,
                user: self.user,
                answer: self.answer,
                before: self.before,
                batch: Batch { kept: self.flushed_bytes(), bytes: &batch },
            };
            let appended = app.redis.append_replay(&progress).await;
            pace.appended(app.platform.clock.now().duration_since(asked_at).unsigned_abs());
            match appended {
                Ok(wish) => {
                    self.mark_flushed(batch.len());
                    if let Some(wish) = wish {
                        return wish;
                    }
                }
                // Whether it took effect or not: the next batch begins at the same place, and nothing is kept twice.
                Err(error) => app.log_cause(Level::Warn, "replay not appended", &error),
            }
        }
    }

    /// What is not in Redis yet; `None`: too much for the buffer.
    pub fn unflushed(&self) -> Option<String> {
        let pending = self.pending.borrow();
        let rest = format!("{}{}", pending.text, String::from_utf8_lossy(&pending.within_character));
        (!self.overflown.get() && rest.len() <= BATCH_LIMIT * 3 / 2).then_some(rest)
    }

    /// The end of the buffer, as the settlement takes it; without `rest` the buffer is thrown away. `None`: there is none.
    pub fn end<'a>(&self, rest: Option<&'a str>, status: MessageStatus) -> Option<ReplayEnd<'a>> {
        let rest = rest.map(|bytes| Batch { kept: self.flushed_bytes(), bytes });
        let (answer, before) = (self.answer, self.before);
        self.is_on.then_some(ReplayEnd { answer, before, rest, status: status.name() })
    }

    fn flushed_bytes(&self) -> u64 {
        u64::try_from(self.flushed.get()).unwrap_or(u64::MAX)
    }

    /// Whole events only: what a reader is given never ends within one.
    fn next_batch(&self) -> String {
        let text = &self.pending.borrow().text;
        let limited = text.as_bytes().get(..BATCH_LIMIT).unwrap_or(text.as_bytes());
        // The end of an event is the end of a character too.
        text.get(..whole_events(limited)).unwrap_or_default().to_owned()
    }

    fn mark_flushed(&self, bytes: usize) {
        if !self.overflown.get() {
            self.pending.borrow_mut().text.drain(..bytes);
            self.flushed.set(self.flushed.get() + bytes);
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

    /// The pauses of an answer of this length, with this round trip an append.
    fn pauses(answer: Duration, interval: Duration, took: Duration) -> Vec<Duration> {
        let mut pace = Pace::new(interval);
        let (mut pauses, mut at) = (Vec::new(), Duration::ZERO);
        while at < answer {
            pauses.push(pace.next());
            at += pace.next() + took;
            pace.appended(took);
        }
        pauses
    }

    #[test]
    fn appends_grow_rarer_in_long_answers_and_when_redis_is_slow() {
        let half_a_second = Duration::from_millis(500);
        let quick = pauses(Duration::from_secs(100), half_a_second, Duration::from_millis(5));
        assert!(quick[..=12].iter().all(|pause| *pause == half_a_second), "{quick:?}");
        assert!((30..=33).contains(&quick.len()), "{} appends in 100 s", quick.len());
        let slow = pauses(Duration::from_secs(100), half_a_second, Duration::from_millis(300));
        assert_eq!(slow[1], Duration::from_millis(3_600), "twelve round trips");
        let longest = pauses(Duration::from_secs(600), Duration::from_secs(60), Duration::ZERO);
        assert_eq!(longest[..2], [FIRST_WITHIN, SAVE_EVERY]);
    }

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
