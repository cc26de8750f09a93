//! When a call that failed for a reason that passes is made again.

use std::time::Duration;

/// How often the model is asked for one answer at most, the first time included (docs/ARCHITECTURE.md, "One message").
const TRIES: u32 = 3;

/// The longest pause before the second try; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(300);

/// A `Retry-After` beyond this is the visitor's to wait for, not ours: they are told at once.
const LONGEST_WISH: Duration = Duration::from_secs(5);

/// How long to wait before the next try when `failed` have failed, or `None` if there should be no further try.
///
/// Exponential with full jitter: anything from nothing to the whole pause, as `random` says (zero to `u32::MAX`), so that visitors whose
/// calls failed together do not come back together. What the vendor wished for is waited for on top.
#[must_use]
pub fn pause_before_retry(failed: u32, wish: Option<Duration>, random: u32) -> Option<Duration> {
    let wish = wish.unwrap_or_default();
    if failed >= TRIES || wish > LONGEST_WISH {
        return None;
    }
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(failed.saturating_sub(1));
    Some(wish + longest.mul_f64(f64::from(random) / f64::from(u32::MAX)))
}

#[cfg(test)]
mod tests;
