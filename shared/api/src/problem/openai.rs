//! An error as OpenAI's API tells it. The codes stay ours, but for those that its clients look for by name.

use std::collections::BTreeMap;

use application::StreamFault;
use domain::RequestId;
use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::{ErrorCode, Problem, ProblemDetail};

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenAiError)]
pub(crate) struct ErrorView {
    error: DetailView,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OpenAiErrorDetail)]
struct DetailView {
    /// For people.
    message: String,
    /// `invalid_request_error`, `authentication_error`, `rate_limit_error` or `server_error`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// The member that is wrong.
    param: Option<String>,
    /// For programs.
    #[schema(value_type = String)]
    code: &'static str,
}

impl From<&ProblemDetail> for ErrorView {
    fn from(detail: &ProblemDetail) -> Self {
        let code = detail.code;
        let (message, param) = (detail.message.clone(), detail.field.clone());
        Self { error: DetailView { message, kind: kind(code), param, code: name(code) } }
    }
}

fn kind(code: ErrorCode) -> &'static str {
    match code.status().as_u16() {
        401 => "authentication_error",
        429 => "rate_limit_error",
        ..500 => "invalid_request_error",
        500.. => "server_error",
    }
}

fn name(code: ErrorCode) -> &'static str {
    if code.status() == http::StatusCode::UNAUTHORIZED && code != ErrorCode::ChallengeRequired {
        return "invalid_api_key";
    }
    if code == ErrorCode::MessageTooLong || code == ErrorCode::ContextTooLong {
        return "context_length_exceeded";
    }
    if code == ErrorCode::RateLimited {
        return "rate_limit_exceeded";
    }
    if code == ErrorCode::QuotaExceeded {
        return "insufficient_quota";
    }
    code.name()
}

/// What a stream's reader is told of a fault after the response has begun: an event without a name, which is all that clients read.
pub(crate) fn in_stream(fault: StreamFault, _request: RequestId) -> (&'static str, String) {
    let problem = match fault {
        StreamFault::BrokenOff | StreamFault::NotSaved => Problem::broken_off(),
    };
    ("", serde_json::to_string(&ErrorView::from(problem.detail())).unwrap_or_default())
}

/// What every one of these endpoints may answer besides its own.
pub(crate) struct OpenAiResponses;

impl IntoResponses for OpenAiResponses {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let body = || Content::new(Some(Ref::from_schema_name(ErrorView::name())));
        let response = || ResponseBuilder::new().content("application/json", body()).build().into();
        ["4XX", "5XX"].into_iter().map(|status| (status.to_owned(), response())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_clients_know_have_their_names() {
        for (code, kind, name) in [
            (ErrorCode::Unauthenticated, "authentication_error", "invalid_api_key"),
            (ErrorCode::TokenExpired, "authentication_error", "invalid_api_key"),
            (ErrorCode::ChallengeRequired, "authentication_error", "challenge_required"),
            (ErrorCode::RateLimited, "rate_limit_error", "rate_limit_exceeded"),
            (ErrorCode::QuotaExceeded, "rate_limit_error", "insufficient_quota"),
            (ErrorCode::MessageTooLong, "invalid_request_error", "context_length_exceeded"),
            (ErrorCode::ModelNotFound, "invalid_request_error", "model_not_found"),
            (ErrorCode::BudgetExhausted, "server_error", "budget_exhausted"),
            (ErrorCode::ProviderError, "server_error", "provider_error"),
        ] {
            assert_eq!((super::kind(code), super::name(code)), (kind, name));
        }
    }
}
