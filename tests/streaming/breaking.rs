//! Upstream breaks off: the reader is told by one last event, and the text stays.

use serde_json::{Value, json};
use tests::{Answer, Visitor, control};

/// The last event of a stream: its name and data.
fn last_event(answer: &Answer) -> (String, Value) {
    let text = answer.text();
    let event = text.trim_end().rsplit("\n\n").next().unwrap_or_default().to_owned();
    let field =
        |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    (field("event:"), serde_json::from_str(&field("data:")).unwrap_or_default())
}

async fn check_break(scenario: Value, chunks: usize) {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(scenario.clone()).await;
    let answer = visitor.stored_stream(&scene.text("break")).await.expect(200);
    let (name, data) = last_event(&answer);
    assert_eq!(name, "error", "{scenario}: {}", answer.text());
    assert_eq!(data["error"]["code"], "provider_error", "{data}");
    assert!(data["error"]["message"].as_str().is_some_and(|words| !words.is_empty()));
    assert_eq!(data["error"]["request_id"], answer.header("x-request-id"));
    assert_eq!(answer.text().matches("event: error").count(), 1);
    assert!(!answer.text().contains("[DONE]"));
    let read = answer.said();
    assert_eq!(read.split_whitespace().count(), chunks, "{read}");
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("interrupted"), Some(read.as_str())));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error_and_keeps_its_text() {
    for chunks in [1, 7, 30] {
        check_break(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 1, "close_at": chunks}), chunks).await;
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_within_a_character_keeps_what_was_whole() {
    let visitor = Visitor::new().await;
    // The connection is cut inside a UTF-8 sequence inside a frame.
    let whole = "data: {\"choices\":[{\"delta\":{\"content\":\"kept \"}}]}\n\n";
    let broken = "data: {\"choices\":[{\"delta\":{\"content\":\"";
    let raw = format!("{whole}{broken}😀😀\"}}}}]}}\n\n");
    let scene = visitor.scene(json!({"raw": raw, "pace_ms": 0, "split": "byte"})).await;
    let cut = json!({"cut_after_bytes": whole.len() + broken.len() + 2});
    control::fault("model", scene.tag(), cut, None).await;
    let answer = visitor.stream(None, &scene.text("cut")).await.expect(200);
    assert!(answer.text().contains("event: error"), "{}", answer.text());
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    assert_eq!((&stored["status"], &stored["content"]), (&json!("interrupted"), &json!("kept ")));
    visitor.leaves().await;
}

#[tokio::test]
async fn an_error_inside_the_stream_keeps_the_text_before_it() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 20, "chunk_text": "w{i} ", "pace_ms": 1, "error_at": 8})).await;
    let answer = visitor.stream(None, &scene.text("error")).await.expect(200);
    let read = answer.said();
    assert_eq!(read.split_whitespace().count(), 8, "{}", answer.text());
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("interrupted"), Some(read.as_str())));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stream_that_just_ends_is_interrupted() {
    let visitor = Visitor::new().await;
    // Neither a finish reason nor `[DONE]`: the connection ended as if all were well.
    let raw = "data: {\"choices\":[{\"delta\":{\"content\":\"half an \"}}]}\n\n".repeat(3);
    let scene = visitor.scene(json!({"raw": raw, "pace_ms": 0})).await;
    let answer = visitor.stream(None, &scene.text("no end")).await.expect(200);
    assert_eq!(last_event(&answer).0, "error", "{}", answer.text());
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("interrupted"), Some(answer.said().as_str())));
    visitor.leaves().await;
}
