//! Accounts: signing up and in, tokens that change, devices that end, and what nobody is told.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Answer, Call, PATIENT, Server, Visitor, control, fresh_address, proof, stores, tokens};
use uuid::Uuid;

/// What a scheduler shows there.
pub const MAINTENANCE_TOKEN: &str = "the token of the contract's own scheduler";

/// What a collector of metrics shows there.
pub const METRICS_TOKEN: &str = "the token of the contract's own collector";

/// A server with accounts. Each test comes from an address of its own: sign-ups of one are limited.
pub async fn server() -> Server {
    server_with(&[]).await
}

/// As [`server`], with other variables.
pub async fn server_with(more: &[(&str, &str)]) -> Server {
    let accounts = [
        ("ACCOUNTS_ENABLED", "true"),
        ("ACCOUNTS_PEPPER", "the pepper of the contract's tests"),
        ("MAINTENANCE_TOKEN", MAINTENANCE_TOKEN),
        ("METRICS_TOKEN", METRICS_TOKEN),
        ("STATUS_PUBLIC", "true"),
        ("FEATURE_WEBSOCKET", "true"),
        ("EMBED_ORIGINS", "https://shop.example, http://localhost:9000"),
        PATIENT,
    ];
    let variables: Vec<(&str, &str)> = accounts.into_iter().chain(more.iter().copied()).collect();
    Server::started_with(&variables).await.reached_from(fresh_address())
}

/// Somebody with an account: a password, and the cookies of one browser.
pub struct Member {
    pub email: String,
    pub key: String,
    pub id: String,
    pub token: String,
    pub cookie: String,
    pub known: String,
    pub recovery_code: String,
}

pub fn password(number: u8) -> String {
    URL_SAFE_NO_PAD.encode([number; 32])
}

pub fn call(method: &str, path: &str) -> Call {
    Call::new(method, format!("/api/v1{path}"))
}

