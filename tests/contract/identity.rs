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
    let now = claims["iat"].as_i64().unwrap();
    let signed = |signing_input: String| {
        let signature = tokens::signature(&signing_input, &tokens::secret());
        format!("{signing_input}.{signature}")
    };
    let headed = |header: Value| signed(tokens::unsigned(&header, &claims));
    let twice = |key: &str, second: &str| {
        let text = claims.to_string();
        let text = format!("{},\"{key}\":{second}}}", text.strip_suffix('}').unwrap());
        signed(format!("{}.{}", parts[0], URL_SAFE_NO_PAD.encode(text)))
    };
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
        ("an expiry beyond all time", tokens::signed(&with("exp", json!(1e30)), &tokens::secret())),
        ("an expiry of null", tokens::signed(&with("exp", Value::Null), &tokens::secret())),
        ("two expiries", twice("exp", "4102444800")),
        ("two subjects", twice("sub", &json!(Uuid::now_v7()).to_string())),
        ("two roles", twice("role", r#""admin""#)),
        ("not valid yet", tokens::signed(&with("nbf", json!(now + 600)), &tokens::secret())),
        ("issued in the future", tokens::signed(&with("iat", json!(now + 360)), &tokens::secret())),
        ("issued in a century", tokens::signed(&with("iat", json!(now + 3_000_000_000_i64)), &tokens::secret())),
        ("issued at no time", tokens::signed(&with("iat", json!("now")), &tokens::secret())),
        ("for somebody else", tokens::signed(&with("aud", json!("somebody")), &tokens::secret())),
        ("for others", tokens::signed(&with("aud", json!(["somebody", "another"])), &tokens::secret())),
        ("for nobody", tokens::signed(&with("aud", json!([])), &tokens::secret())),
        ("for null", tokens::signed(&with("aud", Value::Null), &tokens::secret())),
        ("for a number", tokens::signed(&with("aud", json!(5)), &tokens::secret())),
        ("an extension to understand", headed(json!({"alg": "HS256", "crit": ["exp"], "exp": 1}))),
        ("an empty list of extensions", headed(json!({"alg": "HS256", "crit": []}))),
        ("no list of extensions", headed(json!({"alg": "HS256", "crit": null}))),
        ("a payload that is not encoded", headed(json!({"alg": "HS256", "crit": ["b64"], "b64": false}))),
        ("another type", headed(json!({"alg": "HS256", "typ": "at+jwt"}))),
        ("a type of an ID token", headed(json!({"alg": "HS256", "typ": "application/jwt"}))),
        ("an empty type", headed(json!({"alg": "HS256", "typ": ""}))),
        ("a type that is no text", headed(json!({"alg": "HS256", "typ": ["JWT"]}))),
        ("alg in small letters", headed(json!({"alg": "hs256", "typ": "JWT"}))),
        ("alg with a blank", headed(json!({"alg": "HS256 ", "typ": "JWT"}))),
        ("a token in a token", headed(json!({"alg": "HS256", "typ": "JWT", "cty": "JWT"}))),
        ("not base64", "a.b.c".to_owned()),
        ("20 kB", format!("{}.{}", parts[0], "A".repeat(20_000))),
        ("20 kB of valid claims", tokens::signed(&with("pad", json!("x".repeat(15_000))), &tokens::secret())),
    ];
    for (what, token) in forged {
        let answer = visitor.server().send(Call::new("GET", "/api/v1/chat/sessions").token(&token)).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        check_challenge(&answer, "unauthenticated");
    }
    for header in [
        format!("Basic {valid}"),
        valid.clone(),
        "Bearer".to_owned(),
        format!("Bearer {valid} x"),
        format!("Bearer {valid},"),
        format!("Bearer {valid}, Bearer {valid}"),
        format!("Bearer {valid}\u{e9}"),
    ] {
        let answer =
            visitor.server().send(Call::new("GET", "/api/v1/chat/sessions").header("authorization", &header)).await;
        check_challenge(&answer, "unauthenticated");
    }
    let twice = Call::new("GET", "/api/v1/chat/sessions").token(&valid).token(&valid);
    check_challenge(&visitor.server().send(twice).await, "unauthenticated");
    visitor.get("/chat/sessions").await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_token_need_not_name_its_type_or_its_audience() {
    let visitor = Visitor::new().await;
    let claims = tokens::claims(visitor.id, "guest");
    let issuer = claims["iss"].clone();
    let now = claims["iat"].as_i64().unwrap();
    let with = |key: &str, value: Value| {
        let mut changed = claims.clone();
        changed[key] = value;
        changed
    };
    let mut without_iat = claims.clone();
    without_iat.as_object_mut().unwrap().remove("iat");
    for (header, claims) in [
        (json!({"alg": "HS256"}), claims.clone()),
        (json!({"alg": "HS256", "typ": "jwt", "kid": "unknown"}), claims.clone()),
        (json!({"alg": "HS256"}), with("aud", issuer.clone())),
        (json!({"alg": "HS256"}), with("aud", json!(["another", issuer]))),
        // Clocks differ a little.
        (json!({"alg": "HS256"}), with("iat", json!(now + 240))),
        (json!({"alg": "HS256"}), with("nbf", json!(now - 1))),
        (json!({"alg": "HS256"}), without_iat),
    ] {
        let signing_input = tokens::unsigned(&header, &claims);
        let token = format!("{signing_input}.{}", tokens::signature(&signing_input, &tokens::secret()));
        let call = Call::new("GET", "/api/v1/chat/sessions").token(&token);
        let answer = visitor.server().send(call).await;
        assert_eq!(answer.status, 200, "{header} {claims}: {}", answer.text());
    }
    visitor.leaves().await;
}

/// What a token says, signed or not.
fn read(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn a_secret_can_be_changed_without_losing_a_guest() {
    const NEW: &str = "the new secret of this deployment";
    let old = tokens::secret();
    let server = Server::started_with(&[
        ("JWT_SECRET", NEW),
        ("JWT_SECRET_PREVIOUS", &old),
        ("JWT_ISSUER", "me"),
        ("JWT_AUDIENCE", "my-page"),
    ])
    .await;
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let mut claims = tokens::claims(visitor.id, "guest");
    claims["iss"] = json!("me");
    let mut foreign = claims.clone();
    foreign["aud"] = json!("me");
    let ask = |token: &str| Call::new("GET", format!("/api/v1/chat/sessions/{session}")).token(token);
    server.send(ask(&tokens::signed(&claims, &old))).await.expect(200);
    server.send(ask(&tokens::signed(&claims, NEW))).await.expect(200);
    server.send(ask(&tokens::signed(&foreign, &old))).await.problem(401, "unauthenticated");
    server
        .send(ask(&tokens::signed(&claims, "neither this nor that of 32 bytes")))
        .await
        .problem(401, "unauthenticated");
    // What it signs itself is signed with the new one, for its audience.
    let renewing = Call::new("POST", "/api/v1/auth/guest").token(&tokens::signed(&claims, &old));
    let renewed = server.send(renewing).await.expect(201).json();
    assert_eq!(renewed["user"]["id"], json!(visitor.id));
    let token = renewed["token"].as_str().unwrap();
    assert_eq!((&read(token)["aud"], &read(token)["iss"]), (&json!("my-page"), &json!("me")));
    let (signing_input, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(signature, tokens::signature(signing_input, NEW));
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
