//! The stores' client: reqwest on hyper.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use platform::{HttpClient, HttpError};

/// Whole requests, whole answers.
pub struct ReqwestClient {
    client: reqwest::Client,
}

impl ReqwestClient {
    /// A client with this one's connections.
    #[must_use]
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

#[async_trait(?Send)]
impl HttpClient for ReqwestClient {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Duration,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let exchange = async {
            let request = reqwest::Request::try_from(request).map_err(|error| HttpError::BadRequest(words(error)))?;
            let answer = self.client.execute(request).await.map_err(|error| HttpError::Connection(words(error)))?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.bytes().await.map_err(|error| HttpError::Connection(words(error)))?;
            let mut response = http::Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        };
        tokio::time::timeout(deadline, exchange).await.unwrap_or(Err(HttpError::Timeout(deadline)))
    }
}

/// reqwest's words without the address: a connection string can be part of it.
pub(crate) fn words(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
