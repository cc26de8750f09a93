//! What a message asks of others: Redis' commands, each of which is billed, those within scripts too, counted by a real Redis behind the local gateway;
//! and by the gateways' log Postgres' statements and bytes, and the calls out of the Worker.

mod meter;

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Visitor, tokens};
use uuid::Uuid;

use self::meter::{Cost, Meter};
use crate::Line;
use crate::spin::SpinHost;
use crate::workerd::{Inspector, Workerd, services};

/// An answer of ten seconds.
const CHUNKS: u64 = 100;
const PACE_MS: u64 = 100;

/// When a second reader joins it.
const FOLLOWED_AFTER: Duration = Duration::from_secs(3);

/// More messages than any minute has room for.
const MANY: usize = 200;

/// Commands that may be taken, EVAL itself counted.
const GUEST: u64 = 4;
const QUOTA: u64 = 2;
const ADMISSION: u64 = 8;
const APPEND: u64 = 2;
const SETTLEMENT: u64 = 8;
/// A follower's look, two of which are made a second.
const LOOK: u64 = 7;
const SHORT_ANSWER: u64 = 16;
const LONG_ANSWER: u64 = 24;

/// Bytes that an admission may send.
const ADMISSION_BYTES: u64 = 4_000;

/// Statements of a message: what it follows, both rows, the answer's end; and a read of both rows where the answer comes whole.
const STATEMENTS: usize = 3;
const PLAIN_STATEMENTS: usize = 4;

/// What Cloudflare's free plan allows a request: calls, and calls that wait for the head of their answer at once.
const CALLS: usize = 50;
const CALLS_AT_ONCE: usize = 6;

/// Commands, bytes and statements of each step.
pub async fn measure() -> Vec<Line> {
    // As it is deployed, limits and all: they decide what is written.
    let worker = Workerd::with(&services(), Inspector::Off);
    worker.answers().await;
    let visitor = Visitor::new().await;
    let short = visitor.scene(json!({"chunks": 3, "pace_ms": 0})).await.text("short");
    let long = visitor.scene(json!({"chunks": CHUNKS, "pace_ms": PACE_MS})).await.text("long");
    let mut meter = Meter::start().await;
    let mut lines = on_workers(&worker.base, &mut meter, &short, &long).await;
    drop(worker);
    let host = SpinHost::start(&services()).await;
    let user = User::new(&host.base);
    user.send(&short, None).await;
    let (_, answer) = meter.cost(user.stream(&long)).await;
    lines.push(commands("an answer of 10 s on Spin's host", &answer, Some(LONG_ANSWER)));
    visitor.leaves().await;
    lines
}

async fn on_workers(base: &str, meter: &mut Meter, short: &str, long: &str) -> Vec<Line> {
    let user = User::new(base);
    // Redis learns each script with its first call.
    user.guest().await;
    user.quota().await;
    user.send(short, None).await;
    let (_, guest) = meter.cost(user.guest()).await;
    let (_, quota) = meter.cost(user.quota()).await;
    let (_, plain) = meter.cost(user.send(short, None)).await;
    let key = Uuid::now_v7().to_string();
    let (_, keyed) = meter.cost(user.send(short, Some(&key))).await;
    let (_, repeated) = meter.cost(user.send(short, Some(&key))).await;
    let (_, streamed) = meter.cost(user.stream(long)).await;
    // The first reads of a follower teach Redis their script.
    user.followed(long).await;
    let (_, followed) = meter.cost(user.followed(long)).await;
    let refused = refusal(base, meter, short).await;

    assert_eq!(guest.of("mint_guest"), guest.commands, "a new guest is one script");
    let reads = &followed.scripts["read_buffer"];
    let mut looks = reads.clone();
    looks.sort_unstable();
    let middle = looks[looks.len() / 2];
    let appends = &streamed.pipelines;
    let append = appends.iter().copied().max().expect("an append");
    let bytes = plain.sent["admit"].iter().chain(&keyed.sent["admit"]).copied().max().expect("an admission");
    vec![
        commands("a new guest", &guest, Some(GUEST)),
        commands("a look at the quota", &quota, Some(QUOTA)),
        part("an admission", keyed.of("admit").max(plain.of("admit")), ADMISSION),
        commands("a message that is refused by the minute", &refused, Some(ADMISSION)),
        part(&format!("an append, the dearest of {}", appends.len()), append, APPEND),
        part("a settlement", keyed.of("settle").max(streamed.of("settle")), SETTLEMENT),
        commands("a plain answer", &plain, Some(SHORT_ANSWER)),
        commands("the same under an idempotency key", &keyed, Some(SHORT_ANSWER)),
        commands("the same request again", &repeated, None),
        commands("an answer of 10 s", &streamed, Some(LONG_ANSWER)),
        commands("the same, followed from its third second on", &followed, None),
        Line::plain(
            format!("  of these by the follower, in {} looks · by the first of them", reads.len()),
            format!("{} · {}", reads.iter().sum::<u64>(), reads[0]),
        ),
        part("a follower's look, the middle of them", middle, LOOK),
        Line::exact(
            "bytes sent to Redis by an admission",
            bytes.to_string(),
            format!("at most {ADMISSION_BYTES}"),
            bytes <= ADMISSION_BYTES,
        ),
    ]
    .into_iter()
    .chain(beside_redis("a plain answer", &plain, PLAIN_STATEMENTS))
    .chain(beside_redis("an answer of 10 s", &streamed, STATEMENTS))
    .collect()
}

