//! Maintenance, as an operator's scheduler asks for it: who may, what goes, what stays, and what becomes of a run that is interrupted.

use serde_json::{Value, json};
use tests::{Answer, Call, Server, Visitor, control, stores};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::accounts::{MAINTENANCE_TOKEN, call, server};

const PATH: &str = "/admin/maintenance";

/// Every statement of a run.
const STATEMENTS: [&str; 8] = [
    "lock_idle_guests",
    "hide_idle_sessions",
    "erase_sessions",
    "erase_users",
    "remove_devices",
    "remove_shares",
    "remove_api_keys",
    "measure_storage",
];

/// Who counts what a run does must be alone with it.
static ALONE: Mutex<()> = Mutex::const_new(());

fn maintain() -> Call {
    call("POST", PATH).token(MAINTENANCE_TOKEN)
}

async fn run(server: &Server) -> Value {
    server.send(maintain()).await.expect(200).json()
}

async fn deleted(visitor: &Visitor, days: u32) -> String {
    let session = visitor.session().await;
    visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    // Its id says when it was made: before that.
    let ago = format!(
        "update chat_sessions set deleted_at = now() - interval '{days} days', id = overlay(id::text placing '01900000-0000' from 1 for 13)::uuid
         where id = $1::uuid returning id"
    );
    stores::rows(&ago, &[&session]).await[0][0].clone().unwrap()
}

async fn restore(visitor: &Visitor, session: &str) -> Answer {
    visitor.call("POST", &format!("/chat/sessions/{session}/restore"), None).await
}

/// Rows of a session and its messages.
async fn rows(session: &str) -> i64 {
    let rows = "select (select count(*) from chat_sessions where id = $1::uuid) + (select count(*) from chat_messages where session_id = $1::uuid)";
    stores::number(rows, &[session]).await
}

