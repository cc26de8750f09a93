//! The breaker's part of the scripts, and what a probe tells it before its answer ends.

use domain::{ADDRESS_COUNTS_ONCE_IN, ADDRESS_PROBES_AGAIN_AFTER, BREAKER_ADDRESSES, BREAKER_PAUSE, BreakerChange};

use wire::upstash::Encoding;

use super::client::Redis;
use super::keys::{self, Run};
use super::script::{Script, script};
use crate::StoreError;

const REPORT_PROBE: &Script = &script!("report_probe", after "clock", "values", "breaker", "breaker_rule");

/// The arguments 2 to 6 of every script with the breaker in it. `failures` in a row open it; 0: it is off.
pub(super) fn measures(failures: u32) -> [String; 5] {
    [
        failures.to_string(),
        BREAKER_PAUSE.as_millis().to_string(),
        ADDRESS_COUNTS_ONCE_IN.as_millis().to_string(),
        ADDRESS_PROBES_AGAIN_AFTER.as_millis().to_string(),
        BREAKER_ADDRESSES.to_string(),
    ]
}

impl Redis {
    /// Tells the breaker at its probe's first words that the model answers.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn report_probe(
        &self,
        charge: Run,
        breaker_opening: u64,
        breaker_failures: u32,
    ) -> Result<Option<BreakerChange>, StoreError> {
        let mut args = vec![charge.request.to_string()];
        args.extend(measures(breaker_failures));
        args.push(breaker_opening.to_string());
        self.eval(REPORT_PROBE, &[keys::all()], &args, self.patience(), Encoding::Plain).await?.breaker_change()
    }
}
