//! How an answer ends: at its own last word, whatever upstream does with its connection, and as its reason says.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Reader, Scene, Visitor, is_stored_late};

/// A chunk as upstream sends it; `content` is JSON's own notation.
fn chunk(content: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n")
}

fn finish(reason: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n")
}

const DONE: &str = "data: [DONE]\n\n";

/// Streams `raw`, and gives what the reader got and what is stored.
async fn streamed(visitor: &Visitor, scenario: Value) -> (String, Value) {
    let scene = visitor.scene(scenario).await;
    let answer = visitor.stored_stream(&scene.text("ends")).await.expect(200);
    let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
    (answer.text(), stored)
}

/// Reads nothing beyond the first words until the answer is stored, and all of it then.
async fn read_late(visitor: &Visitor, scene: &Scene) -> (Reader, Value) {
    let mut reader = visitor.open_stream(None, &scene.text("slow")).await;
    assert!(reader.read_chunks(1).await);
    // Nothing more is read until the recorder has seen the end.
    let session = reader.header("x-session-id").to_owned();
    let stored = visitor.settled(&session, "assistant").await;
    reader.read_to_end().await;
    assert!(reader.ended());
    (reader, stored)
}

#[tokio::test]
async fn an_answer_ends_at_done_though_upstream_stays_connected() {
    let visitor = Visitor::new().await;
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":22}}\n\n";
    let raw = chunk("all of it") + &finish("stop") + usage + DONE;
    for scenario in [json!({"raw": raw, "stays_open": true}), json!({"raw": raw, "stays_open": true, "split": 7})] {
        let asked = Instant::now();
        let (read, stored) = streamed(&visitor, scenario).await;
        assert!(asked.elapsed() < Duration::from_secs(15), "ended after {:?}", asked.elapsed());
        assert_eq!(read, raw);
        assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!("all of it")));
        assert_eq!(stored["token_count"], 22, "what came before [DONE] counts");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_says_why_it_ends_is_over_soon_without_done_too() {
    let visitor = Visitor::new().await;
    let raw = chunk("all of it") + &finish("stop");
    let scene = visitor.scene(json!({"raw": raw, "stays_open": true})).await;
    for stream in [true, false] {
        let asked = Instant::now();
        let text = scene.text("ends");
        let answer = if stream { visitor.stored_stream(&text).await } else { visitor.send(None, &text).await };
        let answer = answer.expect(200);
        // Silence within an answer is borne for 45 s.
        assert!(asked.elapsed() < Duration::from_secs(15), "ended after {:?}", asked.elapsed());
        if stream {
            assert_eq!(answer.text(), format!("{raw}{DONE}"));
        }
        let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
        assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!("all of it")));
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_slow_reader_gets_all_of_an_answer_whose_upstream_stays_connected() {
    let visitor = Visitor::new().await;
    let scenario =
        json!({"chunks": 12_000, "chunk_text": "wörd{i} ", "pace_ms": 0, "finish": "stop", "stays_open": true});
    let scene = visitor.scene(scenario).await;
    let (mut reader, mut stored) = read_late(&visitor, &scene).await;
    if is_stored_late(&reader.body) {
        (reader, stored) = read_late(&visitor, &scene).await;
    }
    assert!(
        reader.body.ends_with(DONE.as_bytes()),
        "{:?}",
        String::from_utf8_lossy(&reader.body[reader.body.len() - 200..])
    );
    assert_eq!(reader.said().matches("wörd").count(), 12_000);
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("complete"), Some(reader.said().as_str())));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_whole_answer_without_done_is_given_one() {
    let visitor = Visitor::new().await;
    for (raw, last) in [
        (chunk("whole") + &finish("stop"), DONE.to_owned()),
        ((chunk("whole") + &finish("stop")).trim_end().to_owned(), format!("\n\n{DONE}")),
        (chunk("whole") + DONE.trim_end(), "\n\n".to_owned()),
    ] {
        let (read, stored) = streamed(&visitor, json!({"raw": raw})).await;
        assert_eq!(read, raw + &last);
        assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!("whole")));
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_character_split_over_chunks_is_stored_as_it_is_read() {
    let visitor = Visitor::new().await;
    for (contents, expected) in [
        (&["ab\\ud83d", "\\ude00cd"][..], "ab😀cd"),
        (&["a\\ud83d", "b", "\\ude00c"], "a\u{fffd}b\u{fffd}c"),
        (&["end\\ud83d"], "end\u{fffd}"),
        (&["nul\\u0000"], "nul\u{fffd}"),
    ] {
        let chunks: String = contents.iter().map(|content| chunk(content)).collect();
        let (_, stored) = streamed(&visitor, json!({"raw": chunks + DONE})).await;
        assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!(expected)), "{contents:?}");
    }
    let scene = visitor.scene(json!({"raw": chunk("ab\\ud83d") + &chunk("\\ude00cd") + DONE})).await;
    let plain = visitor.send(None, &scene.text("plain")).await.expect(200).json();
    assert_eq!(plain["message"]["content"], "ab😀cd");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_field_of_another_type_costs_no_text() {
    let visitor = Visitor::new().await;
    let odd = "data: {\"model\":7,\"usage\":\"none\",\"choices\":[{\"finish_reason\":3,\"delta\":{\"content\":\"kept\"}}]}\n\n";
    let (_, stored) = streamed(&visitor, json!({"raw": chunk("is ") + odd + DONE})).await;
    assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!("is kept")));
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_the_model_cut_says_so_and_one_of_them_goes_on() {
    let visitor = Visitor::new().await;
    for (reason, status) in [("length", "truncated"), ("content_filter", "filtered"), ("tool_calls", "complete")] {
        let scene = visitor.scene(json!({"raw": chunk("as far ") + &finish(reason) + DONE})).await;
        let plain = visitor.send(None, &scene.text("plain")).await.expect(200).json();
        assert_eq!(plain["message"]["status"], status);
        assert_eq!(plain["finish_reason"], if reason == "tool_calls" { "stop" } else { reason });
        let answer = visitor.stream(None, &scene.text("stream")).await.expect(200);
        let (session, id) = (answer.header("x-session-id"), answer.header("x-message-id"));
        assert_eq!(visitor.settled(session, "assistant").await["status"], status);
        // From Redis, and when that has forgotten it from the row.
        for _ in 0..2 {
            let path = format!("/chat/sessions/{session}/messages/{id}/stream");
            let replayed = visitor.get(&path).await.expect(200).text();
            assert!(replayed.ends_with(DONE), "{replayed}");
            assert_eq!(
                replayed
                    .matches(&format!("\"finish_reason\":\"{}\"", if status == "complete" { "" } else { reason }))
                    .count(),
                usize::from(status != "complete"),
                "{replayed}"
            );
            visitor.settled_in_redis().await;
            let buffer = tests::stores::replay_buffer(&visitor.id.to_string(), id).await;
            tests::stores::redis(&["DEL", &buffer]).await;
        }
        scene.afterwards(json!({"raw": chunk("as this.") + &finish("stop") + DONE})).await;
        let path = format!("/chat/sessions/{session}/messages/{id}/continue");
        let continued = visitor.post(&path, &json!({"stream": false})).await;
        if status == "truncated" {
            let continued = continued.expect(200).json();
            assert_eq!(continued["message"]["status"], "complete");
            assert!(continued["message"]["content"].as_str().unwrap().starts_with("as far "));
        } else {
            continued.problem(400, "invalid_request");
        }
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn an_error_as_the_first_event_is_an_error_of_the_request() {
    let visitor = Visitor::new().await;
    for raw in [
        "event: error\ndata: {\"message\":\"overloaded\"}\n\n",
        "event: error\ndata: overloaded\n\n",
        ": hello\n\nid: 1\nevent: error\ndata: {\"error\":{\"message\":\"x\"}}\n\n",
        "data: {\"error\":{\"message\":\"b\\ud83d\"}}\n\n",
    ] {
        let scene = visitor.scene(json!({"raw": raw})).await;
        let refused = visitor.stream(None, &scene.text("error")).await.problem(502, "provider_error");
        assert!(!refused.to_string().contains("overloaded"), "{refused}");
    }
    visitor.leaves().await;
}
