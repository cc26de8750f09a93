//! Which pages may call, and the headers that keep a browser safe.

use serde_json::json;
use tests::{Call, Server, Visitor};

const OURS: &str = "https://chat.example";

/// What a browser asks leave for: our page's headers, and those of the official OpenAI clients (openai-node 6, `core` and `client`).
const ASKED_FOR: &[&str] = &[
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "openai-organization",
    "openai-project",
    "traceparent",
    "x-stainless-arch",
    "x-stainless-helper-method",
    "x-stainless-lang",
    "x-stainless-os",
    "x-stainless-package-version",
    "x-stainless-retry-count",
    "x-stainless-runtime",
    "x-stainless-runtime-version",
    "x-stainless-timeout",
];

#[tokio::test]
async fn only_listed_origins_may_read_answers() {
    let server = Server::started_with(&[("CORS_ORIGINS", "https://chat.example,https://other.example")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let quota = || Call::new("GET", "/api/v1/chat/quota").token(&visitor.token);

    let allowed = server.send(quota().header("origin", OURS)).await.expect(200);
    assert_eq!(allowed.header("access-control-allow-origin"), OURS);
    assert!(allowed.header("vary").to_lowercase().contains("origin"));
    let exposed = allowed.header("access-control-expose-headers").to_lowercase();
    for header in [
        "x-session-id",
        "x-user-message-id",
        "x-message-id",
        "x-model",
        "x-request-id",
        "x-ratelimit-remaining",
        "x-daily-quota-remaining",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
    ] {
        assert!(exposed.contains(header), "{header} in {exposed}");
    }
    // Errors are readable too: the page must tell why.
    let failed = server.send(Call::new("GET", "/api/v1/chat/quota").header("origin", OURS)).await;
    failed.problem(401, "unauthenticated");
    assert_eq!(failed.header("access-control-allow-origin"), OURS);

    for origin in [
        "https://evil.example",
        "https://chat.example.evil.example",
        "http://chat.example",
        "null",
        "https://chat.example:444",
    ] {
        let foreign = server.send(quota().header("origin", origin)).await;
        assert_eq!(foreign.optional_header("access-control-allow-origin"), None, "{origin}");
        let preflight = server.send_outside_the_contract(preflight(origin, "POST", "/api/v1/chat/messages")).await;
        assert_eq!(preflight.optional_header("access-control-allow-origin"), None, "{origin}");
    }
    assert_eq!(
        allowed.optional_header("access-control-allow-credentials"),
        None,
        "tokens travel in a header, not in cookies"
    );

    let preflight = server.send_outside_the_contract(preflight(OURS, "PATCH", "/api/v1/chat/sessions/0")).await;
    assert!([200, 204].contains(&preflight.status));
    assert_eq!(preflight.header("access-control-allow-origin"), OURS);
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    let headers = preflight.header("access-control-allow-headers").to_lowercase();
    let allowed_headers: Vec<&str> = headers.split(',').map(str::trim).collect();
    for header in ASKED_FOR {
        assert!(allowed_headers.contains(header), "{header} in {headers}");
    }
    assert!(preflight.body.is_empty());

    let stream = server
        .send(
            Call::new("POST", "/api/v1/chat/messages")
                .token(&visitor.token)
                .header("origin", OURS)
                .json(&json!({"content": visitor.text("hi")})),
        )
        .await;
    assert_eq!(stream.expect(200).header("access-control-allow-origin"), OURS);
    visitor.leaves().await;
}

fn preflight(origin: &str, method: &str, path: &str) -> Call {
    Call::new("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", &ASKED_FOR.join(","))
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let visitor = Visitor::new().await;
    for (path, token) in [("/health", false), ("/chat/quota", true), ("/chat/quota", false), ("/nothing", false)] {
        let call = Call::new("GET", format!("/api/v1{path}"));
        let answer = visitor.server().send(if token { call.token(&visitor.token) } else { call }).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        // As the page's: the host's subdomains are not ours to speak for.
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
    assert!(visitor.get("/chat/quota").await.header("cache-control").contains("no-store"));
    visitor.leaves().await;
}
