//! The breaker: it opens for every instance, lets one call through at a time, knows what says something about the model, and no sender
//! opens it alone or keeps it shut.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tests::clock::MovedClock;
use tests::{Answer, Reader, Scene, Server, Visitor, control, eventually, fresh_address, stores};
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

/// What a visitor can bring about at will: answers without a word, filtered ones, requests that are refused as such, a page of some proxy's.
fn at_will() -> [Value; 6] {
    [
        json!({"raw": "data: [DONE]\n\n"}),
        json!({"chunks": 0, "finish": "content_filter"}),
        json!({"chunks": 2, "finish": "content_filter"}),
        json!({"error": {"status": 400, "code": "invalid_type"}}),
        json!({"error": {"status": 400, "code": "context_length_exceeded"}}),
        json!({"raw": "<html></html>", "raw_content_type": "text/html"}),
    ]
}

#[tokio::test]
async fn what_a_visitor_can_bring_about_at_will_neither_opens_it_nor_closes_it() {
    let breaker = Breaker::take().await;
    let server = started().await;
    for scenario in
        at_will().into_iter().chain([json!({"chunks": 9, "close_at": 3}), json!({"chunks": 9, "error_at": 3})])
    {
        for _ in 0..=FAILURES {
            let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
            let scene = visitor.scene(scenario.clone()).await;
            let answer = visitor.stream(None, &scene.text("at will")).await;
            assert!(matches!(answer.status, 200 | 413 | 502), "{scenario}: {}", answer.text());
            visitor.leaves().await;
        }
    }
    check_passes_from(&server).await;
    // One between failures is no success either.
    fail(&server, FAILURES - 1).await;
    let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    for scenario in at_will() {
        let scene = visitor.scene(scenario).await;
        visitor.stream(None, &scene.text("between")).await;
    }
    fail(&server, 1).await;
    check_refused(&visitor).await;
    // Nor is it to a model that is tried; the next try is another's. Text says that the model is there before anything says that it is filtered.
    breaker.clock.set(PAUSE).await;
    for scenario in at_will().into_iter().filter(|scenario| scenario["chunks"] != 2) {
        let probing = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
        let scene = probing.scene(scenario).await;
        let before = probing.used_today().await;
        let answer = probing.stream(None, &scene.text("probe")).await;
        assert_eq!(probing.model_calls().await.len(), 1, "{}", answer.text());
        if answer.status == 200 {
            assert_eq!(probing.used_today().await, before + 1, "who probes pays");
            // An answer's outcome is told after its end.
            eventually("the probe is over", || async {
                let probe = probe().await;
                if probe.is_null() { Ok(()) } else { Err(probe.to_string()) }
            })
            .await;
        }
        check_refused(&probing).await;
        probing.leaves().await;
    }
    check_passes_from(&server).await;
    check_passes(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_lone_visitor_whose_probe_said_nothing_may_try_again_after_a_while() {
    let breaker = Breaker::take().await;
    let server = started().await;
    let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    fail(&server, FAILURES).await;
    breaker.clock.set(PAUSE).await;
    let empty = visitor.scene(json!({"raw": "data: [DONE]\n\n"})).await;
    visitor.send(None, &empty.text("nothing")).await.expect(200);
    eventually("the next probe is another's", || async {
        let probe = probe().await;
        if probe.is_null() { Ok(()) } else { Err(probe.to_string()) }
    })
    .await;
    let refused = check_refused(&visitor).await;
    assert!((20..=31).contains(&refused.number("retry-after")), "{}", refused.header("retry-after"));
    breaker.clock.set(PAUSE * 2).await;
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
async fn of_50_callers_at_the_end_of_the_pause_one_asks_the_model() {
    let breaker = Breaker::take().await;
    let server = Server::started_with(&[&VARIABLES[1..], &[("UPSTREAM_TIMEOUT_SECS", "20")]].concat()).await;
    let visitor = Visitor::of(&server, "guest").await;
    fail(visitor.server(), FAILURES).await;
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
    fail(visitor.server(), FAILURES).await;
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

/// The request that tries the model.
async fn probe() -> Value {
    let all = stores::redis(&["GET", "chat:all"]).await;
    let all: Value = serde_json::from_str(all.as_str().expect("what all share")).expect("JSON");
    all["breaker"]["probe"].clone()
}

/// What a killed instance leaves ends by itself after a minute; nobody here waits for it.
async fn clear_up(victim: Visitor) {
    let user = victim.id.to_string();
    stores::change_user(&user, "user.running = {}").await;
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
    fail(visitor.server(), FAILURES).await;
    assert!(!early.ended());
    early.read_to_end().await;
    assert!(early.said().ends_with("w39 "), "it has succeeded: {}", early.said());
    check_refused(&visitor).await;

    // A probe that is slow to begin: another one fails in the meantime.
    breaker.clock.set(PAUSE).await;
    let slow = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "first_byte_delay_ms": 1_500})).await;
    let mut late = probing(&visitor, &slow).await;
    breaker.clock.set(PAUSE + PROBE).await;
    fail(visitor.server(), 1).await;
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
