//! Bodies of the core's own writing: a channel.

use async_trait::async_trait;
use bytes::Bytes;
use platform::{Bodies, BodyReader, BodyWriter, ReaderBody, ReaderLeft};
use tokio::sync::mpsc;

use crate::upstream::ReaderChannel;

/// Makes such bodies.
pub(crate) struct ChannelBodies;

impl Bodies for ChannelBodies {
    fn open(&self) -> (ReaderBody, Box<dyn BodyWriter>) {
        let (sender, receiver) = mpsc::channel(1);
        let reader: ReaderChannel = receiver;
        (ReaderBody(Box::new(reader)), Box::new(ChannelWriter(sender)))
    }

    fn read(&self, body: ReaderBody) -> Option<Box<dyn BodyReader>> {
        let reader = body.0.downcast::<ReaderChannel>().ok()?;
        Some(Box::new(ChannelReader(*reader)))
    }
}

struct ChannelReader(ReaderChannel);

#[async_trait(?Send)]
impl BodyReader for ChannelReader {
    async fn next(&mut self) -> Option<Bytes> {
        self.0.recv().await
    }
}

struct ChannelWriter(mpsc::Sender<Bytes>);

#[async_trait(?Send)]
impl BodyWriter for ChannelWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), ReaderLeft> {
        self.0.send(bytes).await.map_err(|_| ReaderLeft)
    }

    async fn probe(&mut self) -> Result<(), ReaderLeft> {
        if self.0.is_closed() { Err(ReaderLeft) } else { Ok(()) }
    }

    async fn close(self: Box<Self>) {}
}
