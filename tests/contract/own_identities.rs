//! The identities that somebody keeps: adding and removing them, and the last way in, which stays.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::openid::OpenIdProvider;
use tests::{Answer, Call, Server, Visitor, stores};

use crate::accounts::{call, sign_up, text};
use crate::identities::{
    PAGE_KEY, arrives, comes_in, departs, departs_to_add, finish, provider, server_of, somebody, start,
};
use crate::passkeys::{add, authenticator, options_to_add};

async fn listed(server: &Server, token: &str) -> Vec<Value> {
    let list = server.send(call("GET", "/me/identities").token(token)).await.expect(200).json();
    list["identities"].as_array().unwrap().clone()
}

async fn remove(server: &Server, token: &str, id: &str) -> Answer {
    server.send(call("DELETE", &format!("/me/identities/{id}")).token(token)).await
}

fn ends_adding(token: &str, carried: &str) -> Call {
    call("POST", "/me/identities").token(token).json(&json!({"page_key": PAGE_KEY})).header("cookie", carried)
}

/// There and back for the caller; what the browser carries then.
async fn is_back(server: &Server, provider: &OpenIdProvider, token: &str, name: &str) -> String {
    let away = departs_to_add(server, "oidc", token).await;
    let back = provider.signs_in(&away.url, name).await;
    arrives(server, &away, &back).await
}

async fn adds(server: &Server, provider: &OpenIdProvider, token: &str, name: &str) -> Answer {
    let carried = is_back(server, provider, token, name).await;
    server.send(ends_adding(token, &carried)).await
}

#[tokio::test]
async fn an_identity_is_added_lets_its_owner_in_and_is_removed() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let member = sign_up(&server, None).await;
    assert_eq!(listed(&server, &member.token).await, [] as [Value; 0]);
    let name = somebody();
    let answer = adds(&server, &provider, &member.token, &name).await.expect(201);
    assert_eq!(answer.json(), json!({"added": 1}));
    let known = listed(&server, &member.token).await;
    assert_eq!(known.len(), 1);
    assert_eq!((&known[0]["provider"], &known[0]["issuer"]), (&json!("oidc"), &json!(provider.issuer())));
    assert!(!known[0].to_string().contains(&name), "{}", known[0]);
    // They had no address, and nobody else had this one.
    let me = server.send(call("GET", "/me").token(&member.token)).await.expect(200).json();
    assert_eq!((&me["email"], &me["login"]), (&json!(name), &json!(member.email)));
    let entered = comes_in(&server, &provider, &name).await.expect(200).json();
    assert_eq!(entered["user"]["id"], json!(member.id));
    // Once more is no more.
    adds(&server, &provider, &member.token, &name).await.expect(201);
    assert_eq!(listed(&server, &member.token).await.len(), 1);

    let id = text(&known[0]["id"]);
    for other in ["", "0", "%20", &id[1..]] {
        remove(&server, &member.token, other).await.problem(404, "not_found");
    }
    assert_eq!(remove(&server, &member.token, &id).await.expect(200).json(), json!({"removed": 1}));
    remove(&server, &member.token, &id).await.problem(404, "not_found");
    // Nobody comes in by it any more: it may begin another account, which gets no address that is somebody's.
    let other = comes_in(&server, &provider, &name).await.expect(201).json();
    assert_ne!(other["user"]["id"], json!(member.id));
    let other = server.send(call("GET", "/me").token(&text(&other["token"]))).await.expect(200).json();
    assert_eq!(other["email"], Value::Null);
    adds(&server, &provider, &member.token, &name).await.problem(409, "identity_taken");
}

#[tokio::test]
async fn what_was_begun_to_add_ends_by_who_has_begun_it_and_lets_nobody_in() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let (member, other) = (sign_up(&server, None).await, sign_up(&server, None).await);
    let carried = is_back(&server, &provider, &member.token, &somebody()).await;
    server.send(ends_adding(&other.token, &carried)).await.problem(400, "sign_in_expired");
    server.send(finish("oidc", &carried)).await.problem(400, "sign_in_expired");
    let of_other_page = json!({"page_key": "another page's key, of the tests"});
    let elsewhere = call("POST", "/me/identities").token(&member.token).json(&of_other_page);
    server.send(elsewhere.header("cookie", &carried)).await.problem(400, "sign_in_expired");
    server.send(ends_adding(&member.token, &carried)).await.expect(201);
    server.send(ends_adding(&member.token, &carried)).await.problem(400, "sign_in_expired");
    // And what was begun to come in adds nothing.
    let away = departs(&server, "oidc").await;
    let back = provider.signs_in(&away.url, &somebody()).await;
    let carried = arrives(&server, &away, &back).await;
    server.send(ends_adding(&member.token, &carried)).await.problem(400, "sign_in_expired");
    // A guest has none, and nobody is sent for nobody.
    let guest = Visitor::of(&server, "guest").await;
    server.send(start("oidc", "add")).await.problem(401, "unauthenticated");
    server.send(start("oidc", "add").token(&guest.token)).await.problem(403, "forbidden");
    server.send(ends_adding(&guest.token, &carried)).await.problem(403, "forbidden");
    server.send(call("GET", "/me/identities").token(&guest.token)).await.problem(403, "forbidden");
    guest.leaves().await;
}

