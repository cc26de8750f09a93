//! One fetch, from its beginning to its answer or its end.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use platform::HttpError;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// A fetch that has begun. Dropping it closes its connection, unless it has been handed on or has finished.
pub(crate) struct Call {
    controller: Option<web_sys::AbortController>,
    fetching: js_sys::Promise,
}

impl Call {
    /// Begins it; [`headers`] makes what goes with it.
    pub(crate) fn begin(
        method: &Method,
        uri: &Uri,
        headers: &web_sys::Headers,
        body: &[u8],
    ) -> Result<Self, HttpError> {
        let controller = web_sys::AbortController::new().map_err(|error| unsent(&error))?;
        let init = web_sys::RequestInit::new();
        init.set_method(method.as_str());
        init.set_headers(headers);
        // A redirect would carry the key to another host.
        init.set_redirect(web_sys::RequestRedirect::Manual);
        // `fetch` throws where a GET has a body, if an empty one.
        if !body.is_empty() {
            init.set_body(&js_sys::Uint8Array::from(body));
        }
        init.set_signal(Some(&controller.signal()));
        let fetching = js::fetch(&uri.to_string(), &init);
        Ok(Self { controller: Some(controller), fetching })
    }

    /// Waits for the answer; its body is still to come.
    pub(crate) async fn answer(&self) -> Result<(StatusCode, web_sys::Response), HttpError> {
        let answer = JsFuture::from(self.fetching.clone()).await.map_err(|error| lost(&error))?;
        let answer: web_sys::Response = answer.unchecked_into();
        let status = StatusCode::from_u16(answer.status());
        Ok((status.map_err(|_| HttpError::Connection("no status".to_owned()))?, answer))
    }

    /// Its answer is whole: nothing is left to close.
    pub(crate) fn finish(mut self) {
        self.controller = None;
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

/// A request's headers as `fetch` takes them.
pub(crate) fn headers(head: &HeaderMap) -> Result<web_sys::Headers, HttpError> {
    let headers = web_sys::Headers::new().map_err(|error| unsent(&error))?;
    for (name, value) in head {
        let value = value.to_str().map_err(|_| HttpError::BadRequest(format!("{name} is not ASCII")))?;
        headers.append(name.as_str(), value).map_err(|error| unsent(&error))?;
    }
    Ok(headers)
}

fn unsent(error: &JsValue) -> HttpError {
    HttpError::BadRequest(js::words(error))
}

/// A body in one piece, as a request's or an answer's `arrayBuffer` brings it.
pub(crate) async fn whole(body: Result<js_sys::Promise, JsValue>) -> Result<Bytes, HttpError> {
    let body = JsFuture::from(body.map_err(|error| lost(&error))?).await.map_err(|error| lost(&error))?;
    Ok(js_sys::Uint8Array::new(&body).to_vec().into())
}

/// No answer, or not all of it.
pub(crate) fn lost(error: &JsValue) -> HttpError {
    HttpError::Connection(js::words(error))
}
