//! API keys: made, listed and revoked by their owner, and what a program may do with one.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::control::LoggedCall;
use tests::{Answer, Call, Server, Visitor, control, eventually, stores, tokens};

use crate::accounts::{Member, call, server, server_with, sign_up, text};
use crate::openai::{conversation, openai_error};
use crate::own_passkeys::age_devices;

pub fn make(token: &str, body: &Value) -> Call {
    call("POST", "/me/keys").token(token).json(body)
}

pub async fn made(server: &Server, token: &str, name: &str) -> Value {
    server.send(make(token, &json!({"name": name}))).await.expect(201).json()
}

async fn listed(server: &Server, token: &str) -> Vec<Value> {
    let list = server.send(call("GET", "/me/keys").token(token)).await.expect(200).json();
    list["keys"].as_array().unwrap().clone()
}

async fn revoke(server: &Server, token: &str, key: &Value) -> Answer {
    server.send(call("DELETE", &format!("/me/keys/{}", text(&key["id"]))).token(token)).await
}

async fn models(server: &Server, key: &str) -> Answer {
    server.send(Call::new("GET", "/v1/models").token(key)).await
}

fn refused(answer: &Answer) {
    openai_error(answer, 401, "authentication_error", "invalid_api_key");
}

async fn hash(key: &str) -> String {
    let hash = "select encode(sha256(convert_to($1, 'UTF8')), 'hex')";
    stores::rows(hash, &[key]).await[0][0].clone().unwrap()
}

/// What is remembered of a key, once something is.
async fn remembered(key: &str) -> String {
    let name = format!("chat:key:{}", hash(key).await);
    let text = eventually("what is known of a key", || async {
        stores::redis(&["GET", &name]).await.as_str().map(str::to_owned).ok_or_else(|| "nothing".to_owned())
    });
    text.await
}

/// How often Postgres was asked for a key.
async fn looked_up(key: &str) -> usize {
    let calls = control::calls("sql", &hash(key).await, 0).await;
    calls.iter().filter(|call| call.request().to_string().contains("use_api_key")).count()
}

async fn member_with_key(server: &Server) -> (Member, String) {
    let member = sign_up(server, None).await;
    let key = text(&made(server, &member.token, "program").await["key"]);
    (member, key)
}

