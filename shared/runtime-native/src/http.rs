//! The stores' client: reqwest on hyper.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use platform::{HttpClient, HttpError};

/// Whole requests, whole answers.
pub struct ReqwestClient {
    client: reqwest::Client,
}

impl ReqwestClient {
    /// A client with this one's connections; it must follow no redirects.
    #[must_use]
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

#[async_trait(?Send)]
impl HttpClient for ReqwestClient {
    async fn send(&self, request: Request<Bytes>, deadline: Duration) -> Result<Response<Bytes>, HttpError> {
        let exchange = exchange(&self.client, request);
        tokio::time::timeout(deadline, exchange).await.unwrap_or(Err(HttpError::Timeout(deadline)))
    }
}

/// Sends `request` and collects the answer.
async fn exchange(client: &reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request).map_err(|error| HttpError::BadRequest(words(error)))?;
    let lost = |error| HttpError::Connection(words(error));
    let mut answer = client.execute(request).await.map_err(lost)?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let mut response = Response::new(answer.bytes().await.map_err(lost)?);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// reqwest's words without the address: a connection string can be part of it.
pub(crate) fn words(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
