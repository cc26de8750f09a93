//! Paths, methods, media types, ids and query parameters, and the documents about them.

use serde_json::{Value, json};
use tests::{Call, Contract, Server, Visitor};
use uuid::Uuid;

use crate::accounts;

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let visitor = Visitor::new().await;
    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/chat",
        "/api/v1/chat/sessions/x/y/z",
        "/api/v2/health",
        "/api/v1/auth",
    ] {
        visitor.server().send(Call::new("GET", path).token(&visitor.token)).await.problem(404, "not_found");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let visitor = Visitor::of(&accounts::server_with(&[("FEATURE_ONE_SHOT", "true")]).await, "guest").await;
    for (path, methods) in Contract::the().paths() {
        let id = Uuid::now_v7().to_string();
        let path = path.replace("{id}", &id).replace("{message_id}", &id).replace("{provider}", "github");
        let path = path.replace("{share_id}", &id).replace("{token}", "x");
        assert!(!path.contains('{'), "a parameter this test does not know: {path}");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if methods.iter().any(|known| known == method) {
                continue;
            }
            let answer =
                visitor.server().send(Call::new(method, path.as_str()).token(&visitor.token).json(&json!({}))).await;
            assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (405, Some("method_not_allowed")));
            let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            allowed.retain(|method| !["OPTIONS", "HEAD"].contains(method));
            allowed.sort_unstable();
            let mut known: Vec<&str> = methods.iter().map(String::as_str).collect();
            known.sort_unstable();
            assert_eq!(allowed, known, "{method} {path}");
        }
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn writes_want_json() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let one = format!("/api/v1/chat/sessions/{session}");
    for (method, path, body) in [
        ("POST", "/api/v1/chat/sessions".to_owned(), "{}"),
        ("PATCH", one.clone(), r#"{"title":"t"}"#),
        ("POST", format!("{one}/messages"), r#"{"content":"hi","stream":false}"#),
        ("POST", "/api/v1/chat/messages".to_owned(), r#"{"content":"hi","stream":false}"#),
    ] {
        for media in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
            "application/jsonx",
        ] {
            let call = Call::new(method, path.as_str()).token(&visitor.token).body(media, body);
            visitor.server().send(call).await.problem(415, "unsupported_media_type");
        }
    }
    for media in ["application/json; charset=utf-8", "APPLICATION/JSON"] {
        let call = Call::new("PATCH", one.as_str()).token(&visitor.token).body(media, r#"{"title":"t"}"#);
        visitor.server().send(call).await.expect(200);
    }
    assert_eq!(visitor.used_today().await, 0);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_body_is_never_unpacked() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    for encoding in ["gzip", "br", "deflate", "identity", "GZIP, identity", "nonsense"] {
        for (method, path, body) in [
            ("POST", "/chat/sessions".to_owned(), "{}"),
            ("PATCH", format!("/chat/sessions/{session}"), r#"{"title":"t"}"#),
            ("POST", "/chat/messages".to_owned(), r#"{"content":"hi","stream":false}"#),
            ("POST", "/auth/guest".to_owned(), "{}"),
        ] {
            let call = Call::new(method, format!("/api/v1{path}")).token(&visitor.token);
            let call = call.body("application/json", body).header("content-encoding", encoding);
            let answer = visitor.server().send(call).await;
            answer.problem(415, "unsupported_media_type");
        }
    }
    assert_eq!(visitor.get("/chat/sessions").await.json()["total"], 1);
    assert_eq!(visitor.used_today().await, 0);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_header_that_may_stand_once_is_not_picked_from_two() {
    let visitor = Visitor::new().await;
    let send = || {
        let body = json!({"content": visitor.text("hi"), "stream": false}).to_string();
        Call::new("POST", "/api/v1/chat/messages").token(&visitor.token).body("application/json", body)
    };
    for (first, second) in [("a", "b"), ("a", "a"), ("\"a\"", "\"b\""), ("\"a", "b\""), ("a", ""), ("", "a")] {
        let call = send().header("idempotency-key", first).header("idempotency-key", second);
        let error = visitor.server().send(call).await.problem(400, "invalid_request");
        assert_eq!(error["field"], "Idempotency-Key", "{first} and {second}");
    }
    let twice = send().header("content-type", "application/json");
    visitor.server().send(twice).await.problem(415, "unsupported_media_type");
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (0, 0));
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_no_id_is_no_session() {
    let visitor = Visitor::new().await;
    for id in ["x", "1", "00000000-0000-0000-0000-000000000000", "%00", "..%2f", "'%20or%201=1", &"a".repeat(2000)] {
        let answer = visitor.get(&format!("/chat/sessions/{id}")).await;
        assert!([400, 404].contains(&answer.status), "{id}: {}", answer.text());
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_bad_query_parameter_is_named() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let one = format!("/chat/sessions/{session}");
    for (path, query, field) in [
        ("/chat/sessions", "page=0", "page"),
        ("/chat/sessions", "page=-1", "page"),
        ("/chat/sessions", "page=x", "page"),
        ("/chat/sessions", "page=99999999999999999999999", "page"),
        ("/chat/sessions", "per_page=0", "per_page"),
        ("/chat/sessions", "per_page=101", "per_page"),
        ("/chat/sessions", "per_page=1.5", "per_page"),
        (one.as_str(), "limit=0", "limit"),
        (one.as_str(), "limit=101", "limit"),
        (one.as_str(), "limit=", "limit"),
        (one.as_str(), "before=x", "before"),
    ] {
        let error = visitor.get(&format!("{path}?{query}")).await.problem(400, "invalid_request");
        assert_eq!(error["field"], field, "{query}");
    }
    visitor.get("/chat/sessions?per_page=100&page=1").await.expect(200);
    visitor.get(&format!("{one}?limit=100&before={}", Uuid::now_v7())).await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn the_served_contract_is_the_checked_in_one() {
    let read = async |path| {
        let file = Server::under_test().send_outside_the_contract(Call::new("GET", path)).await.expect(200);
        assert_eq!(file.header("cache-control"), "public, max-age=300");
        assert_eq!(file.header("access-control-allow-origin"), "*");
        assert!(file.header("content-security-policy").contains("default-src 'none'"));
        file
    };
    let contract = read("/api/v1/openapi.json").await;
    assert!(contract.header("content-type").starts_with("application/json"), "{}", contract.shown());
    assert_eq!(&contract.json(), Contract::the().document());
    let docs = read("/api/v1/docs").await;
    assert!(docs.header("content-type").starts_with("text/html"), "{}", docs.shown());
    assert!(docs.text().contains("openapi.json"));
    // What it is tried with is a file, too, and nobody else's to run.
    for (path, kind) in [("/docs.js", "text/javascript"), ("/docs.css", "text/css")] {
        assert!(docs.text().contains(&format!("\"{path}\"")), "{path}");
        let file = Server::under_test().send_outside_the_contract(Call::new("GET", path)).await.expect(200);
        assert!(file.header("content-type").starts_with(kind), "{}", file.shown());
        assert_eq!(file.header("cross-origin-resource-policy"), "same-origin");
    }
    // What only looks like it is no file.
    Server::under_test().send(Call::new("GET", "/api/v1/docs/x")).await.problem(404, "not_found");
}

#[tokio::test]
async fn health_tells_life_and_version() {
    let health = Server::under_test().send(Call::new("GET", "/api/v1/health")).await.expect(200).json();
    assert_eq!(health["status"], "ok");
    assert!(health["version"].as_str().is_some_and(|version| !version.is_empty()));
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let visitor = Visitor::new().await;
    let mut seen = Vec::new();
    for path in ["/chat/quota", "/chat/quota", "/nothing", "/health"] {
        let answer = visitor.get(path).await;
        seen.push(answer.header("x-request-id").to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
    visitor.leaves().await;
}

#[tokio::test]
async fn any_traceparent_is_taken() {
    let visitor = Visitor::new().await;
    for trace in ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "nonsense", "00-0-0-0", &"a".repeat(5000)]
    {
        let call = Call::new("GET", "/api/v1/chat/quota").token(&visitor.token).header("traceparent", trace);
        visitor.server().send(call).await.expect(200);
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_body_of_two_megabytes_is_refused() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let big = json!({"content": "x".repeat(2 * 1024 * 1024), "stream": false});
    for path in ["/chat/messages".to_owned(), format!("/chat/sessions/{session}/messages"), "/chat/sessions".to_owned()]
    {
        visitor.post(&path, &big).await.problem(413, "body_too_large");
    }
    visitor
        .call("PATCH", &format!("/chat/sessions/{session}"), Some(&json!({"title": "x".repeat(2 << 20)})))
        .await
        .problem(413, "body_too_large");
    assert_eq!(visitor.used_today().await, 0);
    let untouched = visitor.get(&format!("/chat/sessions/{session}")).await.json();
    assert_eq!(untouched["session"]["title"], Value::Null);
    visitor.leaves().await;
}