#[tokio::test]
async fn a_key_is_shown_once_asks_the_model_and_is_good_no_more_once_it_is_revoked() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    assert_eq!(listed(&server, &member.token).await, [] as [Value; 0]);
    let before = control::newest().await;
    let one = server.send(make(&member.token, &json!({"name": " my\nlaptop "}))).await.expect(201).json();
    let key = text(&one["key"]);
    assert!(key.len() == 35 && key.starts_with("ew_") && key[3..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!((&one["name"], &one["used_on"], &one["expires_at"]), (&json!("my laptop"), &Value::Null, &Value::Null));
    let mut shown = one.clone();
    shown.as_object_mut().unwrap().remove("key");
    assert_eq!(listed(&server, &member.token).await, [shown]);
    // Its hash alone has gone to a store.
    assert!(control::calls("sql", &key, before).await.is_empty());
    let kept = "select encode(hash, 'hex'), to_jsonb(k)::text from api_keys k where id = $1::uuid";
    let kept = stores::rows(kept, &[&text(&one["id"])]).await[0].clone();
    assert_eq!(kept[0], Some(hash(&key).await));
    assert!(!kept[1].as_ref().unwrap().contains(&key[24..]), "{kept:?}");

    let ask = async |words: &str| {
        let ask = Call::new("POST", "/v1/chat/completions").token(&key).json(&conversation(words));
        server.send(ask).await
    };
    let visitor = Visitor::of(&server, "program").await;
    let answer = ask(&visitor.text("plain")).await.expect(200).json();
    assert_eq!(answer["choices"][0]["message"]["content"], "w0 w1 w2 ");
    let quota = server.send(call("GET", "/chat/quota").token(&member.token)).await.expect(200).json();
    assert_eq!(quota["day"]["used"], 1, "{quota}");
    let today = stores::rows("select (now() at time zone 'utc')::date::text", &[]).await[0][0].clone();
    assert_eq!(listed(&server, &member.token).await[0]["used_on"], json!(today));

    // What is remembered asks Postgres nothing.
    assert_eq!(remembered(&key).await, "unverified");
    assert_eq!(looked_up(&key).await, 1);
    models(&server, &key).await.expect(200);
    ask(&visitor.text("again")).await.expect(200);
    assert_eq!(looked_up(&key).await, 1);

    // In the middle of its use.
    assert_eq!(revoke(&server, &member.token, &one).await.expect(200).json(), json!({"revoked": 1}));
    refused(&ask(&visitor.text("late")).await);
    refused(&models(&server, &key).await);
    assert_eq!(looked_up(&key).await, 1);
    // It is not known any more whether it was: that is looked up, and found out.
    stores::redis(&["DEL", &format!("chat:key:{}", hash(&key).await)]).await;
    refused(&models(&server, &key).await);
    assert_eq!((remembered(&key).await.as_str(), looked_up(&key).await), ("ended", 2));
    assert_eq!(listed(&server, &member.token).await, [] as [Value; 0]);
    revoke(&server, &member.token, &one).await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_look_up_that_comes_late_does_not_bring_a_revoked_key_back() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let one = made(&server, &member.token, "program").await;
    let (key, name) = (text(&one["key"]), format!("chat:key:{}", hash(&text(&one["key"])).await));
    // An instance has looked it up while it was good, and what it remembers reaches Redis late.
    let since = control::newest().await;
    let late = control::fault_at("redis", &[&name, "NX"], json!({"latency_ms": 1500}), Some(1)).await;
    models(&server, &key).await.expect(200);
    revoke(&server, &member.token, &one).await.expect(200);
    let brought = eventually("what was looked up", || async {
        let calls = control::calls("redis", &name, since).await;
        let brought = calls.iter().find(|call| call.request().to_string().contains("NX")).map(LoggedCall::seq);
        brought.ok_or_else(|| "not yet".to_owned())
    });
    assert!(control::ended(brought.await, Duration::from_secs(10)).await.ended());
    assert_eq!(late.lift().await, 1);
    assert_eq!(remembered(&key).await, "ended");
    refused(&models(&server, &key).await);
}

#[tokio::test]
async fn a_key_opens_nothing_but_openais_routes() {
    let server = server().await;
    let (member, key) = member_with_key(&server).await;
    for (method, path) in [
        ("GET", "/me"),
        ("DELETE", "/me"),
        ("GET", "/me/keys"),
        ("GET", "/me/export"),
        ("GET", "/chat/sessions"),
        ("GET", "/chat/quota"),
        ("POST", "/auth/guest"),
        ("POST", "/chat/messages"),
    ] {
        let body = if path == "/chat/messages" { json!({"content": "hello"}) } else { json!({}) };
        server.send(call(method, path).token(&key).json(&body)).await.problem(401, "unauthenticated");
    }
    refused(&server.send(call("GET", "/openai/models").token(&key)).await);
    server.send(call("GET", "/me").token(&member.token)).await.expect(200);
    models(&server, &key).await.expect(200);
}

#[tokio::test]
async fn an_invented_key_costs_no_store() {
    let server = server().await;
    let (member, key) = member_with_key(&server).await;
    let calls = async || {
        let (sql, redis) = (control::calls("sql", &member.id, 0).await, control::calls("redis", &member.id, 0).await);
        (sql.len(), redis.len())
    };
    let before = calls().await;
    let last = if key.ends_with('5') { "6" } else { "5" };
    let other = format!("ew_{}", "A".repeat(32));
    for invented in [&format!("{}{last}", &key[..34]), &key[..34], &format!("{key}0"), "ew_", other.as_str()] {
        refused(&models(&server, invented).await);
        assert!(control::calls("redis", &hash(invented).await, 0).await.is_empty(), "{invented}");
    }
    // Nor does it of a server with another secret.
    let foreign = server_with(&[("JWT_SECRET", "another secret of the contract's tests")]).await;
    refused(&models(&foreign, &key).await);
    assert_eq!(calls().await, before);
    // A secret that was changed keeps its keys.
    let changed =
        [("JWT_SECRET", "another secret of the contract's tests"), ("JWT_SECRET_PREVIOUS", &tokens::secret())];
    models(&server_with(&changed).await, &key).await.expect(200);
}

#[tokio::test]
async fn a_key_ends_by_itself() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let one = server.send(make(&member.token, &json!({"name": "a day", "expires_in_days": 1}))).await.expect(201);
    let one = one.json();
    let key = text(&one["key"]);
    let until = text(&one["expires_at"]);
    let lasts = "select round(extract(epoch from $1::timestamptz - now()) / 3600)::int";
    assert_eq!(stores::number(lasts, &[&until]).await, 24);
    // It is remembered no longer than it is good.
    let ends = "update api_keys set expires_at = now() + interval '100 seconds' where id = $1::uuid";
    stores::rows(ends, &[&text(&one["id"])]).await;
    models(&server, &key).await.expect(200);
    remembered(&key).await;
    let name = format!("chat:key:{}", hash(&key).await);
    let left = stores::redis(&["PTTL", &name]).await.as_i64().unwrap();
    assert!((1..=100_000).contains(&left), "{left}");
    stores::redis(&["DEL", &name]).await;
    let ended = "update api_keys set expires_at = now() - interval '1 second' where id = $1::uuid";
    stores::rows(ended, &[&text(&one["id"])]).await;
    refused(&models(&server, &key).await);
    assert_eq!(listed(&server, &member.token).await.len(), 1, "its owner sees that it has ended");
    made(&server, &member.token, "another").await;
    assert_eq!(listed(&server, &member.token).await.len(), 1, "the next one takes its place");
}

