//! A request that repeats an earlier one under its idempotency key: it gets the earlier one's answer, running or whole.

use std::time::Duration;

use domain::{DEAD_AFTER, MessageStatus, User};
use infrastructure::redis::Repeated;
use platform::Level;

use super::charge::Charge;
use super::reply::{Accepted, AnswerBody, AnswerForm};
use crate::answer::recovery::{self, Found};
use crate::answer::{Position, resume};
use crate::{App, SendError};

/// How often a row that is being written is looked for, and how long apart.
const LOOKS: u32 = 4;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// How long a key without a row is believed to be in use: the request that claimed it has died if nothing was written by then. A request
/// that repeats it after that takes its charge over, so that it is paid once.
const CLAIM_WITHOUT_ROW: Duration = DEAD_AFTER;

/// Answers with what the earlier request made.
///
/// # Errors
/// [`SendError::InProgress`] when there is nothing yet that could be shown in this form, [`SendError::Gone`] when it was deleted.
pub(crate) async fn answer(
    app: &App,
    caller: &User,
    charge: &Charge,
    form: AnswerForm,
    before: Repeated,
) -> Result<Accepted, SendError> {
    let Some(found) = find(app, caller, &before).await? else {
        if let Some(key) = charge.key.as_ref().filter(|_| before.age > CLAIM_WITHOUT_ROW)
            && let Err(error) = app.redis.release_claim(caller.id, key, before.answer).await
        {
            app.log_cause(Level::Warn, "idempotency key not released", &error);
        }
        return Err(SendError::InProgress);
    };
    let question = found.message.parent_id;
    let body = match (form, found.message.status, question) {
        (AnswerForm::Stream, _, _) => AnswerBody::Stream(resume::start(app, caller, found, Position::default()).await?),
        (AnswerForm::Plain, MessageStatus::Streaming, _) => return Err(SendError::InProgress),
        (AnswerForm::Plain, _, Some(question)) => {
            let (question, answer) = app.postgres.read_turn(question, before.answer).await?;
            AnswerBody::Plain { question: Box::new(question), answer: Box::new(answer), usage: None }
        }
        (AnswerForm::Plain, _, None) => return Err(SendError::NoSuchMessage),
    };
    Ok(Accepted {
        session: before.session,
        question,
        answer: before.answer,
        standing: Some(before.standing),
        is_replayed: true,
        body,
    })
}

/// The answer's row; it may be under way.
async fn find(app: &App, caller: &User, before: &Repeated) -> Result<Option<Found>, SendError> {
    for look in 0..LOOKS {
        if look > 0 {
            app.platform.clock.sleep(LOOK_AGAIN_AFTER).await;
        }
        let stored = recovery::find_message(app, caller, before.session, before.answer).await?;
        if stored.is_some() {
            return Ok(stored);
        }
        if look == 0 && app.postgres.is_session_deleted(before.session, caller).await? {
            return Err(SendError::Gone);
        }
    }
    Ok(None)
}
