//! Scripts, commands and pipelines over Upstash's REST.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use platform::{HttpClient, HttpError};
use wire::upstash::{self, Command, Encoding, Reply};

use super::reply::Named;
use super::script::Script;
use crate::StoreError;
use crate::kept_connection::send_or_again;

/// No visitor waits longer than 1.5 s for a settlement, and a refund that is given up is lost.
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

    /// Runs one command, which must be safe to repeat.
    pub(super) async fn command(&self, command: &Command, deadline: Duration) -> Result<Reply, StoreError> {
        let (status, body) = self.post("", command.body().into(), deadline, Encoding::Plain).await?;
        Ok(upstash::parse_reply(status, &body, Encoding::Plain)?)
    }

    /// Runs commands in one request, in their order; each must be safe to repeat. One that failed fails all.
    pub(super) async fn pipeline(
        &self,
        commands: &[Command],
        deadline: Duration,
        encoding: Encoding,
    ) -> Result<Vec<Reply>, StoreError> {
        let body = upstash::pipeline_body(commands).into();
        let (status, body) = self.post("/pipeline", body, deadline, encoding).await?;
        Ok(upstash::parse_pipeline(status, &body, encoding)?)
    }

    /// Runs a script; sent once more if the connection is lost, so `script` must be safe to repeat. A reply that may hold any bytes
    /// comes as [`Encoding::Base64`].
    pub(super) async fn eval(
        &self,
        script: &Script,
        keys: &[String],
        args: &[String],
        deadline: Duration,
        encoding: Encoding,
    ) -> Result<Named, StoreError> {
        let (status, body) = self.post("", script.call(keys, args).body().into(), deadline, encoding).await?;
        match upstash::parse_reply(status, &body, encoding) {
            Err(error) if error.is_missing_script() => {
                let call = script.call_with_text(keys, args);
                let (status, body) = self.post("", call.body().into(), deadline, encoding).await?;
                Named::new(upstash::parse_reply(status, &body, encoding)?)
            }
            reply => Named::new(reply?),
        }
    }

    /// Sends `body`, and once more if the connection is lost. Gives back status and body of the answer.
    async fn post(
        &self,
        path: &str,
        body: Bytes,
        deadline: Duration,
        encoding: Encoding,
    ) -> Result<(u16, Bytes), StoreError> {
        send_or_again(async || self.send(path, body.clone(), deadline, encoding).await).await.map_err(unreachable)
    }

    async fn send(
        &self,
        path: &str,
        body: Bytes,
        deadline: Duration,
        encoding: Encoding,
    ) -> Result<(u16, Bytes), HttpError> {
        let mut request = Request::builder().method(Method::POST).uri(format!("{}{path}", self.url));
        for (name, value) in upstash::headers(&self.token, encoding) {
            request = request.header(name, value);
        }
        let request = request.body(body).map_err(|error| HttpError::BadRequest(error.to_string()))?;
        let answer = self.http.send(request, deadline).await?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }
}

fn unreachable(cause: HttpError) -> StoreError {
    StoreError::Unreachable { store: "redis", cause }
}