#[tokio::test]
async fn an_identity_is_added_on_a_device_that_was_signed_in_to_just_now_and_not_without_number() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let member = sign_up(&server, None).await;
    let carried = is_back(&server, &provider, &member.token, &somebody()).await;
    let age = "update auth_sessions set created_at = created_at - interval '6 minutes' where user_id = $1::uuid";
    stores::rows(age, &[&member.id]).await;
    server.send(start("oidc", "add").token(&member.token)).await.problem(403, "reauthentication_required");
    server.send(ends_adding(&member.token, &carried)).await.problem(403, "reauthentication_required");
    // Nor is one removed there.
    let added = "insert into user_logins (provider, subject, user_id) values ($2, $1::uuid::text, $1::uuid)";
    stores::rows(added, &[&member.id, provider.issuer()]).await;
    let stale = text(&listed(&server, &member.token).await[0]["id"]);
    remove(&server, &member.token, &stale).await.problem(403, "reauthentication_required");

    let token = text(&server.send(member.login()).await.expect(200).json()["token"]);
    let fill = "insert into user_logins (provider, subject, user_id)
        select 'https://elsewhere.example', $1::uuid::text || n, $1::uuid from generate_series(1, 20) n";
    stores::rows(fill, &[&member.id]).await;
    remove(&server, &token, &stale).await.expect(200);
    let full = adds(&server, &provider, &token, &somebody()).await.problem(409, "too_many_identities");
    assert_eq!(full["limit"], 20);
    // Of a provider that is not asked any more they are shown all the same.
    let known = listed(&server, &token).await;
    assert_eq!((known.len(), &known[0]["provider"]), (20, &Value::Null));
}

#[tokio::test]
async fn the_last_way_in_stays_whatever_it_is() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let body = comes_in(&server, &provider, &somebody()).await.expect(201).json();
    let (id, token) = (text(&body["user"]["id"]), text(&body["token"]));
    let first = text(&listed(&server, &token).await[0]["id"]);
    remove(&server, &token, &first).await.problem(409, "last_way_in");
    // One of a provider that lets nobody in here is no way in.
    let fill = "insert into user_logins (provider, subject, user_id) values ('https://elsewhere.example', $1::uuid::text, $1::uuid)";
    stores::rows(fill, &[&id]).await;
    remove(&server, &token, &first).await.problem(409, "last_way_in");
    // With a passkey beside it each of the two may go, and the other one stays.
    let mut passkey = authenticator();
    let made = passkey.create(&options_to_add(&server, &token).await);
    server.send(add(&token, &made)).await.expect(201);
    let key = format!("/me/passkeys/{}", passkey.id());
    let both = join_all([
        server.send(call("DELETE", &key).token(&token)),
        server.send(call("DELETE", &format!("/me/identities/{first}")).token(&token)),
    ])
    .await;
    let (gone, stays): (Vec<Answer>, Vec<Answer>) = both.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((gone.len(), stays.len()), (1, 1));
    stays[0].problem(409, "last_way_in");
}

#[tokio::test]
async fn of_several_removed_at_once_one_stays() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let token = text(&comes_in(&server, &provider, &somebody()).await.expect(201).json()["token"]);
    for _ in 0..3 {
        adds(&server, &provider, &token, &somebody()).await.expect(201);
    }
    let known: Vec<String> = listed(&server, &token).await.iter().map(|one| text(&one["id"])).collect();
    let all = join_all(known.iter().map(|id| remove(&server, &token, id))).await;
    assert_eq!((known.len(), all.iter().filter(|answer| answer.status == 200).count()), (4, 3));
    assert_eq!(listed(&server, &token).await.len(), 1);
}
