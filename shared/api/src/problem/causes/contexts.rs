//! What a client sees of an error about what the model should know, and of one about a vote.

use application::contexts::ContextKeepError;
use application::feedback::VoteError;
use domain::{ContextError, ContextFault, FeedbackError, StorageFull};

use super::super::{ErrorCode, Problem};

impl From<ContextKeepError> for Problem {
    fn from(error: ContextKeepError) -> Self {
        match error {
            ContextKeepError::Changed => Self::new(
                ErrorCode::PreconditionFailed,
                "This was changed meanwhile, perhaps on another device. Please look at it again.",
            ),
            ContextKeepError::NoSpace => StorageFull::Database.into(),
            ContextKeepError::NotTried(error) => error.into(),
            ContextKeepError::Store(cause) => cause.into(),
        }
    }
}

impl From<ContextError> for Problem {
    fn from(error: ContextError) -> Self {
        let ContextError { field, fault } = error;
        let message = match fault {
            ContextFault::Blank => format!("`{field}` is empty."),
            ContextFault::TooLong { chars, max } => {
                format!("`{field}` has {chars} characters; at most {max} are allowed.")
            }
            ContextFault::TooMany { max } => format!("`{field}` has too many entries; at most {max} are allowed."),
            ContextFault::TooLarge { bytes, max } => {
                format!("All texts together have {bytes} bytes; at most {max} are allowed.")
            }
        };
        Self::invalid_request(&field, message)
    }
}

impl From<VoteError> for Problem {
    fn from(error: VoteError) -> Self {
        match error {
            VoteError::NoSuchSession => Self::session_not_found(),
            VoteError::NoSuchMessage => Self::not_found(),
            VoteError::NoSpace => domain::StorageFull::Database.into(),
            VoteError::NotAnAnswer => Self::invalid_request("message_id", "This message is not an answer."),
            VoteError::NotTried(error) => error.into(),
            VoteError::Store(cause) => cause.into(),
        }
    }
}

impl From<FeedbackError> for Problem {
    fn from(error: FeedbackError) -> Self {
        let FeedbackError { chars, max } = error;
        Self::invalid_request("reason", format!("The reason has {chars} characters; at most {max} are allowed."))
    }
}
