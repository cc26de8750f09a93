//! From every error of the layers below to what a client sees of it: the one place where an error gets a code and words.

mod accounts;
mod blocks;
mod contexts;
mod imports;
mod overview;
mod shares;

use application::answer::FOLLOWERS;
use application::guests::GuestError;
use application::search::SearchError;
use application::{MessageError, ModelError, SendError, SessionError, StoreError, TryError, TurnstileError, WorkAsked};
use domain::{
    Fault, MOST_PINNED, NoSearchPlace, Pause, Refusal, RefusedBy, SearchTextError, SessionCap, StorageFull, TextError,
    TitleError, WrongMessage,
};
use http::{HeaderName, HeaderValue, header};

use super::{ErrorCode, Problem, ProblemDetail, TurnstileView};
use crate::names::Scope;
use crate::token::TokenError;

/// How long a visitor waits for a model that is busy and does not say for how long, in seconds.
const BUSY_SECONDS: u64 = 5;

/// How long a follower waits for a place, in seconds: another must leave, or their answer end, first.
const PLACE_SECONDS: u64 = 5;

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::new(
                ErrorCode::TokenExpired,
                "Your access has expired. Please reload the page.",
            )
            .with_header(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(
                    "Bearer realm=\"edgewise\", error=\"invalid_token\", error_description=\"The token has expired\"",
                ),
            ),
            TokenError::Invalid(cause) => Self::unauthenticated(cause),
        }
    }
}

impl From<TextError> for Problem {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Blank => Self::invalid_request("content", "Please write a message."),
            TextError::TooLong { chars, max } => ProblemDetail {
                field: Some("content".to_owned()),
                chars: u64::try_from(chars).ok(),
                limit: u64::try_from(max).ok(),
                ..ProblemDetail::new(
                    ErrorCode::MessageTooLong,
                    format!("The message has {chars} characters; at most {max} are allowed."),
                )
            }
            .into(),
        }
    }
}

impl From<TitleError> for Problem {
    fn from(error: TitleError) -> Self {
        match error {
            TitleError::Blank => Self::invalid_request("title", "Please write a title."),
            TitleError::TooLong { chars, max } => {
                Self::invalid_request("title", format!("The title has {chars} characters; at most {max} are allowed."))
            }
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NoSuchSession => Self::session_not_found(),
            SessionError::Gone => {
                Self::new(ErrorCode::Gone, "This chat was deleted too long ago: it cannot be brought back any more.")
            }
            SessionError::TooMany(cap) => cap.into(),
            SessionError::TooManyPinned => {
                let message = "You have pinned as many chats as can be. Please unpin one of them first.";
                let detail = ProblemDetail::new(ErrorCode::TooManyPinned, message);
                ProblemDetail { limit: Some(u64::from(MOST_PINNED)), ..detail }.into()
            }
            SessionError::NoSpace(full) => full.into(),
            SessionError::Store(cause) => cause.into(),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoSuchSession => Self::session_not_found(),
            SendError::NoSuchMessage => Self::not_found(),
            SendError::WrongMessage(wrong) => wrong.into(),
            SendError::InProgress => {
                Self::new(ErrorCode::GenerationInProgress, "The answer is still on its way.").wait(1)
            }
            // It does not come back by asking again.
            SendError::Gone => Self::new(
                ErrorCode::Gone,
                "This message was sent before, and its answer is not there any more. It was not sent again.",
            ),
            SendError::TooManySessions => SessionCap::All.into(),
            SendError::NoSpace { full, standing } => Self::from(full).with_standing(standing),
            SendError::KeyUsedOtherwise => {
                Self::new(ErrorCode::IdempotencyMismatch, "This idempotency key was used for another request.")
            }
            SendError::Refused(refusal) => refusal.into(),
            SendError::Paused(pause) => pause_for(
                ErrorCode::ProviderUnavailable,
                "The model does not answer at present. Nothing was charged; please try again shortly.",
                pause,
            ),
            SendError::BudgetUsedUp(pause) => pause_for(
                ErrorCode::BudgetExhausted,
                "What this page may spend is used up for now. Nothing was charged; it will be filled again soon.",
                pause,
            ),
            SendError::Overloaded(pause) => pause_for(
                ErrorCode::Overloaded,
                "Many people are writing right now. Nothing was charged; please try again in a few seconds.",
                pause,
            ),
            SendError::NeedsWork { work, standing } => Self::from(work).with_standing(Some(standing)),
            // A new chat would not help: it is the message alone.
            SendError::TooLongForModel => Self::new(
                ErrorCode::MessageTooLong,
                "This message is longer than the model can read. Please shorten it.",
            ),
            SendError::Model { cause, session, standing } => {
                let problem = Self::from(cause).with_standing(standing);
                // The visitor's message is kept there, for Retry.
                let session = session.and_then(|session| HeaderValue::from_str(&session.to_string()).ok());
                match session {
                    Some(session) => problem.with_header(HeaderName::from_static("x-session-id"), session),
                    None => problem,
                }
            }
            SendError::WishesRefused { standing } => {
                Self::new(ErrorCode::InvalidRequest, "The model does not take this request as it is.")
                    .with_standing(standing)
            }
            SendError::TooManyFollowers => too_many_followers(),
            SendError::Store(cause) => cause.into(),
            SendError::AnswerNotRead(cause) => storage_unavailable(
                "The answer is there, but it cannot be read right now. Please open the chat again in a moment.",
            )
            .because(cause.to_string()),
            SendError::ReaderLeft => Self::internal("the reader left before the answer began"),
            SendError::Lost => Self::internal("the turn ended without an outcome"),
        }
    }
}

