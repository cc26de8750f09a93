//! Step 2 of a turn: whether the message is let in, and the branch that it follows, in one round trip.

use domain::{Action, Pause, SentContext, SessionCap, StorageFull, StorageUse, TurnIds, TurnLine, User, bytes_within};
use futures::future::join;
use infrastructure::StoreError;
use infrastructure::postgres::{BranchBounds, OpenedTurn, SessionCount};
use infrastructure::redis::{Admission, AdmissionRequest, Claim, Repeated};
use platform::Level;
use sha2::{Digest, Sha256};

use super::charge::Charge;
use crate::config::QuotaFailMode;
use crate::hex::hex;
use crate::{App, SendError, proof_of_work, storage};

/// What a message that is let in follows, and goes with.
#[derive(Debug, Default)]
pub(super) struct LetIn {
    /// The branch, oldest first.
    pub branch: Vec<TurnLine>,
    /// What the caller wants the model to know.
    pub context: SentContext,
    /// The model that was chosen for its session.
    pub model: Option<String>,
    /// There are as many sessions as may be, and it starts one.
    has_no_room: bool,
}

/// Why a message was not let in.
pub(super) enum NotAdmitted {
    /// Nothing was charged.
    Refused(SendError),
    /// It may have been charged, which is to be undone.
    Undone(SendError),
    /// It was answered before.
    Repeated(Repeated),
}

/// Asks both stores side by side, or none where it is remembered what they would say. `charge` holds the ticket afterwards.
pub(super) async fn let_in(
    app: &App,
    charge: &mut Charge,
    caller: &User,
    action: &Action,
    ids: TurnIds,
) -> Result<LetIn, NotAdmitted> {
    let (known, is_keyed) = (&app.config.remembered, charge.key.is_some());
    let (admission, branch) = match known.refusal(caller, &charge.address, is_keyed, app.platform.clock.now()) {
        // Of a refusal the branch is not looked at.
        Some(refused) => (Ok(refused), Ok(None)),
        None => join(admit(app, charge, caller, action, ids), open(app, caller, action)).await,
    };
    let counted = match admission {
        Ok(Admission::Admitted(ticket)) => {
            if ticket.has_budget_become_low {
                app.log(Level::Warn, "80 % of the day's budget are spent", vec![("event", "budget_low".into())]);
            }
            Ok(Some(ticket))
        }
        Ok(Admission::Refused(refusal)) => return Err(NotAdmitted::Refused(SendError::Refused(refusal))),
        Ok(Admission::BudgetUsedUp(pause)) => return Err(NotAdmitted::Refused(SendError::BudgetUsedUp(pause))),
        Ok(Admission::Overloaded(pause)) => return Err(NotAdmitted::Refused(SendError::Overloaded(pause))),
        Ok(Admission::NeedsWork { bits, standing }) => {
            let work = proof_of_work::ask(app, &charge.address, bits);
            return Err(NotAdmitted::Refused(SendError::NeedsWork { work, standing }));
        }
        Ok(Admission::AddressFull(Pause { until, standing })) => {
            let full = StorageFull::Address { limit: app.config.storage.account, until };
            return Err(NotAdmitted::Refused(SendError::NoSpace { full, standing: Some(standing) }));
        }
        Ok(Admission::Paused(pause)) => return Err(NotAdmitted::Refused(SendError::Paused(pause))),
        Ok(Admission::Mismatch) => return Err(NotAdmitted::Refused(SendError::KeyUsedOtherwise)),
        Ok(Admission::KeySpent) => return Err(NotAdmitted::Refused(SendError::Gone)),
        Ok(Admission::Continued) => return Err(NotAdmitted::Refused(SendError::InProgress)),
        Ok(Admission::Ended) => return Err(NotAdmitted::Refused(StoreError::TokenEnded.into())),
        Ok(Admission::Claimed) => return Err(NotAdmitted::Refused(StoreError::TokenClaimed.into())),
        Ok(Admission::Blocked) => return Err(NotAdmitted::Refused(StoreError::Blocked.into())),
        Ok(Admission::Repeated(before)) => return Err(NotAdmitted::Repeated(before)),
        // What is not kept asks Postgres nothing: with no counters, nobody would know whether its caller's token has ended.
        Err(error) if app.config.quota_fail_mode == QuotaFailMode::Open && !action.is_unkept() => {
            app.log_cause(Level::Warn, "message not counted", &error);
            Ok(None)
        }
        Err(error) => Err(error),
    };
    charge.ticket = counted.as_ref().ok().cloned().flatten();
    branch_if_counted(counted.map(|_| ()), branch, charge.takes_up()).map_err(NotAdmitted::Undone)
}

