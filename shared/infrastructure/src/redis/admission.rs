//! Admission: whether a message may be sent, decided and charged in one step.

use std::time::Duration;

use domain::{
    ANSWER_RETRY, DEAD_AFTER, FailedTry, IdempotencyKey, KeyEnd, Limits, MessageId, PROBE_BEYOND_FIRST_BYTE, Pause,
    RETURNS_PER_DAY, Refusal, RefusedBy, SessionId, Standing, User, UserId,
};

use super::breaker;
use super::client::Redis;
use super::keys::{self, Address, Proof, Run};
use super::reply::{Named, unexpected};
use super::script::{Script, script};
use super::user_value::time_resolution;
use crate::StoreError;
use wire::upstash::Encoding;

/// How long a message holds its slot among the running answers while the model's first byte is waited for. Not every runtime tells of a reader
/// who leaves before it, and their slot should not stay taken for as long as a model may be silent.
pub const LEASE_BEFORE_FIRST_BYTE: Duration = Duration::from_secs(10);

/// How long a running answer holds its slot without a sign of life: an instance that dies blocks it no longer than its row says that it runs.
/// Its recorder renews it in time.
pub const LEASE: Duration = DEAD_AFTER;

/// A second continuation of the same answer is refused for this long, or until the first ends. By then the row says `streaming`, however slow the
/// stores are.
const CONTINUING: Duration = Duration::from_secs(60);

/// How long an answer's reservation lasts: longer than nearly all answers take. After it the amount counts as spent, until the settlement corrects it.
const HELD_FOR: Duration = Duration::from_secs(300);

/// The share of an hour's or a day's budget that one account may use once half of it is spent. Guests are counted by their address.
const ACCOUNT_PART: f64 = 0.1;

const ADMIT: &Script = &script!("admit", after "clock", "values", "ledger", "work", "user", "breaker");
const RELEASE_CLAIM: &Script = &script!("release_claim", after "values");

/// How many times its number of a day an address may have of guests or messages, if it works for those beyond it: `beyond` of `parts/work.lua`.
pub const BEYOND: u64 = 10;

/// The day's budget lasts for this many hours at least: the inverse of `hour_part` of `admit.lua`.
pub const BUDGET_HOURS: u64 = 4;

/// How long a proof's nonce is remembered: `proof_life` of `parts/work.lua`.
pub const PROOF_LIFE: Duration = Duration::from_secs(660);

/// Everything the admission script needs to know of a message.
#[derive(Clone, Debug)]
pub struct AdmissionRequest<'a> {
    /// Who sends it.
    pub caller: &'a User,
    /// Its charge.
    pub charge: Run,
    /// What its sender may do.
    pub limits: Limits,
    /// How long the model's first byte is waited for.
    pub first_byte: Duration,
    /// Failures in a row that open the breaker; 0 switches it off.
    pub breaker_failures: u32,
    /// The address that it comes from, hashed.
    pub address: &'a Address,
    /// What it may cost.
    pub spending: Spending,
    /// Answers of all at once; 0: no limit.
    pub most_running: u32,
    /// What the guests of its address may send; an account has no part in it.
    pub of_address: AddressLimit,
    /// Work that its sender has shown.
    pub proof: Option<&'a Proof>,
    /// The answer's row.
    pub answer: MessageId,
    /// Whether that answer is there already and is continued.
    pub continues: bool,
    /// The idempotency key it comes under.
    pub claim: Option<Claim<'a>>,
}

/// What a message may cost, in micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// The day's budget of all together; 0: no limit.
    pub per_day: u64,
    /// What the answer may cost at most.
    pub held: u64,
    /// Whether its sender has an account.
    pub has_account: bool,
}

/// What the guests of an address may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLimit {
    /// Messages a day; at [`BEYOND`] times as many all are refused. 0: no limit.
    pub messages: u64,
    /// Whether each of those beyond is worked for.
    pub works: bool,
    /// Bytes that are kept a day. 0: no limit.
    pub bytes: u64,
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
}

