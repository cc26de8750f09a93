//! How many guests an address makes a day.

use jiff::Timestamp;
use wire::upstash::Encoding;

use super::client::Redis;
use super::keys::{self, Address, Proof};
use super::reply::unexpected;
use super::script::{Script, script};
use crate::StoreError;

const MINT_GUEST: &Script = &script!("mint_guest", after "clock", "values", "ledger", "work");

/// Whether an address may make another guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mint {
    /// It may.
    Admitted,
    /// Not before `reset_at`.
    Refused {
        /// The counters' clock.
        now: Timestamp,
        /// The next midnight UTC; sooner where too many proofs came at once.
        reset_at: Timestamp,
    },
    /// It may if it shows work with this many zero bits.
    NeedsWork {
        /// How many.
        bits: u32,
    },
}

impl Redis {
    /// Counts one new guest of `address`; an IPv6 /48 may make ten times as many as one /64 of it. `works`: beyond the first few they show work, of which
    /// `proof` is some.
    ///
    /// # Errors
    /// [`StoreError`] as for every script, and [`StoreError::Blocked`] where the operator has shut the address out. A reply that is lost counts twice at
    /// the worst: it guards against floods, and no visitor pays for it.
    pub async fn mint_guest(
        &self,
        address: &Address,
        per_day: u64,
        works: bool,
        proof: Option<&Proof>,
    ) -> Result<Mint, StoreError> {
        let [nonce, bits] = keys::proof(proof);
        let args = [per_day.to_string(), address.net.clone(), u8::from(works).to_string(), nonce, bits];
        let reply = self.eval(MINT_GUEST, &[keys::address(address)], &args, self.timeout, Encoding::Plain).await?;
        match reply.text("verdict")? {
            "admitted" => Ok(Mint::Admitted),
            "blocked" => Err(StoreError::Blocked),
            "day" => Ok(Mint::Refused { now: reply.moment("now")?, reset_at: reply.moment("until")? }),
            "challenge" => Ok(Mint::NeedsWork { bits: reply.bits("bits")? }),
            _ => Err(unexpected("a verdict")),
        }
    }
}
