//! An answer read once more, from any place on and to its end: after a reload, in another tab, on another device.
//!
//! What is in Redis is handed out event by event, as upstream sent it; what is stored only comes as one chunk of our own making.
//! Every event carries an `id:`, so that this reader can be cut off and come back too.

mod place;

use std::time::Duration;

use bytes::Bytes;
use domain::{Message, MessageId, MessageRole, MessageStatus, SessionId, User};
use futures::future::join;
use infrastructure::StoreError;
use infrastructure::model::{text_chunk, text_end, write_event};
use infrastructure::redis::Look;
use platform::{Level, ReaderBody, ReaderLeft};

pub use place::Position;
use place::{Place, length};

use crate::opening::LastWords;
use crate::{App, MessageError, recovery};

/// How often an answer without a copy is looked for in its row.
const ROW_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A reader who is sent nothing for so long is sent a comment: proxies keep the connection, and one that is gone is noticed.
const COMMENT_AFTER: Duration = Duration::from_secs(10);

/// So often the stores are asked for one reader; then they are cut off and come back by the last event's id. Cloudflare's free plan
/// allows a request 50 calls, and one that made more would end in the midst of nothing.
const CALLS: u32 = 40;

/// After so long without a new event the row is asked too: the recorder may have died.
const ROW_AFTER: Duration = Duration::from_secs(3);

/// Follows an answer of `caller` from `position` on.
///
/// # Errors
/// [`MessageError`]: no such answer of theirs, or neither store gives an answer.
pub async fn follow(
    app: &App,
    caller: &User,
    session: SessionId,
    answer: MessageId,
    position: Position,
    last_words: LastWords,
) -> Result<ReaderBody, MessageError> {
    let row = recovery::read_message(app, caller, session, answer);
    let (row, look) = join(row, app.redis.look(answer, 0)).await;
    let stored = match (row, look) {
        (Ok(Some(stored)), _) => Some(stored),
        (Ok(None), _) => return Err(MessageError::NoSuchMessage),
        // Postgres is down: the copy knows whose it is.
        (Err(_), Ok(look)) if look.user == Some(caller.id) => None,
        (Err(error), _) => return Err(error.into()),
    };
    if stored.as_ref().is_some_and(|stored| stored.role != MessageRole::Assistant) {
        return Err(MessageError::NotAnAnswer);
    }
    Ok(begin(app, caller, session, answer, stored, position, last_words))
}

/// Follows an answer whose row has been read.
pub(crate) fn start(
    app: &App,
    caller: &User,
    stored: Message,
    position: Position,
    last_words: LastWords,
) -> ReaderBody {
    let (session, answer) = (stored.session_id, stored.id);
    begin(app, caller, session, answer, Some(stored), position, last_words)
}

fn begin(
    app: &App,
    caller: &User,
    session: SessionId,
    answer: MessageId,
    stored: Option<Message>,
    position: Position,
    last_words: LastWords,
) -> ReaderBody {
    let (reader, writer) = app.platform.bodies.open();
    let following = Following {
        app: app.clone(),
        caller: *caller,
        session,
        answer,
        row: stored,
        place: Place::new(writer, position),
        last_words,
        calls: 0,
    };
    app.platform.tasks.spawn(Box::pin(following.run()));
    reader
}

/// One reader on the way through an answer.
struct Following {
    app: App,
    caller: User,
    session: SessionId,
    answer: MessageId,
    /// The row as it was last read; `None`: Postgres gives no answer.
    row: Option<Message>,
    place: Place,
    last_words: LastWords,
    /// How often a store was asked.
    calls: u32,
}

/// What is still to come after a look.
enum Next {
    /// More events are there already.
    More,
    /// The answer goes on, or its row decides.
    Wait {
        /// Something was handed out.
        moved: bool,
    },
    /// The copy is over and all of it has been handed out.
    Ended(MessageStatus),
}

impl Following {
    async fn run(mut self) {
        if let Ok(()) = self.hand_out_all().await {
            self.place.writer.close().await;
        }
    }

    async fn hand_out_all(&mut self) -> Result<(), ReaderLeft> {
        let (mut quiet, mut since_row) = (Duration::ZERO, Duration::ZERO);
        while self.calls < CALLS {
            let next = match self.look().await {
                Ok(look) => self.hand_out(&look).await?,
                Err(error) => {
                    self.app.log(Level::Warn, "copy not read", vec![("cause", error.to_string().into())]);
                    Next::Wait { moved: false }
                }
            };
            let moved = match next {
                Next::More => continue,
                Next::Ended(status) => {
                    if self.end(status == MessageStatus::Complete).await? {
                        return Ok(());
                    }
                    false
                }
                Next::Wait { moved } => moved,
            };
            // Without a copy the row alone knows of an end; with one it is asked when the copy stands still.
            let row_knows = since_row.is_zero() && !moved && (!self.place.is_in_copy || quiet >= ROW_AFTER);
            if row_knows && self.row_has_ended() && self.end(false).await? {
                return Ok(());
            }
            let (pause, row_every) = match self.app.config.resume_every.filter(|_| self.place.is_in_copy) {
                Some(pace) => (pace, ROW_AFTER),
                None => (ROW_AGAIN_AFTER, ROW_AGAIN_AFTER),
            };
            self.app.platform.clock.sleep(pause).await;
            quiet = if moved { Duration::ZERO } else { quiet + pause };
            since_row += pause;
            if quiet >= row_every && since_row >= row_every {
                since_row = Duration::ZERO;
                self.read_row().await?;
            }
            if quiet >= COMMENT_AFTER {
                quiet = ROW_AFTER;
                self.place.writer.write(Bytes::from_static(b":\n\n")).await?;
            }
        }
        // Without an end, so that the reader knows to come back.
        Err(ReaderLeft)
    }