/// A cookie that an answer sets, as it is sent back.
pub fn cookie(answer: &Answer, name: &str) -> String {
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.rfind(|cookie| cookie.starts_with(&format!("{name}=")));
    let cookie = cookie.unwrap_or_else(|| panic!("{}: no cookie {name}", answer.call));
    for attribute in ["Path=/api/v1/auth", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} in {cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Signs somebody new up, working for it where that is asked for; `guest`: whose token is shown.
pub async fn sign_up(server: &Server, guest: Option<&str>) -> Member {
    let (email, key) = (format!("{}@example.org", Uuid::new_v4()), password(1));
    let ask = || {
        let ask = call("POST", "/auth/register").json(&json!({"email": email, "password_key": key}));
        if let Some(guest) = guest { ask.token(guest) } else { ask }
    };
    let mut answer = server.send(ask()).await;
    if answer.status == 401 {
        let work = proof::solve(&answer.problem(401, "challenge_required")).await;
        answer = server.send(ask().header("x-proof-of-work", &work)).await;
    }
    let body = answer.clone().expect(201).json();
    Member {
        id: text(&body["user"]["id"]),
        token: text(&body["token"]),
        cookie: cookie(&answer, "__Secure-r"),
        known: cookie(&answer, "__Secure-k"),
        recovery_code: text(&body["recovery_code"]),
        email,
        key,
    }
}

impl Member {
    pub fn login(&self) -> Call {
        call("POST", "/auth/login").json(&json!({"email": self.email, "password_key": self.key}))
    }
}

pub async fn refresh(server: &Server, cookie: &str) -> Answer {
    server.send(call("POST", "/auth/refresh").header("cookie", cookie)).await
}

#[tokio::test]
async fn without_accounts_their_routes_are_not_there() {
    let server = Server::under_test();
    for (method, path) in [
        ("POST", "/auth/register"),
        ("POST", "/auth/login"),
        ("POST", "/auth/refresh"),
        ("POST", "/auth/logout"),
        ("POST", "/auth/password"),
        ("POST", "/auth/password/salt"),
        ("POST", "/auth/passkeys/options"),
        ("POST", "/auth/passkeys/register"),
        ("POST", "/auth/passkeys/login"),
        ("POST", "/auth/email"),
        ("POST", "/auth/email/look"),
        ("POST", "/auth/email/confirm"),
        ("GET", "/me/passkeys"),
        ("POST", "/me/passkeys"),
        ("PATCH", "/me/passkeys/AAAA"),
        ("DELETE", "/me/passkeys/AAAA"),
        ("GET", "/me/keys"),
        ("POST", "/me/keys"),
        ("DELETE", "/me/keys/0"),
        ("POST", "/auth/oidc/start"),
        ("GET", "/auth/oidc/callback"),
        ("POST", "/auth/oidc/finish"),
        ("GET", "/me/identities"),
        ("POST", "/me/identities"),
        ("DELETE", "/me/identities/0"),
        ("GET", "/me/sessions"),
        ("DELETE", "/me/sessions/0"),
        ("POST", "/me/password"),
        ("GET", "/admin/overview"),
        ("GET", "/admin/users/0"),
        ("POST", "/admin/users/0/block"),
        ("DELETE", "/admin/addresses/block"),
        ("OPTIONS", "/auth/login"),
    ] {
        server.send(call(method, path).json(&json!({}))).await.problem(404, "not_found");
    }
    let half = Server::started_with(&[("ACCOUNTS_ENABLED", "true")]).await;
    half.send(call("GET", "/me").token("x")).await.problem(503, "misconfigured");
}

#[tokio::test]
async fn nobody_is_told_who_has_an_account_but_who_signs_up() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let nobody = format!("{}@example.org", Uuid::new_v4());
    let salt = async |email: &str| {
        let body = server.send(call("POST", "/auth/password/salt").json(&json!({"email": email}))).await;
        body.expect(200).json()
    };
    let (known, unknown) = (salt(&member.email).await, salt(&nobody).await);
    assert_eq!(known["params"], unknown["params"]);
    assert_eq!(text(&known["salt"]).len(), text(&unknown["salt"]).len());
    assert_ne!(known["salt"], unknown["salt"]);
    assert_eq!(salt(&format!(" {} ", member.email.to_uppercase())).await, known);
    assert_eq!(salt(&nobody).await, unknown);

    let shape = |answer: &Answer| {
        let mut error = answer.problem(401, "wrong_credentials");
        error["request_id"] = Value::Null;
        error
    };
    let login = async |email: &str, key: &str| {
        server.send(call("POST", "/auth/login").json(&json!({"email": email, "password_key": key}))).await
    };
    let wrong = login(&member.email, &password(2)).await;
    assert_eq!(shape(&wrong), shape(&login(&nobody, &password(1)).await));
    assert_eq!(wrong.optional_header("set-cookie"), None);
    let reset = async |email: &str, code: &str| {
        let body = json!({"email": email, "recovery_code": code, "password_key": password(3)});
        server.send(call("POST", "/auth/password").json(&body)).await
    };
    let no_code = "0000-0000-0000-0000-0000-0000-0000-0000";
    assert_eq!(shape(&reset(&member.email, no_code).await), shape(&reset(&nobody, no_code).await));
    let taken = json!({"email": member.email.to_uppercase(), "password_key": password(2)});
    server.send(call("POST", "/auth/register").json(&taken)).await.problem(409, "login_taken");
    for (body, field) in [
        (json!({"email": "jo", "password_key": password(1)}), "email"),
        (json!({"email": nobody, "password_key": "short"}), "password_key"),
        (json!({"email": nobody, "password": "in the clear"}), "password"),
    ] {
        for path in ["/auth/register", "/auth/login"] {
            let error = server.send(call("POST", path).json(&body)).await.problem(400, "invalid_request");
            assert_eq!(error["field"], field);
        }
    }

    // The code stands in for the password, once; every device ends but the one that has it.
    let done = reset(&member.email, &member.recovery_code.to_lowercase()).await.expect(200).json();
    assert_ne!(done["recovery_code"], json!(member.recovery_code));
    server.send(call("GET", "/me").token(&text(&done["token"]))).await.expect(200);
    server.send(call("GET", "/me").token(&member.token)).await.problem(401, "unauthenticated");
    refresh(&server, &member.cookie).await.problem(401, "unauthenticated");
    shape(&reset(&member.email, &member.recovery_code).await);
    shape(&login(&member.email, &member.key).await);
    login(&member.email, &password(3)).await.expect(200);
}

/// What tries on a name are counted by.
pub fn counted(name: &str) -> String {
    let secret = tokens::secret();
    let parts = ["edgewise tries", secret.as_str(), name, ""];
    let hash = Sha256::digest(parts.map(|part| format!("{part}\0")).concat());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What the stores are asked for about a name, and how much they answer: nothing of it tells who has an account by the time it takes.
#[tokio::test]
async fn the_stores_are_asked_alike_for_a_name_that_somebody_has_and_one_that_nobody_has() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let nobody = format!("{}@example.org", Uuid::new_v4());
    let no_code = "0000-0000-0000-0000-0000-0000-0000-0000";
    for (path, more, stores) in [
        ("/auth/login", json!({"password_key": password(9)}), 2),
        ("/auth/password", json!({"recovery_code": no_code, "password_key": password(9)}), 2),
        ("/auth/password/salt", json!({}), 1),
    ] {
        let asked = async |name: &str| {
            let since = control::newest().await;
            let mut body = more.clone();
            body["email"] = json!(name);
            let answer = server.send(call("POST", path).json(&body)).await;
            let mut calls = control::calls("redis", &counted(name), since).await;
            calls.extend(control::calls("sql", name, since).await);
            // What they are sent is of one length, too, but for the digits of a time. A salt is read where there is one: 68 bytes.
            let sent =
                |call: &control::LoggedCall| if stores == 1 { json!(null) } else { call.0["bytes_sent"].clone() };
            let told = |call: &control::LoggedCall| (call.0["face"].clone(), sent(call));
            (calls.iter().map(told).collect::<Vec<_>>(), answer.status, answer.body.len())
        };
        // Once before, so that Redis knows the scripts and both names have been tried.
        for name in [&member.email, &nobody] {
            asked(name).await;
        }
        let (known, unknown) = (asked(&member.email).await, asked(&nobody).await);
        assert_eq!(known.0.len(), stores, "{path}: {known:?}");
        assert_eq!(known, unknown, "{path}");
    }
}

#[tokio::test]
async fn tries_are_limited_and_a_right_password_does_not_get_around_it() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let wrong = || call("POST", "/auth/login").json(&json!({"email": member.email, "password_key": password(9)}));
    // What is right is not counted.
    for _ in 0..3 {
        server.send(member.login()).await.expect(200);
    }
    for _ in 0..10 {
        server.send(wrong()).await.problem(401, "wrong_credentials");
    }
    let full = server.send(member.login()).await;
    let error = full.problem(429, "rate_limited");
    assert_eq!((&error["scope"], &error["limit"]), (&json!("tries"), &json!(10)));
    assert!((1..=900).contains(&full.number("retry-after")));
    // From elsewhere it is the same; the owner's own browser has tries of its own.
    let elsewhere = server.reached_from(fresh_address());
    elsewhere.send(member.login()).await.problem(429, "rate_limited");
    elsewhere.send(member.login().header("cookie", &member.known)).await.expect(200);
    let stranger = sign_up(&server, None).await;
    elsewhere.send(member.login().header("cookie", &stranger.known)).await.problem(429, "rate_limited");

    // Thirty from one address, on whomever; the owner's own browser is not among them.
    let crowd = server.reached_from(fresh_address());
    let tries = (0..30).map(|number| {
        let body = json!({"email": format!("{number}.{}", member.email), "password_key": password(9)});
        crowd.send(call("POST", "/auth/login").json(&body))
    });
    for answer in join_all(tries).await {
        answer.problem(401, "wrong_credentials");
    }
    crowd.send(stranger.login()).await.problem(429, "rate_limited");
    crowd.send(stranger.login().header("cookie", &stranger.known)).await.expect(200);

    // Ten sign-ups an hour from one address, whatever comes of them.
    let taken = || call("POST", "/auth/register").json(&json!({"email": member.email, "password_key": password(2)}));
    let there = server.reached_from(fresh_address());
    for _ in 0..10 {
        there.send(taken()).await.problem(409, "login_taken");
    }
    let error = there.send(taken()).await.problem(429, "rate_limited");
    assert_eq!(error["scope"], "tries");
}