/// Whether a message may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is charged.
    Admitted(Ticket),
    /// It may not. Nothing is charged; that it was refused counts.
    Refused(Refusal),
    /// The model does not answer at present, and nothing has changed.
    Paused(Pause),
    /// The page's money is used up for now, and nothing has changed.
    BudgetUsedUp(Pause),
    /// As many answers are running as may, and nothing has changed.
    Overloaded(Pause),
    /// The guests of its address have filled the space they have a day, and nothing has changed.
    AddressFull(Pause),
    /// The guests of its address have sent their number of a day: it is to be worked for, and nothing has changed.
    NeedsWork {
        /// How many zero bits.
        bits: u32,
        /// Where its sender stands.
        standing: Standing,
    },
    /// Its idempotency key was used for the same request before, and nothing has changed.
    Repeated(Repeated),
    /// Its idempotency key was used for another request, and nothing has changed.
    Mismatch,
    /// Its idempotency key stands for an answer whose session was deleted, and nothing has changed.
    KeySpent,
    /// Another request continues the same answer, and nothing has changed.
    Continued,
    /// Its sender's token has ended, and nothing has changed.
    Ended,
    /// The operator has shut its sender or their address out, and nothing has changed.
    Blocked,
    /// Its sender was a guest, whom an account has claimed, and nothing has changed.
    Claimed,
}

/// A message that was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Where its sender stands after it.
    pub standing: Standing,
    /// How often the breaker had opened by then: what the call's outcome is held against.
    pub breaker_opening: u64,
    /// Whether this is the one call that tries a model which did not answer before.
    pub is_probe: bool,
    /// The earlier try under its idempotency key, if that ended before its answer began.
    pub failed_try: Option<FailedTry>,
    /// Models that other calls have found gone not long ago.
    pub gone_models: Vec<String>,
    /// Four fifths of the day's budget are spent.
    pub is_budget_low: bool,
    /// They have just been found to be: true once a day.
    pub has_budget_become_low: bool,
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

impl Redis {
    /// Admits a message against everything at once, or refuses it and changes nothing. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was charged is then unknown, and [`Redis::settle`] puts it right.
    pub async fn admit(&self, request: &AdmissionRequest<'_>) -> Result<Admission, StoreError> {
        let AdmissionRequest {
            caller,
            charge,
            limits,
            first_byte,
            breaker_failures,
            address,
            answer,
            continues,
            claim,
            of_address,
            proof,
            ..
        } = request;
        let Spending { per_day, held, has_account } = request.spending;
        let mut keys = vec![keys::all(), keys::user(charge.user), keys::address(address), keys::ended_of(caller)];
        // What an account was as a guest has used keys, too.
        let claimants = [Some(charge.user), caller.was].into_iter().flatten();
        keys.extend(claim.iter().flat_map(|claim| claimants.clone().map(|user| keys::claim(user, claim.key))));
        keys.push(keys::refusals());
        let continued_life = if *continues { CONTINUING } else { Duration::ZERO };
        let mut args = vec![charge.request.to_string()];
        args.extend(breaker::measures(*breaker_failures));
        args.extend([
            (*first_byte + PROBE_BEYOND_FIRST_BYTE).as_millis().to_string(),
            limits.per_minute.to_string(),
            limits.per_day.map_or("-1".to_owned(), |limit| limit.to_string()),
            limits.answers.to_string(),
            LEASE_BEFORE_FIRST_BYTE.as_millis().to_string(),
            time_resolution(limits.per_minute).to_string(),
            RETURNS_PER_DAY.to_string(),
            address.pool.clone(),
            answer.to_string(),
            continued_life.as_millis().to_string(),
            claim.map(|claim| claim.fingerprint.to_owned()).unwrap_or_default(),
            claim.map(|claim| claim.session.to_string()).unwrap_or_default(),
            claim.map(|claim| claim.question.to_string()).unwrap_or_default(),
            per_day.to_string(),
            held.to_string(),
            HELD_FOR.as_millis().to_string(),
            if has_account { ACCOUNT_PART } else { 0.0 }.to_string(),
            request.most_running.to_string(),
            address.net.clone(),
            if has_account { 0 } else { of_address.messages }.to_string(),
            u8::from(of_address.works).to_string(),
            if has_account { 0 } else { of_address.bytes }.to_string(),
        ]);
        args.extend(keys::proof(*proof));
        let reply = self.eval(ADMIT, &keys, &args, self.timeout, Encoding::Plain).await?;
        read(&reply, *limits, claim.as_ref(), of_address.messages)
    }

