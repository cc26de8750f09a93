//! The model failing before its first byte: what the visitor is told, that it costs nothing, and that the question is kept.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Server, Visitor, control, eventually};

/// A word of the vendor's that no visitor may ever see.
const INTERNAL: &str = "vendor-internal-words-0815";

/// One send into a failing model, streamed and whole, and everything that must be true afterwards.
async fn check_failure(server: &Server, fault: Value, status: u16, code: &str) {
    let visitor = Visitor::of(server, "guest").await;
    let session = visitor.session().await;
    control::fault("model", &visitor.id.to_string(), fault.clone(), None).await;
    for (turn, stream) in [true, false].into_iter().enumerate() {
        let question = visitor.text(&format!("question {stream}"));
        let answer = visitor
            .post(&format!("/chat/sessions/{session}/messages"), &json!({"content": question, "stream": stream}))
            .await;
        assert_eq!(answer.problem(status, code)["code"], code, "{fault}");
        assert!(!answer.text().contains(INTERNAL), "{}", answer.text());
        answer.check_quota_headers();
        // Refunded exactly once: neither kept nor given back twice.
        eventually("the charge is given back", || async {
            let quota = visitor.quota().await;
            let standing = (&quota["day"]["used"], &quota["minute"]["used"], &quota["streams"]["active"]);
            if standing == (&json!(0), &json!(0), &json!(0)) { Ok(()) } else { Err(quota.to_string()) }
        })
        .await;
        eventually("the question is kept, marked failed, and no empty answer beside it", || async {
            let messages = visitor.messages(&session).await;
            let told: Vec<_> = messages.iter().map(|message| (&message["role"], &message["status"])).collect();
            let kept =
                told.len() == turn + 1 && told.iter().all(|message| *message == (&json!("user"), &json!("failed")));
            if kept && messages[turn]["content"] == question { Ok(()) } else { Err(format!("{messages:?}")) }
        })
        .await;
    }
    visitor.leaves().await;
}

fn refusal(status: u16, code: &str) -> Value {
    let body =
        json!({"error": {"message": INTERNAL, "type": "t", "param": null, "code": code}, "request_id": INTERNAL});
    json!({"status": status, "body": body.to_string()})
}

#[tokio::test]
async fn the_operators_trouble_with_the_vendor_is_a_provider_error() {
    let server = Server::under_test();
    for (status, code) in [
        (401, "invalid_authentication"),
        (402, "PAYMENT_METHOD_REQUIRED"),
        (410, "model_deprecated"),
        (400, "invalid_type"),
        (404, "model_not_found"),
    ] {
        check_failure(&server, refusal(status, code), 502, "provider_error").await;
    }
}

#[tokio::test]
async fn a_failing_vendor_is_a_provider_error() {
    let server = Server::under_test();
    for fault in [
        refusal(500, "internal_server_error"),
        refusal(503, "maintenance"),
        json!({"status": 500, "body": INTERNAL}),
        json!({"refuse": true}),
    ] {
        check_failure(&server, fault, 502, "provider_error").await;
    }
}

#[tokio::test]
async fn a_busy_vendor_is_provider_rate_limited() {
    let server = Server::under_test();
    for code in ["queue_full", "insufficient_quota"] {
        check_failure(&server, refusal(429, code), 503, "provider_rate_limited").await;
    }
}

#[tokio::test]
async fn a_silent_vendor_is_a_provider_timeout() {
    let server = Server::started_with(&[("UPSTREAM_TIMEOUT_SECS", "1")]).await;
    let started = Instant::now();
    check_failure(&server, json!({"hang": true}), 504, "provider_timeout").await;
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_failed_question_does_not_reach_the_next_one_twice() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    control::fault("model", &visitor.text("first"), refusal(500, "internal_server_error"), None).await;
    visitor.send(Some(&session), &visitor.text("first")).await.problem(502, "provider_error");
    visitor.send(Some(&session), &visitor.text("second")).await.expect(200);
    assert_eq!(visitor.used_today().await, 1);
    visitor.leaves().await;
}
