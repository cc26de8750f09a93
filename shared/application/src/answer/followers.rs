//! Followers of an answer, and their places: while it runs, each of a user's followers costs calls of the stores.

use std::time::Duration;

use domain::{Message, MessageId, RequestId, SessionId, User, UserId};
use infrastructure::StoreError;
use infrastructure::redis::{BufferFollower, BufferPage, PlaceAction, PlaceOutcome, Run, RunState};
use jiff::Timestamp;
use platform::Level;

use super::recovery::{self, Found};
use crate::App;

/// Requests of one user that may follow running answers at once; an answer that has ended takes no place.
pub const FOLLOWERS: u32 = 5;

/// How often a place is renewed: its lease is three times as long.
const RENEW_AFTER: Duration = Duration::from_secs(5);

/// One follower of an answer.
pub(super) struct Follower {
    app: App,
    caller: User,
    answer: MessageId,
    /// The run that writes the answer, or has written it.
    run: Option<RequestId>,
    /// Under whom the run's buffer is kept.
    owner: UserId,
    place: Place,
}

/// Whether a follower has a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    Refused,
    /// Since it was last renewed.
    Held(Timestamp),
}

impl Place {
    /// What a read at `now` does about it: a place that is held is renewed when it is time, else `wanted` is done.
    fn action(self, now: Timestamp, wanted: PlaceAction) -> PlaceAction {
        match self {
            Self::Held(since) if now.duration_since(since).unsigned_abs() >= RENEW_AFTER => PlaceAction::Renew,
            Self::Held(_) | Self::Outside | Self::Refused => wanted,
        }
    }

    /// The place after a read at `now` that did `action`.
    fn after(self, now: Timestamp, action: PlaceAction, outcome: PlaceOutcome) -> Self {
        match outcome {
            PlaceOutcome::Taken => Self::Held(now),
            PlaceOutcome::Full => Self::Refused,
            PlaceOutcome::None if action == PlaceAction::Renew => Self::Held(now),
            PlaceOutcome::None => self,
        }
    }
}

impl Follower {
    pub(super) fn new(app: &App, caller: &User, answer: MessageId, run: Option<RequestId>) -> Self {
        Self { app: app.clone(), caller: *caller, answer, run, owner: caller.id, place: Place::Outside }
    }

    /// A follower of a run that is known to be theirs, though no row says so.
    pub(super) fn of_run(app: &App, caller: &User, answer: MessageId, run: Run) -> Self {
        Self { owner: run.user, ..Self::new(app, caller, answer, Some(run.request)) }
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn answer(&self) -> MessageId {
        self.answer
    }

    /// Turns to the guest whom the caller was: a run that began then is kept under that name. `false`: the caller was no guest.
    pub(super) fn looks_under_guest(&mut self) -> bool {
        let Some(guest) = self.caller.was.filter(|guest| *guest != self.owner) else { return false };
        self.owner = guest;
        true
    }

    /// Whether no place was taken or refused yet.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self.place, Place::Outside)
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.place, Place::Refused)
    }

    /// Reads the replay buffer from byte `from` on; a place that is held is renewed when it is time. `None`: nothing is known of a run.
    pub(super) async fn read_buffer(
        &mut self,
        from: u64,
        action: PlaceAction,
    ) -> Result<Option<BufferPage>, StoreError> {
        let Some(run) = self.run.map(|request| Run { user: self.owner, request }) else { return Ok(None) };
        let now = self.app.platform.clock.now();
        let action = self.place.action(now, action);
        let page = self.app.redis.follow_buffer(run, from, self.follower(), action).await?;
        self.place = self.place.after(now, action, page.place);
        Ok(Some(page))
    }

    /// As [`Self::read_buffer`]; a failed read is logged and gives `None`.
    pub(super) async fn first_page(&mut self, from: u64, action: PlaceAction) -> Option<BufferPage> {
        let page = self.read_buffer(from, action).await;
        page.inspect_err(|error| self.log_not_read(error)).ok().flatten()
    }

    /// Gives the place back, if there is one.
    pub(super) async fn leave(&mut self) {
        if let Place::Held(_) = self.place
            && let Err(error) = self.app.redis.give_place_back(self.follower()).await
        {
            self.app.log_cause(Level::Warn, "reader's place not given back", &error);
        }
        self.place = Place::Outside;
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

    /// How far the run has come.
    pub(super) async fn run_state(&self) -> Result<RunState, StoreError> {
        let Some(request) = self.run else { return Ok(RunState::Over) };
        let run = Run { user: self.owner, request };
        self.app.redis.state_of(&self.caller, run, self.app.config.first_byte).await
    }

    pub(super) async fn recover_if_ended(&self, message: &mut Message) {
        recovery::recover_if_ended(&self.app, &self.caller, message, self.run).await;
    }

    pub(super) fn log_not_read(&self, error: &StoreError) {
        self.app.log_cause(Level::Warn, "replay not read", error);
    }

    fn follower(&self) -> BufferFollower {
        BufferFollower { user: self.caller.id, request: self.app.request, places: FOLLOWERS }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_place_is_kept_renewed_in_time_and_known_by_what_a_read_brings() {
        let then = Timestamp::UNIX_EPOCH;
        let after = |millis| then + SignedDuration::from_millis(millis);
        let renewed = i64::try_from(RENEW_AFTER.as_millis()).unwrap();
        for (place, now, wanted, expected) in [
            (Place::Outside, after(renewed), PlaceAction::Enter, PlaceAction::Enter),
            (Place::Refused, after(renewed), PlaceAction::Keep, PlaceAction::Keep),
            (Place::Held(then), after(renewed - 1), PlaceAction::Keep, PlaceAction::Keep),
            (Place::Held(then), after(renewed), PlaceAction::Keep, PlaceAction::Renew),
        ] {
            assert_eq!(place.action(now, wanted), expected, "{place:?} at {now}");
        }
        let now = after(renewed);
        for (place, action, outcome, expected) in [
            (Place::Outside, PlaceAction::Enter, PlaceOutcome::Taken, Place::Held(now)),
            (Place::Outside, PlaceAction::Enter, PlaceOutcome::Full, Place::Refused),
            (Place::Outside, PlaceAction::Enter, PlaceOutcome::None, Place::Outside),
            (Place::Held(then), PlaceAction::Renew, PlaceOutcome::None, Place::Held(now)),
            (Place::Held(then), PlaceAction::Keep, PlaceOutcome::None, Place::Held(then)),
        ] {
            assert_eq!(place.after(now, action, outcome), expected, "{place:?} {action:?} {outcome:?}");
        }
    }
}