#[tokio::test]
async fn only_the_operators_scheduler_may_ask_and_without_a_token_there_is_nothing_to_ask() {
    let server = server().await;
    let visitor = Visitor::of(&server, "admin").await;
    server.send(call("POST", PATH)).await.problem(401, "unauthenticated");
    let almost = &MAINTENANCE_TOKEN[..MAINTENANCE_TOKEN.len() - 1];
    for token in [visitor.token.as_str(), almost, &MAINTENANCE_TOKEN.to_uppercase(), "x"] {
        server.send(call("POST", PATH).token(token)).await.problem(401, "unauthenticated");
    }
    let error = server.send(call("POST", &format!("{PATH}?dry_run=maybe")).token(MAINTENANCE_TOKEN)).await;
    assert_eq!(error.problem(400, "invalid_request")["field"], "dry_run");
    for method in ["POST", "GET"] {
        let nowhere = call(method, PATH).token(MAINTENANCE_TOKEN);
        Server::under_test().send(nowhere).await.problem(404, "not_found");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn what_was_kept_long_enough_goes_and_nothing_else() {
    let _alone = ALONE.lock().await;
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let kept = visitor.send(None, "hello").await.expect(200).json()["session_id"].as_str().unwrap().to_owned();
    let (late, in_time) = (deleted(&visitor, 31).await, deleted(&visitor, 29).await);
    let idle = visitor.session().await;
    let touched = "update chat_sessions set updated_at = now() - interval '366 days' where id = $1::uuid";
    stores::rows(touched, &[&idle]).await;
    // Links and keys that ended, one of each too long ago.
    let ended = "with link as (
            insert into shares (id, token_hash, user_id, session_id, leaf_id, revoked_at)
            select gen_random_uuid(), decode(md5(s.id::text || days), 'hex'), s.user_id, s.id, m.id, now() - make_interval(days => days)
            from chat_sessions s, lateral (select id from chat_messages where session_id = s.id limit 1) m, unnest(array[29, 31]) days
            where s.id = $1::uuid
        )
        insert into api_keys (id, user_id, hash, name, expires_at)
        select gen_random_uuid(), s.user_id, decode(md5(s.id::text || days), 'hex'), 'program', now() - make_interval(days => days)
        from chat_sessions s, unnest(array[29, 31]) days where s.id = $1::uuid";
    stores::rows(ended, &[&kept]).await;
    // Somebody who was here long ago, and somebody who reads only.
    let gone = Visitor::of(&server, "guest").await;
    let left = gone.send(None, "hello").await.expect(200).json()["session_id"].as_str().unwrap().to_owned();
    let touched = "update chat_sessions set updated_at = now() - interval '92 days' where user_id = $1::uuid";
    stores::rows(touched, &[&gone.id.to_string()]).await;
    let away = "update users set active_on = current_date - 92 where id = $1::uuid";
    stores::rows(away, &[&gone.id.to_string()]).await;

    // A deletion stands from its day on, whether or not the rows are gone; so it is with what was never there.
    restore(&visitor, &late).await.problem(410, "gone");
    restore(&visitor, "01900000-0000-7000-8000-000000000001").await.problem(410, "gone");
    restore(&visitor, &left).await.problem(404, "session_not_found");
    let due =
        server.send(call("POST", &format!("{PATH}?dry_run=true")).token(MAINTENANCE_TOKEN)).await.expect(200).json();
    assert_eq!((&due["dry_run"], &due["finished"]), (&json!(true), &json!(false)));
    let counts = ["idle_guests", "idle_sessions", "sessions", "messages", "users", "shares", "api_keys"]
        .map(|name| due[name].as_u64().unwrap());
    assert!(counts.iter().zip([1, 1, 2, 2, 1, 1, 1]).all(|(count, least)| *count >= least), "{due}");
    assert_eq!((rows(&late).await, rows(&left).await), (1, 3));

    let mut done = run(&server).await;
    while done["finished"] != json!(true) {
        done = run(&server).await;
    }
    assert_eq!((rows(&late).await, rows(&left).await, rows(&in_time).await, rows(&kept).await), (0, 0, 1, 3));
    let person = stores::number("select count(*) from users where id = $1::uuid", &[&gone.id.to_string()]).await;
    assert_eq!(person, 0);
    for table in ["shares", "api_keys"] {
        let left = format!("select count(*) from {table} where user_id = $1::uuid");
        assert_eq!(stores::number(&left, &[&visitor.id.to_string()]).await, 1, "{table}");
    }
    restore(&visitor, &in_time).await.expect(200);
    // What was deleted because nobody touched it is touched by who restores it, and stays.
    let listed = || async { visitor.get("/chat/sessions").await.json()["total"].clone() };
    assert_eq!(listed().await, 2);
    restore(&visitor, &idle).await.expect(200);
    run(&server).await;
    assert_eq!(listed().await, 3);
    assert_eq!(visitor.get(&format!("/chat/sessions/{kept}")).await.json()["messages"].as_array().unwrap().len(), 2);
    // Their token is that of a guest who has nothing.
    assert_eq!(gone.get("/chat/sessions").await.json()["total"], 0);
    visitor.leaves().await;
    gone.leaves().await;
}

#[tokio::test]
async fn a_run_that_breaks_off_at_any_statement_is_finished_by_the_next_one() {
    let _alone = ALONE.lock().await;
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let kept = visitor.send(None, "hello").await.expect(200).json()["session_id"].as_str().unwrap().to_owned();
    for name in &STATEMENTS[..7] {
        for fault in [json!({"refuse": true}), json!({"status": 500, "body": "{}"}), json!({"lost_reply": true})] {
            let late = deleted(&visitor, 31).await;
            let idle = Uuid::now_v7().to_string();
            stores::rows("insert into users (id, active_on) values ($1::uuid, current_date - 92)", &[&idle]).await;
            let struck = control::fault("sql", &control::tag(name), fault, Some(1)).await;
            server.send(maintain()).await.problem(503, "storage_unavailable");
            assert_eq!(struck.lift().await, 1, "{name}: sent once");
            let mut done = run(&server).await;
            while done["finished"] != json!(true) {
                done = run(&server).await;
            }
            let left = stores::number("select count(*) from users where id = $1::uuid", &[&idle]).await;
            assert_eq!((rows(&late).await, left, rows(&kept).await), (0, 0, 3), "{name}");
        }
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_run_stays_below_what_a_platform_allows_and_the_next_one_goes_on() {
    let _alone = ALONE.lock().await;
    let server = server().await;
    let since = control::newest().await;
    let user = Uuid::now_v7();
    let fill = "with person as (insert into users (id, deleted_at) values ($1::uuid, now()) returning id),
            session as (insert into chat_sessions (id, user_id) select $1::uuid, id from person returning id)
        insert into chat_messages (id, session_id, role, content, status)
        select (substr($1::uuid::text, 1, 24) || lpad(n::text, 12, '0'))::uuid, session.id, 'user', 'said', 'complete' from session, generate_series(1, 21000) n";
    stores::rows(fill, &[&user.to_string()]).await;
    let first = run(&server).await;
    assert_eq!(first["finished"], json!(false), "{first}");
    let mut calls = 0;
    for name in STATEMENTS {
        calls += control::calls("sql", &control::tag(name), since).await.len();
    }
    assert!(calls <= 40, "{calls} calls");
    let mut done = run(&server).await;
    while done["finished"] != json!(true) {
        done = run(&server).await;
    }
    assert_eq!(stores::number("select count(*) from users where id = $1::uuid", &[&user.to_string()]).await, 0);
}
