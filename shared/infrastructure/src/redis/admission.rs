//! Admission, its settlement, and reading where a user stands.

use std::time::Duration;

use domain::{
    BreakerChange, CallOutcome, ChargeEnd, DayWindow, FailedTry, IdempotencyKey, KeyEnd, Limits, MessageId,
    MinuteWindow, Pause, RETURNS_PER_DAY, Refusal, RefusedBy, RequestId, SessionId, Standing, StreamSlots, UserId,
};
use jiff::Timestamp;
use wire::upstash::Reply;

use super::Redis;
use super::client::{DEADLINE, PATIENT_DEADLINE, PREFIX, unexpected};
use super::copy::{Batch, COPY_LIFE_MS, copy_keys};
use crate::StoreError;

/// How long a message holds its place among the running answers while the model's first byte is waited for. Not every runtime tells of a reader
/// who leaves before it, and their place should not stay taken for as long as a model may be silent.
const LEASE_BEFORE_FIRST_BYTE: Duration = Duration::from_secs(10);

/// How long a running answer holds its place without a sign of life: an instance that dies blocks it no longer than this. Whoever
/// records the answer renews it.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// How long an answer that is continued is kept from being continued once more, unless the continuation ends before: until its row says
/// that it runs, whatever the stores take for it.
const CONTINUING: Duration = Duration::from_secs(60);

/// How much longer than the wait for the first byte a probe keeps others from the model.
const PROBE_BEYOND_FIRST_BYTE: Duration = Duration::from_secs(5);

/// How long a charge can be given back or recognised, in milliseconds: longer than any request lives.
const RECEIPT_MS: u64 = 3_600_000;

/// How long an idempotency key is known, in milliseconds.
const CLAIM_MS: u64 = 86_400_000;

const ADMIT: &str = concat!(
    include_str!("scripts/clock.lua"),
    include_str!("scripts/standing.lua"),
    include_str!("scripts/breaker.lua"),
    include_str!("scripts/admit.lua")
);
const SETTLE: &str = concat!(
    include_str!("scripts/clock.lua"),
    include_str!("scripts/standing.lua"),
    include_str!("scripts/breaker.lua"),
    include_str!("scripts/copy.lua"),
    include_str!("scripts/settle.lua")
);
const HEAR: &str =
    concat!(include_str!("scripts/clock.lua"), include_str!("scripts/breaker.lua"), include_str!("scripts/hear.lua"));
const READ: &str =
    concat!(include_str!("scripts/clock.lua"), include_str!("scripts/standing.lua"), include_str!("scripts/read.lua"));
const RELEASE: &str = include_str!("scripts/release.lua");

/// What a charge is known by: repeated under the same id, it is made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeId {
    /// Who is charged.
    pub user: UserId,
    /// For which request.
    pub request: RequestId,
}

/// What a message asks for at the door.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its charge.
    pub charge: ChargeId,
    /// What its sender may do.
    pub limits: Limits,
    /// How long the model's first byte is waited for.
    pub first_byte: Duration,
    /// Failures in a row that open the breaker; 0: it is off.
    pub breaker_failures: u32,
    /// Its sender's address, hashed.
    pub address: &'a str,
    /// The answer that it continues.
    pub continues: Option<MessageId>,
    /// The idempotency key it comes under.
    pub claim: Option<Claim<'a>>,
}

/// An idempotency key, and what is done under it.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The key.
    pub key: &'a IdempotencyKey,
    /// What makes two requests the same: a hash of all that decides about the answer.
    pub fingerprint: &'a str,
    /// The session of the answer.
    pub session: SessionId,
    /// The visitor's message, if it is a new one.
    pub question: MessageId,
    /// The answer's row.
    pub answer: MessageId,
}

/// Whether a message may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is charged.
    Admitted(Ticket),
    /// It may not, and nothing has changed.
    Refused(Refusal),
    /// The model does not answer at present, and nothing has changed.
    Paused(Pause),
    /// Its idempotency key was used for the same request before, and nothing has changed.
    Repeated(Repeated),
    /// Its idempotency key was used for another request, and nothing has changed.
    Mismatch,
    /// What was done under its idempotency key before is gone, and nothing has changed.
    Gone,
    /// Another request continues the same answer, and nothing has changed.
    Continued,
}

/// A message that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Where its sender stands after it.
    pub standing: Standing,
    /// How often the breaker had opened by then: what the call's outcome is held against.
    pub opening: u64,
    /// Whether this is the one call that tries a model which did not answer before.
    pub is_probe: bool,
    /// Under its idempotency key the same was asked before, and ended before its answer began.
    pub failed_try: Option<FailedTry>,
}

/// What was done under an idempotency key before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The session of the answer.
    pub session: SessionId,
    /// The answer's row.
    pub answer: MessageId,
    /// How long ago the key was claimed.
    pub age: Duration,
    /// Where the caller stands.
    pub standing: Standing,
}

