//! Commands as a real Redis counts them, by its own statistics and its monitor; each call of a script is in both, as it is on Upstash's bill.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tests::{control, variable};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// After this long without a command, a message's work in the background is over.
const QUIET: Duration = Duration::from_millis(700);

/// Commands of connections and of this program, which no hosted Redis bills.
const NOT_COUNTED: [&str; 9] = ["auth", "client", "command", "config", "hello", "info", "monitor", "ping", "select"];

/// What a step has cost.
pub struct Cost {
    /// Commands, by Redis' statistics.
    pub commands: u64,
    /// Statements to Postgres.
    pub statements: usize,
    /// Bytes of the bodies that were sent to Postgres, and of those that came back.
    pub postgres_bytes: (u64, u64),
    /// Calls to the stores and the model: subrequests, as Cloudflare counts them.
    pub calls: Calls,
    /// Commands of each run of each script, EVAL itself among them.
    pub scripts: BTreeMap<String, Vec<u64>>,
    /// Commands of each pipeline that are no scripts.
    pub pipelines: Vec<u64>,
    /// Bytes that each call of each script took in the body of its request.
    pub sent: BTreeMap<String, Vec<u64>>,
}

impl Cost {
    /// Commands of the dearest run of a script.
    pub fn of(&self, script: &str) -> u64 {
        let runs = self.scripts.get(script).unwrap_or_else(|| panic!("{script} has not run: {:?}", self.scripts));
        runs.iter().copied().max().unwrap_or_default()
    }
}

/// Calls out of the chat.
#[derive(Clone, Copy, Default)]
pub struct Calls {
    /// All of them.
    pub all: usize,
    /// The most that were open at the same time.
    pub at_once: usize,
}

/// Looks at one Redis, which must have no other client meanwhile.
pub struct Meter {
    redis: Connection,
    seen: Arc<Mutex<Vec<Seen>>>,
    monitor: JoinHandle<()>,
}

/// A command as the monitor shows it.
struct Seen {
    /// Called by a script, the one that was shown last.
    is_inner: bool,
    /// The script's name, for EVAL and EVALSHA.
    script: Option<String>,
}

impl Meter {
    /// Of the Redis that was started for this run.
    pub async fn start() -> Self {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let mut monitored = Connection::open().await;
        monitored.ask(&["MONITOR"]).await;
        let into = seen.clone();
        let monitor = tokio::spawn(async move {
            loop {
                let line = monitored.line().await;
                into.lock().unwrap().extend(Seen::parse(&line));
            }
        });
        Self { redis: Connection::open().await, seen, monitor }
    }

    /// What a step costs, with all that it leaves to be done in the background.
    pub async fn cost<F: Future>(&mut self, step: F) -> (F::Output, Cost) {
        self.quiet().await;
        self.seen.lock().unwrap().clear();
        let before = self.statistics().await;
        let since = newest_call().await;
        let output = step.await;
        self.quiet().await;
        let commands = self.statistics().await - before;
        let (scripts, plain) = self.by_script();
        let mut cost = Cost {
            commands,
            statements: 0,
            postgres_bytes: (0, 0),
            calls: Calls::default(),
            scripts,
            pipelines: Vec::new(),
            sent: BTreeMap::new(),
        };
        cost.read_calls(since).await;
        let told: u64 = cost.scripts.values().flatten().sum::<u64>() + plain;
        assert_eq!(told, commands, "the monitor and the statistics of Redis differ: somebody else uses it");
        (output, cost)
    }

    /// Waits until Redis is asked nothing any more.
    async fn quiet(&self) {
        let mut count = usize::MAX;
        while count != self.seen.lock().unwrap().len() {
            count = self.seen.lock().unwrap().len();
            tokio::time::sleep(QUIET).await;
        }
    }

    /// All commands that Redis has run.
    async fn statistics(&mut self) -> u64 {
        let text = self.redis.ask(&["INFO", "commandstats"]).await;
        let counted = text.lines().filter_map(|line| {
            let (name, numbers) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            let is_counted = !NOT_COUNTED.contains(&name.split('|').next().unwrap_or_default());
            is_counted.then(|| numbers.split(',').next().unwrap_or_default().parse::<u64>().expect("a number"))
        });
        counted.sum()
    }

    /// Commands of each run of each script, and how many were in none.
    fn by_script(&self) -> (BTreeMap<String, Vec<u64>>, u64) {
        let (mut scripts, mut plain): (BTreeMap<String, Vec<u64>>, u64) = (BTreeMap::new(), 0);
        let mut running: Option<&str> = None;
        let seen = self.seen.lock().unwrap();
        for command in seen.iter() {
            match (command.is_inner, &command.script) {
                (true, _) => {
                    let runs = running.and_then(|script| scripts.get_mut(script)).expect("a script that calls");
                    *runs.last_mut().expect("a run") += 1;
                }
                (false, Some(script)) => {
                    running = Some(script);
                    scripts.entry(script.clone()).or_default().push(1);
                }
                (false, None) => plain += 1,
            }
        }
        (scripts, plain)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.monitor.abort();
    }
}

