//! What a caller thinks of an answer of theirs.

use std::net::IpAddr;

use domain::{Feedback, MessageId, SessionId, User};
use infrastructure::StoreError;
use infrastructure::postgres::Voted;

use crate::tries::{Try, VOTES};
use crate::{App, TryError};

/// Why a vote was not kept.
#[derive(Debug, thiserror::Error)]
pub enum VoteError {
    /// The caller has no such session.
    #[error("no such session")]
    NoSuchSession,
    /// The session has no such message.
    #[error("no such message")]
    NoSuchMessage,
    /// The message is the visitor's own.
    #[error("not an answer")]
    NotAnAnswer,
    /// There is no space for its reason.
    #[error("no space")]
    NoSpace,
    /// Too many were given, or nobody knows how many.
    #[error(transparent)]
    NotTried(#[from] TryError),
    /// The store gave no answer, or says that the caller has ended.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps what the caller thinks of an answer in the place of what they thought; `None` takes it back.
///
/// # Errors
/// [`VoteError`].
pub async fn vote(
    app: &App,
    caller: &User,
    client: Option<IpAddr>,
    session: SessionId,
    message: MessageId,
    feedback: Option<&Feedback>,
) -> Result<(), VoteError> {
    Try::of_user(app, VOTES, client, caller.id).count().await?;
    match app.postgres.vote(session, caller, message, feedback, app.config.storage.full()).await? {
        Some(Voted::Kept) => Ok(()),
        Some(Voted::NoSuchMessage) => Err(VoteError::NoSuchMessage),
        Some(Voted::NotAnAnswer) => Err(VoteError::NotAnAnswer),
        Some(Voted::NoSpace) => Err(VoteError::NoSpace),
        None => Err(VoteError::NoSuchSession),
    }
}
