//! From the core's answer to the runtime's. A stream is handed over as it is: none of its bytes enters Wasm.
//!
//! `worker`'s own conversion of an `http::Response` wraps every body in a Rust stream (worker 0.8.7, `http/response.rs`, `to_wasm`), hence this one.

use api::Body;
use http::{HeaderMap, HeaderValue, StatusCode};
use wasm_bindgen::prelude::*;

thread_local! {
    /// What nearly every answer begins with. The runtime copies a head in a fraction of the time in which it takes over its lines.
    static COMMON: Result<Common, JsValue> = Common::new();
}

struct Common {
    headers: HeaderMap,
    /// These headers, and 200.
    init: web_sys::ResponseInit,
}

impl Common {
    fn new() -> Result<Self, JsValue> {
        let headers = api::common_headers();
        let lines = web_sys::Headers::new()?;
        for (name, value) in &headers {
            append(&lines, name.as_str(), value)?;
        }
        let init = web_sys::ResponseInit::new();
        init.set_status(StatusCode::OK.as_u16());
        init.set_headers(&lines);
        Ok(Self { headers, init })
    }

    /// Makes `lines`, which are these, those of `wanted`.
    fn correct(&self, lines: &web_sys::Headers, wanted: &HeaderMap) -> Result<(), JsValue> {
        for name in self.headers.keys().filter(|name| !wanted.contains_key(*name)) {
            lines.delete(name.as_str())?;
        }
        for name in wanted.keys() {
            let values = wanted.get_all(name);
            if self.headers.get_all(name) == values {
                continue;
            }
            if self.headers.contains_key(name) {
                lines.delete(name.as_str())?;
            }
            for value in values {
                append(lines, name.as_str(), value)?;
            }
        }
        Ok(())
    }
}

fn append(lines: &web_sys::Headers, name: &str, value: &HeaderValue) -> Result<(), JsValue> {
    // A value that is no text is none of ours.
    value.to_str().map_or(Ok(()), |value| lines.append(name, value))
}

/// Builds the runtime's response.
pub(crate) fn outgoing(answer: http::Response<Body>) -> Result<web_sys::Response, JsValue> {
    COMMON.with(|common| with(common.as_ref().map_err(JsValue::clone)?, answer))
}

fn with(common: &Common, answer: http::Response<Body>) -> Result<web_sys::Response, JsValue> {
    let (head, body) = answer.into_parts();
    if head.status != StatusCode::OK {
        common.init.set_status(head.status.as_u16());
    }
    let response = response(body, &common.init);
    if head.status != StatusCode::OK {
        common.init.set_status(StatusCode::OK.as_u16());
    }
    let response = response?;
    common.correct(&response.headers(), &head.headers)?;
    Ok(response)
}

fn response(body: Body, init: &web_sys::ResponseInit) -> Result<web_sys::Response, JsValue> {
    match body {
        Body::Whole(bytes) if bytes.is_empty() => web_sys::Response::new_with_opt_readable_stream_and_init(None, init),
        Body::Whole(bytes) => {
            let array = js_sys::Uint8Array::from(&*bytes);
            web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&array), init)
        }
        Body::Stream(reader) => match reader.0.downcast::<web_sys::ReadableStream>() {
            Ok(stream) => web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), init),
            Err(_) => Err(JsValue::from_str("a stream of another runtime")),
        },
    }
}
