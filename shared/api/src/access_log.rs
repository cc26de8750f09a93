//! One record a request, and one for each refusal and fault that an operator counts.

use application::log::RequestLog;
use http::Response;
use jiff::Timestamp;
use platform::{Field, Level};

use crate::problem::Problem;
use crate::response::Body;

/// The request as the log shows it: no query, no header, no address.
pub(crate) struct Entry<'a> {
    pub log: &'a RequestLog,
    pub method: &'a str,
    pub route: &'static str,
    pub began: Timestamp,
    pub ended: Timestamp,
}

impl Entry<'_> {
    /// The record of the request itself.
    pub fn request(&self, response: &Response<Body>, problem: Option<&Problem>) {
        let status = response.status();
        // 0 if the clock was set back.
        let took = self.ended.as_millisecond() - self.began.as_millisecond();
        let mut fields: Vec<(&'static str, Field)> = vec![
            ("event", "request".into()),
            ("method", self.method.to_owned().into()),
            ("route", self.route.into()),
            ("status", u64::from(status.as_u16()).into()),
            ("latency_ms", u64::try_from(took).unwrap_or_default().into()),
        ];
        if let Some(problem) = problem {
            fields.push(("code", problem.code().name().into()));
            // Otherwise the cause is in the problem's own record.
            if let Some(cause) = problem.cause().filter(|_| problem.code().event().is_none()) {
                fields.push(("cause", cause.to_owned().into()));
            }
        }
        let level = if status.is_server_error() { Level::Error } else { Level::Info };
        self.log.write(level, "request", fields);
    }
}

/// Writes a second record for problems that operators count.
pub(crate) fn problem(log: &RequestLog, problem: &Problem) {
    let Some(event) = problem.code().event() else { return };
    let mut fields: Vec<(&'static str, Field)> = vec![("event", event.into()), ("code", problem.code().name().into())];
    if let Some(cause) = problem.cause() {
        fields.push(("cause", cause.to_owned().into()));
    }
    let level = if problem.code().status().is_server_error() { Level::Error } else { Level::Warn };
    log.write(level, event, fields);
}
