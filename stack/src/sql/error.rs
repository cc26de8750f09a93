//! Errors of `/sql`: their status and Neon's JSON body.

use fallible_iterator::FallibleIterator;
use http::StatusCode;
use postgres_protocol::message::backend::ErrorResponseBody;
use serde::Serialize;

/// An error that Postgres reported, field by field.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostgresError {
    /// The primary words.
    pub message: String,
    /// SQLSTATE.
    pub code: String,
    /// Further fields, as Postgres names them.
    pub detail: Option<String>,
    pub hint: Option<String>,
    pub position: Option<String>,
    pub internal_position: Option<String>,
    pub internal_query: Option<String>,
    pub severity: String,
    #[serde(rename = "where")]
    pub context: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub schema: Option<String>,
    pub data_type: Option<String>,
    pub constraint: Option<String>,
    pub file: Option<String>,
    pub line: Option<String>,
    pub routine: Option<String>,
}

impl PostgresError {
    /// Reads an ErrorResponse.
    pub fn parse(body: &ErrorResponseBody) -> Self {
        let mut error = Self::default();
        let mut fields = body.fields();
        while let Ok(Some(field)) = fields.next() {
            let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'M' => error.message = value,
                b'C' => error.code = value,
                b'D' => error.detail = Some(value),
                b'H' => error.hint = Some(value),
                b'P' => error.position = Some(value),
                b'p' => error.internal_position = Some(value),
                b'q' => error.internal_query = Some(value),
                b'S' if error.severity.is_empty() => error.severity = value,
                // Not translated, so it takes the place of the local word.
                b'V' => error.severity = value,
                b'W' => error.context = Some(value),
                b't' => error.table = Some(value),
                b'c' => error.column = Some(value),
                b's' => error.schema = Some(value),
                b'd' => error.data_type = Some(value),
                b'n' => error.constraint = Some(value),
                b'F' => error.file = Some(value),
                b'L' => error.line = Some(value),
                b'R' => error.routine = Some(value),
                _ => {}
            }
        }
        error
    }
}

/// Why `/sql` has no rows for a client.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// Postgres said no.
    #[error("{}", .0.message)]
    Postgres(Box<PostgresError>),
    /// The request is wrong, or the credentials are.
    #[error("{0}")]
    Refused(String),
    /// The connection to Postgres broke while the statement ran; its outcome is unknown.
    #[error("connection to Postgres lost: {0}")]
    Lost(std::io::Error),
    /// Postgres cannot be reached.
    #[error("couldn't connect to compute node: {0}")]
    Unreachable(String),
    /// The body is over the limit.
    #[error("request is too large (max is {0} bytes)")]
    RequestTooLarge(usize),
    /// The rows are over the limit.
    #[error("response is too large (max is {0} bytes)")]
    ResponseTooLarge(usize),
}

impl SqlError {
    /// The status Neon gives it: 400 also for a lost connection with an unknown outcome.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Postgres(_) | Self::Refused(_) | Self::Lost(_) => StatusCode::BAD_REQUEST,
            Self::Unreachable(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RequestTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ResponseTooLarge(_) => StatusCode::INSUFFICIENT_STORAGE,
        }
    }

    /// Neon's body: all fields always there, null or empty where Postgres did not speak.
    pub fn body(&self) -> Vec<u8> {
        let shown = match self {
            Self::Postgres(error) => PostgresError::clone(error),
            other => PostgresError { message: other.to_string(), ..PostgresError::default() },
        };
        serde_json::to_vec(&shown).unwrap_or_default()
    }
}
