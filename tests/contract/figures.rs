//! What the operator is told, and everybody: the overview, `/metrics` and `/status` say the same, and what they say is what happened.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Answer, Call, Server, Visitor, control, eventually, stores, within};

use crate::accounts::{METRICS_TOKEN, server};

const OVERVIEW: &str = "/admin/overview";

fn metrics() -> Call {
    Call::new("GET", "/metrics")
}

/// The value of a line of Prometheus' text.
fn gauge(text: &str, line: &str) -> Option<f64> {
    text.lines().find_map(|known| known.strip_prefix(line)?.strip_prefix(' ')?.parse().ok())
}

/// As Postgres' `percentile_cont` has it, over all values.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few rows")]
pub fn percentile(sorted: &[i64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize] as f64, sorted[place.ceil() as usize] as f64);
    low + (high - low) * place.fract()
}

fn refused(overview: &Value) -> u64 {
    let counts = overview["refusals"].as_array().unwrap();
    counts.iter().find(|count| count["code"] == "rate_limited").map_or(0, |count| count["count"].as_u64().unwrap())
}

/// Fields that two answers have in common.
fn parts(answer: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| answer[*name].clone()).collect()
}

async fn status(server: &Server) -> Answer {
    server.send(Call::new("GET", "/api/v1/status")).await.expect(200)
}

/// Answers of known delays, one that its reader stops, one that breaks off, one that never begins. Gives the session.
async fn say(visitor: &Visitor) -> String {
    let session = visitor.session().await;
    for delay in [0, 60, 120, 180, 240] {
        let usage = json!({"chunks": 3, "chunk_text": "w{i} ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true,
            "first_byte_delay_ms": delay});
        let scene = visitor.scene(usage).await;
        let answer = visitor.send(Some(&session), &scene.text("whole")).await.expect(200);
        let timing = answer.header("server-timing");
        assert!(timing.starts_with("admit;dur=") && timing.contains(", db;dur="), "{timing}");
        let model: i64 = timing.rsplit_once("model;dur=").unwrap().1.parse().unwrap();
        assert!(model >= delay, "{timing} after {delay} ms");
    }
    let silent = visitor.scene(json!({"chunks": 9, "chunk_text": "w{i} ", "pace_ms": 0, "hang_at": 3})).await;
    let mut reader = visitor.open_stream(Some(&session), &silent.text("stopped")).await;
    assert!(reader.read_chunks(3).await);
    drop(reader);
    assert_eq!(visitor.settled(&session, "assistant").await["status"], "stopped");
    let broken = visitor.scene(json!({"chunks": 9, "chunk_text": "w{i} ", "pace_ms": 0, "close_at": 3})).await;
    visitor.stream(Some(&session), &broken.text("broken")).await.expect(200);
    assert_eq!(visitor.settled(&session, "assistant").await["status"], "interrupted");
    // Of a kind that says nothing about the model's health: the breaker is everybody's.
    let refusing = visitor.scene(json!({"error": {"status": 401, "code": "invalid_api_key"}})).await;
    visitor.send(Some(&session), &refusing.text("failed")).await.problem(502, "provider_error");
    session
}

