//! How many guests an address makes a day.

use jiff::Timestamp;

use super::Redis;
use super::admission::moment;
use super::client::{DEADLINE, PREFIX};
use crate::StoreError;

const MINT: &str = concat!(include_str!("scripts/clock.lua"), include_str!("scripts/mint.lua"));

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
