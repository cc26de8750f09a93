//! The password that somebody sets while signed in: by the one before, by a passkey, or the first one.

use serde_json::json;
use tests::{Answer, Server, Visitor, fresh_address};
use uuid::Uuid;

use crate::accounts::{Member, call, cookie, password, refresh, sign_up, text};
use crate::own_passkeys::age_devices;
use crate::passkeys::{add, authenticator, login, options, options_to_add, passkey_server, register};

/// Sets the password of that number; `before`: the number of the one that there is.
async fn set(server: &Server, token: &str, email: &str, number: u8, before: Option<u8>) -> Answer {
    let mut body = json!({"email": email, "password_key": password(number)});
    if let Some(before) = before {
        body["old_password_key"] = json!(password(before));
    }
    server.send(call("POST", "/me/password").token(token).json(&body)).await
}

async fn sign_in(server: &Server, email: &str, number: u8) -> Answer {
    server.send(call("POST", "/auth/login").json(&json!({"email": email, "password_key": password(number)}))).await
}

async fn recover(server: &Server, member: &Member, code: &str) -> Answer {
    let body = json!({"email": member.email, "recovery_code": code, "password_key": password(9)});
    server.send(call("POST", "/auth/password").json(&body)).await
}

#[tokio::test]
async fn a_password_is_changed_by_the_one_before_and_every_other_device_ends() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    let phone = sign_in(&server, &member.email, 1).await.expect(200);
    let (phone_token, phone_cookie) = (text(&phone.json()["token"]), cookie(&phone, "__Secure-r"));
    // However long ago somebody has signed in.
    age_devices(&member.id, 600).await;
    set(&server, &member.token, &member.email, 2, Some(3)).await.problem(401, "wrong_credentials");
    set(&server, &member.token, &format!("x{}", member.email), 2, Some(1)).await.problem(401, "wrong_credentials");
    set(&server, &member.token, &member.email, 2, None).await.problem(403, "reauthentication_required");
    server.send(call("GET", "/me").token(&member.token)).await.expect(200);

    let done = set(&server, &member.token, &member.email.to_uppercase(), 2, Some(1)).await.expect(200);
    let (token, jar) = (text(&done.json()["token"]), cookie(&done, "__Secure-r"));
    assert_eq!(done.json()["user"]["id"], json!(member.id));
    let me = server.send(call("GET", "/me").token(&token)).await.expect(200).json();
    assert_eq!(me["login"], json!(member.email));
    refresh(&server, &jar).await.expect(200);
    for token in [&member.token, &phone_token] {
        server.send(call("GET", "/me").token(token)).await.problem(401, "unauthenticated");
    }
    for jar in [&member.cookie, &phone_cookie] {
        refresh(&server, jar).await.problem(401, "unauthenticated");
    }
    sign_in(&server, &member.email, 1).await.problem(401, "wrong_credentials");
    sign_in(&server, &member.email, 2).await.expect(200);
    // The code of before has gone with the password of before.
    recover(&server, &member, &member.recovery_code).await.problem(401, "wrong_credentials");
    recover(&server, &member, &text(&done.json()["recovery_code"])).await.expect(200);
}

#[tokio::test]
async fn an_account_of_a_passkey_is_given_a_password_after_a_sign_in_of_just_now() {
    let server = passkey_server(&[]).await;
    let mut key = authenticator();
    let made = key.create(&options(&server, "register").await);
    let body = server.send(register(&made)).await.expect(201).json();
    let (id, token) = (text(&body["user"]["id"]), text(&body["token"]));
    let email = format!("{}@example.org", Uuid::new_v4());
    let other = sign_up(&server, None).await;
    set(&server, &token, &other.email, 1, None).await.problem(409, "login_taken");
    // Nobody guesses at a password that is not there.
    set(&server, &token, &email, 1, Some(1)).await.problem(401, "wrong_credentials");
    age_devices(&id, 6).await;
    set(&server, &token, &email, 1, None).await.problem(403, "reauthentication_required");

    let again = server.send(login(&key.get(&options(&server, "login").await))).await.expect(200).json();
    let done = set(&server, &text(&again["token"]), &email, 1, None).await.expect(200).json();
    assert!(done["recovery_code"].is_string(), "{done}");
    let back = sign_in(&server, &email, 1).await.expect(200).json();
    assert_eq!((&back["user"]["id"], &back["claimed"]), (&json!(id), &json!(false)));
    // From now on the passkey is not the last way in.
    let path = format!("/me/passkeys/{}", key.id());
    server.send(call("DELETE", &path).token(&text(&back["token"]))).await.expect(200);
}

