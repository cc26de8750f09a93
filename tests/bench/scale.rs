//! What a long conversation and many conversations cost: the same as short ones and few, or nearly; a search through them little.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Visitor, stores, tokens};
use uuid::Uuid;

use crate::store_trips::send;
use crate::workerd::Workerd;
use crate::{Line, median, millis};

const ROUNDS: usize = 40;
/// As many pages of a search as one may have in a minute.
const SEARCHES: usize = 10;
const SEARCH_WITHIN: Duration = Duration::from_millis(50);

/// A message in a session of 10 and of 100,000 messages; a list among 10 and 10,000 sessions; a page of a search in 100,000 messages.
pub async fn measure(worker: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 3, "pace_ms": 0})).await;
    let text = scene.text("scale");
    let (short, long) = (owner(10, 10).await, owner(10_000, 100_000).await);
    let (brief, wordy) = (talker(50, 2_000, 0).await, talker(1, 2_000, 250).await);
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
    for (place, token) in [
        ("in a session of 100,000 messages", &long.token),
        ("in 50 sessions of 2,000 messages", &brief),
        ("in a session of 2,000 messages of 8 kB", &wordy),
    ] {
        let mut times = Vec::new();
        for _ in 0..SEARCHES {
            times.push(search(&client, worker, token).await);
        }
        let time = median(times);
        lines.push(Line::timed(
            format!("a page of a search without a hit, {place}"),
            format!("{:.1} ms", millis(time)),
            "at most 50 ms",
            time <= SEARCH_WITHIN,
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

/// The token of somebody with sessions of so many messages each, written to in turns; `length`: how often 32 bytes follow the first words of each.
async fn talker(sessions: u32, messages: u32, length: u32) -> String {
    let user = Uuid::now_v7();
    let id = user.to_string();
    stores::rows("insert into users (id) values ($1::uuid)", &[&id]).await;
    stores::rows(
        "with made as (
             insert into chat_sessions (id, user_id, updated_at)
             select gen_random_uuid(), $1::uuid, now() - n * interval '1 minute' from generate_series(1, $2::int) n
             returning id
         )
         insert into chat_messages (id, session_id, role, content, status)
         select ('01900000-0000-7000-9000-' || lpad(to_hex(row_number() over () + $4::bigint * 1000000), 12, '0'))::uuid, id, 'user',
                'message ' || n || repeat(md5(n::text), $4::int), 'complete'
         from generate_series(1, $3::int) n cross join made",
        &[&id, &sessions.to_string(), &messages.to_string(), &length.to_string()],
    )
    .await;
    tokens::valid(user, "guest")
}

/// The first page of a search that finds nothing, and so goes on.
async fn search(client: &reqwest::Client, worker: &Workerd, token: &str) -> Duration {
    let began = Instant::now();
    let request = client.post(format!("{}/api/v1/chat/search", worker.base)).bearer_auth(token);
    let asked = json!({"q": "nowhere to be found"}).to_string();
    let answer = request.header("content-type", "application/json").body(asked).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let took = began.elapsed();
    assert_eq!((&page["sessions"], page["next_cursor"].is_string()), (&json!([]), true));
    took
}

async fn list(client: &reqwest::Client, worker: &Workerd, token: &str) -> Duration {
    let began = Instant::now();
    let answer = client.get(format!("{}/api/v1/chat/sessions", worker.base)).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.bytes().await.unwrap();
    began.elapsed()
}
