//! `wrangler dev`, with the variables that a running `dev` wrote for it: the Worker as wrangler.toml describes it, by Cloudflare's own tool.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tests::{Call, Server, Visitor, control, eventually, tokens};
use uuid::Uuid;

/// One test, because starting wrangler takes long.
#[tokio::test]
async fn wrangler_serves_the_page_and_streams_from_the_same_stores() {
    let server = Server::by_wrangler().await;
    let visitor = Visitor::of(&server, "guest").await;

    // A message, whose first words are there while upstream is still sending.
    let scene = visitor.scene(json!({"chunks": 20, "chunk_text": "w{i} ", "pace_ms": 100})).await;
    let mut reader = visitor.open_stream(None, &scene.text("through wrangler")).await;
    assert_eq!(reader.status, 200);
    assert!(reader.read_chunks(2).await, "{}", reader.said());
    assert!(!String::from_utf8_lossy(&reader.body).contains("[DONE]"), "the answer came as a whole");
    let session = reader.header("x-session-id").to_owned();
    tokio::time::timeout(Duration::from_secs(30), reader.read_to_end()).await.expect("the answer's end");
    assert_eq!(reader.said().split_whitespace().count(), 20, "{}", reader.said());
    let stored = visitor.settled(&session, "assistant").await;
    assert_eq!((&stored["status"], stored["content"].as_str()), (&json!("complete"), Some(reader.said().as_str())));

    // Files, the page's addresses and what is neither are as wrangler.toml and static/public say.
    for (path, status, kept) in [
        ("/", 200, "public, max-age=0, must-revalidate"),
        ("/c/x", 200, "public, max-age=0, must-revalidate"),
        ("/foo", 404, "no-store"),
        ("/assets/gone.js", 404, "no-store"),
        ("/_headers", 404, "no-store"),
    ] {
        let answer = server.send_outside_the_contract(Call::new("GET", path)).await.expect(status);
        assert_eq!(answer.header("cache-control"), kept, "{path}");
    }
    visitor.leaves().await;

    // What Cloudflare's clock asks for (wrangler.toml, `[triggers]`).
    let ran = Call::new("GET", "/cdn-cgi/handler/scheduled?cron=17+4+*+*+*");
    server.send_outside_the_contract(ran).await.expect(200);
    eventually("maintenance is told to the log", || async {
        let is_told = server.output().iter().any(|line| line.contains("maintenance_done") && line.contains("finished"));
        if is_told { Ok(()) } else { Err(server.output().join("\n")) }
    })
    .await;

    // Cloudflare's counters as wrangler.toml has them: what they refuse asks no store.
    let reader = Visitor::of(&server, "guest").await;
    assert!((60..=120).contains(&refused_after(&reader, "/chat/quota").await), "reads of one token");
    let asked = || async { control::calls("redis", &reader.id.to_string(), reader.since()).await.len() };
    loop {
        let before = asked().await;
        // The counters may just have begun anew.
        if reader.get("/chat/quota").await.status == 429 {
            assert_eq!(asked().await, before);
            break;
        }
    }
    reader.leaves().await;

    // A token pays for itself, from wherever it comes; an address has far more for those who show one, whosever they are, and as many as one token for those who show none.
    let own = tokens::valid(Uuid::now_v7(), "guest");
    let moving = |number: usize| config(&format!("192.0.2.{}", number % 250)).token(&own);
    assert!((300..700).contains(&answered_of(&server, moving).await), "calls of one token");
    let crowd = |_| config("198.51.100.1").token(&tokens::valid(Uuid::now_v7(), "guest"));
    assert!((1_200..2_500).contains(&answered_of(&server, crowd).await), "calls of one address with many tokens");
    server.send(config("198.51.100.1")).await.expect(200);
    assert!((300..700).contains(&answered_of(&server, |_| config("198.51.100.2")).await), "calls without a token");
    // One that was made up elsewhere is none.
    server.send(config("198.51.100.2").token("made.up.elsewhere")).await.problem(429, "rate_limited");
    server.send(config("198.51.100.2").token(&tokens::valid(Uuid::now_v7(), "guest"))).await.expect(200);
}

/// What costs no store anything. The address is told as Cloudflare would.
fn config(address: &str) -> Call {
    Call::new("GET", "/api/v1/config").header("cf-connecting-ip", address)
}

/// How many calls are answered before some are refused, sixteen at a time: the counters begin anew with each minute.
async fn answered_of(server: &Server, call: impl Fn(usize) -> Call) -> usize {
    let mut answered = 0;
    while answered < 4_000 {
        let answers = join_all((0..16).map(|number| server.send(call(answered + number)))).await;
        let refused = answers.iter().filter(|answer| answer.status != 200).inspect(|answer| {
            answer.problem(429, "rate_limited");
        });
        let refused = refused.count();
        answered += answers.len() - refused;
        if refused > 0 {
            return answered;
        }
    }
    panic!("none is ever refused");
}

/// How many calls are answered before one is refused. The counters begin anew with each minute.
async fn refused_after(visitor: &Visitor, path: &str) -> usize {
    for answered in 0..1_000 {
        let answer = visitor.get(path).await;
        if answer.status != 200 {
            let error = answer.problem(429, "rate_limited");
            assert_eq!((&error["scope"], answer.number("retry-after")), (&json!("address"), 10));
            return answered;
        }
    }
    panic!("{path} is never refused");
}
