//! The one Worker: every table.

use worker::{Context, Env, event};

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> worker::Result<web_sys::Response> {
    runtime_workers::serve(api::TABLES, request, env, context).await
}
