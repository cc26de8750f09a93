//! The model call: fetch with a head's deadline, and a body that is split natively.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use platform::{HttpError, Leaving, Opened, Split, Tape, Upstream, UpstreamBody};

use crate::call::{self, Call};
use crate::head;
use crate::http::within;
use crate::request::collect;
use crate::tape::{self, Left};
use crate::timers::Timers;

/// Opens streaming answers.
pub(crate) struct FetchUpstream {
    left: Left,
    timers: Timers,
}

impl FetchUpstream {
    /// `left` resolves when the client of this request leaves.
    pub(crate) fn new(left: Left, timers: Timers) -> Self {
        Self { left, timers }
    }
}

#[async_trait(?Send)]
impl Upstream for FetchUpstream {
    async fn open(&self, request: http::Request<Bytes>, head_within: Duration) -> Result<Opened, HttpError> {
        let headers = call::headers(request.headers())?;
        let call = Call::begin(request.method(), request.uri(), &headers, request.body())?;
        let (status, answer) = within(&self.timers, head_within, call.answer()).await?;
        let headers = head::read(&answer.headers());
        let (left, timers) = (self.left.clone(), self.timers.clone());
        Ok(Opened { status, headers, body: Box::new(FetchBody { answer, call, left, timers }) })
    }
}

struct FetchBody {
    answer: web_sys::Response,
    call: Call,
    left: Left,
    timers: Timers,
}

#[async_trait(?Send)]
impl UpstreamBody for FetchBody {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        let Some(stream) = self.answer.body() else { return Ok(Bytes::new()) };
        collect(&stream, limit).await
    }

    fn split(self: Box<Self>, leaving: Leaving) -> Split {
        tape::split(self.answer.body(), self.call.hand_on(), self.left, leaving, self.timers)
    }

    fn record(self: Box<Self>) -> Box<dyn Tape> {
        tape::record(self.answer.body(), self.call.hand_on(), self.timers)
    }
}