/// The end of a charge.
#[derive(Clone, Debug)]
pub struct Settlement<'a> {
    /// The charge.
    pub charge: ChargeId,
    /// What its sender may do.
    pub limits: Limits,
    /// What becomes of it.
    pub end: ChargeEnd,
    /// What becomes of the key it came under.
    pub key_end: KeyEnd,
    /// How the model call ended.
    pub outcome: CallOutcome,
    /// [`Ticket::opening`]; `None`: it was let in uncounted.
    pub opening: Option<u64>,
    /// As in [`Request::breaker_failures`].
    pub breaker_failures: u32,
    /// As in [`Request::address`].
    pub address: &'a str,
    /// As in [`Request::continues`].
    pub continues: Option<MessageId>,
    /// The key it came under.
    pub key: Option<&'a IdempotencyKey>,
    /// The end of the answer's copy.
    pub copy: Option<CopyEnd<'a>>,
}

/// The end of an answer's copy.
#[derive(Clone, Copy, Debug)]
pub struct CopyEnd<'a> {
    /// The answer.
    pub answer: MessageId,
    /// Characters that the answer had before this run.
    pub before: usize,
    /// What is not kept yet; `None`: the copy is not whole, or says more than was stored, and is thrown away.
    pub rest: Option<Batch<'a>>,
    /// The status it ended with.
    pub status: &'static str,
}

/// What a settlement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Where the sender stands then.
    pub standing: Standing,
    /// What the outcome did to the breaker.
    pub breaker: Option<BreakerChange>,
}

impl Redis {
    /// Admits a message against everything at once, or refuses it and changes nothing. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was charged is then unknown, and [`Redis::settle`] puts it right.
    pub async fn admit(&self, request: &Request<'_>) -> Result<Admission, StoreError> {
        let Request { charge, limits, first_byte, breaker_failures, address, continues, claim } = request;
        let mut keys = keys(charge.user, receipts(charge.user));
        keys.push(claim.map(|claim| claim_key(charge.user, claim.key)).unwrap_or_default());
        keys.push(continues.map(|answer| continued_key(charge.user, answer)).unwrap_or_default());
        let args = [
            charge.request.to_string(),
            limits.per_minute.to_string(),
            limits.per_day.map_or("-1".to_owned(), |limit| limit.to_string()),
            limits.streams.to_string(),
            LEASE_BEFORE_FIRST_BYTE.as_millis().to_string(),
            RECEIPT_MS.to_string(),
            breaker_failures.to_string(),
            (*first_byte + PROBE_BEYOND_FIRST_BYTE).as_millis().to_string(),
            claim.map(|claim| claim.fingerprint.to_owned()).unwrap_or_default(),
            claim.map(|claim| claim.session.to_string()).unwrap_or_default(),
            claim.map(|claim| claim.question.to_string()).unwrap_or_default(),
            claim.map(|claim| claim.answer.to_string()).unwrap_or_default(),
            CLAIM_MS.to_string(),
            (*address).to_owned(),
            CONTINUING.as_millis().to_string(),
            LEASE.as_millis().to_string(),
            RETURNS_PER_DAY.to_string(),
        ];
        let reply = self.eval(ADMIT, &keys, &args, DEADLINE).await?;
        let standing = standing(&reply, *limits)?;
        let refused = |by| Ok(Admission::Refused(Refusal { by, standing }));
        match reply.item(0)?.text()? {
            "admitted" => {
                let is_probe = reply.item(8)?.integer()? == 1;
                let failed_try = claim.map(|claim| failed_try(&reply, &claim)).transpose()?.flatten();
                Ok(Admission::Admitted(Ticket { standing, opening: count(&reply, 7)?, is_probe, failed_try }))
            }
            "minute" => refused(RefusedBy::Minute),
            "day" => refused(RefusedBy::Day),
            "streams" => refused(RefusedBy::Streams),
            "paused" => Ok(Admission::Paused(Pause { until: moment(&reply, 7)?, standing })),
            "repeated" => Ok(Admission::Repeated(Repeated {
                session: session_id(&reply, 7)?,
                answer: message_id(&reply, 8)?,
                age: Duration::from_millis(count(&reply, 9)?),
                standing,
            })),
            "mismatch" => Ok(Admission::Mismatch),
            "gone" => Ok(Admission::Gone),
            "continued" => Ok(Admission::Continued),
            _ => Err(unexpected("a verdict")),
        }
    }

