//! Readers who follow an answer, and their places: while it runs, each of a user's readers costs calls of the stores.

use std::time::Duration;

use domain::{Message, MessageId, SessionId, User};
use infrastructure::StoreError;
use infrastructure::redis::{Place, PlaceWish, ReplayPage, ReplayReader};
use jiff::Timestamp;
use platform::Level;

use super::recovery;
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
    pub(super) fn new(app: &App, caller: &User, answer: MessageId) -> Self {
        Self { app: app.clone(), caller: *caller, answer, seat: Seat::Outside }
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn answer(&self) -> MessageId {
        self.answer
    }

    /// Has no place, and none was refused.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self.seat, Seat::Outside)
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.seat, Seat::Refused)
    }

    /// Reads the replay buffer from byte `from` on; a place that is held is renewed when it is time.
    pub(super) async fn read_replay(&mut self, from: u64, wish: PlaceWish) -> Result<ReplayPage, StoreError> {
        let now = self.app.platform.clock.now();
        let wish = match self.seat {
            Seat::Held(since) if now.duration_since(since).unsigned_abs() >= RENEW_AFTER => PlaceWish::Renew,
            Seat::Held(_) | Seat::Outside | Seat::Refused => wish,
        };
        let page = self.app.redis.read_replay_along(self.answer, from, self.reader(), wish).await?;
        match page.place {
            Place::Taken => self.seat = Seat::Held(now),
            Place::Full => self.seat = Seat::Refused,
            Place::None if wish == PlaceWish::Renew => self.seat = Seat::Held(now),
            Place::None => {}
        }
        Ok(page)
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

    pub(super) async fn read_row(&self, session: SessionId) -> Result<Option<Message>, StoreError> {
        recovery::read_message(&self.app, &self.caller, session, self.answer).await
    }

    pub(super) async fn recover_if_ended(&self, message: &mut Message) {
        recovery::recover_if_ended(&self.app, &self.caller, message).await;
    }

    pub(super) fn log_not_read(&self, error: &StoreError) {
        self.app.log_cause(Level::Warn, "replay not read", error);
    }

    fn reader(&self) -> ReplayReader {
        ReplayReader { user: self.caller.id, request: self.app.request, places: READERS }
    }
}