#[tokio::test]
async fn a_sign_up_counts_as_a_new_guest_of_its_address() {
    let server = server_with(&[("GUEST_CHALLENGE", "work")]).await;
    for _ in 0..3 {
        server.send(call("POST", "/auth/guest")).await.expect(201);
    }
    let body = json!({"email": format!("{}@example.org", Uuid::new_v4()), "password_key": password(1)});
    server.send(call("POST", "/auth/register").json(&body)).await.problem(401, "challenge_required");
    sign_up(&server, None).await;
}

#[tokio::test]
async fn an_account_that_nobody_has_verified_is_counted_with_its_address() {
    let server = server_with(&[("GUEST_CHALLENGE", "work"), ("CHAT_ADDRESS_DAILY_MESSAGES", "1")]).await;
    let member = sign_up(&server, None).await;
    let said = json!({"content": "hello", "stream": false});
    let send = async |token: &str| server.send(call("POST", "/chat/messages").token(token).json(&said)).await;
    send(&member.token).await.expect(200);
    send(&member.token).await.problem(401, "challenge_required");
    let verify = "update users set email = $2, email_verified_at = now() where id = $1::uuid";
    stores::rows(verify, &[&member.id, &member.email]).await;
    let next = refresh(&server, &member.cookie).await.expect(200).json();
    send(&text(&next["token"])).await.expect(200);
}

