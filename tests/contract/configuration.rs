//! Servers that are switched off or wrongly set up.

use serde_json::json;
use tests::{Call, Server, Visitor, variable};

#[tokio::test]
async fn a_chat_that_is_switched_off_is_not_found_and_health_still_answers() {
    let server = Server::started_with(&[("FEATURE_CHAT_ENABLED", "false")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    visitor.get("/health").await.expect(200);
    for (method, path) in [
        ("POST", "/auth/guest"),
        ("POST", "/chat/sessions"),
        ("GET", "/chat/sessions"),
        ("GET", "/chat/quota"),
        ("POST", "/chat/messages"),
    ] {
        let body = (method == "POST").then(|| json!({}));
        visitor.call(method, path, body.as_ref()).await.problem(404, "not_found");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_wrongly_set_up_server_says_so_and_names_nothing_secret() {
    for (name, value) in
        [("JWT_SECRET", "short-and-secret"), ("CHAT_MAX_TOKENS", "lots-of-them"), ("QUOTA_FAIL_MODE", "hidden-word")]
    {
        let server = Server::started_with(&[(name, value)]).await;
        let answer = server.send(Call::new("GET", "/api/v1/chat/quota").token("x")).await;
        answer.problem(503, "misconfigured");
        for word in [name, value, "hidden-word", &variable("JWT_SECRET")] {
            assert!(!answer.text().contains(word), "{word} in {}", answer.text());
        }
        tests::eventually("the log names the variable", || async {
            let output = server.output().join("\n");
            if output.contains(name) { Ok(()) } else { Err(output) }
        })
        .await;
        let output = server.output().join("\n");
        assert!(!output.contains(value), "the log must not hold the value of {name}");
    }
}

#[tokio::test]
async fn a_missing_variable_is_named_in_the_log_and_not_to_visitors() {
    for name in
        ["JWT_SECRET", "DATABASE_URL", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "SAMBANOVA_API_KEY"]
    {
        let server = Server::started_with(&[("EDGEWISE_WITHOUT", name)]).await;
        let answer = server.send(Call::new("GET", "/api/v1/chat/quota").token("x")).await;
        answer.problem(503, "misconfigured");
        assert!(!answer.text().contains(name), "{}", answer.text());
        tests::eventually("the log names the variable", || async {
            let output = server.output().join("\n");
            if output.contains(name) { Ok(()) } else { Err(output) }
        })
        .await;
    }
}

#[tokio::test]
async fn a_chat_for_admins_only_is_not_found_for_others() {
    let server = Server::started_with(&[("CHAT_ROLLOUT", "admins")]).await;
    let (guest, admin) = (Visitor::of(&server, "guest").await, Visitor::of(&server, "admin").await);
    guest.get("/chat/quota").await.problem(404, "not_found");
    guest.send(None, &guest.text("hello")).await.problem(404, "not_found");
    admin.send(None, &admin.text("hello")).await.expect(200);
    guest.leaves().await;
    admin.leaves().await;
}
