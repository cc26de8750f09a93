//! Bodies that the core writes itself: an answer that is replayed.

use async_trait::async_trait;
use bytes::Bytes;

use crate::ReaderBody;

/// Makes bodies to be written while they are read.
pub trait Bodies {
    /// A body for a response, and the way into it.
    fn open(&self) -> (ReaderBody, Box<dyn BodyWriter>);
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
