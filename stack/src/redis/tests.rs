//! The Redis face: its own rules.

mod against_redis;

use self::against_redis::RealRedis;
use super::store::{ScriptKeys, Store};
use super::{Backend, CommandCount, Redis, Reply};
use crate::body::Content;
use crate::server::Call;
use serde_json::{Value, json};

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
        json!(["PEXPIRE", "z", 1, "NX"]),
        json!(["KEYS", "*"]),
        json!(["SCAN", 0, "MATCH", "[z]"]),
        json!(["SCAN", 0, "MATCH", "\\z"]),
        json!(["LPUSH", "l", 1]),
        json!(["EVAL", "#!lua flags=no-writes\nreturn 1", 0]),
        json!(["EVAL", "return redis.pcall('get', 'z')", 0]),
        json!(["EVAL", "return redis.call('lpush', 'l', 1)", 0]),
    ];
    for command in refused {
        assert!(ask(&redis, command.clone()).await["error"].is_string(), "{command}");
    }
    assert_eq!(ask(&redis, json!(["SCAN", 0])).await, json!({"result": ["0", ["z"]]}));
    assert_eq!(ask(&redis, json!(["ZRANGE", "z", 0, -1, "WITHSCORES"])).await, json!({"result": ["a", "1"]}));
    assert_eq!(ask(&redis, json!(["TTL", "z"])).await, json!({"result": -1}));
}