#[tokio::test]
async fn a_key_ends_with_its_account_and_rests_while_that_is_blocked() {
    let server = server().await;
    let (member, key) = member_with_key(&server).await;
    let block = "update users set blocked_until = now() + $2::interval where id = $1::uuid";
    stores::rows(block, &[&member.id, "1 hour"]).await;
    openai_error(&models(&server, &key).await, 403, "invalid_request_error", "blocked");
    assert_eq!(remembered(&key).await, "blocked");
    openai_error(&models(&server, &key).await, 403, "invalid_request_error", "blocked");
    stores::rows(block, &[&member.id, "-1 hour"]).await;
    stores::redis(&["DEL", &format!("chat:key:{}", hash(&key).await)]).await;
    models(&server, &key).await.expect(200);
    remembered(&key).await;

    server.send(call("DELETE", "/me").token(&member.token).json(&json!({}))).await.expect(202);
    refused(&models(&server, &key).await);
    let ask = Call::new("POST", "/v1/chat/completions").token(&key).json(&conversation("gone"));
    refused(&server.send(ask).await);
    // Also where nothing is remembered, of the key and of its user.
    stores::redis(&["DEL", &format!("chat:key:{}", hash(&key).await), &format!("chat:ended:{}", member.id)]).await;
    refused(&models(&server, &key).await);
}

#[tokio::test]
async fn there_are_five_keys_at_most_also_when_all_are_made_at_once() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let body = json!({"name": "program"});
    let all = join_all((0..12).map(|_| server.send(make(&member.token, &body)))).await;
    let (made, full): (Vec<Answer>, Vec<Answer>) = all.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), full.len()), (5, 7));
    assert_eq!(full[0].problem(409, "too_many_api_keys")["limit"], 5);
    assert_eq!(listed(&server, &member.token).await.len(), 5);
    revoke(&server, &member.token, &made[0].json()).await.expect(200);
    server.send(make(&member.token, &body)).await.expect(201);
    server.send(make(&member.token, &body)).await.problem(409, "too_many_api_keys");
    let rows = "select count(*) from api_keys where user_id = $1::uuid";
    assert_eq!(stores::number(rows, &[&member.id]).await, 5, "a revoked key gives its place up");
}

