//! Answers of temporary chats: they are in Redis alone. An answer's id names its run, and a buffer's key its owner, so it needs no row to know whose it is.

use domain::{MessageId, RequestId, StopWish, User};
use infrastructure::StoreError;
use infrastructure::redis::{BUFFER_LIMIT, Run, RunState};
use platform::ReaderBody;

use super::followers::Follower;
use super::position::Position;
use super::resume::{Answer, begin};
use crate::{App, MessageError};

/// Beyond the end of any buffer: what is read from here says only that there is one.
const BEYOND: u64 = 2 * BUFFER_LIMIT as u64;

/// What Redis knows of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is on its way.
    Running(Run),
    /// It has ended, or its instance has died: what there is of it is in the buffer.
    Buffered(Run),
    /// Its instance has died before anything of it was kept.
    Dead,
    /// Nothing: it was never the caller's, never began, or is forgotten.
    Nothing,
}

/// Gives an answer of `caller`'s from `position` on and to its end.
///
/// # Errors
/// [`MessageError`]: no such answer of this caller, Redis gives no answer, or it is running and the caller already has
/// [`FOLLOWERS`](super::FOLLOWERS) followers.
pub async fn resume_temporary(
    app: &App,
    caller: &User,
    answer: MessageId,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    start(app, caller, answer, find(app, caller, answer).await?, position).await
}

/// As [`resume_temporary`], of an answer that is known.
///
/// # Errors
/// [`MessageError`], but for a silent Redis.
pub(crate) async fn start(
    app: &App,
    caller: &User,
    answer: MessageId,
    known: Known,
    position: Position,
) -> Result<ReaderBody, MessageError> {
    let (run, state) = match known {
        Known::Running(run) => (run, Answer::Running),
        Known::Buffered(run) => (run, Answer::Buffered),
        Known::Dead | Known::Nothing => return Err(MessageError::NoSuchMessage),
    };
    begin(Follower::of_run(app, caller, answer, run), None, state, position).await
}

/// Ends a running answer with what has arrived; one that has ended is left as it is. The wish is heard with the next append to its buffer.
///
/// # Errors
/// [`MessageError`]: no such answer of this caller, or Redis gives no answer.
pub async fn stop_temporary(app: &App, caller: &User, answer: MessageId) -> Result<(), MessageError> {
    match find(app, caller, answer).await? {
        Known::Running(run) => Ok(app.redis.ask_to_stop(run, StopWish::Now).await?),
        Known::Buffered(_) => Ok(()),
        Known::Dead | Known::Nothing => Err(MessageError::NoSuchMessage),
    }
}

/// Looks for an answer under its caller's name, and under that of the guest whom they were.
///
/// # Errors
/// [`StoreError`] as for every call, also where the caller's token has ended.
pub(crate) async fn find(app: &App, caller: &User, answer: MessageId) -> Result<Known, StoreError> {
    let request = RequestId::from_bytes(answer.to_bytes());
    let mut known = Known::Nothing;
    for user in [Some(caller.id), caller.was].into_iter().flatten() {
        let run = Run { user, request };
        let state = app.redis.state_of(caller, run, app.config.first_byte).await?;
        if state == RunState::Running {
            return Ok(Known::Running(run));
        }
        // Read after the state: a run that ended in between has left a buffer by now.
        if app.redis.read_buffer(run, BEYOND).await?.before.is_some() {
            return Ok(Known::Buffered(run));
        }
        if state == RunState::Dead {
            known = Known::Dead;
        }
    }
    Ok(known)
}
