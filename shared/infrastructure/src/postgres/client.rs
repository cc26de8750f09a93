//! One statement over `/sql`, and the readings of Postgres' text values.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::{DeviceId, Message, MessageId, MessageRole, MessageStatus, SessionId, User, UserId, Vote};
use http::{Method, Request, Response};
use jiff::Timestamp;
use platform::{HttpClient, HttpError};
use wire::neon::{self, Param, Row, Rows, SqlError, Statement};

use crate::StoreError;
use crate::kept_connection::send_or_again;

/// A statement sees the rows of the moment when it began; the check of its foreign keys sees those that were written since, too. Two requests
/// at once in a session (a message that follows an answer which is just taken back) meet there. Sent again, the statement sees them itself.
pub const FOREIGN_KEY_VIOLATION: &str = "23503";

/// A session that is brought back while an answer in it ends: each locks the row that the other one wants. Postgres ends one of the two.
const DEADLOCK: &str = "40P01";

/// How often at most: each time others must have come between.
const SENT_AGAIN: usize = 3;

/// The store of sessions and messages.
#[derive(Clone)]
pub struct Postgres {
    http: Rc<dyn HttpClient>,
    endpoint: Rc<str>,
    connection: Rc<str>,
    timeout: Duration,
}

impl Postgres {
    /// A client for the `/sql` at `endpoint`, which reaches the database `connection` names and answers a statement within `timeout`.
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(http: Rc<dyn HttpClient>, endpoint: &str, connection: &str, timeout: Duration) -> Self {
        Self { http, endpoint: endpoint.into(), connection: connection.into(), timeout }
    }

    /// Runs an idempotent statement; sent once more if the connection is lost, and [`SENT_AGAIN`] times after a [`FOREIGN_KEY_VIOLATION`] or a [`DEADLOCK`]. A store closes kept connections when it likes, and
    /// nothing says then whether the statement was executed. Every statement of ours is idempotent: its ids are made before it is
    /// sent, and its second execution finds what the first has left and answers the same (`schema/tests` runs each twice).
    pub(super) async fn run_idempotent(&self, text: &'static str, params: Vec<Param>) -> Result<Rows, StoreError> {
        self.repeat(neon::request_body(&Statement { text, params }).into(), neon::parse_response).await
    }

    /// Runs a statement that somebody runs again anyway: it is sent once, so that who counts calls can count on it; twice where Postgres has taken
    /// it back for another's sake.
    pub(super) async fn run_once(&self, text: &'static str, params: Vec<Param>) -> Result<Rows, StoreError> {
        let body: Bytes = neon::request_body(&Statement { text, params }).into();
        let send = async || {
            let answer = self.send(body.clone()).await.map_err(unreachable)?;
            neon::parse_response(answer.status().as_u16(), answer.body()).map_err(refusal)
        };
        match send().await {
            Err(StoreError::Postgres(SqlError::Database { sqlstate, .. })) if sqlstate == DEADLOCK => send().await,
            outcome => outcome,
        }
    }

    /// Runs idempotent statements in one transaction, in their order: a later one sees what others have committed while an earlier one waited for
    /// a lock. Sent again as [`Self::run_idempotent`] is.
    pub(super) async fn run_transaction(&self, statements: &[Statement]) -> Result<Vec<Rows>, StoreError> {
        self.repeat(neon::transaction_body(statements).into(), neon::parse_transaction).await
    }

    async fn repeat<T>(&self, body: Bytes, read: fn(u16, &[u8]) -> Result<T, SqlError>) -> Result<T, StoreError> {
        let mut outcome = self.run(&body, read).await;
        for _ in 0..SENT_AGAIN {
            match &outcome {
                Err(StoreError::Postgres(SqlError::Database { sqlstate, .. }))
                    if sqlstate == FOREIGN_KEY_VIOLATION || sqlstate == DEADLOCK =>
                {
                    outcome = self.run(&body, read).await;
                }
                Err(_) | Ok(_) => break,
            }
        }
        outcome
    }

    async fn run<T>(&self, body: &Bytes, read: fn(u16, &[u8]) -> Result<T, SqlError>) -> Result<T, StoreError> {
        let answer = send_or_again(async || self.send(body.clone()).await).await.map_err(unreachable)?;
        read(answer.status().as_u16(), answer.body()).map_err(refusal)
    }

