//! The stores' client: reqwest on fetch.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use platform::{HttpClient, HttpError};
use worker::Delay;

/// Whole requests, whole answers.
pub(crate) struct ReqwestClient {
    client: reqwest::Client,
}

impl ReqwestClient {
    pub(crate) fn new() -> Self {
        Self { client: reqwest::Client::new() }
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(|error| HttpError::BadRequest(words(error)))?;
        let answer = self.client.execute(request).await.map_err(|error| HttpError::Connection(words(error)))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| HttpError::Connection(words(error)))?;
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

#[async_trait(?Send)]
impl HttpClient for ReqwestClient {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Duration,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let exchange = std::pin::pin!(self.exchange(request));
        // The dropped exchange aborts its fetch.
        match futures::future::select(exchange, Delay::from(deadline)).await {
            futures::future::Either::Left((outcome, _)) => outcome,
            futures::future::Either::Right(((), _)) => Err(HttpError::Timeout(deadline)),
        }
    }
}

/// reqwest's words without the address: a connection string can be part of it.
fn words(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
