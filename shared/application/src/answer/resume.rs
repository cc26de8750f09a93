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
use infrastructure::redis::{PlaceWish, ReplayPage};
use platform::{Level, ReaderBody, ReaderLeft};

use super::place::{Place, Position, length};
use super::readers::Follower;
use super::recovery::{self, Found};
use crate::{App, MessageError, StreamFault};

/// How often an answer without a buffer is looked for in its row.
const ROW_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A reader who is sent nothing for so long is sent a comment: proxies keep the connection, and one that is gone is noticed.
const COMMENT_AFTER: Duration = Duration::from_secs(10);

/// Calls of the stores for one reader; then they are cut off and come back by the last event's id. Cloudflare's free plan
/// allows a request 50 calls, and one that made more would be ended anywhere.
const CALLS: u32 = 40;

/// How often a reader who is sent nothing is asked for.
const PROBE_EVERY: Duration = Duration::from_millis(250);

/// After so long without a new event the row is asked too: the recorder may have died.
const ROW_AFTER: Duration = Duration::from_secs(3);

/// Gives an answer of `caller` from `position` on and to its end.
///
/// # Errors
/// [`MessageError`]: no such answer of theirs, neither store gives an answer, or it runs and too many of theirs read follower.
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
            begin(Follower::new(app, caller, answer, Some(run)), session, None, position).await
        }
    }
}

/// Gives an answer whose row has been read.
///
/// # Errors
/// [`MessageError::TooManyReaders`].
pub(crate) async fn start(
    app: &App,
    caller: &User,
    found: Found,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    let Found { message, run } = found;
    begin(Follower::new(app, caller, message.id, run), message.session_id, Some(message), position).await
}

async fn begin(
    mut follower: Follower,
    session: SessionId,
    stored: Option<Message>,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    let page = follower.read_replay(position.bytes(), PlaceWish::Enter).await;
    let mut page = page.inspect_err(|error| follower.log_not_read(error)).ok().flatten();
    if page.as_ref().is_some_and(|page| page.before.is_none()) && follower.looks_under_guest() {
        let again = follower.read_replay(position.bytes(), PlaceWish::Enter).await;
        page = again.inspect_err(|error| follower.log_not_read(error)).ok().flatten();
    }
    // It runs, and there is no buffer that says so: it has only just begun, or none is kept, or Redis was slow. Only where Redis is away
    // altogether does one read along without a place, by the row.
    let runs = stored.as_ref().is_some_and(|stored| stored.status == MessageStatus::Streaming);
    if runs && follower.is_outside() {
        let again = follower.read_replay(position.bytes(), PlaceWish::EnterAnyway).await;
        page = again.inspect_err(|error| follower.log_not_read(error)).ok().flatten();
    }
    if follower.is_refused() {
        return Err(MessageError::TooManyReaders);
    }
    let app = follower.app().clone();
    let (reader, writer) = app.platform.bodies.open();
    let place = Place::new(writer, position);
    let resumed = Resumed { follower, session, row: stored, place, next: page, calls: 3 };
    app.platform.tasks.spawn(Box::pin(resumed.run()));
    Ok(reader)
}

