//! What is charged as a message that starts a session, though no model is asked.

use std::net::IpAddr;

use domain::{Action, IdempotencyKey, MessageText, SessionId, TurnEnd, User};

use super::admission::{NotAdmitted, let_in};
use super::charge::{Charge, EndedCall};
use crate::{App, SendError};

/// Something that was let in as a message is.
pub(crate) struct LikeAMessage {
    /// The session that it makes, or has made before under the same key.
    pub session: SessionId,
    /// `None`: it was let in before under the same key, and is charged there.
    charge: Option<Charge>,
}

/// Lets it in against all limits. `what` makes two requests the same under one key.
///
/// # Errors
/// [`SendError`]; nothing is charged.
pub(crate) async fn let_in_like_a_message(
    app: &App,
    caller: &User,
    address: Option<IpAddr>,
    key: Option<IdempotencyKey>,
    proof: Option<String>,
    what: &str,
) -> Result<LikeAMessage, SendError> {
    let text = MessageText::parse(what, usize::MAX).map_err(|_| SendError::Lost)?;
    let action = Action::Send { session: None, parent: None, text };
    let ids = app.new_turn_ids(&action);
    // No model is asked, so none needs to be there.
    let mut charge = Charge { proof, breaker_failures: 0, ..Charge::new(app, caller, address, key) };
    match let_in(app, &mut charge, caller, &action, ids).await {
        Ok(_) => {
            let failed_try = charge.ticket.as_ref().and_then(|ticket| ticket.failed_try);
            let session = failed_try.map_or(ids.session, |failed| failed.session);
            Ok(LikeAMessage { session, charge: Some(charge) })
        }
        Err(NotAdmitted::Repeated(before)) => Ok(LikeAMessage { session: before.session, charge: None }),
        Err(NotAdmitted::Refused(error)) => Err(error),
        Err(NotAdmitted::Undone(error)) => {
            let (end, error) = error.before_the_call(charge.takes_up());
            charge.end(app, end, &EndedCall::default()).await;
            Err(error)
        }
    }
}

impl LikeAMessage {
    /// It has ended in this way, and so many bytes are kept of it.
    pub async fn settle(&self, app: &App, end: TurnEnd, bytes: u64) {
        if let Some(charge) = &self.charge {
            charge.end(app, end, &EndedCall { bytes, ..EndedCall::default() }).await;
        }
    }
}
