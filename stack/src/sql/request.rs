//! What a client asks of `/sql`: headers and body, checked.

use super::error::SqlError;
use super::params;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One statement with its parameters as text.
#[derive(Debug)]
pub struct Statement {
    /// SQL with `$1`, `$2`, …
    pub sql: String,
    /// One text or NULL for each.
    pub params: Vec<Option<String>>,
    /// Each row an array instead of an object.
    pub rows_as_arrays: bool,
}

/// What to run.
#[derive(Debug)]
pub enum Work {
    /// One statement.
    Single(Statement),
    /// Several in one transaction that begins with `begin`.
    Transaction {
        /// `START TRANSACTION …`
        begin: String,
        /// In order.
        statements: Vec<Statement>,
    },
}

impl Work {
    /// The statements in order.
    pub fn statements(&self) -> &[Statement] {
        match self {
            Self::Single(statement) => std::slice::from_ref(statement),
            Self::Transaction { statements, .. } => statements,
        }
    }
}

/// What the headers ask for.
#[derive(Debug)]
pub struct Modes {
    /// Every value as its text.
    pub raw_text: bool,
    /// Every row as an array, unless the statement says otherwise.
    pub array: bool,
    /// `Neon-Batch-Isolation-Level` as sent.
    pub isolation: Option<String>,
    /// `Neon-Batch-Read-Only`.
    pub read_only: bool,
    /// `Neon-Batch-Deferrable`.
    pub deferrable: bool,
}

impl Modes {
    /// Reads the headers. Only the literal `true` counts.
    pub fn parse(headers: &HeaderMap) -> Self {
        let is_true = |name: &str| headers.get(name).is_some_and(|value| value == "true");
        let isolation = headers.get("neon-batch-isolation-level");
        Self {
            raw_text: is_true("neon-raw-text-output"),
            array: is_true("neon-array-mode"),
            isolation: isolation.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            read_only: is_true("neon-batch-read-only"),
            deferrable: is_true("neon-batch-deferrable"),
        }
    }

    fn begin(&self) -> Result<String, SqlError> {
        let mut begin = String::from("START TRANSACTION");
        match self.isolation.as_deref() {
            None => {}
            Some("ReadUncommitted") => begin.push_str(" ISOLATION LEVEL READ UNCOMMITTED"),
            Some("ReadCommitted") => begin.push_str(" ISOLATION LEVEL READ COMMITTED"),
            Some("RepeatableRead") => begin.push_str(" ISOLATION LEVEL REPEATABLE READ"),
            Some("Serializable") => begin.push_str(" ISOLATION LEVEL SERIALIZABLE"),
            Some(_) => return Err(SqlError::Refused("invalid isolation level".to_owned())),
        }
        if self.read_only {
            begin.push_str(" READ ONLY");
        }
        if self.deferrable {
            begin.push_str(" DEFERRABLE");
        }
        Ok(begin)
    }
}

#[derive(Deserialize)]
struct Query {
    query: String,
    #[serde(default)]
    params: Vec<Box<RawValue>>,
    #[serde(default, rename = "arrayMode")]
    array_mode: Option<bool>,
}

#[derive(Deserialize)]
struct Batch {
    queries: Vec<Query>,
}

/// Reads the body.
pub fn parse(body: &[u8], modes: &Modes) -> Result<Work, SqlError> {
    let malformed =
        |error: serde_json::Error| SqlError::Refused(format!("could not parse the HTTP request body: {error}"));
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).map_err(malformed)?;
    if object.contains_key("queries") {
        let batch: Batch = serde_json::from_slice(body).map_err(malformed)?;
        let statements = batch.queries.into_iter().map(|query| statement(query, modes)).collect::<Result<_, _>>();
        return Ok(Work::Transaction { begin: modes.begin()?, statements: statements.map_err(malformed)? });
    }
    let query: Query = serde_json::from_slice(body).map_err(malformed)?;
    statement(query, modes).map(Work::Single).map_err(malformed)
}

fn statement(query: Query, modes: &Modes) -> Result<Statement, serde_json::Error> {
    Ok(Statement {
        sql: query.query,
        params: query.params.iter().map(|json| params::text(json)).collect::<Result<_, _>>()?,
        rows_as_arrays: query.array_mode.unwrap_or(modes.array),
    })
}