/// One reader on the way through an answer.
struct Resumed {
    follower: Follower,
    session: SessionId,
    /// The row as it was last read; `None`: Postgres gives no answer.
    row: Option<Message>,
    place: Place,
    /// A page that has been read already.
    next: Option<ReplayPage>,
    /// How often a store was asked.
    calls: u32,
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
        let Self { place, mut follower, .. } = self;
        let closing = async {
            match handed_out {
                Ok(BodyEnd::InOrder) => place.writer.close().await,
                Ok(BodyEnd::CutOff) | Err(ReaderLeft) => drop(place),
            }
        };
        join(closing, follower.leave()).await;
    }

    async fn hand_out_all(&mut self) -> Result<BodyEnd, ReaderLeft> {
        // Since something new came, since the row was read, since anything was written.
        let (mut quiet, mut since_row, mut silent) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        while self.calls < CALLS {
            let next = match self.read_page().await {
                Ok(Some(page)) => self.hand_out(&page).await?,
                Ok(None) => Next::Wait { moved: false },
                Err(error) => {
                    self.follower.log_not_read(&error);
                    Next::Wait { moved: false }
                }
            };
            let moved = match next {
                Next::More => continue,
                Next::Ended(status) => {
                    if self.end(Some(status)).await? {
                        return Ok(BodyEnd::InOrder);
                    }
                    false
                }
                Next::Wait { moved } => moved,
            };
            // Without a buffer the row alone knows of an end; with one it is asked when the buffer stands still.
            let row_knows = since_row.is_zero() && !moved && (!self.place.is_in_buffer || quiet >= ROW_AFTER);
            if row_knows && self.row_has_ended() && self.end(None).await? {
                return Ok(BodyEnd::InOrder);
            }
            let (pause, row_every) = match self.follower.app().config.resume_every.filter(|_| self.place.is_in_buffer) {
                Some(pace) => (pace, ROW_AFTER),
                None => (ROW_AGAIN_AFTER, ROW_AGAIN_AFTER),
            };
            self.rest(pause).await?;
            quiet = if moved { Duration::ZERO } else { quiet + pause };
            silent = if moved { Duration::ZERO } else { silent + pause };
            since_row += pause;
            if quiet >= row_every && since_row >= row_every {
                since_row = Duration::ZERO;
                if !self.read_row().await {
                    self.write_broken_off().await?;
                    return Ok(BodyEnd::CutOff);
                }
            }
            if silent >= COMMENT_AFTER {
                silent = Duration::ZERO;
                self.place.writer.write(Bytes::from_static(b":\n\n")).await?;
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
            self.place.writer.probe().await?;
        }
        Ok(())
    }

    async fn read_page(&mut self) -> Result<Option<ReplayPage>, StoreError> {
        if let Some(page) = self.next.take() {
            return Ok(Some(page));
        }
        self.calls += 1;
        self.follower.read_replay(self.place.position.bytes(), PlaceWish::Keep).await
    }

    /// Hands out what a page has brought.
    async fn hand_out(&mut self, page: &ReplayPage) -> Result<Next, ReaderLeft> {
        let stored = self.row.as_ref().map(|row| row.content.as_str());
        let is_streaming = self.row.as_ref().is_none_or(|row| row.status == MessageStatus::Streaming);
        let Some(before) = page.before else { return Ok(Next::Wait { moved: false }) };
        if page.length == 0 || (!is_streaming && !self.place.is_in_buffer && page.ended.is_none()) {
            return Ok(Next::Wait { moved: false });
        }
        let asked_from = self.place.position.bytes();
        if !self.place.is_in_buffer {
            if !self.place.enter(before, page.length, stored).await? {
                return Ok(Next::Wait { moved: false });
            }
            if self.place.position.bytes() != asked_from {
                // The page was read before the place in the buffer was known.
                return Ok(Next::More);
            }
        }
        let is_last = page.ended.is_some() && asked_from + length(&page.bytes) >= page.length;
        let moved = self.place.events(&page.bytes, is_last).await?;
        match page.ended {
            Some(status) if is_last => Ok(Next::Ended(status)),
            _ if moved && asked_from + length(&page.bytes) < page.length => Ok(Next::More),
            _ => Ok(Next::Wait { moved }),
        }
    }

    fn row_has_ended(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.status != MessageStatus::Streaming)
    }

    /// `false`: there is none any more. Its turn has failed before its first byte, or the session was deleted.
    async fn read_row(&mut self) -> bool {
        self.calls += 1;
        match self.follower.read_row(self.session).await {
            Ok(Some((message, is_other_run))) => {
                self.row = Some(message);
                if is_other_run {
                    self.place.leave_buffer();
                }
            }
            Ok(None) => return false,
            Err(error) => self.follower.app().log_cause(Level::Warn, "row not read", &error),
        }
        true
    }

    /// The answer is over, by its buffer, which says how it `ended`, or by its row: what only the row has, then the last events. `false`: it
    /// was an earlier run's end, and the answer is still running.
    async fn end(&mut self, ended: Option<MessageStatus>) -> Result<bool, ReaderLeft> {
        if !self.row_has_ended() {
            self.settle_row().await;
        }
        if self.row.as_ref().is_some_and(|row| row.status == MessageStatus::Streaming) {
            self.place.leave_buffer();
            return Ok(false);
        }
        self.last_events(ended).await.map(|()| true)
    }

    async fn last_events(&mut self, ended: Option<MessageStatus>) -> Result<(), ReaderLeft> {
        let row = self.row.take();
        let (id, model) = (self.follower.answer().to_string(), row.as_ref().and_then(|row| row.model.as_deref()));
        let created = row.as_ref().map_or(0, |row| row.created_at.as_second());
        let rest: String = row.iter().flat_map(|row| row.content.chars()).skip(self.place.position.chars).collect();
        if !rest.is_empty() {
            self.place.rest_of_row(&text_chunk(&id, model, created, &rest), rest.chars().count()).await?;
        }
        // Without a row the buffer alone knows.
        let status = row.as_ref().map(|row| row.status).or(ended).unwrap_or(MessageStatus::Interrupted);
        match status.finish_reason() {
            Some(reason) => {
                // A buffer that was handed out to its end has brought the reason.
                if ended.is_none() || self.place.lacks_reason || !rest.is_empty() {
                    self.place.event(write_event("", &text_end(&id, model, created, reason.name())).as_bytes()).await?;
                }
                self.place.event(write_event("", "[DONE]").as_bytes()).await
            }
            None if status == MessageStatus::Stopped => Ok(()),
            None => self.write_broken_off().await,
        }
    }

    /// Tells the reader that the answer broke off.
    async fn write_broken_off(&mut self) -> Result<(), ReaderLeft> {
        let event = self.follower.app().fault_event(StreamFault::BrokenOff);
        self.place.writer.write(event).await
    }

    /// The buffer has ended and the row does not know it: its save is still to come, or it failed and the buffer makes up for it.
    async fn settle_row(&mut self) {
        let mut message = match self.follower.read_row(self.session).await {
            Ok(Some((message, _))) => message,
            Ok(None) => return,
            Err(error) => return self.follower.app().log_cause(Level::Warn, "row not read", &error),
        };
        if message.status == MessageStatus::Streaming {
            self.follower.recover_if_ended(&mut message).await;
        }
        self.row = Some(message);
    }
}
