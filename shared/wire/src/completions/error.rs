//! The vendor's errors, sorted by what a caller does about them.

use serde_json::Value;

/// What went wrong, in the classes that are treated differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderErrorKind {
    /// 429 `queue_full`: their load; passes by itself.
    QueueFull,
    /// 429 otherwise: the account's own limit.
    InsufficientQuota,
    /// 410 `model_deprecated`: the model was retired.
    ModelGone,
    /// `model_not_found`, or 404 without a code of the vendor's.
    ModelUnknown,
    /// The conversation is longer than the model takes.
    ContextLength,
    /// The key is not accepted.
    Unauthorized,
    /// The account has no means of payment.
    PaymentRequired,
    /// The request's body is wrong: 400 or 422.
    BadRequest,
    /// They gave up waiting (408, 504).
    Timeout,
    /// Their failure (5xx).
    Server,
    /// None of these.
    Other,
}

/// An error of the vendor: from an error answer, or from inside a 200.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("provider error {kind:?} (status {}, code {}): {message}", status.map_or("none".to_owned(), |s| s.to_string()), code.as_deref().unwrap_or("none"))]
pub struct ProviderError {
    /// The class.
    pub kind: ProviderErrorKind,
    /// HTTP status; `None` when it came inside a 200.
    pub status: Option<u16>,
    /// The vendor's code.
    pub code: Option<String>,
    /// The vendor's words. For the log, never for a visitor.
    pub message: String,
}

/// Longest part of a vendor's text that is kept: enough for a log record.
const MESSAGE_LIMIT: usize = 2_000;

impl ProviderError {
    /// Reads an error answer. Always succeeds: a body of another shape leaves the status to decide.
    #[must_use]
    pub fn parse(status: u16, body: &[u8]) -> Self {
        let whole = serde_json::from_slice(body).unwrap_or(Value::Null);
        Self::from_json(Some(status), whole.get("error").unwrap_or(&whole))
    }

    /// From the data of an event named `error`: JSON without an `error` in it, or bare words.
    pub(crate) fn in_words(data: &str) -> Self {
        let error = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
        Self::from_json(None, &error)
    }

    /// From the value under `error`: an object, or a bare text.
    pub(super) fn from_json(status: Option<u16>, error: &Value) -> Self {
        let text = |key| error.get(key).and_then(Value::as_str).map(str::to_owned);
        let message = text("message").or_else(|| error.as_str().map(str::to_owned)).unwrap_or_default();
        let numeric = error.get("code").and_then(Value::as_u64);
        let code = text("code").or_else(|| numeric.map(|number| number.to_string())).or_else(|| text("type"));
        // Inside a 200 some gateways put the status into `code`.
        let deciding = status.or_else(|| numeric.and_then(|number| u16::try_from(number).ok()));
        // Where the code is a number it says no more than the status, and the type may say what it is.
        let by_words = || [&code, &text("type")].into_iter().flatten().find_map(|word| by_word(word));
        Self {
            kind: by_words().unwrap_or_else(|| by_status(deciding, code.as_deref().unwrap_or_default())),
            status,
            code,
            message: message.chars().take(MESSAGE_LIMIT).collect(),
        }
    }
}

fn by_word(word: &str) -> Option<ProviderErrorKind> {
    use ProviderErrorKind as Kind;
    Some(match word.to_ascii_lowercase().as_str() {
        "queue_full" => Kind::QueueFull,
        "insufficient_quota" | "rate_limit_exceeded" => Kind::InsufficientQuota,
        "model_deprecated" => Kind::ModelGone,
        "model_not_found" => Kind::ModelUnknown,
        "context_length_exceeded" => Kind::ContextLength,
        "invalid_authentication" | "invalid_api_key" => Kind::Unauthorized,
        "payment_method_required" => Kind::PaymentRequired,
        "request_timeout" => Kind::Timeout,
        "internal_server_error" => Kind::Server,
        _ => return None,
    })
}

fn by_status(status: Option<u16>, code: &str) -> ProviderErrorKind {
    use ProviderErrorKind as Kind;
    match status {
        Some(401 | 403) => Kind::Unauthorized,
        Some(402) => Kind::PaymentRequired,
        // Of another code it is the address, or something else in the request. Some gateways repeat the status as the code.
        Some(404) if matches!(code, "" | "404") => Kind::ModelUnknown,
        Some(408 | 504) => Kind::Timeout,
        Some(410) => Kind::ModelGone,
        Some(413) => Kind::ContextLength,
        // Without a code it is not known to be their load, so it is not worth repeating.
        Some(429) => Kind::InsufficientQuota,
        Some(400 | 422) => Kind::BadRequest,
        Some(500..=599) => Kind::Server,
        // Another 4xx speaks of the address or of the way there.
        Some(_) | None => Kind::Other,
    }
}
