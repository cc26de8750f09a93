//! Many requests, in instances that are shared as Spin shares them, and in one of its own each: none is lost, and none leaves anything behind.

use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use serde_json::json;
use tests::{Reader, Server, Visitor, eventually, stores};

use crate::ALONE;

/// Limits that nobody here meets.
const LIMITS: [(&str, &str); 3] = [
    ("CHAT_DAILY_MESSAGE_QUOTA", "100000"),
    ("CHAT_RATE_LIMIT_PER_MINUTE", "100000"),
    ("CHAT_MAX_CONCURRENT_STREAMS", "1000"),
];

/// How much more memory than `warm` may be in use after as many requests again: what an allocator keeps for the next time, a tenth where
/// there is much of it, as with an instance for each request (0.5 GB for 200 of them).
fn flat(warm: u64) -> u64 {
    warm + (warm / 10).max(12 * 1024 * 1024)
}

/// One request after the other.
const REQUESTS: usize = 500;

/// Streams at once.
const STREAMS: usize = 200;

/// How many are opened side by side: more would only queue, and a timeout decides that Redis is down.
const OPENED_TOGETHER: usize = 10;

/// Chunks of a slow stream, and the pause between two: none is at its end before the last one has begun.
const CHUNKS: usize = 240;
const PACE: Duration = Duration::from_millis(100);

/// Reads, writes and answers by turns; each must succeed.
async fn request(visitor: &Visitor, session: &str, number: usize) {
    match number % 5 {
        0 => visitor.send(Some(session), &visitor.text("hi")).await.expect(200),
        1 => visitor.get("/chat/quota").await.expect(200),
        2 => visitor.get("/chat/sessions").await.expect(200),
        3 => {
            visitor.call("PATCH", &format!("/chat/sessions/{session}"), Some(&json!({"title": "t"}))).await.expect(200)
        }
        _ => visitor.get("/health").await.expect(200),
    };
}

#[tokio::test]
async fn of_500_requests_one_after_the_other_none_is_lost_and_memory_stays_flat() {
    let _alone = ALONE.write().await;
    let server = Server::started_with(&LIMITS).await;
    let visitor = Visitor::of(&server, "guest").await;
    let session = visitor.session().await;
    for number in 0..REQUESTS / 5 {
        request(&visitor, &session, number).await;
    }
    let warm = server.memory();
    for number in 0..REQUESTS {
        request(&visitor, &session, number).await;
    }
    let after = server.memory();
    println!("{REQUESTS} requests: {} kB when warm, {} kB afterwards", warm / 1024, after / 1024);
    assert!(after < flat(warm), "{REQUESTS} requests took {} kB of memory", (after - warm) / 1024);
    assert_eq!(visitor.used_today().await, (REQUESTS / 5 + REQUESTS / 25) as i64);
    visitor.leaves().await;
}

/// Opens a stream. A busy machine can take longer than Redis may: then the visitor is told to try again.
async fn open(visitor: &Visitor, text: &str) -> Reader {
    for _ in 0..20 {
        let reader = visitor.open_stream(None, text).await;
        if reader.status != 503 {
            return reader;
        }
    }
    panic!("refused 20 times");
}

/// Opens all streams, sees that all run at once, and reads each to its end.
async fn stream_slowly(visitor: &Visitor) {
    let scenario = json!({
        "chunks": CHUNKS, "chunk_text": "w{i} ", "pace_ms": PACE.as_millis() as u64, "usage": true, "finish": "stop", "done": true,
    });
    let scene = visitor.scene(scenario).await;
    let text = scene.text("slowly");
    let openings = (0..STREAMS).map(|_| open(visitor, &text));
    let readers: Vec<Reader> = futures::stream::iter(openings).buffer_unordered(OPENED_TOGETHER).collect().await;
    let statuses: Vec<u16> = readers.iter().map(|reader| reader.status).filter(|status| *status != 200).collect();
    assert!(statuses.is_empty(), "refused: {statuses:?}");
    assert_eq!(visitor.quota().await["streams"]["active"], STREAMS, "all run at once");
    let expected: String = (0..CHUNKS).map(|i| format!("w{i} ")).collect();
    join_all(readers.into_iter().map(|mut reader| {
        let expected = &expected;
        async move {
            reader.read_to_end().await;
            assert!(reader.ended(), "cut off after {:?}", reader.said());
            assert_eq!(reader.said().trim_end(), expected.trim_end(), "{}", reader.header("x-session-id"));
        }
    }))
    .await;
}

async fn check_many_streams(server: &Server) {
    let visitor = Visitor::of(server, "guest").await;
    stream_slowly(&visitor).await;
    let warm = server.memory();
    stream_slowly(&visitor).await;
    let after = server.memory();
    println!("{STREAMS} streams: {} kB when warm, {} kB afterwards", warm / 1024, after / 1024);
    assert!(after < flat(warm), "{STREAMS} streams took {} kB of memory", (after - warm) / 1024);
    eventually("every answer is kept whole", || async {
        let statement = "select count(*) from chat_messages m join chat_sessions s on s.id = m.session_id \
                         where s.user_id = $1::uuid and m.role = 'assistant' and m.status = 'complete'";
        let kept = stores::number(statement, &[&visitor.id.to_string()]).await;
        if kept == 2 * STREAMS as i64 { Ok(()) } else { Err(format!("{kept} of {}", 2 * STREAMS)) }
    })
    .await;
    visitor.leaves().await;
}

#[tokio::test]
async fn of_200_slow_streams_at_once_none_is_lost_and_memory_stays_flat() {
    let _alone = ALONE.write().await;
    check_many_streams(&Server::started_with(&LIMITS).await).await;
}

#[tokio::test]
async fn nor_is_one_lost_when_each_request_has_an_instance_of_its_own() {
    let _alone = ALONE.write().await;
    check_many_streams(&Server::started_on_spin_with(&LIMITS, "--max-instance-reuse-count 1").await).await;
}
