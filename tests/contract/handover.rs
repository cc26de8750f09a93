//! `POST /auth/handover`: a guest goes to another device by a code, once, within five minutes.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::control::LoggedCall;
use tests::{Answer, Call, PATIENT, Server, Visitor, control, fresh_address, stores};

use crate::accounts::{call, server, sign_up, text};

/// The server under test, from an address of one's own: what is made and shown there is counted.
fn apart() -> Server {
    Server::under_test().reached_from(fresh_address())
}

fn offering(token: &str) -> Call {
    call("POST", "/auth/handover").token(token).json(&json!({"chats": 3}))
}

async fn offer(server: &Server, token: &str) -> String {
    text(&server.send(offering(token)).await.expect(201).json()["code"])
}

async fn show(server: &Server, what: &str, code: &str) -> Answer {
    server.send(call("POST", &format!("/auth/handover/{what}")).json(&json!({"code": code}))).await
}

#[tokio::test]
async fn another_device_looks_first_and_is_then_the_same_guest_once() {
    let server = apart();
    let guest = Visitor::of(&server, "guest").await;
    let session = guest.session().await;
    let made = server.send(offering(&guest.token)).await.expect(201).json();
    assert_eq!(made["expires_in"], 300);
    let code = text(&made["code"]);
    assert_eq!(URL_SAFE_NO_PAD.decode(&code).unwrap().len(), 16);
    assert_ne!(offer(&server, &guest.token).await, code);

    // Looking spends nothing, and tells nothing of who it is.
    for _ in 0..3 {
        let coming = show(&server, "look", &code).await.expect(200).json();
        assert_eq!(coming["chats"], 3);
        assert!((1..=300).contains(&coming["expires_in"].as_i64().unwrap()), "{coming}");
        assert_eq!(coming.as_object().unwrap().len(), 2, "{coming}");
    }
    let taken = show(&server, "redeem", &code).await.expect(201).json();
    assert_eq!((&taken["user"]["id"], &taken["user"]["role"]), (&json!(guest.id), &json!("guest")));
    let token = text(&taken["token"]);
    let list = server.send(call("GET", "/chat/sessions").token(&token)).await.expect(200).json();
    assert_eq!(list["sessions"][0]["id"], json!(session));
    // The giving device stays who it is.
    guest.get("/chat/sessions").await.expect(200);

    for what in ["look", "redeem"] {
        show(&server, what, &code).await.problem(410, "used");
        show(&server, what, &URL_SAFE_NO_PAD.encode([9; 16])).await.problem(404, "not_found");
        for wrong in ["", "x", &URL_SAFE_NO_PAD.encode([9; 17])] {
            assert_eq!(show(&server, what, wrong).await.problem(400, "invalid_request")["field"], "code");
        }
        // A link that something follows does nothing.
        server.send(call("GET", &format!("/auth/handover/{what}"))).await.problem(405, "method_not_allowed");
    }
    guest.leaves().await;
}

#[tokio::test]
async fn of_many_at_once_one_is_the_guest() {
    let server = Server::started_with(&[PATIENT]).await.reached_from(fresh_address());
    let guest = Visitor::of(&server, "guest").await;
    let code = offer(&server, &guest.token).await;
    let answers = join_all((0..20).map(|_| show(&server, "redeem", &code))).await;
    let let_in = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((let_in, answers.iter().filter(|answer| answer.status == 410).count()), (1, 19));
    guest.leaves().await;
}

#[tokio::test]
async fn a_code_ends_after_five_minutes_and_redis_knows_its_hash_alone() {
    let server = apart();
    let guest = Visitor::of(&server, "guest").await;
    let (since, asked) = (control::newest().await, Instant::now());
    let code = offer(&server, &guest.token).await;
    assert!(control::calls("redis", &code, since).await.is_empty(), "the code itself went to the store");
    show(&server, "look", &code).await.expect(200);
    stores::outlive(&format!("chat:once:handover:{}", hash(&code)), Duration::from_mins(5), asked).await;
    show(&server, "look", &code).await.problem(404, "not_found");
    show(&server, "redeem", &code).await.problem(404, "not_found");
    guest.leaves().await;
}

