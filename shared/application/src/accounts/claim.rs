//! Who signs up or in takes along what they have as a guest.
//!
//! Redis first: what the guest has used counts for the account, and their token opens nothing more. Then Postgres, in one transaction: the guest's
//! row names its account, and all that is theirs goes over. A claim that stops half-way is taken up by the next sign-in or refresh that shows
//! the guest's token; nothing is lost meanwhile, the guest only cannot write.

use std::net::IpAddr;

use domain::{User, UserId};
use infrastructure::StoreError;
use platform::Level;

use super::{KnownBrowser, SignedIn};
use crate::App;

/// Who signs in, before they are known.
#[derive(Clone, Debug)]
pub struct Entrant<'a> {
    /// Where from, as the platform saw it.
    pub address: Option<IpAddr>,
    /// What their browser says it is.
    pub user_agent: &'a str,
    /// The guest whose token they have shown.
    pub guest: Option<UserId>,
    /// Their browser, if it has signed in to this account before.
    pub known_browser: Option<KnownBrowser>,
}

/// What became of the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WasGuest {
    /// They are the account now.
    Claimed,
    /// They are another account.
    Others,
}

/// Makes what `guest` has the account's. Safe to repeat.
///
/// # Errors
/// [`StoreError`]: a store gave no answer; the claim may be half done.
async fn claim(app: &App, account: &User, guest: UserId) -> Result<WasGuest, StoreError> {
    if guest == account.id || !app.redis.claim_guest(guest, account.id).await? {
        return Ok(WasGuest::Others);
    }
    let is_claimed = app.postgres.claim_guest(guest, account.id).await?;
    Ok(if is_claimed { WasGuest::Claimed } else { WasGuest::Others })
}

/// Lets the guest go with who was let in. One who cannot is no reason to turn the account away: the claim is made up for with the next token.
pub(super) async fn take_along(app: &App, signed_in: &mut SignedIn, guest: Option<UserId>) {
    let Some(guest) = guest else { return };
    match claim(app, &signed_in.user, guest).await {
        Ok(WasGuest::Claimed) => {
            signed_in.has_claimed = true;
            signed_in.user.was = Some(guest);
        }
        Ok(WasGuest::Others) => {}
        Err(error) => app.log_cause(Level::Error, "guest not claimed", &error),
    }
}
