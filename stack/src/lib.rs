//! The local stack: stand-ins for the six services that Edgewise talks to, in one native program.
//!
//! - `/sql` speaks Neon's SQL over HTTP, in front of an embedded Postgres (PGlite) or any real one.
//! - `/redis` speaks Upstash' REST, in front of an embedded store or any real Redis.
//! - `/v1` speaks SambaNova's chat completions, with a demo model behind it.
//! - `/turnstile` speaks Cloudflare's siteverify, with its secrets for tests.
//! - `/mail` takes mail as Resend does, and keeps it.
//! - `/github` signs somebody in as GitHub does.
//!
//! It parses these protocols on its own and shares no code with the core: a misreading there is not repeated here. Its faults, call log
//! and scenarios are described in `README.md`.

mod body;
mod calls;
mod control;
mod credentials;
mod face;
mod faults;
mod github;
mod mail;
mod model;
mod pglite;
pub mod redis;
mod server;
mod sql;
mod turnstile;

use credentials::Credentials;
use face::Face;
use mail::Mail;
use model::Model;
use pglite::Pglite;
use redis::{Backend, Redis, store::ScriptKeys, store::Store};
use serde::Serialize;
use sql::{Address, Sql};
use std::fs::{File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What clients send as host in `Neon-Connection-String`: Neon wants a name, and finds the database by it. The stack knows only one.
const DATABASE_HOST: &str = "edgewise.localhost";

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Database {
    /// None: `/sql` answers that it cannot connect.
    None,
    /// A Postgres by its connection string.
    Url(String),
    /// PGlite.
    Embedded {
        /// The Node project with `server.mjs`.
        project: PathBuf,
        /// The Node binary.
        node: PathBuf,
    },
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where everything is kept. One stack at a time.
    pub data_dir: PathBuf,
    /// The database behind `/sql`.
    pub database: Database,
    /// A real Redis behind `/redis`; the embedded store without.
    pub redis_url: Option<String>,
    /// Bearer token of `/redis`; made at the first start without.
    pub redis_token: Option<String>,
    /// Bearer key of `/v1`; made at the first start without.
    pub model_key: Option<String>,
    /// Whether there is a control plane and a call log.
    pub control: bool,
}

/// Why the stack does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error("cannot use the data directory {}: {cause}", path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// Another stack has it.
    #[error("another stack is running on {}", .0.display())]
    Taken(PathBuf),
    /// The address to listen on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        cause: io::Error,
    },
    /// The database's address.
    #[error("--database-url: {0}")]
    Database(#[from] sql::AddressError),
    /// The database's role has no password in its address. Who calls `/sql` shows the same one, and an empty one is none.
    #[error(
        "--database-url has no password, which who calls /sql must show: give its role one, and write it into the address"
    )]
    NoPassword,
    /// The embedded database.
    #[error(transparent)]
    Embedded(#[from] pglite::PgliteError),
    /// The address of Redis.
    #[error("--redis-url: {0}")]
    Redis(#[from] ::redis::RedisError),
}

/// The line that says everything a client needs.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// `http://HOST:PORT`
    pub base: String,
    /// For `Neon-Connection-String`; null without a database.
    pub database_url: Option<String>,
    /// For clients of the wire protocol, such as migrations.
    pub database_direct_url: Option<String>,
    /// Bearer token of `/redis`.
    pub redis_token: String,
    /// Bearer token of `/redis` that only reads.
    pub redis_read_only_token: String,
    /// Bearer key of `/v1`.
    pub model_key: String,
    /// Bearer token of `/mail`.
    pub mail_token: String,
}

/// Everything a call can reach.
struct Stack {
    calls: calls::Calls,
    faults: faults::Faults,
    sql: Sql,
    redis: Redis,
    model: Model,
    mail: Mail,
    github: github::GitHub,
    control_enabled: bool,
    connections: AtomicU64,
}

