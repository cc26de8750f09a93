//! Admission, its settlement, and reading where a user stands.

use domain::{DayWindow, Limits, MinuteWindow, Refusal, RefusedBy, RequestId, Standing, StreamSlots, UserId};
use jiff::Timestamp;
use wire::upstash::Reply;

use super::Redis;
use super::client::{DEADLINE, PATIENT_DEADLINE, PREFIX};
use crate::StoreError;

/// How long an answer may hold its place among the running ones, in milliseconds. 2,048 tokens at 20 a second take 102 s; an instance that dies blocks a place no longer than this.
const LEASE_MS: u64 = 300_000;

/// How long a charge can be given back or recognised, in milliseconds: longer than any request lives.
const RECEIPT_MS: u64 = 3_600_000;

const ADMIT: &str =
    concat!(include_str!("scripts/clock.lua"), include_str!("scripts/standing.lua"), include_str!("scripts/admit.lua"));
const SETTLE: &str = concat!(
    include_str!("scripts/clock.lua"),
    include_str!("scripts/standing.lua"),
    include_str!("scripts/settle.lua")
);
const READ: &str =
    concat!(include_str!("scripts/clock.lua"), include_str!("scripts/standing.lua"), include_str!("scripts/read.lua"));
const MINT: &str = concat!(include_str!("scripts/clock.lua"), include_str!("scripts/mint.lua"));

/// What a charge is known by: repeated under the same id, it is made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeId {
    /// Who is charged.
    pub user: UserId,
    /// For which request.
    pub request: RequestId,
}

/// Whether a message may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is charged.
    Admitted(Standing),
    /// It may not, and nothing has changed.
    Refused(Refusal),
}

/// What becomes of a charge when its answer has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Something was delivered.
    Keep,
    /// Nothing was.
    Refund,
}

/// Whether an address may make another guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mint {
    /// It may.
    Admitted,
    /// Not before `reset_at`.
    Refused {
        /// The counters' clock.
        now: Timestamp,
        /// The next midnight UTC.
        reset_at: Timestamp,
    },
}

impl Redis {
    /// Admits a message against all limits at once, or refuses it and changes nothing. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was charged is then unknown, and [`Redis::settle`] with a refund puts it right.
    pub async fn admit(&self, charge: ChargeId, limits: Limits) -> Result<Admission, StoreError> {
        let args = [
            charge.request.to_string(),
            limits.per_minute.to_string(),
            limits.per_day.map_or("-1".to_owned(), |limit| limit.to_string()),
            limits.streams.to_string(),
            LEASE_MS.to_string(),
            RECEIPT_MS.to_string(),
        ];
        let reply = self.eval(ADMIT, &keys(charge), &args, DEADLINE).await?;
        let standing = standing(&reply, limits)?;
        let by = match reply.item(0)?.text()? {
            "admitted" => return Ok(Admission::Admitted(standing)),
            "minute" => RefusedBy::Minute,
            "day" => RefusedBy::Day,
            "streams" => RefusedBy::Streams,
            _ => return Err(unexpected("a verdict")),
        };
        Ok(Admission::Refused(Refusal { by, standing }))
    }

    /// Ends an answer's lease; a refund is given once, however often it is asked for. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn settle(
        &self,
        charge: ChargeId,
        settlement: Settlement,
        limits: Limits,
    ) -> Result<Standing, StoreError> {
        let refund = match settlement {
            Settlement::Keep => "0",
            Settlement::Refund => "1",
        };
        let args = [charge.request.to_string(), refund.to_owned(), RECEIPT_MS.to_string()];
        let reply = self.eval(SETTLE, &keys(charge), &args, PATIENT_DEADLINE).await?;
        standing(&reply, limits)
    }

    /// Where a user stands.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn standing(&self, user: UserId, limits: Limits) -> Result<Standing, StoreError> {
        let reply = self.eval(READ, &counters(user), &[], DEADLINE).await?;
        standing(&reply, limits)
    }

    /// Counts one new guest of the address behind `address_hash`.
    ///
    /// # Errors
    /// [`StoreError`] as for every script. A reply that is lost counts twice at the worst: it guards against floods, nobody pays for it.
    pub async fn mint_guest(&self, address_hash: &str, per_day: u64) -> Result<Mint, StoreError> {
        let keys = [format!("{PREFIX}:ip:{address_hash}:")];
        let reply = self.eval(MINT, &keys, &[per_day.to_string()], DEADLINE).await?;
        match reply.item(0)?.text()? {
            "admitted" => Ok(Mint::Admitted),
            _ => Ok(Mint::Refused { now: moment(&reply, 1)?, reset_at: moment(&reply, 2)? }),
        }
    }
}

fn counters(user: UserId) -> Vec<String> {
    vec![
        format!("{PREFIX}:rate:{user}:minute"),
        format!("{PREFIX}:streams:{user}"),
        format!("{PREFIX}:quota:daily:{user}:"),
    ]
}

fn keys(charge: ChargeId) -> Vec<String> {
    let mut keys = counters(charge.user);
    keys.push(format!("{PREFIX}:charge:{}:{}", charge.user, charge.request));
    keys
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

fn count(reply: &Reply, at: usize) -> Result<u64, StoreError> {
    u64::try_from(reply.item(at)?.integer()?).map_err(|_| unexpected("a count"))
}

fn moment(reply: &Reply, at: usize) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(reply.item(at)?.integer()?).map_err(|_| unexpected("a time"))
}

fn unexpected(what: &'static str) -> StoreError {
    StoreError::Unexpected { store: "redis", what }
}
