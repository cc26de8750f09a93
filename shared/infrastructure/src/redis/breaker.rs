//! The breaker's part of the scripts, and what a probe tells it before its answer ends.

use domain::{ADDRESS_COUNTS_ONCE_IN, ADDRESS_PROBES_AGAIN_AFTER, BREAKER_ADDRESSES, BREAKER_PAUSE, BreakerChange};

use super::client::Redis;
use super::keys::{self, ChargeId};
use super::script;
use crate::StoreError;

/// How long the breaker's state outlives its last change, in milliseconds.
const BREAKER_LIFE_MS: u64 = 3_600_000;

const HEAR_PROBE: &str = script!("hear_probe", after "clock", "breaker", "breaker_rule");

/// The arguments 2 to 7 of every script with the breaker in it. `failures` in a row open it; 0: it is off.
pub(super) fn measures(failures: u32) -> [String; 6] {
    [
        failures.to_string(),
        BREAKER_PAUSE.as_millis().to_string(),
        ADDRESS_COUNTS_ONCE_IN.as_millis().to_string(),
        ADDRESS_PROBES_AGAIN_AFTER.as_millis().to_string(),
        BREAKER_ADDRESSES.to_string(),
        BREAKER_LIFE_MS.to_string(),
    ]
}

impl Redis {
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
        let mut args = vec![charge.request.to_string()];
        args.extend(measures(breaker_failures));
        args.push(opening.to_string());
        let keys = keys::charged(charge.user, charge.receipt());
        self.eval(HEAR_PROBE, &keys, &args, self.patience()).await?.breaker_change()
    }
}
