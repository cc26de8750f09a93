//! The core in this process, on the native platform and real stores: what needs another clock or lives as long as an instance, or proves that the seam
//! holds on a platform that is not Workers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use api::{Body, ConfigState, Incoming, Service, TABLES};
use async_trait::async_trait;
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, HttpClient, HttpError, IncomingBody, Platform};
use runtime_native::{ReaderChannel, SystemClock, native};
use serde_json::Value;

/// A body that is there already.
struct Whole(Bytes);

#[async_trait(?Send)]
impl IncomingBody for Whole {
    async fn collect(self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        if self.0.len() > limit { Err(HttpError::TooLarge(limit)) } else { Ok(self.0) }
    }
}

/// The system's clock, moved.
struct Moved(SignedDuration);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.0).unwrap()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// Notes how much a statement is answered with.
struct Weighing {
    client: Rc<dyn HttpClient>,
    statement: &'static str,
    bytes: Rc<Cell<Option<usize>>>,
}

#[async_trait(?Send)]
impl HttpClient for Weighing {
    async fn send(&self, request: Request<Bytes>, deadline: Duration) -> Result<Response<Bytes>, HttpError> {
        let is_weighed = String::from_utf8_lossy(request.body()).contains(self.statement);
        let response = self.client.send(request, deadline).await?;
        if is_weighed {
            self.bytes.set(Some(response.body().len()));
        }
        Ok(response)
    }
}

fn platform() -> Platform {
    let mut variables: HashMap<String, String> = std::env::vars().collect();
    assert!(variables.contains_key("DATABASE_HTTP_URL"), "no stores: run `cargo xtask test`, which starts them");
    variables.insert("FEATURE_CHAT_ENABLED".to_owned(), "true".to_owned());
    variables.insert("CHAT_GUEST_IP_DAILY_QUOTA".to_owned(), "1000000".to_owned());
    native(variables)
}

async fn call(platform: &Platform, method: &str, path: &str, token: Option<&str>, body: &str) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let incoming = Incoming { parts, body: Box::new(Whole(Bytes::copy_from_slice(body.as_bytes()))), client: None };
    let loaded = ConfigState::load(platform).await;
    Service::new(&TABLES.concat()).serve(platform.clone(), &loaded, incoming, async |_| false).await
}

fn json(response: Response<Body>) -> Value {
    let Body::Whole(bytes) = response.into_body() else { panic!("a stream instead of JSON") };
    serde_json::from_slice(&bytes).unwrap()
}

async fn guest(platform: &Platform) -> String {
    let answer = json(call(platform, "POST", "/api/v1/auth/guest", None, "{}").await);
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "local")]
async fn a_token_ends_after_thirty_days_and_not_before() {
    let now = platform();
    let token = guest(&now).await;
    for (days, status) in [(29, StatusCode::OK), (30, StatusCode::UNAUTHORIZED)] {
        let later = Platform { clock: Rc::new(Moved(SignedDuration::from_hours(24 * days))), ..now.clone() };
        let response = call(&later, "GET", "/api/v1/chat/sessions", Some(&token), "").await;
        assert_eq!(response.status(), status, "after {days} days");
        if status != StatusCode::OK {
            assert_eq!(json(response)["error"]["code"], "token_expired");
        }
    }
}

/// The session and the whole stream of a message.
async fn streamed(platform: &Platform, token: &str) -> (String, String) {
    let question = r#"{"content":"Hello from a native test"}"#;
    let response = call(platform, "POST", "/api/v1/chat/messages", Some(token), question).await;
    assert_eq!(response.status(), StatusCode::OK);
    let session = response.headers()["x-session-id"].to_str().unwrap().to_owned();
    let Body::Stream(reader) = response.into_body() else { panic!("no stream") };
    let mut reader = *reader.0.downcast::<ReaderChannel>().ok().unwrap();
    let mut stream = Vec::new();
    while let Some(chunk) = reader.recv().await {
        stream.extend_from_slice(&chunk);
    }
    (session, String::from_utf8(stream).unwrap())
}

#[tokio::test(flavor = "local")]
async fn the_same_core_streams_and_keeps_an_answer_here_too() {
    let platform = platform();
    let token = guest(&platform).await;
    let (mut session, mut stream) = streamed(&platform, &token).await;
    if stream.contains("not_saved") {
        // A busy machine has stored it late.
        (session, stream) = streamed(&platform, &token).await;
    }
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    let text: String = stream
        .split("\n\n")
        .filter_map(|event| serde_json::from_str::<Value>(event.strip_prefix("data: ")?).ok())
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
        .collect();

    // The row is settled by a task of this thread, a moment after the last byte.
    let stored = loop {
        let read = call(&platform, "GET", &format!("/api/v1/chat/sessions/{session}"), Some(&token), "").await;
        let read = json(read);
        if read["messages"][1]["status"] != "streaming" {
            break read;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(stored["messages"][1]["status"], "complete");
    assert_eq!(stored["messages"][1]["content"], text.as_str());

    // What a link has shown is asked for each time, and sent to the same instance once.
    let shares = format!("/api/v1/chat/sessions/{session}/shares");
    let wish = serde_json::json!({"leaf_id": stored["messages"][1]["id"]}).to_string();
    let link = json(call(&platform, "POST", &shares, Some(&token), &wish).await);
    let bytes = Rc::new(Cell::new(None));
    let client = Weighing { client: platform.sql.clone(), statement: r"-- read_share\n", bytes: bytes.clone() };
    let weighed = Platform { sql: Rc::new(client), ..platform.clone() };
    let shown = format!("/api/v1/shares/{}", link["url"].as_str().unwrap().rsplit('/').next().unwrap());
    let mut read = Vec::new();
    for _ in 0..3 {
        let response = call(&weighed, "GET", &shown, None, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        read.push((bytes.take().expect("the database is asked"), json(response)));
    }
    assert_eq!(read[0].1["messages"][1]["content"], text.as_str());
    assert!(read.iter().all(|(_, shown)| *shown == read[0].1));
    assert!(read[0].0 > text.len() && read[1].0 == read[2].0 && read[1].0 + text.len() < read[0].0, "{read:?}");
    let question = serde_json::json!({"revision": 1, "leaf_id": stored["messages"][0]["id"]}).to_string();
    let one = format!("{shares}/{}", link["id"].as_str().unwrap());
    assert_eq!(call(&platform, "PATCH", &one, Some(&token), &question).await.status(), StatusCode::OK);
    let moved = json(call(&weighed, "GET", &shown, None, "").await);
    assert_eq!((moved["revision"].as_u64(), moved["messages"].as_array().map(Vec::len)), (Some(2), Some(1)));
    assert_eq!(call(&platform, "DELETE", &one, Some(&token), "").await.status(), StatusCode::OK);
    assert_eq!(call(&weighed, "GET", &shown, None, "").await.status(), StatusCode::NOT_FOUND);
}
