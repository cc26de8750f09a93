//! The recorder's copy of a stream, taken on the way to the reader.
//!
//! Two tasks: one takes upstream's bytes in, gives each to the tape and then to the reader's queue; the other writes that queue
//! to the host. So a reader who is slow holds up neither the recording nor the model, as behind the tee on Workers; what waits
//! for them is at most one answer, which `CHAT_MAX_TOKENS` bounds. The reader's leaving is seen by the second task: its write is
//! refused, and while upstream is silent it asks a few times a second.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::channel::{mpsc, oneshot};
use futures::future::{self, Either, LocalBoxFuture, Shared, select};
use futures::{FutureExt, StreamExt};
use platform::{Leaving, ReaderBody, RelayEnd, Split, Tape};

use crate::body::{self, Contents, Incoming, Outgoing, Read, Refused};
use crate::clock;
use crate::tasks::Spawner;

/// How often the tape is emptied. At 200 ms a 30 s answer costs 150 wake-ups of the recorder, whatever the number of its chunks.
const TAKE_EVERY: Duration = Duration::from_millis(200);

/// How often a silent reader's connection is checked: a leaving must be noticed within a second.
const PROBE_EVERY: Duration = Duration::from_millis(250);

/// What a reader of this runtime gets.
pub(crate) enum Reader {
    /// A body that the core writes.
    Written(Contents),
    /// What comes from the model.
    Queued(Queue),
}

impl Reader {
    /// What the host gives to the reader. A queue is handed out from now on.
    pub(crate) fn contents(self, spawner: &Spawner) -> Contents {
        match self {
            Self::Written(contents) => contents,
            Self::Queued(queue) => {
                let (writer, contents) = body::outgoing();
                spawner.spawn(hand_out(queue, writer));
                contents
            }
        }
    }
}

/// What has come for a reader and was not taken yet. Dropping it is the reader's leaving.
pub(crate) struct Queue {
    queued: mpsc::UnboundedReceiver<Bytes>,
    _serving: oneshot::Sender<()>,
}

impl Queue {
    /// All that has come since the last time, once there is any. `None`: it is over.
    pub(crate) async fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = Vec::from(self.queued.next().await?);
        while let Ok(next) = self.queued.try_recv() {
            bytes.extend_from_slice(&next);
        }
        Some(bytes)
    }
}

/// Resolves when its other end is dropped.
type Gone = Shared<oneshot::Receiver<()>>;

struct ChunkTape {
    chunks: mpsc::UnboundedReceiver<Bytes>,
    reader: Option<ReaderSide>,
    /// Dropping it closes upstream.
    upstream: Option<oneshot::Sender<()>>,
    /// Upstream has been read to its end, or closed.
    over: Gone,
    end: Rc<Cell<RelayEnd>>,
    rest_before_taking: bool,
}

/// The way to the reader.
struct ReaderSide {
    queue: mpsc::UnboundedSender<Bytes>,
    /// All that was queued has been taken, or the reader is gone.
    served: Gone,
}

/// Splits `upstream` between a reader and a tape.
pub(crate) fn split(upstream: Incoming, leaving: Leaving, spawner: &Spawner) -> Split {
    let (queue, queued) = mpsc::unbounded();
    let (serving, served) = oneshot::channel();
    let side = ReaderSide { queue, served: served.shared() };
    let tape = ChunkTape::start(upstream, Some(side), leaving, spawner);
    let reader = Reader::Queued(Queue { queued, _serving: serving });
    Split { reader: ReaderBody(Box::new(reader)), tape: Box::new(tape) }
}

/// Gives the whole of `upstream` to a tape.
pub(crate) fn record(upstream: Incoming, spawner: &Spawner) -> Box<dyn Tape> {
    Box::new(ChunkTape::start(upstream, None, Leaving::ChangesNothing, spawner))
}

