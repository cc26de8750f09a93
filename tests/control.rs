//! The stack's control plane: scenarios of the model, faults, and the log of every call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::stores::client;
use crate::variable;

async fn ask(method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
    let url = format!("{}/control{path}", variable("STACK_URL").trim_end_matches('/'));
    let mut request = client().request(method, &url);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    let (status, text) = (response.status(), response.text().await.expect("a body"));
    // 408: the call waited for still runs.
    assert!(status.is_success() || status == reqwest::StatusCode::REQUEST_TIMEOUT, "{url}: {status} {text}");
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") }
}

/// Sets what the model does with messages that contain `marker`.
pub async fn scenario(marker: &str, scenario: &Value) {
    ask(reqwest::Method::POST, "/model", Some(json!({"match": {"contains": marker}, "scenario": scenario}))).await;
}

/// Makes calls to `face` go wrong whose body contains `marker`: all of them, or the first `times`.
pub async fn fault(face: &str, marker: &str, fault: Value, times: Option<u64>) {
    let mut rule = json!({"face": face, "match": {"contains": marker}, "fault": fault});
    if let Some(times) = times {
        rule["times"] = json!(times);
    }
    ask(reqwest::Method::POST, "/faults", Some(rule)).await;
}

/// Moves the embedded Redis store's clock.
pub async fn clock(offset: Duration) {
    ask(reqwest::Method::POST, "/clock", Some(json!({"offset_ms": offset.as_millis() as u64}))).await;
}

/// One logged call.
#[derive(Debug, Clone)]
pub struct LoggedCall(pub Value);

impl LoggedCall {
    /// Its number.
    pub fn seq(&self) -> u64 {
        self.0["seq"].as_u64().expect("a number")
    }

    /// Whether it is over.
    pub fn ended(&self) -> bool {
        !self.0["ended_us"].is_null()
    }

    /// How it ended: `ok`, `client_closed`, `fault:…`.
    pub fn outcome(&self) -> &str {
        self.0["outcome"].as_str().unwrap_or_default()
    }

    /// What was asked.
    pub fn request(&self) -> &Value {
        &self.0["request"]
    }
}

/// The calls to `face` whose request contains `marker`, in order.
pub async fn calls(face: &str, marker: &str, since: u64) -> Vec<LoggedCall> {
    let answer = ask(reqwest::Method::GET, &format!("/calls?since={since}"), None).await;
    let calls = answer["calls"].as_array().expect("calls");
    remember(calls);
    let ours = calls.iter().filter(|call| call["face"] == face && call["request"].to_string().contains(marker));
    ours.cloned().map(LoggedCall).collect()
}

/// Waits until a call has ended.
pub async fn ended(call: u64, within: Duration) -> LoggedCall {
    let answer =
        ask(reqwest::Method::GET, &format!("/calls/wait?seq={call}&timeout_ms={}", within.as_millis()), None).await;
    let call = answer.get("call").cloned().unwrap_or(answer);
    LoggedCall(call)
}

/// The highest number of a call that this process has seen.
static SEEN: AtomicU64 = AtomicU64::new(0);

fn remember(calls: &[Value]) {
    let newest = calls.iter().filter_map(|call| call["seq"].as_u64()).max().unwrap_or_default();
    SEEN.fetch_max(newest, Ordering::Relaxed);
}

/// A number below that of any call still to come. Asks only once: later ones go by what was seen since, so that the log, which
/// grows to many megabytes, is not read as a whole for each visitor.
pub async fn newest() -> u64 {
    if SEEN.load(Ordering::Relaxed) == 0 {
        let answer = ask(reqwest::Method::GET, "/calls?since=0", None).await;
        remember(answer["calls"].as_array().expect("calls"));
    }
    SEEN.load(Ordering::Relaxed)
}
