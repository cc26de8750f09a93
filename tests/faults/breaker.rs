//! The breaker: it opens for every instance, knows what says something about the model, and no sender opens it alone.

mod probes;

use std::net::Ipv4Addr;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::clock::MovedClock;
use tests::{Answer, Server, Visitor, control, fresh_address, stores};
use tokio::sync::MutexGuard;

use crate::{ALONE, FIRST_BYTE_SECS};

/// How long it stays open, and a little more.
const PAUSE: Duration = Duration::from_secs(31);

/// How long a probe keeps others from the model, and a little more.
const PROBE: Duration = Duration::from_secs(FIRST_BYTE_SECS + 6);

/// Failures in a row that open it.
const FAILURES: usize = 5;

const VARIABLES: [(&str, &str); 5] = [
    ("UPSTREAM_TIMEOUT_SECS", "2"),
    ("CHAT_BREAKER_FAILURES", "5"),
    ("CHAT_DAILY_MESSAGE_QUOTA", "100000"),
    ("CHAT_RATE_LIMIT_PER_MINUTE", "100000"),
    ("CHAT_MAX_CONCURRENT_STREAMS", "1000"),
];

async fn started() -> Server {
    Server::started_with(&VARIABLES).await
}

/// The one breaker of all instances, closed at the beginning and at the end, and the clock it goes by.
struct Breaker {
    clock: MovedClock,
    _alone: MutexGuard<'static, ()>,
}

impl Breaker {
    async fn take() -> Self {
        let alone = ALONE.lock().await;
        let clock = MovedClock::take().await;
        close().await;
        Self { clock, _alone: alone }
    }
}

async fn close() {
    stores::redis(&["DEL", "chat:all"]).await;
}

impl Drop for Breaker {
    /// Also when the test has failed: the next test must not find it open.
    fn drop(&mut self) {
        let closing = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(close());
        });
        let outcome = closing.join();
        assert!(outcome.is_ok() || std::thread::panicking(), "the breaker could not be closed");
    }
}

/// A failure of the provider's that is not tried again: it asks for more patience than a visitor has.
fn down() -> Value {
    json!({"error": {"status": 503, "code": "maintenance", "retry_after": 60}})
}

/// Sends that fail, one after the other, each from another address.
async fn fail(server: &Server, times: usize) {
    for _ in 0..times {
        let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
        fail_as(&visitor, 1).await;
        visitor.leaves().await;
    }
}

/// Sends of one visitor that fail, one after the other.
async fn fail_as(visitor: &Visitor, times: usize) {
    let scene = visitor.scene(down()).await;
    for _ in 0..times {
        decided(visitor, &scene.text("fail")).await.problem(502, "provider_error");
    }
}

/// Checks that a send is refused because the breaker is open, that it costs nothing, writes nothing and asks nobody.
async fn check_refused(visitor: &Visitor) -> Answer {
    let session = visitor.session().await;
    let before = (visitor.model_calls().await.len(), visitor.used_today().await);
    let mut last = None;
    for stream in [true, false] {
        let body = json!({"content": visitor.text("refused"), "stream": stream});
        let answer = visitor.post(&format!("/chat/sessions/{session}/messages"), &body).await;
        let problem = answer.problem(503, "provider_unavailable");
        assert!((1..=31).contains(&answer.number("retry-after")), "{}", answer.header("retry-after"));
        assert_eq!(problem["retry_after"], answer.number("retry-after"));
        assert!(problem["reset_at"].as_str().is_some_and(|time| time.parse::<jiff::Timestamp>().is_ok()), "{problem}");
        answer.check_quota_headers();
        last = Some(answer);
    }
    assert_eq!((visitor.model_calls().await.len(), visitor.used_today().await), before);
    assert!(visitor.messages(&session).await.is_empty());
    last.unwrap()
}

async fn check_passes(visitor: &Visitor) {
    visitor.send(None, &visitor.text("passes")).await.expect(200);
}

