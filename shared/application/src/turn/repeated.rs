//! A request that repeats an earlier one under its idempotency key: it gets the earlier one's answer, running or whole.

use std::time::Duration;

use domain::{DEAD_AFTER, MessageId, MessageStatus, User};
use infrastructure::redis::Repeated;
use platform::Level;

use super::charge::Charge;
use super::reply::{Accepted, AnswerBody, AnswerForm};
use crate::answer::recovery::{self, Found};
use crate::answer::temporary::{self, Known};
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
        release_if_dead(app, caller, charge, &before).await;
        return Err(SendError::InProgress);
    };
    let (question, model) = (found.message.parent_id, found.message.model.clone());
    let body = match shown(form, found.message.status, question)? {
        Shown::Stream => AnswerBody::Stream(resume::start(app, caller, found, Position::default()).await?),
        Shown::Plain(question) => {
            let (question, answer) = app.postgres.read_turn(question, before.answer).await?;
            AnswerBody::Plain { question: Box::new(question), answer: Box::new(answer), usage: None }
        }
    };
    Ok(Accepted {
        session: before.session,
        question,
        answer: before.answer,
        model,
        instead_of: None,
        standing: Some(before.standing),
        is_replayed: true,
        timings: None,
        body,
    })
}

/// As [`answer`], in a temporary chat: what is not in Redis any more is gone.
///
/// # Errors
/// [`SendError`], the same.
pub(crate) async fn temporary(
    app: &App,
    caller: &User,
    charge: &Charge,
    before: Repeated,
) -> Result<Accepted, SendError> {
    let known = temporary::find(app, caller, before.answer).await?;
    match known {
        Known::Running(_) | Known::Buffered(_) => {}
        Known::Dead => {
            release_if_dead(app, caller, charge, &before).await;
            return Err(SendError::InProgress);
        }
        Known::Nothing => return Err(SendError::Gone),
    }
    let reader = temporary::start(app, caller, before.answer, known, Position::default()).await?;
    Ok(Accepted {
        session: before.session,
        question: None,
        answer: before.answer,
        standing: Some(before.standing),
        model: None,
        instead_of: None,
        timings: None,
        is_replayed: true,
        body: AnswerBody::Stream(reader),
    })
}

/// Frees the key of a request that has died before it has written anything.
async fn release_if_dead(app: &App, caller: &User, charge: &Charge, before: &Repeated) {
    if let Some(key) = charge.key.as_ref().filter(|_| is_dead(before.age))
        && let Err(error) = app.redis.release_claim(caller.id, key, before.answer).await
    {
        app.log_cause(Level::Warn, "idempotency key not released", &error);
    }
}

/// Whether a request that claimed its key this long ago, and has written nothing, is dead.
fn is_dead(age: Duration) -> bool {
    age > CLAIM_WITHOUT_ROW
}

/// What the repeated request is given.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    /// The answer's stream, running or over.
    Stream,
    /// Both messages as they are stored.
    Plain(MessageId),
}

/// How the answer of an earlier request is shown in the form that this one asks for.
fn shown(form: AnswerForm, status: MessageStatus, question: Option<MessageId>) -> Result<Shown, SendError> {
    match (form, question) {
        (AnswerForm::Stream, _) => Ok(Shown::Stream),
        (AnswerForm::Plain, _) if status == MessageStatus::Streaming => Err(SendError::InProgress),
        (AnswerForm::Plain, Some(question)) => Ok(Shown::Plain(question)),
        (AnswerForm::Plain, None) => Err(SendError::NoSuchMessage),
    }
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_repeated_request_is_shown_what_its_form_allows() {
        let question = MessageId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        for (form, status, parent, expected) in [
            (AnswerForm::Stream, MessageStatus::Streaming, None, Ok(Shown::Stream)),
            (AnswerForm::Stream, MessageStatus::Complete, Some(question), Ok(Shown::Stream)),
            (AnswerForm::Plain, MessageStatus::Streaming, Some(question), Err("still on its way")),
            (AnswerForm::Plain, MessageStatus::Interrupted, Some(question), Ok(Shown::Plain(question))),
            (AnswerForm::Plain, MessageStatus::Complete, None, Err("no such message")),
        ] {
            match (shown(form, status, parent), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
                (found, expected) => panic!("{form:?} {status:?}: {found:?} instead of {expected:?}"),
            }
        }
        assert!(!is_dead(CLAIM_WITHOUT_ROW) && is_dead(CLAIM_WITHOUT_ROW + Duration::from_millis(1)));
    }
}
