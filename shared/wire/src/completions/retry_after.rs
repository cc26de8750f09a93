//! The `Retry-After` header (RFC 9110 §10.2.3): seconds, or a date.

use std::time::Duration;

use httpdate::parse_http_date;

/// How long to wait. A date counts from the answer's own `Date`, because both are of the vendor's clock, which may be far from ours. `None`: what
/// is no wait, and the caller waits as if there were no header.
#[must_use]
pub fn parse_retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !value.starts_with('.');
    if is_number {
        return Duration::try_from_secs_f64(value.parse().ok()?).ok();
    }
    let until = parse_http_date(value).ok()?;
    until.duration_since(parse_http_date(date?.trim()).ok()?).ok()
}
