//! The model's answer: head first, then a body that is read by the visitor and by the recorder at once.

use std::any::Any;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::HttpError;

/// Opens streaming answers.
#[async_trait(?Send)]
pub trait Upstream {
    /// Sends `request` and waits at most `head` for status and headers. Dropping the future, or what it returns, closes the
    /// connection, so that a model stops generating.
    async fn open(&self, request: http::Request<Bytes>, head: Duration) -> Result<Opened, HttpError>;
}

/// An answer whose body has not been read yet.
pub struct Opened {
    /// The status as sent.
    pub status: StatusCode,
    /// The headers as sent.
    pub headers: HeaderMap,
    /// The body, still on the wire.
    pub body: Box<dyn UpstreamBody>,
}

/// A body on the wire. Dropping it unread closes the connection.
#[async_trait(?Send)]
pub trait UpstreamBody {
    /// Reads the whole body, at most `limit` bytes: error bodies and plain answers.
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError>;
    /// Splits the body between the reader and the recorder, without a copy of ours on the reader's way.
    fn split(self: Box<Self>, leaving: Leaving) -> Split;
    /// Gives the whole body to the recorder: there is no reader.
    fn record(self: Box<Self>) -> Box<dyn Tape>;
}

/// What the reader's leaving does to upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It is closed at once.
    ClosesUpstream,
    /// Nothing: the tape runs to upstream's end.
    ChangesNothing,
}

/// Both ends of a split body.
pub struct Split {
    /// For the response.
    pub reader: ReaderBody,
    /// For the recorder.
    pub tape: Box<dyn Tape>,
}

/// What the reader is given, opaque to the core: a `ReadableStream`, an `http_body`, a channel. Only its own runtime opens it,
/// so no byte of it is polled by core code, but where the core reads it in its reader's place (`Bodies::read`).
pub struct ReaderBody(pub Box<dyn Any>);

/// The recorder's copy of the stream.
///
/// An adapter promises: every byte that may have reached the reader is in `next` before `end` is asked; when the reader leaves,
/// upstream's connection is closed at once and `next` ends, unless [`Leaving`] says otherwise; dropping the tape early closes upstream and ends the reader's body.
#[async_trait(?Send)]
pub trait Tape {
    /// The bytes that came since the last call, at first as they come, after [`Tape::take_batches`] in batches. `None`: it is over,
    /// ask [`Tape::end`].
    /// Dropping the future before it is ready loses nothing.
    async fn next(&mut self) -> Option<Bytes>;
    /// From now on a few batches a second are enough: no reader waits for the next bytes.
    fn take_batches(&mut self);
    /// Ends the stream on the reader's wish: `next` still gives what has arrived by now, and upstream is closed.
    fn stop(&mut self);
    /// Whether the reader has left while the tape runs on, as [`Leaving::ChangesNothing`] lets it.
    fn reader_has_left(&self) -> bool;
    /// How the stream ended; meaningful once `next` returned `None`.
    fn end(&self) -> RelayEnd;
    /// Closes upstream if it still runs, writes `last` (nothing, if it is empty) after upstream's last byte and closes the reader's
    /// body. Every tape that has a reader ends with this call, in order or not.
    async fn close_with(&mut self, last: Bytes);
}

/// How a relayed stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayEnd {
    /// Upstream closed its body in order.
    Complete,
    /// Upstream's connection broke.
    Broken,
    /// The reader went away, upstream has been closed.
    ReaderLeft,
}
