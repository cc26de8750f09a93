//! A guest signs up or in: what is theirs goes along, once, whatever happens at the same time.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::control::{fault_at, tag};
use tests::{Answer, Server, Visitor, eventually, stores};
use uuid::Uuid;

use crate::accounts::{Member, call, server, sign_up};

async fn check_claimed(server: &Server, guest: &str, session: &str) {
    let message = json!({"content": "hello", "stream": false});
    let one = format!("/chat/sessions/{session}");
    for call in [
        call("GET", "/chat/sessions"),
        call("GET", &one),
        call("PATCH", &one).json(&json!({"title": "t"})),
        call("DELETE", &one),
        call("POST", &format!("{one}/restore")),
        call("POST", "/chat/sessions").json(&json!({})),
        call("POST", "/chat/messages").json(&message),
        call("POST", &format!("{one}/messages")).json(&message),
        call("GET", "/chat/quota"),
        call("GET", "/me"),
        call("POST", "/auth/guest"),
    ] {
        let shown = format!("{call:?}");
        let answer = server.send(call.token(guest)).await;
        assert_eq!((answer.status, answer.any_problem()["code"].as_str()), (401, Some("token_claimed")), "{shown}");
    }
}

async fn list(server: &Server, token: &str) -> Value {
    server.send(call("GET", "/chat/sessions?per_page=100").token(token)).await.expect(200).json()
}

#[tokio::test]
async fn a_guest_who_signs_up_or_in_takes_everything_along() {
    let server = server().await;
    let guest = Visitor::of(&server, "guest").await;
    let key = Uuid::new_v4().to_string();
    let body = json!({"content": guest.text("hello"), "stream": false});
    let sent = guest.keyed("POST", "/chat/messages", &body, &key).await.expect(200).json();
    let session = sent["session_id"].as_str().unwrap().to_owned();
    let deleted = guest.session().await;
    guest.call("DELETE", &format!("/chat/sessions/{deleted}"), None).await.expect(200);

    let member = sign_up(&server, Some(&guest.token)).await;
    check_claimed(&server, &guest.token, &session).await;
    let mine = list(&server, &member.token).await;
    assert_eq!((&mine["total"], &mine["sessions"][0]["id"]), (&json!(1), &json!(session)));
    server.send(call("POST", &format!("/chat/sessions/{deleted}/restore")).token(&member.token)).await.expect(200);
    let quota = server.send(call("GET", "/chat/quota").token(&member.token)).await.expect(200).json();
    assert_eq!(quota["day"]["used"], 1, "a sign-up gives no new day");
    // What was asked before under a key is not asked again.
    let repeated = call("POST", "/chat/messages").token(&member.token).json(&body).header("idempotency-key", &key);
    let repeated = server.send(repeated).await.expect(200);
    assert_eq!(repeated.header("idempotent-replayed"), "true");
    assert_eq!(repeated.json()["message"]["id"], sent["message"]["id"]);
    let used = "select sum(messages) from chat_usage_daily where user_id = $1::uuid";
    assert_eq!(stores::number(used, &[&member.id]).await, 1);

    // A second guest, by signing in; the first one again changes nothing; another account gets neither.
    let second = Visitor::of(&server, "guest").await;
    let other = second.session().await;
    let sign_in =
        async |member: &Member, token: &str| server.send(member.login().token(token)).await.expect(200).json();
    for (token, total) in [(&second.token, 3), (&guest.token, 3), (&second.token, 3)] {
        let body = sign_in(&member, token).await;
        assert_eq!(body["claimed"], true);
        assert_eq!(list(&server, body["token"].as_str().unwrap()).await["total"], total);
    }
    let stranger = sign_up(&server, Some(&guest.token)).await;
    assert_eq!(sign_in(&stranger, &second.token).await["claimed"], false);
    assert_eq!(list(&server, &stranger.token).await["total"], 0);
    check_claimed(&server, &second.token, &other).await;
    guest.leaves().await;
    second.leaves().await;
}

