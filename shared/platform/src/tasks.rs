//! Work that outlives the answer.

use futures::future::LocalBoxFuture;

/// Starts background work.
pub trait Tasks {
    /// Starts `work` now and lets it run to its end, also after the response was sent or its reader left, as long as the platform
    /// allows (Workers: 30 s after a disconnect).
    ///
    /// A runtime drops the *handler's* future when the reader leaves before the response; work started here is not dropped, so
    /// whatever must be undone or written in that case lives here.
    fn spawn(&self, work: LocalBoxFuture<'static, ()>);
}
