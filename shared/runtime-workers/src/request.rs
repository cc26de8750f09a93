//! From the runtime's request to the core's.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use http::header;
use platform::{HttpError, IncomingBody};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::call::{lost, whole};
use crate::head;

/// Set by Cloudflare itself; what a client sends under this name is overwritten there.
const CLIENT_ADDRESS: &str = "cf-connecting-ip";

/// Converts head and client address; the body stays where it is.
pub(crate) fn incoming(request: web_sys::Request) -> Result<api::Incoming, worker::Error> {
    let invalid = |error: http::Error| worker::Error::RustError(error.to_string());
    let url = request.url();
    // Only path and query: what follows the scheme's two slashes up to the next one is ours, not the client's.
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let head = http::Request::builder().method(request.method().as_str()).uri(format!("/{path}"));
    let (mut parts, ()) = head.body(()).map_err(invalid)?.into_parts();
    parts.headers = head::read(&request.headers());
    let client = parts.headers.get(CLIENT_ADDRESS).and_then(|value| value.to_str().ok()?.parse().ok());
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = Box::new(RequestBody { request, length });
    Ok(api::Incoming { parts, body, client })
}

struct RequestBody {
    request: web_sys::Request,
    /// As its sender says, which the runtime holds them to.
    length: Option<usize>,
}

#[async_trait(?Send)]
impl IncomingBody for RequestBody {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        match self.length {
            Some(length) if length > limit => Err(HttpError::TooLarge(limit)),
            // In one piece: each that is read by itself is several calls.
            Some(_) => whole(self.request.array_buffer()).await,
            None => match self.request.body() {
                Some(stream) => collect(&stream, limit).await,
                None => Ok(Bytes::new()),
            },
        }
    }
}

/// Reads a stream to its end, at most `limit` bytes.
pub(crate) async fn collect(stream: &web_sys::ReadableStream, limit: usize) -> Result<Bytes, HttpError> {
    let reader: web_sys::ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut all = BytesMut::new();
    loop {
        let result = JsFuture::from(reader.read()).await.map_err(|error| lost(&error))?;
        if js_sys::Reflect::get(&result, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(all.freeze());
        }
        let chunk = js_sys::Reflect::get(&result, &"value".into()).map(js_sys::Uint8Array::from);
        let chunk = chunk.map_err(|error| lost(&error))?.to_vec();
        if all.len() + chunk.len() > limit {
            // Nobody waits for the rest; whether cancelling succeeds changes nothing.
            drop(reader.cancel());
            return Err(HttpError::TooLarge(limit));
        }
        all.extend_from_slice(&chunk);
    }
}

/// Resolves when the client leaves (what `enable_request_signal` stood for before 2026-11-17), otherwise never. Listens from its first poll on: a
/// request that is answered at once is spared it.
pub(crate) fn left(request: web_sys::Request) -> LocalBoxFuture<'static, ()> {
    Box::pin(async move {
        let signal = request.signal();
        if signal.aborted() {
            return;
        }
        let (sender, left) = oneshot::channel::<()>();
        let on_abort = Closure::once(move || {
            // The other end is gone once the response has been made.
            let _gone = sender.send(());
        });
        let on_abort = on_abort.as_ref().unchecked_ref();
        let listening = signal.add_event_listener_with_callback("abort", on_abort);
        let heard = listening.is_ok() && left.await.is_ok();
        let _forget = signal.remove_event_listener_with_callback("abort", on_abort);
        if !heard {
            futures::future::pending::<()>().await;
        }
    })
}
