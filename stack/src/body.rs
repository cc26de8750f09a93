//! The body of an answer: whole or streamed, counted for the call log, and cut off where a fault says so.

use crate::calls::Call;
use bytes::Bytes;
use futures::Stream;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// How long a connection is left open before it is cut, so that what was sent before the cut reaches the client.
const CUT_GRACE: Duration = Duration::from_millis(5);

/// The connection is closed here, in the middle of things, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub struct Cut;

/// Chunks as they are to be sent; [`Cut`] closes the connection.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Cut>> + Send>>;

/// What a face answers with.
pub enum Content {
    /// Known in full, sent with its length.
    Whole(Bytes),
    /// Sent piece by piece, each as soon as it is there.
    Chunks(Chunks),
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(bytes.into())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Whole(text.into())
    }
}

impl From<&'static str> for Content {
    fn from(text: &'static str) -> Self {
        Self::Whole(Bytes::from_static(text.as_bytes()))
    }
}

/// Where a fault ends a body.
#[derive(Clone, Copy, Debug, Default)]
pub struct CutAfter {
    /// After this many bytes.
    pub bytes: Option<u64>,
    /// After this many chunks.
    pub chunks: Option<u64>,
}

/// A body on its way to the client. Dropped before its end, it tells the call log that the client has left.
pub struct AnswerBody {
    content: Content,
    call: Call,
    cut: CutAfter,
    chunks: u64,
    bytes: u64,
    cutting: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

impl AnswerBody {
    /// Wraps `content`; `call` hears about every chunk and about the end.
    pub fn new(content: Content, call: Call, mut cut: CutAfter) -> Self {
        if let Content::Whole(whole) = &content {
            // A whole body is one chunk: what lies behind its end is no cut.
            cut.bytes = cut.bytes.filter(|bytes| *bytes < whole.len() as u64);
            cut.chunks = cut.chunks.filter(|chunks| *chunks == 0);
        }
        Self { content, call, cut, chunks: 0, bytes: 0, cutting: None, ended: false }
    }

    fn sent(&mut self, data: Bytes) -> Option<Result<Frame<Bytes>, Cut>> {
        let limit = self.cut.bytes.map(|limit| limit.saturating_sub(self.bytes));
        let data = match limit.and_then(|limit| usize::try_from(limit).ok()) {
            Some(limit) if limit <= data.len() => {
                self.start_cut();
                data.slice(..limit)
            }
            _ => data,
        };
        self.chunks += 1;
        self.bytes += data.len() as u64;
        self.call.progress(self.chunks, self.bytes);
        if self.cut.chunks.is_some_and(|limit| limit <= self.chunks) {
            self.start_cut();
        }
        Some(Ok(Frame::data(data)))
    }

    fn start_cut(&mut self) {
        if self.cutting.is_none() {
            self.cutting = Some(Box::pin(tokio::time::sleep(CUT_GRACE)));
        }
    }

    fn end(&mut self, outcome: &str) {
        self.ended = true;
        self.call.end(outcome);
    }

    fn is_cut(&self) -> bool {
        self.cut.bytes.is_some() || self.cut.chunks.is_some()
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        if this.cutting.is_none() && (this.cut.bytes == Some(0) || this.cut.chunks == Some(0)) {
            this.start_cut();
        }
        if let Some(cutting) = &mut this.cutting {
            std::task::ready!(cutting.as_mut().poll(cx));
            this.end("fault:cut");
            return Poll::Ready(Some(Err(Cut)));
        }
        let cut = this.is_cut();
        match &mut this.content {
            Content::Whole(whole) if whole.is_empty() => {
                this.end("ok");
                Poll::Ready(None)
            }
            Content::Whole(whole) => {
                let data = std::mem::take(whole);
                let frame = this.sent(data);
                if !cut {
                    this.end("ok");
                }
                Poll::Ready(frame)
            }
            Content::Chunks(chunks) => match std::task::ready!(chunks.as_mut().poll_next(cx)) {
                Some(Ok(data)) => Poll::Ready(this.sent(data)),
                Some(Err(Cut)) => {
                    this.start_cut();
                    // Registers the timer's waker, and lets hyper flush what was sent so far.
                    Pin::new(this).poll_frame(cx)
                }
                None => {
                    this.end("ok");
                    Poll::Ready(None)
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(whole) if !self.ended => SizeHint::with_exact(whole.len() as u64),
            Content::Whole(_) => SizeHint::with_exact(0),
            Content::Chunks(_) => SizeHint::default(),
        }
    }
}
