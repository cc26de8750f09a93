//! The model call: fetch with a head's deadline, and a body that is split natively.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use platform::{HttpError, Leaving, Opened, Split, Tape, Upstream, UpstreamBody};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::Delay;

use crate::js;
use crate::request::collect;
use crate::tape::{self, Left};

/// Opens streaming answers.
pub(crate) struct FetchUpstream {
    left: Left,
}

impl FetchUpstream {
    /// `left` resolves when the client of this request leaves.
    pub(crate) fn new(left: Left) -> Self {
        Self { left }
    }
}

/// Closes the upstream connection when dropped, unless it has been handed on.
struct AbortOnDrop(Option<web_sys::AbortController>);

impl AbortOnDrop {
    fn keep(mut self) -> Option<web_sys::AbortController> {
        self.0.take()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

#[async_trait(?Send)]
impl Upstream for FetchUpstream {
    async fn open(&self, request: http::Request<Bytes>, head: Duration) -> Result<Opened, HttpError> {
        let refused = |error: JsValue| HttpError::BadRequest(js::words(&error));
        let controller = web_sys::AbortController::new().map_err(refused)?;
        let request = outgoing(&request, &controller.signal()).map_err(refused)?;
        let guard = AbortOnDrop(Some(controller));
        let answer = match select(JsFuture::from(js::fetch(&request)), Delay::from(head)).await {
            Either::Left((Ok(answer), _)) => answer.unchecked_into::<web_sys::Response>(),
            Either::Left((Err(error), _)) => return Err(HttpError::Connection(js::words(&error))),
            Either::Right(((), _)) => return Err(HttpError::Timeout(head)),
        };
        let status =
            StatusCode::from_u16(answer.status()).map_err(|_| HttpError::Connection("no status".to_owned()))?;
        let headers = head_of(&answer);
        Ok(Opened { status, headers, body: Box::new(FetchBody { answer, guard, left: self.left.clone() }) })
    }
}

fn outgoing(request: &http::Request<Bytes>, signal: &web_sys::AbortSignal) -> Result<web_sys::Request, JsValue> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in request.headers() {
        if let Ok(value) = value.to_str() {
            headers.append(name.as_str(), value)?;
        }
    }
    let init = web_sys::RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers(&headers);
    init.set_body(&js_sys::Uint8Array::from(&**request.body()));
    init.set_signal(Some(signal));
    // A redirect would carry the key to another host.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    web_sys::Request::new_with_str_and_init(&request.uri().to_string(), &init)
}

fn head_of(answer: &web_sys::Response) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for entry in answer.headers().entries().into_iter().flatten() {
        let entry: js_sys::Array = entry.unchecked_into();
        if let (Some(name), Some(value)) = (entry.get(0).as_string(), entry.get(1).as_string())
            && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            headers.append(name, value);
        }
    }
    headers
}

struct FetchBody {
    answer: web_sys::Response,
    guard: AbortOnDrop,
    left: Left,
}

#[async_trait(?Send)]
impl UpstreamBody for FetchBody {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        let Some(stream) = self.answer.body() else { return Ok(Bytes::new()) };
        collect(&stream, limit).await
    }

    fn split(self: Box<Self>, leaving: Leaving) -> Split {
        tape::split(self.answer.body(), self.guard.keep(), self.left, leaving)
    }

    fn record(self: Box<Self>) -> Box<dyn Tape> {
        tape::record(self.answer.body(), self.guard.keep())
    }
}
