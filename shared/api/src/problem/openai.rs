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
    #[serde(rename = "type")]
    kind: Kind,
    /// The member that is wrong.
    param: Option<String>,
    /// For programs.
    #[schema(value_type = String)]
    code: &'static str,
}

/// Whose matter an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OpenAiErrorType)]
enum Kind {
    #[serde(rename = "invalid_request_error")]
    Request,
    #[serde(rename = "authentication_error")]
    Authentication,
    #[serde(rename = "rate_limit_error")]
    RateLimit,
    #[serde(rename = "server_error")]
    Server,
}

impl From<&ProblemDetail> for ErrorView {
    fn from(detail: &ProblemDetail) -> Self {
        let code = detail.code;
        let (message, param) = (detail.message.clone(), detail.field.clone());
        Self { error: DetailView { message, kind: kind(code), param, code: name(code) } }
    }
}

fn kind(code: ErrorCode) -> Kind {
    match code.status().as_u16() {
        401 => Kind::Authentication,
        429 => Kind::RateLimit,
        ..500 => Kind::Request,
        500.. => Kind::Server,
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
    // LangChain reads this name alone, whatever the status, and gives up at once.
    if code == ErrorCode::QuotaExceeded || code == ErrorCode::BudgetExhausted {
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
            (ErrorCode::Unauthenticated, Kind::Authentication, "invalid_api_key"),
            (ErrorCode::TokenExpired, Kind::Authentication, "invalid_api_key"),
            (ErrorCode::ChallengeRequired, Kind::Authentication, "challenge_required"),
            (ErrorCode::RateLimited, Kind::RateLimit, "rate_limit_exceeded"),
            (ErrorCode::QuotaExceeded, Kind::RateLimit, "insufficient_quota"),
            (ErrorCode::MessageTooLong, Kind::Request, "context_length_exceeded"),
            (ErrorCode::ModelNotFound, Kind::Request, "model_not_found"),
            (ErrorCode::BudgetExhausted, Kind::Server, "insufficient_quota"),
            (ErrorCode::ProviderError, Kind::Server, "provider_error"),
        ] {
            assert_eq!((super::kind(code), super::name(code)), (kind, name));
        }
    }
}
