//! An error as a client sees it: status, code and words. Nothing of a cause reaches a client; it goes to the log.

#![deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]

mod causes;
mod code;
mod input;
mod openai;

use std::collections::BTreeMap;

use application::StreamFault;
use domain::{RequestId, Standing};
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::headers;
use crate::names::Scope;
use crate::response::{self, Body};
use crate::shared_page::{self, Words};

pub(crate) use code::ErrorCode;
pub(crate) use input::Wanted;
pub(crate) use openai::{ErrorView as OpenAiError, OpenAiResponses, in_stream as openai_in_stream};

/// What went wrong, as a client sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemView {
    /// The error.
    pub error: ProblemDetail,
}

/// An error's code, words and numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
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
    /// What a `rate_limited` or `storage_full` counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The message's length, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chars: Option<u64>,
    /// What work is to be done on: docs/proof-of-work.md.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// How many zero bits its hash must begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// Instead of work: a token of Turnstile's is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnstile: Option<TurnstileView>,
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

/// How a token of Cloudflare's Turnstile is asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TurnstileView {
    /// The site's public key.
    pub site_key: String,
}

impl ProblemDetail {
    /// A code and words for people. The request's id is written into it as it leaves.
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            request_id: String::new(),
            field: None,
            scope: None,
            chars: None,
            challenge: None,
            bits: None,
            turnstile: None,
            limit: None,
            remaining: None,
            reset_at: None,
            retry_after: None,
        }
    }
}

/// `Retry-After` of a request refused by the platform's counters, in seconds: as long as `runtime-workers/src/gate.rs` remembers the refusal.
const TOO_OFTEN_SECONDS: u64 = 10;

/// For how long a client repeats a request by itself, in seconds.
const CLIENTS_REPEAT_WITHIN: u64 = 120;

/// An error on its way to a client. Boxed: a result with it is handed through every handler, and moving a pointer is a twentieth of the
/// code.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    detail: ProblemDetail,
    standing: Option<Standing>,
    headers: HeaderMap,
    cause: Option<String>,
    /// Of the page that it is answered as, where a person has opened the address.
    page: Option<&'static Words>,
}

impl From<ProblemDetail> for Problem {
    fn from(detail: ProblemDetail) -> Self {
        Self(Box::new(Parts { detail, standing: None, headers: HeaderMap::new(), cause: None, page: None }))
    }
}

