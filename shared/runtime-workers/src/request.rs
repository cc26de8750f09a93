//! From the runtime's request to the core's.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use platform::{HttpError, IncomingBody};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// Set by Cloudflare itself; what a client sends under this name is overwritten there.
const CLIENT_ADDRESS: &str = "cf-connecting-ip";

/// Converts head and client address; the body stays where it is.
pub(crate) fn incoming(request: web_sys::Request) -> Result<api::Incoming, worker::Error> {
    let invalid = |error: http::Error| worker::Error::RustError(error.to_string());
    let url = request.url();
    // Only path and query: what follows the scheme's two slashes up to the next one is ours, not the client's.
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let mut head = http::Request::builder().method(request.method().as_str()).uri(format!("/{path}"));
    for entry in request.headers().entries() {
        let entry: js_sys::Array = entry?.unchecked_into();
        if let (Some(name), Some(value)) = (entry.get(0).as_string(), entry.get(1).as_string()) {
            head = head.header(name, value);
        }
    }
    let (parts, ()) = head.body(()).map_err(invalid)?.into_parts();
    let client = parts.headers.get(CLIENT_ADDRESS).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(api::Incoming { parts, body: Box::new(RequestBody { request }), client, comes_too_often: false })
}

struct RequestBody {
    request: web_sys::Request,
}

#[async_trait(?Send)]
impl IncomingBody for RequestBody {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        let Some(stream) = self.request.body() else { return Ok(Bytes::new()) };
        collect(&stream, limit).await
    }
}

/// Reads a stream to its end, at most `limit` bytes.
pub(crate) async fn collect(stream: &web_sys::ReadableStream, limit: usize) -> Result<Bytes, HttpError> {
    let reader: web_sys::ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut all = BytesMut::new();
    loop {
        let result = JsFuture::from(reader.read()).await.map_err(|error| HttpError::Connection(js::words(&error)))?;
        if js_sys::Reflect::get(&result, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(all.freeze());
        }
        let chunk = js_sys::Reflect::get(&result, &"value".into()).map(js_sys::Uint8Array::from);
        let chunk = chunk.map_err(|error| HttpError::Connection(js::words(&error)))?.to_vec();
        if all.len() + chunk.len() > limit {
            // Nobody waits for the rest; whether cancelling succeeds changes nothing.
            drop(reader.cancel());
            return Err(HttpError::TooLarge(limit));
        }
        all.extend_from_slice(&chunk);
    }
}

/// Resolves when the client leaves (compatibility flag `enable_request_signal`), otherwise never.
pub(crate) fn left(request: &web_sys::Request) -> LocalBoxFuture<'static, ()> {
    let signal = request.signal();
    let (sender, left) = oneshot::channel::<()>();
    let mut sender = Some(sender);
    let on_abort = Closure::<dyn FnMut()>::new(move || {
        if let Some(sender) = sender.take() {
            // The other end is gone once the response has been made.
            let _gone = sender.send(());
        }
    });
    let listening = signal.add_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref());
    let already = signal.aborted();
    Box::pin(async move {
        if already {
            return;
        }
        let heard = listening.is_ok() && left.await.is_ok();
        let _forget = signal.remove_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref());
        if !heard {
            futures::future::pending::<()>().await;
        }
    })
}
