//! One statement over `/sql`, and the readings of Postgres' text values.

use std::rc::Rc;
use std::time::Duration;

use domain::{Message, MessageId, MessageRole, MessageStatus, SessionId};
use http::{Method, Request};
use jiff::Timestamp;
use platform::{HttpClient, HttpError};
use wire::neon::{self, Param, Row, Rows, Statement};

use crate::StoreError;

/// How long a statement may take. A Neon compute that scaled to zero needs some seconds to wake.
const DEADLINE: Duration = Duration::from_secs(10);

/// The conversations' store.
#[derive(Clone)]
pub struct Postgres {
    http: Rc<dyn HttpClient>,
    endpoint: Rc<str>,
    connection: Rc<str>,
}

impl Postgres {
    /// A client for the `/sql` at `endpoint`, which reaches the database `connection` names. Nothing is sent yet.
    #[must_use]
    pub fn new(http: Rc<dyn HttpClient>, endpoint: &str, connection: &str) -> Self {
        Self { http, endpoint: endpoint.into(), connection: connection.into() }
    }

    /// Runs an idempotent statement; sent once more if the connection is lost. A store closes kept connections when it likes, and
    /// nothing says then whether the statement was executed. Every statement of ours is idempotent: its ids are made before it is
    /// sent, and its second execution finds what the first has left and answers the same (`schema/tests` runs each twice).
    pub(super) async fn run_idempotent(&self, text: &'static str, params: Vec<Param>) -> Result<Rows, StoreError> {
        let body = bytes::Bytes::from(neon::request_body(&Statement { text, params }));
        match self.send(body.clone()).await {
            Err(StoreError::Unreachable { cause: HttpError::Connection(_), .. }) => self.send(body).await,
            outcome => outcome,
        }
    }

    async fn send(&self, body: bytes::Bytes) -> Result<Rows, StoreError> {
        let mut request = Request::builder().method(Method::POST).uri(&*self.endpoint);
        for (name, value) in neon::headers(&self.connection) {
            request = request.header(name, value);
        }
        let request = request
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| unreachable(HttpError::BadRequest(error.to_string())))?;
        let answer = self.http.send(request, DEADLINE).await.map_err(unreachable)?;
        Ok(neon::parse_response(answer.status().as_u16(), answer.body())?)
    }
}

fn unreachable(cause: HttpError) -> StoreError {
    StoreError::Unreachable { store: "postgres", cause }
}

/// A value that none of our statements produces.
pub(super) fn unexpected(what: &'static str) -> StoreError {
    StoreError::Unexpected { store: "postgres", what }
}

pub(super) fn timestamp(row: &Row, column: usize) -> Result<Timestamp, StoreError> {
    row.text(column)?.parse().map_err(|_| unexpected("a time"))
}

pub(super) fn session_id(row: &Row, column: usize) -> Result<SessionId, StoreError> {
    SessionId::parse(row.text(column)?).map_err(|_| unexpected("a session's id"))
}

pub(super) fn optional_message_id(row: &Row, column: usize) -> Result<Option<MessageId>, StoreError> {
    row.optional_text(column)?.map(MessageId::parse).transpose().map_err(|_| unexpected("a message's id"))
}

/// Whether the row's status in `column` says that it is an answer whose instance has died.
pub(super) fn is_dead(row: &Row, column: usize) -> Result<bool, StoreError> {
    Ok(row.text(column)? == DEAD)
}

/// Reads a status; an answer whose instance has died reads as interrupted.
pub(super) fn status(row: &Row, column: usize) -> Result<MessageStatus, StoreError> {
    match row.text(column)? {
        DEAD => Ok(MessageStatus::Interrupted),
        name => MessageStatus::from_name(name).ok_or_else(|| unexpected("a status")),
    }
}

/// What the statements call an answer that is `streaming` without progress for 60 s.
const DEAD: &str = "dead";

/// Reads `id, session_id, parent_id, role, content, status, model, token_count, created_at` from column `first` on.
pub(super) fn message(row: &Row, first: usize) -> Result<Message, StoreError> {
    Ok(Message {
        id: MessageId::parse(row.text(first)?).map_err(|_| unexpected("a message's id"))?,
        session_id: session_id(row, first + 1)?,
        parent_id: optional_message_id(row, first + 2)?,
        role: MessageRole::from_name(row.text(first + 3)?).ok_or_else(|| unexpected("a role"))?,
        content: row.text(first + 4)?.to_owned(),
        status: status(row, first + 5)?,
        model: row.optional_text(first + 6)?.map(str::to_owned),
        token_count: row.optional_integer(first + 7)?.and_then(|count| u64::try_from(count).ok()),
        created_at: timestamp(row, first + 8)?,
    })
}
