//! What a handler can be told.

#![deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]

use domain::{Fault, NotPlanned, Pause, Refusal, SessionCap, SessionId, Standing, StorageFull, TurnEnd, WrongMessage};
use infrastructure::{ModelError, StoreError};

use crate::WorkAsked;

/// Why a message was not answered. What it costs: `domain::TurnEnd`.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The caller has no such session.
    #[error("no such session")]
    NoSuchSession,
    /// A limit said no.
    #[error("refused by a limit")]
    Refused(Refusal),
    /// The message would start one session too many.
    #[error("too many sessions")]
    TooManySessions,
    /// There is no space for the message and its answer.
    #[error("no space")]
    NoSpace {
        /// What is full.
        full: StorageFull,
        /// Where the caller stands, if the counters said so.
        standing: Option<Standing>,
    },
    /// The session has no such message.
    #[error("no such message")]
    NoSuchMessage,
    /// The message is not one that this can be done with.
    #[error(transparent)]
    WrongMessage(#[from] WrongMessage),
    /// The answer is still on its way.
    #[error("the answer is still on its way")]
    InProgress,
    /// What was made under the idempotency key was deleted.
    #[error("what was made under the idempotency key was deleted")]
    Gone,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyUsedOtherwise,
    /// The model does not answer at present, so it is not asked.
    #[error("the breaker is open")]
    Paused(Pause),
    /// The page's money is used up for now.
    #[error("the budget is used up")]
    BudgetUsedUp(Pause),
    /// As many answers are running as may.
    #[error("too many answers are running")]
    Overloaded(Pause),
    /// The guests of this address have sent their number of a day: more is to be worked for.
    #[error("work is asked for")]
    NeedsWork {
        /// What is to be done.
        work: WorkAsked,
        /// Where the caller stands.
        standing: Standing,
    },
    /// The message alone is longer than what is sent to a model.
    #[error("the message is too long for the model")]
    TooLongForModel,
    /// The model gave no answer; the visitor's message is kept as `failed`.
    #[error("{cause}")]
    Model {
        /// What the model, or the way to it, said.
        cause: ModelError,
        /// The session that holds the visitor's message; `None`: nothing is kept.
        session: Option<SessionId>,
        /// Where the caller stands afterwards.
        standing: Option<Standing>,
    },
    /// The model does not take what its client wishes.
    #[error("the model refuses the request")]
    WishesRefused {
        /// Where the caller stands afterwards.
        standing: Option<Standing>,
    },
    /// An answer that was asked for before is running, and the caller has as many followers as are allowed.
    #[error("too many followers")]
    TooManyFollowers,
    /// A store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The answer was made, stored and paid for; what is stored could not be read.
    #[error("the answer could not be read: {0}")]
    AnswerNotRead(StoreError),
    /// The reader left before the answer began; this error has no reader.
    #[error("the reader left before the answer began")]
    ReaderLeft,
    /// The turn ended without an outcome.
    #[error("the turn ended without an outcome")]
    Lost,
}

impl SendError {
    /// With where the caller stands once the message is settled, if the error says so.
    pub(crate) fn standing_at(mut self, now: Option<Standing>) -> Self {
        if let Self::Model { standing, .. } | Self::WishesRefused { standing } = &mut self {
            *standing = now;
        }
        self
    }

    /// What went wrong, for the operator's figures; `None`: a reader who left, a limit, or what the request asks for.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Model { cause, .. } => Some(cause.fault()),
            Self::WishesRefused { .. } => Some(Fault::Model),
            Self::Store(_) | Self::AnswerNotRead(_) => Some(Fault::Store),
            Self::Lost => Some(Fault::Ours),
            Self::NoSuchSession
            | Self::Refused(_)
            | Self::TooManySessions
            | Self::NoSpace { .. }
            | Self::NoSuchMessage
            | Self::WrongMessage(_)
            | Self::InProgress
            | Self::Gone
            | Self::KeyUsedOtherwise
            | Self::Paused(_)
            | Self::BudgetUsedUp(_)
            | Self::Overloaded(_)
            | Self::NeedsWork { .. }
            | Self::TooLongForModel
            | Self::TooManyFollowers
            | Self::ReaderLeft => None,
        }
    }

    /// How a turn ends that this error stops after its admission and before the model is asked, and what its caller is told. `takes_up`: the
    /// turn takes up what a failed try under its key has left.
    ///
    /// Only what the request itself asks for counts as a refusal of its caller; all else is a fault of ours or passes by itself.
    pub(crate) fn before_the_call(self, takes_up: bool) -> (TurnEnd, Self) {
        let end = match &self {
            Self::NoSuchSession if takes_up => return (TurnEnd::TakesUpDeleted, Self::Gone),
            Self::NoSuchSession
            | Self::NoSuchMessage
            | Self::WrongMessage(_)
            | Self::TooLongForModel
            | Self::InProgress
            | Self::TooManySessions
            | Self::NoSpace { full: StorageFull::User { .. } | StorageFull::Address { .. }, .. }
            | Self::Refused(_)
            | Self::Gone
            | Self::KeyUsedOtherwise
            | Self::TooManyFollowers => TurnEnd::Refused,
            // That the database is full is nobody's doing.
            Self::NoSpace { full: StorageFull::Database, .. }
            | Self::Store(_)
            | Self::AnswerNotRead(_)
            | Self::Model { .. }
            | Self::WishesRefused { .. }
            | Self::Paused(_)
            | Self::BudgetUsedUp(_)
            | Self::Overloaded(_)
            | Self::NeedsWork { .. }
            | Self::ReaderLeft
            | Self::Lost => TurnEnd::NotAsked,
        };
        (end, self)
    }
}

