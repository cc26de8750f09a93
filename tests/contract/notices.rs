//! Mails that come unasked: what lets somebody into an account has changed.

use serde_json::{Value, json};
use tests::{Call, Server, clock, control, eventually, stores, variable};

use crate::accounts::{call, password, text};
use crate::mail::{NOTICE, link, mail_server, verified};
use crate::passkeys::{add, authenticator, options_to_add};

/// The notices that have gone to an address, once there are `count`: by what each says has happened.
async fn notices(email: &str, count: usize) -> Vec<String> {
    let all = eventually("notices", || async {
        let mut mails = control::mails(email).await;
        mails.retain(|mail| text(&mail["subject"]).starts_with(NOTICE));
        if mails.len() == count { Ok(mails) } else { Err(format!("{} of {count}: {mails:?}", mails.len())) }
    })
    .await;
    for mail in &all {
        let words = text(&mail["text"]);
        assert!(words.contains("If it was not you: open https://chat.example,") && !words.contains('#'), "{words}");
    }
    all.iter().map(|mail| text(&mail["text"]).lines().next().unwrap_or_default().to_owned()).collect()
}

fn says(notice: &str) -> String {
    format!("In your account at chat.example {notice}.")
}

fn sign_in(email: &str, number: u8) -> Call {
    call("POST", "/auth/login").json(&json!({"email": email, "password_key": password(number)}))
}

async fn token_of(server: &Server, asked: Call) -> String {
    text(&server.send(asked).await.expect(200).json()["token"])
}

#[tokio::test]
async fn the_owner_is_told_of_each_change_of_what_lets_somebody_in() {
    let _clock = clock::still().await;
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    let mut passkey = authenticator();
    let made = passkey.create(&options_to_add(&server, &member.token).await);
    server.send(add(&member.token, &made)).await.expect(201);
    server.send(call("DELETE", &format!("/me/passkeys/{}", passkey.id())).token(&member.token)).await.expect(200);
    let key = crate::api_keys::made(&server, &member.token, "program").await;
    server.send(call("DELETE", &format!("/me/keys/{}", text(&key["id"]))).token(&member.token)).await.expect(200);
    server.send(call("DELETE", &format!("/me/keys/{}", text(&key["id"]))).token(&member.token)).await.expect(200);
    let new = json!({"email": member.email, "password_key": password(2), "old_password_key": password(1)});
    let token = token_of(&server, call("POST", "/me/password").token(&member.token).json(&new)).await;
    let changed = [
        says("a passkey was added"),
        says("a passkey was removed"),
        says("an API key was made: who has it can use up your messages"),
        says("an API key was revoked"),
    ];
    let set = says("a new password was set, and all other devices were signed out");
    let told = notices(&address, 5).await;
    assert!(changed.iter().chain([&set]).all(|one| told.contains(one)), "{told:?}");

    // By a link, too.
    let by_link = json!({"token": link(&server, &address, "reset", 2).await, "password_key": password(3)});
    server.send(call("POST", "/auth/password").json(&by_link)).await.expect(200);
    assert_eq!(notices(&address, 6).await.iter().filter(|one| **one == set).count(), 2);
    server.send(call("GET", "/me").token(&token)).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_sign_in_by_the_password_is_told_of_where_the_browser_is_not_known() {
    let _clock = clock::still().await;
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    server.send(sign_in(&member.email, 1).header("cookie", &member.known)).await.expect(200);
    server.send(sign_in(&member.email, 2)).await.problem(401, "wrong_credentials");
    server.send(sign_in(&member.email, 1)).await.expect(200);
    let told = notices(&address, 1).await;
    assert_eq!(told, [says("somebody has signed in by the password, in a browser that was not used for it before")]);
}

#[tokio::test]
async fn the_address_of_before_is_told_of_the_new_one_and_the_new_one_of_nothing() {
    let _clock = clock::still().await;
    let server = mail_server(&[]).await;
    let (member, former) = verified(&server).await;
    let next = format!("next.{former}");
    let asked = json!({"email": next, "purpose": "verify"});
    server.send(call("POST", "/auth/email").token(&member.token).json(&asked)).await.expect(202);
    let token = crate::mail::token_in(&crate::mail::mailed(&next, 1).await);
    let shown = call("POST", "/auth/email/confirm").json(&json!({"token": token})).token(&member.token);
    server.send(shown).await.expect(200);
    assert_eq!(notices(&former, 1).await, [says("another address was confirmed, in place of this one")]);
    // From now on it is told.
    server.send(sign_in(&member.email, 1)).await.expect(200);
    assert_eq!(notices(&next, 1).await.len(), 1);
    assert_eq!(notices(&former, 1).await.len(), 1);
}

#[tokio::test]
async fn sign_ins_hide_no_change_and_an_address_that_nobody_has_confirmed_is_told_nothing() {
    let _clock = clock::still().await;
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    for _ in 0..7 {
        server.send(sign_in(&member.email, 1)).await.expect(200);
    }
    notices(&address, 5).await;
    // Whoever is in removes what is there, and ends the device at once.
    let token = token_of(&server, sign_in(&member.email, 1)).await;
    let made = authenticator().create(&options_to_add(&server, &token).await);
    server.send(add(&token, &made)).await.expect(201);
    server.send(call("POST", "/auth/logout").token(&token)).await.expect(200);
    assert!(notices(&address, 6).await.contains(&says("a passkey was added")));
    let token = token_of(&server, sign_in(&member.email, 1)).await;
    server.send(call("DELETE", "/me").token(&token).json(&json!({}))).await.expect(202);
    assert!(notices(&address, 7).await.contains(&says("everything was deleted, the account as well")));
    let of_its_name: Vec<Value> = control::mails(&member.email).await;
    assert_eq!(of_its_name, [] as [Value; 0], "the name of the password is no address that is theirs");
}

/// Accounts of one's own cost little: what many of them have changed silences nobody else's new password.
#[tokio::test]
async fn a_flood_of_notices_holds_none_back_that_an_account_may_be_lost_by() {
    let _alone = clock::still_and_alone().await;
    let room = format!("{}/no-room", variable("STACK_URL").trim_end_matches('/'));
    let server = mail_server(&[("ALERT_WEBHOOK_URL", &room)]).await;
    let (member, address) = verified(&server).await;
    let ends = jiff::Timestamp::now().as_millisecond() + 60_000;
    let full = json!({"count": 1_000, "ends": ends}).to_string();
    stores::redis(&["DEL", "chat:tries:notice-flood:all"]).await;
    stores::redis(&["SET", "chat:tries:notice:all", &full, "PX", "60000"]).await;
    let events = |event: &str| server.output().iter().filter(|line| line.contains(event)).count();
    for number in 1..=2 {
        crate::api_keys::made(&server, &member.token, "program").await;
        eventually("the operator can know", || async {
            let told = (events("\"event\":\"notice_held_back\""), events("\"alerts\":\"notices\""));
            if told == (number, 1) { Ok(()) } else { Err(format!("{told:?}")) }
        })
        .await;
    }
    let new = json!({"email": member.email, "password_key": password(2), "old_password_key": password(1)});
    server.send(call("POST", "/me/password").token(&member.token).json(&new)).await.expect(200);
    let told = notices(&address, 1).await;
    assert_eq!(told, [says("a new password was set, and all other devices were signed out")]);
    stores::redis(&["DEL", "chat:tries:notice:all", "chat:tries:notice-flood:all"]).await;
}
