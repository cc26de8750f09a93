//! `POST /auth/guest`: an identity for the asking, and not too many for one address.

use serde_json::json;
use tests::{Call, Server, Visitor, control, eventually, stores, tokens, variable};

fn guest() -> Call {
    Call::new("POST", "/api/v1/auth/guest")
}

#[tokio::test]
async fn a_guest_token_opens_the_chat_and_costs_no_database_write() {
    let server = Server::under_test();
    for call in [guest(), guest().json(&json!({}))] {
        let answer = server.send(call).await.expect(201);
        let body = answer.json();
        assert_eq!((body["token_type"].as_str(), body["user"]["role"].as_str()), (Some("Bearer"), Some("guest")));
        assert!(body["expires_in"].as_i64().unwrap() > 60);
        let id = body["user"]["id"].as_str().unwrap();
        assert_eq!(stores::number("select count(*) from users where id = $1::uuid", &[id]).await, 0);
        let token = body["token"].as_str().unwrap();
        let list = server.send(Call::new("GET", "/api/v1/chat/sessions").token(token)).await.expect(200);
        assert_eq!(list.json()["total"], 0);
    }
}

#[tokio::test]
async fn every_guest_is_somebody_else() {
    let server = Server::under_test();
    let (first, second) = (server.send(guest()).await.json(), server.send(guest()).await.json());
    assert_ne!(first["user"]["id"], second["user"]["id"]);
    assert_ne!(first["token"], second["token"]);
}

/// A token of the visitor's that ended this many seconds ago.
fn ended(visitor: &Visitor, role: &str, seconds: i64) -> String {
    let mut claims = tokens::claims(visitor.id, role);
    let now = claims["iat"].as_i64().unwrap();
    claims["exp"] = json!(now - seconds);
    tokens::signed(&claims, &tokens::secret())
}

#[tokio::test]
async fn a_guest_whose_token_ended_comes_back_as_the_same_guest() {
    const DAY: i64 = 24 * 60 * 60;
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let server = visitor.server();
    for token in [visitor.token.clone(), ended(&visitor, "guest", 1), ended(&visitor, "guest", 179 * DAY)] {
        let body = server.send(guest().token(&token)).await.expect(201).json();
        assert_eq!(body["user"]["id"], json!(visitor.id));
        let renewed = body["token"].as_str().unwrap();
        let path = format!("/api/v1/chat/sessions/{session}");
        server.send(Call::new("GET", path).token(renewed)).await.expect(200);
    }
    server.send(guest().token(&ended(&visitor, "guest", 181 * DAY))).await.problem(401, "token_expired");
    // An account proves itself with its password, and a forged token proves nobody.
    server.send(guest().token(&ended(&visitor, "user", 1))).await.problem(401, "unauthenticated");
    let forged = tokens::signed(&tokens::claims(visitor.id, "guest"), "another secret of thirty-two bytes!");
    server.send(guest().token(&forged)).await.problem(401, "unauthenticated");
    visitor.leaves().await;
}

#[tokio::test]
async fn the_body_of_a_guest_holds_nothing() {
    let server = Server::under_test();
    server.send(guest().json(&json!({"role": "admin"}))).await.problem(400, "invalid_request");
    server.send(guest().json(&json!([]))).await.problem(400, "invalid_request");
    server.send(guest().body("application/json", "{")).await.problem(400, "invalid_json");
}

#[tokio::test]
async fn an_address_gets_only_so_many_guests_a_day() {
    let server = Server::started_with(&[("CHAT_GUEST_IP_DAILY_QUOTA", "3")]).await;
    let mut admitted = 0;
    let refused = loop {
        let answer = server.send(guest()).await;
        if answer.status != 201 {
            break answer;
        }
        admitted += 1;
        assert!(admitted <= 3, "three a day are allowed");
    };
    let error = refused.problem(429, "rate_limited");
    assert!(refused.number("retry-after") >= 1);
    assert_eq!(error["limit"], 3);
    assert_eq!(error["remaining"], 0);
    assert_eq!(error["scope"], "address");
    // A header that anybody can set is no address unless the operator says that a proxy sets it.
    for header in ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "spin-client-addr"] {
        server.send(guest().header(header, "203.0.113.9:9")).await.problem(429, "rate_limited");
    }
    // A visitor with a token is not stopped.
    let visitor = Visitor::of(&server, "guest").await;
    visitor.session().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn the_address_that_the_operators_proxy_tells_is_the_guests() {
    let server =
        Server::started_with(&[("CHAT_GUEST_IP_DAILY_QUOTA", "1"), ("CLIENT_ADDRESS_HEADER", "X-Real-IP")]).await;
    let from = |address: &str| server.send(guest().header("x-real-ip", address));
    let [a, b, c, d, ..] = uuid::Uuid::new_v4().into_bytes();
    let (one, other) = (format!("10.{a}.{b}.{c}"), format!("10.{a}.{b}.{}", c ^ 1));
    from(&one).await.expect(201);
    from(&format!("{one}:4711")).await.problem(429, "rate_limited");
    from(&other).await.expect(201);
    let net = format!("2001:db8:{a:x}{b:02x}:{c:x}{d:02x}");
    from(&format!("{net}::1")).await.expect(201);
    from(&format!("{net}:ffff::2")).await.problem(429, "rate_limited");
    // Sixty tries of a /64 end its own, and nobody else's in the /48.
    let tries = |part: &str| {
        let (address, code) = (format!("2001:{a:x}{b:02x}:{c:x}{d:02x}:{part}"), json!({"code": "A".repeat(22)}));
        let call = Call::new("POST", "/api/v1/auth/handover/redeem").json(&code).header("x-real-ip", &address);
        let server = &server;
        async move { server.send(call).await }
    };
    for answer in futures::future::join_all((0..60).map(|_| tries("1::1"))).await {
        answer.problem(404, "not_found");
    }
    tries("1::2").await.problem(429, "rate_limited");
    tries("2::1").await.problem(404, "not_found");
    // What is no address, or two, is that of the connection, which has had its one guest.
    server.send(guest()).await;
    for nothing in ["", "unknown", &format!("{one}, {other}")] {
        server.send(guest().header("x-real-ip", nothing)).await.problem(429, "rate_limited");
    }
}