    async fn look(&mut self) -> Result<Look, StoreError> {
        self.calls += 1;
        let from = self.place.position.in_copy.map_or(0, |place| place.bytes);
        self.app.redis.look(self.answer, from).await
    }

    /// Hands out what a look has brought.
    async fn hand_out(&mut self, look: &Look) -> Result<Next, ReaderLeft> {
        let stored = self.row.as_ref().map(|row| row.content.as_str());
        let is_streaming = self.row.as_ref().is_none_or(|row| row.status == MessageStatus::Streaming);
        if look.silent.is_none()
            || look.length == 0
            || (!is_streaming && !self.place.is_in_copy && look.ended.is_none())
        {
            return Ok(Next::Wait { moved: false });
        }
        let asked_from = self.place.position.in_copy.map_or(0, |place| place.bytes);
        if !self.place.is_in_copy {
            if !self.place.enter(look, stored).await? {
                return Ok(Next::Wait { moved: false });
            }
            if self.place.position.in_copy.is_some_and(|place| place.bytes != asked_from) {
                // The look was made before the place in the copy was known.
                return Ok(Next::More);
            }
        }
        let is_last = look.ended.is_some() && asked_from + length(&look.bytes) >= look.length;
        let moved = self.place.events(&look.bytes, is_last).await?;
        match look.ended {
            Some(status) if is_last => Ok(Next::Ended(status)),
            _ if moved && asked_from + length(&look.bytes) < look.length => Ok(Next::More),
            _ => Ok(Next::Wait { moved }),
        }
    }

    fn row_has_ended(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.status != MessageStatus::Streaming)
    }

    async fn read_row(&mut self) -> Result<(), ReaderLeft> {
        self.calls += 1;
        match recovery::read_message(&self.app, &self.caller, self.session, self.answer).await {
            Ok(Some(message)) => {
                self.row = Some(message);
                Ok(())
            }
            // Its turn has failed before its first byte, or the session was deleted.
            Ok(None) => {
                self.place.writer.write(self.last_words.broken_off.clone()).await?;
                Err(ReaderLeft)
            }
            Err(error) => {
                self.app.log(Level::Warn, "row not read", vec![("cause", error.to_string().into())]);
                Ok(())
            }
        }
    }

    /// The answer is over, by its copy or its row: what only the row has, then the last event; after a copy that `came_whole` with
    /// its own last events, unless the row knows more. `false`: it was an earlier run's end, and the answer goes on.
    async fn end(&mut self, came_whole: bool) -> Result<bool, ReaderLeft> {
        if !self.row_has_ended() {
            self.settle_row().await;
        }
        if self.row.as_ref().is_some_and(|row| row.status == MessageStatus::Streaming) {
            self.place.leave_copy();
            return Ok(false);
        }
        self.last_events(came_whole).await.map(|()| true)
    }

    async fn last_events(&mut self, came_whole: bool) -> Result<(), ReaderLeft> {
        let Some(message) = self.row.take() else {
            return if came_whole { Ok(()) } else { self.place.writer.write(self.last_words.broken_off.clone()).await };
        };
        let rest: String = message.content.chars().skip(self.place.position.chars).collect();
        let (id, model, created) = (message.id.to_string(), message.model.as_deref(), message.created_at.as_second());
        if !rest.is_empty() {
            self.place.position.chars += rest.chars().count();
            self.place.event(write_event("", &text_chunk(&id, model, created, &rest)).as_bytes()).await?;
        } else if came_whole {
            return Ok(());
        }
        match message.status {
            MessageStatus::Complete => {
                self.place.event(write_event("", &text_end(&id, model, created)).as_bytes()).await?;
                self.place.event(write_event("", "[DONE]").as_bytes()).await
            }
            MessageStatus::Stopped => Ok(()),
            MessageStatus::Interrupted | MessageStatus::Failed | MessageStatus::Streaming => {
                self.place.writer.write(self.last_words.broken_off.clone()).await
            }
        }
    }

    /// The copy has ended and the row does not know it: its save is still to come, or it failed and the copy makes up for it.
    async fn settle_row(&mut self) {
        let read = recovery::read_message(&self.app, &self.caller, self.session, self.answer).await;
        let Ok(Some(mut message)) = read else { return };
        if message.status == MessageStatus::Streaming {
            recovery::recover_if_ended(&self.app, &self.caller, &mut message).await;
        }
        self.row = Some(message);
    }
}
