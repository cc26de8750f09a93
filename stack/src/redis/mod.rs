//! Upstash' Redis over HTTP, in front of any Redis or of the embedded store.

mod read_only;
mod remote;
mod reply;
mod request;
mod shebang;
pub mod store;

pub use reply::Reply;

use crate::credentials;
use crate::server::{Answer, Call, json};
use http::{HeaderMap, Method, StatusCode, header};
use remote::Remote;
use request::Command;
use serde_json::{Value, json as value};
use shebang::Shebangs;
use store::{Executed, Store};

/// Upstash: 10 MB on the free and pay-as-you-go plans.
pub const BODY_LIMIT: usize = 10_000_000;

/// Commands that make no sense over HTTP, where every request stands alone.
const NOT_AVAILABLE: [&str; 22] = [
    "AUTH",
    "BLMOVE",
    "BLMPOP",
    "BLPOP",
    "BRPOP",
    "BRPOPLPUSH",
    "BZMPOP",
    "BZPOPMAX",
    "BZPOPMIN",
    "CLIENT",
    "DISCARD",
    "EXEC",
    "HELLO",
    "MONITOR",
    "MULTI",
    "PSUBSCRIBE",
    "QUIT",
    "RESET",
    "SELECT",
    "SUBSCRIBE",
    "UNWATCH",
    "WATCH",
];

/// What keeps the data.
pub enum Backend {
    /// In this process.
    Embedded(Store),
    /// A Redis server.
    Remote(Box<Remote>),
}

impl Backend {
    /// A Redis server by its URL.
    pub fn remote(url: &str) -> Result<Self, redis::RedisError> {
        Remote::new(url).map(|remote| Self::Remote(Box::new(remote)))
    }
}

/// The Redis face.
pub struct Redis {
    /// What keeps the data.
    pub backend: Backend,
    token: String,
    read_only_token: String,
    shebangs: Shebangs,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    /// Everything.
    Full,
    /// Upstash' "Readonly Token": commands that change nothing.
    ReadOnly,
}

/// How many commands a request has run, as an extension of its answer: each of a pipeline or transaction, and those within scripts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CommandCount(pub u64);

/// Why a request as a whole failed.
enum Failure {
    /// 400: the request, or the one command in it.
    Refused(String),
    /// 503: Redis does not answer.
    Down(String),
}

impl Redis {
    /// Answers those who know `token`, and the questions of those who know `read_only_token`.
    pub fn new(backend: Backend, token: String, read_only_token: String) -> Self {
        Self { backend, token, read_only_token, shebangs: Shebangs::default() }
    }