impl Cost {
    /// What the log of the local gateways says of the calls after `since`.
    async fn read_calls(&mut self, since: u64) {
        let (sql, redis) = (control::calls("sql", "", since).await, control::calls("redis", "", since).await);
        self.statements = sql.iter().map(statements).sum();
        let bytes = |of: &str| sql.iter().map(|call| number(call, of)).sum();
        self.postgres_bytes = (bytes("request_bytes"), bytes("bytes_sent"));
        let model = control::calls("model", "", since).await;
        self.calls = Calls { all: sql.len() + redis.len() + model.len(), at_once: at_once(&[&sql, &redis, &model]) };
        for call in redis {
            let request = call.request().to_string();
            let is_pipeline = call.0["path"] == "/redis/pipeline";
            if let Some(script) = script_of(&request).filter(|_| !is_pipeline) {
                self.sent.entry(script).or_default().push(number(&call, "request_bytes"));
            }
            if is_pipeline {
                let commands = call.request().as_array().expect("commands");
                let is_script = |command: &&Value| command[0].as_str().is_some_and(|name| name.starts_with("EVAL"));
                self.pipelines.push((commands.len() - commands.iter().filter(is_script).count()) as u64);
            }
        }
    }
}

fn number(call: &control::LoggedCall, of: &str) -> u64 {
    call.0[of].as_u64().expect("a number")
}

/// The most calls that were open at the same time.
fn at_once(calls: &[&[control::LoggedCall]]) -> usize {
    let all = || calls.iter().copied().flatten();
    let is_open = |call: &control::LoggedCall, at: u64| {
        (number(call, "started_us")..call.0["ended_us"].as_u64().unwrap_or(u64::MAX)).contains(&at)
    };
    let open = |first: &control::LoggedCall| all().filter(|call| is_open(call, number(first, "started_us"))).count();
    all().map(open).max().unwrap_or_default()
}

/// How many statements a call carries: one, or a list of them.
fn statements(call: &control::LoggedCall) -> usize {
    call.request()["queries"].as_array().map_or(1, Vec::len)
}

async fn newest_call() -> u64 {
    // What was heard of before may be long ago.
    control::calls("redis", "", control::newest().await).await;
    control::newest().await
}

/// The name of the script that a text calls, escaped as JSON and the monitor do: the script's first line, or the argument that repeats it.
fn script_of(text: &str) -> Option<String> {
    let (_, rest) = text.rsplit_once(r#""-- "#).or_else(|| text.split_once("-- "))?;
    rest.split_once(r"\n").map(|(name, _)| name.to_owned())
}

impl Seen {
    /// `1764191000.123456 [0 127.0.0.1:50000] "GET" "key"`, or `[0 lua]` for what a script calls.
    fn parse(line: &str) -> Option<Self> {
        let (source, command) = line.split_once(']')?;
        let name = command.split('"').nth(1)?.to_ascii_lowercase();
        if NOT_COUNTED.contains(&name.as_str()) {
            return None;
        }
        let script = name.starts_with("eval").then(|| script_of(command).expect("a script with a name"));
        Some(Self { is_inner: source.ends_with(" lua"), script })
    }
}

/// Redis' own protocol, as far as it is needed here.
struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    async fn open() -> Self {
        let url = reqwest::Url::parse(&variable("REDIS_DIRECT_URL")).expect("an address");
        let address = (url.host_str().expect("a host"), url.port().expect("a port"));
        let stream = TcpStream::connect(address).await.expect("the Redis of this run");
        let mut connection = Self { stream: BufReader::new(stream) };
        connection.ask(&["AUTH", url.password().expect("a password")]).await;
        connection
    }

    /// The reply to a command: a status or a string.
    async fn ask(&mut self, command: &[&str]) -> String {
        let mut bytes = format!("*{}\r\n", command.len());
        for word in command {
            bytes += &format!("${}\r\n{word}\r\n", word.len());
        }
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
        let head = self.line().await;
        let Some(length) = head.strip_prefix('$') else {
            assert!(head.starts_with('+'), "{command:?}: {head}");
            return head;
        };
        let mut text = vec![0; length.parse::<usize>().expect("a length") + 2];
        self.stream.read_exact(&mut text).await.unwrap();
        String::from_utf8(text).expect("a text")
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.expect("a line");
        assert!(!line.is_empty(), "Redis has ended");
        line.trim_end().to_owned()
    }
}
