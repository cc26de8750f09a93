//! What the stores cost before the model is asked: round trips, counted by the stack's call log, and time to the first byte.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Visitor, tokens, variable};
use uuid::Uuid;

use crate::workerd::Workerd;
use crate::{Line, median, millis};

/// Latencies of both stores, in milliseconds.
const LATENCIES: [u64; 4] = [0, 20, 40, 80];

/// How long the model takes to its first byte: as long as a quick one does. The write of both rows hides behind it.
const FIRST_BYTE_MS: u64 = 200;

/// Rounds over all latencies; each asks the model directly and through the Worker.
const ROUNDS: usize = 15;

/// Trips and added time.
pub async fn measure(worker: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::new();
    let stack = variable("STACK_URL");
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 3, "pace_ms": 0, "first_byte_delay_ms": FIRST_BYTE_MS})).await;
    let text = scene.text("first byte");
    let token = tokens::valid(Uuid::now_v7(), "guest");
    let started = send(&client, worker, &token, None, &text).await.1;
    let session = started.expect("a session");
    send(&client, worker, &token, Some(&session), &text).await;

    let mut lines = Vec::new();
    for (words, into) in [("in a session", Some(session.as_str())), ("starting a session", None)] {
        let (sequential, calls) = trips(&client, &stack, worker, &token, into, &text).await;
        lines.push(Line::exact(
            format!("store round trips before the model call, {words}"),
            format!("{sequential} ({calls} calls)"),
            "1",
            sequential == 1,
        ));
    }

    let mut direct = Vec::new();
    let mut added: Vec<Vec<Duration>> = vec![Vec::new(); LATENCIES.len()];
    for _ in 0..ROUNDS {
        direct.push(ask_model(&client, &text).await);
        for (latency, times) in LATENCIES.iter().zip(&mut added) {
            slow_stores(&client, &stack, *latency).await;
            times.push(send(&client, worker, &token, Some(&session), &text).await.0);
        }
        slow_stores(&client, &stack, 0).await;
    }
    visitor.leaves().await;
    let direct = median(direct);
    let added: Vec<f64> = added.into_iter().map(|times| millis(median(times).saturating_sub(direct))).collect();
    lines.push(Line::plain("first byte of the model itself", format!("{:.1} ms", millis(direct))));
    for (latency, added) in LATENCIES.iter().zip(&added) {
        lines.push(Line::plain(format!("added to it, stores at {latency} ms"), format!("{added:.1} ms")));
    }
    let own = added[0];
    let at_40 = added[2] - own;
    lines.push(Line::timed(
        "of these for the stores, at 40 ms",
        format!("{at_40:.1} ms"),
        "at most 40 ms + 5 %",
        at_40 <= 42.0,
    ));
    let slope = (added[3] - own) / 80.0;
    lines.push(Line::timed("ms per ms of store latency", format!("{slope:.2}"), "about 1", slope <= 1.05));
    lines
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
    assert_eq!(answer.status().as_u16(), 200);
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

/// What the Worker asks the model, by hand.
pub fn model_request(text: &str) -> String {
    json!({
        "model": "Llama-4-Maverick-17B-128E-Instruct", "stream": true, "stream_options": {"include_usage": true},
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

/// Sequential store trips before the model's call began, and how many calls they were: calls that overlap are one trip.
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
    let mut before: Vec<(u64, u64)> = calls
        .iter()
        .filter(|call| call["face"] != "model")
        .map(|call| (started(call), call["ended_us"].as_u64().unwrap_or(u64::MAX)))
        .filter(|(_, ended)| *ended <= model)
        .collect();
    before.sort_unstable();
    let mut trips = 0;
    let mut until = 0;
    for (start, end) in &before {
        if *start >= until {
            trips += 1;
        }
        until = until.max(*end);
    }
    (trips, before.len())
}
