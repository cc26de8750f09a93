//! The stores' client: reqwest on hyper.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use platform::{HttpClient, HttpError};
use reqwest_client::exchange;

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
    async fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Duration,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let exchange = exchange(&self.client, request);
        tokio::time::timeout(deadline, exchange).await.unwrap_or(Err(HttpError::Timeout(deadline)))
    }
}
