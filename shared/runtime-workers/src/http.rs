//! Whole requests with whole answers: reqwest on fetch, and fetch by itself.

use std::cell::RefCell;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use http::{HeaderMap, Request, Response};
use platform::{HttpClient, HttpError};
use reqwest_client::exchange;

use crate::call::{self, Call, whole};
use crate::timers::Timers;

/// The client of Redis, mail, identity providers, Turnstile and webhooks.
pub(crate) struct ReqwestClient {
    client: reqwest::Client,
    timers: Timers,
}

impl ReqwestClient {
    pub(crate) fn new(timers: Timers) -> Self {
        Self { client: reqwest::Client::new(), timers }
    }
}

#[async_trait(?Send)]
impl HttpClient for ReqwestClient {
    async fn send(&self, request: Request<Bytes>, deadline: Duration) -> Result<Response<Bytes>, HttpError> {
        within(&self.timers, deadline, exchange(&self.client, request)).await
    }
}

thread_local! {
    /// Of the last statement: the next one's are nearly always the same.
    static LAST_HEADERS: RefCell<Option<(HeaderMap, web_sys::Headers)>> = const { RefCell::new(None) };
}

/// Postgres' client. A message makes three of its calls, each of which takes less of the processor than one of reqwest's (docs/performance.md). Of an answer's
/// head it reads the status: `/sql` says all else in the body.
pub(crate) struct FetchClient {
    timers: Timers,
}

impl FetchClient {
    pub(crate) fn new(timers: Timers) -> Self {
        Self { timers }
    }
}

#[async_trait(?Send)]
impl HttpClient for FetchClient {
    async fn send(&self, request: Request<Bytes>, deadline: Duration) -> Result<Response<Bytes>, HttpError> {
        within(&self.timers, deadline, fetched(&request)).await
    }
}

/// A call that is not over in time is dropped, which aborts its fetch.
pub(crate) async fn within<T>(
    timers: &Timers,
    limit: Duration,
    call: impl Future<Output = Result<T, HttpError>>,
) -> Result<T, HttpError> {
    match select(std::pin::pin!(call), timers.sleep(limit)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(((), _)) => Err(HttpError::Timeout(limit)),
    }
}

async fn fetched(request: &Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let call = Call::begin(request.method(), request.uri(), &headers_of(request)?, request.body())?;
    let (status, answer) = call.answer().await?;
    let body = whole(answer.array_buffer()).await?;
    // One who refuses may not have taken the whole request: its dropped call ends that.
    if status.is_success() {
        call.finish();
    }
    let mut response = Response::new(body);
    *response.status_mut() = status;
    Ok(response)
}

fn headers_of(request: &Request<Bytes>) -> Result<web_sys::Headers, HttpError> {
    let last = LAST_HEADERS.take().filter(|(headers, _)| headers == request.headers());
    let last = match last {
        Some(last) => last,
        None => (request.headers().clone(), call::headers(request.headers())?),
    };
    let headers = last.1.clone();
    LAST_HEADERS.set(Some(last));
    Ok(headers)
}
