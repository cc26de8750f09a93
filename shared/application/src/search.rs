//! A search through a caller's own sessions.

use std::net::IpAddr;

use domain::{SearchPlace, SearchText, User};
use infrastructure::StoreError;

pub use infrastructure::postgres::{FoundSession, Hit, SearchPage};

use crate::App;
use crate::tries::{SEARCHES, Try, TryError};

/// Why nothing was looked for.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The caller, or their address, has searched as often as they may.
    #[error(transparent)]
    NotTried(#[from] TryError),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks through a caller's sessions from `place` on. Counted first, so that a refused search costs the database nothing.
///
/// # Errors
/// [`SearchError`].
pub async fn search(
    app: &App,
    caller: &User,
    client: Option<IpAddr>,
    text: &SearchText,
    place: Option<SearchPlace>,
) -> Result<SearchPage, SearchError> {
    Try::of_user(app, SEARCHES, client, caller.id).count().await?;
    Ok(app.postgres.search(caller, text, place).await?)
}
