//! The recorder's copy of a stream, taken beside a native pipe.
//!
//! The fetched body is teed. One branch is piped natively into an `IdentityTransformStream` whose readable side is the
//! response: those bytes never enter Wasm, and when the reader leaves, the pipe rejects. The other branch is read a few times a
//! second with a large buffer. Measured against the alternatives: docs/performance.md.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, Shared, select};
use platform::{Leaving, ReaderBody, RelayEnd, Split, Tape};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::js::IdentityTransformStream;
use crate::timers::Timers;

/// How often the copy is read. At 200 ms a 30 s answer costs 150 wake-ups of Wasm, whatever the number of its chunks.
const READ_EVERY: Duration = Duration::from_millis(200);

/// What one read takes at most, in bytes: at first, while a stream is as slow as a model usually is (each running answer holds one
/// such buffer), and once it has filled that. A full buffer is read on at once.
const BUFFERS: [u32; 2] = [4 * 1024, 64 * 1024];

/// How long the copy is still read once the way to the reader is broken: time to find what the tee already holds, all that the reader can have seen, and to see upstream's own error if that was the cause.
const DRAIN: Duration = Duration::from_millis(50);

/// How the pipe to the reader ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piped {
    Through,
    BrokenOff,
}

/// Resolves when the client leaves, also while upstream is silent and the pipe has nothing to fail on.
pub(crate) type Left = Shared<LocalBoxFuture<'static, ()>>;

type Pipe = Shared<LocalBoxFuture<'static, Piped>>;

struct StreamTape {
    source: Option<web_sys::ReadableStreamByobReader>,
    reader: Option<ReaderSide>,
    upstream: Option<web_sys::AbortController>,
    takes_batches: bool,
    /// The last read has not filled its buffer: nothing more was waiting.
    rest_before_reading: bool,
    /// The way to the reader has ended: no reason any more to hurry.
    reader_is_served: bool,
    /// The memory of the last read, for the next.
    buffer: Option<js_sys::ArrayBuffer>,
    /// One of [`BUFFERS`].
    capacity: u32,
    /// The read that has begun.
    reading: Option<JsFuture>,
    /// Since the way to the reader broke, or the answer was stopped: what ends the reading.
    drain: Option<Left>,
    timers: Timers,
    end: Rc<Cell<RelayEnd>>,
}

/// The way to the reader.
struct ReaderSide {
    pipe: Pipe,
    left: Left,
    leaving: Leaving,
    writable: web_sys::WritableStream,
}

impl ReaderSide {
    /// How the way to the reader ended, by the pipe or by the client's leaving.
    async fn over(&self) -> Piped {
        match select(self.pipe.clone(), self.left.clone()).await {
            Either::Left((piped, _)) => piped,
            Either::Right(((), _)) => Piped::BrokenOff,
        }
    }
}

/// What one look at the source brought.
enum Read {
    /// Some bytes, and the buffer they came in.
    Bytes(Bytes, js_sys::ArrayBuffer),
    End(RelayEnd),
}

/// Splits `body` between a response and a tape.
pub(crate) fn split(
    body: Option<web_sys::ReadableStream>,
    upstream: Option<web_sys::AbortController>,
    left: Left,
    leaving: Leaving,
    timers: Timers,
) -> Split {
    let identity = IdentityTransformStream::new();
    let (readable, writable) = (identity.readable(), identity.writable());
    let branches = body.map(|body| body.tee());
    let (reader_branch, tape_branch): (Option<web_sys::ReadableStream>, Option<web_sys::ReadableStream>) =
        match branches {
            Some(pair) => {
                let pair: js_sys::Array = pair.unchecked_into();
                (Some(pair.get(0).unchecked_into()), Some(pair.get(1).unchecked_into()))
            }
            None => (None, None),
        };
    let pipe = pipe(reader_branch, &writable);
    Split {
        reader: ReaderBody(Box::new(readable)),
        tape: Box::new(StreamTape::new(
            tape_branch,
            Some(ReaderSide { pipe, left, leaving, writable }),
            upstream,
            timers,
        )),
    }
}

/// Gives the whole of `body` to a tape.
pub(crate) fn record(
    body: Option<web_sys::ReadableStream>,
    upstream: Option<web_sys::AbortController>,
    timers: Timers,
) -> Box<dyn Tape> {
    Box::new(StreamTape::new(body, None, upstream, timers))
}

/// Starts the native pipe and follows it to its end.
fn pipe(from: Option<web_sys::ReadableStream>, to: &web_sys::WritableStream) -> Pipe {
    let options = web_sys::StreamPipeOptions::new();
    // Our own last event may follow upstream's last byte, also when upstream broke off.
    options.set_prevent_close(true);
    options.set_prevent_abort(true);
    let piping = from.map(|from| JsFuture::from(from.pipe_to_with_options(to, &options)));
    let piped = async move {
        match piping {
            Some(piping) => piping.await.map_or(Piped::BrokenOff, |_| Piped::Through),
            None => Piped::Through,
        }
    };
    let pipe = piped.boxed_local().shared();
    let driver = pipe.clone();
    spawn_local(async move {
        driver.await;
    });
    pipe
}

impl StreamTape {
    fn new(
        source: Option<web_sys::ReadableStream>,
        reader: Option<ReaderSide>,
        upstream: Option<web_sys::AbortController>,
        timers: Timers,
    ) -> Self {
        let source = source.map(|source| {
            let options = web_sys::ReadableStreamGetReaderOptions::new();
            options.set_mode(web_sys::ReadableStreamReaderMode::Byob);
            source.get_reader_with_options(&options).unchecked_into()
        });
        Self {
            source,
            reader,
            upstream,
            takes_batches: false,
            rest_before_reading: false,
            reader_is_served: false,
            buffer: None,
            capacity: BUFFERS[0],
            reading: None,
            drain: None,
            timers,
            end: Rc::new(Cell::new(RelayEnd::Complete)),
        }
    }