#[tokio::test]
async fn admins_are_named_by_the_operator_and_found_at_each_token() {
    let plain = server().await;
    let member = sign_up(&plain, None).await;
    let named = server_with(&[("ADMIN_EMAILS", &member.id), ("CHAT_ROLLOUT", "admins")]).await;
    named.send(call("POST", "/auth/guest")).await.problem(404, "not_found");
    let me = async |server: &Server, token: &str| server.send(call("GET", "/me").token(token)).await.expect(200).json();
    // The token is of before; what one is, is told as it is now.
    assert_eq!(me(&named, &member.token).await["user"]["role"], "admin");
    named.send(call("GET", "/chat/sessions").token(&member.token)).await.problem(404, "not_found");
    let next = refresh(&named, &member.cookie).await.expect(200);
    let token = text(&next.json()["token"]);
    assert_eq!(next.json()["user"]["role"], "admin");
    assert_eq!(me(&named, &token).await["limits"]["per_day"], Value::Null);
    named.send(call("GET", "/chat/quota").token(&token)).await.expect(200);
    let send = json!({"content": "hello", "stream": false});
    named.send(call("POST", "/chat/messages").token(&token).json(&send)).await.expect(200);
    // Somebody else may sign in, and finds no chat.
    let other = sign_up(&named, None).await;
    assert_eq!(me(&named, &other.token).await["user"]["role"], "user");
    named.send(call("GET", "/chat/sessions").token(&other.token)).await.problem(404, "not_found");
    // An address that nobody has verified makes no admin, and nothing of it was stored.
    let by_address = server_with(&[("ADMIN_EMAILS", &member.email)]).await;
    let next = refresh(&by_address, &cookie(&next, "__Secure-r")).await.expect(200);
    assert_eq!(next.json()["user"]["role"], "user");
    let verify = "update users set email = $2, email_verified_at = now() where id = $1::uuid";
    stores::rows(verify, &[&member.id, &member.email]).await;
    let next = refresh(&by_address, &cookie(&next, "__Secure-r")).await.expect(200);
    assert_eq!(next.json()["user"]["role"], "admin");
}

#[tokio::test]
async fn an_account_writes_and_reads_like_a_guest() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let mut visitor = Visitor::of(&server, "user").await;
    visitor.id = member.id.parse().unwrap();
    visitor.token = member.token;
    let answer = visitor.send(None, "hello").await.expect(200).json();
    let session = answer["session_id"].as_str().unwrap();
    assert_eq!(visitor.messages(session).await.len(), 2);
    assert_eq!(visitor.used_today().await, 1);
    visitor.leaves().await;
}
