//! Every error code there is: its name, status, event in the log, and whether the same request can succeed soon.

use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A field, parameter or header is wrong: `field` names it.
    InvalidRequest,
    /// What `field` asks for is not done here.
    UnsupportedParameter,
    /// The body is not JSON.
    InvalidJson,
    /// The message has more than `limit` characters.
    MessageTooLong,
    /// The body has more than `limit` bytes.
    BodyTooLarge,
    /// The branch is longer than the model can read: a new session helps.
    ContextTooLong,
    /// The body is not `application/json` in UTF-8, or it is compressed.
    UnsupportedMediaType,
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
    /// No token, or one that proves nothing.
    Unauthenticated,
    /// The token has ended.
    TokenExpired,
    /// The guest is an account now, to be signed in to.
    TokenClaimed,
    /// The name, the password, the code or the passkey does not fit.
    WrongCredentials,
    /// Work is to be done first: docs/proof-of-work.md.
    ChallengeRequired,
    /// There is no space: `scope` says whose. With `user`, deleting chats makes room at once.
    StorageFull,
    /// The caller may not do that.
    Forbidden,
    /// The operator has shut the caller, or their address, out for a time.
    Blocked,
    /// An admin cannot be shut out.
    IsAdmin,
    /// The caller must have signed in just now for that.
    ReauthenticationRequired,
    /// There is nothing here.
    NotFound,
    /// The caller has no such session.
    SessionNotFound,
    /// The model is not offered here.
    ModelNotFound,
    /// The path is known, with other methods: `Allow` names them.
    MethodNotAllowed,
    /// The answer is still on its way.
    GenerationInProgress,
    /// Somebody signs in by this name.
    LoginTaken,
    /// This answer of a passkey was used before.
    ChallengeUsed,
    /// Another account has verified this address.
    EmailTaken,
    /// Somebody has this passkey.
    PasskeyTaken,
    /// The caller has `limit` passkeys.
    TooManyPasskeys,
    /// The caller has `limit` API keys.
    TooManyApiKeys,
    /// Nothing else would let the caller in.
    LastWayIn,
    /// The browser carries nothing of a sign-in that this page has begun, or it was used.
    SignInExpired,
    /// The provider was not let vouch for anybody.
    SignInDenied,
    /// The provider vouches for nobody, or gives no answer.
    SignInFailed,
    /// Somebody comes in by this identity.
    IdentityTaken,
    /// The caller has `limit` identities.
    TooManyIdentities,
    /// The caller has `limit` sessions of this kind.
    TooManySessions,
    /// The caller has pinned `limit` other sessions.
    TooManyPinned,
    /// The caller has `limit` links to chats.
    TooManyShares,
    /// The link was moved meanwhile: read it again.
    StaleRevision,
    /// Another version is there than `If-Match` names: read it again.
    PreconditionFailed,
    /// What was asked for existed and is deleted.
    Gone,
    /// It can be used once, and was.
    Used,
    /// Too much at once: `scope` says what was counted.
    RateLimited,
    /// The day's messages are used up.
    QuotaExceeded,
    /// The page's money is used up until `reset_at`.
    BudgetExhausted,
    /// As many answers are running as may.
    Overloaded,
    /// The model could not answer.
    ProviderError,
    /// The model is busy.
    ProviderRateLimited,
    /// The model failed again and again and is not asked for a while.
    ProviderUnavailable,
    /// The model took too long.
    ProviderTimeout,
    /// A store gave no answer.
    StorageUnavailable,
    /// The answer is whole and could not be stored yet. Only in a stream's last event.
    NotSaved,
    /// A variable is missing or malformed.
    Misconfigured,
    /// This server cannot do that; the message names another way.
    NotSupported,
    /// A fault of ours.
    Internal,
}

/// What holds for a code wherever it is used.
struct Row {
    name: &'static str,
    status: StatusCode,
    /// The event in docs/LOGGING.md, for kinds that an operator counts.
    event: Option<&'static str>,
    /// Whether the same request may succeed within two minutes.
    passes: bool,
}

const fn row(name: &'static str, status: StatusCode) -> Row {
    Row { name, status, event: None, passes: false }
}

impl Row {
    const fn passes(self) -> Self {
        Self { passes: true, ..self }
    }

    const fn event(self, event: &'static str) -> Self {
        Self { event: Some(event), ..self }
    }
}

