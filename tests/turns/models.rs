//! Which model answers when the first is gone or without quota.

use serde_json::{Value, json};
use tests::{Visitor, control};

/// The models of docs/configuration.md, in the order in which they are asked.
const FIRST: &str = "Meta-Llama-3.3-70B-Instruct";
const SECOND: &str = "gpt-oss-120b";

/// A model that says so, and all others answer.
fn refused_by_the_first(status: u16, code: &str) -> Value {
    json!({"chunks": 2, "chunk_text": "w{i} ", "error": {"status": status, "code": code, "models": [FIRST]}})
}

/// The models that were asked with this text, in their order.
async fn asked(text: &str, since: u64) -> Vec<String> {
    let calls = control::calls("model", text, since).await;
    let bodies = calls.iter().map(|call| call.0["request"].to_string());
    bodies.map(|body| if body.contains(FIRST) { FIRST } else { SECOND }.to_owned()).collect()
}

#[tokio::test]
async fn the_next_model_answers_for_one_that_is_gone_or_without_quota() {
    for (status, code) in [
        (402, "PAYMENT_METHOD_REQUIRED"),
        (429, "insufficient_quota"),
        (410, "model_deprecated"),
        (400, "model_not_found"),
    ] {
        let visitor = Visitor::new().await;
        let scene = visitor.scene(refused_by_the_first(status, code)).await;
        for (sent, stream) in (1..).zip([true, false]) {
            let (since, text) = (control::newest().await, scene.text(&format!("{code} {stream}")));
            let body = json!({"content": text, "stream": stream});
            let answer = visitor.post("/chat/messages", &body).await.expect(200);
            if stream {
                assert!(answer.text().contains(&format!("\"model\":\"{SECOND}\"")), "{}", answer.text());
            }
            assert_eq!(asked(scene.tag(), since).await, [FIRST, SECOND], "{code}");
            let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
            assert_eq!((&stored["model"], &stored["status"]), (&json!(SECOND), &json!("complete")), "{code}");
            assert_eq!(visitor.used_today().await, sent, "a message is charged once: {code}");
        }
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn what_is_not_the_models_own_fault_is_asked_of_no_other() {
    for (status, code) in [(400, "invalid_type"), (401, "invalid_authentication"), (404, "not_found")] {
        let visitor = Visitor::new().await;
        let scene = visitor.scene(refused_by_the_first(status, code)).await;
        let (since, text) = (control::newest().await, scene.text(code));
        visitor.send(None, &text).await.problem(502, "provider_error");
        assert_eq!(asked(scene.tag(), since).await, [FIRST], "{code}");
        visitor.leaves().await;
    }
}
