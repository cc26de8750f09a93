//! What a caller wants the model to know of them, and how it should answer.

use std::net::IpAddr;

use domain::{User, UserContext};
use infrastructure::StoreError;
use infrastructure::postgres::WrittenContext;

use crate::tries::{CONTEXTS, Try};
use crate::{App, TryError, guests, storage};

pub use infrastructure::postgres::KeptContext;

/// Why a document was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ContextKeepError {
    /// Another version is there than the caller knows.
    #[error("the document was changed meanwhile")]
    Changed,
    /// The database is full.
    #[error("no space")]
    NoSpace,
    /// Too many were written, or nobody knows how many.
    #[error(transparent)]
    NotTried(#[from] TryError),
    /// The store gave no answer, or says that the caller has ended.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The caller's document.
///
/// # Errors
/// [`StoreError`] when Postgres gives no answer.
pub async fn read(app: &App, caller: &User) -> Result<KeptContext, StoreError> {
    app.postgres.read_context(caller).await
}

/// Keeps a document in the place of the caller's, if that has one of `tags` (`None`: whichever it has). Gives its tag.
///
/// # Errors
/// [`ContextKeepError`]; [`ContextKeepError::Changed`] where another version is there.
pub async fn write(
    app: &App,
    caller: &User,
    client: Option<IpAddr>,
    context: &UserContext,
    tags: Option<&[String]>,
) -> Result<String, ContextKeepError> {
    guests::check_caller(app, caller).await?;
    Try::of_user(app, CONTEXTS, client, caller.id).count().await?;
    match app.postgres.write_context(caller, context, tags, app.config.storage.full()).await? {
        WrittenContext::Kept(tag) => Ok(tag),
        WrittenContext::Changed => Err(ContextKeepError::Changed),
        WrittenContext::NoSpace => {
            storage::measure_later(app);
            Err(ContextKeepError::NoSpace)
        }
    }
}