#[tokio::test]
async fn five_failures_in_a_row_of_any_kind_open_it_for_every_instance_for_30_seconds() {
    let breaker = Breaker::take().await;
    let (here, there) = (started().await, started().await);
    let (visitor, elsewhere) = (Visitor::of(&here, "guest").await, Visitor::of(&there, "guest").await);
    // Four, a success, and four again are not five in a row.
    fail(&here, FAILURES - 1).await;
    check_passes(&visitor).await;
    fail(&here, FAILURES - 1).await;
    check_passes(&elsewhere).await;

    for (fault, status, code) in [
        (json!({"refuse": true}), 502, "provider_error"),
        (json!({"status": 500, "body": "{}"}), 502, "provider_error"),
        (json!({"status": 503, "body": "{}"}), 502, "provider_error"),
        (json!({"hang": true}), 504, "provider_timeout"),
        (
            json!({"status": 429, "body": json!({"error": {"code": "queue_full"}}).to_string()}),
            503,
            "provider_rate_limited",
        ),
    ] {
        let unlucky = Visitor::of(&here.reached_from(fresh_address()), "guest").await;
        let fault = control::fault("model", &unlucky.id.to_string(), fault, None).await;
        decided(&unlucky, &unlucky.text("fails")).await.problem(status, code);
        assert!(fault.lift().await >= 1);
        unlucky.leaves().await;
    }
    let refused = check_refused(&visitor).await;
    assert!(refused.number("retry-after") >= 20, "{}", refused.header("retry-after"));
    check_refused(&elsewhere).await;

    breaker.clock.set(Duration::from_secs(25)).await;
    check_refused(&elsewhere).await;
    breaker.clock.set(PAUSE).await;
    check_passes(&elsewhere).await;
    // Who tried it has found it well: all others pass too.
    join_all((0..5).map(|_| check_passes(&visitor))).await;
    visitor.leaves().await;
    elsewhere.leaves().await;
}

#[tokio::test]
async fn twenty_users_at_twenty_addresses_open_it_and_one_alone_does_not() {
    let breaker = Breaker::take().await;
    let server = started().await;
    let alone = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    // Their own failures count once a minute, also under other names.
    fail_as(&alone, FAILURES + 1).await;
    let again = Visitor::of(&server.reached_from(Ipv4Addr::LOCALHOST), "guest").await;
    fail_as(&again, FAILURES).await;
    check_passes_from(&server).await;
    for times in 1..FAILURES {
        fail_as(&alone, times).await;
        check_passes_from(&server).await;
    }
    // The provider fails for all.
    let users = join_all((0..20).map(|_| async {
        let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
        let scene = visitor.scene(down()).await;
        let answer = decided(&visitor, &scene.text("down")).await;
        visitor.leaves().await;
        answer
    }))
    .await;
    assert!(users.iter().all(|answer| matches!(answer.status, 502 | 503)), "{users:?}");
    check_refused(&alone).await;
    breaker.clock.set(PAUSE).await;
    check_passes_from(&server).await;
    alone.leaves().await;
    again.leaves().await;
}

/// Checks that a send from an address of its own passes.
async fn check_passes_from(server: &Server) {
    let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    check_passes(&visitor).await;
    visitor.leaves().await;
}

/// Sends until there is a decision: with many callers on a busy machine Redis can take longer than its timeout.
async fn decided(visitor: &Visitor, text: &str) -> Answer {
    for _ in 0..50 {
        let answer = visitor.send(None, text).await;
        if answer.status != 503 || answer.any_problem()["code"] != "storage_unavailable" {
            return answer;
        }
    }
    panic!("no decision in 50 tries")
}

