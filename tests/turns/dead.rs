//! Runs whose instance died: they read as interrupted, what was seen of them is kept, and nothing waits for them.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Reader, Scene, Server, Visitor, control, eventually, stores};

use crate::replay::{From, follow};
use crate::{Begun, begin, message_path};

/// What a dead instance has left of an answer.
struct Left {
    session: String,
    answer: String,
    /// What its reader had seen a while before.
    read: String,
    /// How the model behaves to its question.
    scene: Scene,
}

/// Lets an instance die within an answer, and a minute pass for its row.
async fn die(visitor: &Visitor, server: &Server) -> Left {
    let scenario = json!({"chunks": 60, "chunk_text": "wört{i} ", "pace_ms": 5, "hang_at": 40});
    let scene = visitor.scene(scenario).await;
    let Begun { mut reader, session, answer, .. } = begin(visitor, &scene.text("die"), 40).await;
    let read = reader.said();
    // An instance that dies loses what it has not yet appended; upstream is silent, so that the replay buffer catches up.
    eventually("the replay buffer holds what was read", || async {
        let buffer = stores::redis(&["GET", &stores::replay_buffer(&visitor.id.to_string(), &answer).await]).await;
        let appended = tests::said(buffer.as_str().unwrap_or_default().as_bytes());
        if appended == read { Ok(()) } else { Err(appended) }
    })
    .await;
    server.kill();
    reader.read_to_end().await;
    assert!(!reader.ended(), "the connection broke");
    age(&answer).await;
    Left { session, answer, read, scene }
}

/// Lets a minute pass for an answer's row.
async fn age(answer: &str) {
    let aged = "update chat_messages set updated_at = now() - interval '61 seconds' where id = $1::uuid and status = 'streaming' returning id";
    assert_eq!(stores::rows(aged, &[answer]).await.len(), 1, "the row says `streaming` for ever");
}

/// The status in the row itself.
async fn status(answer: &str) -> String {
    let rows = stores::rows("select status from chat_messages where id = $1::uuid", &[answer]).await;
    rows[0][0].clone().expect("a status")
}

/// The dead instance's lease is not what this is about; it ends by itself.
async fn end_leases(visitor: &Visitor) {
    stores::change_user(&visitor.id.to_string(), "user.running = {}").await;
}

#[tokio::test]
async fn a_dead_run_reads_as_interrupted_and_its_text_comes_back_from_its_replay_buffer() {
    let mortal = Server::started_with(&[]).await;
    let visitor = Visitor::of(&mortal, "guest").await;
    let left = die(&visitor, &mortal).await;
    let alive = Server::under_test();
    let session = alive.send(visitor.asks("GET", &format!("/chat/sessions/{}", left.session), None)).await.expect(200);
    assert_eq!(session.json()["messages"][1]["status"], "interrupted", "no eternal spinner");
    let mut follower = follow(&visitor, &alive, &left.session, &left.answer, From::Beginning).await;
    assert_eq!(follower.status, 200);
    follower.read_to_end().await;
    assert_eq!(follower.said(), left.read);
    let text = String::from_utf8(follower.body.clone()).unwrap();
    assert!(text.contains("event: error") && text.contains("provider_error"), "{text}");
    eventually("the row is settled from the replay buffer", || async {
        let status = status(&left.answer).await;
        if status == "interrupted" { Ok(()) } else { Err(status) }
    })
    .await;
    let session = alive.send(visitor.asks("GET", &format!("/chat/sessions/{}", left.session), None)).await.json();
    assert_eq!(session["messages"][1]["content"], left.read, "no text that was seen is lost");
    end_leases(&visitor).await;
    visitor.leaves().await;
}

