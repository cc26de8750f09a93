//! Neon's SQL over HTTP: one statement out, text rows or an error back.
//!
//! Values travel as Postgres text in both directions (`Neon-Raw-Text-Output` and `Neon-Array-Mode`, as the official driver sends
//! them), so a statement casts its parameters (`$1::int`). Closing the request cancels the query in Postgres: a caller
//! that needs the write must not drop the request.

mod endpoint;
#[cfg(test)]
mod tests;

pub use endpoint::{UrlError, sql_endpoint};

use serde::{Deserialize, Serialize};

/// One parameter of a statement, already in Postgres' text form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Param {
    /// SQL `NULL`.
    Null,
    /// Any other value; Postgres infers the type or the statement casts it.
    Text(String),
}

impl From<&str> for Param {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Param {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<i64> for Param {
    fn from(value: i64) -> Self {
        Self::Text(value.to_string())
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A statement with its parameters. The text is fixed at compile time, so nothing a visitor types can become SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// SQL with `$1`, `$2`, …
    pub text: &'static str,
    /// One value for each placeholder, in order.
    pub params: Vec<Param>,
}

/// The headers of every request; names in lower case, as HTTP/2 and the `http` crate want them.
///
/// The connection string is a secret: it carries the password.
#[must_use]
pub fn headers(connection_string: &str) -> [(&'static str, String); 3] {
    [
        ("neon-connection-string", connection_string.to_owned()),
        ("neon-raw-text-output", "true".to_owned()),
        ("neon-array-mode", "true".to_owned()),
    ]
}

/// The body that asks for one statement.
#[must_use]
pub fn request_body(statement: &Statement) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        query: &'a str,
        params: &'a [Param],
    }
    // Strings and nulls: serialising them has no way to fail.
    serde_json::to_vec(&Body { query: statement.text, params: &statement.params }).unwrap_or_default()
}

/// The body that asks for several statements in one transaction.
#[must_use]
pub fn transaction_body(statements: &[Statement]) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        queries: Vec<Query<'a>>,
    }
    #[derive(Serialize)]
    struct Query<'a> {
        query: &'a str,
        params: &'a [Param],
    }
    let queries = statements.iter().map(|Statement { text, params }| Query { query: text, params }).collect();
    serde_json::to_vec(&Body { queries }).unwrap_or_default()
}

/// What a statement gave back: text or NULL for each column of each row, read by the column's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    columns: Vec<String>,
    cells: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// The first row, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.cells.iter().map(|cells| Row { columns: &self.columns, cells })
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Option<String>],
}

impl<'a> Row<'a> {
    /// The column `name` as text.
    ///
    /// # Errors
    /// [`SqlError::NoColumn`] where there is no such column, [`SqlError::Malformed`] for NULL.
    pub fn text(&self, name: &str) -> Result<&'a str, SqlError> {
        self.optional_text(name)?.ok_or_else(|| SqlError::Malformed(format!("column `{name}` is null")))
    }

    /// The column `name` as text, `None` for NULL.
    ///
    /// # Errors
    /// [`SqlError::NoColumn`] where there is no such column.
    pub fn optional_text(&self, name: &str) -> Result<Option<&'a str>, SqlError> {
        let mut named = self.columns.iter().zip(self.cells);
        match named.find(|(column, _)| *column == name) {
            Some((_, cell)) => Ok(cell.as_deref()),
            None => Err(SqlError::NoColumn(name.to_owned())),
        }
    }

    /// The column `name` as a whole number.
    ///
    /// # Errors
    /// [`SqlError::NoColumn`] where there is no such column, [`SqlError::Malformed`] for NULL and other texts.
    pub fn integer(&self, name: &str) -> Result<i64, SqlError> {
        self.optional_integer(name)?.ok_or_else(|| SqlError::Malformed(format!("column `{name}` is null")))
    }

    /// The column `name` as a whole number, `None` for NULL.
    ///
    /// # Errors
    /// [`SqlError::NoColumn`] where there is no such column, [`SqlError::Malformed`] for other texts.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, SqlError> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| SqlError::Malformed(format!("column `{name}` is not an integer")))
    }
}