/// Fifty tokens at once for one device, each with one guest's token, while an answer of the guest streams and the guest goes on sending.
#[tokio::test]
async fn fifty_claims_at_once_lose_nothing_and_count_nothing_twice() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let guest = Visitor::of(&server, "guest").await;
    let scene = guest
        .scene(
            json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 50, "usage": true, "finish": "stop", "done": true}),
        )
        .await;
    let first = guest.send(None, &guest.text("first")).await.expect(200).json();
    let session = first["session_id"].as_str().unwrap().to_owned();
    let mut reader = guest.open_stream(Some(&session), &scene.text("long")).await;
    assert!(reader.read_until(|body| tests::said(body).contains("w1 ")).await, "the answer has begun");

    let claim = || call("POST", "/auth/refresh").header("cookie", &member.cookie).token(&guest.token);
    let claims = join_all((0..50).map(|_| server.send(claim())));
    let sends = join_all((0..8).map(|number| {
        let (guest, session) = (&guest, &session);
        async move {
            let session = (number % 2 == 0).then_some(session.as_str());
            guest.send(session, &guest.text(&format!("meanwhile {number}"))).await
        }
    }));
    let (claims, sends) = tokio::join!(claims, sends);
    for claim in &claims {
        assert_eq!((claim.status, &claim.json()["claimed"]), (200, &json!(true)), "{}", claim.text());
    }
    let token = claims[0].json()["token"].as_str().unwrap().to_owned();
    let (let_in, refused): (Vec<&Answer>, Vec<&Answer>) = sends.iter().partition(|send| send.status == 200);
    for send in &refused {
        let code = send.any_problem()["code"].as_str().unwrap().to_owned();
        assert!(["token_claimed", "rate_limited"].contains(&code.as_str()), "{}", send.text());
    }
    reader.read_to_end().await;
    assert!(reader.said().contains("w39"), "the answer under way goes on");
    check_claimed(&server, &guest.token, &session).await;

    // All that was let in is the account's, and nothing is the guest's.
    let guest_id = guest.id.to_string();
    eventually("the answer under way is stored", || async {
        let rows = "select count(*) from chat_messages m join chat_sessions s on s.id = m.session_id where s.user_id = $1::uuid and m.status = 'streaming'";
        let running = stores::number(rows, &[&member.id]).await;
        if running == 0 { Ok(()) } else { Err(running.to_string()) }
    })
    .await;
    let owned = "select count(*) from chat_sessions where user_id = $1::uuid";
    assert_eq!(stores::number(owned, &[&guest_id]).await, 0, "nothing is orphaned");
    let used = "select coalesce(sum(messages), 0) from chat_usage_daily where user_id = $1::uuid";
    assert_eq!(stores::number(used, &[&guest_id]).await, 0);
    let told: i64 = i64::try_from(let_in.len()).unwrap() + 2;
    assert_eq!(stores::number(used, &[&member.id]).await, told, "each answer is counted once");
    let list = list(&server, &token).await;
    let counted = "select session_count from users where id = $1::uuid";
    assert_eq!(json!(stores::number(counted, &[&member.id]).await), list["total"]);
    for send in &let_in {
        let body = send.json();
        let path = format!("/chat/sessions/{}", body["session_id"].as_str().unwrap());
        let thread = server.send(call("GET", &path).token(&token)).await.expect(200).json();
        let ids: Vec<&Value> = thread["messages"].as_array().unwrap().iter().map(|message| &message["id"]).collect();
        assert!(ids.contains(&&body["message"]["id"]) && ids.contains(&&body["user_message"]["id"]), "{body}");
    }
    let quota = server.send(call("GET", "/chat/quota").token(&token)).await.expect(200).json();
    assert!(quota["day"]["used"].as_i64().unwrap() >= 2, "the day is not new: {quota}");
    guest.leaves().await;
}

/// Each call of a claim is turned away, or done without its caller ever hearing of it, as when the instance is killed behind it.
#[tokio::test]
async fn a_claim_that_breaks_off_anywhere_loses_nothing_and_is_finished_by_the_next_sign_in() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let sign_in = async |guest: &str| server.send(member.login().token(guest)).await.expect(200).json();
    let mut total = 0;
    for (face, name) in [("redis", "claim_guest"), ("sql", "claim_guest")] {
        for kind in [json!({"refuse": true}), json!({"cut_after_bytes": 5}), json!({"lost_reply": true})] {
            let guest = Visitor::of(&server, "guest").await;
            let session = guest.session().await;
            let broken = fault_at(face, &[&guest.id.to_string(), &tag(name)], kind.clone(), None).await;
            let let_in = sign_in(&guest.token).await;
            assert_eq!(let_in["claimed"], false, "{face} {kind}: nobody says what is not certain");
            let kept =
                "select count(*) from chat_sessions where id = $1::uuid and user_id = any (array[$2, $3]::uuid[])";
            assert_eq!(stores::number(kept, &[&session, &guest.id.to_string(), &member.id]).await, 1, "{face} {kind}");
            assert!(broken.lift().await > 0, "{face} {name} was struck");

            total += 1;
            let let_in = sign_in(&guest.token).await;
            assert_eq!(let_in["claimed"], true, "{face} {kind}");
            assert_eq!(list(&server, let_in["token"].as_str().unwrap()).await["total"], total, "{face} {kind}");
            check_claimed(&server, &guest.token, &session).await;
            guest.leaves().await;
        }
    }
}

/// A guest is claimed while the model is asked, which then fails: whatever is lost of the settlement and the refund, the account has its message back, once.
#[tokio::test]
async fn what_a_claimed_guest_was_charged_for_nothing_is_given_back_to_their_account_once() {
    let server = server().await;
    for (kind, times) in [(json!({"status": 500}), 2), (json!({"lost_reply": true}), 3)] {
        let (member, guest) = (sign_up(&server, None).await, Visitor::of(&server, "guest").await);
        // The settlement's script is known from here on.
        guest.send(None, &guest.text("first")).await.expect(200);
        guest.settled_in_redis().await;
        let fails = json!({"first_byte_delay_ms": 3_000, "error": {"status": 400, "code": "invalid_type"}});
        let text = guest.scene(fails).await.text("second");
        let guest_id = guest.id.to_string();
        let lost = json!({"lost_reply": true});
        let settled = fault_at("redis", &[&guest_id, &tag("settle")], lost, Some(1)).await;
        let refunded = fault_at("redis", &[&member.id, &tag("refund")], kind.clone(), Some(times)).await;
        let claim = async {
            eventually("the model is asked", || async {
                let rows = "select count(*) from chat_messages m join chat_sessions s on s.id = m.session_id where s.user_id = $1::uuid and m.status = 'streaming'";
                let asked = stores::number(rows, &[&guest_id]).await;
                if asked == 1 { Ok(()) } else { Err(asked.to_string()) }
            })
            .await;
            server.send(member.login().token(&guest.token)).await.expect(200).json()
        };
        let (answer, let_in) = tokio::join!(guest.send(None, &text), claim);
        answer.problem(502, "provider_error");
        assert_eq!(let_in["claimed"], true, "{kind}");
        let token = let_in["token"].as_str().unwrap();
        eventually("the account has its message back", || async {
            let quota = server.send(call("GET", "/chat/quota").token(token)).await.expect(200).json();
            if quota["day"]["used"] == 1 { Ok(()) } else { Err(quota.to_string()) }
        })
        .await;
        assert_eq!((settled.lift().await, refunded.lift().await), (1, times), "{kind}");
        guest.leaves().await;
    }
}
