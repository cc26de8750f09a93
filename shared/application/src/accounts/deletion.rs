//! The way out: who wants to be forgotten is locked at once, and what they have is removed in steps behind it.

use domain::{MailAddress, Role, User, UserId};
use platform::Level;

use super::notices::{self, Notice};
use super::{AccountError, devices, fresh_since};
use crate::App;

/// Messages that one statement removes.
const STEP: u32 = 2_000;

/// Statements of one request. Each is a call, and most of a millisecond of the 10 ms of processor time that Cloudflare's free plan gives: `cargo xtask
/// bench accounts` measures it. The daily run does the rest.
const STEPS: u32 = 6;

/// Deletes the caller with all they have. Where Redis is down it waits for three tries, some seven seconds.
///
/// # Errors
/// [`AccountError::NotFresh`] for an account whose device was signed in to too long ago; [`AccountError::Store`].
pub async fn delete(app: &App, caller: &User) -> Result<(), AccountError> {
    // A token that has ended, or a guest who was claimed, is told so.
    let person = app.postgres.read_account(caller).await?;
    let now = app.platform.clock.now();
    let fresh_since = match caller.role {
        // They have confirmed by a word: there is nothing else that they know.
        Role::Guest => None,
        Role::User | Role::Admin => Some(fresh_since(app)),
    };
    let ended = app.postgres.delete_user(caller, now, fresh_since).await?;
    if ended.is_none() && fresh_since.is_some() {
        return Err(AccountError::NotFresh);
    }
    devices::end(app, ended.as_deref().unwrap_or_default()).await;
    // Once a guest is removed Postgres knows nothing of them, and what Redis does not know ends no tab that was left open.
    let words = ["user not ended in redis yet", "user not ended in redis"];
    let end = async || app.redis.end_user(caller.id).await;
    app.keep_trying(&App::AGAIN_AFTER, words, end).await;
    let address = person.and_then(|person| MailAddress::parse(&person.email?).ok());
    if let Some(address) = address.filter(|_| ended.is_some()) {
        notices::tell_former(app, caller, Notice::Deleted, address);
    }
    if ended.is_some() {
        let (app, user) = (app.clone(), caller.id);
        let tasks = std::rc::Rc::clone(&app.platform.tasks);
        tasks.spawn(Box::pin(async move {
            erase(&app, user).await;
        }));
    }
    Ok(())
}

/// Removes what a deleted user has, as much as one request may.
async fn erase(app: &App, user: UserId) {
    for _ in 0..STEPS {
        match app.postgres.erase_user(user, STEP).await {
            Ok(erased) if erased.is_gone => {
                app.log(Level::Info, "user deleted", vec![("event", "user_deleted".into())]);
                return;
            }
            // What hangs on the user only could not go yet; the daily run looks again.
            Ok(erased) if erased.messages == 0 && erased.sessions == 0 => return,
            Ok(_) => {}
            Err(error) => {
                app.log_cause(Level::Warn, "user not deleted yet", &error);
                return;
            }
        }
    }
}
