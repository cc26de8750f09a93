//! Bodies as WASI has them: a stream of bytes, then a future that says whether it came to its end in order.

use bytes::{Bytes, BytesMut};
use platform::HttpError;
use spin_sdk::wasip3::http::types::{ErrorCode, Response, Trailers};
use spin_sdk::wasip3::wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult, StreamWriter};
use spin_sdk::wasip3::{wit_future, wit_stream};

/// What one read takes at most, in bytes.
const BUFFER: usize = 16 * 1024;

/// How a body ended: what follows its last byte.
pub(crate) type Ending = Result<Option<Trailers>, ErrorCode>;

/// The body of an answer to us. Dropping it closes the connection.
pub(crate) struct Incoming {
    stream: StreamReader<u8>,
    ending: Option<FutureReader<Ending>>,
    /// For the next read: a body costs one buffer, whatever the number of its chunks.
    buffer: Vec<u8>,
    /// Tells the host, when it is dropped, that nothing more will be read.
    _reading: FutureWriter<Result<(), ErrorCode>>,
}

/// What one read brought.
pub(crate) enum Read {
    /// One or more bytes.
    Bytes(Bytes),
    /// The body is over, in order.
    End,
    /// The connection broke.
    Broken(ErrorCode),
}

impl Incoming {
    pub(crate) fn new(response: Response) -> Self {
        let (reading, read) = wit_future::new(|| Ok(()));
        let (stream, ending) = Response::consume_body(response, read);
        Self { stream, ending: Some(ending), buffer: Vec::with_capacity(BUFFER), _reading: reading }
    }

    /// Waits for the next bytes.
    pub(crate) async fn read(&mut self) -> Read {
        loop {
            let (result, mut buffer) = self.stream.read(std::mem::take(&mut self.buffer)).await;
            let bytes = Bytes::copy_from_slice(&buffer);
            buffer.clear();
            self.buffer = buffer;
            if !bytes.is_empty() {
                return Read::Bytes(bytes);
            }
            if result == StreamResult::Dropped {
                break;
            }
        }
        match self.ending.take() {
            Some(ending) => ending.await.map_or_else(Read::Broken, |_| Read::End),
            None => Read::End,
        }
    }

    /// Reads the whole body, at most `limit` bytes.
    pub(crate) async fn collect(mut self, limit: usize) -> Result<Bytes, HttpError> {
        let mut all = BytesMut::new();
        loop {
            match self.read().await {
                Read::Bytes(bytes) if all.len() + bytes.len() > limit => return Err(HttpError::TooLarge(limit)),
                Read::Bytes(bytes) => all.extend_from_slice(&bytes),
                Read::End => return Ok(all.freeze()),
                Read::Broken(error) => return Err(HttpError::Connection(error.to_string())),
            }
        }
    }
}

/// Where a body of ours is written.
pub(crate) struct Outgoing {
    stream: StreamWriter<u8>,
    ending: FutureWriter<Ending>,
}

/// The other end of an [`Outgoing`], for a request or response of ours. Dropping it unread is what a reader's leaving looks like.
pub(crate) struct Contents {
    pub(crate) stream: StreamReader<u8>,
    pub(crate) ending: FutureReader<Ending>,
}

/// Nobody takes what is written any more.
pub(crate) struct Refused;

/// A body to be written, and its other end.
pub(crate) fn outgoing() -> (Outgoing, Contents) {
    let (stream, contents) = wit_stream::new();
    // A body that is dropped before its end must not pass for whole.
    let (ending, ended) = wit_future::new(|| Err(ErrorCode::HttpResponseIncomplete));
    (Outgoing { stream, ending }, Contents { stream: contents, ending: ended })
}

impl Outgoing {
    /// Writes all of `bytes`, as fast as they are taken.
    pub(crate) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Refused> {
        let left = self.stream.write_all(bytes).await;
        if left.is_empty() { Ok(()) } else { Err(Refused) }
    }

    /// Asks whether anybody is there to take the next bytes.
    pub(crate) async fn probe(&mut self) -> Result<(), Refused> {
        match self.stream.write(Vec::new()).await {
            (StreamResult::Dropped, _) => Err(Refused),
            (StreamResult::Complete(_) | StreamResult::Cancelled, _) => Ok(()),
        }
    }

    /// Ends the body in order.
    pub(crate) async fn end(self) {
        drop(self.stream);
        // A reader who has left needs no end.
        let _unread = self.ending.write(Ok(None)).await;
    }
}
