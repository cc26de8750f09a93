//! What a long conversation and many conversations cost: the same as short ones and few, or nearly.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Visitor, stores, tokens};
use uuid::Uuid;

use crate::store_trips::send;
use crate::workerd::Workerd;
use crate::{Line, median, millis};

const ROUNDS: usize = 40;

/// A message in a session of 10 and of 100,000 messages; a list among 10 and 10,000 sessions.
pub async fn measure(worker: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 3, "pace_ms": 0})).await;
    let text = scene.text("scale");
    let (short, long) = (owner(10, 10).await, owner(10_000, 100_000).await);
    stores::rows("analyze", &[]).await;

    let mut sends: [Vec<Duration>; 2] = Default::default();
    let mut lists: [Vec<Duration>; 2] = Default::default();
    for _ in 0..ROUNDS {
        for ((owner, sends), lists) in [&short, &long].into_iter().zip(&mut sends).zip(&mut lists) {
            sends.push(send(&client, worker, &owner.token, Some(&owner.session), &text).await.0);
            lists.push(list(&client, worker, &owner.token).await);
        }
    }
    visitor.leaves().await;
    let mut lines = Vec::new();
    for (what, few, many, times) in [
        ("a message in a session of", "10", "100,000 messages", sends),
        ("a list among", "10", "10,000 sessions", lists),
    ] {
        let [small, large] = times.map(|times| millis(median(times)));
        lines.push(Line::timed(
            format!("{what} {few} and {many}"),
            format!("{small:.1} ms, {large:.1} ms: {:.2}×", large / small),
            "at most 1.2×",
            large <= small * 1.2,
        ));
    }
    lines
}

/// Somebody with sessions, the newest of which has messages.
struct Owner {
    token: String,
    session: String,
}

async fn owner(sessions: u32, messages: u32) -> Owner {
    let user = Uuid::now_v7();
    let session = Uuid::now_v7().to_string();
    let id = user.to_string();
    stores::rows("insert into users (id) values ($1::uuid)", &[&id]).await;
    stores::rows(
        "insert into chat_sessions (id, user_id, title, updated_at)
         select gen_random_uuid(), $1::uuid, 'session ' || n, now() - n * interval '1 minute' from generate_series(2, $2::int) n",
        &[&id, &sessions.to_string()],
    )
    .await;
    stores::rows(
        "insert into chat_sessions (id, user_id, title) values ($2::uuid, $1::uuid, 'the newest')",
        &[&id, &session],
    )
    .await;
    stores::rows(
        "insert into chat_messages (id, session_id, parent_id, role, content, status)
         select ('01900000-0000-7000-8000-' || lpad(to_hex(n::bigint + $3::bigint), 12, '0'))::uuid, $1::uuid,
                case when n > 1 then ('01900000-0000-7000-8000-' || lpad(to_hex(n::bigint - 1 + $3::bigint), 12, '0'))::uuid end,
                case when n % 2 = 0 then 'assistant' else 'user' end, 'message ' || n, 'complete'
         from generate_series(1, $2::int) n",
        &[&session, &messages.to_string(), &(u64::from(messages) * 1_000_000).to_string()],
    )
    .await;
    Owner { token: tokens::valid(user, "guest"), session }
}

async fn list(client: &reqwest::Client, worker: &Workerd, token: &str) -> Duration {
    let began = Instant::now();
    let answer = client.get(format!("{}/api/v1/chat/sessions", worker.base)).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.bytes().await.unwrap();
    began.elapsed()
}
