//! Pools of Postgres sessions, one for each database, and the running of work on them.

use super::address::Address;
use super::connection::{Connection, Outcome};
use super::error::SqlError;
use super::request::Work;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Neon's proxy gives up connecting after 15 s.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long a cancelled statement may take to stop before its session is given up.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);
/// Databases with a pool of their own; a client cannot make the stack open any number of them.
const MAX_DATABASES: usize = 16;

struct Sessions {
    address: Address,
}

impl managed::Manager for Sessions {
    type Type = Connection;
    type Error = SqlError;

    async fn create(&self) -> Result<Connection, SqlError> {
        Connection::open(&self.address).await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<SqlError> {
        if connection.check_idle().await { Ok(()) } else { Err(RecycleError::message("the server has hung up")) }
    }
}

type Pool = managed::Pool<Sessions>;

/// Sessions for every database of one server.
pub struct Pools {
    address: Address,
    size: usize,
    response_limit: usize,
    by_database: Mutex<HashMap<String, Pool>>,
}

impl Pools {
    /// Nothing is connected yet.
    pub fn new(address: Address, size: usize, response_limit: usize) -> Self {
        Self { address, size, response_limit, by_database: Mutex::default() }
    }

    /// Runs `work` on `database`. When the future is dropped, what is running is cancelled; the session is made as new in any case before
    /// somebody else gets it, without the caller waiting for that.
    pub async fn run(&self, database: &str, work: Work) -> Result<(Work, Vec<Outcome>), SqlError> {
        let mut session = self.session(database).await?;
        let limit = self.response_limit;
        let (mut tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let key = session.cancel_key();
            let ended = {
                let mut run = std::pin::pin!(session.run(&work, limit));
                tokio::select! {
                    answer = &mut run => Some(answer),
                    () = tell.closed() => {
                        if let Err(error) = key.cancel().await {
                            tracing::debug!(%error, "cannot cancel");
                        }
                        tokio::time::timeout(CANCEL_LIMIT, run).await.ok()
                    }
                }
            };
            let Some(answer) = ended else {
                drop(Object::take(session));
                return;
            };
            let too_large = matches!(answer, Err(SqlError::ResponseTooLarge(_)));
            // The client has left, and its receiver with it: the result is dropped.
            let _ = tell.send(answer.map(|outcomes| (work, outcomes)));
            if too_large {
                let _ = key.cancel().await;
            }
            if session.is_broken() || session.reset().await.is_err() {
                drop(Object::take(session));
            }
        });
        match told.await {
            Ok(answer) => answer,
            Err(_) => Err(SqlError::Lost(std::io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Ends all sessions.
    pub fn close(&self) {
        for pool in self.by_database.lock().unwrap_or_else(PoisonError::into_inner).values() {
            pool.close();
        }
    }

    async fn session(&self, database: &str) -> Result<Object<Sessions>, SqlError> {
        match self.pool(database)?.get().await {
            Ok(session) => Ok(session),
            Err(PoolError::Backend(error)) => Err(error),
            Err(error) => Err(SqlError::Unreachable(error.to_string())),
        }
    }

    fn pool(&self, database: &str) -> Result<Pool, SqlError> {
        let mut pools = self.by_database.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(database) {
            return Ok(pool.clone());
        }
        if pools.len() >= MAX_DATABASES {
            pools.retain(|name, _| *name == self.address.database);
        }
        let address = Address { database: database.to_owned(), ..self.address.clone() };
        let pool = Pool::builder(Sessions { address })
            .max_size(self.size)
            .runtime(deadpool::Runtime::Tokio1)
            .create_timeout(Some(CONNECT_LIMIT))
            .wait_timeout(Some(CONNECT_LIMIT))
            .build()
            .map_err(|error| SqlError::Unreachable(error.to_string()))?;
        pools.insert(database.to_owned(), pool.clone());
        Ok(pool)
    }
}
