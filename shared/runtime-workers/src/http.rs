//! The stores' client: reqwest on fetch.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use platform::{HttpClient, HttpError};
use reqwest_client::exchange;

use crate::timers::Timers;

/// Whole requests, whole answers.
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
    async fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Duration,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let exchange = std::pin::pin!(exchange(&self.client, request));
        // The dropped exchange aborts its fetch.
        match select(exchange, self.timers.sleep(deadline)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(HttpError::Timeout(deadline)),
        }
    }
}
