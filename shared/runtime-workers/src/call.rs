//! One fetch, from its beginning to its answer or its end.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use platform::HttpError;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// A fetch that has begun. Dropping it closes its connection, unless it has been handed on.
pub(crate) struct Call {
    controller: Option<web_sys::AbortController>,
    fetching: js_sys::Promise,
}

impl Call {
    /// Begins it, with `headers` made of the request's by [`headers`].
    pub(crate) fn begin(request: &http::Request<Bytes>, headers: &web_sys::Headers) -> Result<Self, HttpError> {
        Self::fetch(request, headers).map_err(|error| unsent(&error))
    }

    fn fetch(request: &http::Request<Bytes>, headers: &web_sys::Headers) -> Result<Self, JsValue> {
        let controller = web_sys::AbortController::new()?;
        let init = web_sys::RequestInit::new();
        init.set_method(request.method().as_str());
        init.set_headers(headers);
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

    /// Waits for the answer; its body is still to come.
    pub(crate) async fn answer(&self) -> Result<(StatusCode, web_sys::Response), HttpError> {
        let answer = JsFuture::from(self.fetching.clone()).await.map_err(|error| lost(&error))?;
        let answer: web_sys::Response = answer.unchecked_into();
        let status = StatusCode::from_u16(answer.status());
        Ok((status.map_err(|_| HttpError::Connection("no status".to_owned()))?, answer))
    }

    /// What closes it.
    pub(crate) fn hand_on(mut self) -> Option<web_sys::AbortController> {
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

/// A request's head as `fetch` takes it.
pub(crate) fn headers(head: &HeaderMap) -> Result<web_sys::Headers, HttpError> {
    let headers = web_sys::Headers::new().map_err(|error| unsent(&error))?;
    for (name, value) in head {
        if let Ok(value) = value.to_str() {
            headers.append(name.as_str(), value).map_err(|error| unsent(&error))?;
        }
    }
    Ok(headers)
}

fn unsent(error: &JsValue) -> HttpError {
    HttpError::BadRequest(js::words(error))
}

/// No answer, or not all of it.
pub(crate) fn lost(error: &JsValue) -> HttpError {
    HttpError::Connection(js::words(error))
}
