//! The `Retry-After` header: seconds, or a date.

use std::time::Duration;

/// When to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long from now.
    After(Duration),
    /// At this time, in seconds of the Unix epoch.
    At(u64),
}

impl RetryAfter {
    /// How long to wait when it is `now` (seconds of the Unix epoch); zero for a date in the past.
    pub fn wait(self, now: u64) -> Duration {
        match self {
            Self::After(duration) => duration,
            Self::At(then) => Duration::from_secs(then.saturating_sub(now)),
        }
    }
}

/// Reads the header's value by RFC 9110 §10.2.3: seconds (a fraction is taken too), or a date in the form that must be sent
/// (`Sun, 06 Nov 1994 08:49:37 GMT`). Anything else is `None`, and the caller waits as if there were no header.
pub fn parse_retry_after(value: &str) -> Option<RetryAfter> {
    let value = value.trim();
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        if !value.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return None;
        }
        let seconds: f64 = value.parse().ok()?;
        return Duration::try_from_secs_f64(seconds).ok().map(RetryAfter::After);
    }
    parse_date(value).map(RetryAfter::At)
}

fn parse_date(value: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_weekday, date) = value.split_once(", ")?;
    let mut words = date.strip_suffix(" GMT")?.split(' ');
    let day: u64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = words.next()?;
    let month = 1 + MONTHS.iter().position(|month| *month == name)? as u64;
    let year: u64 = words.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next().is_some() || clock.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days from the civil date, counted in years that begin in March so that the leap day is the last.
    let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_before_month = (153 * march_month + 2) / 5;
    let days = 365 * march_year + march_year / 4 - march_year / 100 + march_year / 400 + days_before_month + day - 1;
    // 719,468 days lie between 1 March of the year 0 and the epoch.
    Some((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second)
}
