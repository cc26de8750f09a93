//! The passkeys that somebody keeps: adding, naming and removing them, and the last way in, which stays.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Server, stores};

use crate::accounts::{call, sign_up, text};
use crate::passkeys::{add, authenticator, login, options, options_to_add, passkey_server, register};

async fn listed(server: &Server, token: &str) -> Vec<Value> {
    let list = server.send(call("GET", "/me/passkeys").token(token)).await.expect(200).json();
    list["passkeys"].as_array().unwrap().clone()
}

async fn remove(server: &Server, token: &str, id: &str) -> Answer {
    server.send(call("DELETE", &format!("/me/passkeys/{id}")).token(token)).await
}

/// The devices of this user were signed in to so many minutes ago.
pub async fn age_devices(user: &str, minutes: u32) {
    let age = format!(
        "update auth_sessions set created_at = created_at - interval '{minutes} minutes' where user_id = $1::uuid"
    );
    stores::rows(&age, &[user]).await;
}

#[tokio::test]
async fn passkeys_are_added_named_and_removed() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    assert_eq!(listed(&server, &member.token).await, [] as [Value; 0]);
    let mut one = authenticator();
    let asked = options_to_add(&server, &member.token).await;
    assert_eq!(asked["create"]["user"]["name"], json!(member.email));
    let made = one.create(&asked);
    let added = server.send(add(&member.token, &made)).await.expect(201).json();
    assert_eq!((&added["id"], &added["name"], &added["backed_up"]), (&json!(one.id()), &json!("key"), &json!(true)));
    server.send(add(&member.token, &made)).await.problem(409, "challenge_used");
    // The authenticator that has one is told so.
    let asked = options_to_add(&server, &member.token).await;
    assert_eq!(asked["create"]["excludeCredentials"], json!([{"type": "public-key", "id": one.id()}]));

    let signed = one.get(&options(&server, "login").await);
    assert_eq!(server.send(login(&signed)).await.expect(200).json()["user"]["id"], json!(member.id));
    let known = listed(&server, &member.token).await;
    assert_eq!(known.len(), 1);
    assert!(known[0]["used_at"].is_string(), "{}", known[0]);

    let path = format!("/me/passkeys/{}", one.id());
    let rename =
        async |name: &str| server.send(call("PATCH", &path).token(&member.token).json(&json!({"name": name}))).await;
    let renamed = rename(" my\nphone ").await.expect(200).json();
    assert_eq!((&renamed["name"], &renamed["id"]), (&json!("my phone"), &json!(one.id())));
    let error = rename(&"ä".repeat(101)).await.problem(400, "invalid_request");
    assert_eq!(error["field"], "name");
    rename("").await.expect(200);
    assert_eq!(listed(&server, &member.token).await[0]["name"], "");
    for id in ["", "AAAA", "%2B%2F", &"A".repeat(1400)] {
        remove(&server, &member.token, id).await.problem(404, "not_found");
    }

    // The password stays, so the passkey may go; nobody signs in by it then.
    let signed = one.get(&options(&server, "login").await);
    assert_eq!(remove(&server, &member.token, &one.id()).await.expect(200).json(), json!({"removed": 1}));
    remove(&server, &member.token, &one.id()).await.problem(404, "not_found");
    server.send(login(&signed)).await.problem(401, "wrong_credentials");
    assert_eq!(listed(&server, &member.token).await.len(), 0);
    // It may come back, to another account, too.
    let again = one.create(&options(&server, "register").await);
    server.send(register(&again)).await.expect(201);
    let taken = one.create(&options_to_add(&server, &member.token).await);
    server.send(add(&member.token, &taken)).await.problem(409, "passkey_taken");
}

#[tokio::test]
async fn a_passkey_is_removed_on_a_device_that_was_signed_in_to_just_now() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    let mut one = authenticator();
    let made = one.create(&options_to_add(&server, &member.token).await);
    server.send(add(&member.token, &made)).await.expect(201);
    age_devices(&member.id, 6).await;
    remove(&server, &member.token, &one.id()).await.problem(403, "reauthentication_required");
    remove(&server, &member.token, "AAAA").await.problem(404, "not_found");
    assert_eq!(listed(&server, &member.token).await.len(), 1);
    let signed = one.get(&options(&server, "login").await);
    let token = text(&server.send(login(&signed)).await.expect(200).json()["token"]);
    remove(&server, &token, &one.id()).await.expect(200);
}

#[tokio::test]
async fn the_last_way_in_stays_also_when_all_are_removed_at_once() {
    let server = passkey_server(&[]).await;
    let mut first = authenticator();
    let made = first.create(&options(&server, "register").await);
    let body = server.send(register(&made)).await.expect(201).json();
    let token = text(&body["token"]);
    remove(&server, &token, &first.id()).await.problem(409, "last_way_in");
    let mut keys = vec![first.id()];
    for _ in 0..4 {
        let mut more = authenticator();
        let made = more.create(&options_to_add(&server, &token).await);
        server.send(add(&token, &made)).await.expect(201);
        keys.push(more.id());
    }
    let all = join_all(keys.iter().map(|key| remove(&server, &token, key))).await;
    let (gone, stays): (Vec<Answer>, Vec<Answer>) = all.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((gone.len(), stays.len()), (4, 1));
    stays[0].problem(409, "last_way_in");
    assert_eq!(listed(&server, &token).await.len(), 1);
}

#[tokio::test]
async fn a_passkey_is_added_on_a_device_that_was_signed_in_to_just_now_and_not_without_number() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    let made = authenticator().create(&options_to_add(&server, &member.token).await);
    age_devices(&member.id, 6).await;
    let wish = || call("POST", "/auth/passkeys/options").token(&member.token).json(&json!({"purpose": "add"}));
    server.send(wish()).await.problem(403, "reauthentication_required");
    server.send(add(&member.token, &made)).await.problem(403, "reauthentication_required");
    server
        .send(call("POST", "/auth/passkeys/options").json(&json!({"purpose": "add"})))
        .await
        .problem(401, "unauthenticated");

    let token = text(&server.send(member.login()).await.expect(200).json()["token"]);
    // Nobody takes the place of a passkey by its id, not its owner either.
    let mut known = authenticator();
    let made = known.create(&options_to_add(&server, &token).await);
    server.send(add(&token, &made)).await.expect(201);
    let made = known.of_the_same_id().create(&options_to_add(&server, &token).await);
    server.send(add(&token, &made)).await.problem(409, "passkey_taken");
    let signed = known.get(&options(&server, "login").await);
    server.send(login(&signed)).await.expect(200);
    let fill = "insert into user_keys (id, user_id, public_key, alg)
        select convert_to($1 || n, 'UTF8'), $1::uuid, '', -7 from generate_series(1, 18) n";
    stores::rows(fill, &[&member.id]).await;
    let (one, other) = (options_to_add(&server, &token).await, options_to_add(&server, &token).await);
    server.send(add(&token, &authenticator().create(&one))).await.expect(201);
    let full = server.send(add(&token, &authenticator().create(&other))).await.problem(409, "too_many_passkeys");
    assert_eq!(full["limit"], 20);
    let wish = call("POST", "/auth/passkeys/options").token(&token).json(&json!({"purpose": "add"}));
    server.send(wish).await.problem(409, "too_many_passkeys");
}