    /// Frees an idempotency key whose owner has died before anything of its answer was written: the same request made again takes the
    /// charge over.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn release_claim(&self, user: UserId, key: &IdempotencyKey, answer: MessageId) -> Result<(), StoreError> {
        let keys = [keys::claim(user, key)];
        let args = [answer.to_string(), KeyEnd::Dead.name().to_owned()];
        self.eval(RELEASE_CLAIM, &keys, &args, self.timeout, Encoding::Plain).await.map(|_| ())
    }
}

/// Reads the reply of `admit.lua` to a message of a user with these limits, under this key.
fn read(
    reply: &Named,
    limits: Limits,
    claim: Option<&Claim<'_>>,
    address_messages: u64,
) -> Result<Admission, StoreError> {
    let standing = reply.standing(limits)?;
    let refused = |by| Admission::Refused(Refusal { by, standing });
    Ok(match reply.text("verdict")? {
        "admitted" => Admission::Admitted(Ticket {
            standing,
            breaker_opening: reply.count("times_opened")?,
            is_probe: reply.integer("is_probe")? == 1,
            failed_try: claim.map(|claim| failed_try(reply, claim)).transpose()?.flatten(),
            is_budget_low: reply.integer("is_budget_low")? > 0,
            has_budget_become_low: reply.integer("is_budget_low")? == 2,
            gone_models: reply.text("gone_models")?.lines().map(str::to_owned).collect(),
        }),
        "minute" => refused(RefusedBy::Minute),
        "day" => refused(RefusedBy::Day),
        "answers" => refused(RefusedBy::Answers),
        "out" => refused(RefusedBy::OutUntil(reply.moment("until")?)),
        "budget" => Admission::BudgetUsedUp(Pause { until: reply.moment("until")?, standing }),
        "address" => refused(RefusedBy::Address { most: address_messages * BEYOND, until: reply.moment("until")? }),
        "full" => Admission::AddressFull(Pause { until: reply.moment("until")?, standing }),
        "challenge" => Admission::NeedsWork { bits: reply.bits("bits")?, standing },
        "overloaded" => {
            let until = standing.now.checked_add(ANSWER_RETRY).unwrap_or(standing.now);
            Admission::Overloaded(Pause { until, standing })
        }
        "paused" => Admission::Paused(Pause { until: reply.moment("until")?, standing }),
        "repeated" => Admission::Repeated(Repeated {
            session: reply.session_id("session")?,
            answer: reply.message_id("answer")?,
            age: Duration::from_millis(reply.count("age")?),
            standing,
        }),
        "mismatch" => Admission::Mismatch,
        "spent" => Admission::KeySpent,
        "continued" => Admission::Continued,
        "ended" => Admission::Ended,
        "claimed" => Admission::Claimed,
        "blocked" => Admission::Blocked,
        _ => return Err(unexpected("a verdict")),
    })
}

/// The earlier failed try under this key, if the script admitted this message with that try's ids.
fn failed_try(reply: &Named, claim: &Claim<'_>) -> Result<Option<FailedTry>, StoreError> {
    let (session, question) = (reply.session_id("session")?, reply.message_id("question")?);
    Ok((question != claim.question).then_some(FailedTry { session, question }))
}