impl From<NotPlanned> for SendError {
    fn from(error: NotPlanned) -> Self {
        match error {
            NotPlanned::NoSuchMessage => Self::NoSuchMessage,
            NotPlanned::InProgress => Self::InProgress,
            NotPlanned::WrongMessage(wrong) => Self::WrongMessage(wrong),
            NotPlanned::TooLong => Self::TooLongForModel,
        }
    }
}

/// Why a session could not be shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The caller has no such session.
    #[error("no such session")]
    NoSuchSession,
    /// It is so old that it may have been deleted too long ago to be restored.
    #[error("the session is gone")]
    Gone,
    /// The caller has as many sessions as are allowed.
    #[error("too many sessions")]
    TooMany(SessionCap),
    /// The caller has pinned as many as are allowed.
    #[error("too many pinned sessions")]
    TooManyPinned,
    /// There is no space for one more.
    #[error("no space")]
    NoSpace(StorageFull),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an answer could not be followed or stopped.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The caller has no such message.
    #[error("no such message")]
    NoSuchMessage,
    /// It is not an answer.
    #[error("not an answer")]
    NotAnAnswer,
    /// The caller has as many followers of running answers as are allowed.
    #[error("too many followers")]
    TooManyFollowers,
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MessageError> for SendError {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::NoSuchMessage | MessageError::NotAnAnswer => Self::NoSuchMessage,
            MessageError::TooManyFollowers => Self::TooManyFollowers,
            MessageError::Store(cause) => cause.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{DayWindow, MinuteWindow, RefusedBy, RunningAnswers};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn only_what_a_request_asks_for_is_held_against_its_caller() {
        let now = Timestamp::UNIX_EPOCH;
        let standing = Standing {
            minute: MinuteWindow { limit: 1, used: 0, reset_at: now },
            day: DayWindow { limit: None, used: 0, reset_at: now },
            answers: RunningAnswers { limit: 1, active: 0 },
            now,
        };
        let pause = Pause { until: now, standing };
        let store = || StoreError::Unexpected { store: "postgres", what: "an id" };
        let work = WorkAsked { challenge: String::new(), bits: 1 };
        let cases = [
            (SendError::NoSuchSession, TurnEnd::Refused),
            (SendError::NoSuchMessage, TurnEnd::Refused),
            (SendError::WrongMessage(WrongMessage::Whole), TurnEnd::Refused),
            (SendError::TooLongForModel, TurnEnd::Refused),
            (SendError::InProgress, TurnEnd::Refused),
            (SendError::TooManySessions, TurnEnd::Refused),
            (SendError::NoSpace { full: StorageFull::User { limit: 1 }, standing: None }, TurnEnd::Refused),
            (SendError::NoSpace { full: StorageFull::Database, standing: None }, TurnEnd::NotAsked),
            (SendError::Refused(Refusal { by: RefusedBy::Minute, standing }), TurnEnd::Refused),
            (SendError::Gone, TurnEnd::Refused),
            (SendError::KeyUsedOtherwise, TurnEnd::Refused),
            (SendError::TooManyFollowers, TurnEnd::Refused),
            (SendError::Store(store()), TurnEnd::NotAsked),
            (SendError::AnswerNotRead(store()), TurnEnd::NotAsked),
            (SendError::Model { cause: ModelError::Empty, session: None, standing: None }, TurnEnd::NotAsked),
            (SendError::WishesRefused { standing: None }, TurnEnd::NotAsked),
            (SendError::Paused(pause), TurnEnd::NotAsked),
            (SendError::BudgetUsedUp(pause), TurnEnd::NotAsked),
            (SendError::Overloaded(pause), TurnEnd::NotAsked),
            (SendError::NeedsWork { work, standing }, TurnEnd::NotAsked),
            (SendError::ReaderLeft, TurnEnd::NotAsked),
            (SendError::Lost, TurnEnd::NotAsked),
        ];
        for (error, expected) in cases {
            let words = error.to_string();
            let (end, told) = error.before_the_call(false);
            assert_eq!((end, told.to_string()), (expected, words));
        }
        let (end, told) = SendError::NoSuchSession.before_the_call(true);
        assert_eq!(end, TurnEnd::TakesUpDeleted);
        assert!(matches!(told, SendError::Gone), "{told}");
    }
}