async fn admit(
    app: &App,
    charge: &Charge,
    caller: &User,
    action: &Action,
    ids: TurnIds,
) -> Result<Admission, StoreError> {
    let fingerprint = charge.key.as_ref().map(|_| fingerprint(action)).unwrap_or_default();
    let claim = charge.key.as_ref().map(|key| Claim {
        key,
        fingerprint: &fingerprint,
        session: ids.session,
        question: ids.question,
    });
    let proof = charge.proof.as_deref().and_then(|proof| proof_of_work::check(app, &charge.address, proof));
    let request = AdmissionRequest {
        caller,
        charge: charge.id,
        limits: charge.limits,
        first_byte: app.config.first_byte,
        breaker_failures: charge.breaker_failures,
        address: &charge.address,
        spending: app.config.spending(charge.has_account),
        most_running: app.config.most_running,
        of_address: app.config.address_limit(),
        proof: proof.as_ref(),
        answer: ids.answer,
        continues: action.continues().is_some(),
        claim,
    };
    let said = app.redis.admit(&request).await?;
    app.config.remembered.remember(caller, &charge.address, &said, app.platform.clock.now());
    Ok(said)
}

/// A hash of what makes two requests the same. The model that is named does not: what waits in a browser may be sent by two of its tabs.
fn fingerprint(action: &Action) -> String {
    let mut hash = Sha256::new();
    for part in action.identity() {
        hash.update(part);
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// Ownership, space and the branch. What is not kept asks for none of them. A new session has no branch; whether there is room for it must be known before the model is asked.
async fn open(app: &App, caller: &User, action: &Action) -> Result<Option<LetIn>, SendError> {
    if action.is_unkept() {
        return Ok(Some(LetIn::default()));
    }
    let Some(session) = action.session() else {
        let SessionCount { sessions, storage, context } = app.postgres.count_sessions(caller).await?;
        has_space(app, caller, storage)?;
        let has_no_room = sessions >= u64::from(SessionCap::All.most());
        return Ok(Some(LetIn { branch: Vec::new(), context, model: None, has_no_room }));
    };
    // An answer and its question do not count as what came before them.
    let bounds =
        BranchBounds { texts: app.config.context_messages + 2, bytes: bytes_within(app.config.context_tokens) };
    let opened = app.postgres.open_turn(session, caller, bounds, action.leaf()).await?;
    let Some(OpenedTurn { branch, storage, context, model }) = opened else { return Ok(None) };
    has_space(app, caller, storage)?;
    Ok(Some(LetIn { branch, context, model, has_no_room: false }))
}

fn has_space(app: &App, caller: &User, used: StorageUse) -> Result<(), SendError> {
    storage::check(app, caller.role, used).map_err(|full| SendError::NoSpace { full, standing: None })
}

/// What both stores say together. Postgres' refusal comes first: it is about the request, the other about us. `takes_up`: the message
/// reuses a failed try's session and adds no other.
fn branch_if_counted(
    counted: Result<(), StoreError>,
    opened: Result<Option<LetIn>, SendError>,
    takes_up: bool,
) -> Result<LetIn, SendError> {
    match (opened, counted) {
        (Ok(Some(opened)), Ok(())) if takes_up || !opened.has_no_room => Ok(opened),
        (Ok(Some(LetIn { has_no_room: true, .. })), _) => Err(SendError::TooManySessions),
        (Ok(Some(opened)), Ok(())) => Ok(opened),
        (Ok(None), _) => Err(SendError::NoSuchSession),
        (Err(error), _) => Err(error),
        (Ok(Some(_)), Err(error)) => Err(SendError::Store(error)),
    }
}

#[cfg(test)]
mod tests {
    use domain::{MessageId, SessionId};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_both_stores_say_is_one_answer() {
        let redis = || StoreError::Unexpected { store: "redis", what: "a verdict" };
        let postgres = || SendError::Store(StoreError::Unexpected { store: "postgres", what: "a role" });
        let there = || Ok(Some(LetIn::default()));
        let full = || Ok(Some(LetIn { has_no_room: true, ..LetIn::default() }));
        let cases = [
            (Ok(()), there(), false, "ok"),
            (Ok(()), Ok(None), false, "no such session"),
            (Ok(()), full(), false, "too many sessions"),
            (Ok(()), full(), true, "ok"),
            (Ok(()), Err(postgres()), true, "unexpected value from postgres: a role"),
            (Err(redis()), there(), false, "unexpected value from redis: a verdict"),
            (Err(redis()), Ok(None), false, "no such session"),
            (Err(redis()), full(), true, "too many sessions"),
            (Err(redis()), Err(postgres()), false, "unexpected value from postgres: a role"),
        ];
        for (at, (counted, branch, takes_up, expected)) in cases.into_iter().enumerate() {
            let told = branch_if_counted(counted, branch, takes_up);
            assert_eq!(told.map_or_else(|error| error.to_string(), |_| "ok".to_owned()), expected, "case {at}");
        }
    }

    #[test]
    fn a_fingerprint_tells_parts_apart_that_read_alike_together() {
        let session = SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let message = MessageId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let regenerate = fingerprint(&Action::Regenerate { session, message });
        assert_eq!(regenerate, fingerprint(&Action::Regenerate { session, message }));
        assert_ne!(regenerate, fingerprint(&Action::Continue { session, answer: message }));
        assert_eq!(regenerate.len(), 64);
    }
}
