//! Bodies of the core's own writing.

use async_trait::async_trait;
use bytes::Bytes;
use platform::{Bodies, BodyWriter, ReaderBody, ReaderLeft};

use crate::body::{self, Outgoing, Refused};

/// Makes such bodies.
pub(crate) struct WasiBodies;

impl Bodies for WasiBodies {
    fn open(&self) -> (ReaderBody, Box<dyn BodyWriter>) {
        let (writer, contents) = body::outgoing();
        (ReaderBody(Box::new(contents)), Box::new(WasiWriter(writer)))
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
