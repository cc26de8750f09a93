//! The core in this process, on the native platform and real stores: what needs another clock, or proves that the seam holds
//! on a platform that is not Workers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use api::{Body, ConfigState, Incoming, Service, TABLES};
use async_trait::async_trait;
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, HttpError, IncomingBody, Platform};
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

#[tokio::test(flavor = "local")]
async fn the_same_core_streams_and_keeps_an_answer_here_too() {
    let platform = platform();
    let token = guest(&platform).await;
    let response =
        call(&platform, "POST", "/api/v1/chat/messages", Some(&token), r#"{"content":"Hello from a native test"}"#)
            .await;
    assert_eq!(response.status(), StatusCode::OK);
    let session = response.headers()["x-session-id"].to_str().unwrap().to_owned();
    let Body::Stream(reader) = response.into_body() else { panic!("no stream") };
    let mut reader = *reader.0.downcast::<ReaderChannel>().ok().unwrap();
    let mut stream = Vec::new();
    while let Some(chunk) = reader.recv().await {
        stream.extend_from_slice(&chunk);
    }
    let stream = String::from_utf8(stream).unwrap();
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
}
