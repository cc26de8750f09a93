//! The reader leaves: upstream is closed within a second, and what had arrived is kept as `stopped`.

use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::json;
use tests::{Reader, Visitor, control, eventually};

/// After which chunks a reader is killed.
const CHUNKS: usize = 60;

/// How many upstream would send.
const UPSTREAM_CHUNKS: usize = 2_000;

/// Upstream's whole text: what is kept must be a beginning of it. The scenario counts its chunks from `first`.
fn upstream_text(first: usize) -> String {
    (first..first + UPSTREAM_CHUNKS).map(|i| format!("wört{i} ")).collect()
}

/// Reads `chunks` chunks, is killed, and checks what the server did about it; how long upstream's connection stayed open.
async fn check_leaving_after(chunks: usize) -> (Duration, usize) {
    let visitor = Visitor::new().await;
    // Upstream would go on for long: that its connection closes can only be our doing.
    let scenario = json!({"chunks": UPSTREAM_CHUNKS, "chunk_text": "wört{i} ", "pace_ms": 10});
    let scene = visitor.scene(scenario).await;
    let mut reader = visitor.open_stream(None, &scene.text("leave")).await;
    assert_eq!(reader.status, 200);
    assert!(reader.read_chunks(chunks).await, "chunk {chunks} arrives: {}", reader.said());
    let session = reader.header("x-session-id").to_owned();
    let read = reader.said();
    let call = visitor.model_calls().await[0].seq();
    let killed = Instant::now();
    drop(reader);
    let ended = control::ended(call, Duration::from_secs(5)).await;
    let noticed = killed.elapsed();
    assert!(ended.ended(), "after {chunks} chunks upstream is still open after {noticed:?}: {ended:?}");
    assert_eq!(ended.outcome(), "client_closed", "{ended:?}");

    let stored = visitor.settled(&session, "assistant").await;
    let text = stored["content"].as_str().unwrap();
    assert_eq!(stored["status"], "stopped", "after {chunks} chunks: {stored}");
    assert!(text.starts_with(&read), "after {chunks} chunks: read {read:?}, kept {text:?}");
    let whole = upstream_text(usize::from(!upstream_text(0).starts_with(&read)));
    assert!(whole.starts_with(text), "kept what upstream never said: {text:?}");
    assert_eq!(visitor.used_today().await, 1, "a reader who saw text has used a message");
    visitor.leaves().await;
    (noticed, chunks)
}

#[tokio::test]
async fn a_reader_killed_after_any_chunk_loses_nothing_they_saw() {
    let kills = (1..=CHUNKS).map(check_leaving_after);
    let mut noticed: Vec<_> = futures::stream::iter(kills).buffer_unordered(6).collect().await;
    noticed.sort_unstable();
    // A busy machine may be late now and then.
    let slow: Vec<_> = noticed.iter().filter(|(after, _)| *after >= Duration::from_secs(1)).collect();
    let is_in_time = slow.len() <= 3 && slow.iter().all(|(after, _)| *after < Duration::from_secs(4));
    assert!(is_in_time, "upstream saw the close late (time, chunks): {slow:?}");
    println!("upstream saw the close after {:?} (median), {:?} (slowest)", noticed[noticed.len() / 2], noticed.last());
}

#[tokio::test]
async fn a_reader_who_leaves_while_upstream_is_silent_is_noticed_too() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 9, "chunk_text": "w{i} ", "pace_ms": 0, "hang_at": 3})).await;
    let mut reader = visitor.open_stream(None, &scene.text("silence")).await;
    assert!(reader.read_chunks(3).await);
    let (session, read) = (reader.header("x-session-id").to_owned(), reader.said());
    let call = visitor.model_calls().await[0].seq();
    let left = Instant::now();
    drop(reader);
    assert!(
        control::ended(call, Duration::from_secs(4)).await.ended(),
        "upstream is still open after {:?}",
        left.elapsed()
    );
    let stored = visitor.settled(&session, "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("stopped"), Some(read.as_str())));
    visitor.leaves().await;
}

/// A runtime may tell of a reader who leaves only once there is a response, so this asks for the end of it all, not for when.
#[tokio::test]
async fn a_reader_who_leaves_before_the_first_byte_leaves_nothing_open() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scenario =
        json!({"chunks": UPSTREAM_CHUNKS, "chunk_text": "w{i} ", "pace_ms": 10, "first_byte_delay_ms": 1_000});
    let scene = visitor.scene(scenario).await;
    let path = format!("/api/v1/chat/sessions/{session}/messages");
    let body = json!({"content": scene.text("early")});
    let reader = Reader::begin(visitor.server().base(), &path, &visitor.token, &body).await;
    let call = eventually("the model is asked", || async {
        let calls = visitor.model_calls().await;
        calls.first().map(|call| call.seq()).ok_or_else(|| "no call".to_owned())
    })
    .await;
    drop(reader);
    let ended = control::ended(call, Duration::from_secs(5)).await;
    assert!(ended.ended(), "soon after its first byte at the latest: {ended:?}");
    eventually("the question is kept, with what had arrived of an answer or for another try", || async {
        let messages = visitor.messages(&session).await;
        let states: Vec<_> = messages.iter().filter_map(|message| message["status"].as_str()).collect();
        match states.as_slice() {
            ["failed"] | ["complete", "stopped"] => Ok(()),
            _ => Err(format!("{messages:?}")),
        }
    })
    .await;
    assert_eq!(visitor.used_today().await, 1, "the model was asked");
    visitor.leaves().await;
}

#[tokio::test]
async fn who_left_can_go_on_in_the_same_session() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scene = visitor.scene(json!({"chunks": UPSTREAM_CHUNKS, "chunk_text": "w{i} ", "pace_ms": 10})).await;
    let mut reader = visitor.open_stream(Some(&session), &scene.text("first")).await;
    assert!(reader.read_chunks(5).await);
    drop(reader);
    visitor.settled(&session, "assistant").await;
    eventually("the place is free", || async {
        let active = visitor.quota().await["streams"]["active"].clone();
        if active == 0 { Ok(()) } else { Err(active.to_string()) }
    })
    .await;
    visitor.send(Some(&session), &visitor.text("second")).await.expect(200);
    let messages = visitor.messages(&session).await;
    let states: Vec<_> = messages.iter().map(|message| message["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["complete", "stopped", "complete", "complete"]);
    visitor.leaves().await;
}
