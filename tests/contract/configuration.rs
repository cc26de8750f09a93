//! Servers that are switched off or wrongly set up.

use serde_json::json;
use tests::{Answer, Call, Server, Visitor, variable};

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
        ("GET", "/config"),
        ("POST", "/chat/messages"),
    ] {
        let body = (method == "POST").then(|| json!({}));
        visitor.call(method, path, body.as_ref()).await.problem(404, "not_found");
    }
    for path in ["/auth/guest", "/chat/sessions", "/chat/quota", "/config"] {
        for method in ["OPTIONS", "PUT"] {
            server.send(Call::new(method, format!("/api/v1{path}"))).await.problem(404, "not_found");
        }
    }
    let options = server.send(Call::new("OPTIONS", "/api/v1/health")).await.expect(204);
    assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_wrongly_set_up_server_says_so_and_names_nothing_secret() {
    for (name, value) in [
        ("JWT_SECRET", "short-and-secret"),
        ("CHAT_MAX_TOKENS", "lots-of-them"),
        ("QUOTA_FAIL_MODE", "hidden-word"),
        ("SAMBANOVA_MODELS", "gpt-oss-120b@hidden-word"),
    ] {
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
        // Sending needs all of them; on Spin other functions are not given what they have no use for.
        let answer = server.send(Call::new("POST", "/api/v1/chat/messages").token("x").json(&json!({}))).await;
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
async fn limits_and_features_are_public_and_kept_for_a_minute() {
    let server = Server::started_with(&[
        ("CHAT_MAX_MESSAGE_LENGTH", "7"),
        ("CHAT_RATE_LIMIT_PER_MINUTE", "8"),
        ("CHAT_DAILY_MESSAGE_QUOTA", "9"),
        ("CHAT_MAX_CONTEXT_MESSAGES", "10"),
        ("SAMBANOVA_MODELS", "first@1/2,second=The Second@0.60/1.20"),
        ("SAMBANOVA_MODEL", ""),
    ])
    .await;
    let features = |accounts: bool| {
        json!({
            "accounts": accounts, "passkeys": false, "mail": false, "providers": [], "openai": true,
            "share": true, "model_choice": false, "titles_by_model": false, "temporary": true, "feedback": true, "embed": false,
        })
    };
    let ask = || Call::new("GET", "/api/v1/config");
    let answer = server.send(ask()).await.expect(200);
    let limits = json!({"message_chars": 7, "per_minute": 8, "per_day": 9, "context_messages": 10});
    assert_eq!(
        answer.json(),
        json!({
            "limits": limits,
            "features": features(false),
            "models": [{"id": "first", "label": "first"}, {"id": "second", "label": "The Second"}],
        })
    );
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");

    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let same = server.send(ask().header("if-none-match", &known)).await.expect(304);
        assert_eq!((same.header("etag"), same.header("cache-control")), (tag.as_str(), "public, max-age=60"));
        assert!(same.body.is_empty());
    }
    for other in ["\"other\"", "W/\"other\"", "nonsense", &tag.replace('"', "")] {
        server.send(ask().header("if-none-match", other)).await.expect(200);
    }
    let accounts = [("ACCOUNTS_ENABLED", "true"), ("ACCOUNTS_PEPPER", "the pepper of the contract's tests")];
    let others = Server::started_with(&accounts).await;
    assert_eq!(others.send(ask()).await.expect(200).json()["features"], features(true));
    // Other limits have another tag, the same ones the same on every server.
    let others = Server::started_with(&[("CHAT_MAX_MESSAGE_LENGTH", "8")]).await;
    assert_ne!(others.send(ask()).await.header("etag"), tag);
}

#[tokio::test]
async fn all_that_is_missing_or_malformed_is_named_at_once() {
    let server = Server::started_with(&[
        ("EDGEWISE_WITHOUT", "DATABASE_URL,SAMBANOVA_API_KEY"),
        ("CHAT_MAX_TOKENS", "0"),
        ("QUOTA_FAIL_MODE", "ajar"),
    ])
    .await;
    // Sending needs all of them; on Spin other functions are not given what they have no use for.
    let send = Call::new("POST", "/api/v1/chat/messages").token("x").json(&json!({}));
    server.send(send).await.problem(503, "misconfigured");
    tests::eventually("the log names all of them, and their rules", || async {
        let output = server.output().join("\n");
        let words = [
            "DATABASE_URL is not set",
            "SAMBANOVA_API_KEY is not set",
            "CHAT_MAX_TOKENS must be a whole number from 1 to 32768",
            "QUOTA_FAIL_MODE must be one of closed, open",
        ];
        if words.iter().all(|word| output.contains(word)) { Ok(()) } else { Err(output) }
    })
    .await;
}

/// The cookie that an answer sets.
fn browser(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    for attribute in ["Path=/api/v1", "Max-Age=31536000", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} in {cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_percentage_is_of_browsers_and_a_new_guest_draws_no_new_lot() {
    let server = Server::started_with(&[("CHAT_ROLLOUT", "50"), ("CHAT_GUEST_IP_DAILY_QUOTA", "1000")]).await;
    let guest = || Call::new("POST", "/api/v1/auth/guest");
    let is_in = async |token: &str, cookie: Option<&str>| {
        let ask = |path: &str| {
            let call = Call::new("GET", format!("/api/v1{path}")).token(token);
            if let Some(cookie) = cookie { call.header("cookie", cookie) } else { call }
        };
        let status = server.send(ask("/chat/sessions")).await.status;
        let told = server.send(ask("/health?me=1")).await.expect(200).header("x-feature").to_owned();
        assert_eq!(told, format!("chat;rollout=50;in={}", i32::from(status == 200)), "{status}");
        status == 200
    };
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..12 {
        let first = server.send(guest()).await.expect(201);
        let cookie = browser(&first);
        let token = first.json()["token"].as_str().unwrap().to_owned();
        // The cookie changes nothing for the guest that it was set with.
        let answer = is_in(&token, Some(&cookie)).await;
        assert_eq!(is_in(&token, None).await, answer);
        // Others of the same browser are drawn alike, whatever their own ids would draw.
        for _ in 0..3 {
            let jar = format!("theme=dark; {cookie}; other=1");
            let next = server.send(guest().header("cookie", &jar)).await.expect(201);
            assert_eq!(browser(&next), cookie);
            assert_eq!(is_in(next.json()["token"].as_str().unwrap(), Some(&jar)).await, answer);
        }
        seen.insert(answer);
    }
    assert_eq!(seen.len(), 2, "of twelve browsers some are in and some are out");
    // An admin is in whatever the browser draws, and one that holds nonsense draws by the guest.
    let admin = Visitor::of(&server, "admin").await;
    assert!(is_in(&admin.token, Some("edgewise_browser=nonsense")).await);
    assert_eq!(server.send(Call::new("GET", "/api/v1/health")).await.optional_header("x-feature"), None);
    admin.leaves().await;
}

#[tokio::test]
async fn a_chat_for_all_sets_no_cookie() {
    let server = Server::under_test();
    let answer = server.send(Call::new("POST", "/api/v1/auth/guest")).await.expect(201);
    assert_eq!(answer.optional_header("set-cookie"), None);
    let me = server.send(Call::new("GET", "/api/v1/health?me=1")).await.expect(200);
    assert_eq!(me.header("x-feature"), "chat;rollout=all;in=1");
}

#[tokio::test]
async fn a_chat_for_admins_only_is_not_found_for_others() {
    let server = Server::started_with(&[("CHAT_ROLLOUT", "admins")]).await;
    server.send(Call::new("POST", "/api/v1/auth/guest")).await.problem(404, "not_found");
    let (guest, admin) = (Visitor::of(&server, "guest").await, Visitor::of(&server, "admin").await);
    guest.get("/chat/quota").await.problem(404, "not_found");
    guest.send(None, &guest.text("hello")).await.problem(404, "not_found");
    admin.send(None, &admin.text("hello")).await.expect(200);
    guest.leaves().await;
    admin.leaves().await;
}
