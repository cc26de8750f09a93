//! An answer read once more, from any place on and to its end: after a reload, in another tab, on another device.
//!
//! What is in Redis is handed out event by event, as upstream sent it; what is stored only comes as one chunk of our own making.
//! Every event carries an `id:`, so that this reader can be cut off and come back too.

use std::time::Duration;

use bytes::Bytes;
use domain::{Message, MessageId, MessageRole, MessageStatus, SessionId, User};
use futures::future::join;
use infrastructure::StoreError;
use infrastructure::model::{text_chunk, text_end, write_event};
use infrastructure::redis::{BufferPage, PlaceAction, RunState};
use platform::{Level, ReaderBody, ReaderLeft};

use super::followers::Follower;
use super::patience::{Patience, ROW_AFTER};
use super::position::{Handout, Position, length};
use super::recovery::{self, Found};
use crate::{App, MessageError, StreamFault};

/// How often an answer without a buffer is looked for in its row.
const ROW_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Calls of the stores for one reader; then they are cut off and come back by the last event's id. Cloudflare's free plan
/// allows a request 50 calls, and one that made more would be ended anywhere.
const CALLS: u32 = 40;

/// Calls of the stores before a reader is handed anything, at most: the row, and the buffer twice.
const CALLS_BEFORE: u32 = 3;

/// Further calls that put right a row which does not know of its answer's end: a page of the buffer, the end, the row if another was quicker.
const CALLS_TO_SETTLE: u32 = 3;

/// How often a silent reader's connection is checked.
const PROBE_EVERY: Duration = Duration::from_millis(250);

/// Gives an answer of `caller` from `position` on and to its end.
///
/// # Errors
/// [`MessageError`]: no such answer of this caller, both stores failed, or it is running and the caller already has
/// [`FOLLOWERS`](super::FOLLOWERS) followers.
pub async fn resume(
    app: &App,
    caller: &User,
    session: SessionId,
    answer: MessageId,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    match recovery::find_message(app, caller, session, answer).await {
        Ok(Some(found)) if found.message.role != MessageRole::Assistant => Err(MessageError::NotAnAnswer),
        Ok(Some(found)) => start(app, caller, found, position).await,
        Ok(None) => Err(MessageError::NoSuchMessage),
        Err(error) if error.is_refusal() => Err(error.into()),
        Err(error) => {
            // Postgres is down: Redis knows whose running answer it is, and by which run.
            let run = app.redis.run_of(caller.id, answer).await;
            let run = run.inspect_err(|error| app.log_cause(Level::Warn, "run not read", error)).ok().flatten();
            let run = run.ok_or(error)?;
            begin(Follower::new(app, caller, answer, Some(run)), Some(session), Answer::Running, position).await
        }
    }
}

/// Gives an answer whose row has been read.
///
/// # Errors
/// [`MessageError::TooManyFollowers`].
pub(crate) async fn start(
    app: &App,
    caller: &User,
    found: Found,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    let Found { message, run } = found;
    let follower = Follower::new(app, caller, message.id, run);
    begin(follower, Some(message.session_id), Answer::Stored(Box::new(message)), position).await
}

/// What is known of an answer before its buffer is read.
pub(super) enum Answer {
    /// Its row, as it is.
    Stored(Box<Message>),
    /// That it is on its way.
    Running,
    /// That it has ended, or that its instance has died, and that there is a buffer of it.
    Buffered,
}

/// Reads the answer's buffer for the first time. `session`: where its row is; `None`: nothing is stored of it.
///
/// # Errors
/// [`MessageError::TooManyFollowers`].
pub(super) async fn begin(
    mut follower: Follower,
    session: Option<SessionId>,
    answer: Answer,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    let mut page = follower.first_page(position.bytes(), PlaceAction::Enter).await;
    // Where nothing is stored the run itself says whose it is.
    let may_be_the_guests = session.is_some() && page.as_ref().is_some_and(|page| page.before.is_none());
    if may_be_the_guests && follower.looks_under_guest() {
        page = follower.first_page(position.bytes(), PlaceAction::Enter).await;
    }
    // It runs but no buffer confirms it (just begun, none kept, Redis slow): ask for a place again. Without Redis the reader gets
    // the row's text and holds no place.
    let (runs, stored) = match answer {
        Answer::Stored(stored) => (stored.status == MessageStatus::Streaming, Some(*stored)),
        Answer::Running => (true, None),
        Answer::Buffered => (false, None),
    };
    if runs && follower.is_outside() {
        page = follower.first_page(position.bytes(), PlaceAction::EnterAnyway).await;
    }
    if follower.is_refused() {
        return Err(MessageError::TooManyFollowers);
    }
    let app = follower.app().clone();
    let (reader, writer) = app.platform.bodies.open();
    let handout = Handout::new(writer, position);
    let resumed = Resumed {
        follower,
        session,
        row: stored,
        handout,
        next: page,
        calls: CALLS_BEFORE,
        has_ended: false,
        is_row_late: false,
    };
    app.platform.tasks.spawn(Box::pin(resumed.run()));
    Ok(reader)
}