impl From<WrongMessage> for Problem {
    fn from(wrong: WrongMessage) -> Self {
        let words = match wrong {
            WrongMessage::NotEditable => "Only a message of yours can be edited.",
            WrongMessage::NothingToAnswer => "There is no message here to be answered.",
            WrongMessage::NotAnAnswer => "Only an answer can be continued.",
            WrongMessage::Filtered => "The model's provider has ended this answer; it cannot go on.",
            WrongMessage::Whole => "This answer is whole.",
        };
        Self::invalid_request("message_id", words)
    }
}

impl From<MessageError> for Problem {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::NoSuchMessage => Self::not_found(),
            MessageError::NotAnAnswer => Self::invalid_request("message_id", "This message is not an answer."),
            MessageError::TooManyFollowers => too_many_followers(),
            MessageError::Store(cause) => cause.into(),
        }
    }
}

impl From<SessionCap> for Problem {
    fn from(cap: SessionCap) -> Self {
        let message = match cap {
            SessionCap::All => "You have as many chats as can be kept. Please delete some of them first.",
            SessionCap::Empty => "You have many chats without a message. Please use or delete some of them first.",
        };
        let detail = ProblemDetail::new(ErrorCode::TooManySessions, message);
        ProblemDetail { limit: Some(u64::from(cap.most())), ..detail }.into()
    }
}

impl From<StorageFull> for Problem {
    fn from(full: StorageFull) -> Self {
        let (scope, message, limit) = match full {
            StorageFull::User { limit } => {
                (Scope::User, "Your space for chats is full. Delete some of them to make room.", Some(limit))
            }
            StorageFull::Address { limit, .. } => {
                (Scope::Address, "As much was written from your network as is kept in a day.", Some(limit))
            }
            StorageFull::Database => {
                (Scope::All, "This page has no space for more at present. What is there can be read.", None)
            }
        };
        let detail = ProblemDetail::new(ErrorCode::StorageFull, message);
        let problem = Self::from(ProblemDetail { scope: Some(scope), limit, ..detail });
        match full {
            StorageFull::Address { until, .. } => problem.until(until),
            StorageFull::User { .. } | StorageFull::Database => problem,
        }
    }
}

fn pause_for(code: ErrorCode, message: &str, pause: Pause) -> Problem {
    Problem::new(code, message).until(pause.until).with_standing(Some(pause.standing)).wait(pause.retry_after())
}

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

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (code, scope, message) = match refusal.by {
            RefusedBy::Minute => (
                ErrorCode::RateLimited,
                Some(Scope::Minute),
                "You are sending messages too quickly. Please wait a moment.",
            ),
            RefusedBy::Day => (
                ErrorCode::QuotaExceeded,
                None,
                "You have used all of today's messages. There are new ones at midnight UTC.",
            ),
            RefusedBy::Answers => (
                ErrorCode::RateLimited,
                Some(Scope::Answers),
                "Several answers are still on their way. Please wait until one of them ends.",
            ),
            RefusedBy::Address { .. } => (
                ErrorCode::RateLimited,
                Some(Scope::Address),
                "Too many messages were sent from your network today. Please come back later.",
            ),
            RefusedBy::OutUntil(_) => {
                (ErrorCode::RateLimited, Some(Scope::User), "You have been refused too often. Please wait ten minutes.")
            }
        };
        used_up(code, scope, refusal.limit(), message)
            .until(refusal.reset_at())
            .with_standing(Some(refusal.standing))
            .wait(refusal.retry_after())
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::NotTried(error) => error.into(),
            SearchError::Store(cause) => cause.into(),
        }
    }
}