impl Problem {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ProblemDetail::new(code, message).into()
    }

    pub(crate) fn unauthenticated(cause: &'static str) -> Self {
        Self::new(ErrorCode::Unauthenticated, "Your access is not valid. Please reload the page.")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"edgewise\""))
            .because(cause)
    }

    /// A program has shown a key that opens nothing here.
    pub(crate) fn wrong_api_key(cause: &'static str) -> Self {
        Self::new(ErrorCode::Unauthenticated, "This API key is not known here, or it has ended.")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"edgewise\""))
            .because(cause)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "There is nothing here.")
    }

    pub(crate) fn session_not_found() -> Self {
        Self::new(ErrorCode::SessionNotFound, "This chat does not exist, or it was deleted.")
    }

    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let problem = Self::new(ErrorCode::MethodNotAllowed, "This address does not do that.");
        match HeaderValue::from_str(allow) {
            Ok(value) => problem.with_header(header::ALLOW, value),
            Err(_) => problem,
        }
    }

    /// Refused by the platform's own counters.
    pub(crate) fn too_often() -> Self {
        let message = "Too many requests come from you or your network. Please wait a moment.";
        let detail = ProblemDetail::new(ErrorCode::RateLimited, message);
        Self::from(ProblemDetail { scope: Some(Scope::Address), ..detail }).wait(TOO_OFTEN_SECONDS)
    }

    /// A WebSocket is asked for where there can be none.
    pub(crate) fn no_sockets() -> Self {
        let message = "There is no WebSocket here. POST /api/v1/chat/messages streams the same answer as events.";
        Self::new(ErrorCode::NotSupported, message)
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
    pub(crate) fn in_stream(fault: StreamFault, request: RequestId) -> (&'static str, String) {
        let problem = match fault {
            StreamFault::BrokenOff => {
                Self::new(ErrorCode::ProviderError, "The answer broke off. What has arrived is kept.")
            }
            StreamFault::NotSaved => Self::new(
                ErrorCode::NotSaved,
                "The answer could not be saved yet. It is still being tried; you can also save it again.",
            ),
        };
        ("error", serde_json::to_string(&problem.view(request)).unwrap_or_default())
    }

    /// An answer that is not kept broke off.
    pub(crate) fn broken_off() -> Self {
        Self::new(ErrorCode::ProviderError, "The answer broke off. Please ask again.")
    }

    /// A model that is not offered here.
    pub(crate) fn no_such_model() -> Self {
        let detail = ProblemDetail::new(ErrorCode::ModelNotFound, "This model is not offered here: see /v1/models.");
        ProblemDetail { field: Some("model".to_owned()), ..detail }.into()
    }

    pub(crate) fn detail(&self) -> &ProblemDetail {
        &self.0.detail
    }

    /// What went wrong, for programs.
    pub(crate) fn code(&self) -> ErrorCode {
        self.0.detail.code
    }

    /// Why, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// To be answered as a page, in the language of the header `Accept-Language` of a person who has opened the address.
    pub(crate) fn for_a_person(mut self, accepted: Option<&HeaderValue>) -> Self {
        self.0.page = Some(Words::wanted(accepted));
        self
    }

    fn until(mut self, reset_at: Timestamp) -> Self {
        self.0.detail.reset_at = Some(reset_at.to_string());
        self
    }

    fn with_standing(mut self, standing: Option<Standing>) -> Self {
        self.0.standing = standing;
        self
    }

    fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    fn wait(mut self, seconds: u64) -> Self {
        let seconds = seconds.max(1);
        self.0.detail.retry_after = Some(seconds);
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The error as a client reads it, in a body or in a stream's last event.
    pub(crate) fn view(&self, request: RequestId) -> ProblemView {
        ProblemView { error: ProblemDetail { request_id: request.to_string(), ..self.0.detail.clone() } }
    }

    pub(crate) fn response(&self, request: RequestId) -> Response<Body> {
        if let Some(words) = self.0.page {
            return self.with_headers(shared_page::problem(self.code().status(), words));
        }
        self.with_headers(response::json(self.code().status(), &self.view(request)))
    }

    /// The same as OpenAI's API would tell it. What has no member there stands in headers.
    pub(crate) fn openai_response(&self) -> Response<Body> {
        let response = response::json(self.code().status(), &OpenAiError::from(&self.0.detail));
        let mut response = self.with_headers(response);
        let headers = response.headers_mut();
        if let Some(standing) = &self.0.standing {
            headers::requests(headers, standing);
        }
        if let Some(seconds) = self.0.detail.retry_after {
            headers::text(headers, "retry-after-ms", &seconds.saturating_mul(1000).to_string());
        }
        if let (Some(challenge), Some(bits)) = (&self.0.detail.challenge, self.0.detail.bits) {
            headers::text(headers, "www-authenticate", &format!("EdgewiseWork challenge=\"{challenge}\", bits={bits}"));
        }
        response
    }

    fn with_headers(&self, mut response: Response<Body>) -> Response<Body> {
        if let Some(standing) = &self.0.standing {
            headers::quota(response.headers_mut(), standing);
        }
        if !self.is_worth_repeating() {
            headers::text(response.headers_mut(), "x-should-retry", "false");
        }
        response.headers_mut().extend(self.0.headers.clone());
        response
    }

    /// Whether the same request may succeed within two minutes. Clients that repeat requests by themselves obey the header.
    fn is_worth_repeating(&self) -> bool {
        self.code().passes_by_itself()
            && self.0.detail.retry_after.is_none_or(|seconds| seconds <= CLIENTS_REPEAT_WITHIN)
    }
}

/// What every endpoint may answer besides its own.
impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let body = || Content::new(Some(Ref::from_schema_name(ProblemView::name())));
        let response = || ResponseBuilder::new().content("application/json", body()).build().into();
        ["4XX", "5XX"].into_iter().map(|status| (status.to_owned(), response())).collect()
    }
}