/// Writes what is queued until the queue is closed or the reader has left; the queue is dropped then.
async fn hand_out(mut queue: Queue, mut writer: Outgoing) {
    // One timer spans many chunks: setting it anew for each would cost more than handing them out.
    let mut pause = Box::pin(clock::sleep(PROBE_EVERY));
    loop {
        let handed = match select(pin!(queue.next()), pause).await {
            Either::Left((None, _)) => return writer.end().await,
            Either::Left((Some(bytes), rest)) => {
                pause = rest;
                writer.write(bytes).await
            }
            Either::Right(((), _)) => {
                pause = Box::pin(clock::sleep(PROBE_EVERY));
                writer.probe().await
            }
        };
        if let Err(Refused) = handed {
            return;
        }
    }
}

/// Reads upstream to its end, unless the reader leaves or the tape closes it. Upstream's connection is closed when this ends.
async fn take_in(
    mut upstream: Incoming,
    tape: mpsc::UnboundedSender<Bytes>,
    queue: Option<mpsc::UnboundedSender<Bytes>>,
    mut left: LocalBoxFuture<'static, ()>,
) -> RelayEnd {
    loop {
        let read = match select(std::pin::pin!(upstream.read()), &mut left).await {
            Either::Left((read, _)) => read,
            Either::Right(((), _)) => return RelayEnd::ReaderLeft,
        };
        match read {
            Read::Bytes(bytes) => {
                // First the tape: what a reader may have seen is always kept.
                let _closed = tape.unbounded_send(bytes.clone());
                if let Some(queue) = &queue {
                    // Refused when the reader has left, which `left` says next.
                    let _left = queue.unbounded_send(bytes);
                }
            }
            Read::End => return RelayEnd::Complete,
            Read::Broken(_) => return RelayEnd::Broken,
        }
    }
}

impl ChunkTape {
    fn start(upstream: Incoming, reader: Option<ReaderSide>, leaving: Leaving, spawner: &Spawner) -> Self {
        let (tape, chunks) = mpsc::unbounded();
        let (open, closed) = oneshot::channel::<()>();
        let (running, over) = oneshot::channel::<()>();
        let end = Rc::new(Cell::new(RelayEnd::Complete));
        let queue = reader.as_ref().map(|side| side.queue.clone());
        let left = match (&reader, leaving) {
            (Some(side), Leaving::ClosesUpstream) => side.served.clone().map(drop).boxed_local(),
            // A recording without a reader never sees one leave.
            (Some(_), Leaving::ChangesNothing) | (None, _) => future::pending().boxed_local(),
        };
        let ended = Rc::clone(&end);
        spawner.spawn(async move {
            let taking = std::pin::pin!(take_in(upstream, tape, queue, left));
            // A tape that closes upstream asks no more how it ended.
            if let Either::Left((end, _)) = select(taking, closed).await {
                ended.set(end);
            }
            drop(running);
        });
        Self { chunks, reader, upstream: Some(open), over: over.shared(), end, rest_before_taking: false }
    }
}

#[async_trait(?Send)]
impl Tape for ChunkTape {
    async fn next(&mut self) -> Option<Bytes> {
        if self.rest_before_taking {
            // Shorter if it ends: what is left then should not keep the reader waiting.
            select(self.over.clone(), std::pin::pin!(clock::sleep(TAKE_EVERY))).await;
        }
        let mut batch = Vec::from(self.chunks.next().await?);
        while let Ok(next) = self.chunks.try_recv() {
            batch.extend_from_slice(&next);
        }
        Some(batch.into())
    }

    fn take_batches(&mut self) {
        self.rest_before_taking = true;
    }

    fn stop(&mut self) {
        drop(self.upstream.take());
        self.rest_before_taking = false;
    }

    fn reader_has_left(&self) -> bool {
        self.reader.as_ref().is_some_and(|side| side.served.clone().now_or_never().is_some())
    }

    fn end(&self) -> RelayEnd {
        self.end.get()
    }

    async fn close_with(&mut self, last: Bytes) {
        drop(self.upstream.take());
        let Some(ReaderSide { queue, served }) = self.reader.take() else { return };
        // Nothing may follow `last`.
        let _over = self.over.clone().await;
        if !last.is_empty() {
            // A reader who has left reads nothing: no harm in failing.
            let _unread = queue.unbounded_send(last);
        }
        drop(queue);
        let _served = served.await;
    }
}
