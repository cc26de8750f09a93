//! The model call: fetch with a head's deadline, and a body that is split natively.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use http::StatusCode;
use platform::{HttpError, Leaving, Opened, Split, Tape, Upstream, UpstreamBody};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::request::collect;
use crate::tape::{self, Left};
use crate::timers::Timers;
use crate::{head, js};

/// Opens streaming answers.
pub(crate) struct FetchUpstream {
    left: Left,
    timers: Timers,
}

impl FetchUpstream {
    /// `left` resolves when the client of this request leaves.
    pub(crate) fn new(left: Left, timers: Timers) -> Self {
        Self { left, timers }
    }
}

#[async_trait(?Send)]
impl Upstream for FetchUpstream {
    async fn open(&self, request: http::Request<Bytes>, head_within: Duration) -> Result<Opened, HttpError> {
        let call = Call::begin(&request).map_err(|error| HttpError::BadRequest(js::words(&error)))?;
        let answer = match select(JsFuture::from(call.fetching()), self.timers.sleep(head_within)).await {
            Either::Left((Ok(answer), _)) => answer.unchecked_into::<web_sys::Response>(),
            Either::Left((Err(error), _)) => return Err(HttpError::Connection(js::words(&error))),
            Either::Right(((), _)) => return Err(HttpError::Timeout(head_within)),
        };
        let status =
            StatusCode::from_u16(answer.status()).map_err(|_| HttpError::Connection("no status".to_owned()))?;
        let headers = head::read(&answer.headers());
        let (left, timers) = (self.left.clone(), self.timers.clone());
        Ok(Opened { status, headers, body: Box::new(FetchBody { answer, call, left, timers }) })
    }
}

/// A fetch that has begun. Dropping it closes its connection, unless it has been handed on.
struct Call {
    controller: Option<web_sys::AbortController>,
    fetching: js_sys::Promise,
}

impl Call {
    fn begin(request: &http::Request<Bytes>) -> Result<Self, JsValue> {
        let controller = web_sys::AbortController::new()?;
        let headers = web_sys::Headers::new()?;
        for (name, value) in request.headers() {
            if let Ok(value) = value.to_str() {
                headers.append(name.as_str(), value)?;
            }
        }
        let init = web_sys::RequestInit::new();
        init.set_method(request.method().as_str());
        init.set_headers(&headers);
        // A redirect would carry the key to another host.
        init.set_redirect(web_sys::RequestRedirect::Manual);
        // `fetch` throws where a GET has a body, if an empty one.
        if !request.body().is_empty() {
            init.set_body(&js_sys::Uint8Array::from(&**request.body()));
        }
        init.set_signal(Some(&controller.signal()));
        let fetching = js::fetch(&request.uri().to_string(), &init);
        Ok(Self { controller: Some(controller), fetching })
    }

    /// Resolves with the answer's head.
    fn fetching(&self) -> js_sys::Promise {
        self.fetching.clone()
    }

    /// What closes it.
    fn hand_on(mut self) -> Option<web_sys::AbortController> {
        self.controller.take()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

struct FetchBody {
    answer: web_sys::Response,
    call: Call,
    left: Left,
    timers: Timers,
}

#[async_trait(?Send)]
impl UpstreamBody for FetchBody {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        let Some(stream) = self.answer.body() else { return Ok(Bytes::new()) };
        collect(&stream, limit).await
    }

    fn split(self: Box<Self>, leaving: Leaving) -> Split {
        tape::split(self.answer.body(), self.call.hand_on(), self.left, leaving, self.timers)
    }

    fn record(self: Box<Self>) -> Box<dyn Tape> {
        tape::record(self.answer.body(), self.call.hand_on(), self.timers)
    }
}
