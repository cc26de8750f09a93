//! What components write to their standard error: whole lines on ours, however many instances write at once.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// Standard output and error of every component.
#[derive(Clone, Copy)]
pub struct Log;

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Lines(Vec::new()))
    }
}

/// What has been written since the last end of a line.
struct Lines(Vec<u8>);

impl Lines {
    /// A log that nobody can read any more is no reason to stop serving.
    fn put(&mut self, end: usize) {
        let rest = self.0.split_off(end);
        let _ = io::stderr().lock().write_all(&self.0);
        self.0 = rest;
    }
}

impl AsyncWrite for Lines {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.extend_from_slice(bytes);
        if let Some(end) = self.0.iter().rposition(|byte| *byte == b'\n') {
            self.put(end + 1);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            self.0.push(b'\n');
            self.put(self.0.len());
        }
    }
}