#[tokio::test]
async fn the_figures_agree_with_what_happened_and_with_each_other() {
    let server = server().await;
    let (admin, visitor) = (Visitor::of(&server, "admin").await, Visitor::of(&server, "guest").await);
    let overview = async |query: &str| admin.get(&format!("{OVERVIEW}{query}")).await.expect(200).json();

    // A message of somebody whose minute is used up.
    let refused_before = refused(&overview("").await);
    let session = say(&visitor).await;
    let used_up = json!({"minute": [Timestamp::now().as_millisecond(), 1_000]}).to_string();
    stores::redis(&["SET", &format!("chat:user:{}", visitor.id), &used_up, "EX", "60"]).await;
    visitor.send(Some(&session), &visitor.text("refused")).await.problem(429, "rate_limited");
    assert!(refused(&overview("").await) > refused_before);

    // All of it happened in an hour of long ago, in which nobody else said anything. When a message was said is in its id.
    let hour = Timestamp::from_second(1_000_000_800 + i64::from(visitor.id.as_fields().1) * 3_600).unwrap();
    let millis = format!("{:012x}", (hour + SignedDuration::from_mins(5)).as_millisecond());
    let moment = format!("{}-{}", &millis[..8], &millis[8..]);
    let then = "update chat_messages set id = overlay(id::text placing $2::text from 1 for 13)::uuid,
        parent_id = overlay(parent_id::text placing $2::text from 1 for 13)::uuid where session_id = $1::uuid returning id";
    assert!(stores::rows(then, &[&session, &moment]).await.len() >= 8);
    // What is thought of it counts with what it is of, whenever it is said.
    let answers = "select id from chat_messages where session_id = $1::uuid and role = 'assistant'";
    for (answer, vote) in stores::rows(answers, &[&session]).await.iter().zip(["up", "up", "down"]) {
        let path = format!("/chat/sessions/{session}/messages/{}/feedback", answer[0].as_deref().unwrap());
        visitor.call("PUT", &path, Some(&json!({"vote": vote}))).await.expect(200);
    }
    let told = overview(&format!("?from={hour}&to={}", hour + SignedDuration::from_mins(10))).await;
    assert_eq!(told["messages"], json!({"completed": 5, "stopped": 1, "interrupted": 1, "failed": 1}), "{told}");
    assert_eq!((&told["success_rate"], &told["users"]["active"]), (&json!(0.75), &json!(1)));
    assert_eq!(told["failures"], json!([{"code": "provider_error", "count": 2}]));
    let hours = told["hours"].as_array().unwrap();
    assert_eq!((hours.len(), &hours[0]["messages"], &hours[0]["failed"]), (1, &json!(8), &json!(2)), "{told}");
    let rows = "select ttft_ms, duration_ms, prompt_tokens, token_count from chat_messages
        where session_id = $1::uuid and role = 'assistant' order by ttft_ms";
    let rows = stores::rows(rows, &[&session]).await;
    let column = |at: usize| -> Vec<i64> {
        let mut numbers: Vec<i64> = rows.iter().filter_map(|row| row[at].as_ref()?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    };
    for (name, numbers) in [("ttft_ms", column(0)), ("duration_ms", column(1))] {
        assert_eq!(numbers.len(), 7, "{name} of each answer that began: {numbers:?}");
        for (quantile, part) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let (is, exact) = (told[name][quantile].as_f64().unwrap(), percentile(&numbers, part));
            assert!((is - exact).abs() <= 1.0, "{name} {quantile}: {is}, and {exact} by {numbers:?}");
        }
    }
    let models = told["models"].as_array().unwrap();
    let sum = |name: &str| models.iter().map(|model| model[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("answers"), sum("prompt_tokens")), (7, column(2).iter().sum()), "{told}");
    assert_eq!(sum("completion_tokens"), column(3).iter().sum::<i64>());
    assert!(sum("completion_tokens") > 0 && models.iter().any(|model| model["usd"].as_f64().unwrap() > 0.0), "{told}");
    assert_eq!(told["feedback"], json!([{"model": models[0]["model"], "up": 2, "down": 1}]));
    let tokens = sum("prompt_tokens") + sum("completion_tokens");
    assert_eq!(told["busiest"], json!([{"user_id": visitor.id, "messages": 8, "tokens": tokens}]));

    // Of the last day others are told, too; while they talk or look, until nobody does between two looks.
    admin.send(None, &admin.text("today")).await.expect(200);
    let statements = async || control::calls("sql", &control::tag("read_overview"), admin.since()).await.len();
    let patience = || Duration::from_secs(30);
    let same = within(patience, || async {
        stores::redis(&["DEL", "chat:overview", "chat:overview:turn"]).await;
        let before = statements().await;
        // A program's look is what everybody is told next.
        let text = server.send(metrics().token(METRICS_TOKEN)).await.expect(200).text();
        let status_now = status(&server).await.json();
        // The day and the last minutes, once for all who ask.
        let asked = statements().await - before;
        if asked != 2 {
            return Err(format!("{asked} statements"));
        }
        let at: Timestamp = status_now["at"].as_str().unwrap().parse().unwrap();
        let from = at - SignedDuration::from_hours(24);
        let told = overview(&format!("?from={from}&to={at}")).await;
        let line = |name: &str, labels: &str| gauge(&text, &format!("{name}{{window=\"24h\",{labels}}}"));
        let same = ["completed", "stopped", "interrupted", "failed"].iter().all(|outcome| {
            line("edgewise_messages", &format!("outcome=\"{outcome}\"")) == told["messages"][*outcome].as_f64()
        });
        let in_seconds =
            |percentile: &str| told["ttft_ms"][format!("p{percentile}")].as_f64().map(|millis| millis / 1_000.0);
        let percentiles = ["50", "95", "99"].iter().all(|percentile| {
            line("edgewise_first_byte_seconds", &format!("percentile=\"{percentile}\"")) == in_seconds(percentile)
        });
        let of_status = status_now["success_rate"] == told["success_rate"]
            && parts(&status_now["ttft_ms"], &["p50", "p95"]) == parts(&told["ttft_ms"], &["p50", "p95"]);
        if same && percentiles && of_status { Ok(()) } else { Err(format!("{told}\n{status_now}\n{text}")) }
    })
    .await;
    same.unwrap_or_else(|reason| panic!("all three say the same: {reason}"));

    // What an instance has told is told again, and Redis is not asked: it would be by the request's id.
    eventually("nobody is asked", || async {
        let (since, told) = (control::newest().await, status(&server).await);
        let asked = control::calls("redis", told.header("x-request-id"), since).await.len();
        if asked == 0 { Ok(()) } else { Err(asked.to_string()) }
    })
    .await;
    let page = server.send(Call::new("GET", "/status")).await.expect(200);
    assert!(page.text().contains("in the last 24 hours") && !page.text().contains("<script"), "{}", page.text());
    visitor.leaves().await;
    admin.leaves().await;
}

