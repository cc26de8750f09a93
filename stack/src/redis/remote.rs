//! A real Redis as the backend.

use super::reply::Reply;
use super::request::Command;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, Pipeline, RedisError, ServerError, Value};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Connecting and answering take milliseconds on a healthy server.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A client with one multiplexed connection, made at the first command and made again when it breaks.
pub struct Remote {
    client: Client,
    connection: OnceCell<ConnectionManager>,
}

impl Remote {
    /// Nothing is connected yet; a wrong URL is found now.
    pub fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self { client: Client::open(url)?, connection: OnceCell::new() })
    }

    /// Sends all commands at once, as one write; other clients' commands may run between them.
    pub async fn pipeline(&self, commands: &[Command]) -> Result<Vec<Reply>, String> {
        let mut connection = self.connection().await?;
        let answers = connection.req_packed_commands(&packed(commands), 0, commands.len()).await;
        Ok(answers.map_err(|error| words(&error))?.into_iter().map(reply).collect())
    }

    /// Runs all commands between MULTI and EXEC. The connection manager writes them as one piece, so no other command of ours comes
    /// between. `Err` of the inner result: the transaction was discarded.
    pub async fn transaction(&self, commands: &[Command]) -> Result<Result<Vec<Reply>, String>, String> {
        let mut connection = self.connection().await?;
        let mut all = vec![vec![b"MULTI".to_vec()]];
        all.extend_from_slice(commands);
        all.push(vec![b"EXEC".to_vec()]);
        let answers =
            connection.req_packed_commands(&packed(&all), 0, all.len()).await.map_err(|error| words(&error))?;
        let refused = answers.iter().find(|answer| matches!(answer, Value::ServerError(_))).cloned();
        Ok(match (answers.into_iter().next_back(), refused) {
            (Some(Value::Array(items)), _) => Ok(items.into_iter().map(reply).collect()),
            // The first refusal says what is wrong with which command; EXEC's own only that something was.
            (_, Some(Value::ServerError(error))) => Err(server_words(&error)),
            _ => Err("EXECABORT Transaction discarded because of previous errors.".to_owned()),
        })
    }

    async fn connection(&self) -> Result<ConnectionManager, String> {
        let connect = || {
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(CONNECT_LIMIT))
                .set_response_timeout(Some(ANSWER_LIMIT))
                .set_number_of_retries(2);
            self.client.get_connection_manager_with_config(config)
        };
        self.connection.get_or_try_init(connect).await.cloned().map_err(|error| words(&error))
    }
}

fn packed(commands: &[Command]) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(commands.len());
    for command in commands {
        let mut cmd = Cmd::new();
        for argument in command {
            cmd.arg(argument.as_slice());
        }
        pipeline.add_command(cmd);
    }
    pipeline
}

fn reply(value: Value) -> Reply {
    match value {
        Value::Nil => Reply::Nil,
        Value::Int(number) => Reply::Int(number),
        Value::BulkString(bytes) => Reply::Bulk(bytes),
        Value::SimpleString(word) => Reply::Status(word),
        Value::Okay => Reply::ok(),
        Value::Array(items) | Value::Set(items) => Reply::Array(items.into_iter().map(reply).collect()),
        Value::Map(pairs) => {
            Reply::Array(pairs.into_iter().flat_map(|(name, value)| [reply(name), reply(value)]).collect())
        }
        Value::Double(number) => Reply::bulk(number.to_string()),
        Value::Boolean(truth) => Reply::Int(i64::from(truth)),
        Value::VerbatimString { text, .. } => Reply::bulk(text),
        Value::BigNumber(digits) => Reply::Bulk(digits),
        Value::Attribute { data, .. } => reply(*data),
        Value::ServerError(error) => Reply::Error(server_words(&error)),
        // `Value` may grow, and pushes do not come in RESP2.
        _ => Reply::Nil,
    }
}

fn server_words(error: &ServerError) -> String {
    match error.details() {
        Some(details) => format!("{} {details}", error.code()),
        None => error.code().to_owned(),
    }
}

fn words(error: &RedisError) -> String {
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => format!("ERR Redis is unreachable: {error}"),
    }
}
