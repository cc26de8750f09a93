//! Bodies of the core's own writing.

use async_trait::async_trait;
use bytes::Bytes;
use platform::{Bodies, BodyReader, BodyWriter, ReaderBody, ReaderLeft};

use crate::body::{self, Outgoing, Refused};
use crate::tape::{Queue, Reader};

/// Makes such bodies.
pub(crate) struct WasiBodies;

impl Bodies for WasiBodies {
    fn open(&self) -> (ReaderBody, Box<dyn BodyWriter>) {
        let (writer, contents) = body::outgoing();
        (ReaderBody(Box::new(Reader::Written(contents))), Box::new(WasiWriter(writer)))
    }

    fn read(&self, body: ReaderBody) -> Option<Box<dyn BodyReader>> {
        match *body.0.downcast::<Reader>().ok()? {
            Reader::Queued(queue) => Some(Box::new(queue)),
            // No instance may read what it writes itself.
            Reader::Written(_) => None,
        }
    }
}

#[async_trait(?Send)]
impl BodyReader for Queue {
    async fn next(&mut self) -> Option<Bytes> {
        Queue::next(self).await.map(Bytes::from)
    }
}

struct WasiWriter(Outgoing);

#[async_trait(?Send)]
impl BodyWriter for WasiWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), ReaderLeft> {
        self.0.write(bytes.into()).await.map_err(|Refused| ReaderLeft)
    }

    async fn probe(&mut self) -> Result<(), ReaderLeft> {
        self.0.probe().await.map_err(|Refused| ReaderLeft)
    }

    async fn close(self: Box<Self>) {
        self.0.end().await;
    }
}
