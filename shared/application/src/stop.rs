//! Ending an answer on its reader's wish, from whichever instance the wish arrives at.

use std::time::Duration;

use domain::{Message, MessageId, MessageRole, MessageStatus, SessionId, User};
use infrastructure::redis::StopWish;

use crate::{App, MessageError, recovery};

/// How often the answer's end is looked for, and how long apart; together some 5 s. Whoever records the answer asks for wishes
/// every `CHAT_RESUME_INTERVAL_MS`.
const LOOKS: u32 = 25;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Ends a running answer with what has arrived, or with no more than `seen` characters of what its stream brought, and gives it
/// as it is stored then. One that has ended already is left as it is.
///
/// # Errors
/// [`MessageError`]: no such answer of this caller, or a store gives no answer.
pub async fn stop(
    app: &App,
    caller: &User,
    session: SessionId,
    id: MessageId,
    seen: Option<usize>,
) -> Result<Message, MessageError> {
    let wish = seen.map_or(StopWish::Now, StopWish::At);
    let mut looks = 0;
    loop {
        let message = recovery::read_message(app, caller, session, id).await?.ok_or(MessageError::NoSuchMessage)?;
        if message.role != MessageRole::Assistant {
            return Err(MessageError::NotAnAnswer);
        }
        looks += 1;
        if message.status != MessageStatus::Streaming || looks > LOOKS {
            return Ok(message);
        }
        // Again each time: a recorder that begins anew forgets what was wished of the one before, and Redis may be slow for a moment.
        if let Err(error) = app.redis.ask_to_stop(id, wish).await
            && looks == LOOKS
        {
            return Err(error.into());
        }
        app.platform.clock.sleep(LOOK_AGAIN_AFTER).await;
    }
}