impl From<TryError> for Problem {
    fn from(error: TryError) -> Self {
        match error {
            TryError::TooMany { limit, now, until } => {
                let seconds = u64::try_from(until.as_second() - now.as_second()).unwrap_or_default();
                let message = "That was tried too often. Please wait a while.";
                used_up(ErrorCode::RateLimited, Some(Scope::Tries), u64::from(limit), message)
                    .until(until)
                    .wait(seconds)
            }
            TryError::Store(cause) => cause.into(),
        }
    }
}

impl From<SearchTextError> for Problem {
    fn from(SearchTextError { least, most, .. }: SearchTextError) -> Self {
        Self::invalid_request("q", format!("Please look for {least} to {most} characters."))
    }
}

impl From<NoSearchPlace> for Problem {
    fn from(_: NoSearchPlace) -> Self {
        Self::invalid_request("cursor", "`cursor` must be the `next_cursor` of the page before.")
    }
}

fn too_many_followers() -> Problem {
    let message = "This answer is being read in several places already. Please wait until it has ended.";
    used_up(ErrorCode::RateLimited, Some(Scope::Readers), u64::from(FOLLOWERS), message).wait(PLACE_SECONDS)
}

/// Nothing is left of `limit`.
fn used_up(code: ErrorCode, scope: Option<Scope>, limit: u64, message: &str) -> Problem {
    ProblemDetail { scope, limit: Some(limit), remaining: Some(0), ..ProblemDetail::new(code, message) }.into()
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        match error {
            StoreError::Unreachable { .. } | StoreError::Postgres(_) | StoreError::Redis(_) => {
                storage_unavailable("Chats cannot be reached right now. Please try again.").because(cause)
            }
            StoreError::TokenClaimed => Self::new(ErrorCode::TokenClaimed, "You have an account now. Please sign in.")
                .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"edgewise\"")),
            StoreError::TokenEnded => Self::unauthenticated("the token has ended"),
            StoreError::Blocked => Self::new(
                ErrorCode::Blocked,
                "You cannot use this page at present: who runs it has shut you or your network out for a time.",
            ),
            StoreError::Missing { .. } | StoreError::Unexpected { .. } => Self::internal(cause),
        }
    }
}

fn storage_unavailable(message: &str) -> Problem {
    Problem::new(ErrorCode::StorageUnavailable, message).wait(2)
}

impl Problem {
    /// The model has too much to do, for so many seconds.
    pub(crate) fn model_busy(seconds: u64) -> Self {
        Self::new(ErrorCode::ProviderRateLimited, "The model is busy right now. Please try again shortly.")
            .wait(seconds)
    }
}

impl From<ModelError> for Problem {
    fn from(error: ModelError) -> Self {
        match error.fault() {
            Fault::Timeout => {
                Self::new(ErrorCode::ProviderTimeout, "The model took too long to answer. Please try again.")
            }
            Fault::ContextTooLong => Self::new(
                ErrorCode::ContextTooLong,
                "This chat has become too long for the model. Please go on in a new chat.",
            ),
            Fault::Busy => Self::model_busy(error.retry_after().map_or(BUSY_SECONDS, |pause| pause.as_secs())),
            Fault::Model | Fault::Store | Fault::Ours => {
                Self::new(ErrorCode::ProviderError, "The model could not answer. Please try again.")
            }
        }
        .because(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use application::StreamFault;
    use domain::RequestId;
    use jiff::Timestamp;

    use super::*;

    /// What the operator's figures call a fault, in a row of the database.
    #[test]
    fn a_fault_is_known_to_the_operator_by_the_code_that_its_sender_was_told() {
        for fault in Fault::ALL {
            let code = serde_json::from_value::<ErrorCode>(fault.code().into());
            assert_eq!(code.unwrap().name(), fault.code());
        }
        for error in [ModelError::Timeout(1), ModelError::ContextTooLong(String::new()), ModelError::Empty] {
            let fault = error.fault();
            assert_eq!(Problem::from(error).code().name(), fault.code());
        }
        assert_eq!(Problem::from(SendError::Lost).code().name(), Fault::Ours.code());
        let request = RequestId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        let (_, broken_off) = Problem::in_stream(StreamFault::BrokenOff, request);
        assert!(broken_off.contains(&format!("\"{}\"", Fault::Model.code())), "{broken_off}");
    }
}
