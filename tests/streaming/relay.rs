//! What the reader gets is what upstream sent, and what is kept is what it said.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Visitor, said};

/// A stream with everything that has gone wrong somewhere: several line ends, comments, escapes, reasoning, no `role`, unknown keys.
fn hostile_stream() -> String {
    let chunk = |delta: Value| {
        format!(
            "data: {}\n\n",
            json!({"id": "c", "object": "chat.completion.chunk", "created": 1771518114.25, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": null, "logprobs": null}], "x_unknown": {"deep": [1, 2]}})
        )
    };
    [
        ": keep-alive\n\n".to_owned(),
        chunk(json!({"role": "assistant", "content": ""})),
        chunk(json!({"content": "Grüße, 世界! "})),
        chunk(json!({"reasoning": "not for the reader", "channel": "analysis"})),
        chunk(json!({"content": "👩‍👩‍👧‍👦 \u{1F600}"})),
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\u00e9\\ud83d\\ude00\\n\\t\\\"quoted\\\" \\\\ \"}}]}\n\n".to_owned(),
        "data: {\"choices\": [{\"delta\": {\"content\": \"with blanks after colons, as in 2024\"}}]}\n\n".to_owned(),
        chunk(json!({"content": "data: [DONE]\n\nis only text here </script> \u{2028}"})),
        "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\",\"index\":0}]}\n\n".to_owned(),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":22,\"total_tokens\":33,\"is_last_response\":true}}\n\n".to_owned(),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat()
}

async fn check_relay(scenario: Value, expected: &str) {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(scenario.clone()).await;
    let answer = visitor.stored_stream(&scene.text("relay")).await.expect(200);
    assert_eq!(answer.text(), expected, "the reader gets upstream's bytes: {scenario}");
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    assert_eq!(
        (&stored["status"], stored["content"].as_str()),
        (&json!("complete"), Some(said(expected.as_bytes()).as_str()))
    );
    assert_eq!(stored["token_count"], 22);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_hostile_stream_passes_unchanged_and_is_kept_byte_for_byte() {
    let stream = hostile_stream();
    check_relay(json!({"raw": stream, "pace_ms": 0}), &stream).await;
}

#[tokio::test]
async fn a_stream_split_at_every_byte_passes_unchanged_and_is_kept_byte_for_byte() {
    let stream = hostile_stream();
    check_relay(json!({"raw": stream, "pace_ms": 0, "split": "byte"}), &stream).await;
    for size in [2, 3, 5, 7, 64] {
        check_relay(json!({"raw": stream, "pace_ms": 0, "split": size}), &stream).await;
    }
}

#[tokio::test]
async fn text_arrives_while_it_is_written() {
    let visitor = Visitor::new().await;
    let scene = visitor
        .scene(
            json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 50, "usage": true, "finish": "stop", "done": true}),
        )
        .await;
    let started = Instant::now();
    let mut reader = visitor.open_stream(None, &scene.text("grow")).await;
    assert!(reader.read_chunks(1).await);
    let first = started.elapsed();
    assert!(reader.read_chunks(20).await);
    let middle = started.elapsed();
    reader.read_to_end().await;
    let whole = started.elapsed();
    assert!(reader.ended());
    assert!(first < whole / 2 && middle < whole * 3 / 4, "first {first:?}, twentieth {middle:?}, all {whole:?}");
    let session = reader.header("x-session-id").to_owned();
    let stored = visitor.settled(&session, "assistant").await;
    assert_eq!(stored["content"].as_str(), Some(reader.said().as_str()));
    visitor.leaves().await;
}

#[tokio::test]
async fn twenty_thousand_chunks_arrive_and_are_kept() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 20_000, "chunk_text": "wörd{i} ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true})).await;
    let started = Instant::now();
    let answer = visitor.stream(None, &scene.text("long")).await.expect(200);
    let took = started.elapsed();
    let text = answer.said();
    assert_eq!(text.matches("wörd").count(), 20_000);
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("complete"), Some(text.as_str())));
    assert!(took < Duration::from_secs(30), "{took:?}");
    visitor.leaves().await;
}

#[tokio::test]
async fn many_readers_at_once_each_get_their_own() {
    let readers = (0..20).map(|number| async move {
        let visitor = Visitor::new().await;
        let scene = visitor.scene(json!({"chunks": 50, "chunk_text": format!("r{number}-{{i}} "), "pace_ms": 10, "usage": true, "finish": "stop", "done": true})).await;
        let answer = visitor.stream(None, &scene.text("many")).await.expect(200);
        assert_eq!(answer.said().matches(&format!("r{number}-")).count(), 50);
        let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
        assert_eq!(stored["content"].as_str(), Some(answer.said().as_str()));
        visitor.leaves().await;
    });
    futures::future::join_all(readers).await;
}
