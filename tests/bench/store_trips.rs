//! What the stores cost before the model is asked: round trips, counted by the stack's call log, and time to the first byte.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Visitor, stores, tokens, variable};
use uuid::Uuid;

use crate::workerd::Workerd;
use crate::{Line, median, millis};

/// Latencies of both stores, in milliseconds.
const LATENCIES: [u64; 4] = [0, 20, 40, 80];

/// How long the model takes to its first byte. The write of both rows hides behind it as long as the stores are quicker than the
/// model, which is what the budget is about; beside it stands what a model that answers at once would show.
const FIRST_BYTES_MS: [u64; 2] = [200, 0];

/// Stores a continent away, and a model that is slower than they are.
const FAR_MS: u64 = 400;
const FAR_FIRST_BYTE_MS: u64 = 700;

/// Rounds over all latencies; each asks the model directly and through the Worker.
const ROUNDS: usize = 15;
const FAR_ROUNDS: usize = 5;

/// Trips and added time.
pub async fn measure(worker: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::new();
    let stack = variable("STACK_URL");
    let visitor = Visitor::new().await;
    let mut texts = Vec::new();
    for first_byte in FIRST_BYTES_MS.into_iter().chain([FAR_FIRST_BYTE_MS]) {
        let scene = visitor.scene(json!({"chunks": 3, "pace_ms": 0, "first_byte_delay_ms": first_byte})).await;
        texts.push(scene.text("first byte"));
    }
    let text = &texts[0];
    let user = Uuid::now_v7();
    let token = tokens::valid(user, "guest");
    let started = send(&client, worker, &token, None, text).await.1;
    let session = started.expect("a session");
    send(&client, worker, &token, Some(&session), text).await;

    let mut lines = Vec::new();
    for (words, into) in [("in a session", Some(session.as_str())), ("starting a session", None)] {
        // What the messages before still do in the background is not this one's.
        at_rest(user).await;
        let (sequential, calls) = trips(&client, &stack, worker, &token, into, text).await;
        lines.push(Line::exact(
            format!("store round trips before the model call, {words}"),
            format!("{sequential} ({calls} calls)"),
            "1",
            sequential == 1,
        ));
    }

    let sender = Sender { client: &client, stack: &stack, worker, token: &token, session: &session };
    let (direct, added) = sender.first_bytes(text, &LATENCIES, ROUNDS).await;
    lines.push(Line::plain("first byte of the model itself", format!("{direct:.1} ms")));
    for (latency, added) in LATENCIES.iter().zip(&added) {
        lines.push(Line::plain(format!("added to it, stores at {latency} ms"), format!("{added:.1} ms")));
    }
    let at_40 = added[2] - added[0];
    lines.push(Line::timed(
        "of these for the stores, at 40 ms",
        format!("{at_40:.1} ms"),
        "at most 40 ms + 5 %",
        at_40 <= 42.0,
    ));
    let slope = slope(&added);
    // Much below 1 would say that the stores were not slow at all.
    let is_one = (0.95..=1.05).contains(&slope);
    lines.push(Line::timed("ms per ms of store latency", format!("{slope:.2}"), "0.95 to 1.05", is_one));
    let (direct, added) = sender.first_bytes(&texts[1], &LATENCIES, ROUNDS).await;
    lines.push(Line::plain(
        format!("the same two, the model's first byte at {direct:.1} ms"),
        format!("{:.1} ms, {:.2}", added[2] - added[0], self::slope(&added)),
    ));
    let (direct, added) = sender.first_bytes(&texts[2], &[0, FAR_MS], FAR_ROUNDS).await;
    let far = added[1] - added[0];
    lines.push(Line::timed(
        format!("for the stores at {FAR_MS} ms, the model's first byte at {direct:.0} ms"),
        format!("{far:.1} ms"),
        format!("at most {FAR_MS} ms + 5 %"),
        far <= FAR_MS as f64 * 1.05,
    ));
    at_rest(user).await;
    visitor.leaves().await;
    lines
}

/// Who sends, and through what.
struct Sender<'a> {
    client: &'a reqwest::Client,
    stack: &'a str,
    worker: &'a Workerd,
    token: &'a str,
    session: &'a str,
}

impl Sender<'_> {
    /// The model's own time to the first byte, and what is added to it at each latency of the stores, in milliseconds.
    async fn first_bytes(&self, text: &str, latencies: &[u64], rounds: usize) -> (f64, Vec<f64>) {
        let mut direct = Vec::new();
        let mut through: Vec<Vec<Duration>> = vec![Vec::new(); latencies.len()];
        for _ in 0..rounds {
            direct.push(ask_model(self.client, text).await);
            for (latency, times) in latencies.iter().zip(&mut through) {
                slow_stores(self.client, self.stack, *latency).await;
                times.push(send(self.client, self.worker, self.token, Some(self.session), text).await.0);
            }
            slow_stores(self.client, self.stack, 0).await;
        }
        let direct = millis(median(direct));
        (direct, through.into_iter().map(|times| millis(median(times)) - direct).collect())
    }
}

