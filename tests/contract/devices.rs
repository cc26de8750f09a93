//! Devices of an account: tokens that change, and how one ends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Call, fresh_address, stores, tokens};
use uuid::Uuid;

use crate::accounts::{call, cookie, password, refresh, server, sign_up, text};

#[tokio::test]
async fn a_refresh_token_changes_and_one_that_is_older_than_the_last_ends_the_device() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let claims = member.token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 15 * 60);
    let device = text(&claims["sid"]);
    let me = server.send(call("GET", "/me").token(&member.token)).await.expect(200).json();
    assert_eq!((&me["user"]["role"], &me["login"], &me["email"]), (&json!("user"), &json!(member.email), &Value::Null));
    assert_eq!(me["limits"]["per_day"], 100);

    // Two tabs, and one whose reply was lost: all get the same.
    let (one, other) = tokio::join!(refresh(&server, &member.cookie), refresh(&server, &member.cookie));
    let second = cookie(&one.expect(200), "__Secure-r");
    assert_ne!(second, member.cookie);
    assert_eq!(cookie(&other.expect(200), "__Secure-r"), second);
    assert_eq!(cookie(&refresh(&server, &member.cookie).await.expect(200), "__Secure-r"), second);
    let third = refresh(&server, &second).await.expect(200);
    let (third, token) = (cookie(&third, "__Secure-r"), text(&third.json()["token"]));
    // The successor is in use: the first one is somebody else's by now, and everybody goes.
    refresh(&server, &member.cookie).await.problem(401, "unauthenticated");
    refresh(&server, &third).await.problem(401, "unauthenticated");
    for path in ["/me", "/me/sessions", "/chat/sessions", "/chat/quota"] {
        server.send(call("GET", path).token(&token)).await.problem(401, "unauthenticated");
    }
    let send = call("POST", "/chat/messages").token(&token).json(&json!({"content": "hello", "stream": false}));
    server.send(send).await.problem(401, "unauthenticated");

    // What was never given ends nothing.
    let again = server.send(member.login()).await.expect(200);
    let kept = cookie(&again, "__Secure-r");
    let forged = kept.replacen(&kept[50..60], "AAAAAAAAAA", 1);
    for cookie in ["", "__Secure-r=", "__Secure-r=x.y.z", &forged, &format!("__Secure-r={device}.x.x")] {
        refresh(&server, cookie).await.problem(401, "unauthenticated");
    }
    let next = cookie(&refresh(&server, &kept).await.expect(200), "__Secure-r");
    // A reply that was lost is asked for again at once. Who comes later has it from somewhere else.
    let age = "update auth_sessions set rotated_at = rotated_at - interval '31 seconds' where user_id = $1::uuid";
    stores::rows(age, &[&member.id]).await;
    refresh(&server, &kept).await.problem(401, "unauthenticated");
    refresh(&server, &next).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn of_fifty_at_once_one_signs_up_and_all_refresh_to_the_same() {
    let server = server().await;
    let email = format!("{}@example.org", Uuid::new_v4());
    let body = json!({"email": email, "password_key": password(1)});
    let sign_ups = join_all((0..50).map(|_| {
        let (there, body) = (server.reached_from(fresh_address()), &body);
        async move { there.send(call("POST", "/auth/register").json(body)).await }
    }));
    let (let_in, refused): (Vec<Answer>, Vec<Answer>) =
        sign_ups.await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((let_in.len(), refused.len()), (1, 49));
    for answer in &refused {
        answer.problem(409, "login_taken");
    }
    let kept = cookie(&let_in[0], "__Secure-r");
    let refreshed = join_all((0..50).map(|_| refresh(&server, &kept))).await;
    let next: Vec<String> = refreshed.into_iter().map(|answer| cookie(&answer.expect(200), "__Secure-r")).collect();
    assert!(next.iter().all(|one| *one == next[0] && *one != kept));
    refresh(&server, &next[0]).await.expect(200);
}