#[tokio::test]
async fn a_key_is_made_with_a_name_on_a_device_that_was_signed_in_to_just_now() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "\u{200b}"}), "name"),
        (json!({"name": "ä".repeat(101)}), "name"),
        (json!({"name": "a", "expires_in_days": 0}), "expires_in_days"),
        (json!({"name": "a", "expires_in_days": 367}), "expires_in_days"),
        (json!({"name": "a", "expires_in_days": "90"}), "expires_in_days"),
        (json!({"name": "a", "more": 1}), "more"),
    ] {
        let told = server.send(make(&member.token, &body)).await.problem(400, "invalid_request");
        assert_eq!(told["field"], field, "{told}");
    }
    let one = made(&server, &member.token, "before").await;
    age_devices(&member.id, 6).await;
    let body = json!({"name": "late"});
    server.send(make(&member.token, &body)).await.problem(403, "reauthentication_required");
    // What only takes away needs no new sign-in.
    revoke(&server, &member.token, &one).await.expect(200);
    for id in ["", "AAAA", "019aa3c0-0000-7000-8000-000000000000"] {
        let path = format!("/me/keys/{id}");
        server.send(call("DELETE", &path).token(&member.token)).await.problem(404, "not_found");
    }
    let token = text(&server.send(member.login()).await.expect(200).json()["token"]);
    server.send(make(&token, &body)).await.expect(201);
}

#[tokio::test]
async fn a_password_that_is_set_anew_leaves_the_keys_and_openai_switched_off_leaves_none() {
    let server = server().await;
    let (member, key) = member_with_key(&server).await;
    server.send(call("POST", "/auth/logout").token(&member.token).json(&json!({"everywhere": true}))).await.expect(200);
    models(&server, &key).await.expect(200);
    let without = server_with(&[("FEATURE_OPENAI", "false")]).await;
    let token = text(&without.send(member.login()).await.expect(200).json()["token"]);
    without.send(make(&token, &json!({"name": "a"}))).await.problem(404, "not_found");
    // What was given away can be seen and taken back all the same.
    let kept = without.send(call("GET", "/me/keys").token(&token)).await.expect(200).json();
    let id = text(&kept["keys"][0]["id"]);
    without.send(call("DELETE", &format!("/me/keys/{id}")).token(&token)).await.expect(200);
    refused(&models(&server, &key).await);
    let no_accounts = Server::under_test();
    refused(&models(&no_accounts, &key).await);
}

#[tokio::test]
async fn a_key_has_its_accounts_part_in_what_an_address_may_send() {
    let server = server_with(&[("GUEST_CHALLENGE", "work"), ("CHAT_ADDRESS_DAILY_MESSAGES", "1")]).await;
    let (member, key) = member_with_key(&server).await;
    let visitor = Visitor::of(&server, "program").await;
    let words = conversation(&visitor.text("hello"));
    let ask = |key: &str| Call::new("POST", "/v1/chat/completions").token(key).json(&words);
    server.send(ask(&key)).await.expect(200);
    let asked = server.send(ask(&key)).await;
    openai_error(&asked, 401, "authentication_error", "challenge_required");
    // Somebody has made sure whose account it is.
    let vouch =
        "insert into user_logins (provider, subject, user_id) values ('https://i.example', $1::uuid::text, $1::uuid)";
    stores::rows(vouch, &[&member.id]).await;
    remembered(&key).await;
    stores::redis(&["DEL", &format!("chat:key:{}", hash(&key).await)]).await;
    server.send(ask(&key)).await.expect(200);
    assert_eq!(remembered(&key).await, "verified");
    visitor.leaves().await;
}
