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

/// As [`scenario`], for calls with `marker` in any message: where the last one is not the visitor's own.
pub async fn scenario_anywhere(marker: &str, scenario: &Value) {
    ask(reqwest::Method::POST, "/model", Some(json!({"match": {"anywhere": marker}, "scenario": scenario}))).await;
}

/// Makes calls to `face` go wrong whose body contains `marker`: all of them, or the first `times`.
pub async fn fault(face: &str, marker: &str, fault: Value, times: Option<u64>) -> Fault {
    fault_at(face, &[marker], fault, times).await
}

/// As [`fault`], for bodies that contain all of `markers`: one visitor's calls of one statement, say.
pub async fn fault_at(face: &str, markers: &[&str], fault: Value, times: Option<u64>) -> Fault {
    let mut rule = json!({"face": face, "match": {"contains_all": markers}, "fault": fault});
    if let Some(times) = times {
        rule["times"] = json!(times);
    }
    let made = ask(reqwest::Method::POST, "/faults", Some(rule)).await;
    Fault(made["id"].as_u64().expect("a number"))
}

/// What the body of a call has that sends the statement or script `name` to its store, and that of no other: each begins with its name.
pub fn tag(name: &str) -> String {
    // Within JSON a line's end is two characters.
    format!(r"-- {name}\n")
}

/// A fault in force.
#[derive(Debug)]
pub struct Fault(u64);

impl Fault {
    /// Ends it; how many calls it has struck.
    pub async fn lift(self) -> u64 {
        let lifted = ask(reqwest::Method::DELETE, &format!("/faults?id={}", self.0), None).await;
        lifted["struck"].as_u64().expect("a number")
    }
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
    let since = since.to_string();
    let query = [("since", since.as_str()), ("face", face), ("contains", marker)];
    let url = reqwest::Url::parse_with_params("http://stack/calls", query).expect("a query");
    let answer = ask(reqwest::Method::GET, &format!("/calls?{}", url.query().unwrap_or_default()), None).await;
    remember(&answer);
    answer["calls"].as_array().expect("calls").iter().cloned().map(LoggedCall).collect()
}

/// The mails that were taken for an address, the oldest first.
pub async fn mails(to: &str) -> Vec<Value> {
    let url = reqwest::Url::parse_with_params("http://stack/mails", [("to", to)]).expect("a query");
    let answer = ask(reqwest::Method::GET, &format!("/mails?{}", url.query().unwrap_or_default()), None).await;
    answer["mails"].as_array().expect("mails").clone()
}

/// Waits until a call has ended.
pub async fn ended(call: u64, within: Duration) -> LoggedCall {
    let answer =
        ask(reqwest::Method::GET, &format!("/calls/wait?seq={call}&timeout_ms={}", within.as_millis()), None).await;
    let call = answer.get("call").cloned().unwrap_or(answer);
    LoggedCall(call)
}

/// The highest number of a call that this process has heard of.
static SEEN: AtomicU64 = AtomicU64::new(0);

fn remember(answer: &Value) {
    SEEN.fetch_max(answer["last"].as_u64().expect("a number"), Ordering::Relaxed);
}

/// A number below that of any call still to come. Asks only once: later ones go by what was heard since.
pub async fn newest() -> u64 {
    if SEEN.load(Ordering::Relaxed) == 0 {
        remember(&ask(reqwest::Method::GET, &format!("/calls?since={}", u64::MAX), None).await);
    }
    SEEN.load(Ordering::Relaxed)
}
