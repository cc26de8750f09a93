//! Temporary chats: they stream, are charged and can be read again as others, and the database never hears of them.

use serde_json::{Value, json};
use tests::{Answer, Call, Visitor, control, eventually, stores};

const CHAT: &str = "/chat/temporary";

/// A message, after what was said before it in turn.
fn message(said_before: &[&str], content: &str) -> Value {
    let role = |at: usize| if at.is_multiple_of(2) { "user" } else { "assistant" };
    let said_before = said_before.iter().enumerate().map(|(at, words)| json!({"role": role(at), "content": words}));
    json!({"messages": said_before.collect::<Vec<_>>(), "content": content})
}

fn stream_of(answer: &str) -> String {
    format!("{CHAT}/{answer}/stream")
}

fn paced(chunks: usize) -> Value {
    json!({"chunks": chunks, "chunk_text": "w{i} ", "pace_ms": 40, "usage": true, "finish": "stop", "done": true})
}

/// The bytes of a stream that is read again, without the names of its events.
fn without_ids(body: &[u8]) -> String {
    let text = std::str::from_utf8(body).expect("whole events are UTF-8");
    text.split_inclusive('\n').filter(|line| !line.starts_with("id: ")).collect()
}

#[tokio::test]
async fn a_temporary_chat_streams_is_charged_once_and_leaves_no_row() {
    let visitor = Visitor::new().await;
    let body = message(&["before", "said"], &visitor.text("whisper"));
    let first = visitor.keyed("POST", CHAT, &body, "one").await.expect(200);
    assert_eq!((first.said().as_str(), first.text().ends_with("data: [DONE]\n\n")), ("w0 w1 w2 ", true));
    assert_eq!((first.optional_header("x-session-id"), first.optional_header("x-user-message-id")), (None, None));
    first.check_quota_headers();
    let asked = visitor.model_calls().await[0].request()["messages"].clone();
    let roles: Vec<&str> = asked.as_array().unwrap().iter().rev().map(|line| line["role"].as_str().unwrap()).collect();
    assert_eq!(roles[..3], ["user", "assistant", "user"], "{asked}");

    // It is there once, under its key and under its name, and nobody else's.
    let again = visitor.keyed("POST", CHAT, &body, "one").await.expect(200);
    let answer = first.header("x-message-id");
    assert_eq!((again.header("idempotent-replayed"), again.header("x-message-id")), ("true", answer));
    let replay = visitor.get(&stream_of(answer)).await.expect(200);
    for seen in [&again, &replay] {
        assert_eq!(without_ids(&seen.body), first.text());
    }
    let other = visitor.keyed("POST", CHAT, &message(&[], &visitor.text("whisper")), "one").await;
    other.problem(422, "idempotency_mismatch");
    visitor.post(&format!("{CHAT}/{answer}/stop"), &json!({})).await.expect(204);
    let stranger = Visitor::new().await;
    for id in [answer, &uuid::Uuid::now_v7().to_string(), "x"] {
        stranger.get(&stream_of(id)).await.problem(404, "not_found");
        stranger.post(&format!("{CHAT}/{id}/stop"), &json!({})).await.problem(404, "not_found");
    }

    visitor.settled_in_redis().await;
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    for asker in [&visitor, &stranger] {
        let calls = control::calls("sql", &asker.id.to_string(), asker.since()).await;
        assert!(calls.is_empty(), "Postgres is not asked: {calls:?}");
    }
    let id = visitor.id.to_string();
    assert_eq!(stores::number("select count(*) from users where id = $1::uuid", &[&id]).await, 0);
    assert_eq!(visitor.get("/chat/sessions").await.expect(200).json()["total"], 0);
    visitor.leaves().await;
    stranger.leaves().await;
}