    /// Ends an answer's lease and its charge, and tells the breaker, all of it once, however often it is asked for. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn settle(&self, settlement: &Settlement<'_>) -> Result<Settled, StoreError> {
        let Settlement { charge, limits, end, key_end, outcome, opening, breaker_failures, address, .. } = settlement;
        let (key, continues, copy) = (settlement.key, settlement.continues, settlement.copy);
        let mut keys = keys(charge.user, receipt_key(charge.user, charge.request));
        keys.push(key.map(|key| claim_key(charge.user, key)).unwrap_or_default());
        keys.push(continues.map(|answer| continued_key(charge.user, answer)).unwrap_or_default());
        keys.extend(copy.map_or_else(Default::default, |copy| copy_keys(copy.answer)));
        let rest = copy.and_then(|copy| copy.rest);
        let args = [
            charge.request.to_string(),
            end.name().to_owned(),
            RECEIPT_MS.to_string(),
            outcome.name().to_owned(),
            opening.map_or("-1".to_owned(), |opening| opening.to_string()),
            breaker_failures.to_string(),
            copy.map(|copy| copy.status).unwrap_or_default().to_owned(),
            rest.map_or("-1".to_owned(), |rest| rest.kept.to_string()),
            rest.map(|rest| rest.bytes).unwrap_or_default().to_owned(),
            COPY_LIFE_MS.to_string(),
            charge.user.to_string(),
            copy.map_or(0, |copy| copy.before).to_string(),
            end.allowance().map_or("-1".to_owned(), |allowance| allowance.to_string()),
            key_end.name().to_owned(),
            (*address).to_owned(),
        ];
        let reply = self.eval(SETTLE, &keys, &args, PATIENT_DEADLINE).await?;
        Ok(Settled { standing: standing(&reply, *limits)?, breaker: breaker_change(reply.item(7)?)? })
    }

    /// Tells the breaker at its probe's first words that the model answers.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn hear_probe(
        &self,
        charge: ChargeId,
        opening: u64,
        breaker_failures: u32,
    ) -> Result<Option<BreakerChange>, StoreError> {
        let args = [charge.request.to_string(), opening.to_string(), breaker_failures.to_string()];
        let keys = keys(charge.user, receipts(charge.user));
        let reply = self.eval(HEAR, &keys, &args, PATIENT_DEADLINE).await?;
        breaker_change(&reply)
    }

    /// Frees an idempotency key whose owner has died before anything of its answer was written: the same request made again takes the
    /// charge over.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn release(&self, user: UserId, key: &IdempotencyKey, answer: MessageId) -> Result<(), StoreError> {
        self.eval(RELEASE, &[claim_key(user, key)], &[answer.to_string()], DEADLINE).await.map(|_| ())
    }

    /// Where a user stands.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn standing(&self, user: UserId, limits: Limits) -> Result<Standing, StoreError> {
        let reply = self.eval(READ, &counters(user), &[], DEADLINE).await?;
        standing(&reply, limits)
    }
}

pub(super) fn streams_key(user: UserId) -> String {
    format!("{PREFIX}:streams:{user}")
}

fn counters(user: UserId) -> Vec<String> {
    vec![format!("{PREFIX}:rate:{user}:minute"), streams_key(user), format!("{PREFIX}:quota:daily:{user}:")]
}

/// Prefix of a user's receipts; a request's id follows.
fn receipts(user: UserId) -> String {
    format!("{PREFIX}:charge:{user}:")
}

pub(super) fn receipt_key(user: UserId, request: RequestId) -> String {
    format!("{}{request}", receipts(user))
}

fn keys(user: UserId, receipts: String) -> Vec<String> {
    let mut keys = counters(user);
    keys.extend([receipts, format!("{PREFIX}:breaker")]);
    keys
}

fn claim_key(user: UserId, key: &IdempotencyKey) -> String {
    format!("{PREFIX}:idem:{user}:{key}")
}

fn continued_key(user: UserId, answer: MessageId) -> String {
    format!("{PREFIX}:continued:{user}:{answer}")
}

/// What an admission under a key says about a try before: it was admitted with that one's ids instead of its own.
fn failed_try(reply: &Reply, claim: &Claim<'_>) -> Result<Option<FailedTry>, StoreError> {
    let (session, question) = (session_id(reply, 9)?, message_id(reply, 10)?);
    Ok((question != claim.question).then_some(FailedTry { session, question }))
}

fn breaker_change(reply: &Reply) -> Result<Option<BreakerChange>, StoreError> {
    match reply.text()? {
        "opened" => Ok(Some(BreakerChange::Opened)),
        "closed" => Ok(Some(BreakerChange::Closed)),
        _ => Ok(None),
    }
}

/// Reads `{verdict, now, minute used, minute resets at, day used, day resets at, streams}`.
fn standing(reply: &Reply, limits: Limits) -> Result<Standing, StoreError> {
    Ok(Standing {
        now: moment(reply, 1)?,
        minute: MinuteWindow { limit: limits.per_minute, used: count(reply, 2)?, reset_at: moment(reply, 3)? },
        day: DayWindow { limit: limits.per_day, used: count(reply, 4)?, reset_at: moment(reply, 5)? },
        streams: StreamSlots { limit: limits.streams, active: count(reply, 6)? },
    })
}

pub(super) fn count(reply: &Reply, at: usize) -> Result<u64, StoreError> {
    u64::try_from(reply.item(at)?.integer()?).map_err(|_| unexpected("a count"))
}

fn session_id(reply: &Reply, at: usize) -> Result<SessionId, StoreError> {
    SessionId::parse(reply.item(at)?.text()?).map_err(|_| unexpected("a session's id"))
}

fn message_id(reply: &Reply, at: usize) -> Result<MessageId, StoreError> {
    MessageId::parse(reply.item(at)?.text()?).map_err(|_| unexpected("a message's id"))
}

pub(super) fn moment(reply: &Reply, at: usize) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(reply.item(at)?.integer()?).map_err(|_| unexpected("a time"))
}
