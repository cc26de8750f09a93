//! Readers who follow an answer, and their places: while it runs, each of a user's readers costs calls of the stores.

use std::time::Duration;

use domain::{Message, MessageId, RequestId, SessionId, User, UserId};
use infrastructure::StoreError;
use infrastructure::redis::{Place, PlaceWish, ReplayPage, ReplayReader, Run};
use jiff::Timestamp;
use platform::Level;

use super::recovery::{self, Found};
use crate::App;

/// Requests of one user that may follow running answers at once; an answer that has ended takes no place.
pub const READERS: u32 = 5;

/// How often a place is renewed: its lease is three times as long.
const RENEW_AFTER: Duration = Duration::from_secs(5);

/// One reader who follows an answer.
pub(super) struct Follower {
    app: App,
    caller: User,
    answer: MessageId,
    /// The run that writes the answer, or has written it.
    run: Option<RequestId>,
    /// Under whom the run's buffer is kept.
    owner: UserId,
    seat: Seat,
}

/// Whether a reader has a place.
enum Seat {
    Outside,
    Refused,
    /// Since it was last renewed.
    Held(Timestamp),
}

impl Follower {
    pub(super) fn new(app: &App, caller: &User, answer: MessageId, run: Option<RequestId>) -> Self {
        Self { app: app.clone(), caller: *caller, answer, run, owner: caller.id, seat: Seat::Outside }
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn answer(&self) -> MessageId {
        self.answer
    }

    /// The run may have begun when the caller was a guest: its buffer is kept under that name. `false`: they were none.
    pub(super) fn looks_under_guest(&mut self) -> bool {
        let Some(guest) = self.caller.was.filter(|guest| *guest != self.owner) else { return false };
        self.owner = guest;
        true
    }

    /// Has no place, and none was refused.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self.seat, Seat::Outside)
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.seat, Seat::Refused)
    }

    /// Reads the replay buffer from byte `from` on; a place that is held is renewed when it is time. `None`: nothing is known of a run.
    pub(super) async fn read_replay(&mut self, from: u64, wish: PlaceWish) -> Result<Option<ReplayPage>, StoreError> {
        let Some(run) = self.run.map(|request| Run { user: self.owner, request }) else { return Ok(None) };
        let now = self.app.platform.clock.now();
        let wish = match self.seat {
            Seat::Held(since) if now.duration_since(since).unsigned_abs() >= RENEW_AFTER => PlaceWish::Renew,
            Seat::Held(_) | Seat::Outside | Seat::Refused => wish,
        };
        let page = self.app.redis.read_replay_along(run, from, self.reader(), wish).await?;
        match page.place {
            Place::Taken => self.seat = Seat::Held(now),
            Place::Full => self.seat = Seat::Refused,
            Place::None if wish == PlaceWish::Renew => self.seat = Seat::Held(now),
            Place::None => {}
        }
        Ok(Some(page))
    }

    /// Gives the place back, if there is one.
    pub(super) async fn leave(&mut self) {
        if let Seat::Held(_) = self.seat
            && let Err(error) = self.app.redis.leave_replay(self.reader()).await
        {
            self.app.log_cause(Level::Warn, "reader's place not given back", &error);
        }
        self.seat = Seat::Outside;
    }

    /// Reads the answer's row, and says whether another run writes it now.
    pub(super) async fn read_row(&mut self, session: SessionId) -> Result<Option<(Message, bool)>, StoreError> {
        let found = recovery::find_message(&self.app, &self.caller, session, self.answer).await?;
        Ok(found.map(|Found { message, run }| {
            let is_other = run != self.run;
            self.run = run;
            (message, is_other)
        }))
    }

    pub(super) async fn recover_if_ended(&self, message: &mut Message) {
        recovery::recover_if_ended(&self.app, &self.caller, message, self.run).await;
    }

    pub(super) fn log_not_read(&self, error: &StoreError) {
        self.app.log_cause(Level::Warn, "replay not read", error);
    }

    fn reader(&self) -> ReplayReader {
        ReplayReader { user: self.caller.id, request: self.app.request, places: READERS }
    }
}