/// Why there are no rows, and what that says about the statement having run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// Postgres refused the statement; nothing of it was kept.
    #[error("postgres error {sqlstate}: {message}")]
    Database {
        /// The five characters of the SQLSTATE.
        sqlstate: String,
        /// Postgres' own words. For the log: they can quote data.
        message: String,
    },
    /// The gateway turned the request away before it reached Postgres: it did not run.
    #[error("sql gateway refused with {status}: {message}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The gateway's words.
        message: String,
    },
    /// The statement may or may not have run: the connection behind the gateway was lost, or the gateway failed afterwards.
    #[error("outcome of the statement is unknown ({}): {message}", status.map_or("no answer".to_owned(), |s| s.to_string()))]
    OutcomeUnknown {
        /// HTTP status, if there was a response at all.
        status: Option<u16>,
        /// What is known about it.
        message: String,
    },
    /// A response of another shape than the protocol's, or a column of another type than asked for.
    #[error("malformed sql answer: {0}")]
    Malformed(String),
    /// The response has no column of this name.
    #[error("no column `{0}` in the sql answer")]
    NoColumn(String),
}

/// Reads the response to one statement.
///
/// # Errors
/// [`SqlError`]: what the response says instead of rows, and whether the statement has run.
pub fn parse_response(status: u16, body: &[u8]) -> Result<Rows, SqlError> {
    if status != 200 {
        return Err(parse_error(status, body));
    }
    rows(serde_json::from_slice(body).map_err(|error| SqlError::Malformed(error.to_string()))?)
}

/// Reads the response to a transaction: what each of its statements gave back.
///
/// # Errors
/// As [`parse_response`]; none of the statements was kept then, unless the outcome is unknown.
pub fn parse_transaction(status: u16, body: &[u8]) -> Result<Vec<Rows>, SqlError> {
    #[derive(Deserialize)]
    struct Responses {
        results: Vec<Response>,
    }
    if status != 200 {
        return Err(parse_error(status, body));
    }
    let responses: Responses = serde_json::from_slice(body).map_err(|error| SqlError::Malformed(error.to_string()))?;
    responses.results.into_iter().map(rows).collect()
}

#[derive(Deserialize)]
struct Response {
    fields: Vec<Field>,
    rows: Vec<Vec<Option<String>>>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
}

fn rows(response: Response) -> Result<Rows, SqlError> {
    let columns: Vec<String> = response.fields.into_iter().map(|field| field.name).collect();
    match response.rows.iter().find(|cells| cells.len() != columns.len()) {
        Some(cells) => Err(SqlError::Malformed(format!("{} cells for {} columns", cells.len(), columns.len()))),
        None => Ok(Rows { columns, cells: response.rows }),
    }
}

/// The proxy's own refusals with status 400 and no SQLSTATE. Any other 400 without one can be a connection lost mid-query.
const REFUSED_BEFORE_RUNNING: [&str; 6] = [
    "password authentication failed",
    "missing authentication credentials",
    "missing hostname",
    "invalid isolation level",
    "invalid connection string",
    "query is not supported",
];

/// Failures with status 500 that precede a connection to Postgres.
const NEVER_CONNECTED: [&str; 2] = ["Control plane request failed", "Couldn't connect to compute node"];

fn parse_error(status: u16, body: &[u8]) -> SqlError {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Failure {
        message: Option<String>,
        msg: Option<String>,
        code: Option<String>,
    }
    let failure: Failure = serde_json::from_slice(body).unwrap_or_else(|_| Failure {
        // "query is not supported" arrives as a bare JSON string.
        message: serde_json::from_slice(body).ok(),
        ..Failure::default()
    });
    let from_router = failure.msg.is_some();
    let message = failure.message.or(failure.msg).unwrap_or_default();
    let sqlstate = failure.code.unwrap_or_default();
    let begins = |openings: &[&str]| openings.iter().any(|opening| message.starts_with(opening));
    let did_not_run = match status {
        400 if !sqlstate.is_empty() => {
            // Class 08 is a lost connection (Neon's "Query cancelled" is 08P01), 40003 says "completion unknown" itself.
            if !sqlstate.starts_with("08") && sqlstate != "40003" {
                return SqlError::Database { sqlstate, message };
            }
            false
        }
        400 => begins(&REFUSED_BEFORE_RUNNING),
        // The time ran out with the statement anywhere.
        408 => false,
        401..=499 => true,
        500 => begins(&NEVER_CONNECTED),
        // 507 is "response is too large": it ran.
        _ => from_router,
    };
    if did_not_run {
        SqlError::Rejected { status, message }
    } else {
        SqlError::OutcomeUnknown { status: Some(status), message }
    }
}
