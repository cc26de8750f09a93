//! The embedded Postgres: PGlite in a Node process of our own.

use crate::sql::Address;
use serde::Deserialize;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// The very first start lays out a database cluster; that took 14 s on two busy cores.
const START_LIMIT: Duration = Duration::from_secs(120);
/// A clean end takes milliseconds.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Why there is no embedded Postgres.
#[derive(Debug, thiserror::Error)]
pub enum PgliteError {
    /// Node could not be started.
    #[error("cannot start {node}: {cause}; name a Node binary with --node")]
    Node {
        /// The binary tried.
        node: String,
        /// Why not.
        cause: io::Error,
    },
    /// It ended before it was ready.
    #[error("the embedded Postgres ended before it was ready; run `npm ci` in {0}, and see its messages above")]
    Ended(String),
    /// It said something else.
    #[error("the embedded Postgres did not say that it is ready: {0}")]
    Unexpected(String),
    /// It took too long.
    #[error("the embedded Postgres was not ready after {} s", START_LIMIT.as_secs())]
    Slow,
}

/// A running PGlite. Its standard input closes with this process, whatever ends it, and PGlite then ends too.
pub struct Pglite {
    child: Child,
    stdin: Option<ChildStdin>,
}

#[derive(Deserialize)]
struct Ready {
    port: u16,
}

impl Pglite {
    /// Starts it on `data` and waits until it takes connections.
    pub async fn start(
        project: &Path,
        node: &Path,
        data: &Path,
        password: &str,
    ) -> Result<(Self, Address), PgliteError> {
        let mut command = Command::new(node);
        command.arg(project.join("server.mjs")).arg(data).env("PGLITE_PASSWORD", password);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        // A Ctrl-C in the terminal goes to the whole group; the stack decides when its database ends.
        command.process_group(0);
        let failed = |cause| PgliteError::Node { node: node.display().to_string(), cause };
        let mut child = command.spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or_else(|| PgliteError::Unexpected("no standard output".to_owned()))?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(START_LIMIT, lines.next_line()).await.map_err(|_| PgliteError::Slow)?;
        let line = line.ok().flatten().ok_or_else(|| PgliteError::Ended(project.display().to_string()))?;
        let ready: Ready = serde_json::from_str(&line).map_err(|_| PgliteError::Unexpected(line))?;
        let address = Address {
            host: "127.0.0.1".to_owned(),
            port: ready.port,
            user: "postgres".to_owned(),
            password: password.to_owned(),
            database: "postgres".to_owned(),
            encryption: crate::sql::Encryption::Off,
        };
        Ok((Self { child, stdin }, address))
    }

    /// Waits until it ends by itself, which it should not.
    pub async fn ended(&mut self) {
        let status = self.child.wait().await;
        tracing::error!(?status, "the embedded Postgres has ended");
    }

    /// Lets it write everything out and end.
    pub async fn stop(mut self) {
        drop(self.stdin.take());
        if tokio::time::timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
            tracing::warn!("the embedded Postgres does not end; killing it");
            let _ = self.child.kill().await;
        }
    }
}
