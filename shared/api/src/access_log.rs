//! One record a request, and one for each refusal and fault that an operator counts.

use std::cell::Cell;

use domain::{RequestId, UserId};
use http::{Response, StatusCode};
use platform::{Field, Level, Platform, Record};

use crate::problem::Problem;
use crate::response::Body;

/// What is learnt about a request while it is served.
#[derive(Default)]
pub(crate) struct Notes {
    /// Who asked, once a token has proven it.
    pub user: Cell<Option<UserId>>,
}

/// The request as the log shows it: no query, no header, no address.
pub(crate) struct Entry<'a> {
    pub platform: &'a Platform,
    pub least: Level,
    pub request: RequestId,
    pub trace: Option<&'a str>,
    pub method: &'a str,
    pub route: &'static str,
    pub began_ms: i64,
    pub user: Option<UserId>,
}

impl Entry<'_> {
    /// The record of the request itself.
    pub fn request(&self, response: &Response<Body>, code: Option<&'static str>) {
        let status = response.status();
        let took = self.platform.clock.now().as_millisecond() - self.began_ms;
        let mut fields: Vec<(&'static str, Field)> = vec![
            ("event", "request".into()),
            ("method", self.method.to_owned().into()),
            ("route", self.route.into()),
            ("status", u64::from(status.as_u16()).into()),
            ("latency_ms", u64::try_from(took).unwrap_or(0).into()),
        ];
        if let Some(code) = code {
            fields.push(("code", code.into()));
        }
        let level = if status.is_server_error() { Level::Error } else { Level::Info };
        self.write(level, "request", fields);
    }

    /// The event of its own that a problem is, if an operator counts its kind.
    pub fn problem(&self, problem: &Problem) {
        let event = match problem.code {
            "rate_limited" => "rate_limit_hit",
            "quota_exceeded" => "quota_hit",
            "misconfigured" => "misconfigured",
            "storage_unavailable" => "storage_error",
            code if code.starts_with("provider_") => "upstream_error",
            _ if problem.status == StatusCode::INTERNAL_SERVER_ERROR => "internal_error",
            _ => return,
        };
        let mut fields: Vec<(&'static str, Field)> = vec![("event", event.into()), ("code", problem.code.into())];
        if let Some(cause) = &problem.cause {
            fields.push(("cause", cause.clone().into()));
        }
        let level = if problem.status.is_server_error() { Level::Error } else { Level::Warn };
        self.write(level, event, fields);
    }

    fn write(&self, level: Level, message: &'static str, fields: Vec<(&'static str, Field)>) {
        if level < self.least {
            return;
        }
        let mut all: Vec<(&'static str, Field)> = vec![("request_id", self.request.to_string().into())];
        if let Some(trace) = self.trace {
            all.push(("trace_id", trace.to_owned().into()));
        }
        if let Some(user) = self.user {
            all.push(("user_id", user.to_string().into()));
        }
        all.extend(fields);
        let timestamp = self.platform.clock.now().to_string();
        self.platform.log.write(&Record { level, timestamp, message: message.into(), fields: all });
    }
}