impl Stack {
    fn body_limit(&self, face: Face) -> usize {
        match face {
            Face::Sql => sql::BODY_LIMIT,
            Face::Redis => redis::BODY_LIMIT,
            Face::Model => model::BODY_LIMIT,
            Face::Turnstile => turnstile::BODY_LIMIT,
            Face::Mail => mail::BODY_LIMIT,
            Face::GitHub => github::BODY_LIMIT,
        }
    }
}

/// A stack that serves. Stop it with [`Running::stop`]; dropped, it ends without a last snapshot.
pub struct Running {
    ready: Ready,
    stack: Arc<Stack>,
    server: JoinHandle<()>,
    stop: watch::Sender<bool>,
    pglite: Option<Pglite>,
    _lock: File,
}

impl Running {
    /// Where it is and what it takes to talk to it.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Waits for the embedded database to fail; without one, for ever.
    pub async fn failed(&mut self) {
        match &mut self.pglite {
            Some(pglite) => pglite.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Ends everything it started, data written.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.server.await;
        self.stack.sql.close();
        if let Backend::Embedded(store) = &self.stack.redis.backend {
            store.stop().await;
        }
        if let Some(pglite) = self.pglite {
            pglite.stop().await;
        }
    }
}

/// Starts a stack and waits until it serves.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let unusable = |cause| StartError::DataDir { path: options.data_dir.clone(), cause };
    std::fs::create_dir_all(&options.data_dir).map_err(unusable)?;
    let lock = File::create(options.data_dir.join("lock")).map_err(unusable)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StartError::Taken(options.data_dir.clone()),
        TryLockError::Error(cause) => unusable(cause),
    })?;
    let credentials = Credentials::load_or_make(&options.data_dir).map_err(unusable)?;
    let listened = TcpListener::bind(options.listen).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = listened.map_err(|cause| StartError::Listen { address: options.listen, cause })?;
    let backend = match &options.redis_url {
        Some(url) => Backend::remote(url)?,
        None => {
            let snapshot = Some(options.data_dir.join("redis.jsonl"));
            Backend::Embedded(Store::start(snapshot, ScriptKeys::Declared).map_err(unusable)?)
        }
    };
    let (pglite, database) = match &options.database {
        Database::None => (None, None),
        Database::Url(url) => match Address::parse(url)? {
            address if address.password.is_empty() => return Err(StartError::NoPassword),
            address => (None, Some(address)),
        },
        Database::Embedded { project, node } => {
            let data = options.data_dir.join("postgres");
            let started = Pglite::start(project, node, &data, &credentials.database_password).await?;
            (Some(started.0), Some(started.1))
        }
    };
    let redis_token = options.redis_token.unwrap_or(credentials.redis_token);
    let redis_read_only_token = credentials.redis_read_only_token;
    let model_key = options.model_key.unwrap_or(credentials.model_key);
    let ready = Ready {
        ready: true,
        base: format!("http://{address}"),
        database_url: database.as_ref().map(|database| database.url(Some(DATABASE_HOST))),
        database_direct_url: database.as_ref().map(|database| database.url(None)),
        redis_token: redis_token.clone(),
        redis_read_only_token: redis_read_only_token.clone(),
        model_key: model_key.clone(),
        mail_token: credentials.mail_token.clone(),
    };
    let stack = Arc::new(Stack {
        calls: calls::Calls::new(options.control),
        faults: faults::Faults::default(),
        sql: Sql::new(database, pglite.is_some()),
        redis: Redis::new(backend, redis_token, redis_read_only_token),
        model: Model::new(model_key),
        mail: Mail::new(credentials.mail_token),
        github: github::GitHub::default(),
        control_enabled: options.control,
        connections: AtomicU64::new(0),
    });
    let stop = watch::Sender::new(false);
    let server = tokio::spawn(server::serve(stack.clone(), listener, stop.subscribe()));
    Ok(Running { ready, stack, server, stop, pglite, _lock: lock })
}