#[tokio::test]
async fn what_says_nothing_about_the_model_does_not_count() {
    let _breaker = Breaker::take().await;
    let server = started().await;
    let visitor = Visitor::of(&server, "guest").await;
    let refusal = |status: u16, code: &str| {
        let body: Value = json!({"error": {"message": "m", "type": "t", "param": null, "code": code}});
        json!({"status": status, "body": body.to_string()})
    };
    for fault in [
        refusal(400, "invalid_type"),
        refusal(401, "invalid_authentication"),
        refusal(402, "PAYMENT_METHOD_REQUIRED"),
        refusal(404, "model_not_found"),
        refusal(410, "model_deprecated"),
        refusal(429, "insufficient_quota"),
    ] {
        let in_force = control::fault("model", &visitor.id.to_string(), fault, None).await;
        let elsewhere = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
        let text = visitor.text("refused");
        assert_ne!(decided(&elsewhere, &text).await.any_problem()["code"], "provider_unavailable");
        assert!(in_force.lift().await >= 1);
        elsewhere.leaves().await;
    }
    // Nor do readers who leave.
    let scene = visitor.scene(json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 20})).await;
    for _ in 0..=FAILURES {
        let mut reader = visitor.open_stream(None, &scene.text("leaves")).await;
        assert!(reader.read_chunks(1).await);
        let session = reader.header("x-session-id").to_owned();
        drop(reader);
        assert_eq!(visitor.settled(&session, "assistant").await["status"], "stopped");
    }
    // Nor refusals of our own.
    for _ in 0..=FAILURES {
        visitor
            .send(Some(&uuid::Uuid::now_v7().to_string()), &visitor.text("x"))
            .await
            .problem(404, "session_not_found");
    }
    check_passes(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_slow_first_byte_counts() {
    let _breaker = Breaker::take().await;
    let server = started().await;
    let visitor = Visitor::of(&server, "guest").await;
    let silent = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 60_000})).await;
    let text = silent.text("slow");
    let visitors = join_all((0..FAILURES).map(|_| async {
        let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
        decided(&visitor, &text).await.problem(504, "provider_timeout");
        visitor
    }))
    .await;
    join_all(visitors.into_iter().map(Visitor::leaves)).await;
    check_refused(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_model_that_a_client_chose_speaks_for_itself_alone() {
    let _breaker = Breaker::take().await;
    let offered = ("SAMBANOVA_MODELS", "gpt-oss-120b,chosen");
    let server = Server::started_with(&[&VARIABLES[..], &[offered]].concat()).await;
    let visitor = Visitor::of(&server, "guest").await;
    let ask = async |model: &str| {
        let unlucky = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
        let scene = unlucky.scene(down()).await;
        let conversation = json!([{"role": "user", "content": scene.text("ask")}]);
        let body = json!({"model": model, "messages": conversation});
        let failed = unlucky.post("/openai/chat/completions", &body).await;
        assert_eq!(failed.status, 502, "{}", failed.shown());
        unlucky.leaves().await;
    };
    for _ in 0..FAILURES {
        ask("chosen").await;
    }
    check_passes(&visitor).await;
    // The page's own model, asked in the same way, does count.
    for _ in 0..FAILURES {
        ask("gpt-oss-120b").await;
    }
    check_refused(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn without_redis_it_lets_pass_whoever_is_let_pass_at_all() {
    let _breaker = Breaker::take().await;
    let open = Server::started_with(&[&VARIABLES[..], &[("QUOTA_FAIL_MODE", "open")]].concat()).await;
    let visitor = Visitor::of(&open, "guest").await;
    fail(visitor.server(), FAILURES).await;
    check_refused(&visitor).await;
    let fault = control::fault("redis", &visitor.id.to_string(), json!({"refuse": true}), None).await;
    let scene = visitor.scene(json!({"chunks": 3, "chunk_text": "w{i} "})).await;
    visitor.stream(None, &scene.text("passes")).await.expect(200);
    assert!(fault.lift().await >= 1);
    check_refused(&visitor).await;
    visitor.leaves().await;
}
