//! An address that is neither the API's nor a file's.
//!
//! Static assets answer every file and every address of the page themselves; what they do not have comes here (`not_found_handling` in
//! wrangler.toml). Their own handlings would not do: one gives the page with 200 for a script that is gone, the other a 404 with
//! the headers of `/assets/*`, which a browser keeps for a year.

use assets::Missing;
use futures::FutureExt;
use wasm_bindgen::prelude::*;
use worker::Env;

/// What wrangler.toml calls the page's files.
const BINDING: &str = "ASSETS";

/// Paths of functions, as in `run_worker_first` of wrangler.toml: their own 404 is in `api`.
const FUNCTIONS: [&str; 4] = ["/api/", "/v1/", "/s/", "/embed/"];

/// Those that stand for themselves: what else begins so is a file, or nothing.
const WHOLE: [&str; 3] = ["/embed", "/metrics", "/status"];

/// Any host: the binding reads the path only.
const PAGE: &str = "https://page/";

#[wasm_bindgen]
extern "C" {
    type Assets;

    #[wasm_bindgen(method, catch)]
    async fn fetch(this: &Assets, url: &str) -> Result<JsValue, JsValue>;
}

/// The page with the status 404 where a person has mistyped an address; `None` where the core answers.
pub(crate) async fn answer(asked: &http::request::Parts, env: &Env) -> Result<Option<web_sys::Response>, JsValue> {
    let path = asked.uri.path();
    if WHOLE.contains(&path)
        || FUNCTIONS.iter().any(|functions| path.starts_with(functions))
        || ![http::Method::GET, http::Method::HEAD].contains(&asked.method)
    {
        return Ok(None);
    }
    match assets::missing(path) {
        Missing::Page => {
            let assets = js_sys::Reflect::get(env, &BINDING.into())?;
            // Without the binding the page cannot be had.
            if assets.is_object() { not_found(assets.unchecked_ref()).boxed_local().await.map(Some) } else { Ok(None) }
        }
        Missing::Nothing => Ok(None),
    }
}

/// The page's headers stay, but for those of its cache.
async fn not_found(assets: &Assets) -> Result<web_sys::Response, JsValue> {
    let page: web_sys::Response = assets.fetch(PAGE).await?.unchecked_into();
    let headers = web_sys::Headers::new_with_headers(&page.headers())?;
    headers.delete("etag")?;
    headers.set("cache-control", "no-store")?;
    let init = web_sys::ResponseInit::new();
    init.set_status(404);
    init.set_headers(&headers);
    web_sys::Response::new_with_opt_readable_stream_and_init(page.body().as_ref(), &init)
}
