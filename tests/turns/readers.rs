//! Followers of a running answer: a user has a few places, a follower who leaves gives theirs back, and a refusal is cheap.

use serde_json::json;
use tests::{Visitor, control, eventually};

use crate::replay::{From, asking, events};
use crate::{Begun, begin, message_path, paced, paced_text};

const PLACES: usize = 5;

#[tokio::test]
async fn five_read_a_running_answer_along_and_others_are_refused_cheaply() {
    let visitor = Visitor::new().await;
    // Shorter than a follower is served at a stretch, and long enough for all who come.
    let scene = visitor.scene(paced(130, 100)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("crowd"), 8).await;
    let call = asking(&visitor, &session, &answer, From::Beginning);
    let mut readers = Vec::new();
    for _ in 0..PLACES {
        let mut along = tests::Reader::of(visitor.server().base(), &call).await;
        assert_eq!(along.status, 200);
        assert!(along.read_until(|body| events(body) >= 1).await);
        readers.push(along);
    }
    let run = tests::stores::run_of(&answer).await;
    let before = control::newest().await.max(last_redis_call(&run).await);
    for _ in 0..20 {
        let refused = visitor.server().send(call.clone()).await;
        let error = refused.problem(429, "rate_limited");
        assert_eq!((&error["scope"], &error["limit"]), (&json!("readers"), &json!(PLACES)));
        assert!(refused.number("retry-after") >= 1);
    }
    let refused = control::calls("redis", &run, before).await;
    let refused = refused.iter().filter(|call| call.request().to_string().contains("\"enter\"")).count();
    // One each; a few may have been made again.
    assert!(refused <= 25, "{refused} calls for 20 refused readers");
    // A follower who leaves makes room; the others read on.
    drop(readers.pop());
    let next = eventually("a place", || async {
        let next = tests::Reader::of(visitor.server().base(), &call).await;
        if next.status == 200 { Ok(next) } else { Err(next.status.to_string()) }
    })
    .await;
    readers.push(next);
    reader.read_to_end().await;
    for along in &mut readers {
        along.read_to_end().await;
        assert_eq!(along.said(), paced_text(130));
    }
    // It has ended: as many as like.
    visitor.settled(&session, "assistant").await;
    for _ in 0..2 * PLACES {
        assert_eq!(visitor.get(&format!("{}/stream", message_path(&session, &answer))).await.status, 200);
    }
    eventually("all places are given back", || async {
        let held = tests::stores::redis(&["ZCARD", &format!("chat:readers:{}", visitor.id)]).await;
        if held == 0 { Ok(()) } else { Err(held.to_string()) }
    })
    .await;
    visitor.leaves().await;
}

async fn last_redis_call(run: &str) -> u64 {
    control::calls("redis", run, 0).await.last().map_or(0, control::LoggedCall::seq)
}
