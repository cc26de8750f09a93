//! A search through a caller's own sessions.

use std::net::IpAddr;
use std::time::Duration;

use domain::{SearchPlace, SearchText, User};
use infrastructure::StoreError;
use infrastructure::redis::Tries;
use jiff::Timestamp;
use platform::Level;

pub use infrastructure::postgres::{FoundSession, Hit, SearchPage};

use crate::config::QuotaFailMode;
use crate::{App, address};

/// What pages of a search are counted as.
const SEARCH: &str = "search";

/// The time in which they are counted.
const WITHIN: Duration = Duration::from_secs(60);

/// Pages of one user in that time: each makes the database look at thousands of messages.
const PER_USER: u32 = 10;

/// Pages of all users of one address.
const PER_ADDRESS: u32 = 60;

/// Why nothing was looked for.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The caller, or their address, has searched as often as they may.
    #[error("too many searches")]
    TooOften {
        /// How many pages a minute.
        limit: u32,
        /// The counters' clock.
        now: Timestamp,
        /// When the next is let in.
        until: Timestamp,
    },
    /// A store gave no answer.
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
    let (user, address) = (caller.id.to_string(), address::hash(app, client));
    let tries = [Tries { of: SEARCH, by: &user, most: PER_USER }, Tries::of_address(SEARCH, &address, PER_ADDRESS)];
    match app.redis.count_try(&tries, WITHIN).await {
        Ok(None) => {}
        Ok(Some(full)) => {
            return Err(SearchError::TooOften { limit: PER_USER, now: full.now, until: full.until });
        }
        Err(error) if app.config.quota_fail_mode == QuotaFailMode::Closed => return Err(error.into()),
        Err(error) => app.log_cause(Level::Warn, "search not counted", &error),
    }
    Ok(app.postgres.search(caller, text, place).await?)
}
