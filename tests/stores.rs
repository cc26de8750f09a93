//! What is in the stores, asked through the stack's own faces.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{eventually, variable};

/// The rows of a statement, each cell as Postgres' text.
pub async fn rows(statement: &str, params: &[&str]) -> Vec<Vec<Option<String>>> {
    let response = client()
        .post(format!("{}/sql", variable("STACK_URL").trim_end_matches('/')))
        .header("neon-connection-string", variable("STACK_DATABASE_URL"))
        .header("neon-raw-text-output", "true")
        .header("neon-array-mode", "true")
        .body(unmarked(&json!({"query": statement, "params": params})))
        .send()
        .await
        .expect("the stack's /sql");
    let (status, text) = (response.status(), response.text().await.expect("a body"));
    assert!(status.is_success(), "{statement}: {status} {text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let cell = |cell: &Value| cell.as_str().map(str::to_owned);
    let row = |row: &Value| row.as_array().expect("a row").iter().map(cell).collect();
    answer["rows"].as_array().expect("rows").iter().map(row).collect()
}

/// The one number a statement gives.
pub async fn number(statement: &str, params: &[&str]) -> i64 {
    let rows = rows(statement, params).await;
    rows[0][0].as_deref().expect("a value").parse().expect("a number")
}

/// Redis' reply to one command.
pub async fn redis(command: &[&str]) -> Value {
    let response = client()
        .post(format!("{}/redis", variable("STACK_URL").trim_end_matches('/')))
        .bearer_auth(variable("STACK_REDIS_TOKEN"))
        .header("content-type", "application/json")
        .body(unmarked(&json!(command)))
        .send()
        .await
        .expect("the stack's /redis");
    let text = response.text().await.expect("a body");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert!(answer.get("error").is_none(), "{command:?}: {text}");
    answer["result"].clone()
}

/// Waits until Redis has `key`: `what` it is, for the complaint.
pub async fn appears(what: &str, key: &str) {
    eventually(what, || async {
        let is_there = redis(&["EXISTS", key]).await;
        if is_there == 1 { Ok(()) } else { Err(is_there.to_string()) }
    })
    .await;
}

/// Ends a key's time, whose clock is everybody's. First it is checked that the key was given all of `life`, at `since` or later.
pub async fn outlive(key: &str, life: Duration, since: Instant) {
    let left = redis(&["PTTL", key]).await.as_u64().map(Duration::from_millis).unwrap_or_default();
    // Redis' clock stands still within a command.
    let gone = since.elapsed() + Duration::from_secs(1);
    assert!(left <= life && life <= left + gone, "{key} has {left:?} of {life:?}, {gone:?} after it was asked for");
    assert_eq!(redis(&["DEL", key]).await, 1, "{key}");
}

/// What Redis knows of a user (`parts/user.lua` says what stands in it); an empty object: nothing.
pub async fn user(id: &str) -> Value {
    let value = redis(&["GET", &format!("chat:user:{id}")]).await;
    value.as_str().map_or_else(|| json!({}), |text| serde_json::from_str(text).expect("JSON"))
}

/// Changes what Redis knows of a user, at once: `change` is Lua for the value `user`.
pub async fn change_user(id: &str, change: &str) {
    let script = format!(
        "local text = redis.call('GET', KEYS[1]) if text then local user = cjson.decode(text) {change} \
         redis.call('SET', KEYS[1], cjson.encode(user), 'KEEPTTL') end return 1"
    );
    redis(&["EVAL", &script, "1", &format!("chat:user:{id}")]).await;
}

/// The run that writes an answer, or has written it, by its row.
pub async fn run_of(answer: &str) -> String {
    let rows = rows("select run from chat_messages where id = $1::uuid", &[answer]).await;
    rows[0][0].clone().expect("a run")
}

/// The key of an answer's replay buffer.
pub async fn replay_buffer(user: &str, answer: &str) -> String {
    format!("chat:replay:{user}:{}", run_of(answer).await)
}

/// The same JSON with its hyphens escaped: a fault that strikes bodies with a visitor's id must not strike the test's own questions.
fn unmarked(body: &Value) -> String {
    body.to_string().replace('-', "\\u002d")
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
