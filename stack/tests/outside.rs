//! The stack from outside: faults by script, the call log, and load. No database is needed here.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may end by panicking")]

use serde_json::{Value, json};
use stack::{Database, Options, Running};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Stack {
    running: Option<Running>,
    address: String,
    redis_token: String,
    model_key: String,
    mail_token: String,
    data_dir: PathBuf,
}

/// What came back: status (0 without any), body as received.
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Stack {
    async fn start() -> Self {
        Self::start_in(std::env::temp_dir().join(format!("stack-{}", uuid::Uuid::new_v4()))).await
    }

    async fn start_in(data_dir: PathBuf) -> Self {
        let options = Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: data_dir.clone(),
            database: Database::None,
            redis_url: None,
            redis_token: None,
            model_key: None,
            control: true,
        };
        let running = stack::start(options).await.unwrap();
        let ready = running.ready().clone();
        let address = ready.base.strip_prefix("http://").unwrap().to_owned();
        let (redis_token, model_key, mail_token) = (ready.redis_token, ready.model_key, ready.mail_token);
        Self { running: Some(running), address, redis_token, model_key, mail_token, data_dir }
    }

    async fn open(&self, method: &str, path: &str, body: &str) -> TcpStream {
        let token = match path.split('/').nth(1) {
            Some("v1") => &self.model_key,
            Some("mail") => &self.mail_token,
            _ => &self.redis_token,
        };
        let mut socket = TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body.as_bytes()).await.unwrap();
        socket
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        Self::receive(self.open(method, path, body).await).await
    }

    async fn receive(mut socket: TcpStream) -> Answer {
        let mut received = Vec::new();
        // A cut connection may end in a reset; what came before it counts.
        let _ = socket.read_to_end(&mut received).await;
        let text = String::from_utf8_lossy(&received).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or(("", ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, body: body.to_owned() }
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self.send("POST", &format!("/control{path}"), &body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn redis(&self, command: Value) -> Answer {
        self.send("POST", "/redis", &command.to_string()).await
    }

    async fn call(&self, seq: u64) -> Value {
        let answer = self.send("GET", &format!("/control/calls/wait?seq={seq}&timeout_ms=5000"), "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["call"].clone()
    }

    async fn stop(mut self) -> PathBuf {
        self.running.take().unwrap().stop().await;
        self.data_dir.clone()
    }

    async fn end(self) {
        std::fs::remove_dir_all(self.stop().await).unwrap();
    }
}

fn chat(text: &str) -> String {
    json!({"model": "gpt-oss-120b", "stream": true, "messages": [{"role": "user", "content": text}]}).to_string()
}

#[tokio::test]
async fn mail_is_kept_for_who_asks_for_it_by_its_address() {
    let stack = Stack::start().await;
    let letter = |to: &str| json!({"from": "Chat <c@example.org>", "to": to, "subject": "s", "text": "t"});
    for to in ["jo@example.org", "al@example.org"] {
        assert_eq!(stack.send("POST", "/mail/emails", &letter(to).to_string()).await.status, 200);
    }
    let mails = stack.send("GET", "/control/mails?to=jo@example.org", "").await.json();
    assert_eq!(mails, json!({"mails": [letter("jo@example.org")]}));
    for (body, status) in [
        (letter("jo@example.org,al@example.org"), 422),
        (letter("nobody"), 422),
        (json!({"from": "c@example.org", "to": "jo@example.org", "subject": "s"}), 422),
        (json!({"from": "c@example.org", "to": "jo@example.org", "subject": "s", "text": "t", "html": "<b>"}), 422),
    ] {
        assert_eq!(stack.send("POST", "/mail/emails", &body.to_string()).await.status, status, "{body}");
    }
    assert_eq!(stack.send("GET", "/control/mails", "").await.json()["mails"].as_array().unwrap().len(), 2);
    stack.end().await;
}

#[tokio::test]
async fn rules_are_skipped_counted_and_matched() {
    let stack = Stack::start().await;
    let rule = json!({"face": "redis", "match": {"contains": "INCR", "path": "/redis"}, "fault": {"status": 503, "body": "{\"error\":\"x\"}"},
                      "times": 2, "skip": 1});
    stack.control("/faults", rule).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(stack.redis(json!(["INCR", "n"])).await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200, 200]);
    assert_eq!(stack.redis(json!(["GET", "n"])).await.json(), json!({"result": "3"}));
    assert_eq!(stack.call(2).await["outcome"], "fault:status");
    assert_eq!(stack.send("POST", "/control/faults", r#"{"face":"redis","fault":{"status":1}}"#).await.status, 400);
    assert_eq!(stack.send("POST", "/control/faults", r#"{"face":"redis","fault":{"nonsense":1}}"#).await.status, 400);
    stack.end().await;
}

#[tokio::test]
async fn a_rule_asks_for_all_its_texts_and_says_when_lifted_how_often_it_struck() {
    let stack = Stack::start().await;
    let rule = json!({"face": "redis", "match": {"contains": "GET", "contains_all": ["a", "mine"]}, "fault": {"refuse": true}});
    let id = stack.control("/faults", rule).await["id"].as_u64().unwrap();
    let other = stack.control("/faults", json!({"face": "redis", "fault": {"latency_ms": 1}})).await["id"].clone();
    let mut statuses = Vec::new();
    for command in
        [json!(["GET", "a mine"]), json!(["GET", "mine"]), json!(["SET", "a mine", 1]), json!(["GET", "mine a"])]
    {
        statuses.push(stack.redis(command).await.status);
    }
    assert_eq!(statuses, [0, 200, 200, 0]);
    let address = format!("/control/faults?id={id}");
    assert_eq!(stack.send("DELETE", &address, "").await.json(), json!({"struck": 2}));
    assert_eq!(stack.send("DELETE", &address, "").await.status, 404);
    assert_eq!(stack.redis(json!(["GET", "a mine"])).await.status, 200);
    let other = stack.send("DELETE", &format!("/control/faults?id={other}"), "").await;
    assert_eq!(other.json(), json!({"struck": 5}));
    stack.end().await;
}

#[tokio::test]
async fn calls_are_found_by_face_and_by_a_text() {
    let stack = Stack::start().await;
    stack.send("POST", "/v1/chat/completions", &chat("one two")).await;
    stack.redis(json!(["GET", "one two"])).await;
    stack.redis(json!(["GET", "three"])).await;
    let found = |query: &'static str| {
        let stack = &stack;
        async move {
            let answer = stack.send("GET", query, "").await.json();
            let calls: Vec<u64> =
                answer["calls"].as_array().unwrap().iter().map(|call| call["seq"].as_u64().unwrap()).collect();
            (calls, answer["last"].as_u64().unwrap())
        }
    };
    assert_eq!(found("/control/calls").await, (vec![1, 2, 3], 3));
    assert_eq!(found("/control/calls?contains=one%20two").await, (vec![1, 2], 3));
    assert_eq!(found("/control/calls?contains=one%20two&face=model").await, (vec![1], 3));
    assert_eq!(found("/control/calls?face=redis&since=2").await, (vec![3], 3));
    stack.end().await;
}

#[tokio::test]
async fn each_fault_does_what_it_says() {
    let stack = Stack::start().await;
    let cases = [
        (json!({"refuse": true}), 0, "fault:refuse", "0"),
        (json!({"lost_reply": true}), 0, "fault:lost_reply", "1"),
        (json!({"garbage": true}), 200, "fault:garbage", "1"),
        (json!({"cut_after_bytes": 5}), 200, "fault:cut", "2"),
        (json!({"cut_after_bytes": 0}), 200, "fault:cut", "3"),
        (json!({"cut_after_chunks": 0}), 200, "fault:cut", "4"),
        (json!({"cut_after_chunks": 1}), 200, "ok", "5"),
    ];
    stack.redis(json!(["SET", "n", 0])).await;
    for (seq, (fault, status, outcome, after)) in (1..).zip(cases) {
        stack.control("/faults", json!({"face": "redis", "fault": fault, "times": 1})).await;
        let answer = stack.redis(json!(["INCR", "n"])).await;
        assert_eq!(answer.status, status, "{fault}");
        assert_eq!(stack.call(2 * seq).await["outcome"], outcome, "{fault}");
        if fault["cut_after_bytes"] == 5 {
            assert_eq!(answer.body, "{\"res");
        }
        let now = stack.redis(json!(["GET", "n"])).await;
        assert_eq!(now.json()["result"], after, "{fault}");
    }
    stack.send("DELETE", "/control/faults", "").await;
    stack.control("/faults", json!({"face": "redis", "fault": {"latency_ms": 100}})).await;
    let began = Instant::now();
    assert_eq!(stack.redis(json!(["GET", "n"])).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(100));
    stack.end().await;
}

#[tokio::test]
async fn a_hanging_call_ends_when_the_client_leaves() {
    let stack = Stack::start().await;
    stack.control("/faults", json!({"face": "redis", "fault": {"hang": true}})).await;
    let socket = stack.open("POST", "/redis", r#"["INCR","n"]"#).await;
    let open = stack.send("GET", "/control/calls/wait?seq=1&timeout_ms=50", "").await;
    assert!(open.status == 408 || open.status == 404, "{}", open.status);
    drop(socket);
    assert_eq!(stack.call(1).await["outcome"], "client_closed");
    stack.end().await;
}

#[tokio::test]
async fn a_reader_who_leaves_is_noticed_at_once() {
    let stack = Stack::start().await;
    stack.control("/model", json!({"scenario": {"chunks": 1000, "chunk_text": "word {i} ", "pace_ms": 20}})).await;
    let mut socket = stack.open("POST", "/v1/chat/completions", &chat("x")).await;
    let mut received = String::new();
    while received.matches("data: ").count() < 5 {
        let mut buffer = [0; 4096];
        let count = socket.read(&mut buffer).await.unwrap();
        received.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    drop(socket);
    let left = Instant::now();
    let call = stack.call(1).await;
    assert!(left.elapsed() < Duration::from_secs(1));
    assert_eq!(call["outcome"], "client_closed");
    let sent = call["chunks_sent"].as_u64().unwrap();
    assert!((5..60).contains(&sent), "{call}");
    assert_eq!(call["request"]["messages"][0]["content"], "x");
    stack.end().await;
}

#[tokio::test]
async fn a_scenario_cuts_a_stream_where_it_says() {
    let stack = Stack::start().await;
    let scenario =
        json!({"match": {"contains": "cut"}, "scenario": {"chunks": 10, "close_at": 3, "chunk_text": "{i}"}});
    stack.control("/model", scenario).await;
    let answer = stack.send("POST", "/v1/chat/completions", &chat("cut it")).await;
    assert_eq!(answer.body.matches("data: ").count(), 3);
    let raw = json!({"match": {"contains": "raw"}, "scenario": {"raw": "data: {\"é\":1}\n\ndata: [DONE]\n\n", "split": "byte"}});
    stack.control("/model", raw).await;
    let answer = stack.send("POST", "/v1/chat/completions", &chat("raw")).await;
    assert_eq!(answer.body, "data: {\"é\":1}\n\ndata: [DONE]\n\n");
    assert_eq!(stack.call(2).await["chunks_sent"], answer.body.len());
    stack.end().await;
}

#[tokio::test]
async fn a_scenario_can_go_by_what_was_said_before() {
    let stack = Stack::start().await;
    for (place, text) in [("anywhere", "before"), ("contains", "special")] {
        let scenario = json!({"match": {place: text}, "scenario": {"chunks": 1, "chunk_text": place}});
        stack.control("/model", scenario).await;
    }
    for (last, answer) in [("go on", "anywhere"), ("something special", "contains")] {
        let said = [("user", "before"), ("assistant", "yes"), ("user", last)];
        let messages: Vec<Value> = said.iter().map(|(role, text)| json!({"role": role, "content": text})).collect();
        let request = json!({"model": "gpt-oss-120b", "messages": messages}).to_string();
        let whole = stack.send("POST", "/v1/chat/completions", &request).await.json();
        assert_eq!(whole["choices"][0]["message"]["content"], answer);
    }
    stack.end().await;
}

#[tokio::test]
async fn twenty_thousand_chunks_and_a_thousand_slow_streams() {
    let stack = Stack::start().await;
    stack.control("/model", json!({"match": {"contains": "long"}, "scenario": {"chunks": 20_000}})).await;
    let answer = stack.send("POST", "/v1/chat/completions", &chat("long")).await;
    assert_eq!(answer.body.matches("data: ").count(), 20_002);
    let slow = json!({"match": {"contains": "slow"}, "scenario": {"chunks": 10, "chunk_text": "{i}", "pace_ms": 100}});
    stack.control("/model", slow).await;
    let text = chat("slow");
    // Connected one after the other, so that it is the streams that are many at once and not the handshakes.
    let mut streams = Vec::new();
    for _ in 0..1_000 {
        streams.push(stack.open("POST", "/v1/chat/completions", &text).await);
    }
    for answer in futures::future::join_all(streams.into_iter().map(Stack::receive)).await {
        assert_eq!(answer.body.matches("data: ").count(), 12, "{}", answer.status);
        assert!(answer.body.ends_with("data: [DONE]\n\n"));
    }
    let open = stack.send("GET", "/control/connections", "").await.json();
    assert_eq!(open["open"], json!({"sql": 0, "redis": 0, "model": 0, "turnstile": 0, "mail": 0, "github": 0}));
    stack.end().await;
}

#[tokio::test]
async fn data_and_secrets_survive_a_restart_and_one_stack_owns_a_directory() {
    let stack = Stack::start().await;
    stack.redis(json!(["SET", "k", "é"])).await;
    stack.control("/clock", json!({"offset_ms": 5})).await;
    let second = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: stack.data_dir.clone(),
        database: Database::None,
        redis_url: None,
        redis_token: None,
        model_key: None,
        control: false,
    };
    assert!(matches!(stack::start(second).await, Err(stack::StartError::Taken(_))));
    let (token, key) = (stack.redis_token.clone(), stack.model_key.clone());
    let again = Stack::start_in(stack.stop().await).await;
    assert_eq!((&again.redis_token, &again.model_key), (&token, &key));
    assert_eq!(again.redis(json!(["GET", "k"])).await.json(), json!({"result": "é"}));
    again.end().await;
}

#[tokio::test]
async fn a_database_without_a_password_is_refused_at_the_start() {
    let data_dir = std::env::temp_dir().join(format!("stack-{}", uuid::Uuid::new_v4()));
    for url in ["postgres://postgres@127.0.0.1/chat", "postgres://postgres:@127.0.0.1/chat"] {
        let options = Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: data_dir.clone(),
            database: Database::Url(url.to_owned()),
            redis_url: None,
            redis_token: None,
            model_key: None,
            control: false,
        };
        assert!(matches!(stack::start(options).await, Err(stack::StartError::NoPassword)), "{url}");
    }
    std::fs::remove_dir_all(data_dir).unwrap();
}

#[tokio::test]
async fn nothing_is_controlled_unless_asked_for() {
    let data_dir = std::env::temp_dir().join(format!("stack-{}", uuid::Uuid::new_v4()));
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: data_dir.clone(),
        database: Database::None,
        redis_url: None,
        redis_token: Some("token".to_owned()),
        model_key: Some("key".to_owned()),
        control: false,
    };
    let running = stack::start(options).await.unwrap();
    let ready = running.ready().clone();
    assert_eq!((ready.redis_token.as_str(), ready.model_key.as_str()), ("token", "key"));
    let address = ready.base.strip_prefix("http://").unwrap().to_owned();
    let stack = Stack {
        running: Some(running),
        address,
        redis_token: ready.redis_token,
        model_key: ready.model_key,
        mail_token: ready.mail_token,
        data_dir,
    };
    assert_eq!(stack.send("GET", "/control/calls", "").await.status, 404);
    assert_eq!(stack.redis(json!(["PING"])).await.status, 200);
    stack.end().await;
}
