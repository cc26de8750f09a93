//! Verified addresses: whose one becomes by a link, what it changes, and what somebody else's claim to it does not.

use serde_json::json;
use tests::{Visitor, stores};

use crate::accounts::{call, password, refresh, sign_up, text};
use crate::mail::{ask, asking, fresh, is_unverified, link, mail_server, mailed, showing, token_in};

#[tokio::test]
async fn an_address_is_verified_by_the_account_that_has_asked_and_then_changes_what_it_may() {
    let server = mail_server(&[]).await;
    let member = sign_up(&server, None).await;
    assert!(is_unverified(&member.token));
    let wish = |email: &str| asking(email, "verify");
    let address = fresh();
    server.send(wish(&address)).await.problem(401, "unauthenticated");
    let guest = Visitor::of(&server, "guest").await;
    server.send(wish(&address).token(&guest.token)).await.problem(403, "forbidden");
    let gone = sign_up(&server, Some(&guest.token)).await;
    server.send(call("POST", "/auth/logout").token(&gone.token)).await.expect(200);
    server.send(wish(&address).token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(wish(&address).token(&guest.token)).await.problem(401, "token_claimed");
    server.send(wish(&address).token(&member.token)).await.expect(202);
    let token = token_in(&mailed(&address, 1).await);

    // A stranger who is signed in, a guest, and nobody: the link does not make the address theirs, and stays good.
    let stranger = sign_up(&server, None).await;
    for asker in [Some(&stranger.token), Some(&guest.token), None] {
        let shown = showing("confirm", &token);
        let shown = if let Some(asker) = asker { shown.token(asker) } else { shown };
        server.send(shown).await.problem(403, "forbidden");
    }
    let done = server.send(showing("confirm", &token).token(&member.token)).await.expect(200).json();
    assert_eq!(done, json!({"purpose": "verify", "email": address}));
    let me = server.send(call("GET", "/me").token(&member.token)).await.expect(200).json();
    assert_eq!(me["email"], json!(address));
    server.send(showing("confirm", &token).token(&member.token)).await.problem(410, "used");

    // From the next token on it stands alone, and is an admin where its address is named.
    let named = mail_server(&[("ADMIN_EMAILS", &address)]).await;
    let next = refresh(&named, &member.cookie).await.expect(200);
    assert!(!is_unverified(&text(&next.json()["token"])));
    assert_eq!(next.json()["user"]["role"], "admin");
    let other = refresh(&named, &stranger.cookie).await.expect(200).json();
    assert!(other["user"]["role"] == "user" && is_unverified(&text(&other["token"])));

    // It is one account's; the other one keeps what it has.
    server.send(wish(&address).token(&stranger.token)).await.expect(202);
    let second = token_in(&mailed(&address, 2).await);
    server.send(showing("confirm", &second).token(&stranger.token)).await.problem(409, "email_taken");
    let taken = json!({"email": address, "password_key": password(3)});
    server.send(call("POST", "/auth/register").json(&taken)).await.problem(409, "login_taken");
    guest.leaves().await;
}

#[tokio::test]
async fn an_address_is_a_way_in_so_only_who_has_just_signed_in_verifies_one() {
    let server = mail_server(&[]).await;
    let member = sign_up(&server, None).await;
    let earlier =
        "update auth_sessions set created_at = now() - interval '6 minutes' where user_id = $1::uuid returning 1";
    assert_eq!(stores::number(earlier, &[&member.id]).await, 1);
    let wish = asking(&fresh(), "verify").token(&member.token);
    server.send(wish).await.problem(403, "reauthentication_required");
}

/// Somebody has taken an address for a name that is not theirs.
#[tokio::test]
async fn who_has_taken_an_address_for_a_name_keeps_its_owner_from_nothing() {
    let server = mail_server(&[]).await;
    let squatter = sign_up(&server, None).await;
    let address = squatter.email.clone();
    // Nothing is sent that would open the squatter's account, or give it away.
    ask(&server, &address, "reset").await.expect(202);
    assert!(mailed(&address, 1).await["text"].as_str().unwrap().contains("no account"));
    let owner = sign_up(&server, None).await;
    server.send(asking(&address, "verify").token(&owner.token)).await.expect(202);
    let token = token_in(&mailed(&address, 2).await);
    server.send(showing("confirm", &token).token(&owner.token)).await.expect(200);
    // By the link they come to their own account, and by the new password, too.
    let token = link(&server, &address, "reset", 3).await;
    let reset = json!({"token": token, "password_key": password(2)});
    let done = server.send(call("POST", "/auth/password").json(&reset)).await.expect(200).json();
    assert_eq!(done["user"]["id"], json!(owner.id));
    let login = |key: String| call("POST", "/auth/login").json(&json!({"email": address, "password_key": key}));
    let by_owner = server.send(login(password(2))).await.expect(200).json();
    let by_squatter = server.send(login(squatter.key.clone())).await.expect(200).json();
    assert_eq!((&by_owner["user"]["id"], &by_squatter["user"]["id"]), (&json!(owner.id), &json!(squatter.id)));
    server.send(login(password(7))).await.problem(401, "wrong_credentials");
}