/// docs/reliability.md: what was read in the last interval may be lost, 2.5 s by default of an answer that nobody follows, and one trip to Redis.
#[tokio::test]
async fn a_kill_loses_no_more_of_an_answer_than_the_last_interval_and_a_trip() {
    const INTERVAL: Duration = Duration::from_millis(2_500);
    // What the machine may take for a step of it.
    const MACHINE: Duration = Duration::from_millis(1_500);
    let mortal = Server::started_with(&[]).await;
    let visitor = Visitor::of(&mortal, "guest").await;
    let scene = visitor.scene(crate::paced(400, 25)).await;
    let asked = Instant::now();
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("die by default"), 1).await;
    // Just before the third append.
    let mut seen = Vec::new();
    while asked.elapsed() < INTERVAL * 3 - Duration::from_millis(500) {
        assert!(reader.read_chunks(seen.len() + 1).await);
        seen.push((Instant::now(), reader.said()));
    }
    mortal.kill();
    let killed = Instant::now();
    let copy = stores::redis(&["GET", &stores::replay_buffer(&visitor.id.to_string(), &answer).await]).await;
    let copied = tests::said(copy.as_str().unwrap_or_default().as_bytes());
    let run = stores::run_of(&answer).await;
    let calls = control::calls("redis", &run, visitor.since()).await;
    let appends =
        calls.iter().filter(|call| call.request()[0][1].as_str().is_some_and(|key| key.starts_with("chat:stop:")));
    let trip = appends
        .map(|append| append.0["ended_us"].as_u64().unwrap() - append.0["started_us"].as_u64().unwrap())
        .max()
        .map(Duration::from_micros)
        .expect("an append");
    let before = killed.checked_sub(INTERVAL + trip + MACHINE).unwrap();
    let (_, safe) = seen.iter().rfind(|(at, _)| *at <= before).expect("it was read so early");
    assert!(copied.starts_with(safe.as_str()), "{} bytes of {} are left", copied.len(), safe.len());
    drop(reader);
    age(&answer).await;
    let mut follower = follow(&visitor, &Server::under_test(), &session, &answer, From::Beginning).await;
    follower.read_to_end().await;
    assert_eq!(follower.said(), copied);
    end_leases(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn the_next_write_settles_a_dead_run_and_loses_nothing_of_it() {
    for action in ["send", "regenerate", "continue"] {
        let mortal = Server::started_with(&[]).await;
        let visitor = Visitor::of(&mortal, "guest").await;
        let left = die(&visitor, &mortal).await;
        let alive = Server::under_test();
        let text = json!({"content": visitor.text("next"), "stream": false});
        let (path, body) = match action {
            "send" => (format!("/chat/sessions/{}/messages", left.session), text),
            other => (format!("{}/{other}", message_path(&left.session, &left.answer)), json!({"stream": false})),
        };
        let well = json!({"chunks": 1, "chunk_text": "on"});
        tests::control::scenario(left.scene.tag(), &well).await;
        left.scene.afterwards(well).await;
        let sent = alive.send(visitor.asks("POST", &path, Some(&body))).await.expect(200).json();
        assert_ne!(status(&left.answer).await, "streaming", "{action}");
        let session = alive.send(visitor.asks("GET", &format!("/chat/sessions/{}", left.session), None)).await.json();
        let messages = session["messages"].as_array().unwrap();
        let dead = messages.iter().find(|message| message["id"] == left.answer.as_str()).unwrap();
        // Its text may still be in its replay buffer, where a reader of the answer finds it.
        let mut follower = follow(&visitor, &alive, &left.session, &left.answer, From::Characters(0)).await;
        follower.read_to_end().await;
        let kept = dead["content"].as_str().unwrap();
        let again = alive.send(visitor.asks("GET", &format!("/chat/sessions/{}", left.session), None)).await.json();
        let again = again["messages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|message| message["id"] == left.answer.as_str())
            .unwrap()
            .clone();
        assert!(
            again["content"].as_str().unwrap().starts_with(&left.read),
            "{action}: read {:?}, kept {kept:?} and later {again}",
            left.read
        );
        if action == "continue" {
            assert_eq!(sent["message"]["content"], format!("{}on", left.read));
        }
        end_leases(&visitor).await;
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn a_turn_whose_instance_died_before_its_first_byte_stays_paid_and_is_paid_once() {
    let mortal = Server::started_with(&[]).await;
    let visitor = Visitor::of(&mortal, "guest").await;
    let scene = visitor.scene(json!({"chunks": 2, "first_byte_delay_ms": 20_000})).await;
    let body = json!({"content": scene.text("die early")});
    let asked = visitor.asks("POST", "/chat/messages", Some(&body)).header("idempotency-key", "early");
    let waiting = Reader::begin_call(mortal.base(), &asked).await;
    let written = "select m.id from chat_messages m join chat_sessions s on s.id = m.session_id where s.user_id = $1::uuid and m.role = 'assistant'";
    let answer = eventually("the turn is written and the model asked", || async {
        match stores::rows(written, &[&visitor.id.to_string()]).await.first() {
            Some(row) if !visitor.model_calls().await.is_empty() => Ok(row[0].clone().unwrap()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    mortal.kill();
    drop(waiting);
    let alive = Server::under_test();
    let standing = || async {
        let quota = alive.send(visitor.asks("GET", "/chat/quota", None)).await.expect(200).json();
        (quota["day"]["used"].as_i64().unwrap(), quota["streams"]["active"].as_i64().unwrap())
    };
    assert_eq!(standing().await, (1, 1), "whether it is running cannot be known yet");
    visitor.expire_leases().await;
    assert_eq!(standing().await, (1, 0), "the place is free, and the message is used");
    let body = json!({"content": visitor.text("next"), "stream": false});
    alive.send(visitor.asks("POST", "/chat/messages", Some(&body))).await.expect(200);
    assert_eq!(standing().await.0, 2);
    age(&answer).await;
    let again = alive.send(asked.clone()).await.expect(200);
    assert!(again.text().contains("provider_error"), "{}", again.text());
    assert_eq!(standing().await.0, 2, "what it left is told again for nothing");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_turn_whose_instance_died_within_its_answer_stays_paid() {
    let mortal = Server::started_with(&[]).await;
    let visitor = Visitor::of(&mortal, "guest").await;
    let left = die(&visitor, &mortal).await;
    visitor.expire_leases().await;
    let alive = Server::under_test();
    let quota = alive.send(visitor.asks("GET", "/chat/quota", None)).await.expect(200).json();
    assert_eq!(quota["day"]["used"], 1, "{:?} was read", left.read);
    let mut follower = follow(&visitor, &alive, &left.session, &left.answer, From::Beginning).await;
    follower.read_to_end().await;
    assert_eq!(follower.said(), left.read, "its first follower gets what its replay buffer holds");
    end_leases(&visitor).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_was_taken_for_dead_and_goes_on_is_kept_whole() {
    for stops in [false, true] {
        let visitor = Visitor::new().await;
        let scene = visitor.scene(crate::paced(200, 40)).await;
        let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("not dead"), 5).await;
        // Its saves did not come through for a minute, and somebody reads it then.
        age(&answer).await;
        assert_eq!(visitor.messages(&session).await[1]["status"], "interrupted");
        assert_eq!(status(&answer).await, "interrupted");
        if stops {
            assert!(reader.read_chunks(20).await);
            drop(reader);
        } else {
            reader.read_to_end().await;
            assert_eq!(reader.said(), crate::paced_text(200));
        }
        let expected = if stops { "stopped" } else { "complete" };
        eventually("its own end is kept", || async {
            let status = status(&answer).await;
            if status == expected { Ok(()) } else { Err(status) }
        })
        .await;
        let kept = visitor.messages(&session).await[1]["content"].as_str().unwrap().to_owned();
        assert!(kept.starts_with(&crate::paced_text(if stops { 20 } else { 200 })), "{kept}");
        let counted = "select messages, completion_tokens from chat_usage_daily where user_id = $1::uuid";
        let usage = &stores::rows(counted, &[&visitor.id.to_string()]).await[0];
        assert_eq!(usage[0].as_deref(), Some("1"), "it is counted once");
        assert_eq!(usage[1].as_deref() != Some("0"), !stops, "with what the model counted at its end");
        visitor.leaves().await;
    }
}
