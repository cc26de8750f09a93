//! The breaker: it opens for every instance, lets one call through at a time, and knows what says something about the model.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tests::clock::MovedClock;
use tests::{Answer, Reader, Scene, Server, Visitor, control, eventually, stores};
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
    stores::redis(&["DEL", "chat:breaker"]).await;
}

impl Drop for Breaker {
    /// Also when the test has failed: nobody else should find it open.
    fn drop(&mut self) {
        let closing = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(close());
        });
        let outcome = closing.join();
        assert!(outcome.is_ok() || std::thread::panicking(), "the breaker could not be closed");
    }
}

/// Answers nothing, at once: a failure that is not tried again.
async fn empty(visitor: &Visitor) -> Scene {
    visitor.scene(json!({"raw": "data: [DONE]\n\n"})).await
}

/// Sends that fail, one after the other.
async fn fail(visitor: &Visitor, times: usize) {
    let scene = empty(visitor).await;
    for _ in 0..times {
        visitor.send(None, &scene.text("fail")).await.problem(502, "provider_error");
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
    fail(&visitor, FAILURES - 1).await;
    check_passes(&visitor).await;
    fail(&visitor, FAILURES - 2).await;
    // One that breaks off in the midst of its answer counts, although its reader has seen a part.
    let broken = visitor.scene(json!({"chunks": 9, "close_at": 3})).await;
    visitor.stream(None, &broken.text("broken")).await.expect(200);
    check_passes(&elsewhere).await;

    for (fault, status, code) in [
        (json!({"refuse": true}), 502, "provider_error"),
        (json!({"status": 500, "body": "{}"}), 502, "provider_error"),
        (json!({"status": 503, "body": "{}"}), 502, "provider_error"),
        (json!({"hang": true}), 504, "provider_timeout"),
    ] {
        let fault = control::fault("model", &visitor.id.to_string(), fault, None).await;
        visitor.send(None, &visitor.text("fails")).await.problem(status, code);
        assert!(fault.lift().await >= 1);
    }
    visitor.stream(None, &broken.text("broken")).await.expect(200);
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

/// Sends until there is a decision: with many callers Redis can take longer than the 300 ms after which it counts as down.
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
async fn of_50_callers_at_the_end_of_the_pause_one_asks_the_model() {
    let breaker = Breaker::take().await;
    let server = Server::started_with(&[&VARIABLES[1..], &[("UPSTREAM_TIMEOUT_SECS", "20")]].concat()).await;
    let visitor = Visitor::of(&server, "guest").await;
    fail(&visitor, FAILURES).await;
    check_refused(&visitor).await;
    breaker.clock.set(PAUSE).await;
    let before = visitor.model_calls().await.len();
    // The model takes its time, so that all have their answer before it shows that it is well.
    let scene = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 8_000})).await;
    let text = scene.text("all at once");
    let asked = Instant::now();
    let answers = join_all((0..50).map(|_| async {
        let answer = decided(&visitor, &text).await;
        (answer, asked.elapsed())
    }))
    .await;
    let (passed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(answer, _)| answer.status == 200);
    assert_eq!((passed.len(), refused.len()), (1, 49));
    for (answer, after) in refused {
        answer.problem(503, "provider_unavailable");
        assert!(*after < Duration::from_secs(8), "told while the one was still waiting, not after {after:?}");
    }
    assert_eq!(visitor.model_calls().await.len(), before + 1, "exactly one upstream call");
    check_passes(&visitor).await;
    visitor.leaves().await;
}

/// Begins a send to a model that takes its time, and waits until the model is asked.
async fn probing(visitor: &Visitor, scene: &Scene) -> Reader {
    let before = visitor.model_calls().await.len();
    let body = json!({"content": scene.text("probe")});
    let reader = Reader::begin(visitor.server().base(), "/api/v1/chat/messages", &visitor.token, &body).await;
    eventually("the model is asked", || async {
        let calls = visitor.model_calls().await.len();
        if calls == before + 1 { Ok(()) } else { Err(format!("{calls} calls")) }
    })
    .await;
    reader
}

