//! The local stack as a program: starts it, says where it is, stops it at a signal.

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use stack::{Database, Options};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Stand-ins for Neon, Upstash and SambaNova, in one program.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C. One JSON line on standard output says where, once it does.
    Serve(Serve),
}

/// What holds a password or is one is better said by the environment: a command line is shown by `ps`.
#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// A Postgres to put behind /sql, instead of the embedded one.
    #[arg(long, env = "EDGEWISE_STACK_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A Redis to put behind /redis, instead of the embedded store.
    #[arg(long, env = "EDGEWISE_STACK_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
    /// Bearer token of /redis; made at the first start.
    #[arg(long, env = "EDGEWISE_STACK_REDIS_TOKEN", hide_env_values = true)]
    redis_token: Option<String>,
    /// Bearer key of /v1; made at the first start.
    #[arg(long, env = "EDGEWISE_STACK_MODEL_KEY", hide_env_values = true)]
    model_key: Option<String>,
    /// Offer the control plane and keep a call log. Not for a public address.
    #[arg(long)]
    control: bool,
    /// The Node project of the embedded Postgres.
    #[arg(long, default_value = "stack/pglite")]
    pglite: PathBuf,
    /// The Node binary for it.
    #[arg(long, default_value = "node")]
    node: PathBuf,
    /// Start without any database.
    #[arg(long, conflicts_with = "database_url")]
    no_database: bool,
}

impl Serve {
    fn options(self) -> Options {
        // A variable that is set to the empty text is as one that is not set.
        let given = |value: Option<String>| value.filter(|text| !text.is_empty());
        let database = match given(self.database_url) {
            Some(url) => Database::Url(url),
            None if self.no_database => Database::None,
            None => Database::Embedded { project: self.pglite, node: self.node },
        };
        Options {
            listen: self.listen,
            data_dir: self.data_dir,
            database,
            redis_url: given(self.redis_url),
            redis_token: given(self.redis_token),
            model_key: given(self.model_key),
            control: self.control,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("STACK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Command::Serve(serve) = Cli::parse().command;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut running = tokio::select! {
        running = stack::start(serve.options()) => running?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    let line = serde_json::to_string(running.ready())?;
    writeln!(std::io::stdout(), "{line}").context("nobody reads standard output")?;
    let failed = tokio::select! {
        _ = terminate.recv() => false,
        _ = interrupt.recv() => false,
        () = running.failed() => true,
    };
    running.stop().await;
    anyhow::ensure!(!failed, "stopped because the embedded Postgres has ended");
    Ok(())
}
