//! One script over Upstash's REST.

use std::rc::Rc;
use std::time::Duration;

use http::{Method, Request};
use platform::{HttpClient, HttpError};
use wire::upstash::{self, Encoding};

use super::reply::Named;
use crate::StoreError;

/// No visitor waits for a settlement, and a refund that is given up is lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// The counters' store.
#[derive(Clone)]
pub struct Redis {
    http: Rc<dyn HttpClient>,
    url: Rc<str>,
    token: Rc<str>,
    /// How long a visitor waits for Redis before it counts as down.
    pub(super) timeout: Duration,
}

impl Redis {
    /// A client for the REST face at `url`, which is down if it does not answer a visitor's call within `timeout`. Nothing is sent yet.
    #[must_use]
    pub fn new(http: Rc<dyn HttpClient>, url: &str, token: &str, timeout: Duration) -> Self {
        Self { http, url: url.trim_end_matches('/').into(), token: token.into(), timeout }
    }

    /// How long a call may take that no visitor waits for.
    pub(super) fn patience(&self) -> Duration {
        self.timeout.max(PATIENCE)
    }

    /// As [`Redis::eval`], for a script whose replies may hold any bytes.
    pub(super) async fn eval_bytes(
        &self,
        script: &str,
        keys: &[String],
        args: &[String],
        deadline: Duration,
    ) -> Result<Named, StoreError> {
        self.run_idempotent(upstash::eval(script, keys, args).body(), deadline, Encoding::Base64).await
    }

    /// Runs a script; sent once more if the connection is lost, so `script` must be safe to repeat.
    pub(super) async fn eval(
        &self,
        script: &str,
        keys: &[String],
        args: &[String],
        deadline: Duration,
    ) -> Result<Named, StoreError> {
        self.run_idempotent(upstash::eval(script, keys, args).body(), deadline, Encoding::Plain).await
    }

    async fn run_idempotent(
        &self,
        body: impl Into<bytes::Bytes>,
        deadline: Duration,
        encoding: Encoding,
    ) -> Result<Named, StoreError> {
        let body = body.into();
        match self.send(body.clone(), deadline, encoding).await {
            Err(StoreError::Unreachable { cause: HttpError::Connection(_), .. }) => {
                self.send(body, deadline, encoding).await
            }
            outcome => outcome,
        }
    }

    async fn send(&self, body: bytes::Bytes, deadline: Duration, encoding: Encoding) -> Result<Named, StoreError> {
        let mut request = Request::builder().method(Method::POST).uri(&*self.url);
        for (name, value) in upstash::headers(&self.token, encoding) {
            request = request.header(name, value);
        }
        let request = request.body(body).map_err(|error| unreachable(HttpError::BadRequest(error.to_string())))?;
        let answer = self.http.send(request, deadline).await.map_err(unreachable)?;
        Named::new(upstash::parse_reply(answer.status().as_u16(), answer.body(), encoding)?)
    }
}

fn unreachable(cause: HttpError) -> StoreError {
    StoreError::Unreachable { store: "redis", cause }
}
