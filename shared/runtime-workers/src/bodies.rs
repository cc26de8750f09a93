//! Bodies of the core's own writing: the runtime's pass-through stream, written from Wasm.

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{Either, select};
use js_sys::Promise;
use platform::{Bodies, BodyReader, BodyWriter, ReaderBody, ReaderLeft};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::js::IdentityTransformStream;
use crate::tape::Left;

/// Makes such bodies.
pub(crate) struct StreamBodies {
    left: Left,
}

impl StreamBodies {
    /// `left` resolves when the client of this request leaves.
    pub(crate) fn new(left: Left) -> Self {
        Self { left }
    }
}

impl Bodies for StreamBodies {
    fn open(&self) -> (ReaderBody, Box<dyn BodyWriter>) {
        let identity = IdentityTransformStream::new();
        let writer = identity.writable().get_writer().ok();
        (ReaderBody(Box::new(identity.readable())), Box::new(StreamWriter { writer, left: self.left.clone() }))
    }

    fn read(&self, body: ReaderBody) -> Option<Box<dyn BodyReader>> {
        let stream = body.0.downcast::<web_sys::ReadableStream>().ok()?;
        Some(Box::new(StreamReader { gathered: Gathered::of(stream.get_reader().unchecked_into()), taking: None }))
    }
}

#[wasm_bindgen(module = "/src/gathered.js")]
extern "C" {
    /// A stream that is read as it comes, without a call of Wasm for each chunk.
    type Gathered;

    #[wasm_bindgen(constructor)]
    fn of(reader: web_sys::ReadableStreamDefaultReader) -> Gathered;

    /// All that has come since the last time, in one piece, once there is any; `undefined` at the end.
    #[wasm_bindgen(method)]
    fn take(this: &Gathered) -> Promise;

    /// Nothing more is wanted.
    #[wasm_bindgen(method)]
    fn leave(this: &Gathered);
}

struct StreamReader {
    gathered: Gathered,
    /// The taking that has begun: it is kept over a dropped future, because no other has the bytes that it will bring.
    taking: Option<JsFuture>,
}

#[async_trait(?Send)]
impl BodyReader for StreamReader {
    async fn next(&mut self) -> Option<Bytes> {
        let taking = self.taking.get_or_insert_with(|| JsFuture::from(self.gathered.take()));
        let taken = taking.await;
        self.taking = None;
        taken.ok()?.dyn_into::<js_sys::Uint8Array>().ok().map(|bytes| bytes.to_vec().into())
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        self.gathered.leave();
    }
}

struct StreamWriter {
    writer: Option<web_sys::WritableStreamDefaultWriter>,
    left: Left,
}

#[async_trait(?Send)]
impl BodyWriter for StreamWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), ReaderLeft> {
        let writer = self.writer.as_ref().ok_or(ReaderLeft)?;
        let writing = JsFuture::from(writer.write_with_chunk(&js_sys::Uint8Array::from(&*bytes)));
        match select(writing, self.left.clone()).await {
            Either::Left((Ok(_), _)) => Ok(()),
            Either::Left((Err(_), _)) | Either::Right(((), _)) => Err(ReaderLeft),
        }
    }

    async fn probe(&mut self) -> Result<(), ReaderLeft> {
        if self.left.clone().now_or_never().is_some() { Err(ReaderLeft) } else { Ok(()) }
    }

    async fn close(mut self: Box<Self>) {
        if let Some(writer) = self.writer.take() {
            // A reader who has left needs no end.
            let _unread = select(JsFuture::from(writer.close()), self.left.clone()).await;
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        if let Some(writer) = &self.writer {
            let _aborting = writer.abort();
        }
    }
}
