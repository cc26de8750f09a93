//! Stores a continent away: everything works, and a message waits for one trip to them.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Call, Visitor, control};

use crate::{paced, paced_text};

const AWAY: Duration = Duration::from_millis(400);

/// How long the model takes to its first byte: the write of both rows hides behind it.
const MODEL: Duration = Duration::from_millis(700);

/// From the request to the answer's first chunk, the shortest of three: a busy machine only adds to it.
async fn first_chunk(visitor: &Visitor, session: &str) -> Duration {
    let mut scenario = paced(3, 0);
    scenario["first_byte_delay_ms"] = json!(u64::try_from(MODEL.as_millis()).unwrap());
    let scene = visitor.scene(scenario).await;
    let mut shortest = Duration::MAX;
    for _ in 0..3 {
        let asked = Instant::now();
        let mut reader = visitor.open_stream(Some(session), &scene.text("far")).await;
        assert!(reader.read_chunks(1).await, "{}", String::from_utf8_lossy(&reader.body));
        shortest = shortest.min(asked.elapsed());
        reader.read_to_end().await;
        assert_eq!(reader.said(), paced_text(3));
    }
    shortest
}

#[tokio::test]
async fn with_both_stores_400_ms_away_everything_works_and_a_message_waits_for_one_trip() {
    let visitor = Visitor::new().await;
    let id = visitor.id.to_string();
    let session = visitor.session().await;
    let near = first_chunk(&visitor, &session).await;
    let latency = || json!({"latency_ms": u64::try_from(AWAY.as_millis()).unwrap()});
    for face in ["sql", "redis"] {
        control::fault(face, &id, latency(), None).await;
    }
    let far = first_chunk(&visitor, &session).await;
    let added = far.saturating_sub(near);
    // Less than two trips: the machine may take the rest.
    assert!(added < AWAY + AWAY * 9 / 10, "{far:?} with far stores, {near:?} with near ones: more than one trip");
    // Every guest's script: it must not stay.
    let minting = control::fault("redis", &control::tag("mint_guest"), latency(), None).await;
    visitor.server().send(Call::new("POST", "/api/v1/auth/guest")).await.expect(201);
    assert!(minting.lift().await >= 1);
    visitor.get("/chat/quota").await.expect(200);
    assert_eq!(visitor.get("/chat/sessions").await.expect(200).json()["total"], 1);
    let messages = visitor.messages(&session).await;
    assert_eq!(messages.len(), 12, "six questions and their answers");
    let another = visitor.post("/chat/sessions", &json!({})).await.expect(201);
    assert!(another.json()["id"].is_string());
    visitor.leaves().await;
}
