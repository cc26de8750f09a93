//! Who comes in great number from one address works for it, and only for as much as an address can have.

use serde_json::Value;
use tests::{Call, Server, Visitor, clock, fresh_address, proof};

const WORK: (&str, &str) = ("GUEST_CHALLENGE", "work");

fn guest() -> Call {
    Call::new("POST", "/api/v1/auth/guest")
}

fn with(call: Call, proof: &str) -> Call {
    call.header("x-proof-of-work", proof)
}

#[tokio::test]
async fn the_first_guests_of_an_address_are_free_and_the_others_are_worked_for() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[WORK, ("CHAT_GUEST_IP_DAILY_QUOTA", "2")]).await;
    let (here, there) = (server.reached_from(fresh_address()), server.reached_from(fresh_address()));
    for server in [&here, &there] {
        for _ in 0..3 {
            server.send(guest()).await.expect(201);
        }
    }
    let refused = here.send(guest()).await;
    let error = refused.problem(401, "challenge_required");
    assert_eq!(refused.header("www-authenticate"), "EdgewiseWork");
    assert_eq!(error["bits"], 20, "beyond the number of a day each costs the most");
    assert!(error["challenge"].as_str().unwrap().len() <= 512);

    let proof = proof::solve(&error).await;
    // It is another address' work.
    there.send(with(guest(), &proof)).await.problem(401, "challenge_required");
    here.send(with(guest(), &proof)).await.expect(201);
    // It counts once.
    here.send(with(guest(), &proof)).await.problem(401, "challenge_required");
    let altered = proof.replacen(".20.", ".12.", 1);
    assert_ne!(altered, proof);
    for wrong in ["", "x", "...", &altered, &format!("{}.x", error["challenge"].as_str().unwrap()), &"9".repeat(4000)] {
        here.send(with(guest(), wrong)).await.problem(401, "challenge_required");
    }
}

#[tokio::test]
async fn the_messages_of_an_address_guests_are_worked_for_and_end() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[WORK, ("CHAT_ADDRESS_DAILY_MESSAGES", "2")]).await;
    let here = server.reached_from(fresh_address());
    let visitor = Visitor::of(&here, "guest").await;
    let body = serde_json::json!({"content": visitor.text("hello"), "stream": false});
    let send = |visitor: &Visitor, key: &str, proof: Option<&str>| {
        let call = visitor.asks("POST", "/chat/messages", Some(&body)).header("idempotency-key", key);
        let call = proof.map_or(call.clone(), |proof| with(call.clone(), proof));
        let server = here.clone();
        async move { server.send(call).await }
    };
    send(&visitor, "1", None).await.expect(200);
    send(&visitor, "2", None).await.expect(200);
    let refused = send(&visitor, "3", None).await;
    let error: Value = refused.problem(401, "challenge_required");
    assert_eq!(error["bits"], 18);
    refused.check_quota_headers();
    assert_eq!(visitor.used_today().await, 2, "who was asked for work has paid nothing");
    let proof = proof::solve(&error).await;
    let answer = send(&visitor, "3", Some(&proof)).await.expect(200);
    // The answer is there; nothing is asked for it once more.
    let again = send(&visitor, "3", None).await.expect(200);
    assert_eq!(again.json()["message"]["id"], answer.json()["message"]["id"]);
    send(&visitor, "4", Some(&proof)).await.problem(401, "challenge_required");
    assert_eq!(visitor.used_today().await, 3);

    // Others of the address work, too; an account has a count of its own, and so has another address.
    let other = Visitor::of(&here, "guest").await;
    other.send(None, &other.text("hello")).await.problem(401, "challenge_required");
    let account = Visitor::of(&here, "user").await;
    account.send(None, &account.text("hello")).await.expect(200);
    let elsewhere = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    elsewhere.send(None, &elsewhere.text("hello")).await.expect(200);
    for visitor in [visitor, other, account, elsewhere] {
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn without_work_ten_times_the_messages_of_an_address_are_the_end() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[("CHAT_ADDRESS_DAILY_MESSAGES", "1")]).await;
    let here = server.reached_from(fresh_address());
    let visitor = Visitor::of(&here, "guest").await;
    for _ in 0..10 {
        visitor.send(None, &visitor.text("hello")).await.expect(200);
    }
    let refused = visitor.send(None, &visitor.text("hello")).await;
    let error = refused.problem(429, "rate_limited");
    assert_eq!((error["scope"].as_str(), error["limit"].as_i64()), (Some("address"), Some(10)));
    assert!(error["reset_at"].is_string());
    assert_eq!(visitor.used_today().await, 10);
    visitor.leaves().await;
}

#[tokio::test]
async fn what_fails_before_its_first_byte_is_given_back_to_the_address_too() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[("CHAT_ADDRESS_DAILY_MESSAGES", "1")]).await;
    let here = server.reached_from(fresh_address());
    let visitor = Visitor::of(&here, "guest").await;
    let failing = visitor.scene(serde_json::json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    let mut answered = 0;
    for number in 0..14 {
        if number % 3 == 1 {
            visitor.send(None, &failing.text("fails")).await.problem(502, "provider_error");
        } else if answered < 10 {
            visitor.send(None, &visitor.text("hello")).await.expect(200);
            answered += 1;
        }
    }
    // Before the model is asked: no such session.
    visitor.send(Some(&uuid::Uuid::now_v7().to_string()), "hello").await.problem(404, "session_not_found");
    while answered < 10 {
        visitor.send(None, &visitor.text("hello")).await.expect(200);
        answered += 1;
    }
    visitor.send(None, &visitor.text("hello")).await.problem(429, "rate_limited");
    assert_eq!(visitor.used_today().await, 10);
    visitor.leaves().await;
}