#[tokio::test]
async fn without_the_database_a_temporary_chat_is_answered_followed_and_stopped() {
    let visitor = Visitor::new().await;
    let away = control::fault("sql", &visitor.id.to_string(), json!({"refuse": true}), None).await;
    visitor.send(None, &visitor.text("kept")).await.problem(503, "storage_unavailable");

    // Followed to its end, from before its first append.
    let scene = visitor.scene(paced(60)).await;
    let mut reader = visitor.open("POST", CHAT, Some(&message(&[], &scene.text("follow")))).await;
    assert!(reader.status == 200 && reader.read_chunks(2).await);
    let answer = reader.header("x-message-id").to_owned();
    let mut follower = visitor.open("GET", &stream_of(&answer), None).await;
    assert_eq!(follower.status, 200);
    futures::future::join(reader.read_to_end(), follower.read_to_end()).await;
    assert_eq!(without_ids(&follower.body).as_bytes(), reader.body);
    assert!(follower.said().ends_with("w59 "), "{}", follower.said());

    // Stopped from elsewhere: what has arrived stays.
    let scene = visitor.scene(paced(5_000)).await;
    let mut reader = visitor.open("POST", CHAT, Some(&message(&[], &scene.text("stop")))).await;
    assert!(reader.status == 200 && reader.read_chunks(2).await);
    let answer = reader.header("x-message-id").to_owned();
    visitor.post(&format!("{CHAT}/{answer}/stop"), &json!({})).await.expect(204);
    reader.read_to_end().await;
    let kept = eventually("what has arrived", || ended(&visitor, &answer)).await;
    assert!(!kept.text().contains("[DONE]") && !kept.text().contains("event: error"), "{}", kept.text());
    assert!(kept.said().starts_with("w0 w1 "), "{}", kept.said());

    assert!(away.lift().await > 0, "the database was away");
    visitor.leaves().await;
}

/// The answer read again, once it is not on its way any more.
async fn ended(visitor: &Visitor, answer: &str) -> Result<Answer, String> {
    let held = visitor.leases().await.len();
    if held > 0 {
        Err(format!("{held} leases of {answer}"))
    } else {
        Ok(visitor.get(&stream_of(answer)).await.expect(200))
    }
}

#[tokio::test]
async fn a_reader_who_leaves_finds_what_had_arrived() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(5_000)).await;
    let mut reader = visitor.open("POST", CHAT, Some(&message(&[], &scene.text("leave")))).await;
    assert!(reader.status == 200 && reader.read_chunks(3).await);
    let answer = reader.header("x-message-id").to_owned();
    reader.reset();
    let kept = eventually("what had arrived", || ended(&visitor, &answer)).await;
    assert!(kept.said().starts_with("w0 w1 w2 ") && !kept.text().contains("[DONE]"), "{}", kept.text());
    assert_eq!(visitor.used_today().await, 1);
    visitor.leaves().await;
}

#[tokio::test]
async fn what_cannot_be_a_temporary_chat_is_refused_by_name_and_free() {
    let visitor = Visitor::new().await;
    let nobody = Call::new("POST", format!("/api/v1{CHAT}")).json(&message(&[], "x"));
    visitor.server().send(nobody).await.problem(401, "unauthenticated");
    let long = "w".repeat(40_000);
    visitor.post(CHAT, &message(&[&long, &long], "x")).await.problem(413, "body_too_large");
    visitor.post(CHAT, &message(&[], &long)).await.problem(413, "message_too_long");
    for (body, field) in [
        (message(&["alone"], "x"), "messages"),
        (message(&["x"; 202], "x"), "messages"),
        (
            json!({"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}], "content": "x"}),
            "messages[0].role",
        ),
        (json!({"messages": [{"role": "system", "content": "a"}], "content": "x"}), "messages[0].role"),
        (json!({"messages": [], "content": "x", "stream": false}), "stream"),
        (json!({"content": "x"}), "messages"),
        (message(&[], " "), "content"),
    ] {
        assert_eq!(visitor.post(CHAT, &body).await.problem(400, "invalid_request")["field"], field, "{body}");
    }
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (0, 0));
    visitor.leaves().await;
}