impl ErrorCode {
    /// The table.
    const fn row(self) -> Row {
        match self {
            Self::InvalidRequest => row("invalid_request", StatusCode::BAD_REQUEST),
            Self::UnsupportedParameter => row("unsupported_parameter", StatusCode::BAD_REQUEST),
            Self::InvalidJson => row("invalid_json", StatusCode::BAD_REQUEST),
            Self::MessageTooLong => row("message_too_long", StatusCode::PAYLOAD_TOO_LARGE),
            Self::BodyTooLarge => row("body_too_large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::ContextTooLong => row("context_too_long", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => row("unsupported_media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::IdempotencyMismatch => row("idempotency_mismatch", StatusCode::UNPROCESSABLE_ENTITY),
            Self::Unauthenticated => row("unauthenticated", StatusCode::UNAUTHORIZED),
            Self::TokenExpired => row("token_expired", StatusCode::UNAUTHORIZED),
            Self::TokenClaimed => row("token_claimed", StatusCode::UNAUTHORIZED),
            Self::WrongCredentials => row("wrong_credentials", StatusCode::UNAUTHORIZED).event("wrong_credentials"),
            Self::ChallengeRequired => row("challenge_required", StatusCode::UNAUTHORIZED).event("challenge_required"),
            Self::StorageFull => row("storage_full", StatusCode::FORBIDDEN).event("storage_full"),
            Self::Forbidden => row("forbidden", StatusCode::FORBIDDEN),
            Self::Blocked => row("blocked", StatusCode::FORBIDDEN),
            Self::IsAdmin => row("is_admin", StatusCode::CONFLICT),
            Self::ReauthenticationRequired => row("reauthentication_required", StatusCode::FORBIDDEN),
            Self::NotFound => row("not_found", StatusCode::NOT_FOUND),
            Self::SessionNotFound => row("session_not_found", StatusCode::NOT_FOUND),
            Self::ModelNotFound => row("model_not_found", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => row("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED),
            // It may end within two minutes; a client that repeats it blindly would send the same message again and again.
            Self::GenerationInProgress => row("generation_in_progress", StatusCode::CONFLICT),
            Self::LoginTaken => row("login_taken", StatusCode::CONFLICT),
            Self::ChallengeUsed => row("challenge_used", StatusCode::CONFLICT),
            Self::EmailTaken => row("email_taken", StatusCode::CONFLICT),
            Self::PasskeyTaken => row("passkey_taken", StatusCode::CONFLICT),
            Self::TooManyPasskeys => row("too_many_passkeys", StatusCode::CONFLICT),
            Self::TooManyApiKeys => row("too_many_api_keys", StatusCode::CONFLICT),
            Self::LastWayIn => row("last_way_in", StatusCode::CONFLICT),
            Self::SignInExpired => row("sign_in_expired", StatusCode::BAD_REQUEST),
            Self::SignInDenied => row("sign_in_denied", StatusCode::FORBIDDEN),
            Self::SignInFailed => row("sign_in_failed", StatusCode::BAD_GATEWAY).event("sign_in_failed").passes(),
            Self::IdentityTaken => row("identity_taken", StatusCode::CONFLICT),
            Self::TooManyIdentities => row("too_many_identities", StatusCode::CONFLICT),
            Self::TooManySessions => row("too_many_sessions", StatusCode::CONFLICT),
            Self::TooManyPinned => row("too_many_pinned", StatusCode::CONFLICT),
            Self::TooManyShares => row("too_many_shares", StatusCode::CONFLICT),
            Self::StaleRevision => row("stale_revision", StatusCode::CONFLICT),
            Self::PreconditionFailed => row("precondition_failed", StatusCode::PRECONDITION_FAILED),
            Self::Gone => row("gone", StatusCode::GONE),
            Self::Used => row("used", StatusCode::GONE),
            Self::RateLimited => row("rate_limited", StatusCode::TOO_MANY_REQUESTS).event("rate_limit_hit").passes(),
            Self::QuotaExceeded => row("quota_exceeded", StatusCode::TOO_MANY_REQUESTS).event("quota_hit"),
            Self::BudgetExhausted => {
                row("budget_exhausted", StatusCode::SERVICE_UNAVAILABLE).event("budget_hit").passes()
            }
            Self::Overloaded => row("overloaded", StatusCode::SERVICE_UNAVAILABLE).event("overloaded").passes(),
            Self::ProviderError => row("provider_error", StatusCode::BAD_GATEWAY).event("upstream_error").passes(),
            Self::ProviderRateLimited => {
                row("provider_rate_limited", StatusCode::SERVICE_UNAVAILABLE).event("upstream_error").passes()
            }
            Self::ProviderUnavailable => {
                row("provider_unavailable", StatusCode::SERVICE_UNAVAILABLE).event("upstream_error").passes()
            }
            Self::ProviderTimeout => {
                row("provider_timeout", StatusCode::GATEWAY_TIMEOUT).event("upstream_error").passes()
            }
            Self::StorageUnavailable => {
                row("storage_unavailable", StatusCode::SERVICE_UNAVAILABLE).event("storage_error").passes()
            }
            Self::NotSaved => row("not_saved", StatusCode::SERVICE_UNAVAILABLE).passes(),
            Self::Misconfigured => row("misconfigured", StatusCode::SERVICE_UNAVAILABLE).event("misconfigured"),
            Self::NotSupported => row("not_supported", StatusCode::NOT_IMPLEMENTED),
            Self::Internal => row("internal", StatusCode::INTERNAL_SERVER_ERROR).event("internal_error").passes(),
        }
    }

    /// The name in the contract and in the log.
    pub(crate) const fn name(self) -> &'static str {
        self.row().name
    }

    /// The status of an answer with it.
    pub(crate) const fn status(self) -> StatusCode {
        self.row().status
    }

    /// The name of its own record in the log; `None`: it has none beside the request's.
    pub(crate) const fn event(self) -> Option<&'static str> {
        self.row().event
    }

    /// Whether the same request may succeed within two minutes.
    pub(crate) const fn passes_by_itself(self) -> bool {
        self.row().passes
    }
}
