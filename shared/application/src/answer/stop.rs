//! Ending an answer on its reader's wish, from whichever instance the wish arrives at.

use std::time::Duration;

use domain::{MessageId, MessageRole, MessageStatus, RequestId, SessionId, StopWish, User};
use infrastructure::StoreError;
use infrastructure::redis::Run;
use platform::Level;

use super::recovery::{self, Found};
use crate::{App, MessageError};

/// Pauses before the row is looked at again: some 5 s in all. The recorder asks for wishes with each append to its replay buffer: most
/// are found to be fulfilled by the fourth look, those of an answer that is followed by the second, and a late one costs no more than six.
const LOOK_AGAIN_AFTER: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_millis(450),
    Duration::from_millis(800),
    Duration::from_millis(1_300),
    Duration::from_millis(2_000),
];

/// Ends a running answer with what has arrived, or with at most `seen` characters of what its stream brought, and gives it
/// as it is stored then. One that has ended already is left as it is.
///
/// One wish is written; it names the run that it is meant for, so a recorder that begins later neither misses nor inherits it. Then
/// the row is looked at six times at most, at growing pauses. An answer that still runs after that is given as `streaming`: the wish
/// stands, and the recorder ends the answer when it next asks.
///
/// # Errors
/// [`MessageError`]: no such answer of this caller, or a store gives no answer.
pub async fn stop(
    app: &App,
    caller: &User,
    session: SessionId,
    id: MessageId,
    seen: Option<usize>,
) -> Result<domain::Message, MessageError> {
    let wish = seen.map_or(StopWish::Now, StopWish::At);
    let mut asked = None;
    let mut pauses = LOOK_AGAIN_AFTER.into_iter();
    loop {
        let Found { message, run } =
            recovery::find_message(app, caller, session, id).await?.ok_or(MessageError::NoSuchMessage)?;
        if message.role != MessageRole::Assistant {
            return Err(MessageError::NotAnAnswer);
        }
        if message.status != MessageStatus::Streaming {
            return Ok(message);
        }
        // Once for each run: the answer may have been continued meanwhile. Again only when Redis gave no answer.
        let mut unasked = None;
        if let Some(run) = run.filter(|run| asked != Some(*run)) {
            match ask(app, caller, run, wish).await {
                Ok(()) => asked = Some(run),
                Err(error) => unasked = Some(error),
            }
        }
        match (pauses.next(), unasked) {
            (None, Some(error)) => return Err(error.into()),
            (None, None) => return Ok(message),
            (Some(pause), error) => {
                if let Some(error) = error {
                    app.log_cause(Level::Warn, "wish to stop not written", &error);
                }
                app.platform.clock.sleep(pause).await;
            }
        }
    }
}

/// Writes the wish for the run; also for that of the guest whom the caller was, whose recorder knows no other name.
async fn ask(app: &App, caller: &User, request: RequestId, wish: StopWish) -> Result<(), StoreError> {
    if let Some(user) = caller.was {
        app.redis.ask_to_stop(Run { user, request }, wish).await?;
    }
    app.redis.ask_to_stop(Run { user: caller.id, request }, wish).await
}
