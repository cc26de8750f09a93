//! What stands between a visitor and the model: one round trip to the stores, whatever is asked for.

use serde_json::json;
use tests::{Visitor, control};

use crate::{message_path, paced};

/// Slow enough that two calls side by side overlap for certain.
const LATENCY_MS: u64 = 400;

/// How many of these calls waited for one another: the longest chain in which each began after the one before had ended.
fn longest_chain(mut calls: Vec<(u64, u64)>) -> usize {
    calls.sort_unstable_by_key(|(_, ended)| *ended);
    let (mut chain, mut free_from) = (0, 0);
    for (started, ended) in calls {
        if started >= free_from {
            chain += 1;
            free_from = ended;
        }
    }
    chain
}

#[tokio::test]
async fn each_way_to_ask_the_model_makes_one_round_trip_before_it() {
    let visitor = Visitor::new().await;
    let id = visitor.id.to_string();
    let session = visitor.session().await;
    let scene = visitor.scene(json!({"chunks": 9, "chunk_text": "w{i} ", "close_at": 4})).await;
    let sent = visitor.stream(Some(&session), &scene.text("first")).await.expect(200);
    let (question, answer) = (sent.header("x-user-message-id").to_owned(), sent.header("x-message-id").to_owned());
    visitor.settled(&session, "assistant").await;
    control::scenario(scene.tag(), &paced(3, 0)).await;
    scene.afterwards(paced(3, 0)).await;
    let text = json!({"content": scene.text("again")});
    let at = |message: &str, action: &str| format!("{}{action}", message_path(&session, message));
    for face in ["sql", "redis"] {
        control::fault(face, &id, json!({"latency_ms": LATENCY_MS}), None).await;
    }
    for (method, path, body, is_keyed) in [
        ("POST", "/chat/messages".to_owned(), text.clone(), false),
        ("POST", format!("/chat/sessions/{session}/messages"), text.clone(), false),
        ("POST", format!("/chat/sessions/{session}/messages"), text.clone(), true),
        ("PUT", at(&question, ""), text, false),
        ("POST", at(&answer, "/regenerate"), json!({}), false),
        ("POST", at(&answer, "/continue"), json!({}), true),
    ] {
        let since = control::newest().await.max(last_call(&id).await);
        let call = visitor.asks(method, &path, Some(&body));
        let call = if is_keyed { call.header("idempotency-key", &path) } else { call };
        visitor.server().send(call).await.expect(200);
        let started = |call: &control::LoggedCall| call.0["started_us"].as_u64().unwrap();
        let asked = control::calls("model", &id, since).await.iter().map(started).min().expect("a model call");
        let mut before = Vec::new();
        for face in ["sql", "redis"] {
            let ended = control::calls(face, &id, since).await;
            let times = ended.iter().map(|call| (started(call), call.0["ended_us"].as_u64().unwrap_or(u64::MAX)));
            before.extend(times.filter(|(_, ended)| *ended <= asked));
        }
        let trips = longest_chain(before.clone());
        assert_eq!(trips, 1, "{method} {path}: {before:?}, then the model at {asked}");
        // What it still does in the background is not the next one's.
        visitor.settled_in_redis().await;
    }
    visitor.leaves().await;
}

/// The newest call of a visitor.
async fn last_call(id: &str) -> u64 {
    let mut newest = 0;
    for face in ["sql", "redis", "model"] {
        newest = newest.max(control::calls(face, id, 0).await.last().map_or(0, control::LoggedCall::seq));
    }
    newest
}
