//! A caller's own sessions.

use domain::{MessageId, Session, SessionId, SessionTitle, StorageFull, User};
use infrastructure::StoreError;
use infrastructure::postgres::{Added, Changed, SessionChange, SessionPage, Thread};
use jiff::Timestamp;

use crate::answer::recovery;
use crate::{App, SessionError, guests, storage};

/// Starts an empty session.
///
/// # Errors
/// [`SessionError`]: the caller has too many, there is no space, or Postgres gives no answer.
pub async fn create(app: &App, caller: &User, title: Option<&SessionTitle>) -> Result<Session, SessionError> {
    guests::check_caller(app, caller).await?;
    let added = app.postgres.create_session(app.new_session_id(), caller, title, app.config.storage.full()).await?;
    if added == Added::NoSpace {
        storage::measure_later(app);
    }
    within_limits(added, StorageFull::Database)
}

/// One page, counted from 1: those that are pinned, then the others, each newest activity first. Nothing is read of one whose tag is among `known`, which
/// stand between commas; `*` is any.
///
/// # Errors
/// [`StoreError`] when Postgres gives no answer.
pub async fn list(
    app: &App,
    caller: &User,
    page: u32,
    per_page: u32,
    known: String,
) -> Result<SessionPage, StoreError> {
    let skip = u64::from(page.saturating_sub(1)) * u64::from(per_page);
    app.postgres.list_sessions(caller, per_page, skip, known).await
}

/// A session with a page of its messages.
#[derive(Clone, Debug)]
pub struct OpenedSession {
    /// The session and its messages, oldest first.
    pub thread: Thread,
    /// Where the next older page begins; `None` on the oldest page.
    pub next_before: Option<MessageId>,
}

/// The newest `limit` messages before `before`, fewer where they are long.
///
/// # Errors
/// [`SessionError`]: no such session of this caller, or Postgres gives no answer.
pub async fn read(
    app: &App,
    caller: &User,
    id: SessionId,
    before: Option<MessageId>,
    limit: u32,
) -> Result<OpenedSession, SessionError> {
    let thread = app.postgres.read_session(id, caller, before, limit).await?;
    let mut thread = thread.ok_or(SessionError::NoSuchSession)?;
    recovery::recover_thread(app, caller, &mut thread).await;
    let next_before = thread.messages.last().filter(|_| thread.has_older).map(|oldest| oldest.id);
    thread.messages.reverse();
    Ok(OpenedSession { thread, next_before })
}

/// Gives a session another title, pins it or no longer; `None`: as it is.
///
/// # Errors
/// [`SessionError`]: no such session of this caller, the caller has pinned too many others, or Postgres gives no answer.
pub async fn change(
    app: &App,
    caller: &User,
    id: SessionId,
    title: Option<&SessionTitle>,
    pinned: Option<bool>,
) -> Result<Session, SessionError> {
    match app.postgres.change_session(id, caller, SessionChange { title, pinned }).await? {
        Some(Changed::Session(session)) => Ok(session),
        Some(Changed::TooManyPinned) => Err(SessionError::TooManyPinned),
        None => Err(SessionError::NoSuchSession),
    }
}

/// Hides a session; [`restore`] brings it back.
///
/// # Errors
/// [`SessionError`]: no such session of this caller, or Postgres gives no answer.
pub async fn delete(app: &App, caller: &User, id: SessionId) -> Result<Timestamp, SessionError> {
    app.postgres.delete_session(id, caller, app.platform.clock.now()).await?.ok_or(SessionError::NoSuchSession)
}

/// Undoes [`delete`].
///
/// # Errors
/// [`SessionError`]: no such session of this caller, it was deleted too long ago, the caller has too many others or no space, or Postgres gives no answer.
pub async fn restore(app: &App, caller: &User, id: SessionId) -> Result<Session, SessionError> {
    let limit = app.config.storage.of_user(caller.role);
    let kept = &app.config.retention;
    let Some(added) = app.postgres.restore_session(id, caller, limit, kept).await? else {
        return Err(if kept.may_have_gone(id, app.platform.clock.now()) {
            SessionError::Gone
        } else {
            SessionError::NoSuchSession
        });
    };
    within_limits(added, StorageFull::User { limit: limit.unwrap_or_default() })
}

/// `full`: the limit to report when the store says that space is used up.
fn within_limits(added: Added, full: StorageFull) -> Result<Session, SessionError> {
    match added {
        Added::Session(session) => Ok(session),
        Added::TooMany(cap) => Err(SessionError::TooMany(cap)),
        Added::NoSpace => Err(SessionError::NoSpace(full)),
    }
}
