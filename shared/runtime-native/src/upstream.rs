//! The model call: a body that is copied into a channel for the reader and a tape for the recorder.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use platform::{HttpError, Leaving, Opened, ReaderBody, RelayEnd, Split, Tape, Upstream, UpstreamBody};
use tokio::sync::mpsc;

use reqwest_client::words;

/// Chunks under way to a reader who is slower than upstream.
const READER_QUEUE: usize = 16;

/// What a native reader gets: its chunks, in order; dropping it is leaving.
pub type ReaderChannel = mpsc::Receiver<Bytes>;

/// Opens streaming answers.
pub(crate) struct ReqwestUpstream {
    client: reqwest::Client,
}

impl ReqwestUpstream {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

#[async_trait(?Send)]
impl Upstream for ReqwestUpstream {
    async fn open(&self, request: http::Request<Bytes>, head: Duration) -> Result<Opened, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(|error| HttpError::BadRequest(words(error)))?;
        let answer = match tokio::time::timeout(head, self.client.execute(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(HttpError::Connection(words(error))),
            Err(_) => return Err(HttpError::Timeout(head)),
        };
        Ok(Opened { status: answer.status(), headers: answer.headers().clone(), body: Box::new(Body { answer }) })
    }
}

struct Body {
    answer: reqwest::Response,
}

#[async_trait(?Send)]
impl UpstreamBody for Body {
    async fn collect(mut self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.answer.chunk().await.map_err(|error| HttpError::Connection(words(error)))? {
            if all.len() + chunk.len() > limit {
                return Err(HttpError::TooLarge(limit));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    fn split(self: Box<Self>, leaving: Leaving) -> Split {
        let (sender, receiver) = mpsc::channel(READER_QUEUE);
        let reader: ReaderChannel = receiver;
        let tape = ChunkTape { leaving, ..ChunkTape::new(self.answer, Some(sender)) };
        Split { reader: ReaderBody(Box::new(reader)), tape: Box::new(tape) }
    }

    fn record(self: Box<Self>) -> Box<dyn Tape> {
        Box::new(ChunkTape::new(self.answer, None))
    }
}

/// Reads upstream chunk by chunk and hands each on before it is recorded.
struct ChunkTape {
    answer: Option<reqwest::Response>,
    reader: Option<mpsc::Sender<Bytes>>,
    leaving: Leaving,
    end: RelayEnd,
}

impl ChunkTape {
    fn new(answer: reqwest::Response, reader: Option<mpsc::Sender<Bytes>>) -> Self {
        Self { answer: Some(answer), reader, leaving: Leaving::ClosesUpstream, end: RelayEnd::Complete }
    }

    fn over(&mut self, end: RelayEnd) -> Option<Bytes> {
        self.end = end;
        self.answer = None;
        None
    }
}

#[async_trait(?Send)]
impl Tape for ChunkTape {
    async fn next(&mut self) -> Option<Bytes> {
        let answer = self.answer.as_mut()?;
        let chunk = match &self.reader {
            Some(reader) if self.leaving == Leaving::ClosesUpstream => tokio::select! {
                chunk = answer.chunk() => chunk,
                () = reader.closed() => return self.over(RelayEnd::ReaderLeft),
            },
            Some(_) | None => answer.chunk().await,
        };
        match chunk {
            Ok(Some(chunk)) => {
                if let Some(reader) = &self.reader
                    && reader.send(chunk.clone()).await.is_err()
                    && self.leaving == Leaving::ClosesUpstream
                {
                    // The chunk came before the reader was known to be gone: it counts as arrived.
                    self.end = RelayEnd::ReaderLeft;
                    self.answer = None;
                }
                Some(chunk)
            }
            Ok(None) => self.over(RelayEnd::Complete),
            Err(_) => self.over(RelayEnd::Broken),
        }
    }

    fn take_batches(&mut self) {}

    fn stop(&mut self) {
        self.answer = None;
    }

    fn reader_has_left(&self) -> bool {
        self.reader.as_ref().is_some_and(mpsc::Sender::is_closed)
    }

    fn end(&self) -> RelayEnd {
        self.end
    }

    async fn close_with(&mut self, last: Bytes) {
        self.answer = None;
        if let Some(reader) = self.reader.take()
            && !last.is_empty()
        {
            // A reader who has left reads nothing: no harm in failing.
            let _unread = reader.send(last).await;
        }
    }
}
