//! What is wrong with what a client sent.

use domain::IdempotencyKey;
use platform::HttpError;

use super::{ErrorCode, Problem, ProblemDetail};

/// The most of a client's own words that an error repeats, in characters.
const ECHOED: usize = 100;

/// What an error names when it is none of the body's fields.
const BODY: &str = "body";

/// What a field of the body must be.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    /// A string.
    Text,
    /// A boolean.
    Switch,
    /// A `u32`.
    Number,
    /// Bytes as a text.
    Bytes,
}

impl Problem {
    /// Something is wrong with `field`, which may be the client's own word.
    pub(super) fn invalid_request(field: &str, message: impl Into<String>) -> Self {
        let detail = ProblemDetail::new(ErrorCode::InvalidRequest, message);
        ProblemDetail { field: Some(shortened(field)), ..detail }.into()
    }

    /// As [`Problem::invalid_request`], of a member that is checked elsewhere.
    pub(crate) fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid_request(field, message)
    }

    /// The same, of a body that calls that field otherwise.
    pub(crate) fn of_field(mut self, field: &str) -> Self {
        self.0.detail.field = Some(field.to_owned());
        self
    }

    /// Something that this API does not do.
    pub(crate) fn unsupported_parameter(field: &str) -> Self {
        let field = shortened(field);
        let detail = ProblemDetail::new(ErrorCode::UnsupportedParameter, format!("`{field}` is not supported here."));
        ProblemDetail { field: Some(field), ..detail }.into()
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(ErrorCode::UnsupportedMediaType, "Send the body as application/json in UTF-8, uncompressed.")
    }

    /// The body has more than `limit` bytes.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        let detail = ProblemDetail::new(ErrorCode::BodyTooLarge, "The request is too large.");
        ProblemDetail { limit: u64::try_from(limit).ok(), ..detail }.into()
    }

    /// The client left, or the runtime had a fault: the log tells them apart.
    pub(crate) fn body_not_whole(cause: &HttpError) -> Self {
        Self::new(ErrorCode::InvalidJson, "The request's body did not arrive whole.").because(cause.to_string())
    }

    pub(crate) fn not_json(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::new(ErrorCode::InvalidJson, format!("The body is not valid JSON (line {line}, column {column})."))
    }

    pub(crate) fn several_values() -> Self {
        Self::new(ErrorCode::InvalidJson, "The body holds more than one JSON value.")
    }

    pub(crate) fn not_an_object() -> Self {
        Self::invalid_request(BODY, "The body must be a JSON object.")
    }

    pub(crate) fn missing_field(field: &str) -> Self {
        Self::invalid_request(field, format!("`{field}` is missing."))
    }

    pub(crate) fn repeated_field(field: &str) -> Self {
        Self::invalid_request(field, format!("`{field}` stands there twice."))
    }

    /// The name is the client's own: it stands in `field` only.
    pub(crate) fn unknown_field(field: &str) -> Self {
        Self::invalid_request(field, "The request has a field that is not known here.")
    }

    /// `wanted` is `None` where the kind has no words here.
    pub(crate) fn wrong_kind(field: &str, wanted: Option<Wanted>) -> Self {
        let message = match wanted {
            Some(Wanted::Text) => format!("`{field}` must be a text."),
            Some(Wanted::Switch) => format!("`{field}` must be `true` or `false`."),
            Some(Wanted::Number) => format!("`{field}` must be a whole number from 0 to {}.", u32::MAX),
            Some(Wanted::Bytes) => format!("`{field}` must be base64url without padding."),
            None => format!("`{field}` has a value of a wrong kind."),
        };
        Self::invalid_request(field, message)
    }

    /// A number of the query string.
    pub(crate) fn out_of_range(name: &'static str, least: u32, most: u32) -> Self {
        Self::invalid_request(name, format!("`{name}` must be a number from {least} to {most}."))
    }

    /// A day in the body.
    pub(crate) fn not_a_day(field: &str) -> Self {
        Self::invalid_request(field, format!("`{field}` must be a day such as 2026-12-31."))
    }

    /// A message's id in the body or in the query string.
    pub(crate) fn not_a_message_id(name: &'static str) -> Self {
        Self::invalid_request(name, format!("`{name}` must be a message's id."))
    }

    /// A text of the body that has not the form it must have. It may be a secret: nothing of it is repeated.
    pub(crate) fn wrong_text(field: &'static str) -> Self {
        let message = match field {
            "email" => "Please write an e-mail address.".to_owned(),
            "credential.id" => "`credential.id` must have from 1 to 1023 bytes.".to_owned(),
            "confirm" => "Please write `delete` to confirm.".to_owned(),
            "from" => "`from` must be a time of RFC 3339 before `to`, by 31 days at most.".to_owned(),
            "to" => "`to` must be a time of RFC 3339.".to_owned(),
            "after" => "`after` must be a place that an export has told.".to_owned(),
            "recovery_code" => "The code has eight groups of four characters.".to_owned(),
            "token" => "`token` must be 32 bytes in base64url without padding, and stands alone.".to_owned(),
            "code" => "`code` must be 16 bytes in base64url without padding.".to_owned(),
            _ => format!("`{field}` must be 32 bytes in base64url without padding."),
        };
        Self::invalid_request(field, message)
    }

    pub(crate) fn wrong_idempotency_key() -> Self {
        let max = IdempotencyKey::MAX_CHARS;
        Self::invalid_request(
            "Idempotency-Key",
            format!("`Idempotency-Key` must be one string of 1 to {max} visible ASCII characters without a comma."),
        )
    }
}

/// The beginning of a text that a client sent.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(ECHOED) {
        None => text.to_owned(),
        Some(_) => text.chars().take(ECHOED - 1).chain(['…']).collect(),
    }
}
