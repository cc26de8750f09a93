//! What a use case can be told about a store or the model.

#![deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]

use std::time::Duration;

use domain::{CallOutcome, Fault, TurnEnd};
use platform::HttpError;
use wire::completions::{ProviderError, ProviderErrorKind};
use wire::neon::SqlError;
use wire::upstash::RedisError;

/// Why a store has no answer for us. The texts are for the log; they can name a host, never a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nobody answered, or not in time. Whether the call took effect is unknown.
    #[error("{store} unreachable: {cause}")]
    Unreachable {
        /// Which store.
        store: &'static str,
        /// What the connection said.
        cause: HttpError,
    },
    /// Postgres, or its gateway, answered with an error.
    #[error("postgres: {0}")]
    Postgres(#[from] SqlError),
    /// Redis, or its gateway, answered with an error.
    #[error("redis: {0}")]
    Redis(#[from] RedisError),
    /// The caller was a guest, whom an account has claimed since.
    #[error("the guest was claimed")]
    TokenClaimed,
    /// The caller's token proves nothing any more.
    #[error("the token has ended")]
    TokenEnded,
    /// The caller may not come in for a time.
    #[error("the caller is blocked")]
    Blocked,
    /// A reply without a value that each of its kind has.
    #[error("no value `{name}` in a reply of {store}")]
    Missing {
        /// Which store.
        store: &'static str,
        /// The value's name.
        name: &'static str,
    },
    /// A row or reply that no statement of ours can produce.
    #[error("unexpected value from {store}: {what}")]
    Unexpected {
        /// Which store.
        store: &'static str,
        /// What was expected.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether the store has answered, and refuses the caller.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::TokenClaimed | Self::TokenEnded | Self::Blocked => true,
            Self::Unreachable { .. }
            | Self::Postgres(_)
            | Self::Redis(_)
            | Self::Missing { .. }
            | Self::Unexpected { .. } => false,
        }
    }
}

/// Why the model gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Nothing came in time.
    #[error("no answer from the model within {0} s")]
    Timeout(u64),
    /// No connection, or lost before the first byte.
    #[error("model unreachable: {0}")]
    Unreachable(String),
    /// The request could not be sent: an invalid URL, or a host that the runtime does not let us call.
    #[error("model not asked: {0}")]
    NotSent(String),
    /// The model refused or failed.
    #[error("model answered {:?}: {}", error.kind, error.message)]
    Refused {
        /// What that means for us.
        class: RefusalClass,
        /// The vendor's own words.
        error: ProviderError,
        /// Its `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
    /// The prompt is longer than the model can read. The vendor is fine; the words are its own.
    #[error("the conversation is longer than the model can read: {0}")]
    ContextTooLong(String),
    /// A 200 without a stream of chunks: a proxy's page, or an empty body.
    #[error("the model's answer is empty or not of the protocol")]
    Empty,
}

/// What a refusal of the model means for us: whether it passes, whom it speaks of, what a visitor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalClass {
    /// It has too much to do; that passes.
    Busy,
    /// What our plan with the vendor allows is used up.
    OutOfQuota,
    /// Our account with the vendor does not pay.
    Unpaid,
    /// It is not offered any more, so that another may be asked.
    Gone,
    /// It took too long by its own account.
    TimedOut,
    /// It is broken.
    Broken,
    /// It does not take what the request asks for.
    BadRequest,
    /// Something is wrong with the request, the key or the account, and stays wrong.
    Rejected,
}

impl RefusalClass {
    /// Whether the same may be asked again.
    fn passes_by_itself(self) -> bool {
        match self {
            Self::Busy | Self::TimedOut | Self::Broken => true,
            Self::OutOfQuota | Self::Unpaid | Self::Gone | Self::BadRequest | Self::Rejected => false,
        }
    }

    /// Whether another model may answer what this one does not: vendors count and charge by model.
    fn is_this_models_alone(self) -> bool {
        match self {
            Self::OutOfQuota | Self::Unpaid | Self::Gone => true,
            Self::Busy | Self::TimedOut | Self::Broken | Self::BadRequest | Self::Rejected => false,
        }
    }
}