async fn with_turnstile(secret: &str) -> Server {
    let redeemed_at = format!("{}/turnstile/v0/siteverify", variable("STACK_URL").trim_end_matches('/'));
    Server::started_with(&[
        ("GUEST_CHALLENGE", "turnstile"),
        ("TURNSTILE_SITE_KEY", "site"),
        ("TURNSTILE_SECRET", secret),
        ("TURNSTILE_VERIFY_URL", &redeemed_at),
    ])
    .await
}

/// The secrets are those that Cloudflare documents for tests.
#[tokio::test]
async fn where_turnstile_is_asked_for_a_guest_shows_a_token_that_it_takes() {
    let showing = |token: &str| guest().header("x-turnstile-token", token);
    let server = with_turnstile("1x0000000000000000000000000000000AA").await;
    let token = uuid::Uuid::new_v4().to_string();
    for call in [guest(), showing(""), showing(&"x".repeat(2049)), guest().header("x-proof-of-work", "x")] {
        let refused = server.send(call).await;
        assert_eq!(refused.problem(401, "challenge_required")["turnstile"], json!({"site_key": "site"}));
        assert_eq!(refused.header("www-authenticate"), "EdgewiseTurnstile");
    }
    let since = control::newest().await;
    let came = server.send(showing(&token)).await.expect(201).json();
    let calls = control::calls("turnstile", &token, since).await;
    assert_eq!(calls.len(), 1);
    // A guest is not asked again.
    server.send(guest().token(came["token"].as_str().unwrap())).await.expect(201);
    // A token whose redemption got no reply is redeemed again, by the same key.
    let since = control::newest().await;
    let fault = control::fault("turnstile", &token, json!({"lost_reply": true}), Some(1)).await;
    server.send(showing(&token)).await.expect(201);
    assert_eq!(fault.lift().await, 1);
    let calls = control::calls("turnstile", &token, since).await;
    let keys: Vec<&str> = calls.iter().filter_map(|call| call.request()["idempotency_key"].as_str()).collect();
    assert!(keys.len() == 2 && keys[0] == keys[1], "{keys:?}");
    // Without a verdict no guest is made.
    let fault = control::fault("turnstile", &token, json!({"garbage": true}), None).await;
    server.send(showing(&token)).await.problem(503, "storage_unavailable");
    assert_eq!(fault.lift().await, 1);

    let spent = with_turnstile("3x0000000000000000000000000000000AA").await;
    let error = spent.send(showing(&token)).await.problem(401, "challenge_required");
    assert_eq!(error["turnstile"]["site_key"], "site");
    let unknown = with_turnstile("nobody-knows-it").await;
    let answer = unknown.send(showing(&token)).await;
    answer.problem(503, "misconfigured");
    let keyless = Server::started_with(&[("GUEST_CHALLENGE", "turnstile")]).await;
    keyless.send(showing(&token)).await.problem(503, "misconfigured");
    for (server, names) in
        [(&unknown, vec!["TURNSTILE_SECRET"]), (&keyless, vec!["TURNSTILE_SITE_KEY", "TURNSTILE_SECRET"])]
    {
        eventually("the log names the variables", || async {
            let output = server.output().join("\n");
            let is_told = names.iter().all(|name| output.contains(name)) && !output.contains("nobody-knows-it");
            if is_told { Ok(()) } else { Err(output) }
        })
        .await;
    }
}
