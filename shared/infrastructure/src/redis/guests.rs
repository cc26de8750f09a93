//! How many guests an address makes a day.

use jiff::Timestamp;

use super::client::Redis;
use super::keys::{self, Address};
use super::reply::unexpected;
use super::script::{Script, script};
use super::user_value::end_of_day;
use crate::StoreError;

const MINT_GUEST: &Script = &script!("mint_guest", after "clock", "values");

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
    /// Counts one new guest of `address`; an IPv6 /48 may make ten times as many as one /64 of it.
    ///
    /// # Errors
    /// [`StoreError`] as for every script. A reply that is lost counts twice at the worst: it guards against floods, and no visitor pays for it.
    pub async fn mint_guest(&self, address: &Address, per_day: u64) -> Result<Mint, StoreError> {
        let reply = self
            .eval(MINT_GUEST, &[keys::address(address)], &[per_day.to_string(), address.net.clone()], self.timeout)
            .await?;
        match reply.text("verdict")? {
            "admitted" => Ok(Mint::Admitted),
            "day" => {
                let now = reply.moment("now")?;
                Ok(Mint::Refused { now, reset_at: end_of_day(now) })
            }
            _ => Err(unexpected("a verdict")),
        }
    }
}
