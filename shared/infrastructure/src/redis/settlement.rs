//! Settlement: the end of a charge, of a lease and of a replay buffer, in one step.

use domain::{
    Alert, BreakerChange, CallOutcome, ChargeEnd, Evidence, IdempotencyKey, KeyEnd, Limits, Standing, UserId,
};

use wire::upstash::Encoding;

use super::breaker;
use super::client::Redis;
use super::keys::{self, Address, Run};
use super::replay_buffer::{BUFFER_LIFE_MS, BufferEnd};
use super::reply::unexpected;
use super::script::{Script, script};
use crate::StoreError;

const REFUND: &Script = &script!("refund", after "clock", "values", "ledger", "user");
const SETTLE: &Script =
    &script!("settle", after "clock", "values", "ledger", "user", "breaker", "breaker_rule", "alerts");

/// The end of a charge.
#[derive(Clone, Debug)]
pub struct Settlement<'a> {
    /// The charge.
    pub charge: Run,
    /// What its sender may do.
    pub limits: Limits,
    /// What becomes of it.
    pub end: ChargeEnd,
    /// What becomes of the key it came under.
    pub key_end: KeyEnd,
    /// What it says of how the chat does.
    pub evidence: Evidence,
    /// The day's budget in micro-dollars (0: no limit), by which the operator is told of what is wrong; `None`: they are told of nothing.
    pub alerts_within: Option<u64>,
    /// How the model call ended.
    pub outcome: CallOutcome,
    /// [`Ticket::breaker_opening`](super::Ticket::breaker_opening); `None`: it was let in uncounted.
    pub breaker_opening: Option<u64>,
    /// As in [`AdmissionRequest::breaker_failures`](super::AdmissionRequest::breaker_failures).
    pub breaker_failures: u32,
    /// As in [`AdmissionRequest::address`](super::AdmissionRequest::address).
    pub address: &'a Address,
    /// What the answer has cost, in micro-dollars.
    pub cost: u64,
    /// What the turn has added to what is kept of its address' guests today, in bytes.
    pub bytes: u64,
    /// Models that were found gone.
    pub gone_models: &'a [String],
    /// The key it came under.
    pub key: Option<&'a IdempotencyKey>,
    /// The end of the answer's replay buffer; `None`: the answer has no buffer.
    pub buffer: Option<BufferEnd<'a>>,
}

/// What a settlement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Where the sender stands then.
    pub standing: Standing,
    /// What the outcome did to the breaker.
    pub breaker: Option<BreakerChange>,
    /// Who is to be given the day's message back: the account that has claimed the guest since.
    pub owed: Option<UserId>,
    /// What the operator is to be told of now.
    pub alerts: Vec<Alert>,
}

impl Redis {
    /// Ends an answer's lease and its charge, and tells the breaker, all of it once, however often it is asked for. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn settle(&self, settlement: &Settlement<'_>) -> Result<Settled, StoreError> {
        let Settlement { charge, limits, end, key_end, outcome, breaker_opening, breaker_failures, address, .. } =
            settlement;
        let (key, buffer) = (settlement.key.filter(|_| *key_end != KeyEnd::Kept), settlement.buffer);
        let mut keys = vec![keys::all(), keys::user(charge.user), keys::address(address)];
        keys.push(keys::ended(charge.user));
        keys.extend(key.map(|key| keys::claim(charge.user, key)));
        keys.extend(buffer.map(|_| keys::replay_buffer(*charge)));
        let mut args = vec![charge.request.to_string()];
        args.extend(breaker::measures(*breaker_failures));
        args.extend([
            breaker_opening.map_or("-1".to_owned(), |opening| opening.to_string()),
            outcome.name().to_owned(),
            address.pool.clone(),
            end.name().to_owned(),
            end.allowance().map_or("-1".to_owned(), |allowance| allowance.to_string()),
            key.map(|_| key_end.name()).unwrap_or_default().to_owned(),
        ]);
        args.extend(buffer.map_or_else(Default::default, |buffer| buffer.arguments()));
        args.extend([BUFFER_LIFE_MS.to_string(), settlement.cost.to_string(), settlement.gone_models.join("\n")]);
        args.extend([settlement.bytes.to_string(), settlement.evidence.name().to_owned()]);
        args.push(settlement.alerts_within.map(|budget| budget.to_string()).unwrap_or_default());
        let reply = self.eval(SETTLE, &keys, &args, self.patience(), Encoding::Plain).await?;
        let owed = Some(reply.text("owed")?).filter(|account| !account.is_empty()).map(UserId::parse).transpose();
        Ok(Settled {
            standing: reply.standing(*limits)?,
            breaker: reply.breaker_change()?,
            owed: owed.map_err(|_| unexpected("a user's id"))?,
            alerts: reply.text("alerts")?.lines().filter_map(Alert::parse).collect(),
        })
    }

    /// Gives an account back what a guest's answer was charged whom it has claimed since. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn refund(&self, account: UserId, charge: Run) -> Result<(), StoreError> {
        let args = [charge.request.to_string()];
        self.eval(REFUND, &[keys::user(account)], &args, self.patience(), Encoding::Plain).await.map(|_| ())
    }
}
