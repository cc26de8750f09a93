//! From the core's answer to the runtime's. A stream is handed over as it is: none of its bytes enters Wasm.
//!
//! `worker`'s own conversion of an `http::Response` wraps every body in a Rust stream (worker 0.8.7, `http/response.rs`, `to_wasm`), hence this one.

use api::Body;
use wasm_bindgen::prelude::*;

/// Builds the runtime's response.
pub(crate) fn outgoing(answer: http::Response<Body>) -> Result<web_sys::Response, JsValue> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in answer.headers() {
        if let Ok(value) = value.to_str() {
            headers.append(name.as_str(), value)?;
        }
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(answer.status().as_u16());
    init.set_headers(&headers);
    match answer.into_body() {
        Body::Whole(bytes) if bytes.is_empty() => web_sys::Response::new_with_opt_readable_stream_and_init(None, &init),
        Body::Whole(bytes) => {
            let array = js_sys::Uint8Array::from(&*bytes);
            web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&array), &init)
        }
        Body::Stream(reader) => match reader.0.downcast::<web_sys::ReadableStream>() {
            Ok(stream) => web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &init),
            Err(_) => Err(JsValue::from_str("a stream of another runtime")),
        },
    }
}
