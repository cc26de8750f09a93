//! Sending: both routes, streamed and whole, what is kept, and what the model is asked.

use serde_json::{Value, json};
use tests::{Answer, Visitor};

fn check_ids(answer: &Answer, session: &str, messages: &[Value]) {
    assert_eq!(answer.header("x-session-id"), session);
    assert_eq!(messages[0]["id"], answer.header("x-user-message-id"));
    assert_eq!(messages[1]["id"], answer.header("x-message-id"));
    answer.header("x-request-id");
}

fn scenario() -> Value {
    json!({"chunks": 12, "chunk_text": "Wört {i} 😀 ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true})
}

fn full_text() -> impl Fn(&str) -> bool {
    |text: &str| {
        (0..12).all(|i| text.contains(&format!("Wört {i} 😀 ")))
            || (1..=12).all(|i| text.contains(&format!("Wört {i} 😀 ")))
    }
}

#[tokio::test]
async fn a_streamed_answer_has_the_contracts_headers_and_is_kept() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(scenario()).await;
    for existing in [true, false] {
        let session = if existing { Some(visitor.session().await) } else { None };
        let answer = visitor.stream(session.as_deref(), &scene.text("stream")).await.expect(200);
        assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store, no-transform");
        assert_eq!(answer.header("x-accel-buffering"), "no");
        answer.check_quota_headers();
        assert!(answer.text().trim_end().ends_with("data: [DONE]"));
        assert!(full_text()(&answer.said()), "{}", answer.said());

        let session = answer.header("x-session-id").to_owned();
        let stored = visitor.settled(&session, "assistant").await;
        assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!(answer.said())));
        assert!(stored["model"].as_str().is_some_and(|model| !model.is_empty()));
        assert!(stored["token_count"].as_i64().is_some_and(|count| count > 0), "{stored}");
        let messages = visitor.messages(&session).await;
        assert_eq!(messages.len(), 2);
        check_ids(&answer, &session, &messages);
        assert_eq!(
            (&messages[0]["status"], &messages[0]["content"]),
            (&json!("complete"), &json!(scene.text("stream")))
        );
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_whole_answer_carries_both_messages_and_the_usage() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(scenario()).await;
    for existing in [true, false] {
        let session = if existing { Some(visitor.session().await) } else { None };
        let answer = visitor.send(session.as_deref(), &scene.text("whole")).await.expect(200);
        assert!(answer.header("content-type").starts_with("application/json"));
        answer.check_quota_headers();
        let body = answer.json();
        assert_eq!(body["session_id"], answer.header("x-session-id"));
        assert!(full_text()(body["message"]["content"].as_str().unwrap()), "{body}");
        assert_eq!(body["message"]["status"], "complete");
        let usage = &body["usage"];
        assert_eq!(
            usage["prompt_tokens"].as_i64().unwrap() + usage["completion_tokens"].as_i64().unwrap(),
            usage["total_tokens"].as_i64().unwrap()
        );
        let session = answer.header("x-session-id").to_owned();
        let stored = visitor.settled(&session, "assistant").await;
        assert_eq!(stored["token_count"], usage["completion_tokens"]);
        let messages = visitor.messages(&session).await;
        check_ids(&answer, &session, &messages);
        assert_eq!(messages, [body["user_message"].clone(), body["message"].clone()]);
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn the_model_is_asked_with_what_was_said_before_and_no_more() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    for number in 0..12 {
        visitor.send(Some(&session), &visitor.text(&format!("question {number}"))).await.expect(200);
        visitor.settled(&session, "assistant").await;
    }
    let calls = visitor.model_calls().await;
    assert_eq!(calls.len(), 12);
    let conversation = |call: usize| -> Vec<(String, String)> {
        let messages = calls[call].request()["messages"].as_array().unwrap().clone();
        let said = messages.iter().filter(|message| message["role"] != "system");
        said.map(|message| {
            (message["role"].as_str().unwrap().to_owned(), message["content"].as_str().unwrap().to_owned())
        })
        .collect()
    };
    let stored = visitor.messages(&session).await;
    let expected = |range: std::ops::Range<usize>| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        stored[range].iter().map(|message| (text(&message["role"]), text(&message["content"]))).collect()
    };
    assert_eq!(conversation(0), expected(0..1));
    assert_eq!(conversation(1), expected(0..3));
    assert_eq!(conversation(5), expected(0..11));
    let last = conversation(11);
    assert!(last.len() <= 21 && last.len() >= 20, "CHAT_MAX_CONTEXT_MESSAGES bounds what is sent: {}", last.len());
    assert_eq!(last, expected(23 - last.len()..23));
    visitor.leaves().await;
}

#[tokio::test]
async fn two_sessions_know_nothing_of_each_other() {
    let visitor = Visitor::new().await;
    let (first, second) = (visitor.session().await, visitor.session().await);
    visitor.send(Some(&first), &visitor.text("secret-of-the-first")).await.expect(200);
    visitor.send(Some(&second), &visitor.text("hello")).await.expect(200);
    let calls = visitor.model_calls().await;
    assert!(!calls[1].request().to_string().contains("secret-of-the-first"));
    visitor.leaves().await;
}
