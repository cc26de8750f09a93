//! Work that outlives the answer: the host keeps the instance until all of it is done.

use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::LocalBoxFuture;
use platform::Tasks;
use spin_sdk::wit_bindgen;

/// Takes background work of one request.
///
/// `wit_bindgen::spawn` (0.57) polls new work only when its caller's task is woken next, by whatever; a handler that waits for
/// the work it spawned would wait for ever. So one task is spawned at the beginning, and work is sent to it, which wakes it.
#[derive(Clone)]
pub(crate) struct Spawner {
    works: mpsc::UnboundedSender<LocalBoxFuture<'static, ()>>,
}

impl Spawner {
    /// Starts the task that runs the work. It ends when every clone of the spawner is gone and all work is done.
    pub(crate) async fn start() -> Self {
        let (works, taken) = mpsc::unbounded();
        wit_bindgen::spawn(taken.for_each_concurrent(None, |work: LocalBoxFuture<'static, ()>| work));
        wit_bindgen::yield_async().await;
        Self { works }
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        // The receiver lives as long as any sender.
        let _never_refused = self.works.unbounded_send(Box::pin(work));
    }
}

impl Tasks for Spawner {
    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        Self::spawn(self, work);
    }
}
