//! The replay buffer of a running answer, and the stop wishes that it hears: what has arrived is appended to Redis now and then. Followers are
//! served from it, an answer that Postgres does not take survives in it, and each append brings back whether a reader asks for the end and whether
//! anybody follows.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use domain::{MessageStatus, NewTurn, SAVE_EVERY, StopWish};
use futures::future::pending;
use infrastructure::StoreError;
use infrastructure::model::whole_events;
use infrastructure::redis::{Appended, BUFFER_LIMIT, Batch, BufferEnd, LEASE, LEASE_BEFORE_FIRST_BYTE, Progress, Run};
use jiff::Timestamp;
use platform::{Level, within};

use crate::App;

/// The most that is sent at once, in bytes: Upstash takes 1 MB in a request.
const BATCH_LIMIT: usize = 512 * 1024;

/// The most that is sent with the settlement, in bytes: all that no append has taken. Upstash's 1 MB leaves room for it, too.
const LAST_BATCH_LIMIT: usize = BATCH_LIMIT * 3 / 2;

/// Without followers an append is made at every fifth interval only: each is billed, and it is needed only if the instance dies.
const QUIET: u32 = 5;

/// Pause between two appends, in round trips of the last one: a slow Redis is asked less often, so that running answers do not keep
/// messages from being admitted.
const REST: u32 = 4;

/// The longest time from the first byte to the first append: the answer's slot among the running ones is only held for the wait.
const FIRST_WITHIN: Duration = Duration::from_secs(5);

/// Appends at the full pace. After them each pause is longer than the one before, by [`GROWTH`], up to [`LONGEST_PAUSE`].
const STEADY: i32 = 12;
const GROWTH: f64 = 1.5;

/// Shorter than a lease, which an append renews.
const LONGEST_PAUSE: Duration = Duration::from_secs(45);

/// The most appends of one answer: enough for nearly four minutes of one that is followed. With the turn's other calls they stay below the 50 which
/// Cloudflare's free plan allows a request. The end of a longer answer comes with its settlement.
const MOST_APPENDS: i32 = 25;

/// How long the end of an answer whose reader has left waits for what they wished, each time that it asks.
const LAST_WISH_WITHIN: Duration = Duration::from_secs(1);

/// A trip to Redis of this length is a long one: the page closes its connection 300 ms after the wish has left it.
const FAR: Duration = Duration::from_millis(150);

/// A lease with less than this left is renewed.
const RENEWED_BEFORE: Duration = Duration::from_secs(2);

/// The pauses between appends.
struct Pace {
    interval: Duration,
    is_quiet: bool,
    appends: i32,
    /// Round trip of the last append.
    took: Duration,
}

impl Pace {
    /// `interval`: between two appends of an answer that is followed.
    fn new(interval: Duration) -> Self {
        Self { interval, is_quiet: true, appends: 0, took: Duration::ZERO }
    }

    /// The pause before the next append; `None` after the last of [`MOST_APPENDS`].
    fn next(&self) -> Option<Duration> {
        let pause = if self.is_quiet { self.interval * QUIET } else { self.interval };
        let grown = pause.mul_f64(GROWTH.powi((self.appends + 1 - STEADY).max(0)));
        let longest = if self.appends == 0 { FIRST_WITHIN } else { LONGEST_PAUSE };
        (self.appends < MOST_APPENDS).then(|| grown.max(self.took * REST).min(longest))
    }

    fn appended(&mut self, took: Duration) {
        self.took = took;
        self.appends += 1;
    }
}

/// The replay buffer of one run.
pub(super) struct ReplayBuffer {
    run: Run,
    /// Characters that the answer had before this run.
    before: usize,
    is_on: bool,
    /// When the answer was admitted, or a moment later.
    began: Timestamp,
    /// Length of what is in Redis, in bytes.
    flushed: Cell<usize>,
    /// What has come since.
    pending: RefCell<Decoded>,
    /// The answer is too long to be kept whole.
    overflown: Cell<bool>,
    /// The first reader has left; the answer continues for followers.
    reader_left: Cell<bool>,
}

impl ReplayBuffer {
    pub fn new(app: &App, turn: &NewTurn, began: Timestamp, first: &[u8]) -> Self {
        Self {
            run: Run { user: turn.owner, request: app.request },
            before: turn.before().chars().count(),
            is_on: turn.can_be_read_again() && app.config.resume_every.is_some(),
            began,
            flushed: Cell::new(0),
            pending: RefCell::new(Decoded::new(first)),
            overflown: Cell::new(false),
            reader_left: Cell::new(false),
        }
    }

    /// Adds bytes to the next append.
    pub fn append(&self, bytes: &[u8]) {
        if !self.is_on || self.overflown.get() {
            return;
        }
        let mut pending = self.pending.borrow_mut();
        if self.flushed.get() + pending.text.len() + bytes.len() > BUFFER_LIMIT {
            self.overflown.set(true);
            *pending = Decoded::default();
        } else {
            pending.push(bytes);
        }
    }

    /// The reader has left: from the next append on, appends come as often as for a follower.
    pub fn note_reader_left(&self) {
        self.reader_left.set(true);
    }