fn is_about_the_request(kind: ProviderErrorKind) -> bool {
    match kind {
        ProviderErrorKind::BadRequest | ProviderErrorKind::ContextLength | ProviderErrorKind::Other => true,
        ProviderErrorKind::QueueFull
        | ProviderErrorKind::InsufficientQuota
        | ProviderErrorKind::ModelGone
        | ProviderErrorKind::ModelUnknown
        | ProviderErrorKind::Unauthorized
        | ProviderErrorKind::PaymentRequired
        | ProviderErrorKind::Timeout
        | ProviderErrorKind::Server => false,
    }
}

impl ModelError {
    /// The vendor's error in our classes.
    pub(crate) fn refused(mut error: ProviderError, retry_after: Option<u64>) -> Self {
        if is_about_the_request(error.kind) {
            // These words may repeat what the visitor has written, which is kept out of the log.
            error.message = format!("code {}", error.code.as_deref().unwrap_or("none"));
        }
        let class = match error.kind {
            ProviderErrorKind::ContextLength => return Self::ContextTooLong(error.message),
            ProviderErrorKind::QueueFull => RefusalClass::Busy,
            ProviderErrorKind::InsufficientQuota => RefusalClass::OutOfQuota,
            ProviderErrorKind::ModelGone | ProviderErrorKind::ModelUnknown => RefusalClass::Gone,
            ProviderErrorKind::Timeout => RefusalClass::TimedOut,
            ProviderErrorKind::Server => RefusalClass::Broken,
            ProviderErrorKind::PaymentRequired => RefusalClass::Unpaid,
            ProviderErrorKind::BadRequest => RefusalClass::BadRequest,
            ProviderErrorKind::Unauthorized | ProviderErrorKind::Other => RefusalClass::Rejected,
        };
        Self::Refused { class, error, retry_after }
    }

    /// Whether this model is gone for us, so that the next may be asked: not offered any more (410, `model_not_found`), not
    /// without payment (402), or its quota is used up (429 `insufficient_quota`).
    #[must_use]
    pub fn is_model_gone(&self) -> bool {
        match self {
            Self::Refused { class, .. } => class.is_this_models_alone(),
            Self::Unreachable(_) | Self::Timeout(_) | Self::NotSent(_) | Self::ContextTooLong(_) | Self::Empty => false,
        }
    }