    async fn send(&self, body: Bytes) -> Result<Response<Bytes>, HttpError> {
        let mut request = Request::builder().method(Method::POST).uri(&*self.endpoint);
        for (name, value) in neon::headers(&self.connection) {
            request = request.header(name, value);
        }
        let request = request
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| HttpError::BadRequest(error.to_string()))?;
        self.http.send(request, self.timeout).await
    }
}

/// By these the database's function `chat_caller` refuses a caller.
fn refusal(error: SqlError) -> StoreError {
    match &error {
        SqlError::Database { sqlstate, .. } => match sqlstate.as_str() {
            "EW001" => StoreError::TokenClaimed,
            "EW002" => StoreError::TokenEnded,
            "EW003" => StoreError::Blocked,
            _ => StoreError::Postgres(error),
        },
        _ => StoreError::Postgres(error),
    }
}

/// When a caller's token was issued, and to which device: the last two arguments of `chat_caller`.
pub(super) fn token(caller: &User) -> [Param; 2] {
    [caller.issued_at.map(|at| at.to_string()).into(), caller.device.map(|device| device.to_string()).into()]
}

/// The three arguments of `chat_caller`.
pub(super) fn named(caller: &User) -> Vec<Param> {
    let [issued, device] = token(caller);
    vec![caller.id.to_string().into(), issued, device]
}

/// Bytes as Postgres reads them.
pub(super) fn bytea(bytes: &[u8]) -> Param {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\\x{hex}").into()
}

pub(super) fn user_id(row: Row<'_>, column: &str) -> Result<UserId, StoreError> {
    UserId::parse(row.text(column)?).map_err(|_| unexpected("a user's id"))
}

pub(super) fn device_id(row: Row<'_>, column: &str) -> Result<DeviceId, StoreError> {
    DeviceId::parse(row.text(column)?).map_err(|_| unexpected("a device's id"))
}

fn unreachable(cause: HttpError) -> StoreError {
    StoreError::Unreachable { store: "postgres", cause }
}

/// The error for a value that our statements never produce.
pub(super) fn unexpected(what: &'static str) -> StoreError {
    StoreError::Unexpected { store: "postgres", what }
}

/// A time, which the statements give as microseconds of the epoch: what reads one from a text is a twentieth of a Spin component.
pub(super) fn timestamp(row: Row<'_>, column: &str) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(row.integer(column)?).map_err(|_| unexpected("a time"))
}

pub(super) fn session_id(row: Row<'_>, column: &str) -> Result<SessionId, StoreError> {
    SessionId::parse(row.text(column)?).map_err(|_| unexpected("a session's id"))
}

pub(super) fn message_id(row: Row<'_>, column: &str) -> Result<MessageId, StoreError> {
    MessageId::parse(row.text(column)?).map_err(|_| unexpected("a message's id"))
}

pub(super) fn optional_message_id(row: Row<'_>, column: &str) -> Result<Option<MessageId>, StoreError> {
    row.optional_text(column)?.map(MessageId::parse).transpose().map_err(|_| unexpected("a message's id"))
}

pub(super) fn role(row: Row<'_>) -> Result<MessageRole, StoreError> {
    MessageRole::from_name(row.text("role")?).ok_or_else(|| unexpected("a role"))
}

/// Whether the row's status says that it is an answer whose instance has died.
pub(super) fn is_dead(row: Row<'_>) -> Result<bool, StoreError> {
    Ok(row.text("status")? == DEAD)
}

/// The row's status; an answer whose instance has died reads as interrupted.
pub(super) fn status(row: Row<'_>) -> Result<MessageStatus, StoreError> {
    match row.text("status")? {
        DEAD => Ok(MessageStatus::Interrupted),
        name => MessageStatus::from_name(name).ok_or_else(|| unexpected("a status")),
    }
}

/// What the database's function `chat_message_state` calls an answer that is `streaming` without progress for [`domain::DEAD_AFTER`].
const DEAD: &str = "dead";

/// The message in a row. Its id and its time have names of their own, for a session may stand beside it.
pub(super) fn message(row: Row<'_>) -> Result<Message, StoreError> {
    Ok(Message {
        id: message_id(row, "message_id")?,
        session_id: session_id(row, "session_id")?,
        parent_id: optional_message_id(row, "parent_id")?,
        role: role(row)?,
        content: row.text("content")?.to_owned(),
        status: status(row)?,
        model: row.optional_text("model")?.map(str::to_owned),
        token_count: row.optional_integer("token_count")?.and_then(|count| u64::try_from(count).ok()),
        created_at: timestamp(row, "message_created_at")?,
        vote: row.optional_text("vote")?.and_then(Vote::from_name),
    })
}