    /// Waits before the next read, shorter if the pipe ends: what is left then should not keep the reader waiting. Without a pipe
    /// nothing collects what comes, so that a read brings one chunk and a rest before each would be seconds of an answer.
    async fn rest(&mut self) {
        if let Some(side) = self.reader.as_ref().filter(|_| !self.reader_is_served)
            && let Either::Left(_) = select(std::pin::pin!(side.over()), self.timers.sleep(READ_EVERY)).await
        {
            self.reader_is_served = true;
        }
    }

    fn begin_reading(&mut self) -> Option<JsFuture> {
        let source = self.source.as_ref()?;
        let view = match self.buffer.take() {
            Some(buffer) => js_sys::Uint8Array::new(&buffer),
            None => js_sys::Uint8Array::new_with_length(self.capacity),
        };
        Some(JsFuture::from(source.read_with_array_buffer_view(&view)))
    }

    /// Reads until there is something, the stream ends, or the reader leaves. A read that has begun is kept over a dropped future:
    /// no other reader has the bytes it will bring.
    async fn read(&mut self) -> Read {
        if self.reading.is_none() {
            self.reading = self.begin_reading();
        }
        let Some(reading) = self.reading.as_mut() else { return Read::End(RelayEnd::Complete) };
        let follows_reader = |side: &&ReaderSide| side.leaving == Leaving::ClosesUpstream;
        let drain = match (&self.drain, self.reader.as_ref().filter(follows_reader)) {
            (Some(drain), _) => drain.clone(),
            (None, None) => {
                let result = reading.await;
                self.reading = None;
                return outcome(result);
            }
            (None, Some(side)) => match select(&mut *reading, std::pin::pin!(side.over())).await {
                Either::Left((result, _)) => {
                    self.reading = None;
                    return outcome(result);
                }
                // The pipe is through before the copy: its end is in the source too.
                Either::Right((Piped::Through, _)) => {
                    let result = reading.await;
                    self.reading = None;
                    return outcome(result);
                }
                // Either upstream broke, which the source says at once, or the reader left: then only what has come by now counts.
                Either::Right((Piped::BrokenOff, _)) => self.drain.insert(draining(&self.timers)).clone(),
            },
        };
        // The end of draining is asked first, so that a fast upstream cannot outrun it.
        match select(drain, reading).await {
            Either::Left(((), _)) => Read::End(RelayEnd::ReaderLeft),
            Either::Right((result, _)) => {
                self.reading = None;
                outcome(result)
            }
        }
    }

    fn close_upstream(&mut self) {
        if let Some(controller) = self.upstream.take() {
            controller.abort();
        }
    }
}

fn draining(timers: &Timers) -> Left {
    timers.sleep(DRAIN).boxed_local().shared()
}

fn outcome(result: Result<JsValue, JsValue>) -> Read {
    let Ok(result) = result else { return Read::End(RelayEnd::Broken) };
    let value = js_sys::Reflect::get(&result, &"value".into()).unwrap_or(JsValue::UNDEFINED);
    match value.dyn_into::<js_sys::Uint8Array>() {
        Ok(bytes) if bytes.length() > 0 => Read::Bytes(bytes.to_vec().into(), bytes.buffer()),
        Ok(_) | Err(_) => Read::End(RelayEnd::Complete),
    }
}

#[async_trait(?Send)]
impl Tape for StreamTape {
    async fn next(&mut self) -> Option<Bytes> {
        if self.takes_batches && self.rest_before_reading && self.drain.is_none() {
            self.rest().await;
        }
        match self.read().await {
            Read::Bytes(bytes, buffer) => {
                // A full buffer says that more is waiting.
                let is_full = bytes.len() >= self.capacity as usize;
                self.rest_before_reading = !is_full;
                if is_full && self.capacity < BUFFERS[1] {
                    self.capacity = BUFFERS[1];
                } else {
                    self.buffer = Some(buffer);
                }
                Some(bytes)
            }
            Read::End(end) => {
                self.end.set(end);
                self.reading = None;
                self.source = None;
                match end {
                    // There is nothing left to close.
                    RelayEnd::Complete => self.upstream = None,
                    RelayEnd::Broken | RelayEnd::ReaderLeft => self.close_upstream(),
                }
                None
            }
        }
    }

    fn take_batches(&mut self) {
        self.takes_batches = true;
    }

    fn stop(&mut self) {
        self.drain.get_or_insert_with(|| draining(&self.timers));
    }

    fn reader_has_left(&self) -> bool {
        self.reader.as_ref().is_some_and(|side| side.over().now_or_never() == Some(Piped::BrokenOff))
    }

    fn end(&self) -> RelayEnd {
        self.end.get()
    }

    async fn close_with(&mut self, last: Bytes) {
        let Some(side) = self.reader.take() else { return };
        // A pipe that still runs holds the writer; without upstream it ends.
        match self.source.take() {
            // Nothing is left to close.
            Some(_) if side.pipe.peek() == Some(&Piped::Through) => self.upstream = None,
            Some(_) => self.close_upstream(),
            None => {}
        }
        side.over().await;
        let Ok(writer) = side.writable.get_writer() else { return };
        if !last.is_empty() {
            // A reader who has left reads nothing: no harm in failing.
            let _unread = JsFuture::from(writer.write_with_chunk(&js_sys::Uint8Array::from(&*last))).await;
        }
        let _unread = JsFuture::from(writer.close()).await;
    }
}

impl Drop for StreamTape {
    fn drop(&mut self) {
        self.close_upstream();
    }
}
