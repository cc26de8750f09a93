//! The Worker's first module: every table but those of accounts.

use wasm_bindgen::prelude::*;
use worker::Env;
use worker::worker_sys::Context;

/// What `worker::event` would make, but for the promise where none is needed.
#[wasm_bindgen]
pub fn fetch(request: web_sys::Request, env: Env, context: Context) -> JsValue {
    runtime_workers::serve(api::CHAT, request, env, context)
}
