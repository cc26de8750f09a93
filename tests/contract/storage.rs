//! A store that does not answer: 503, nothing of the day charged, and the visitor can try again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Server, Visitor, control, eventually};

fn faults() -> [Value; 3] {
    [
        json!({"refuse": true}),
        json!({"status": 500, "body": "{\"message\":\"Control plane request failed\",\"code\":\"\"}"}),
        json!({"garbage": true}),
    ]
}

#[tokio::test]
async fn without_postgres_nothing_is_charged() {
    for fault in faults() {
        let visitor = Visitor::new().await;
        let session = visitor.session().await;
        control::fault("sql", &visitor.id.to_string(), fault.clone(), None).await;
        for stream in [true, false] {
            for path in [format!("/chat/sessions/{session}/messages"), "/chat/messages".to_owned()] {
                let answer = visitor.post(&path, &json!({"content": visitor.text("hi"), "stream": stream})).await;
                answer.problem(503, "storage_unavailable");
                assert!(!answer.text().contains("Control plane"));
            }
        }
        for path in ["/chat/sessions".to_owned(), format!("/chat/sessions/{session}")] {
            visitor.get(&path).await.problem(503, "storage_unavailable");
        }
        visitor.post("/chat/sessions", &json!({})).await.problem(503, "storage_unavailable");
        eventually("all is given back, because the model was not asked", || async {
            let quota = visitor.quota().await;
            let standing = (&quota["day"]["used"], &quota["minute"]["used"], &quota["streams"]["active"]);
            if standing == (&json!(0), &json!(0), &json!(0)) { Ok(()) } else { Err(quota.to_string()) }
        })
        .await;
        assert!(visitor.model_calls().await.is_empty());
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn without_redis_nothing_is_asked_or_written() {
    for fault in faults().into_iter().chain([json!({"hang": true})]) {
        let visitor = Visitor::new().await;
        let session = visitor.session().await;
        control::fault("redis", &visitor.id.to_string(), fault.clone(), None).await;
        for stream in [true, false] {
            let started = Instant::now();
            let body = json!({"content": visitor.text("hi"), "stream": stream});
            visitor
                .post(&format!("/chat/sessions/{session}/messages"), &body)
                .await
                .problem(503, "storage_unavailable");
            // One try takes 2 s and the undoing 0.7 s at most; two tries would take 4.7 s.
            assert!(
                started.elapsed() < Duration::from_millis(4_600),
                "one try of two seconds decides that Redis is down, took {:?}",
                started.elapsed()
            );
        }
        visitor.get("/chat/quota").await.problem(503, "storage_unavailable");
        // What needs no Redis still works.
        assert!(visitor.messages(&session).await.is_empty());
        assert!(visitor.model_calls().await.is_empty());
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn a_server_that_fails_open_answers_without_redis() {
    let server = Server::started_with(&[("QUOTA_FAIL_MODE", "open")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let session = visitor.session().await;
    control::fault("redis", &visitor.id.to_string(), json!({"refuse": true}), None).await;
    visitor.send(Some(&session), &visitor.text("whole")).await.expect(200);
    let streamed = visitor.stream(Some(&session), &visitor.text("streamed")).await.expect(200);
    let stored = visitor.settled(&session, "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("complete"), Some(streamed.said().as_str())));
    // What asks no database would be answered unseen.
    let conversation = json!([{"role": "user", "content": visitor.text("unkept")}]);
    let body = json!({"model": "gpt-oss-120b", "messages": conversation});
    let refused = visitor.post("/openai/chat/completions", &body).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (503, &json!("storage_unavailable")));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_leaves_no_answer_open() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    // The second statement of a send writes the turn; it runs, and its reply is lost.
    let text = visitor.text("lost");
    control::fault("sql", &text, json!({"lost_reply": true}), Some(1)).await;
    let answer = visitor.stream(Some(&session), &text).await;
    if answer.status != 200 {
        answer.problem(503, "storage_unavailable");
        assert_eq!(visitor.used_today().await, 0);
    }
    let questions =
        || async { visitor.messages(&session).await.iter().filter(|message| message["role"] == "user").count() };
    assert!(questions().await <= 1, "never stored twice");
    visitor.leaves().await;
}

/// A connection that is kept can be closed by its store when a call is already on its way; whether the call was executed, nobody can tell.
#[tokio::test]
async fn a_connection_that_a_store_closes_costs_nobody_anything() {
    for fault in [json!({"refuse": true}), json!({"lost_reply": true})] {
        let visitor = Visitor::new().await;
        let id = visitor.id.to_string();
        let lost = |face: &'static str| control::fault(face, &id, fault.clone(), Some(1));
        let struck = |fault: control::Fault| async { assert_eq!(fault.lift().await, 1, "the call met its fault") };

        let met = lost("sql").await;
        let session = visitor.session().await;
        struck(met).await;
        let path = format!("/chat/sessions/{session}");
        for (method, path, body) in [
            ("GET", "/chat/sessions".to_owned(), None),
            ("GET", path.clone(), None),
            ("PATCH", path.clone(), Some(json!({"title": "t"}))),
            ("DELETE", path.clone(), None),
            ("POST", format!("{path}/restore"), None),
        ] {
            let met = lost("sql").await;
            visitor.call(method, &path, body.as_ref()).await.expect(200);
            struck(met).await;
        }
        let met = lost("redis").await;
        visitor.get("/chat/quota").await.expect(200);
        struck(met).await;
        // A turn is read, begun and ended, each by a statement.
        for (name, stream) in [("open_turn", true), ("begin_answer", false), ("finish_answer", true)] {
            let database = control::fault_at("sql", &[&id, &control::tag(name)], fault.clone(), Some(1)).await;
            let redis = lost("redis").await;
            let question = json!({"content": visitor.text("hello"), "stream": stream});
            visitor.post(&format!("{path}/messages"), &question).await.expect(200);
            visitor.settled(&session, "assistant").await;
            struck(database).await;
            struck(redis).await;
        }
        let messages = visitor.messages(&session).await;
        assert_eq!(messages.len(), 6, "each message is stored once: {messages:#?}");
        assert_eq!(visitor.used_today().await, 3);
        visitor.leaves().await;
    }
}