    /// Answers one HTTP request.
    pub async fn answer(&self, call: Call<'_>) -> Answer {
        let head = call.head;
        let query = head.uri.query();
        if query.is_some_and(|query| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "_token")) {
            return error(
                StatusCode::UNAUTHORIZED,
                "Unauthorized: a token in the URL is not accepted, send it as a bearer token",
            );
        }
        let Some(access) = self.access(&head.headers) else {
            return error(StatusCode::UNAUTHORIZED, "WRONGPASS invalid or missing auth token");
        };
        if !matches!(head.method, Method::POST | Method::GET | Method::PUT | Method::HEAD) {
            return error(StatusCode::METHOD_NOT_ALLOWED, "ERR method not allowed");
        }
        let Some(body) = call.body.as_deref() else {
            return error(StatusCode::BAD_REQUEST, "ERR max request size exceeded");
        };
        let base64 = head.headers.get("upstash-encoding").is_some_and(|encoding| encoding == "base64");
        let path = head.uri.path().strip_prefix("/redis").unwrap_or_default();
        let mut count = Some(CommandCount(0));
        let outcome = match path.trim_matches('/') {
            "" => self.single(request::command(body), base64, access, &mut count).await,
            "pipeline" => self.pipeline(request::pipeline(body), base64, access, &mut count).await,
            "multi-exec" => self.transaction(request::pipeline(body), base64, access, &mut count).await,
            path => self.single(request::path_style(path, query, body), base64, access, &mut count).await,
        };
        let mut answer = match outcome {
            Ok(outcome) => {
                let mut answer = json(StatusCode::OK, outcome.to_string());
                // One store, one copy: whatever the client has seen, it sees.
                answer.headers_mut().insert("upstash-sync-token", header::HeaderValue::from_static("1"));
                answer
            }
            Err(Failure::Refused(words)) => error(StatusCode::BAD_REQUEST, &words),
            Err(Failure::Down(words)) => {
                tracing::warn!(error = %words, "redis");
                error(StatusCode::SERVICE_UNAVAILABLE, &words)
            }
        };
        if let Some(count) = count {
            answer.extensions_mut().insert(count);
        }
        answer
    }

    async fn single(
        &self,
        command: Result<Command, request::RequestError>,
        base64: bool,
        access: Access,
        count: &mut Count,
    ) -> Result<Value, Failure> {
        let command = command.map_err(|error| Failure::Refused(error.to_string()))?;
        match self.run(vec![command], access, count).await?.into_iter().next() {
            Some(Reply::Error(words)) => Err(Failure::Refused(words)),
            Some(reply) => Ok(reply.to_json(base64)),
            None => Err(Failure::Down("ERR no reply".to_owned())),
        }
    }

    async fn pipeline(
        &self,
        commands: Result<Vec<Command>, request::RequestError>,
        base64: bool,
        access: Access,
        count: &mut Count,
    ) -> Result<Value, Failure> {
        let commands = commands.map_err(|error| Failure::Refused(error.to_string()))?;
        Ok(self.run(commands, access, count).await?.iter().map(|reply| reply.to_json(base64)).collect())
    }

    async fn transaction(
        &self,
        commands: Result<Vec<Command>, request::RequestError>,
        base64: bool,
        access: Access,
        count: &mut Count,
    ) -> Result<Value, Failure> {
        let mut commands = commands.map_err(|error| Failure::Refused(error.to_string()))?;
        if let Some(words) = commands.iter().find_map(|command| refusal(command, access)) {
            return Err(Failure::Refused(words));
        }
        let corrections = self.prepare(&mut commands);
        let replies = match &self.backend {
            Backend::Embedded(store) => {
                let ran = store.transaction(commands).await.ok_or_else(stopped)?;
                ran.map(|ran| counted(ran, count))
            }
            Backend::Remote(remote) => {
                *count = count_of(&commands);
                remote.transaction(&commands).await.map_err(Failure::Down)?
            }
        };
        let replies = replies.map_err(Failure::Refused)?;
        let replies =
            replies.into_iter().zip(corrections).map(|(reply, correction)| shebang::correct(reply, correction));
        Ok(replies.map(|reply| reply.to_json(base64)).collect())
    }

    /// Runs commands one by one, in order. Those that are not available over HTTP are not sent on.
    async fn run(&self, mut commands: Vec<Command>, access: Access, count: &mut Count) -> Result<Vec<Reply>, Failure> {
        let corrections = self.prepare(&mut commands);
        let refusals: Vec<Option<String>> = commands.iter().map(|command| refusal(command, access)).collect();
        let allowed: Vec<Command> = commands
            .into_iter()
            .zip(&refusals)
            .filter(|(_, refusal)| refusal.is_none())
            .map(|(command, _)| command)
            .collect();
        let replies = match &self.backend {
            _ if allowed.is_empty() => Vec::new(),
            Backend::Embedded(store) => counted(store.run(allowed).await.ok_or_else(stopped)?, count),
            Backend::Remote(remote) => {
                *count = count_of(&allowed);
                remote.pipeline(&allowed).await.map_err(Failure::Down)?
            }
        };
        let mut replies = replies.into_iter();
        let all = refusals.into_iter().zip(corrections).map(|(refusal, correction)| match refusal {
            Some(words) => Some(Reply::Error(words)),
            None => replies.next().map(|reply| shebang::correct(reply, correction)),
        });
        all.collect::<Option<Vec<Reply>>>().ok_or_else(|| Failure::Down("ERR no reply".to_owned()))
    }

    /// Takes out of scripts what Redis does not know; the embedded store knows it.
    fn prepare(&self, commands: &mut [Command]) -> Vec<shebang::Correction> {
        let rewrite = |command: &mut Command| match &self.backend {
            Backend::Embedded(_) => None,
            Backend::Remote(_) => self.shebangs.rewrite(command),
        };
        commands.iter_mut().map(rewrite).collect()
    }

    /// `None`: the token is neither of the two.
    fn access(&self, headers: &HeaderMap) -> Option<Access> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())?;
        let token = given.strip_prefix("Bearer ").or_else(|| given.strip_prefix("bearer "))?;
        let known = [(&self.token, Access::Full), (&self.read_only_token, Access::ReadOnly)];
        known.into_iter().find(|(wanted, _)| credentials::same(token, wanted)).map(|(_, access)| access)
    }
}

/// `None`: not known.
type Count = Option<CommandCount>;

fn counted(ran: Executed, count: &mut Count) -> Vec<Reply> {
    *count = Some(CommandCount(ran.commands));
    ran.replies
}

/// How many commands these are for a Redis. What scripts call there nobody tells us but its statistics, which count other clients', too.
fn count_of(commands: &[Command]) -> Count {
    const CALLERS: [&[u8]; 6] = [b"eval", b"eval_ro", b"evalsha", b"evalsha_ro", b"fcall", b"fcall_ro"];
    let name = |command: &Command| command.first().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
    let calls_others = commands.iter().any(|command| CALLERS.contains(&name(command).as_slice()));
    (!calls_others).then_some(CommandCount(commands.len() as u64))
}

fn stopped() -> Failure {
    Failure::Down("ERR the store has stopped".to_owned())
}

/// The words for a command that cannot be used over HTTP, or not with this token.
fn refusal(command: &[Vec<u8>], access: Access) -> Option<String> {
    let name = String::from_utf8_lossy(command.first()?).to_uppercase();
    if NOT_AVAILABLE.contains(&name.as_str()) {
        return Some(format!("ERR Command is not available: '{name}'"));
    }
    (access == Access::ReadOnly).then(|| read_only::refusal(&name)).flatten()
}

fn error(status: StatusCode, words: &str) -> Answer {
    json(status, value!({ "error": words }).to_string())
}

#[cfg(test)]
mod tests;