/// Added time by store latency: the line that fits the four points best.
fn slope(added: &[f64]) -> f64 {
    let latencies = LATENCIES.map(|latency| latency as f64);
    let middle = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x, y) = (middle(&latencies), middle(added));
    let both: f64 = latencies.iter().zip(added).map(|(latency, added)| (latency - x) * (added - y)).sum();
    both / latencies.iter().map(|latency| (latency - x).powi(2)).sum::<f64>()
}

/// Waits until nothing of a user's messages is running: every answer is stored and every lease given back.
async fn at_rest(user: Uuid) {
    let id = user.to_string();
    tests::eventually("the answers before are stored", || async {
        let rows = "select count(*) from chat_messages m join chat_sessions s on s.id = m.session_id \
                    where s.user_id = $1::uuid and m.status = 'streaming'";
        let streaming = stores::number(rows, &[&id]).await;
        let held = stores::user(&id).await["running"].as_object().map_or(0, serde_json::Map::len);
        if (streaming, held) == (0, 0) { Ok(()) } else { Err(format!("{streaming} rows, {held} leases")) }
    })
    .await;
}

/// Sends a message; gives the time to the first byte of the answer and its session. The answer is read to its end.
pub async fn send(
    client: &reqwest::Client,
    worker: &Workerd,
    token: &str,
    session: Option<&str>,
    text: &str,
) -> (Duration, Option<String>) {
    let path = session.map_or("messages".to_owned(), |session| format!("sessions/{session}/messages"));
    let began = Instant::now();
    let mut answer = client
        .post(format!("{}/api/v1/chat/{path}", worker.base))
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(json!({"content": text}).to_string())
        .send()
        .await
        .unwrap();
    if answer.status() != 200 {
        panic!("{path}: {} {}", answer.status(), answer.text().await.unwrap_or_default());
    }
    let session = answer.headers()["x-session-id"].to_str().unwrap().to_owned();
    answer.chunk().await.unwrap().expect("a first byte");
    let first_byte = began.elapsed();
    while answer.chunk().await.unwrap().is_some() {}
    (first_byte, Some(session))
}

async fn ask_model(client: &reqwest::Client, text: &str) -> Duration {
    let began = Instant::now();
    let mut answer = client
        .post(format!("{}/chat/completions", variable("SAMBANOVA_API_BASE")))
        .bearer_auth(variable("SAMBANOVA_API_KEY"))
        .header("content-type", "application/json")
        .body(model_request(text))
        .send()
        .await
        .unwrap();
    answer.chunk().await.unwrap().expect("a first byte");
    let first_byte = began.elapsed();
    while answer.chunk().await.unwrap().is_some() {}
    first_byte
}

/// The model that is asked.
pub const MODEL: &str = "Meta-Llama-3.3-70B-Instruct";

/// What the Worker asks the model, by hand.
pub fn model_request(text: &str) -> String {
    json!({
        "model": MODEL, "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": text}],
    })
    .to_string()
}

async fn slow_stores(client: &reqwest::Client, stack: &str, latency: u64) {
    let faults = format!("{stack}/control/faults");
    client.delete(&faults).send().await.unwrap();
    if latency == 0 {
        return;
    }
    for face in ["sql", "redis"] {
        let rule = json!({"face": face, "fault": {"latency_ms": latency}}).to_string();
        let set = client.post(&faults).header("content-type", "application/json").body(rule).send().await.unwrap();
        assert!(set.status().is_success());
    }
}

/// Sequential store trips before the model's call began, and how many calls they were.
async fn trips(
    client: &reqwest::Client,
    stack: &str,
    worker: &Workerd,
    token: &str,
    session: Option<&str>,
    text: &str,
) -> (usize, usize) {
    // Slow enough that two calls side by side overlap for certain.
    slow_stores(client, stack, 40).await;
    client.delete(format!("{stack}/control/calls")).send().await.unwrap();
    send(client, worker, token, session, text).await;
    slow_stores(client, stack, 0).await;
    let calls: Value = serde_json::from_slice(
        &client.get(format!("{stack}/control/calls")).send().await.unwrap().bytes().await.unwrap(),
    )
    .unwrap();
    let calls = calls["calls"].as_array().unwrap();
    let started = |call: &Value| call["started_us"].as_u64().unwrap();
    let model = calls.iter().filter(|call| call["face"] == "model").map(started).min().expect("a model call");
    let before: Vec<(u64, u64)> = calls
        .iter()
        .filter(|call| call["face"] != "model")
        .map(|call| (started(call), call["ended_us"].as_u64().unwrap_or(u64::MAX)))
        .filter(|(_, ended)| *ended <= model)
        .collect();
    (longest_chain(before.clone()), before.len())
}

/// How many of these calls waited for one another: the longest chain in which each began after the one before had ended. Calls
/// are not merged where they overlap, a slow call beside two quick ones in a row would hide the second.
fn longest_chain(mut calls: Vec<(u64, u64)>) -> usize {
    calls.sort_unstable_by_key(|(_, ended)| *ended);
    let mut chain = 0;
    let mut free_from = 0;
    for (started, ended) in calls {
        if started >= free_from {
            chain += 1;
            free_from = ended;
        }
    }
    chain
}
