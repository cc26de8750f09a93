//! Whole requests with whole answers, as the stores need them.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// Sends a request and collects the answer.
///
/// An adapter promises: any status is an `Ok`; redirects are not followed (a store never redirects, and a redirect would carry
/// credentials away); the deadline covers connect, head and body; dropping the future cancels the request.
#[async_trait(?Send)]
pub trait HttpClient {
    /// Sends `request` and waits for the whole answer, at most `deadline`.
    async fn send(&self, request: http::Request<Bytes>, deadline: Duration)
    -> Result<http::Response<Bytes>, HttpError>;
}

/// The body of a request to us, not read yet.
#[async_trait(?Send)]
pub trait IncomingBody {
    /// Reads the whole body. Reading stops as soon as it is known to be longer than `limit` bytes.
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError>;
}

/// Why there is no answer.
///
/// None of the variants says whether the other side has acted: a connection that is refused and one that is lost after the
/// request look alike through `fetch`. Callers make their calls safe to repeat instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The deadline has passed.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// No connection, or lost before the answer was whole. The text is for the log.
    #[error("connection failed: {0}")]
    Connection(String),
    /// The answer is larger than the caller allowed, in bytes.
    #[error("answer larger than {0} bytes")]
    TooLarge(usize),
    /// The request could not be built: a bad URL or header, so a configuration fault.
    #[error("request could not be sent: {0}")]
    BadRequest(String),
}
