//! The copy of a running answer that goes to Redis a few times a second: other readers are served from it, an answer that Postgres
//! does not take survives in it, and with each batch comes the question whether somebody wants the answer to end.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use domain::{MessageId, MessageStatus, RequestId, UserId};
use infrastructure::model::whole_events;
use infrastructure::postgres::NewTurn;
use infrastructure::redis::{Batch, CopyEnd, Progress, StopWish};
use platform::Level;

use crate::App;
use crate::recorder::SAVE_EVERY;

/// The most that is kept of one answer, in bytes: more than `CHAT_MAX_TOKENS` of 2,048 tokens take as chunks, less than what a small Redis would feel.
const COPY_LIMIT: usize = 2 * 1024 * 1024;

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
    pending: RefCell<Vec<u8>>,
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
            pending: RefCell::new(first.to_vec()),
            overflown: Cell::new(false),
        }
    }

    /// Takes what has come.
    pub fn take(&self, bytes: &[u8]) {
        if !self.is_on || self.overflown.get() {
            return;
        }
        let mut pending = self.pending.borrow_mut();
        if self.kept.get() + pending.len() + bytes.len() > COPY_LIMIT {
            self.overflown.set(true);
            pending.clear();
        } else {
            pending.extend_from_slice(bytes);
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
            let kept = app.redis.keep(&progress).await;
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
        let rest = String::from_utf8_lossy(&self.pending.borrow()).into_owned();
        (!self.overflown.get() && rest.len() <= BATCH_LIMIT * 3 / 2).then_some(rest)
    }

    /// The end of the copy, as the settlement takes it; without `rest` the copy is thrown away. `None`: there is no copy.
    pub fn end<'a>(&self, rest: Option<&'a str>, status: MessageStatus) -> Option<CopyEnd<'a>> {
        let rest = rest.map(|bytes| Batch { kept: self.kept_so_far(), bytes });
        let (answer, before) = (self.answer, self.before);
        self.is_on.then_some(CopyEnd { answer, before, rest, status: status.name() })
    }

    fn kept_so_far(&self) -> u64 {
        u64::try_from(self.kept.get()).unwrap_or(u64::MAX)
    }

    /// Whole events only: what a reader is given never ends in the midst of one.
    fn next_batch(&self) -> String {
        let pending = self.pending.borrow();
        let limited = pending.get(..BATCH_LIMIT).unwrap_or(&pending);
        let whole = limited.get(..whole_events(limited)).unwrap_or_default();
        // A vendor's bytes that are no UTF-8 would not survive JSON; they have been seen in no stream.
        core::str::from_utf8(whole).map(str::to_owned).unwrap_or_default()
    }

    fn forget(&self, bytes: usize) {
        if !self.overflown.get() {
            self.pending.borrow_mut().drain(..bytes);
            self.kept.set(self.kept.get() + bytes);
        }
    }
}
