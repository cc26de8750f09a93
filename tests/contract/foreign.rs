//! Who asks for what is another account's: nobody, a guest, another account, a device that has ended, a guest who was claimed, an admin.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Call, Contract, Server, Visitor, stores};
use uuid::Uuid;

use crate::accounts::{call, cookie, password, refresh, sign_up, text};
use crate::identities::PAGE_KEY;
use crate::passkeys::{add, authenticator, options_to_add, passkey_server};

/// A route, what is sent, and what a guest and an account are told.
struct Asked {
    call: Call,
    of_guest: (u16, &'static str),
    of_account: (u16, &'static str),
}

/// The operations that were asked for another's things.
#[derive(Default)]
struct Matrix(RefCell<BTreeSet<String>>);

impl Matrix {
    fn with(&self, call: Call) -> Call {
        let operation = Contract::the().operation(&call).unwrap_or_else(|| panic!("{call:?} is no operation"));
        self.0.borrow_mut().insert(operation);
        call
    }
}

/// What a claimed guest is told by an operation that stands for itself.
enum Told {
    /// 401 `token_claimed`, to this body.
    Claimed(Value),
    /// Another status and code: OpenAI's word for the same, or of what is looked at before any store is asked.
    Other(Option<Value>, u16, &'static str),
    /// What everybody is told.
    Same,
}

/// Operations that are asked for nothing of another's in the matrix, and why.
fn apart() -> Vec<(&'static str, &'static str, Told)> {
    use Told::{Claimed, Other, Same};
    const NAMES_NOTHING: &str = "it names nothing that could be another's";
    const SAME_FOR_ALL: &str = "the operator's models, the same for all";
    const FOR_ADMINS: &str = "an admin's, of everybody (`blocks.rs`, `figures.rs`)";
    const BY_ANOTHER_TOKEN: &str = "the operator's programs have a token of their own (`maintenance.rs`, `figures.rs`)";
    let chat = json!({"model": "gpt-oss-120b", "messages": [{"role": "user", "content": "hello"}]});
    let response = json!({"model": "gpt-oss-120b", "input": "hello"});
    let said = json!({"content": "hello", "stream": false});
    let part = json!({
        "import_id": Uuid::now_v7(), "title": "t", "first": 0,
        "messages": [{"role": "user", "content": "hello", "parent": null}],
    });
    let until = json!({"until": (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string()});
    let address = json!({"address": "192.0.2.1"});
    let by_openai = |body: Value| Other(Some(body), 401, "invalid_api_key");
    let forbidden = |body: Option<Value>| Other(body, 403, "forbidden");
    vec![
        ("send_in_new_session", NAMES_NOTHING, Claimed(said)),
        ("create_session", NAMES_NOTHING, Claimed(json!({}))),
        ("send_temporary", NAMES_NOTHING, Claimed(json!({"messages": [], "content": "hello"}))),
        ("create_chat_completion", NAMES_NOTHING, by_openai(chat.clone())),
        ("create_chat_completion_below_api", NAMES_NOTHING, by_openai(chat)),
        ("create_response", NAMES_NOTHING, by_openai(response.clone())),
        ("create_response_below_api", NAMES_NOTHING, by_openai(response)),
        ("import_chat", "an import of another's is none (`imports.rs`)", Claimed(part)),
        ("continue_share", "whoever has the link may (`shares.rs`)", Claimed(json!({}))),
        (
            "set_password",
            "of the caller, whatever name comes with it (`own_password.rs`)",
            Claimed(json!({"email": "somebody@example.org", "password_key": password(1)})),
        ),
        ("add_identity", "of the caller's own browser (`own_identities.rs`)", Claimed(json!({"page_key": PAGE_KEY}))),
        ("list_models", SAME_FOR_ALL, Same),
        ("list_models_below_api", SAME_FOR_ALL, Same),
        ("read_model", SAME_FOR_ALL, Same),
        ("read_model_below_api", SAME_FOR_ALL, Same),
        ("read_overview", FOR_ADMINS, forbidden(None)),
        ("read_user", FOR_ADMINS, forbidden(None)),
        ("block_user", FOR_ADMINS, forbidden(Some(until))),
        ("unblock_user", FOR_ADMINS, forbidden(None)),
        ("block_address", FOR_ADMINS, forbidden(Some(address.clone()))),
        ("unblock_address", FOR_ADMINS, forbidden(Some(address))),
        ("run_maintenance", BY_ANOTHER_TOKEN, Other(None, 401, "unauthenticated")),
        ("read_metrics", BY_ANOTHER_TOKEN, Other(None, 401, "unauthenticated")),
    ]
}

/// Each operation that wants a token was in the matrix, or stands for itself: then, too, a claimed guest is told what became of them.
async fn check_all_are_met(server: &Server, matrix: &Matrix, claimed: &str, link: &str) {
    let mut apart = apart();
    for (operation, method, path) in Contract::the().secured() {
        let stands_apart = apart.iter().position(|(name, ..)| *name == operation).map(|at| apart.swap_remove(at));
        let Some((_, why, told)) = stands_apart else {
            assert!(matrix.0.borrow().contains(&operation), "{operation}: who tries it on another's things?");
            continue;
        };
        assert!(!matrix.0.borrow().contains(&operation), "{operation} is in the matrix, and no exception: {why}");
        let id = if path.contains("/models/") { "gpt-oss-120b".to_owned() } else { Uuid::now_v7().to_string() };
        let asked = Call::new(&method, path.replace("{id}", &id).replace("{token}", link)).token(claimed);
        let with = |body: Option<Value>| body.map_or_else(|| asked.clone(), |body| asked.clone().json(&body));
        let (call, expected) = match told {
            Told::Claimed(body) => (with(Some(body)), (401, Some("token_claimed"))),
            Told::Other(body, status, code) => (with(body), (status, Some(code))),
            Told::Same => (with(None), (200, None)),
        };
        let answer = server.send(call).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        assert_eq!((answer.status, body["error"]["code"].as_str()), expected, "{operation}: {}", answer.shown());
    }
    assert!(apart.is_empty(), "no operations: {:?}", apart.iter().map(|(name, ..)| name).collect::<Vec<_>>());
}

#[tokio::test]
async fn nobody_reaches_what_is_another_accounts() {
    let server = passkey_server(&[]).await;
    let claimed = Visitor::of(&server, "guest").await;
    let sent = claimed.send(None, &claimed.text("hello")).await.expect(200).json();
    let (session, message) = (text(&sent["session_id"]), text(&sent["message"]["id"]));
    let question = text(&sent["message"]["parent_id"]);
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

    let secret_name = format!("Name {}", Uuid::now_v7());
    let about = json!({"preferences": {"name": secret_name}});
    server.send(call("PUT", "/chat/context").token(&owner.token).json(&about)).await.expect(200);
    let own_context = async || server.send(call("GET", "/chat/context").token(&owner.token)).await.expect(200).json();
    let as_said = own_context().await;

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

    let whispered = json!({"messages": [], "content": claimed.text("whispered")});
    let whispered = server.send(call("POST", "/chat/temporary").token(&owner.token).json(&whispered)).await.expect(200);
    let temporary = format!("/chat/temporary/{}", whispered.header("x-message-id"));
    server.send(call("GET", &format!("{temporary}/stream")).token(&owner.token)).await.expect(200);

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
        chat("PATCH", &one, Some(&json!({"pinned": true}))),
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
        Asked {
            of_guest: (404, "not_found"),
            of_account: (404, "not_found"),
            ..chat("GET", &format!("{temporary}/stream"), None)
        },
        Asked {
            of_guest: (404, "not_found"),
            of_account: (404, "not_found"),
            ..chat("POST", &format!("{temporary}/stop"), None)
        },
        chat("PUT", &format!("{one}/messages/{question}"), Some(&said)),
        chat("POST", &format!("{answer}/regenerate"), Some(&json!({"stream": false}))),
        chat("POST", &format!("{answer}/continue"), Some(&json!({"stream": false}))),
        chat("PUT", &format!("{answer}/feedback"), Some(&json!({"vote": "down", "reason": "mine now"}))),
    ];
    let matrix = Matrix::default();
    for Asked { call, of_guest, of_account } in asked {
        matrix.with(call.clone());
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
        server.send(matrix.with(add(token, &made))).await.problem(status, code);
    }
    let new_key = || matrix.with(call("POST", "/me/keys").json(&json!({"name": "mine now"})));
    server.send(new_key()).await.problem(401, "unauthenticated");
    server.send(new_key().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(new_key().token(&claimed.token)).await.problem(401, "token_claimed");
    server.send(new_key().token(&guest.token)).await.problem(403, "forbidden");
    // What speaks of the caller alone says nothing of anybody else, and is closed to who is nobody any more.
    let own_pages = [
        "/chat/sessions",
        "/chat/quota",
        "/me",
        "/me/export",
        "/me/sessions",
        "/me/passkeys",
        "/me/identities",
        "/me/keys",
        "/chat/shares",
        "/chat/context",
        &shares,
    ];
    for path in own_pages {
        server.send(matrix.with(call("GET", path))).await.problem(401, "unauthenticated");
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
                &secret_name,
            ] {
                assert!(!told.contains(secret.as_str()), "{path}: {told}");
            }
        }
    }
    let search = matrix.with(call("POST", "/chat/search").json(&json!({"q": "hello"})));
    server.send(search.clone()).await.problem(401, "unauthenticated");
    server.send(search.clone().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(search.clone().token(&claimed.token)).await.problem(401, "token_claimed");
    for token in [&guest.token, &other.token, &admin] {
        let found = server.send(search.clone().token(token)).await.expect(200).json();
        assert_eq!(found["sessions"], json!([]));
    }
    // What one says of oneself takes nobody else's place.
    let mine_now = matrix.with(call("PUT", "/chat/context").json(&json!({"preferences": {"name": "mine now"}})));
    server.send(mine_now.clone()).await.problem(401, "unauthenticated");
    server.send(mine_now.clone().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(mine_now.clone().token(&claimed.token)).await.problem(401, "token_claimed");
    server.send(mine_now.token(&other.token)).await.expect(200);
    assert_eq!(own_context().await, as_said);
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
    let offer = matrix.with(call("POST", "/auth/handover"));
    server.send(offer.clone()).await.problem(401, "unauthenticated");
    server.send(offer.clone().token(&claimed.token)).await.problem(401, "token_claimed");
    for token in [&other.token, &gone.token, &admin] {
        server.send(offer.clone().token(token)).await.problem(403, "forbidden");
    }
    let after = format!("/me/export?after={session}.{}", Uuid::nil());
    let told = server.send(call("GET", &after).token(&other.token)).await.expect(200).text();
    assert!(!told.contains(&session) && !told.contains("hello"), "{told}");
    let farewell = || matrix.with(call("DELETE", "/me").json(&json!({"confirm": "delete"})));
    server.send(farewell()).await.problem(401, "unauthenticated");
    server.send(farewell().token(&gone.token)).await.problem(401, "unauthenticated");
    server.send(farewell().token(&claimed.token)).await.problem(401, "token_claimed");
    server.send(farewell().token(&other.token)).await.expect(202);
    // A cookie of somebody else's refreshes them, not the one whose token comes with it.
    let refreshed = call("POST", "/auth/refresh").header("cookie", &owner.cookie).token(&admin);
    let refreshed = server.send(refreshed).await.expect(200);
    assert_eq!((&refreshed.json()["user"]["id"], &refreshed.json()["claimed"]), (&json!(owner.id), &json!(false)));
    assert_ne!(cookie(&refreshed, "__Secure-r"), owner.cookie);
    let link = text(&shared["url"]).rsplit('/').next().unwrap().to_owned();
    check_all_are_met(&server, &matrix, &claimed.token, &link).await;

    assert_eq!((devices().await, (passkeys().await, identities().await, api_keys().await)), (before, kept));
    assert_eq!(thread().await, as_it_was);
    assert_eq!(own_shares().await["shares"], json!([shared]));
    claimed.leaves().await;
    guest.leaves().await;
}
