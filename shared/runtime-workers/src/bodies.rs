//! Bodies of the core's own writing: the runtime's pass-through stream, written from Wasm.

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{Either, select};
use platform::{Bodies, BodyWriter, ReaderBody, ReaderLeft};
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
