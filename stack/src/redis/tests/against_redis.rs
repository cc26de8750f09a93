//! The embedded store against a real Redis 7, reply by reply.

use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::super::{Backend, Redis};
use super::{embedded, redis_on, send};

/// A Redis of our own on a free port, gone with the test.
pub(super) struct RealRedis {
    child: Child,
    pub(super) url: String,
}

impl RealRedis {
    /// `None` where no Redis is installed; `cargo xtask test` installs it.
    pub(super) fn start() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let child = command.stdout(Stdio::null()).spawn().ok()?;
        let real = Self { child, url: format!("redis://127.0.0.1:{port}") };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Some(real)
    }
}

impl Drop for RealRedis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends the same to both; the differences between the answers.
async fn differences(real: &Redis, ours: &Redis, path: &str, commands: &Value) -> Vec<String> {
    let body = commands.to_string();
    let (wanted_status, wanted) = send(real, path, &[], &body).await;
    let (status, got) = send(ours, path, &[], &body).await;
    let mut found = Vec::new();
    if let (Some(wanted), Some(got)) = (wanted.as_array(), got.as_array()) {
        for ((command, wanted), got) in commands.as_array().unwrap().iter().zip(wanted).zip(got) {
            if !equal(wanted, got) {
                found.push(format!("{command}\n  real {wanted}\n  ours {got}"));
            }
        }
    } else if status != wanted_status || wanted != got {
        found.push(format!("{path} {commands}\n  real {wanted_status} {wanted}\n  ours {status} {got}"));
    }
    found
}

/// Equal, but for a millisecond or two between the two calls.
fn equal(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| equal(v, w)))
        }
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) if a > 1000 => a.abs_diff(b) <= 1000,
            (a, b) => a == b,
        },
        (a, b) => a == b,
    }
}

#[tokio::test]
async fn the_embedded_store_answers_as_redis_does() {
    let Some(server) = RealRedis::start() else {
        eprintln!("skipped: no redis-server on this machine");
        return;
    };
    let real = redis_on(Backend::remote(&server.url).unwrap());
    let flush = json!([["FLUSHALL"], ["SCRIPT", "FLUSH"]]).to_string();
    let mut found = Vec::new();
    for line in
        include_str!("../sequences.jsonl").lines().filter(|line| !line.trim().is_empty() && !line.starts_with("//"))
    {
        let commands: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        for path in ["/redis/pipeline", "/redis/multi-exec"] {
            send(&real, "/redis/pipeline", &[], &flush).await;
            found.extend(differences(&real, &embedded(), path, &commands).await);
        }
    }
    for seed in 0..150 {
        send(&real, "/redis/pipeline", &[], &flush).await;
        found.extend(differences(&real, &embedded(), "/redis/pipeline", &random_commands(seed)).await);
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// Any commands with any arguments over few keys: most meet a value of another type or another state than they were made for.
fn random_commands(seed: u64) -> Value {
    const WORDS: [&str; 26] = [
        "0",
        "1",
        "-1",
        "2",
        "10",
        "3.5",
        "-inf",
        "+inf",
        "(1",
        "abc",
        "",
        "9223372036854775807",
        "-9223372036854775808",
        "007",
        "1e3",
        "NX",
        "XX",
        "EX",
        "PX",
        "GET",
        "KEEPTTL",
        "WITHSCORES",
        "LIMIT",
        "BYSCORE",
        "a",
        "b",
    ];
    // What changes a key stands several times.
    const COMMANDS: &str = "get set set set del exists pexpire ttl pttl incr incrby decr mget hset hset hget hmget hgetall \
        hdel hincrby zadd zadd zadd zrem zcard zrange zrange zremrangebyscore strlen getrange setrange getex sadd sismember";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let names: Vec<&str> = COMMANDS.split(' ').collect();
    let mut commands = Vec::new();
    while commands.len() < 300 {
        let mut command = vec![names[next(names.len())].to_owned()];
        for at in 0..next(6) {
            let word = if at == 0 { format!("k{}", next(5)) } else { WORDS[next(WORDS.len())].to_owned() };
            command.push(word);
        }
        outlive_the_test(&mut command);
        if is_known(&command) {
            commands.push(command);
        }
    }
    json!(commands)
}

/// Whether the store knows the options; what it refuses of them is in a test of its own.
fn is_known(command: &[String]) -> bool {
    match command[0].as_str() {
        "zadd" => !command[1..].contains(&"NX".to_owned()),
        "pexpire" => command.len() <= 3,
        // An option that is repeated is refused here; there its last value counts.
        "getex" => command.len() <= 4,
        _ => true,
    }
}

/// A time to live of a few milliseconds may end in one store before the other is asked: those get a hundred minutes and more.
fn outlive_the_test(command: &mut [String]) {
    let takes_a_time = command[0] == "pexpire";
    for at in 2..command.len() {
        if ((at == 2 && takes_a_time) || matches!(command[at - 1].as_str(), "EX" | "PX"))
            && let Ok(time @ 1..=10) = command[at].parse::<i64>()
        {
            command[at] = (time * 6_000_000).to_string();
        }
    }
}
