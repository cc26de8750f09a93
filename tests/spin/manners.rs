//! What Spin does that a kinder host would not, and what of it a client or an operator can see.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::control::{self, LoggedCall};
use tests::{Call, Reader, Server, Visitor, eventually, stores};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A chunk every 100 ms for a minute.
fn slow() -> serde_json::Value {
    json!({"chunks": 600, "chunk_text": "w{i} ", "pace_ms": 100, "usage": true, "finish": "stop", "done": true})
}

#[tokio::test]
async fn spin_answers_some_paths_itself() {
    let _beside = crate::ALONE.read().await;
    let server = Server::under_test();
    let health = server.send_outside_the_contract(Call::new("GET", "/.well-known/spin/health")).await;
    assert_eq!((health.status, health.text().as_str()), (200, "OK"));
    let info = server.send_outside_the_contract(Call::new("GET", "/.well-known/spin/info")).await;
    assert_eq!((info.status, info.json()["name"].as_str()), (200, Some("edgewise")));
    assert_eq!(server.send_outside_the_contract(Call::new("GET", "/.well-known/spin/other")).await.status, 404);
}

#[tokio::test]
async fn spin_refuses_a_header_outside_utf_8() {
    let _beside = crate::ALONE.read().await;
    let host = Server::under_test().base().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let mut request =
        format!("GET /api/v1/health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: name=caf").into_bytes();
    request.extend_from_slice(b"\xe9\r\n\r\n");
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 500 ") && answer.ends_with("\r\n\r\n"), "{answer}");
}

/// Puts away what a server that is gone has left of a visitor's answer.
async fn clear_up(visitor: Visitor) {
    let rows = "delete from chat_messages where status = 'streaming' and session_id in \
                (select id from chat_sessions where user_id = $1::uuid) returning id";
    stores::rows(rows, &[&visitor.id.to_string()]).await;
    visitor.expire_leases().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn an_instance_that_is_cut_off_ends_its_answers_as_if_they_were_whole() {
    let _beside = crate::ALONE.read().await;
    let server = Server::started_on_spin_with(&[], "--request-timeout 8s").await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(slow()).await;
    let mut reader = visitor.open_stream(None, &scene.text("hello")).await;
    assert_eq!(reader.status, 200);
    reader.read_to_end().await;
    let body = String::from_utf8_lossy(&reader.body).into_owned();
    // The framing says "whole"; that `[DONE]` is missing is all that tells.
    assert!(reader.ended(), "{body}");
    assert!(body.contains("w1 ") && !body.contains("[DONE]") && !body.contains("event: error"), "{body}");
    clear_up(visitor).await;
}

/// Of two answers in one instance, the second is cut off with the first, though its own time is not over: what ends an instance (a trap does
/// the same) ends all that it holds. That one may run at once says only how many may wait for their heads.
#[tokio::test]
async fn an_instance_takes_its_other_answers_along_whatever_may_run_at_once() {
    let _beside = crate::ALONE.read().await;
    let options = "--request-timeout 12s --max-instance-concurrent-reuse-count 1";
    let server = Server::started_on_spin_with(&[], options).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(slow()).await;
    let mut first = visitor.open_stream(None, &scene.text("first")).await;
    assert!(first.read_chunks(40).await, "{}", first.said());
    let mut second = visitor.open_stream(None, &scene.text("second")).await;
    let begun = Instant::now();
    assert_eq!(second.status, 200);
    let timed = async |reader: &mut Reader| {
        reader.read_to_end().await;
        begun.elapsed()
    };
    let (one, other) = tokio::join!(timed(&mut first), timed(&mut second));
    // By its own time the second would have four seconds more.
    assert!(one.abs_diff(other) < Duration::from_secs(2), "cut off after {one:?} and {other:?}");
    assert!(!second.said().contains("[DONE]"), "{}", second.said());
    clear_up(visitor).await;
}

#[tokio::test]
async fn a_server_that_cannot_accept_ends() {
    let _beside = crate::ALONE.read().await;
    let server = Server::started_with(&[]).await;
    server.limit_descriptors(3);
    eventually("the server is gone", || async {
        let asked = server.try_send(Call::new("GET", "/api/v1/health")).await;
        asked.map_or(Ok(()), |answer| Err(answer.status.to_string()))
    })
    .await;
    let connected = TcpStream::connect(server.base().strip_prefix("http://").unwrap()).await;
    assert!(connected.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_server_that_is_told_to_end_drains_nothing() {
    let _beside = crate::ALONE.read().await;
    let server = Server::started_with(&[]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(slow()).await;
    let mut reader = visitor.open_stream(None, &scene.text("hello")).await;
    assert!(reader.read_chunks(2).await);
    server.terminate();
    let told = Instant::now();
    reader.read_to_end().await;
    assert!(!reader.ended() && told.elapsed() < Duration::from_secs(10), "after {:?}", told.elapsed());
    eventually("the server is gone", || async {
        let asked = server.try_send(Call::new("GET", "/api/v1/health")).await;
        asked.map_or(Ok(()), |answer| Err(answer.status.to_string()))
    })
    .await;
    // Nothing of ours ran any more: the row is as the turn's beginning left it.
    let rows = "select m.status from chat_messages m join chat_sessions s on s.id = m.session_id \
                where s.user_id = $1::uuid and m.role = 'assistant'";
    assert_eq!(stores::rows(rows, &[&visitor.id.to_string()]).await, [[Some("streaming".to_owned())]]);
    clear_up(visitor).await;
}

#[tokio::test]
async fn a_reader_who_leaves_before_the_answer_has_begun_is_not_noticed() {
    let _beside = crate::ALONE.read().await;
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"first_byte_delay_ms": 6000, "chunks": 3})).await;
    let question = json!({"content": scene.text("hello")});
    let reader = Reader::begin(visitor.server().base(), "/api/v1/chat/messages", &visitor.token, &question).await;
    let call = eventually("the model is asked", || async {
        visitor.model_calls().await.first().map(LoggedCall::seq).ok_or_else(|| "not yet".to_owned())
    })
    .await;
    drop(reader);
    let left = control::ended(call, Duration::from_millis(1500)).await;
    assert!(!left.ended(), "{left:?}");
    visitor.leaves().await;
}