#[tokio::test]
async fn a_lost_password_is_replaced_after_a_sign_in_by_a_passkey_and_by_no_other() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    // Somebody who has sat down at an open browser knows neither.
    set(&server, &member.token, &member.email, 2, None).await.problem(403, "reauthentication_required");
    let mut key = authenticator();
    let made = key.create(&options_to_add(&server, &member.token).await);
    server.send(add(&member.token, &made)).await.expect(201);
    set(&server, &member.token, &member.email, 2, None).await.problem(403, "reauthentication_required");
    let by_key = server.send(login(&key.get(&options(&server, "login").await))).await.expect(200);
    let token = text(&by_key.json()["token"]);
    // The name stays what it is.
    let name = format!("{}@example.org", Uuid::new_v4());
    set(&server, &token, &name, 2, None).await.problem(403, "reauthentication_required");
    set(&server, &token, &member.email, 2, None).await.expect(200);
    sign_in(&server, &member.email, 2).await.expect(200);
    server.send(call("GET", "/me").token(&member.token)).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn tries_at_a_password_from_an_open_browser_are_limited_and_keep_no_other_device_out() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    let phone = text(&sign_in(&server, &member.email, 1).await.expect(200).json()["token"]);
    for _ in 0..10 {
        set(&server, &member.token, &member.email, 2, Some(9)).await.problem(401, "wrong_credentials");
    }
    let full = set(&server, &member.token, &member.email, 2, Some(1)).await.problem(429, "rate_limited");
    assert_eq!((&full["scope"], &full["limit"]), (&json!("tries"), &json!(10)));
    let elsewhere = server.reached_from(fresh_address());
    set(&elsewhere, &member.token, &member.email, 2, Some(1)).await.problem(429, "rate_limited");
    set(&server, &phone, &member.email, 2, Some(1)).await.expect(200);
    sign_in(&server, &member.email, 2).await.expect(200);

    // A first password tells who signs in by a name, as a sign-up does.
    let there = server.reached_from(fresh_address());
    let mut key = authenticator();
    let made = key.create(&options(&there, "register").await);
    let token = text(&there.send(register(&made)).await.expect(201).json()["token"]);
    for _ in 0..9 {
        set(&there, &token, &member.email, 1, None).await.problem(409, "login_taken");
    }
    set(&there, &token, &member.email, 1, None).await.problem(429, "rate_limited");
}

#[tokio::test]
async fn a_password_is_set_by_its_account_alone() {
    let server = passkey_server(&[]).await;
    let guest = Visitor::of(&server, "guest").await;
    let member = sign_up(&server, None).await;
    let body = json!({"email": member.email, "password_key": password(2), "old_password_key": password(1)});
    let asked = || call("POST", "/me/password").json(&body);
    server.send(asked()).await.problem(401, "unauthenticated");
    server.send(asked().token(&guest.token)).await.problem(403, "forbidden");
    let stranger = sign_up(&server, None).await;
    server.send(asked().token(&stranger.token)).await.problem(401, "wrong_credentials");
    for (field, value) in [("email", "jo"), ("password_key", "short"), ("old_password_key", "short")] {
        let mut wrong = body.clone();
        wrong[field] = json!(value);
        let error = server.send(call("POST", "/me/password").token(&stranger.token).json(&wrong)).await;
        assert_eq!(error.problem(400, "invalid_request")["field"], json!(field));
    }
    sign_in(&server, &member.email, 1).await.expect(200);
    guest.leaves().await;
}
