//! The way out: what somebody has is handed out, and removed.

use serde_json::{Value, json};
use tests::control::{fault_at, tag};
use tests::{Reader, Server, eventually, stores, tokens};
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
        let about = json!({"instructions": "Be brief."});
        server.send(call("PUT", "/chat/context").token(token).json(&about)).await.expect(200);
        let vote = format!(
            "/chat/sessions/{}/messages/{}/feedback",
            sent["session_id"].as_str().unwrap(),
            sent["message"]["id"].as_str().unwrap()
        );
        server.send(call("PUT", &vote).token(token).json(&json!({"vote": "up"}))).await.expect(200);
        let (mut lines, last) = export(&server, token).await;
        let told = lines.remove(0);
        assert_eq!((&told["type"], &told["context"]["instructions"]), (&json!("context"), &json!("Be brief.")));
        let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        assert_eq!((kinds, last), (vec!["session", "message", "message", "session"], json!({"type": "end"})));
        let mut answered = sent["message"].clone();
        answered["vote"] = json!("up");
        assert_eq!(lines[2]["message"], answered);
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
            let left = "select (select count(*) from chat_messages where session_id = $1::uuid) + (select count(*) from chat_sessions where id = $1::uuid) + (select count(*) from chat_feedback f join chat_messages m on m.id = f.message_id where m.session_id = $1::uuid)";
            let left = stores::number(left, &[session]).await;
            if left == 0 { Ok(()) } else { Err(left.to_string()) }
        })
        .await;
        if let Some(id) = id {
            let person = "select (select count(*) from users where id = $1::uuid) + (select count(*) from user_passwords where user_id = $1::uuid) + (select count(*) from user_context where user_id = $1::uuid)";
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

/// As a page is deployed at first: there are no accounts, and a guest has the way out all the same.
#[tokio::test]
async fn a_guest_takes_all_along_and_is_gone_where_there_are_no_accounts() {
    let server = Server::under_test();
    let id = Uuid::now_v7();
    let guest = tokens::valid(id, "guest");
    let ask = json!({"content": "hello", "stream": false});
    let sent = server.send(call("POST", "/chat/messages").token(&guest).json(&ask)).await.expect(200).json();
    let session = sent["session_id"].as_str().unwrap();
    let me = server.send(call("GET", "/me").token(&guest)).await.expect(200).json();
    assert_eq!((&me["user"]["role"], &me["login"]), (&json!("guest"), &Value::Null));
    let (lines, last) = export(&server, &guest).await;
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!((kinds, last), (vec!["session", "message", "message"], json!({"type": "end"})));
    assert_eq!((&lines[0]["session"]["id"], &lines[2]["message"]), (&sent["session_id"], &sent["message"]));

    let farewell = |body: Value| call("DELETE", "/me").token(&guest).json(&body);
    let error = server.send(farewell(json!({}))).await.problem(400, "invalid_request");
    assert_eq!(error["field"], "confirm");
    server.send(farewell(json!({"confirm": "delete"}))).await.expect(202);
    server.send(call("GET", "/chat/quota").token(&guest)).await.problem(401, "unauthenticated");
    let id = id.to_string();
    let person = "select count(*) from users where id = $1::uuid";
    eventually("everything is removed", || async {
        let left = "select (select count(*) from chat_messages where session_id = $1::uuid) + (select count(*) from chat_sessions where id = $1::uuid)";
        let left = stores::number(left, &[session]).await + stores::number(person, &[&id]).await;
        if left == 0 { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
    // A tab that was left open makes nobody anew, and is told that it is over.
    let said = json!({"import_id": Uuid::now_v7(), "messages": [{"role": "user", "content": "late"}]});
    for (method, path, body) in [
        ("POST", "/chat/sessions", json!({})),
        ("POST", "/chat/messages", json!({"content": "late", "stream": false})),
        ("POST", "/chat/import", said),
        ("PUT", "/chat/context", json!({"instructions": "Late."})),
        ("POST", "/auth/guest", json!({})),
    ] {
        server.send(call(method, path).token(&guest).json(&body)).await.problem(401, "unauthenticated");
    }
    assert_eq!(stores::number(person, &[&id]).await, 0);
}

/// All parts of an export: how many messages each has, and the ids of all.
async fn export_all(server: &Server, token: &str) -> (Vec<usize>, Vec<String>) {
    let (mut parts, mut ids, mut path) = (Vec::new(), Vec::new(), "/me/export".to_owned());
    loop {
        let (lines, last) = export_from(server, token, &path).await;
        let sessions = lines.iter().filter(|line| line["type"] == "session").count();
        assert_eq!(sessions, usize::from(parts.is_empty()), "a session is told once");
        let found = lines.iter().filter_map(|line| line["message"]["id"].as_str()).map(str::to_owned);
        let before = ids.len();
        ids.extend(found);
        parts.push(ids.len() - before);
        if last == json!({"type": "end"}) {
            return (parts, ids);
        }
        path = format!("/me/export?after={}", last["after"].as_str().expect("a place to go on"));
    }
}

#[tokio::test]
async fn thousands_of_messages_are_taken_away_in_small_parts_and_removed_by_one_request() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let session = server.send(call("POST", "/chat/sessions").token(&member.token).json(&json!({}))).await;
    let session = session.expect(201).json()["id"].as_str().unwrap().to_owned();
    let fill = "insert into chat_messages (id, session_id, role, content, status)
        select (substr($1, 1, 24) || lpad(n::text, 12, '0'))::uuid, $1::uuid, 'user', repeat('x', $4::int), 'complete'
        from generate_series($2::int, $3::int) n";
    stores::rows(fill, &[&session, "1", "2800", "10"]).await;
    // Some as long as an answer gets, so that the processor's time, and not the number of rows, is what a part is cut by.
    stores::rows(fill, &[&session, "2801", "2900", "30000"]).await;

    let (parts, ids) = export_all(&server, &member.token).await;
    assert_eq!(ids.len(), 2900);
    assert!(ids.is_sorted_by(|one, other| one < other), "each once, in order");
    let (short, long) = parts.split_at(7);
    assert_eq!(short, [400; 7]);
    assert!(long.iter().all(|messages| (1..=15).contains(messages)), "{long:?}");

    stores::rows(fill, &[&session, "2901", "9000", "10"]).await;
    server.send(call("DELETE", "/me").token(&member.token)).await.expect(202);
    eventually("all is removed", || async {
        let left = "select (select count(*) from chat_messages where session_id = $1::uuid) + (select count(*) from users where id = $2::uuid)";
        let left = stores::number(left, &[&session, &member.id]).await;
        if left == 0 { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
}

/// Where a page begins after the last message of a session, that one has nothing left, and all others have a row each.
#[tokio::test]
async fn chats_of_one_message_are_all_taken_away() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let fill = "with made as (
            insert into chat_sessions (id, user_id) select gen_random_uuid(), $1::uuid from generate_series(1, 450) returning id
        ) insert into chat_messages (id, session_id, role, content, status) select id, id, 'user', 'said', 'failed' from made";
    stores::rows(fill, &[&member.id]).await;
    let (mut path, mut sessions, mut messages) = ("/me/export".to_owned(), 0, 0);
    loop {
        let (lines, last) = export_from(&server, &member.token, &path).await;
        sessions += lines.iter().filter(|line| line["type"] == "session").count();
        messages += lines.iter().filter(|line| line["type"] == "message").count();
        let Some(after) = last["after"].as_str() else { break };
        path = format!("/me/export?after={after}");
    }
    assert_eq!((sessions, messages), (450, 450));
}

/// A part that breaks off has no last line, and what has come of it is enough to go on after.
#[tokio::test]
async fn an_export_that_breaks_off_is_taken_up_after_the_last_line_that_has_come() {
    let server = server().await;
    let member = sign_up(&server, None).await;
    let session = server.send(call("POST", "/chat/sessions").token(&member.token).json(&json!({}))).await;
    let session = session.expect(201).json()["id"].as_str().unwrap().to_owned();
    let fill = "insert into chat_messages (id, session_id, role, content, status)
        select (substr($1, 1, 24) || lpad(n::text, 12, '0'))::uuid, $1::uuid, 'user', 'said', 'complete' from generate_series(1, 950) n";
    stores::rows(fill, &[&session]).await;
    let id = |number: u32| format!("{}{number:012}", &session[..24]);
    let (mut path, mut found) = ("/me/export".to_owned(), Vec::new());
    // Before the first page of all; then before the second one of each part.
    for after in [None, Some(200), Some(400), Some(600)] {
        let place = after.map_or_else(|| member.id.clone(), id);
        // Not before what has come is on its way: a host may throw away what it has not sent yet.
        let refused = json!({"latency_ms": 500, "refuse": true});
        let broken = fault_at("sql", &[&place, &tag("export_page")], refused, None).await;
        let mut answer = Reader::of(server.base(), &call("GET", &path).token(&member.token)).await;
        answer.read_to_end().await;
        assert!(broken.lift().await > 0, "{after:?}");
        let Some(after) = after else {
            assert_eq!(answer.status, 503);
            continue;
        };
        assert_eq!((answer.status, answer.ended()), (200, false), "{after}");
        let text = String::from_utf8_lossy(&answer.body);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
        assert!(lines.iter().all(|line| ["session", "message"].contains(&line["type"].as_str().unwrap())), "{after}");
        found.extend(lines.iter().filter_map(|line| line["message"]["id"].as_str()).map(str::to_owned));
        assert_eq!(found.last(), Some(&id(after)));
        path = format!("/me/export?after={session}.{}", id(after));
    }
    let (lines, last) = export_from(&server, &member.token, &path).await;
    found.extend(lines.iter().filter_map(|line| line["message"]["id"].as_str()).map(str::to_owned));
    assert_eq!((found, last), ((1..=950).map(id).collect(), json!({"type": "end"})));
}

/// Each call of a deletion is turned away, or done without its caller ever hearing of it; asked again, all of it goes.
#[tokio::test]
async fn a_deletion_that_breaks_off_before_its_answer_is_done_when_it_is_asked_again() {
    let server = server().await;
    for (face, name) in [("sql", "read_account"), ("sql", "delete_user")] {
        for kind in [json!({"refuse": true}), json!({"cut_after_bytes": 5}), json!({"lost_reply": true})] {
            let member = sign_up(&server, None).await;
            let farewell = || call("DELETE", "/me").token(&member.token);
            let broken = fault_at(face, &[&member.id, &tag(name)], kind.clone(), None).await;
            let answer = server.send(farewell()).await;
            assert_eq!(answer.any_problem()["code"], "storage_unavailable", "{name} {kind}");
            assert!(broken.lift().await > 0, "{name} was struck");
            // A lock whose answer was lost stands: the token has ended with it, and nobody comes in any more.
            let again = server.send(farewell()).await;
            assert!([202, 401].contains(&again.status), "{name} {kind}: {}", again.text());
            server.send(member.login()).await.problem(401, "wrong_credentials");
        }
    }
}

/// Once a guest is removed Postgres knows nothing of them: only Redis keeps a tab that was left open from making them anew.
#[tokio::test]
async fn a_guest_who_is_gone_stays_gone_though_redis_hears_of_it_at_the_third_try() {
    let server = Server::under_test();
    let id = Uuid::now_v7();
    let guest = tokens::valid(id, "guest");
    let begin = || call("POST", "/chat/sessions").token(&guest).json(&json!({}));
    server.send(begin()).await.expect(201);
    let ends = format!(r#""SET","chat:ended:{id}""#);
    let failing = fault_at("redis", &[&ends], json!({"status": 500}), Some(2)).await;
    let farewell = call("DELETE", "/me").token(&guest).json(&json!({"confirm": "delete"}));
    server.send(farewell).await.expect(202);
    assert_eq!(failing.lift().await, 2);
    let (person, id) = ("select count(*) from users where id = $1::uuid", id.to_string());
    eventually("the guest is removed", || async {
        let left = stores::number(person, &[&id]).await;
        if left == 0 { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
    server.send(begin()).await.problem(401, "unauthenticated");
    assert_eq!(stores::number(person, &[&id]).await, 0);
}