    /// Appends once more, and says whether a reader has asked for the end; if not, or not in time, all that has come is kept. Where that was a long
    /// trip it asks twice: a wish makes two, to the row and to Redis, and may still be on its way.
    pub async fn last_wish(&self, app: &App) -> StopWish {
        let asked_at = app.platform.clock.now();
        let wish = self.ask_for_wish(app).await;
        let took = app.platform.clock.now().duration_since(asked_at).unsigned_abs();
        match wish {
            None if (FAR..LAST_WISH_WITHIN).contains(&took) => self.ask_for_wish(app).await,
            wish => wish,
        }
        .unwrap_or(StopWish::Now)
    }

    async fn ask_for_wish(&self, app: &App) -> Option<StopWish> {
        let batch = self.next_batch();
        let append = self.append_to_redis(app, &batch, None);
        match within(&*app.platform.clock, LAST_WISH_WITHIN, append).await {
            Ok(Ok(appended)) => {
                self.mark_flushed(batch.len());
                appended.stop
            }
            Ok(Err(error)) => {
                app.log_cause(Level::Warn, "replay not appended", &error);
                None
            }
            Err(_late) => None,
        }
    }

    async fn append_to_redis(&self, app: &App, bytes: &str, lease: Option<Duration>) -> Result<Appended, StoreError> {
        let batch = Batch { kept: self.flushed_bytes(), bytes };
        app.redis.append_to_buffer(&Progress { run: self.run, before: self.before, batch, lease }).await
    }

    /// Appends until a reader asks for the end, and renews the lease in time. Without a buffer it only asks, as often as progress is saved.
    pub async fn flush_until_stopped(&self, app: &App) -> StopWish {
        let mut pace = Pace::new(app.config.resume_every.filter(|_| self.is_on).unwrap_or(SAVE_EVERY / QUIET));
        let mut leased_until = LEASE_BEFORE_FIRST_BYTE;
        while let Some(pause) = pace.next() {
            app.platform.clock.sleep(pause).await;
            let asked_at = app.platform.clock.now();
            let elapsed = asked_at.duration_since(self.began).unsigned_abs();
            let lease = (elapsed + pause.mul_f64(GROWTH) + RENEWED_BEFORE > leased_until).then_some(elapsed + LEASE);
            let batch = self.next_batch();
            let appended = self.append_to_redis(app, &batch, lease).await;
            pace.appended(app.platform.clock.now().duration_since(asked_at).unsigned_abs());
            match appended {
                Ok(appended) => {
                    self.mark_flushed(batch.len());
                    pace.is_quiet = !appended.is_followed && !self.reader_left.get();
                    leased_until = lease.unwrap_or(leased_until);
                    if let Some(wish) = appended.stop {
                        return wish;
                    }
                }
                // Whether it took effect or not: the next batch begins at the same place, and nothing is kept twice.
                Err(error) => app.log_cause(Level::Warn, "replay not appended", &error),
            }
        }
        pending().await
    }

    /// What is not in Redis yet; `None`: too much for the buffer.
    pub fn unflushed(&self) -> Option<String> {
        let pending = self.pending.borrow();
        let rest = format!("{}{}", pending.text, String::from_utf8_lossy(&pending.within_character));
        (!self.overflown.get() && rest.len() <= LAST_BATCH_LIMIT).then_some(rest)
    }

    /// The end of the buffer, as the settlement takes it; without `rest` the buffer is thrown away. `None`: the answer has no buffer.
    pub fn end<'a>(&self, rest: Option<&'a str>, status: MessageStatus) -> Option<BufferEnd<'a>> {
        let rest = rest.map(|bytes| Batch { kept: self.flushed_bytes(), bytes });
        self.is_on.then_some(BufferEnd { before: self.before, rest, status })
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
        // Nearly always so, and several times as fast.
        if self.within_character.is_empty()
            && let Ok(text) = core::str::from_utf8(bytes)
        {
            self.text.push_str(text);
            return;
        }
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
    fn pauses(answer: Duration, is_quiet: bool, took: Duration) -> Vec<Duration> {
        let mut pace = Pace::new(Duration::from_millis(500));
        pace.is_quiet = is_quiet;
        let (mut pauses, mut at) = (Vec::new(), Duration::ZERO);
        while let Some(pause) = pace.next().filter(|_| at < answer) {
            pauses.push(pause);
            at += pause + took;
            pace.appended(took);
        }
        pauses
    }

    #[test]
    fn appends_are_rare_while_nobody_follows_and_rarer_in_long_answers_and_when_redis_is_slow() {
        let near = Duration::from_millis(5);
        let short = pauses(Duration::from_secs(10), true, near);
        assert_eq!(short, [Duration::from_millis(2_500); 4], "the fourth comes after its end");
        let followed = pauses(Duration::from_secs(10), false, near);
        assert!(followed[..12].iter().all(|pause| *pause == Duration::from_millis(500)), "{followed:?}");
        for (is_quiet, covered) in [(true, 360), (false, 180)] {
            let long = pauses(Duration::from_secs(3_600), is_quiet, near);
            assert_eq!(long.len(), 25, "the calls of one answer");
            assert!(long.iter().sum::<Duration>() > Duration::from_secs(covered), "{long:?}");
            assert_eq!(long[24], LONGEST_PAUSE);
        }
        let slow = pauses(Duration::from_secs(60), false, Duration::from_millis(400));
        assert_eq!(slow[1], Duration::from_millis(1_600), "four round trips");
        assert_eq!(
            pauses(Duration::from_secs(60), true, Duration::from_secs(5))[..2],
            [Duration::from_millis(2_500), Duration::from_secs(20)]
        );
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