#[tokio::test]
async fn an_account_signs_in_and_who_has_ended_goes_nowhere() {
    let server = server().await;
    server.send(call("POST", "/auth/handover")).await.problem(401, "unauthenticated");
    let guest = Visitor::of(&server, "guest").await;
    let before = offer(&server, &guest.token).await;
    let member = sign_up(&server, Some(&guest.token)).await;
    server.send(offering(&member.token)).await.problem(403, "forbidden");
    server.send(offering(&guest.token)).await.problem(401, "token_claimed");
    show(&server, "redeem", &before).await.problem(401, "token_claimed");

    let gone = Visitor::of(&server, "guest").await;
    gone.session().await;
    let before = offer(&server, &gone.token).await;
    gone.call("DELETE", "/me", Some(&json!({"confirm": "delete"}))).await.expect(202);
    server.send(offering(&gone.token)).await.problem(401, "unauthenticated");
    show(&server, "redeem", &before).await.problem(401, "unauthenticated");

    // Who is blocked is so on every device.
    let blocked = Visitor::of(&server, "guest").await;
    blocked.session().await;
    let block = "update users set blocked_until = now() + interval '1 hour' where id = $1::uuid returning 1";
    assert_eq!(stores::number(block, &[&blocked.id.to_string()]).await, 1);
    let taken = show(&server, "redeem", &offer(&server, &blocked.token).await).await.expect(201).json();
    let path = call("GET", "/chat/sessions");
    let (here, there) = (blocked.get("/chat/sessions").await, server.send(path.token(&text(&taken["token"]))).await);
    assert_eq!((there.status, &there.json()["error"]["code"]), (here.status, &here.json()["error"]["code"]));
    assert!(here.status >= 400);
    for visitor in [guest, gone, blocked] {
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn codes_are_made_and_shown_so_often_and_no_more() {
    let (home, elsewhere) = (apart(), apart());
    let guest = Visitor::of(&home, "guest").await;
    let mut code = String::new();
    for _ in 0..20 {
        code = offer(&home, &guest.token).await;
    }
    // A guest's codes are counted wherever they come from.
    for server in [&home, &elsewhere] {
        let refused = server.send(offering(&guest.token)).await.problem(429, "rate_limited");
        assert_eq!(refused["scope"], "tries");
    }
    // An address' guesses end its looks, and nobody else's.
    for _ in 0..60 {
        show(&elsewhere, "redeem", &URL_SAFE_NO_PAD.encode([8; 16])).await.problem(404, "not_found");
    }
    for what in ["look", "redeem"] {
        show(&elsewhere, what, &code).await.problem(429, "rate_limited");
    }
    show(&home, "redeem", &code).await.expect(201);
    guest.leaves().await;
}

#[tokio::test]
async fn where_no_guest_is_let_in_none_is_handed_over() {
    let server = Server::started_with(&[("CHAT_ROLLOUT", "admins")]).await;
    let guest = Visitor::of(&server, "guest").await;
    server.send(offering(&guest.token)).await.problem(404, "not_found");
    for what in ["look", "redeem"] {
        show(&server, what, &URL_SAFE_NO_PAD.encode([9; 16])).await.problem(404, "not_found");
    }
    guest.leaves().await;
}

#[tokio::test]
async fn a_reply_of_redis_that_is_lost_costs_no_code() {
    let server = apart();
    let guest = Visitor::of(&server, "guest").await;
    // The script is known from here on.
    show(&server, "redeem", &offer(&server, &guest.token).await).await.expect(201);
    let code = offer(&server, &guest.token).await;
    let markers = [&control::tag("take_once"), &hash(&code)];
    let fault = control::fault_at("redis", &markers.map(String::as_str), json!({"lost_reply": true}), Some(1)).await;
    let taken = show(&server, "redeem", &code).await.expect(201).json();
    assert_eq!((fault.lift().await, &taken["user"]["id"]), (1, &json!(guest.id)));
    guest.leaves().await;
}

/// The call of a script about a code as it was made last.
async fn called(script: &str, code: &str, since: u64) -> Vec<String> {
    let (name, calls) = (format!("-- {script}\n"), control::calls("redis", &hash(code), since).await);
    let words = |call: &LoggedCall| -> Vec<String> { call.request().as_array().unwrap().iter().map(text).collect() };
    let last = calls.iter().map(words).rfind(|words| words.iter().any(|word| word.starts_with(&name)));
    last.unwrap_or_else(|| panic!("{script} was not called"))
}

/// The same call once more, as one that is carried out late.
async fn carried_out_late(call: &[String]) -> Value {
    stores::redis(&call.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Redis takes the code and nobody hears of it, or takes it when its request has given up. Nor does what is put back late bring back what another has taken.
#[tokio::test]
async fn a_redis_that_gives_no_answer_costs_no_code_and_what_it_does_late_changes_nothing() {
    let server = apart();
    let guest = Visitor::of(&server, "guest").await;
    // The script is known from here on.
    show(&server, "redeem", &offer(&server, &guest.token).await).await.expect(201);
    for kind in [json!({"lost_reply": true}), json!({"refuse": true})] {
        let (since, code) = (control::newest().await, offer(&server, &guest.token).await);
        let mut takings = Vec::new();
        for _ in 0..2 {
            let markers = [&control::tag("take_once"), &hash(&code)];
            let fault = control::fault_at("redis", &markers.map(String::as_str), kind.clone(), None).await;
            show(&server, "redeem", &code).await.problem(503, "storage_unavailable");
            assert!(fault.lift().await > 0, "{kind}");
            takings.push(called("take_once", &code, since).await);
        }
        for taking in &takings {
            assert_eq!(carried_out_late(taking).await[1], "used", "{kind}");
        }
        show(&server, "look", &code).await.expect(200);
        let put_back = called("put_back_once", &code, since).await;
        let taken = show(&server, "redeem", &code).await.expect(201).json();
        assert_eq!(taken["user"]["id"], json!(guest.id), "{kind}");
        carried_out_late(&put_back).await;
        for what in ["look", "redeem"] {
            show(&server, what, &code).await.problem(410, "used");
        }
    }

    // It is taken, and nobody says whether its guest is one still.
    let code = offer(&server, &guest.token).await;
    let ended = format!("chat:ended:{}", guest.id);
    let fault = control::fault("redis", &ended, json!({"refuse": true}), None).await;
    show(&server, "redeem", &code).await.problem(503, "storage_unavailable");
    assert!(fault.lift().await > 0);
    show(&server, "redeem", &code).await.expect(201);
    guest.leaves().await;
}

/// By which Redis knows a code, and what a link carries.
pub fn hash(code: &str) -> String {
    Sha256::digest(URL_SAFE_NO_PAD.decode(code).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}
