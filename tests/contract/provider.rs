//! The model failing before its first byte: what the visitor is told, that the day's message is given back, and that the question is kept.

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
        // Given back exactly once: neither kept nor given back twice. The minute is used, because the model was asked.
        eventually("the day's message is given back", || async {
            let quota = visitor.quota().await;
            let standing = (&quota["day"]["used"], &quota["minute"]["used"], &quota["streams"]["active"]);
            if standing == (&json!(0), &json!(turn + 1), &json!(0)) { Ok(()) } else { Err(quota.to_string()) }
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
    let server = Server::started_with(&[("SAMBANOVA_MODELS", "test-trouble-1,test-trouble-2")]).await;
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

#[tokio::test]
async fn a_conversation_longer_than_the_model_reads_is_told_so_and_not_asked_again() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    for (number, stream) in [true, false].into_iter().enumerate() {
        let (since, text) = (control::newest().await, visitor.text(&format!("too long {stream}")));
        control::fault("model", &text, refusal(400, "context_length_exceeded"), None).await;
        let body = json!({"content": text, "stream": stream});
        let answer = visitor.post(&format!("/chat/sessions/{session}/messages"), &body).await;
        let error = answer.problem(413, "context_too_long");
        assert!(error["message"].as_str().unwrap().contains("new chat"), "{error}");
        assert_eq!(answer.header("x-should-retry"), "false");
        assert!(!answer.text().contains(INTERNAL), "{}", answer.text());
        assert_eq!(asked(&text, since).await.len(), 1, "what is too long stays too long");
        eventually("the question is kept, marked failed", || async {
            let messages = visitor.messages(&session).await;
            let kept = messages.len() == number + 1 && messages.iter().all(|message| message["status"] == "failed");
            if kept { Ok(()) } else { Err(format!("{messages:?}")) }
        })
        .await;
    }
    eventually("the day's messages are as before", || async {
        let used = visitor.used_today().await;
        if used == 0 { Ok(()) } else { Err(used.to_string()) }
    })
    .await;
    visitor.leaves().await;
}

/// When the model was asked with this text in the question, in microseconds.
async fn asked(tag: &str, since: u64) -> Vec<u64> {
    let calls = control::calls("model", tag, since).await;
    calls.iter().map(|call| call.0["started_us"].as_u64().unwrap()).collect()
}

/// A model that fails `times` times and then answers: the visitor notices nothing and pays once.
async fn check_asked_again(fault: Value, times: u64) {
    let visitor = Visitor::new().await;
    for stream in [true, false] {
        let (since, tag) = (control::newest().await, format!("{}-{stream}", visitor.id));
        control::fault("model", &tag, fault.clone(), Some(times)).await;
        let body = json!({"content": visitor.text(&tag), "stream": stream});
        visitor.post("/chat/messages", &body).await.expect(200);
        assert_eq!(asked(&tag, since).await.len() as u64, times + 1, "{fault}");
    }
    assert_eq!(visitor.used_today().await, 2, "{fault}");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_failure_that_passes_is_not_the_visitors_business() {
    for fault in [refusal(500, "internal_server_error"), refusal(408, "request_timeout"), json!({"refuse": true})] {
        check_asked_again(fault, 1).await;
    }
    for fault in [refusal(503, "maintenance"), refusal(429, "queue_full")] {
        check_asked_again(fault, 2).await;
    }
}

#[tokio::test]
async fn the_model_is_asked_three_times_and_no_more() {
    let visitor = Visitor::new().await;
    let (since, text) = (control::newest().await, visitor.text("never"));
    control::fault("model", &text, refusal(500, "internal_server_error"), None).await;
    visitor.send(None, &text).await.problem(502, "provider_error");
    assert_eq!(asked(&text, since).await.len(), 3);
    visitor.leaves().await;
}

#[tokio::test]
async fn what_stays_wrong_is_asked_once_of_each_model() {
    // A model that is gone or without quota is followed by the next; where all are gone, all are asked.
    let server = Server::started_with(&[("SAMBANOVA_MODELS", "test-wrong-1,test-wrong-2")]).await;
    for (status, code, calls) in [
        (400, "invalid_type", 1),
        (401, "invalid_authentication", 1),
        (404, "not_found", 1),
        (402, "PAYMENT_METHOD_REQUIRED", 2),
        (429, "insufficient_quota", 2),
        (404, "model_not_found", 2),
        (410, "model_deprecated", 2),
    ] {
        let visitor = Visitor::of(&server, "guest").await;
        let (since, text) = (control::newest().await, visitor.text("wrong"));
        control::fault("model", &text, refusal(status, code), None).await;
        visitor.send(None, &text).await.any_problem();
        assert_eq!(asked(&text, since).await.len(), calls, "{status} {code}");
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn the_vendors_wish_is_respected() {
    let visitor = Visitor::new().await;
    let (since, text) = (control::newest().await, visitor.text("soon"));
    let soon = json!({"status": 429, "body": refusal(429, "queue_full")["body"], "retry_after": 1});
    control::fault("model", &text, soon, Some(1)).await;
    visitor.send(None, &text).await.expect(200);
    let times = asked(&text, since).await;
    assert_eq!(times.len(), 2);
    assert!(times[1] - times[0] >= 1_000_000, "{times:?}");
    // A longer wait is the visitor's own, and they are told of it at once.
    let (since, text) = (control::newest().await, visitor.text("later"));
    let later = json!({"status": 429, "body": refusal(429, "queue_full")["body"], "retry_after": 60});
    control::fault("model", &text, later, None).await;
    let answer = visitor.send(None, &text).await;
    answer.problem(503, "provider_rate_limited");
    assert_eq!((asked(&text, since).await.len(), answer.header("retry-after")), (1, "60"));
    visitor.leaves().await;
}
