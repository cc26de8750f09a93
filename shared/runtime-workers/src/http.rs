//! The stores' client: fetch, with whole answers.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use http::{Request, Response, StatusCode};
use platform::{HttpClient, HttpError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::call::Call;
use crate::timers::Timers;
use crate::{head, js};

/// Whole requests, whole answers.
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
        if request.uri().authority().is_none() {
            return Err(HttpError::BadRequest("its address is not a URL".to_owned()));
        }
        let call = Call::begin(&request).map_err(|error| HttpError::BadRequest(js::words(&error)))?;
        let outcome = {
            let exchange = std::pin::pin!(exchange(&call));
            match select(exchange, self.timers.sleep(deadline)).await {
                Either::Left((outcome, _)) => outcome,
                // The dropped call aborts its fetch.
                Either::Right(((), _)) => return Err(HttpError::Timeout(deadline)),
            }
        };
        // Of one that has ended there is nothing to abort.
        drop(call.hand_on());
        outcome.map_err(|error| HttpError::Connection(js::words(&error)))
    }
}

/// Collects the answer.
async fn exchange(call: &Call) -> Result<Response<Bytes>, JsValue> {
    let answer = JsFuture::from(call.fetching()).await?.unchecked_into::<web_sys::Response>();
    let body = JsFuture::from(answer.array_buffer()?).await?;
    let mut response = Response::new(Bytes::from(js_sys::Uint8Array::new(&body).to_vec()));
    *response.status_mut() = StatusCode::from_u16(answer.status()).map_err(|_| JsValue::from("no status"))?;
    *response.headers_mut() = head::read(&answer.headers());
    Ok(response)
}