#[tokio::test]
async fn a_probe_whose_instance_dies_makes_room_for_the_next() {
    let breaker = Breaker::take().await;
    let (mortal, alive) = (started().await, started().await);
    let (victim, visitor) = (Visitor::of(&mortal, "guest").await, Visitor::of(&alive, "guest").await);
    fail(&visitor, FAILURES).await;
    breaker.clock.set(PAUSE).await;
    let silent = victim.scene(json!({"chunks": 3, "first_byte_delay_ms": 60_000})).await;
    let reader = probing(&victim, &silent).await;
    check_refused(&visitor).await;
    mortal.kill();
    drop(reader);
    check_refused(&visitor).await;
    breaker.clock.set(PAUSE + PROBE).await;
    let before = visitor.model_calls().await.len();
    check_passes(&visitor).await;
    assert_eq!(visitor.model_calls().await.len(), before + 1);
    check_passes(&visitor).await;
    visitor.leaves().await;
    clear_up(victim).await;
}

/// What a killed instance leaves ends by itself after a minute; nobody here waits for it.
async fn clear_up(victim: Visitor) {
    let user = victim.id.to_string();
    stores::redis(&["DEL", &format!("chat:streams:{user}")]).await;
    let rows = "delete from chat_messages where status = 'streaming' and session_id in \
                (select id from chat_sessions where user_id = $1::uuid) returning id";
    stores::rows(rows, &[&user]).await;
    victim.leaves().await;
}

#[tokio::test]
async fn a_late_success_does_not_close_a_newer_opening() {
    let breaker = Breaker::take().await;
    let server = started().await;
    let visitor = Visitor::of(&server, "guest").await;
    // It began when all was well, and ends when nothing is.
    let long = visitor.scene(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 50})).await;
    let mut early = visitor.open_stream(None, &long.text("early")).await;
    assert!(early.read_chunks(1).await);
    fail(&visitor, FAILURES).await;
    assert!(!early.ended());
    early.read_to_end().await;
    assert!(early.said().ends_with("w39 "), "it has succeeded: {}", early.said());
    check_refused(&visitor).await;

    // A probe that is slow to begin: another one fails in the meantime.
    breaker.clock.set(PAUSE).await;
    let slow = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "first_byte_delay_ms": 1_500})).await;
    let mut late = probing(&visitor, &slow).await;
    breaker.clock.set(PAUSE + PROBE).await;
    fail(&visitor, 1).await;
    check_refused(&visitor).await;
    late.read_until(|body| body.windows(6).any(|window| window == b"[DONE]")).await;
    check_refused(&visitor).await;
    eventually("the late answer is stored", || async {
        let streams = visitor.quota().await["streams"]["active"].clone();
        if streams == 0 { Ok(()) } else { Err(streams.to_string()) }
    })
    .await;
    check_refused(&visitor).await;
    visitor.leaves().await;
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
        refusal(408, "request_timeout"),
        refusal(410, "model_deprecated"),
        refusal(429, "queue_full"),
        refusal(429, "insufficient_quota"),
    ] {
        let in_force = control::fault("model", &visitor.id.to_string(), fault, None).await;
        assert_ne!(visitor.send(None, &visitor.text("refused")).await.any_problem()["code"], "provider_unavailable");
        assert!(in_force.lift().await >= 1);
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
    for answer in join_all((0..FAILURES).map(|_| visitor.send(None, &text))).await {
        answer.problem(504, "provider_timeout");
    }
    check_refused(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn without_redis_it_lets_pass_whoever_is_let_pass_at_all() {
    let _breaker = Breaker::take().await;
    let open = Server::started_with(&[&VARIABLES[..], &[("QUOTA_FAIL_MODE", "open")]].concat()).await;
    let visitor = Visitor::of(&open, "guest").await;
    fail(&visitor, FAILURES).await;
    check_refused(&visitor).await;
    let fault = control::fault("redis", &visitor.id.to_string(), json!({"refuse": true}), None).await;
    let scene = visitor.scene(json!({"chunks": 3, "chunk_text": "w{i} "})).await;
    visitor.stream(None, &scene.text("passes")).await.expect(200);
    assert!(fault.lift().await >= 1);
    check_refused(&visitor).await;
    visitor.leaves().await;
}