#[tokio::test]
async fn only_who_runs_the_page_is_told_and_everybody_where_that_is_wished() {
    let server = server().await;
    let (admin, visitor) = (Visitor::of(&server, "admin").await, Visitor::of(&server, "user").await);
    server.send(Call::new("GET", format!("/api/v1{OVERVIEW}"))).await.problem(401, "unauthenticated");
    visitor.get(OVERVIEW).await.problem(403, "forbidden");
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2026-01-01", "to"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
        ("from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:01Z", "from"),
        ("from=1969-12-31T00:00:00Z&to=1970-01-01T00:00:00Z", "from"),
    ] {
        let problem = admin.get(&format!("{OVERVIEW}?{query}")).await.problem(400, "invalid_request");
        assert_eq!(problem["field"], field, "{query}");
    }
    server.send(metrics()).await.problem(401, "unauthenticated");
    for token in [&METRICS_TOKEN[1..], &METRICS_TOKEN.to_uppercase(), admin.token.as_str(), "x"] {
        server.send(metrics().token(token)).await.problem(401, "unauthenticated");
    }
    // Nobody wishes it.
    let closed = Server::under_test();
    for path in ["/metrics", "/status", "/api/v1/status", "/api/v1/admin/overview"] {
        for method in ["GET", "POST"] {
            let call = Call::new(method, path).token(METRICS_TOKEN);
            closed.send(call).await.problem(404, "not_found");
        }
    }
    visitor.leaves().await;
    admin.leaves().await;
}
