//! The Worker's second module: the tables of accounts. `functions/worker/entry.js` loads it with the first request that is theirs.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker::Env;
use worker::worker_sys::Context;

/// What `worker::event` would make, but for the promise where none is needed.
#[wasm_bindgen]
pub fn fetch(request: web_sys::Request, env: Env, context: Context) -> JsValue {
    runtime_workers::serve(api::ACCOUNTS, request, env, context)
}

/// What `worker::event` would make of a cron trigger.
#[wasm_bindgen]
pub fn scheduled(_event: JsValue, env: Env, context: Context) -> Promise {
    runtime_workers::maintain(env, context)
}
