//! Bodies that the core writes itself: an answer that is replayed, or told in another protocol than the model's.

use async_trait::async_trait;
use bytes::Bytes;

use crate::ReaderBody;

/// Makes bodies to be written while they are read.
pub trait Bodies {
    /// A body for a response, and the way into it.
    fn open(&self) -> (ReaderBody, Box<dyn BodyWriter>);
    /// Reads the body of a split answer in its reader's place. Each byte passes through the core then: it is for readers who want other bytes than the model's. `None`:
    /// the core wrote that body.
    fn read(&self, body: ReaderBody) -> Option<Box<dyn BodyReader>>;
}

/// The way out of a body. Dropping it before its end is the reader's leaving.
#[async_trait(?Send)]
pub trait BodyReader {
    /// All that has come since the last time, once there is any. `None`: it is over, in order or not. Dropping the future before it is ready
    /// loses nothing.
    async fn next(&mut self) -> Option<Bytes>;
}

/// The way into a body. Dropping it ends the body as if it had broken off.
#[async_trait(?Send)]
pub trait BodyWriter {
    /// Writes `bytes` once the reader takes them.
    ///
    /// # Errors
    /// [`ReaderLeft`]: the reader is gone.
    async fn write(&mut self, bytes: Bytes) -> Result<(), ReaderLeft>;
    /// Asks whether the reader is still there.
    ///
    /// # Errors
    /// [`ReaderLeft`]: they are not.
    async fn probe(&mut self) -> Result<(), ReaderLeft>;
    /// Ends the body in order.
    async fn close(self: Box<Self>);
}

/// The reader of a body has gone away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reader has left")]
pub struct ReaderLeft;