/// One reader on the way through an answer.
struct Resumed {
    follower: Follower,
    /// Where the row is; `None`: nothing is stored of the answer.
    session: Option<SessionId>,
    /// The row as it was last read; `None`: there is none, or Postgres gives no answer.
    row: Option<Message>,
    handout: Handout,
    /// A page that has been read already.
    next: Option<BufferPage>,
    /// How often a store was asked.
    calls: u32,
    /// The run of an answer without a row was found to be over, so its buffer says how it ended or never will.
    has_ended: bool,
    /// The buffer had ended before, and the row did not know it.
    is_row_late: bool,
}

/// What is still to come after a page.
enum Next {
    /// More events are there already.
    More,
    /// The answer is still running, or its row decides.
    Wait {
        /// Something was handed out.
        moved: bool,
    },
    /// The buffer is over and all of it has been handed out.
    Ended(MessageStatus),
}

/// How the body ends.
enum BodyEnd {
    /// With the answer.
    InOrder,
    /// Before the answer's end, so that the reader knows to come back.
    CutOff,
}

impl Resumed {
    async fn run(mut self) {
        let handed_out = self.hand_out_all().await;
        let Self { handout, mut follower, .. } = self;
        let closing = async {
            match handed_out {
                Ok(BodyEnd::InOrder) => handout.writer.close().await,
                Ok(BodyEnd::CutOff) | Err(ReaderLeft) => drop(handout),
            }
        };
        join(closing, follower.leave()).await;
    }

    async fn hand_out_all(&mut self) -> Result<BodyEnd, ReaderLeft> {
        let mut patience = Patience::default();
        while self.calls < CALLS {
            let next = match self.read_page().await {
                Ok(Some(page)) => self.hand_out(&page).await?,
                Ok(None) => Next::Wait { moved: false },
                Err(error) => {
                    self.follower.log_not_read(&error);
                    Next::Wait { moved: false }
                }
            };
            let (moved, is_buffer_over) = match next {
                Next::More => continue,
                Next::Ended(status) => {
                    if self.end(Some(status)).await? {
                        return Ok(BodyEnd::InOrder);
                    }
                    (false, true)
                }
                Next::Wait { moved } => (moved, false),
            };
            let row_knows = !moved && patience.row_knows(self.handout.is_in_buffer);
            if row_knows && self.row_has_ended() && self.end(None).await? {
                return Ok(BodyEnd::InOrder);
            }
            let pace = self.follower.app().config.resume_every;
            let (pause, row_every) = match pace.filter(|_| self.handout.is_in_buffer && !is_buffer_over) {
                Some(pace) => (pace, ROW_AFTER),
                None => (ROW_AGAIN_AFTER, ROW_AGAIN_AFTER),
            };
            self.rest(pause).await?;
            let due = patience.after(pause, moved, row_every);
            if due.row && !self.read_row().await {
                self.write_broken_off().await?;
                return Ok(BodyEnd::CutOff);
            }
            if due.comment {
                self.handout.writer.write(Bytes::from_static(b":\n\n")).await?;
            }
        }
        Ok(BodyEnd::CutOff)
    }

    /// Waits for `pause`, unless the reader leaves: their place is another's then.
    async fn rest(&mut self, pause: Duration) -> Result<(), ReaderLeft> {
        let mut left = pause;
        while !left.is_zero() {
            let part = left.min(PROBE_EVERY);
            left -= part;
            self.follower.app().platform.clock.sleep(part).await;
            self.handout.writer.probe().await?;
        }
        Ok(())
    }

    async fn read_page(&mut self) -> Result<Option<BufferPage>, StoreError> {
        if let Some(page) = self.next.take() {
            return Ok(Some(page));
        }
        self.calls += 1;
        self.follower.read_buffer(self.handout.position.bytes(), PlaceAction::Keep).await
    }

    /// Hands out what a page has brought.
    async fn hand_out(&mut self, page: &BufferPage) -> Result<Next, ReaderLeft> {
        let stored = self.row.as_ref().map(|row| row.content.as_str());
        let is_streaming = self.row.as_ref().is_none_or(|row| row.status == MessageStatus::Streaming);
        let Some(before) = page.before else { return Ok(Next::Wait { moved: false }) };
        if page.length == 0 || (!is_streaming && !self.handout.is_in_buffer && page.ended.is_none()) {
            return Ok(Next::Wait { moved: false });
        }
        let asked_from = self.handout.position.bytes();
        if !self.handout.is_in_buffer {
            if !self.handout.enter(before, page.length, stored).await? {
                return Ok(Next::Wait { moved: false });
            }
            if self.handout.position.bytes() != asked_from {
                // The page was read before the position in the buffer was known.
                return Ok(Next::More);
            }
        }
        let is_last = page.ended.is_some() && asked_from + length(&page.bytes) >= page.length;
        let moved = self.handout.events(&page.bytes, is_last).await?;
        match page.ended {
            Some(status) if is_last => Ok(Next::Ended(status)),
            Some(_) | None if moved && asked_from + length(&page.bytes) < page.length => Ok(Next::More),
            Some(_) | None => Ok(Next::Wait { moved }),
        }
    }

