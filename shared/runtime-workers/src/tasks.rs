//! `ctx.waitUntil`.

use futures::future::LocalBoxFuture;
use platform::Tasks;
use worker::Context;

/// Background work of one request; the runtime gives it 30 s after the client has left.
pub(crate) struct WaitUntil {
    context: Context,
}

impl WaitUntil {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }
}

impl Tasks for WaitUntil {
    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        self.context.wait_until(work);
    }
}
