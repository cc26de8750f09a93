//! The log: one JSON object a line, which finds a request and gives nobody away.

use serde_json::{Value, json};
use tests::{Call, Server, Visitor, eventually, variable};

/// The records the server has written so far.
fn records(server: &Server) -> Vec<Value> {
    server.output().iter().filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object).collect()
}

#[tokio::test]
async fn each_request_leaves_a_record_and_no_secret() {
    let server = Server::started_with(&[("LOG_LEVEL", "debug")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(json!({"chunks": 3, "chunk_text": "answer-word-{i} ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true})).await;
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let body = json!({"content": scene.text("purple-elephant"), "stream": true});
    let call = visitor.asks("POST", "/chat/messages", Some(&body));
    let traced = call.header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let streamed = server.send(traced).await.expect(200);
    let session = streamed.header("x-session-id").to_owned();
    visitor.settled(&session, "assistant").await;
    visitor
        .call("PATCH", &format!("/chat/sessions/{session}"), Some(&json!({"title": "green-giraffe"})))
        .await
        .expect(200);
    let forged = format!("{}x", visitor.token);
    let refused = server.send(Call::new("GET", "/api/v1/chat/quota").token(&forged)).await.expect(401);

    for (answer, route, status) in [(&streamed, "/chat/messages", 200), (&refused, "/chat/quota", 401)] {
        let id = answer.header("x-request-id").to_owned();
        let record = eventually("the request is in the log", || async {
            let found = records(&server)
                .into_iter()
                .find(|record| record["request_id"] == id.as_str() && record["status"] == status);
            found.ok_or_else(|| format!("{id}: {:?}", server.output()))
        })
        .await;
        for field in ["timestamp", "level", "message", "route", "latency_ms"] {
            assert!(!record[field].is_null(), "{field} in {record}");
        }
        assert!(record["route"].as_str().is_some_and(|told| told.contains(route)), "{record}");
        assert_eq!(record["cause"].is_string(), status == 401, "why the token is none: {record}");
    }
    let ended = eventually("the end of the stream is in the log", || async {
        let id = streamed.header("x-request-id");
        let found =
            records(&server).into_iter().find(|record| record["request_id"] == id && !record["outcome"].is_null());
        found.ok_or_else(|| format!("{:?}", server.output()))
    })
    .await;
    assert_eq!((&ended["outcome"], &ended["user_id"]), (&json!("complete"), &json!(visitor.id)));
    for field in ["session_id", "model", "ttft_ms", "chunks", "bytes"] {
        assert!(!ended[field].is_null(), "{field} in {ended}");
    }
    // Every line of a request says whose and which trace's it is, also those of its work in the background.
    let id = streamed.header("x-request-id");
    let of_request = records(&server).into_iter().filter(|record| record["request_id"] == id);
    let lines: Vec<Value> = of_request.collect();
    assert!(lines.len() >= 2, "{lines:?}");
    for line in &lines {
        assert_eq!((&line["trace_id"], &line["user_id"]), (&json!(TRACE), &json!(visitor.id)), "{line}");
    }
    let written = server.output().into_iter().filter(|line| line.contains(id));
    for line in written {
        assert_eq!(line.matches("\"user_id\"").count(), 1, "{line}");
    }
    let output = server.output().join("\n");
    let redis_token = variable("STACK_REDIS_TOKEN");
    let jwt_secret = variable("JWT_SECRET");
    for secret in
        ["purple-elephant", "green-giraffe", "answer-word", &visitor.token, &forged, &redis_token, &jwt_secret]
    {
        assert!(!output.contains(secret), "the log holds {secret}");
    }
    visitor.leaves().await;
}
