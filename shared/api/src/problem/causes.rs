//! From every error of the layers below to what a client sees of it: the one place where an error gets a status.

use application::guests::GuestError;
use application::{MessageError, ModelError, SendError, SessionError, StoreError};
use domain::{Pause, Refusal, RefusedBy, SessionCap, TextError, TitleError, Unfit};
use http::{HeaderName, HeaderValue};

use super::{ErrorCode, Problem};

impl From<TextError> for Problem {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Blank => Self::invalid_request("content", "Please write a message."),
            TextError::TooLong { chars, max } => Self {
                field: Some("content".to_owned()),
                chars: u64::try_from(chars).ok(),
                limit: u64::try_from(max).ok(),
                ..Self::new(
                    ErrorCode::MessageTooLong,
                    format!("The message has {chars} characters; at most {max} are allowed."),
                )
            },
        }
    }
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        let words = match unfit {
            Unfit::NotAQuestion => "Only a message of yours can be edited.",
            Unfit::NothingToAnswer => "There is no message here to be answered.",
            Unfit::NotAnAnswer => "Only an answer can be continued.",
            Unfit::Filtered => "The model's provider has ended this answer; it cannot go on.",
            Unfit::Whole => "This answer is whole.",
        };
        Self::invalid_request("message_id", words)
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
            SessionError::TooMany(cap) => Self::too_many_sessions(cap),
            SessionError::Store(cause) => cause.into(),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoSuchSession => Self::session_not_found(),
            SendError::NoSuchMessage => Self::not_found(),
            SendError::WrongMessage(unfit) => unfit.into(),
            SendError::InProgress => Self::in_progress(),
            SendError::Gone => Self::gone(),
            SendError::TooManySessions => Self::too_many_sessions(SessionCap::All),
            SendError::KeyUsedOtherwise => {
                Self::new(ErrorCode::IdempotencyMismatch, "This idempotency key was used for another request.")
            }
            SendError::Refused(refusal) => refusal.into(),
            SendError::Paused(pause) => pause.into(),
            SendError::Model { cause, session, standing } => {
                let problem = Self { standing, ..cause.into() };
                // The visitor's message is kept there, for Retry.
                match HeaderValue::from_str(&session.to_string()) {
                    Ok(session) => problem.with_header(HeaderName::from_static("x-session-id"), session),
                    Err(_) => problem,
                }
            }
            SendError::TooManyReaders => Self::too_many_readers(),
            SendError::Store(cause) => cause.into(),
            SendError::AnswerNotRead(cause) => storage_unavailable(
                "The answer is there, but it cannot be read right now. Please open the conversation again in a moment.",
            )
            .because(cause.to_string()),
            SendError::ReaderLeft => Self::internal("the reader left before the answer began"),
            SendError::Lost => Self::internal("the turn ended without an outcome"),
        }
    }
}

impl From<MessageError> for Problem {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::NoSuchMessage => Self::not_found(),
            MessageError::NotAnAnswer => Self::invalid_request("message_id", "This message is not an answer."),
            MessageError::TooManyReaders => Self::too_many_readers(),
            MessageError::Store(cause) => cause.into(),
        }
    }
}

impl From<Pause> for Problem {
    fn from(pause: Pause) -> Self {
        Self {
            reset_at: Some(pause.until),
            standing: Some(pause.standing),
            ..Self::new(
                ErrorCode::ProviderUnavailable,
                "The model does not answer at present. Nothing was charged; please try again shortly.",
            )
        }
        .wait(pause.retry_after())
    }
}

impl From<GuestError> for Problem {
    fn from(error: GuestError) -> Self {
        match error {
            GuestError::TooMany { limit, now, reset_at } => {
                let seconds = u64::try_from(reset_at.as_second() - now.as_second()).unwrap_or(1);
                Self {
                    limit: Some(limit),
                    remaining: Some(0),
                    reset_at: Some(reset_at),
                    ..Self::new(
                        ErrorCode::RateLimited,
                        "Too many new visitors from your network today. Please come back tomorrow.",
                    )
                }
                .wait(seconds)
            }
            GuestError::Store(cause) => cause.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (code, scope, message) = match refusal.by {
            RefusedBy::Minute => {
                (ErrorCode::RateLimited, Some("minute"), "You are sending messages too quickly. Please wait a moment.")
            }
            RefusedBy::Day => (
                ErrorCode::QuotaExceeded,
                None,
                "You have used all of today's messages. There are new ones at midnight UTC.",
            ),
            RefusedBy::Streams => (
                ErrorCode::RateLimited,
                Some("answers"),
                "Several answers are still on their way. Please wait until one of them ends.",
            ),
        };
        Self {
            limit: Some(refusal.limit()),
            remaining: Some(0),
            reset_at: Some(refusal.reset_at()),
            standing: Some(refusal.standing),
            scope,
            ..Self::new(code, message)
        }
        .wait(refusal.retry_after())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        match error {
            StoreError::Unreachable { .. } | StoreError::Postgres(_) | StoreError::Redis(_) => {
                storage_unavailable("Conversations cannot be reached right now. Please try again.").because(cause)
            }
            StoreError::Unexpected { .. } => Self::internal(cause),
        }
    }
}

fn storage_unavailable(message: &str) -> Problem {
    Problem::new(ErrorCode::StorageUnavailable, message).wait(2)
}

impl From<ModelError> for Problem {
    fn from(error: ModelError) -> Self {
        let cause = error.to_string();
        let timeout = || Self::new(ErrorCode::ProviderTimeout, "The model took too long to answer. Please try again.");
        let failed = || Self::new(ErrorCode::ProviderError, "The model could not answer. Please try again.");
        match error {
            ModelError::Timeout(_) => timeout(),
            ModelError::ContextTooLong(_) => Self::new(
                ErrorCode::ContextTooLong,
                "This conversation has become too long for the model. Please go on in a new chat.",
            ),
            ModelError::Unreachable(_) | ModelError::NotSent(_) | ModelError::Empty => failed(),
            ModelError::Refused { error, .. } if error.is_timeout() => timeout(),
            ModelError::Refused { error, retry_after } if error.is_rate_limit() => {
                Self::new(ErrorCode::ProviderRateLimited, "The model is busy right now. Please try again shortly.")
                    .wait(retry_after.unwrap_or(5))
            }
            ModelError::Refused { .. } => failed(),
        }
        .because(cause)
    }
}
