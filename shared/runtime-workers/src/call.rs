//! A call of somebody else's server: `fetch`, which follows no redirect and ends with its caller.

use bytes::Bytes;
use wasm_bindgen::prelude::*;

use crate::js;

/// A fetch that has begun. Dropping it closes its connection, unless it has been handed on.
pub(crate) struct Call {
    controller: Option<web_sys::AbortController>,
    fetching: js_sys::Promise,
}

impl Call {
    pub(crate) fn begin(request: &http::Request<Bytes>) -> Result<Self, JsValue> {
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
        // A redirect would carry secrets to another host, and what that answers would pass for what was asked for.
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
    pub(crate) fn fetching(&self) -> js_sys::Promise {
        self.fetching.clone()
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
