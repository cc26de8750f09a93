//! Who asks for what is another account's: nobody, a guest, another account, a device that has ended, a guest who was claimed, an admin.

use serde_json::{Value, json};
use tests::{Call, Visitor, stores};
use uuid::Uuid;

use crate::accounts::{call, cookie, refresh, sign_up, text};
use crate::passkeys::{add, authenticator, options_to_add, passkey_server};

/// A route, what is sent, and what a guest and an account are told.
struct Asked {
    call: Call,
    of_guest: (u16, &'static str),
    of_account: (u16, &'static str),
}

#[tokio::test]
async fn nobody_reaches_what_is_another_accounts() {
    let server = passkey_server(&[]).await;
    let claimed = Visitor::of(&server, "guest").await;
    let sent = claimed.send(None, &claimed.text("hello")).await.expect(200).json();
    let (session, message) = (text(&sent["session_id"]), text(&sent["message"]["id"]));
    let owner = sign_up(&server, Some(&claimed.token)).await;
    let mut passkey = authenticator();
    let made = passkey.create(&options_to_add(&server, &owner.token).await);
    server.send(add(&owner.token, &made)).await.expect(201);
    let api_key = crate::api_keys::made(&server, &owner.token, "program").await;
    let api_keys = async || server.send(call("GET", "/me/keys").token(&owner.token)).await.expect(200).json();
    let passkeys = async || server.send(call("GET", "/me/passkeys").token(&owner.token)).await.expect(200).json();
    let made = authenticator().create(&options_to_add(&server, &owner.token).await);
    let devices = async || {
        let list = server.send(call("GET", "/me/sessions").token(&owner.token)).await.expect(200).json();
        list["sessions"].as_array().unwrap().iter().map(|device| text(&device["id"])).collect::<Vec<String>>()
    };
    let thread = async || {
        let path = format!("/chat/sessions/{session}");
        server.send(call("GET", &path).token(&owner.token)).await.expect(200).json()
    };
    let known =
        "insert into user_logins (provider, subject, user_id) values ('https://i.example', $1::uuid::text, $1::uuid)";
    stores::rows(known, &[&owner.id]).await;
    let identities = async || server.send(call("GET", "/me/identities").token(&owner.token)).await.expect(200).json();
    let identity = text(&identities().await["identities"][0]["id"]);
    let (before, as_it_was, kept) =
        (devices().await, thread().await, (passkeys().await, identities().await, api_keys().await));

    let shares = format!("/chat/sessions/{session}/shares");
    let wish = json!({"leaf_id": message});
    let shared = server.send(call("POST", &shares).token(&owner.token).json(&wish)).await.expect(201).json();
    let own_shares = async || server.send(call("GET", "/chat/shares").token(&owner.token)).await.expect(200).json();
    let link = format!("{shares}/{}", text(&shared["id"]));

    let guest = Visitor::of(&server, "guest").await;
    let other = sign_up(&server, None).await;
    let gone = sign_up(&server, None).await;
    let made_by_gone = authenticator().create(&options_to_add(&server, &gone.token).await);
    server.send(call("POST", "/auth/logout").token(&gone.token)).await.expect(200);
    server.send(add(&gone.token, &made_by_gone)).await.problem(401, "unauthenticated");
    let admin = sign_up(&server, None).await;
    let named = passkey_server(&[("ADMIN_EMAILS", &admin.id)]).await;
    let admin = refresh(&named, &admin.cookie).await.expect(200).json();
    assert_eq!(admin["user"]["role"], "admin");
    let admin = text(&admin["token"]);

    let one = format!("/chat/sessions/{session}");
    let answer = format!("{one}/messages/{message}");
    let said = json!({"content": "mine now", "stream": false});
    let missing = (404, "session_not_found");
    let chat = |method: &str, path: &str, body: Option<&Value>| {
        let asked = call(method, path);
        let asked = if let Some(body) = body { asked.json(body) } else { asked };
        Asked { call: asked, of_guest: missing, of_account: missing }
    };
    let key = format!("/me/passkeys/{}", passkey.id());
    let of_an_account = |call: Call| Asked { call, of_guest: (403, "forbidden"), of_account: (404, "not_found") };
    let asked = [
        of_an_account(call("DELETE", &format!("/me/sessions/{}", before[0]))),
        of_an_account(call("PATCH", &key).json(&json!({"name": "mine now"}))),
        of_an_account(call("DELETE", &key)),
        of_an_account(call("DELETE", &format!("/me/identities/{identity}"))),
        of_an_account(call("DELETE", &format!("/me/keys/{}", text(&api_key["id"])))),
        chat("GET", &one, None),
        chat("PATCH", &one, Some(&json!({"title": "mine now"}))),
        chat("DELETE", &one, None),
        chat("POST", &format!("{one}/restore"), None),
        chat("POST", &format!("{one}/messages"), Some(&said)),
        chat("POST", &shares, Some(&wish)),
        Asked {
            of_guest: (404, "not_found"),
            of_account: (404, "not_found"),
            ..chat("PATCH", &link, Some(&json!({"revision": 1, "expires_in": 60})))
        },
        Asked { of_guest: (404, "not_found"), of_account: (404, "not_found"), ..chat("DELETE", &link, None) },
        Asked {
            of_guest: (404, "not_found"),
            of_account: (404, "not_found"),
            ..chat("POST", &format!("{answer}/stop"), None)
        },
        Asked {
            of_guest: (404, "not_found"),
            of_account: (404, "not_found"),
            ..chat("GET", &format!("{answer}/stream"), None)
        },
        chat("POST", &format!("{answer}/regenerate"), Some(&json!({"stream": false}))),
        chat("POST", &format!("{answer}/continue"), Some(&json!({"stream": false}))),
    ];
    for Asked { call, of_guest, of_account } in asked {
        server.send(call.clone()).await.problem(401, "unauthenticated");
        server.send(call.clone().token(&gone.token)).await.problem(401, "unauthenticated");
        server.send(call.clone().token(&claimed.token)).await.problem(401, "token_claimed");
        for (token, (status, code)) in [(&guest.token, of_guest), (&other.token, of_account), (&admin, of_account)] {
            server.send(call.clone().token(token)).await.problem(status, code);
        }
    }

    // What was asked of the owner is answered by nobody else; who they are is not even looked at.
    server.send(call("POST", "/me/passkeys").json(&json!({"credential": made}))).await.problem(401, "unauthenticated");
    for (token, status, code) in [
        (&guest.token, 403, "forbidden"),
        (&claimed.token, 401, "token_claimed"),
        (&gone.token, 400, "invalid_request"),
        (&other.token, 400, "invalid_request"),
        (&admin, 400, "invalid_request"),
    ] {
        server.send(add(token, &made)).await.problem(status, code);
    }
    let new_key = || call("POST", "/me/keys").json(&json!({"name": "mine now"}));
    server.send(new_key()).await.problem(401, "unauthenticated");
    server.send(new_key().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(new_key().token(&claimed.token)).await.problem(401, "token_claimed");
    server.send(new_key().token(&guest.token)).await.problem(403, "forbidden");
    // What speaks of the caller alone says nothing of anybody else, and is closed to who is nobody any more.
    let own_pages =
        ["/me", "/me/export", "/me/sessions", "/me/passkeys", "/me/identities", "/me/keys", "/chat/shares", &shares];
    for path in own_pages {
        server.send(call("GET", path)).await.problem(401, "unauthenticated");
        server.send(call("GET", path).token(&gone.token)).await.problem(401, "unauthenticated");
        server.send(call("GET", path).token(&claimed.token)).await.problem(401, "token_claimed");
        for token in [&other.token, &admin] {
            let told = server.send(call("GET", path).token(token)).await.expect(200).text();
            for secret in [
                &session,
                &owner.id,
                &owner.email,
                &before[0],
                &passkey.id(),
                &identity,
                &text(&api_key["id"]),
                &text(&shared["id"]),
            ] {
                assert!(!told.contains(secret.as_str()), "{path}: {told}");
            }
        }
    }
    let wish = call("POST", "/auth/passkeys/options").json(&json!({"purpose": "add"}));
    server.send(wish.clone()).await.problem(401, "unauthenticated");
    server.send(wish.clone().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(wish.clone().token(&claimed.token)).await.problem(401, "token_claimed");
    server.send(wish.clone().token(&guest.token)).await.problem(403, "forbidden");
    for token in [&other.token, &admin] {
        let told = server.send(wish.clone().token(token)).await;
        assert!(!told.text().contains(&passkey.id()) && !told.text().contains(&owner.email), "{}", told.text());
    }
    // No account is handed over.
    let offer = call("POST", "/auth/handover");
    server.send(offer.clone()).await.problem(401, "unauthenticated");
    server.send(offer.clone().token(&claimed.token)).await.problem(401, "token_claimed");
    for token in [&other.token, &gone.token, &admin] {
        server.send(offer.clone().token(token)).await.problem(403, "forbidden");
    }
    let after = format!("/me/export?after={session}.{}", Uuid::nil());
    let told = server.send(call("GET", &after).token(&other.token)).await.expect(200).text();
    assert!(!told.contains(&session) && !told.contains("hello"), "{told}");
    let farewell = || call("DELETE", "/me").json(&json!({"confirm": "delete"}));
    server.send(farewell()).await.problem(401, "unauthenticated");
    server.send(farewell().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(farewell().token(&claimed.token)).await.problem(401, "token_claimed");
    server.send(farewell().token(&other.token)).await.expect(202);
    // A cookie of somebody else's refreshes them, not the one whose token comes with it.
    let refreshed = call("POST", "/auth/refresh").header("cookie", &owner.cookie).token(&admin);
    let refreshed = server.send(refreshed).await.expect(200);
    assert_eq!((&refreshed.json()["user"]["id"], &refreshed.json()["claimed"]), (&json!(owner.id), &json!(false)));
    assert_ne!(cookie(&refreshed, "__Secure-r"), owner.cookie);

    assert_eq!((devices().await, (passkeys().await, identities().await, api_keys().await)), (before, kept));
    assert_eq!(thread().await, as_it_was);
    assert_eq!(own_shares().await["shares"], json!([shared]));
    claimed.leaves().await;
    guest.leaves().await;
}
