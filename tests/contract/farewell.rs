//! The way out: what somebody has is handed out, and removed.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Server, eventually, stores, tokens};
use uuid::Uuid;

use crate::accounts::{call, refresh, server, sign_up};

/// The lines of an export; the last one apart.
async fn export(server: &Server, token: &str) -> (Vec<Value>, Value) {
    export_from(server, token, "/me/export").await
}

async fn export_from(server: &Server, token: &str, path: &str) -> (Vec<Value>, Value) {
    let answer = server.send(call("GET", path).token(token)).await.expect(200);
    let lines = answer.text().lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let mut lines: Vec<Value> = lines;
    let last = lines.pop().expect("a last line");
    (lines, last)
}

#[tokio::test]
async fn who_goes_takes_everything_along_and_leaves_nothing() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let guest = tokens::valid(Uuid::now_v7(), "guest");
    for (token, id) in [(&member.token, Some(member.id.clone())), (&guest, None)] {
        assert_eq!(export(&server, token).await, (Vec::new(), json!({"type": "end"})));
        let ask = json!({"content": "hello", "stream": false});
        let sent = server.send(call("POST", "/chat/messages").token(token).json(&ask)).await.expect(200).json();
        let empty = server.send(call("POST", "/chat/sessions").token(token).json(&json!({}))).await.expect(201).json();
        let hidden = format!("/chat/sessions/{}", empty["id"].as_str().unwrap());
        server.send(call("DELETE", &hidden).token(token)).await.expect(200);
        let (lines, last) = export(&server, token).await;
        let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        assert_eq!((kinds, last), (vec!["session", "message", "message", "session"], json!({"type": "end"})));
        assert_eq!(lines[2]["message"], sent["message"]);
        assert_eq!((&lines[0]["deleted_at"], lines[3]["deleted_at"].is_string()), (&Value::Null, true));
        let place = format!(
            "/me/export?after={}.{}",
            sent["session_id"].as_str().unwrap(),
            lines[1]["message"]["id"].as_str().unwrap()
        );
        let rest = server.send(call("GET", &place).token(token)).await.expect(200).text();
        assert_eq!(rest.lines().count(), 3, "{rest}");

        let farewell = |body: Value| call("DELETE", "/me").token(token).json(&body);
        if id.is_none() {
            let error = server.send(farewell(json!({}))).await.problem(400, "invalid_request");
            assert_eq!(error["field"], "confirm");
        }
        server.send(farewell(json!({"confirm": "delete"}))).await.expect(202);
        for path in ["/me", "/chat/quota"] {
            let answer = server.send(call("GET", path).token(token)).await;
            // Of a guest Postgres knows nothing any more, once all is removed.
            assert!(answer.status == 401 || (id.is_none() && path == "/me"), "{path}: {}", answer.text());
        }
        let session = sent["session_id"].as_str().unwrap();
        eventually("everything is removed", || async {
            let left = "select (select count(*) from chat_messages where session_id = $1::uuid) + (select count(*) from chat_sessions where id = $1::uuid)";
            let left = stores::number(left, &[session]).await;
            if left == 0 { Ok(()) } else { Err(left.to_string()) }
        })
        .await;
        if let Some(id) = id {
            let person = "select (select count(*) from users where id = $1::uuid) + (select count(*) from user_passwords where user_id = $1::uuid)";
            eventually("the account is removed", || async {
                let left = stores::number(person, &[&id]).await;
                if left == 0 { Ok(()) } else { Err(left.to_string()) }
            })
            .await;
        }
    }
    server.send(member.login()).await.problem(401, "wrong_credentials");
    refresh(&server, &member.cookie).await.problem(401, "unauthenticated");

    // A browser that was left open is not enough.
    let other = sign_up(&server, None).await;
    stores::rows(
        "update auth_sessions set created_at = now() - interval '6 minutes' where user_id = $1::uuid",
        &[&other.id],
    )
    .await;
    let farewell = call("DELETE", "/me").token(&other.token);
    server.send(farewell).await.problem(403, "reauthentication_required");
    server.send(call("GET", "/me").token(&other.token)).await.expect(200);
    let invalid = server.send(call("GET", "/me/export?after=x").token(&other.token)).await;
    invalid.problem(400, "invalid_request");
}

#[tokio::test]
async fn thousands_of_messages_take_two_requests_to_take_away_and_one_to_remove() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let session = server.send(call("POST", "/chat/sessions").token(&member.token).json(&json!({}))).await;
    let session = session.expect(201).json()["id"].as_str().unwrap().to_owned();
    let fill = "insert into chat_messages (id, session_id, role, content, status)
        select (substr($1, 1, 24) || lpad(n::text, 12, '0'))::uuid, $1::uuid, 'user', 'said', 'complete' from generate_series(1, 8100) n";
    stores::rows(fill, &[&session]).await;

    let (lines, last) = export(&server, &member.token).await;
    assert_eq!((lines.len(), &last["type"]), (1 + 8000, &json!("next")));
    let path = format!("/me/export?after={}", last["after"].as_str().unwrap());
    let (rest, last) = export_from(&server, &member.token, &path).await;
    assert_eq!((rest.len(), last), (100, json!({"type": "end"})));
    let ids: BTreeSet<&str> = lines.iter().chain(&rest).filter_map(|line| line["message"]["id"].as_str()).collect();
    assert_eq!(ids.len(), 8100);

    server.send(call("DELETE", "/me").token(&member.token)).await.expect(202);
    eventually("all is removed", || async {
        let left = "select (select count(*) from chat_messages where session_id = $1::uuid) + (select count(*) from users where id = $2::uuid)";
        let left = stores::number(left, &[&session, &member.id]).await;
        if left == 0 { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
}
