//! Names of the contract that are one of a few: each is an enum in the document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An enum of the document with the variants of one of `domain`'s, which has no serde. `domain` gains none without an arm here.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident),+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[cfg_attr(test, derive(serde::Deserialize))]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($variant),+ }

        impl From<domain::$name> for $name {
            fn from(name: domain::$name) -> Self {
                match name { $(domain::$name::$variant => Self::$variant),+ }
            }
        }
    )+};
}

names! {
    /// What a person may do: an `admin` has no daily limit.
    Role { Guest, User, Admin }

    /// Who speaks.
    MessageRole { User, Assistant, System }

    /// How far a message has come. `truncated`: the model reached its limit of tokens, and the answer can be continued. `filtered`: the
    /// model's provider cut it off. `stopped`: its reader left or stopped it. `interrupted`: it broke off. `failed`: a user message
    /// whose answer never began.
    MessageStatus { Complete, Truncated, Filtered, Streaming, Stopped, Interrupted, Failed }

    /// Why the model stopped.
    FinishReason { Stop, Length, ContentFilter }
}

/// Who speaks in a chat that a client brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Speaker {
    User,
    Assistant,
}

impl From<Speaker> for domain::MessageRole {
    fn from(speaker: Speaker) -> Self {
        match speaker {
            Speaker::User => Self::User,
            Speaker::Assistant => Self::Assistant,
        }
    }
}

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskStatus {
    Open,
    Doing,
    Done,
}

impl From<domain::TaskStatus> for TaskStatus {
    fn from(status: domain::TaskStatus) -> Self {
        match status {
            domain::TaskStatus::Open => Self::Open,
            domain::TaskStatus::Doing => Self::Doing,
            domain::TaskStatus::Done => Self::Done,
        }
    }
}

impl From<TaskStatus> for domain::TaskStatus {
    fn from(status: TaskStatus) -> Self {
        match status {
            TaskStatus::Open => Self::Open,
            TaskStatus::Doing => Self::Doing,
            TaskStatus::Done => Self::Done,
        }
    }
}

/// What somebody thinks of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Vote {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

impl From<domain::Vote> for Vote {
    fn from(vote: domain::Vote) -> Self {
        match vote {
            domain::Vote::Up => Self::Up,
            domain::Vote::Down => Self::Down,
        }
    }
}

impl From<Vote> for domain::Vote {
    fn from(vote: Vote) -> Self {
        match vote {
            Vote::Up => Self::Up,
            Vote::Down => Self::Down,
        }
    }
}

/// What a link is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MailPurpose {
    /// To sign in.
    SignIn,
    /// To show that an address is the caller's.
    Verify,
    /// To set a new password.
    Reset,
}

impl From<domain::MailPurpose> for MailPurpose {
    fn from(purpose: domain::MailPurpose) -> Self {
        match purpose {
            domain::MailPurpose::SignIn => Self::SignIn,
            domain::MailPurpose::Verify => Self::Verify,
            domain::MailPurpose::Reset => Self::Reset,
        }
    }
}

impl From<MailPurpose> for domain::MailPurpose {
    fn from(purpose: MailPurpose) -> Self {
        match purpose {
            MailPurpose::SignIn => Self::SignIn,
            MailPurpose::Verify => Self::Verify,
            MailPurpose::Reset => Self::Reset,
        }
    }
}

/// What a `rate_limited` counts: messages of a `minute`, running `answers` or `readers` of one user; new guests and guests' messages of one `address`;
/// `tries` to sign up or in.
/// What a `storage_full` has no space for: a `user`, what comes from one `address` in a day, or `all`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Messages of one user in any 60 seconds.
    Minute,
    /// Running answers of one user.
    Answers,
    /// Requests of one user that read running answers.
    Readers,
    /// New guests of one address, or what its guests send.
    Address,
    /// Refusals of one user, or what is kept of them.
    User,
    /// What is kept of all.
    All,
    /// Tries to sign up or in, or searches.
    Tries,
}