    /// Whether the reason passes by itself, so that the same may be asked again: a lost connection, 408, 429 `queue_full`, 5xx
    /// (docs/ARCHITECTURE.md, "One message"). Our own patience is over after [`ModelError::Timeout`], and what is wrong with the request, the key or the
    /// account stays wrong.
    #[must_use]
    pub fn passes_by_itself(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { class, .. } => class.passes_by_itself(),
            Self::Timeout(_) | Self::NotSent(_) | Self::ContextTooLong(_) | Self::Empty => false,
        }
    }

    /// What this says about the model to the breaker: only what no visitor's text can cause speaks of its health.
    #[must_use]
    pub fn outcome(&self) -> CallOutcome {
        let is_failure = match self {
            Self::Timeout(_) | Self::Unreachable(_) => true,
            Self::NotSent(_) | Self::ContextTooLong(_) | Self::Empty => false,
            Self::Refused { class, .. } => class.passes_by_itself(),
        };
        if is_failure { CallOutcome::Failed } else { CallOutcome::Inconclusive }
    }

    /// Whether the request is refused for what it asks for, which is its client's doing where the client has worded it.
    #[must_use]
    pub fn is_about_wishes(&self) -> bool {
        matches!(self, Self::Refused { class: RefusalClass::BadRequest, .. })
    }

    /// What this makes of the message's charge.
    #[must_use]
    pub fn turn_end(&self) -> TurnEnd {
        match self {
            Self::NotSent(_) => TurnEnd::NotAsked,
            Self::ContextTooLong(_) => TurnEnd::ContextTooLong,
            Self::Timeout(_) | Self::Unreachable(_) | Self::Empty | Self::Refused { .. } => TurnEnd::Failed,
        }
    }

    /// What the sender is told of it, in a word.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Timeout(_) => Fault::Timeout,
            Self::ContextTooLong(_) => Fault::ContextTooLong,
            Self::Unreachable(_) | Self::NotSent(_) | Self::Empty => Fault::Model,
            Self::Refused { class, .. } => match class {
                RefusalClass::TimedOut => Fault::Timeout,
                RefusalClass::Busy | RefusalClass::OutOfQuota => Fault::Busy,
                RefusalClass::Unpaid
                | RefusalClass::Gone
                | RefusalClass::Broken
                | RefusalClass::BadRequest
                | RefusalClass::Rejected => Fault::Model,
            },
        }
    }

    /// Whether the vendor may charge for the call: what was refused costs nothing, what was lost may have been read.
    #[must_use]
    pub fn may_have_cost(&self) -> bool {
        match self {
            Self::Timeout(_) | Self::Unreachable(_) | Self::Empty => true,
            Self::Refused { .. } | Self::NotSent(_) | Self::ContextTooLong(_) => false,
        }
    }

    /// How long the vendor wishes us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => retry_after.map(Duration::from_secs),
            Self::Unreachable(_) | Self::Timeout(_) | Self::NotSent(_) | Self::ContextTooLong(_) | Self::Empty => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> ModelError {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
        ModelError::refused(ProviderError::parse(status, body.as_bytes()), None)
    }

    #[test]
    fn each_refusal_has_one_class() {
        use RefusalClass::*;
        for (status, code, class) in [
            (429, "queue_full", Busy),
            (429, "insufficient_quota", OutOfQuota),
            (404, "model_not_found", Gone),
            (410, "model_deprecated", Gone),
            (408, "request_timeout", TimedOut),
            (504, "", TimedOut),
            (500, "internal_server_error", Broken),
            (401, "invalid_api_key", Rejected),
            (402, "PAYMENT_METHOD_REQUIRED", Unpaid),
            (400, "invalid_type", BadRequest),
            (404, "not_found", Rejected),
        ] {
            let error = refused(status, code);
            assert!(matches!(error, ModelError::Refused { class: found, .. } if found == class), "{error:?}");
            assert_eq!(error.is_model_gone(), matches!(class, OutOfQuota | Unpaid | Gone), "{error:?}");
            assert!(!(error.is_model_gone() && error.passes_by_itself()), "asked again, or another: {error:?}");
            assert_eq!(error.is_about_wishes(), status == 400, "{error:?}");
        }
    }

    #[test]
    fn what_a_vendor_says_of_the_request_may_quote_it_and_is_not_told() {
        for (status, code, is_told) in [
            (400, "invalid_type", false),
            (413, "", false),
            (400, "context_length_exceeded", false),
            (503, "", true),
            (401, "", true),
        ] {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"'my secret' is no text"}}}}"#);
            let told = ModelError::refused(ProviderError::parse(status, body.as_bytes()), None).to_string();
            assert_eq!(told.contains("my secret"), is_told, "{told}");
        }
    }

    #[test]
    fn only_the_models_health_reaches_the_breaker_and_only_what_it_never_heard_costs_nothing() {
        let cases = [
            (ModelError::Timeout(30), CallOutcome::Failed, TurnEnd::Failed),
            (ModelError::Unreachable("reset".to_owned()), CallOutcome::Failed, TurnEnd::Failed),
            (ModelError::NotSent("no such host".to_owned()), CallOutcome::Inconclusive, TurnEnd::NotAsked),
            (ModelError::Empty, CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(500, "internal_server_error"), CallOutcome::Failed, TurnEnd::Failed),
            (refused(503, "maintenance"), CallOutcome::Failed, TurnEnd::Failed),
            (refused(504, ""), CallOutcome::Failed, TurnEnd::Failed),
            (refused(408, "request_timeout"), CallOutcome::Failed, TurnEnd::Failed),
            (refused(429, "queue_full"), CallOutcome::Failed, TurnEnd::Failed),
            (refused(429, "insufficient_quota"), CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(400, "invalid_type"), CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(400, "context_length_exceeded"), CallOutcome::Inconclusive, TurnEnd::ContextTooLong),
            (refused(401, "invalid_authentication"), CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(402, "payment_method_required"), CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(404, "model_not_found"), CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(404, "not_found"), CallOutcome::Inconclusive, TurnEnd::Failed),
            (refused(410, "model_deprecated"), CallOutcome::Inconclusive, TurnEnd::Failed),
        ];
        for (error, outcome, end) in cases {
            assert_eq!((error.outcome(), error.turn_end()), (outcome, end), "{error:?}");
            let is_lost =
                !matches!(error, ModelError::Refused { .. } | ModelError::NotSent(_) | ModelError::ContextTooLong(_));
            assert_eq!(error.may_have_cost(), is_lost, "{error:?}");
        }
    }
}