/// What else one request for an answer costs.
fn beside_redis(what: &str, cost: &Cost, statements: usize) -> [Line; 4] {
    let (sent, answered) = cost.postgres_bytes;
    let calls = cost.calls;
    [
        Line::exact(
            format!("Postgres statements of {what}"),
            cost.statements.to_string(),
            statements.to_string(),
            cost.statements == statements,
        ),
        Line::plain(format!("bytes to Postgres, and from it, of {what}"), format!("{sent} · {answered}")),
        Line::exact(
            format!("calls out of the Worker for the one request of {what}"),
            calls.all.to_string(),
            format!("at most {CALLS}"),
            calls.all <= CALLS,
        ),
        Line::exact(
            format!("  of these open at once, of {what}"),
            calls.at_once.to_string(),
            format!("at most {CALLS_AT_ONCE}"),
            calls.at_once <= CALLS_AT_ONCE,
        ),
    ]
}

/// A message of somebody whose minute is used up.
async fn refusal(base: &str, meter: &mut Meter, short: &str) -> Cost {
    let user = User::new(base);
    for _ in 0..MANY {
        if user.post(short, None).await == StatusCode::TOO_MANY_REQUESTS {
            let (status, cost) = meter.cost(user.post(short, None)).await;
            assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
            return cost;
        }
    }
    panic!("of {MANY} messages none was refused");
}

/// All commands of a step, and its statements.
fn commands(what: &str, cost: &Cost, budget: Option<u64>) -> Line {
    let what = format!("Redis commands (Postgres statements) of {what}");
    let figure = format!("{} ({})", cost.commands, cost.statements);
    match budget {
        Some(budget) => Line::exact(what, figure, format!("at most {budget}"), cost.commands <= budget),
        None => Line::plain(what, figure),
    }
}

/// The commands of a part of a step.
fn part(what: &str, commands: u64, budget: u64) -> Line {
    let what = format!("Redis commands of {what}");
    Line::exact(what, commands.to_string(), format!("at most {budget}"), commands <= budget)
}

/// Somebody who sends messages to one server.
struct User<'a> {
    client: reqwest::Client,
    base: &'a str,
    token: String,
}

impl<'a> User<'a> {
    fn new(base: &'a str) -> Self {
        Self { client: reqwest::Client::new(), base, token: tokens::valid(Uuid::now_v7(), "guest") }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, key: Option<&str>) -> reqwest::Response {
        let mut request = self.client.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        request.send().await.unwrap()
    }

    /// Becomes another, new guest: a token would be renewed, which costs nothing.
    async fn guest(&self) {
        let request = self.client.post(format!("{}/api/v1/auth/guest", self.base));
        let answer = request.header("content-type", "application/json").body("{}").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{:?}", answer.text().await);
    }

    async fn quota(&self) {
        let answer = self.ask(Method::GET, "/chat/quota", None, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    }

    /// Sends a message and takes the answer as JSON; its status.
    async fn post(&self, text: &str, key: Option<&str>) -> StatusCode {
        let body = json!({"content": text, "stream": false});
        let answer = self.ask(Method::POST, "/chat/messages", Some(&body), key).await;
        let status = answer.status();
        answer.bytes().await.unwrap();
        status
    }

    async fn send(&self, text: &str, key: Option<&str>) {
        assert_eq!(self.post(text, key).await, StatusCode::OK);
    }

    /// Sends a message and reads its stream to the end.
    async fn stream(&self, text: &str) {
        self.open(text).await.bytes().await.unwrap();
    }

    async fn open(&self, text: &str) -> reqwest::Response {
        let answer = self.ask(Method::POST, "/chat/messages", Some(&json!({"content": text})), None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer
    }

    /// As [`User::stream`], with a second reader from [`FOLLOWED_AFTER`] on.
    async fn followed(&self, text: &str) {
        let answer = self.open(text).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let path = format!("/chat/sessions/{}/messages/{}/stream", header("x-session-id"), header("x-message-id"));
        let follow = async {
            tokio::time::sleep(FOLLOWED_AFTER).await;
            let follower = self.ask(Method::GET, &path, None, None).await;
            assert_eq!(follower.status(), StatusCode::OK);
            follower.bytes().await.unwrap()
        };
        let (whole, rest) = tokio::join!(answer.bytes(), follow);
        assert!(whole.unwrap().ends_with(b"data: [DONE]\n\n") && rest.ends_with(b"data: [DONE]\n\n"));
    }
}