/// Each is counted before it is looked at, and taken back if it was right: none slips through between, and none is lost on the way back.
#[tokio::test]
async fn of_fifty_sign_ins_at_once_ten_are_tried_and_what_was_right_is_not_counted() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let wrong = call("POST", "/auth/login").json(&json!({"email": member.email, "password_key": password(9)}));
    let at_once = async |asked: Call| {
        let calls = (0..50).map(|_| {
            let (there, asked) = (server.reached_from(fresh_address()), asked.clone());
            async move { there.send(asked).await }
        });
        let (tried, refused): (Vec<Answer>, Vec<Answer>) =
            join_all(calls).await.into_iter().partition(|answer| answer.status != 429);
        for answer in &refused {
            assert_eq!(answer.problem(429, "rate_limited")["scope"], "tries");
        }
        tried
    };
    let let_in = at_once(member.login()).await;
    assert!(let_in.len() >= 10, "{} of 50", let_in.len());
    let mut devices: Vec<String> = let_in.into_iter().map(|answer| cookie(&answer.expect(200), "__Secure-r")).collect();
    devices.sort();
    devices.dedup();
    assert!(devices.len() >= 10, "each its own device");
    let tried = at_once(wrong).await;
    assert_eq!(tried.len(), 10);
    for answer in &tried {
        answer.problem(401, "wrong_credentials");
    }
    server.reached_from(fresh_address()).send(member.login()).await.problem(429, "rate_limited");
    refresh(&server, &devices[0]).await.expect(200);
}

#[tokio::test]
async fn devices_are_listed_and_end_one_by_one_or_all_at_once() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let other = server.send(member.login().header("user-agent", "a phone")).await.expect(200);
    let (token, jar) = (text(&other.json()["token"]), cookie(&other, "__Secure-r"));
    let list = server.send(call("GET", "/me/sessions").token(&member.token)).await.expect(200).json();
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let phone = sessions.iter().find(|session| session["user_agent"] == "a phone").unwrap();
    let phone = format!("/me/sessions/{}", phone["id"].as_str().unwrap());

    // Nobody else's device, and no guest's.
    let stranger = sign_up(&server, None).await;
    server.send(call("DELETE", &phone).token(&stranger.token)).await.problem(404, "not_found");
    let guest = tokens::valid(Uuid::now_v7(), "guest");
    server.send(call("DELETE", &phone).token(&guest)).await.problem(403, "forbidden");
    server.send(call("GET", "/me/sessions").token(&guest)).await.problem(403, "forbidden");
    let me = server.send(call("GET", "/me").token(&guest)).await.expect(200).json();
    assert_eq!((&me["user"]["role"], &me["created_at"]), (&json!("guest"), &Value::Null));
    assert_eq!(me["storage"], json!({"used": 0, "limit": null}), "there is no limit here");
    server.send(call("GET", "/me")).await.problem(401, "unauthenticated");

    server.send(call("GET", "/me").token(&token)).await.expect(200);
    server.send(call("DELETE", &phone).token(&member.token)).await.expect(200);
    server.send(call("DELETE", &phone).token(&member.token)).await.problem(404, "not_found");
    server.send(call("GET", "/me").token(&token)).await.problem(401, "unauthenticated");
    refresh(&server, &jar).await.problem(401, "unauthenticated");

    // By the cookie alone: the access token may have ended.
    let third = server.send(member.login()).await.expect(200);
    let out = call("POST", "/auth/logout").header("cookie", &cookie(&third, "__Secure-r"));
    let out = server.send(out.json(&json!({"everywhere": true}))).await.expect(200);
    assert_eq!(out.json()["ended"], 2);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    for token in [&member.token, &text(&third.json()["token"])] {
        server.send(call("GET", "/me").token(token)).await.problem(401, "unauthenticated");
        server.send(call("GET", "/chat/quota").token(token)).await.problem(401, "unauthenticated");
    }
    // In the same second, too, who signs in again is in.
    let back = text(&server.send(member.login()).await.expect(200).json()["token"]);
    server.send(call("GET", "/chat/sessions").token(&back)).await.expect(200);
    server.send(call("POST", "/auth/logout").token(&back)).await.expect(200);
    server.send(call("GET", "/me").token(&back)).await.problem(401, "unauthenticated");
}
