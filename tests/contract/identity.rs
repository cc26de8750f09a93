//! Tokens: forged, expired, cut, foreign; and what belongs to somebody else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::{Answer, Call, Server, Visitor, tokens};
use uuid::Uuid;

/// Every call that needs a caller, with a body that would be taken.
fn calls(session: &str) -> Vec<Call> {
    let path = |rest: &str| format!("/api/v1/chat{rest}");
    let one = format!("/sessions/{session}");
    let message = json!({"content": "hello", "stream": false});
    vec![
        Call::new("POST", path("/sessions")).json(&json!({})),
        Call::new("GET", path("/sessions")),
        Call::new("GET", path(&one)),
        Call::new("PATCH", path(&one)).json(&json!({"title": "t"})),
        Call::new("DELETE", path(&one)),
        Call::new("POST", path(&format!("{one}/restore"))),
        Call::new("POST", path(&format!("{one}/messages"))).json(&message),
        Call::new("POST", path("/messages")).json(&message),
        Call::new("GET", path("/quota")),
    ]
}

fn check_challenge(answer: &Answer, code: &str) {
    answer.problem(401, code);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    assert_eq!(
        challenge.contains("invalid_token"),
        code == "token_expired" || challenge.contains("error"),
        "{challenge}"
    );
}

#[tokio::test]
async fn every_chat_call_needs_a_token() {
    let server = Server::under_test();
    for call in calls(&Uuid::now_v7().to_string()) {
        check_challenge(&server.send(call.clone()).await, "unauthenticated");
        check_challenge(&server.send(call.token("")).await, "unauthenticated");
    }
}

#[tokio::test]
async fn forged_tokens_open_nothing() {
    let visitor = Visitor::new().await;
    let valid = visitor.token.clone();
    let claims = tokens::claims(visitor.id, "guest");
    let parts: Vec<&str> = valid.split('.').collect();
    let with = |key: &str, value: Value| {
        let mut changed = claims.clone();
        changed[key] = value;
        changed
    };
    let without = |key: &str| {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(key);
        tokens::signed(&changed, &tokens::secret())
    };
    let admin = with("role", json!("admin"));
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let hs512 = tokens::unsigned(&json!({"alg": "HS512"}), &claims);
    let forged = [
        ("alg none without signature", format!("{}.", tokens::unsigned(&json!({"alg": "none"}), &claims))),
        ("alg None with signature", format!("{}.{}", tokens::unsigned(&json!({"alg": "None"}), &claims), parts[2])),
        ("no alg", format!("{}.{}", tokens::unsigned(&json!({"typ": "JWT"}), &claims), parts[2])),
        ("another alg", format!("{hs512}.{}", tokens::signature(&hs512, &tokens::secret()))),
        ("swapped claims", format!("{}.{}.{}", parts[0], encode(&admin), parts[2])),
        ("another's claims", format!("{}.{}.{}", parts[0], encode(&tokens::claims(Uuid::now_v7(), "guest")), parts[2])),
        ("cut signature", valid[..valid.len() - 2].to_owned()),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{valid}.{}", parts[2])),
        ("another key", tokens::signed(&claims, "another secret of thirty-two bytes!")),
        ("empty key", tokens::signed(&claims, "")),
        ("another issuer", tokens::signed(&with("iss", json!("somebody")), &tokens::secret())),
        ("no issuer", without("iss")),
        ("no expiry", without("exp")),
        ("no subject", without("sub")),
        ("no role", without("role")),
        ("unknown role", tokens::signed(&with("role", json!("root")), &tokens::secret())),
        ("a subject that is no id", tokens::signed(&with("sub", json!("1 or 1=1")), &tokens::secret())),
        ("an expiry that is no number", tokens::signed(&with("exp", json!("never")), &tokens::secret())),
        ("not base64", "a.b.c".to_owned()),
        ("20 kB", format!("{}.{}", parts[0], "A".repeat(20_000))),
        ("20 kB of valid claims", tokens::signed(&with("pad", json!("x".repeat(15_000))), &tokens::secret())),
    ];
    for (what, token) in forged {
        let answer = visitor.server().send(Call::new("GET", "/api/v1/chat/sessions").token(&token)).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        check_challenge(&answer, "unauthenticated");
    }
    for header in [format!("Basic {valid}"), valid.clone(), "Bearer".to_owned(), format!("Bearer {valid} x")] {
        let answer =
            visitor.server().send(Call::new("GET", "/api/v1/chat/sessions").header("authorization", &header)).await;
        check_challenge(&answer, "unauthenticated");
    }
    visitor.get("/chat/sessions").await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn an_expired_token_says_so() {
    let visitor = Visitor::new().await;
    let mut claims = tokens::claims(visitor.id, "guest");
    let now = claims["iat"].as_i64().unwrap();
    claims["iat"] = json!(now - 7200);
    claims["exp"] = json!(now - 3600);
    let token = tokens::signed(&claims, &tokens::secret());
    for call in calls(&Uuid::now_v7().to_string()) {
        check_challenge(&visitor.server().send(call.token(&token)).await, "token_expired");
    }
    // Expired and forged is forged: what is not signed says nothing.
    let forged = tokens::signed(&claims, "another secret of thirty-two bytes!");
    let answer = visitor.server().send(Call::new("GET", "/api/v1/chat/quota").token(&forged)).await;
    check_challenge(&answer, "unauthenticated");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_query_parameter_is_no_token() {
    let visitor = Visitor::new().await;
    let path = format!("/api/v1/chat/sessions?token={0}&access_token={0}", visitor.token);
    let answer = visitor.server().send(Call::new("GET", path)).await;
    assert!([400, 401].contains(&answer.status), "{}", answer.text());
    visitor.leaves().await;
}

#[tokio::test]
async fn anothers_session_answers_exactly_as_a_missing_one() {
    let owner = Visitor::new().await;
    let stranger = Visitor::new().await;
    let session = owner.session().await;
    let missing = Uuid::now_v7().to_string();
    let shape = |answer: &Answer, id: &str| {
        let mut error = answer.any_problem();
        error["request_id"] = Value::Null;
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (answer.status, error.to_string().replace(id, "ID"), names)
    };
    for (foreign, absent) in calls(&session).into_iter().zip(calls(&missing)) {
        if !format!("{foreign:?}").contains(&session) {
            continue;
        }
        let foreign = stranger.server().send(foreign.token(&stranger.token)).await;
        let absent = stranger.server().send(absent.token(&stranger.token)).await;
        foreign.problem(404, "session_not_found");
        assert_eq!(shape(&foreign, &session), shape(&absent, &missing));
    }
    let kept = owner.get(&format!("/chat/sessions/{session}")).await.expect(200).json();
    assert_eq!((kept["session"]["title"].clone(), kept["messages"].clone()), (Value::Null, json!([])));
    assert_eq!(stranger.get("/chat/sessions").await.json()["total"], 0);
    assert_eq!(stranger.used_today().await, 0, "a refused message is not charged");
    assert!(stranger.model_calls().await.is_empty());
    owner.leaves().await;
    stranger.leaves().await;
}
