//! The breaker's probes: one call at a time tries the model, what says nothing leaves the next try to another, and no sender keeps it shut.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Reader, Scene, Server, Visitor, eventually, fresh_address, stores};

use crate::FIRST_BYTE_SECS;

use super::{
    Breaker, FAILURES, PAUSE, PROBE, VARIABLES, check_passes, check_passes_from, check_refused, decided, fail, started,
};

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

/// Where the runtime notices that they left (Workers) the model was asked for nothing; on Spin it answers, which closes it.
#[tokio::test]
async fn a_probe_whose_reader_leaves_makes_room_for_another() {
    let breaker = Breaker::take().await;
    let server = started().await;
    let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    fail(&server, FAILURES).await;
    breaker.clock.set(PAUSE).await;
    let slow = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 1_500})).await;
    probing(&visitor, &slow).await.reset();
    eventually("the probe is over", || async {
        let probe = probe().await;
        if probe.is_null() { Ok(()) } else { Err(probe.to_string()) }
    })
    .await;
    check_passes_from(&server).await;
    visitor.leaves().await;
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

/// What a killed instance leaves ends by itself after a minute; these tests do not wait for it.
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
    // Patient enough for a model that is slow to begin.
    let server = Server::started_with(&[&VARIABLES[1..], &[("UPSTREAM_TIMEOUT_SECS", "20")]].concat()).await;
    let visitor = Visitor::of(&server, "guest").await;
    // It began when all was well, and ends when nothing is.
    let long = visitor.scene(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 200})).await;
    let mut early = visitor.open_stream(None, &long.text("early")).await;
    assert!(early.read_chunks(1).await);
    fail(visitor.server(), FAILURES).await;
    assert!(!early.ended());
    early.read_to_end().await;
    assert!(early.said().ends_with("w39 "), "it has succeeded: {}", early.said());
    check_refused(&visitor).await;

    // A probe that is slow to begin: another one fails in the meantime.
    breaker.clock.set(PAUSE).await;
    let slow = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "first_byte_delay_ms": 8_000})).await;
    let mut late = probing(&visitor, &slow).await;
    // By as much as this server is more patient.
    breaker.clock.set(PAUSE + PROBE + Duration::from_secs(20 - FIRST_BYTE_SECS)).await;
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
