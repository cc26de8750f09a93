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
        // Not by `f64`, whose parser alone is 16 kB of a component.
        let (whole, part) = value.split_once('.').unwrap_or((value, ""));
        let millis = format!("{part:0<3}").get(..3)?.parse().ok()?;
        return Duration::from_secs(whole.parse().ok()?).checked_add(Duration::from_millis(millis));
    }
    let until = parse_http_date(value).ok()?;
    until.duration_since(parse_http_date(date?.trim()).ok()?).ok()
}
