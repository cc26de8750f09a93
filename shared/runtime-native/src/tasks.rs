//! Tasks of the current `LocalSet`.

use futures::future::LocalBoxFuture;
use platform::Tasks;

/// `tokio::task::spawn_local`.
pub(crate) struct LocalTasks;

impl Tasks for LocalTasks {
    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(work);
    }
}
