//! The `Retry-After` header, as seconds.

use std::time::Duration;

/// Reads seconds, a fraction of them too. Anything else is `None`, and the caller waits as if there were no header: a date (RFC 9110
/// §10.2.3) would hold by the vendor's clock, which may be far from ours, and the vendor sends seconds.
#[must_use]
pub fn parse_retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !value.starts_with('.');
    let seconds: f64 = is_number.then(|| value.parse().ok()).flatten()?;
    Duration::try_from_secs_f64(seconds).ok()
}
