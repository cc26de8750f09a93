//! What a client sees of an error about who comes in anew: too many, or what they have to show first.

use application::guests::GuestError;
use application::{TurnstileError, WorkAsked};
use http::{HeaderValue, header};

use super::super::{ErrorCode, Problem, ProblemDetail, TurnstileView};
use super::{storage_unavailable, used_up};
use crate::names::Scope;

impl From<GuestError> for Problem {
    fn from(error: GuestError) -> Self {
        match error {
            GuestError::TooMany { limit, now, reset_at } => {
                // Not negative: the counters' clock gives both.
                let seconds = u64::try_from(reset_at.as_second() - now.as_second()).unwrap_or_default();
                let message = "Too many new visitors from your network for now. Please come back later.";
                used_up(ErrorCode::RateLimited, Some(Scope::Address), limit, message).until(reset_at).wait(seconds)
            }
            GuestError::NeedsWork(work) => work.into(),
            GuestError::NeedsToken { site_key } => {
                let message = "Your browser has to show first that you are a person.";
                let detail = ProblemDetail::new(ErrorCode::ChallengeRequired, message);
                Self::from(ProblemDetail { turnstile: Some(TurnstileView { site_key }), ..detail })
                    .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("EdgewiseTurnstile"))
            }
            GuestError::NotChecked(cause) => cause.into(),
            GuestError::Store(cause) => cause.into(),
        }
    }
}

impl From<TurnstileError> for Problem {
    fn from(error: TurnstileError) -> Self {
        match error {
            TurnstileError::WrongSecret => Self::misconfigured(error.to_string()),
            TurnstileError::Unreachable(_) | TurnstileError::Unclear(_) => {
                let message = "It cannot be checked right now that you are a person. Please try again.";
                storage_unavailable(message).because(error.to_string())
            }
        }
    }
}

impl From<WorkAsked> for Problem {
    fn from(WorkAsked { challenge, bits }: WorkAsked) -> Self {
        let message = "Many messages come from your network today. Your browser has to do some work first.";
        let detail = ProblemDetail::new(ErrorCode::ChallengeRequired, message);
        Self::from(ProblemDetail { challenge: Some(challenge), bits: Some(bits), ..detail })
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("EdgewiseWork"))
    }
}
