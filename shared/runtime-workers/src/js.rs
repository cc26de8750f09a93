//! What web-sys lacks of the Workers runtime, and its errors as text.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The runtime's native pass-through stream: bytes cross it without entering JavaScript.
    pub(crate) type IdentityTransformStream;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> IdentityTransformStream;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn readable(this: &IdentityTransformStream) -> web_sys::ReadableStream;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn writable(this: &IdentityTransformStream) -> web_sys::WritableStream;

    /// The global `fetch`: without a `Request` of its own, which would be made once more there.
    #[wasm_bindgen(js_name = fetch)]
    pub(crate) fn fetch(url: &str, init: &web_sys::RequestInit) -> Promise;
}

/// A JavaScript error in words, for the log.
pub(crate) fn words(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
