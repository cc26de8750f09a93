//! The Redis face: its own rules, and the embedded store against a real Redis 7, reply by reply.

use super::store::{ScriptKeys, Store};
use super::{Backend, CommandCount, Redis, Reply};
use crate::body::Content;
use crate::server::Call;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};

const TOKEN: &str = "secret";
const READ_ONLY_TOKEN: &str = "only for reading";

fn redis_on(backend: Backend) -> Redis {
    Redis::new(backend, TOKEN.to_owned(), READ_ONLY_TOKEN.to_owned())
}

fn embedded() -> Redis {
    redis_on(Backend::Embedded(Store::start(None, ScriptKeys::Any).unwrap()))
}

async fn send(redis: &Redis, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let mut request = http::Request::post(path);
    if !headers.iter().any(|(name, _)| *name == "authorization") {
        request = request.header("authorization", format!("Bearer {TOKEN}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let answer = redis.answer(Call { head: &head, body: Some(body.to_owned().into()) }).await;
    let status = answer.status().as_u16();
    let Content::Whole(body) = answer.into_body() else { panic!("streamed") };
    (status, serde_json::from_slice(&body).unwrap())
}

async fn ask(redis: &Redis, command: Value) -> Value {
    send(redis, "/redis", &[], &command.to_string()).await.1
}

#[tokio::test]
async fn only_the_token_opens_it() {
    let redis = embedded();
    let wrong = [("authorization", None), ("authorization", Some("Bearer wrong")), ("authorization", Some(TOKEN))];
    for (name, value) in wrong {
        let mut request = http::Request::post("/redis");
        if let Some(value) = value {
            request = request.header(name, value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let answer = redis.answer(Call { head: &head, body: Some(r#"["PING"]"#.into()) }).await;
        assert_eq!(answer.status(), 401);
    }
    assert_eq!(send(&redis, "/redis/ping?_token=secret", &[], "").await.0, 401);
    assert_eq!(send(&redis, "/redis/ping", &[], "").await, (200, json!({"result": "PONG"})));
}

#[tokio::test]
async fn a_read_only_token_reads() {
    let redis = embedded();
    ask(&redis, json!(["SET", "k", "v"])).await;
    let reader = [("authorization", format!("Bearer {READ_ONLY_TOKEN}"))];
    let reader: Vec<(&str, &str)> = reader.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(send(&redis, "/redis", &reader, r#"["GET","k"]"#).await, (200, json!({"result": "v"})));
    let refused = |name: &str| json!({"error": format!("NOPERM this user has no permissions to run the '{name}' command or its subcommand")});
    assert_eq!(send(&redis, "/redis", &reader, r#"["SET","k","w"]"#).await, (400, refused("set")));
    assert_eq!(send(&redis, "/redis", &reader, r#"["EVAL","return 1",0]"#).await, (400, refused("eval")));
    let (status, replies) = send(&redis, "/redis/pipeline", &reader, r#"[["GET","k"],["DEL","k"]]"#).await;
    assert_eq!((status, replies), (200, json!([{"result": "v"}, refused("del")])));
    assert_eq!(send(&redis, "/redis/multi-exec", &reader, r#"[["DEL","k"]]"#).await, (400, refused("del")));
    assert_eq!(ask(&redis, json!(["GET", "k"])).await, json!({"result": "v"}));
}

#[tokio::test]
async fn requests_in_every_style() {
    let redis = embedded();
    assert_eq!(send(&redis, "/redis/set/k/a%20b?EX=100", &[], "").await.1, json!({"result": "OK"}));
    assert_eq!(send(&redis, "/redis/set/body", &[], "from the body").await.1, json!({"result": "OK"}));
    let pipeline = r#"[["GET","k"],["GET","body"],["TTL","k"],["NOPE"],["WATCH","k"],["GET","none"]]"#;
    let (status, replies) = send(&redis, "/redis/pipeline", &[], pipeline).await;
    assert_eq!(status, 200);
    assert_eq!(
        replies,
        json!([
            {"result": "a b"}, {"result": "from the body"}, {"result": 100},
            {"error": "ERR unknown command 'NOPE', with args beginning with: "},
            {"error": "ERR Command is not available: 'WATCH'"}, {"result": null},
        ])
    );
    for (path, body) in [
        ("/redis", "{}"),
        ("/redis", "[]"),
        ("/redis", r#"["GET",null]"#),
        ("/redis", r#"["GET",["k"]]"#),
        ("/redis", "["),
        ("/redis", r#"["GET"]"#),
        ("/redis/pipeline", r#"["GET","k"]"#),
        ("/redis/pipeline", "[]"),
        ("/redis/pipeline", "[[]]"),
    ] {
        let (status, answer) = send(&redis, path, &[], body).await;
        assert_eq!((status, answer["error"].is_string()), (400, true), "{path} {body}");
    }
}

#[tokio::test]
async fn base64_covers_strings_and_nothing_else() {
    let redis = embedded();
    let base64 = [("upstash-encoding", "base64")];
    let body = r#"[["SET","k","é"],["GET","k"],["INCR","n"],["GET","none"],["MGET","k","none"],["PING"],["NOPE"]]"#;
    assert_eq!(
        send(&redis, "/redis/pipeline", &base64, body).await.1,
        json!([
            {"result": "OK"}, {"result": "w6k="}, {"result": 1}, {"result": null}, {"result": ["w6k=", null]}, {"result": "UE9ORw=="},
            {"error": "ERR unknown command 'NOPE', with args beginning with: "},
        ])
    );
}

#[tokio::test]
async fn the_snapshot_keeps_what_lives() {
    let directory = std::env::temp_dir().join(format!("stack-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&directory).unwrap();
    let path = directory.join("redis.jsonl");
    let store = Store::start(Some(path.clone()), ScriptKeys::Any).unwrap();
    let redis = redis_on(Backend::Embedded(store.clone()));
    let all = r#"[["SET","s","\u0000é"],["SET","gone","x","PX",1],["SET","t","x","EX",1000],["HSET","h","b","1","a","2"],["SADD","m","x"],
                  ["ZADD","z","-inf","a","0.1","b"]]"#;
    send(&redis, "/redis/pipeline", &[], all).await;
    store.set_clock_offset(10).await;
    store.stop().await;
    let redis = redis_on(Backend::Embedded(Store::start(Some(path), ScriptKeys::Any).unwrap()));
    let look = r#"[["GET","s"],["EXISTS","gone"],["TTL","t"],["HGETALL","h"],["SISMEMBER","m","x"],["ZRANGE","z","0","-1","WITHSCORES"],["EXISTS","s","t","h","m","z"]]"#;
    assert_eq!(
        send(&redis, "/redis/pipeline", &[], look).await.1,
        json!([
            {"result": "\u{0}é"}, {"result": 0}, {"result": 1000}, {"result": ["b", "1", "a", "2"]}, {"result": 1},
            {"result": ["a", "-inf", "b", "0.10000000000000001"]}, {"result": 5},
        ])
    );
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn the_clock_moves_and_keys_die() {
    let store = Store::start(None, ScriptKeys::Any).unwrap();
    let redis = redis_on(Backend::Embedded(store.clone()));
    ask(&redis, json!(["SET", "k", "v", "EX", 60])).await;
    store.set_clock_offset(59_000).await;
    assert_eq!(ask(&redis, json!(["GET", "k"])).await, json!({"result": "v"}));
    store.set_clock_offset(60_000).await;
    assert_eq!(ask(&redis, json!(["GET", "k"])).await, json!({"result": null}));
}

#[tokio::test]
async fn a_script_that_never_ends_is_stopped() {
    let redis = embedded();
    let answer = ask(&redis, json!(["EVAL", "while true do end", 0])).await;
    assert!(answer["error"].as_str().unwrap().starts_with("ERR Script killed"), "{answer}");
    assert_eq!(ask(&redis, json!(["EVAL", "return 1", 0])).await, json!({"result": 1}));
}

#[tokio::test]
async fn time_stands_still_within_a_script() {
    let redis = embedded();
    let script = "local a = redis.call('time') for i = 1, 1e6 do end local b = redis.call('time') return a[1] == b[1] and a[2] == b[2]";
    assert_eq!(ask(&redis, json!(["EVAL", script, 0])).await, json!({"result": 1}));
}

#[tokio::test]
async fn upstashs_own_flag_is_taken_out_and_both_digests_work() {
    let redis = embedded();
    let script = "#!lua flags=allow-key-locking\nreturn ARGV[1]";
    let digest = sha1_smol::Sha1::from(script).digest().to_string();
    assert_eq!(
        ask(&redis, json!(["EVALSHA", digest, 0])).await["error"],
        "NOSCRIPT No matching script. Please use EVAL."
    );
    assert_eq!(ask(&redis, json!(["SCRIPT", "LOAD", script])).await, json!({"result": digest}));
    assert_eq!(ask(&redis, json!(["EVALSHA", digest, 0, "a"])).await, json!({"result": "a"}));
    assert_eq!(ask(&redis, json!(["EVAL", script, 0, "b"])).await, json!({"result": "b"}));
    assert_eq!(ask(&redis, json!(["SCRIPT", "EXISTS", digest, "x"])).await, json!({"result": [1, 0]}));
}

#[tokio::test]
async fn a_script_that_locks_its_keys_may_use_no_others() {
    let redis = embedded();
    let script = |body: &str| format!("#!lua flags=allow-key-locking\n-- its name\n{body}");
    let ask = async |body: &str| ask(&redis, json!(["EVAL", body, 2, "a", "b", "c"])).await;
    assert_eq!(ask(&script("return redis.call('set', KEYS[1], 1)")).await, json!({"result": "OK"}));
    assert_eq!(ask(&script("return redis.call('mget', 'b', 'a')")).await, json!({"result": [null, "1"]}));
    assert_eq!(ask(&script("return redis.call('del', KEYS[2])")).await, json!({"result": 0}));
    assert!(ask(&script("return redis.call('time')")).await["result"].is_array());
    for other in [
        "return redis.call('get', 'c')",
        "return redis.call('mget', 'a', ARGV[1])",
        "return redis.call('del', 'a', 'c')",
    ] {
        let refused = ask(&script(other)).await;
        assert!(
            refused["error"].as_str().unwrap().starts_with("ERR Dynamic keys are not allowed"),
            "{other}: {refused}"
        );
        assert!(ask(other).await["error"].is_null(), "without the flag: {other}");
        let strict = Store::start(None, ScriptKeys::Declared).unwrap();
        let named = format!("-- name\n{other}");
        let command = ["EVAL", &named, "2", "a", "b", "c"].map(|word| word.as_bytes().to_vec());
        let replies = strict.run(vec![command.to_vec()]).await.unwrap().replies;
        assert!(matches!(&replies[..], [Reply::Error(words)] if words.contains("must be in KEYS")), "{other}");
    }
}

#[tokio::test]
async fn commands_are_counted_those_within_scripts_too() {
    let Some(server) = RealRedis::start() else {
        eprintln!("skipped: no redis-server on this machine");
        return;
    };
    let real = redis_on(Backend::remote(&server.url).unwrap());
    let script = "for i = 1, 3 do redis.call('incr', KEYS[1]) end return redis.call('get', KEYS[1])";
    // What a store that can look into scripts counts, and what is known of a Redis.
    let cases = [
        ("/redis", json!(["SET", "k", "v"]), Some(1), Some(1)),
        ("/redis/pipeline", json!([["SET", "k", "1"], ["GET", "k"], ["STRLEN", "k"]]), Some(3), Some(3)),
        ("/redis", json!(["EVAL", script, 1, "n"]), Some(5), None),
        ("/redis/pipeline", json!([["GET", "n"], ["eval", script, 1, "n"]]), Some(6), None),
        ("/redis/multi-exec", json!([["INCR", "n"], ["INCR", "n"]]), Some(2), Some(2)),
        ("/redis", json!(["EVALSHA", "f".repeat(40), 0]), Some(1), None),
        ("/redis/pipeline", json!([["GET", "n"], ["WATCH", "n"]]), Some(1), Some(1)),
        ("/redis", json!({}), Some(0), Some(0)),
    ];
    let ours = embedded();
    for (path, body, embedded, known) in cases {
        assert_eq!(count(&ours, path, &body).await, embedded, "{path} {body}");
        assert_eq!(count(&real, path, &body).await, known, "{path} {body}, on a real Redis");
    }
}

async fn count(redis: &Redis, path: &str, body: &Value) -> Option<u64> {
    let request = http::Request::post(path).header("authorization", format!("Bearer {TOKEN}"));
    let (head, ()) = request.body(()).unwrap().into_parts();
    let answer = redis.answer(Call { head: &head, body: Some(body.to_string().into()) }).await;
    answer.extensions().get().map(|CommandCount(count)| *count)
}

#[tokio::test]
async fn what_it_does_not_know_is_refused_and_changes_nothing() {
    let redis = embedded();
    ask(&redis, json!(["ZADD", "z", 1, "a"])).await;
    let refused = [
        json!(["ZADD", "z", "GT", 2, "a"]),
        json!(["ZADD", "z", "CH", "XX", 2, "a"]),
        json!(["ZRANGE", "z", 0, -1, "REV"]),
        json!(["EXPIRE", "z", 1, "NX"]),
        json!(["KEYS", "[z]"]),
        json!(["SCAN", 0, "MATCH", "\\z"]),
        json!(["LPUSH", "l", 1]),
        json!(["EVAL", "#!lua flags=no-writes\nreturn 1", 0]),
        json!(["EVAL", "return redis.pcall('get', 'z')", 0]),
        json!(["EVAL", "return redis.call('lpush', 'l', 1)", 0]),
    ];
    for command in refused {
        assert!(ask(&redis, command.clone()).await["error"].is_string(), "{command}");
    }
    assert_eq!(ask(&redis, json!(["KEYS", "*"])).await, json!({"result": ["z"]}));
    assert_eq!(ask(&redis, json!(["ZRANGE", "z", 0, -1, "WITHSCORES"])).await, json!({"result": ["a", "1"]}));
    assert_eq!(ask(&redis, json!(["TTL", "z"])).await, json!({"result": -1}));
}

/// A Redis of our own on a free port, gone with the test.
struct RealRedis {
    child: Child,
    url: String,
}

impl RealRedis {
    /// `None` where no Redis is installed; `cargo xtask test` installs it.
    fn start() -> Option<Self> {
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
        include_str!("sequences.jsonl").lines().filter(|line| !line.trim().is_empty() && !line.starts_with("//"))
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
    const COMMANDS: &str = "get set set set del exists expire pexpire ttl pttl incr incrby decr type mget hset hset hget hmget \
        hgetall hdel hincrby zadd zadd zadd zrem zcard zcount zrange zrange zrangebyscore zremrangebyscore \
        append strlen getrange setrange getdel getex sadd sismember hsetnx pexpireat";
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
        "expire" | "pexpire" | "pexpireat" => command.len() <= 3,
        _ => true,
    }
}

/// A time to live of a few milliseconds may end in one store before the other is asked: those get a hundred minutes and more.
fn outlive_the_test(command: &mut [String]) {
    let takes_a_time = matches!(command[0].as_str(), "expire" | "pexpire");
    for at in 2..command.len() {
        if ((at == 2 && takes_a_time) || matches!(command[at - 1].as_str(), "EX" | "PX"))
            && let Ok(time @ 1..=10) = command[at].parse::<i64>()
        {
            command[at] = (time * 6_000_000).to_string();
        }
    }
}
