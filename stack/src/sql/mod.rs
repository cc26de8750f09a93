//! Neon's SQL over HTTP, in front of any Postgres.

mod address;
mod connection;
mod error;
mod params;
mod pool;
mod render;
mod request;
mod tls;

pub use address::{Address, AddressError, Encryption};

use crate::credentials;
use crate::server::{Answer, Call, json};
use error::SqlError;
use http::{HeaderValue, Method, StatusCode, header};
use pool::Pools;
use render::Shape;
use request::{Modes, Work};

/// Neon's proxy: 10 MiB each way by default.
pub const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// Neon's proxy keeps 20 sessions for each endpoint.
const POOL_SIZE: usize = 20;

/// The `/sql` face.
pub struct Sql {
    database: Option<(Address, Pools)>,
}

impl Sql {
    /// In front of the Postgres at `address`. An embedded one is a single session, and so is its pool.
    pub fn new(address: Option<Address>, is_embedded: bool) -> Self {
        let size = if is_embedded { 1 } else { POOL_SIZE };
        Self { database: address.map(|address| (address.clone(), Pools::new(address, size, BODY_LIMIT))) }
    }

    /// Ends all sessions.
    pub fn close(&self) {
        if let Some((_, pools)) = &self.database {
            pools.close();
        }
    }

    /// Answers one HTTP request.
    pub async fn answer(&self, call: Call<'_>) -> Answer {
        let modes = Modes::parse(&call.head.headers);
        let is_batch;
        let mut answer = if call.head.uri.path() != "/sql" {
            is_batch = false;
            json(StatusCode::BAD_REQUEST, "\"query is not supported\"")
        } else if call.head.method == Method::OPTIONS {
            is_batch = false;
            preflight()
        } else if call.head.method != Method::POST {
            is_batch = false;
            json(StatusCode::BAD_REQUEST, "\"query is not supported\"")
        } else {
            match self.run(&call, &modes).await {
                Ok((body, batch)) => {
                    is_batch = batch;
                    json(StatusCode::OK, body)
                }
                Err(error) => {
                    is_batch = false;
                    if matches!(error, SqlError::Unreachable(_) | SqlError::Lost(_)) {
                        tracing::warn!(%error, "sql");
                    }
                    json(error.status(), error.body())
                }
            }
        };
        let headers = answer.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
            headers.insert("neon-request-id", id);
        }
        if is_batch {
            if let Some(level) = modes.isolation.as_deref().and_then(|level| HeaderValue::from_str(level).ok()) {
                headers.insert("neon-batch-isolation-level", level);
            }
            if modes.read_only {
                headers.insert("neon-batch-read-only", HeaderValue::from_static("true"));
            }
            if modes.deferrable {
                headers.insert("neon-batch-deferrable", HeaderValue::from_static("true"));
            }
        }
        answer
    }

    async fn run(&self, call: &Call<'_>, modes: &Modes) -> Result<(Vec<u8>, bool), SqlError> {
        let Some((own, pools)) = &self.database else {
            return Err(SqlError::Unreachable("no database is configured".to_owned()));
        };
        let asked = connection_string(call)?;
        if !credentials::same(&asked.user, &own.user) || !credentials::same(&asked.password, &own.password) {
            return Err(SqlError::Refused(format!("password authentication failed for user '{}'", asked.user)));
        }
        let body = call.body.as_deref().ok_or(SqlError::RequestTooLarge(BODY_LIMIT))?;
        let work = request::parse(body, modes)?;
        let (work, outcomes) = pools.run(&asked.database, work).await?;
        let mut out = Vec::new();
        let is_batch = matches!(work, Work::Transaction { .. });
        if is_batch {
            out.extend_from_slice(b"{\"results\":[");
        }
        for (index, (statement, outcome)) in work.statements().iter().zip(&outcomes).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let shape = Shape { raw_text: modes.raw_text, rows_as_arrays: statement.rows_as_arrays };
            render::result(outcome, shape, &mut out)?;
            if out.len() > BODY_LIMIT {
                return Err(SqlError::ResponseTooLarge(BODY_LIMIT));
            }
        }
        if is_batch {
            out.extend_from_slice(b"]}");
        }
        Ok((out, is_batch))
    }
}

fn connection_string(call: &Call<'_>) -> Result<Address, SqlError> {
    let headers = &call.head.headers;
    let value = headers.get("neon-connection-string");
    let value = value.ok_or_else(|| SqlError::Refused("missing header `Neon-Connection-String`".to_owned()))?;
    let text = value.to_str().map_err(|_| SqlError::Refused("invalid header `Neon-Connection-String`".to_owned()))?;
    Address::parse_neon(text).map_err(|error| SqlError::Refused(error.to_string()))
}

fn preflight() -> Answer {
    let mut answer = http::Response::new(crate::body::Content::from(""));
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, OPTIONS"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    let allowed = "Authorization, Neon-Connection-String, Neon-Raw-Text-Output, Neon-Array-Mode, Neon-Pool-Opt-In, \
                   Neon-Batch-Read-Only, Neon-Batch-Isolation-Level, Neon-Batch-Deferrable";
    if let Ok(allowed) = HeaderValue::from_str(allowed) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    answer
}

#[cfg(test)]
mod tests;
