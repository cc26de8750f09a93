//! The model call: a head with a deadline, and a body that is handed on and kept.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use platform::{HttpError, Leaving, Opened, Split, Tape, Upstream, UpstreamBody};

use crate::body::Incoming;
use crate::http::{open, within};
use crate::tape;
use crate::tasks::Spawner;

/// Opens streaming answers.
pub(crate) struct WasiUpstream {
    spawner: Spawner,
}

impl WasiUpstream {
    /// The spawner runs what hands the bytes on.
    pub(crate) fn new(spawner: Spawner) -> Self {
        Self { spawner }
    }
}

#[async_trait(?Send)]
impl Upstream for WasiUpstream {
    async fn open(&self, request: http::Request<Bytes>, head: Duration) -> Result<Opened, HttpError> {
        let (parts, incoming) = within(head, open(request)).await?.into_parts();
        let body = Box::new(Body { incoming, spawner: self.spawner.clone() });
        Ok(Opened { status: parts.status, headers: parts.headers, body })
    }
}

struct Body {
    incoming: Incoming,
    spawner: Spawner,
}

#[async_trait(?Send)]
impl UpstreamBody for Body {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        self.incoming.collect(limit).await
    }

    fn split(self: Box<Self>, leaving: Leaving) -> Split {
        tape::split(self.incoming, leaving, &self.spawner)
    }

    fn record(self: Box<Self>) -> Box<dyn Tape> {
        tape::record(self.incoming, &self.spawner)
    }
}
