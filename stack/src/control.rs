//! The control plane: faults, call log, model scenarios, mails, clock.

use crate::Stack;
use crate::calls::Wanted;
use crate::faults::Rule;
use crate::model::ScenarioRule;
use crate::redis::Backend;
use crate::server::{Answer, json};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json as value};
use std::sync::atomic::Ordering;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    offset_ms: i64,
}

/// Answers one request under `/control/`.
pub async fn answer(stack: &Stack, head: &http::request::Parts, body: &[u8]) -> Answer {
    let text = |name: &str| {
        let query = head.uri.query().unwrap_or_default();
        let found = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, text)| text.into_owned())
    };
    let number = |name: &str| text(name).and_then(|number| number.parse::<u64>().ok());
    let path = head.uri.path().strip_prefix("/control").unwrap_or_default();
    match (&head.method, path) {
        (&Method::POST, "/faults") => match serde_json::from_slice::<Rule>(body) {
            Ok(rule) if rule.is_valid() => ok(&value!({ "id": stack.faults.add(rule) })),
            Ok(_) => refused("the status is not one of HTTP"),
            Err(error) => refused(&error.to_string()),
        },
        (&Method::DELETE, "/faults") => match number("id").map(|id| stack.faults.lift(id)) {
            Some(Some(struck)) => ok(&value!({ "struck": struck })),
            Some(None) => json(StatusCode::NOT_FOUND, r#"{"error":"no such rule"}"#),
            None => {
                stack.faults.clear();
                done()
            }
        },
        (&Method::GET, "/calls") => {
            let wanted = Wanted { since: number("since").unwrap_or(0), face: text("face"), contains: text("contains") };
            let (calls, last) = stack.calls.wanted(&wanted);
            ok(&value!({ "calls": calls, "last": last }))
        }
        (&Method::DELETE, "/calls") => {
            stack.calls.clear();
            done()
        }
        (&Method::GET, "/calls/wait") => {
            let limit = Duration::from_millis(number("timeout_ms").unwrap_or(10_000));
            match stack.calls.ended(number("seq").unwrap_or(0), limit).await {
                Some(record) if record.ended_us.is_some() => ok(&value!({ "call": record })),
                Some(record) => json(StatusCode::REQUEST_TIMEOUT, value!({ "call": record }).to_string()),
                None => json(StatusCode::NOT_FOUND, r#"{"error":"no such call"}"#),
            }
        }
        (&Method::POST, "/model") => match serde_json::from_slice::<ScenarioRule>(body) {
            Ok(rule) => {
                stack.model.scenarios.set(rule);
                done()
            }
            Err(error) => refused(&error.to_string()),
        },
        (&Method::DELETE, "/model") => {
            stack.model.scenarios.clear();
            done()
        }
        (&Method::POST, "/clock") => match (serde_json::from_slice::<Clock>(body), &stack.redis.backend) {
            (Ok(clock), Backend::Embedded(store)) => {
                store.set_clock_offset(clock.offset_ms).await;
                done()
            }
            (Ok(_), Backend::Remote(_)) => json(StatusCode::CONFLICT, r#"{"error":"a real Redis keeps its own time"}"#),
            (Err(error), _) => refused(&error.to_string()),
        },
        (&Method::GET, "/mails") => ok(&value!({ "mails": stack.mail.sent_to(text("to").as_deref()) })),
        (&Method::GET, "/connections") => {
            let calls: serde_json::Map<String, Value> = stack
                .calls
                .open()
                .into_iter()
                .filter_map(|(face, open)| Some((serde_json::to_value(face).ok()?.as_str()?.to_owned(), open.into())))
                .collect();
            ok(&value!({ "connections": stack.connections.load(Ordering::Relaxed), "open": calls }))
        }
        _ => json(StatusCode::NOT_FOUND, r#"{"error":"no such control"}"#),
    }
}

fn ok(body: &Value) -> Answer {
    json(StatusCode::OK, body.to_string())
}

fn done() -> Answer {
    ok(&value!({}))
}

fn refused(words: &str) -> Answer {
    json(StatusCode::BAD_REQUEST, value!({ "error": words }).to_string())
}
