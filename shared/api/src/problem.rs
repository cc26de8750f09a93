//! An error as a client sees it: status, code and words. Nothing of a cause reaches a client; it goes to the log.

mod causes;
mod code;

use application::StreamFault;
use application::answer::READERS;
use domain::{RequestId, SessionCap, Standing};
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::headers;
use crate::response::{self, Body};

pub(crate) use code::ErrorCode;

/// What went wrong, as a client sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemView {
    /// The error.
    pub error: ProblemDetail,
}

/// An error's code, words and numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetail {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// To find the request in the log.
    pub request_id: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What a `rate_limited` counts: `minute`, `answers` or `readers` of one user, `address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
    /// The message's length, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chars: Option<u64>,
    /// What is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// When there will be more, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_at: Option<String>,
    /// Seconds until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// The most of a client's own words that an error repeats, in characters.
const ECHOED: usize = 100;

/// For how long a client repeats a request by itself, in seconds.
const REPEATED_WITHIN: u64 = 120;

/// An error on its way to a client.
#[derive(Debug)]
pub struct Problem {
    pub(crate) code: ErrorCode,
    message: String,
    field: Option<String>,
    scope: Option<&'static str>,
    chars: Option<u64>,
    limit: Option<u64>,
    remaining: Option<u64>,
    reset_at: Option<Timestamp>,
    retry_after: Option<u64>,
    standing: Option<Standing>,
    headers: HeaderMap,
    pub(crate) cause: Option<String>,
}

impl Problem {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            scope: None,
            chars: None,
            limit: None,
            remaining: None,
            reset_at: None,
            retry_after: None,
            standing: None,
            headers: HeaderMap::new(),
            cause: None,
        }
    }

    pub(crate) fn invalid_request(field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(shortened(field)), ..Self::new(ErrorCode::InvalidRequest, message) }
    }

    #[cfg(test)]
    pub(crate) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn invalid_json(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidJson, message)
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(ErrorCode::UnsupportedMediaType, "Send the body as application/json in UTF-8, uncompressed.")
    }

    pub(crate) fn body_too_large(limit: usize) -> Self {
        let limit = u64::try_from(limit).ok();
        Self { limit, ..Self::new(ErrorCode::BodyTooLarge, "The request is too large.") }
    }

    pub(crate) fn unauthenticated(cause: &'static str) -> Self {
        Self::new(ErrorCode::Unauthenticated, "Please sign in again.")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"edgewise\""))
            .because(cause)
    }

    pub(crate) fn token_expired() -> Self {
        Self::new(ErrorCode::TokenExpired, "Your session has expired. Please sign in again.").with_header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(
                "Bearer realm=\"edgewise\", error=\"invalid_token\", error_description=\"The token has expired\"",
            ),
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "There is nothing here.")
    }

    pub(crate) fn session_not_found() -> Self {
        Self::new(ErrorCode::SessionNotFound, "This conversation does not exist, or it was deleted.")
    }

    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let problem = Self::new(ErrorCode::MethodNotAllowed, "This address does not do that.");
        match HeaderValue::from_str(allow) {
            Ok(value) => problem.with_header(header::ALLOW, value),
            Err(_) => problem,
        }
    }

    pub(crate) fn misconfigured(cause: String) -> Self {
        Self::new(
            ErrorCode::Misconfigured,
            "The chat is not set up correctly. Its operator finds the reason in the log.",
        )
        .because(cause)
    }

    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, "Something went wrong here. Please try again.").because(cause)
    }

    /// What a stream's reader is told of a fault after the response has begun, as JSON.
    pub(crate) fn in_stream(fault: StreamFault, request: RequestId) -> String {
        let problem = match fault {
            StreamFault::BrokenOff => {
                Self::new(ErrorCode::ProviderError, "The answer broke off. What has arrived is kept.")
            }
            StreamFault::NotSaved => Self::new(
                ErrorCode::NotSaved,
                "The answer could not be saved yet. It is still being tried; you can also save it again.",
            ),
        };
        serde_json::to_string(&problem.view(request)).unwrap_or_default()
    }

    fn in_progress() -> Self {
        Self::new(ErrorCode::GenerationInProgress, "The answer is still on its way.").wait(1)
    }

    fn too_many_sessions(cap: SessionCap) -> Self {
        let message = match cap {
            SessionCap::All => "You have as many chats as can be kept. Please delete some of them first.",
            SessionCap::Empty => "You have many chats without a message. Please use or delete some of them first.",
        };
        Self { limit: Some(u64::from(cap.most())), ..Self::new(ErrorCode::TooManySessions, message) }
    }

    fn too_many_readers() -> Self {
        Self {
            scope: Some("readers"),
            limit: Some(u64::from(READERS)),
            remaining: Some(0),
            ..Self::new(
                ErrorCode::RateLimited,
                "This answer is being read in several places already. Please wait until it has ended.",
            )
        }
        .wait(5)
    }

    /// What an idempotency key stood for was deleted; it does not come back by asking again.
    fn gone() -> Self {
        Self::new(
            ErrorCode::Gone,
            "This message was sent before, and its conversation has been deleted since. It was not sent again.",
        )
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    fn wait(self, seconds: u64) -> Self {
        let seconds = seconds.max(1);
        Self { retry_after: Some(seconds), ..self }.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The error as a client reads it, in a body or in a stream's last event.
    pub(crate) fn view(&self, request: RequestId) -> ProblemView {
        ProblemView {
            error: ProblemDetail {
                code: self.code,
                message: self.message.clone(),
                request_id: request.to_string(),
                field: self.field.clone(),
                scope: self.scope,
                chars: self.chars,
                limit: self.limit,
                remaining: self.remaining,
                reset_at: self.reset_at.map(|time| time.to_string()),
                retry_after: self.retry_after,
            },
        }
    }

    pub(crate) fn into_response(self, request: RequestId) -> Response<Body> {
        let mut response = response::json(self.code.status(), &self.view(request));
        if let Some(standing) = &self.standing {
            headers::quota(response.headers_mut(), standing);
        }
        if !self.is_worth_repeating() {
            headers::text(response.headers_mut(), "x-should-retry", "false");
        }
        response.headers_mut().extend(self.headers);
        response
    }

    /// Whether the same request may succeed within two minutes. Clients that repeat requests by themselves obey the header.
    fn is_worth_repeating(&self) -> bool {
        self.code.passes_by_itself() && self.retry_after.is_none_or(|seconds| seconds <= REPEATED_WITHIN)
    }
}

/// The beginning of a text that a client sent.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(ECHOED) {
        None => text.to_owned(),
        Some(_) => text.chars().take(ECHOED - 1).chain(['…']).collect(),
    }
}