    fn row_has_ended(&self) -> bool {
        row_has_ended(self.row.as_ref().map(|row| row.status))
    }

    /// Reads the row; `false` if it is gone (the turn failed before its first byte, or the session was deleted). Where there is none the run is asked about.
    async fn read_row(&mut self) -> bool {
        self.calls += 1;
        let Some(session) = self.session else { return self.may_have_more().await };
        match self.follower.read_row(session).await {
            Ok(Some((message, is_other_run))) => {
                self.row = Some(message);
                if is_other_run {
                    self.handout.leave_buffer();
                }
            }
            Ok(None) => return false,
            Err(error) => self.follower.app().log_cause(Level::Warn, "row not read", &error),
        }
        true
    }

    /// Whether more of an answer without a row may come: its run is on its way, or its buffer was not read since that ended.
    async fn may_have_more(&mut self) -> bool {
        match self.follower.run_state().await {
            Ok(RunState::Running) => true,
            Ok(RunState::Dead | RunState::Over) => !std::mem::replace(&mut self.has_ended, true),
            Err(error) => {
                self.follower.log_not_read(&error);
                true
            }
        }
    }

    /// The answer is over, by its buffer, which says how it `ended`, or by its row: what only the row has, then the last events. `false`: it
    /// was an earlier run's end, and the answer is still running, or the row is still to be told.
    async fn end(&mut self, ended: Option<MessageStatus>) -> Result<bool, ReaderLeft> {
        if !self.row_has_ended() {
            self.settle_row().await;
        }
        if self.row.as_ref().is_some_and(|row| row.status == MessageStatus::Streaming) {
            return Ok(false);
        }
        // Of another run the buffer says nothing.
        self.last_events(ended.filter(|_| self.handout.is_in_buffer)).await.map(|()| true)
    }

    async fn last_events(&mut self, ended: Option<MessageStatus>) -> Result<(), ReaderLeft> {
        let row = self.row.take();
        self.handout.skip_no_more();
        let (id, model) = (self.follower.answer().to_string(), row.as_ref().and_then(|row| row.model.as_deref()));
        let created = row.as_ref().map_or(0, |row| row.created_at.as_second());
        let rest: String = row.iter().flat_map(|row| row.content.chars()).skip(self.handout.position.chars).collect();
        if !rest.is_empty() {
            self.handout.rest_of_row(&text_chunk(&id, model, created, &rest), rest.chars().count()).await?;
        }
        // Without a row the buffer alone knows.
        let status = row.as_ref().map(|row| row.status).or(ended).unwrap_or(MessageStatus::Interrupted);
        match status.finish_reason() {
            Some(reason) => {
                // A buffer that was handed out to its end has brought the reason.
                if ended.is_none() || self.handout.lacks_reason || !rest.is_empty() {
                    self.handout
                        .event(write_event("", &text_end(&id, model, created, reason.name())).as_bytes())
                        .await?;
                }
                self.handout.event(write_event("", "[DONE]").as_bytes()).await
            }
            None if status == MessageStatus::Stopped => Ok(()),
            None => self.write_broken_off().await,
        }
    }

    /// Tells the reader that the answer broke off.
    async fn write_broken_off(&mut self) -> Result<(), ReaderLeft> {
        let event = self.follower.app().fault_event(StreamFault::BrokenOff);
        self.handout.writer.write(event).await
    }

    /// The buffer has ended and the row does not know it: another run writes it now, or its save is still to come. That is given a second, for it
    /// knows more than the buffer; then the buffer makes up for it.
    async fn settle_row(&mut self) {
        let Some(session) = self.session else { return };
        self.calls += 1;
        let (mut message, is_other_run) = match self.follower.read_row(session).await {
            Ok(Some(read)) => read,
            Ok(None) => return,
            Err(error) => return self.follower.app().log_cause(Level::Warn, "row not read", &error),
        };
        if is_other_run {
            self.handout.leave_buffer();
        } else if message.status == MessageStatus::Streaming && std::mem::replace(&mut self.is_row_late, true) {
            self.calls += CALLS_TO_SETTLE;
            self.follower.recover_if_ended(&mut message).await;
        }
        self.row = Some(message);
    }
}

/// Whether the answer is over by its row, as it was last read. Without one nothing says so.
fn row_has_ended(status: Option<MessageStatus>) -> bool {
    status.is_some_and(|status| status != MessageStatus::Streaming)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_a_running_answer_has_not_ended_and_neither_has_one_that_nobody_has_read() {
        for (status, ended) in [
            (None, false),
            (Some(MessageStatus::Streaming), false),
            (Some(MessageStatus::Complete), true),
            (Some(MessageStatus::Truncated), true),
            (Some(MessageStatus::Filtered), true),
            (Some(MessageStatus::Stopped), true),
            (Some(MessageStatus::Interrupted), true),
            (Some(MessageStatus::Failed), true),
        ] {
            assert_eq!(row_has_ended(status), ended, "{status:?}");
        }
    }
}
