//! The same request twice: one answer, one charge, whatever came between.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Visitor, control, eventually};

use crate::replay::{replayed, without_late_save};
use crate::{message_path, paced, paced_text};

/// What says that an answer was given before.
const REPLAYED: &str = "idempotent-replayed";

fn messages(session: &str) -> String {
    format!("/chat/sessions/{session}/messages")
}

async fn send(visitor: &Visitor, session: &str, content: &str, stream: bool, key: &str) -> Answer {
    visitor.keyed("POST", &messages(session), &json!({"content": content, "stream": stream}), key).await
}

/// Waits until a user's charges are as many.
async fn charged(visitor: &Visitor, times: i64) {
    eventually("the charges", || async {
        let used = visitor.used_today().await;
        if used == times { Ok(()) } else { Err(format!("{used} instead of {times}")) }
    })
    .await;
}

#[tokio::test]
async fn a_finished_answer_is_given_again_as_a_stream_and_whole_and_costs_nothing() {
    let visitor = Visitor::new().await;
    for starts_session in [false, true] {
        let session = visitor.session().await;
        let path = if starts_session { "/chat/messages".to_owned() } else { messages(&session) };
        for first_streams in [true, false] {
            let (before, calls) = (visitor.used_today().await, visitor.model_calls().await.len());
            let scene = visitor.scene(paced(12, 0)).await;
            let key = format!("key-{starts_session}-{first_streams}");
            let ask = |stream: bool| json!({"content": scene.text("twice"), "stream": stream});
            let first = visitor.keyed("POST", &path, &ask(first_streams), &key).await.expect(200);
            assert_eq!(first.optional_header(REPLAYED), None);
            let session = first.header("x-session-id").to_owned();
            visitor.settled(&session, "assistant").await;
            for stream in [true, false, true] {
                let again = visitor.keyed("POST", &path, &ask(stream), &key).await.expect(200);
                assert_eq!(again.header(REPLAYED), "true");
                for name in ["x-session-id", "x-user-message-id", "x-message-id"] {
                    assert_eq!(again.header(name), first.header(name));
                }
                if stream {
                    assert!(again.header("content-type").starts_with("text/event-stream"));
                    assert_eq!(again.said(), paced_text(12));
                    assert!(again.text().ends_with("data: [DONE]\n\n"));
                } else {
                    let whole = again.json();
                    assert_eq!(whole["message"]["content"], paced_text(12));
                    assert_eq!(
                        json!([whole["user_message"], whole["message"]]),
                        json!(visitor.messages(&session).await[visitor.messages(&session).await.len() - 2..])
                    );
                }
            }
            charged(&visitor, before + 1).await;
            assert_eq!(visitor.model_calls().await.len(), calls + 1);
        }
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_key_has_two_forms_and_bad_ones_are_refused() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let text = visitor.text("forms");
    // A structured string names the same key as the bare word; escapes are the structured form's own.
    for (first, second) in
        [("abc-1", "\"abc-1\""), ("\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""), (&"k".repeat(255), &"k".repeat(255))]
    {
        let sent = send(&visitor, &session, &text, false, first).await.expect(200);
        assert_eq!(sent.optional_header(REPLAYED), None, "{first}");
        let again = send(&visitor, &session, &text, false, second).await.expect(200);
        assert_eq!((again.header(REPLAYED), again.header("x-message-id")), ("true", sent.header("x-message-id")));
    }
    for bad in ["\"\"", "\"open", &"k".repeat(256), "a\tb"] {
        let refused = send(&visitor, &session, &text, true, bad).await;
        assert_eq!(refused.problem(400, "invalid_request")["field"], "Idempotency-Key", "{bad:?}");
    }
    assert_eq!((visitor.model_calls().await.len(), visitor.messages(&session).await.len()), (3, 6));
    charged(&visitor, 3).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_repeat_joins_the_running_answer_or_is_told_that_it_runs() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scene = visitor.scene(paced(150, 50)).await;
    let body = json!({"content": scene.text("running")});
    let call = visitor.asks("POST", &messages(&session), Some(&body)).header("idempotency-key", "running");
    let mut first = tests::Reader::of(visitor.server().base(), &call).await;
    assert!(first.read_chunks(3).await);
    let whole = send(&visitor, &session, &scene.text("running"), false, "running").await;
    whole.problem(409, "generation_in_progress");
    assert!(whole.number("retry-after") >= 1);
    let mut second = tests::Reader::of(visitor.server().base(), &call).await;
    assert_eq!((second.status, second.header("x-message-id")), (200, first.header("x-message-id")));
    futures::future::join(first.read_to_end(), second.read_to_end()).await;
    assert_eq!(first.said(), paced_text(150));
    assert_eq!(replayed(&second.body).bytes, without_late_save(&first.text()));
    charged(&visitor, 1).await;
    assert_eq!(visitor.model_calls().await.len(), 1);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_user() {
    let (visitor, other) = (Visitor::new().await, Visitor::new().await);
    let (session, second_session) = (visitor.session().await, visitor.session().await);
    let text = visitor.text("mine");
    let first = send(&visitor, &session, &text, false, "shared").await.expect(200);
    send(&visitor, &session, &visitor.text("something else"), true, "shared")
        .await
        .problem(422, "idempotency_mismatch");
    send(&visitor, &second_session, &text, false, "shared").await.problem(422, "idempotency_mismatch");
    let new_session = visitor.keyed("POST", "/chat/messages", &json!({"content": text}), "shared").await;
    new_session.problem(422, "idempotency_mismatch");
    let regenerate = format!("{}/regenerate", message_path(&session, first.header("x-message-id")));
    visitor.keyed("POST", &regenerate, &json!({}), "shared").await.problem(422, "idempotency_mismatch");
    charged(&visitor, 1).await;
    // The same words and the same key of another user are another request.
    let theirs = other.session().await;
    let sent = send(&other, &theirs, &other.text("theirs"), false, "shared").await.expect(200);
    assert_eq!(sent.optional_header(REPLAYED), None);
    // Without a key, or under another, the same words are sent again.
    visitor.send(Some(&session), &text).await.expect(200);
    send(&visitor, &session, &text, false, "another").await.expect(200);
    assert_eq!(visitor.messages(&session).await.len(), 6);
    visitor.leaves().await;
    other.leaves().await;
}

#[tokio::test]
async fn of_20_at_once_under_one_key_one_asks_the_model() {
    let visitor = Visitor::new().await;
    for stream in [true, false] {
        let session = visitor.session().await;
        let scene = visitor.scene(paced(10, 30)).await;
        let (calls, used) = (visitor.model_calls().await.len(), visitor.used_today().await);
        let text = scene.text("me first");
        let key = format!("at-once-{stream}");
        let answers = join_all((0..20).map(|_| decided(&visitor, &session, &text, stream, &key))).await;
        let (given, told): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(!given.is_empty());
        for answer in &given {
            assert_eq!(answer.header("x-message-id"), given[0].header("x-message-id"));
            let said = if stream { answer.said() } else { text_of(&answer.json()["message"]["content"]) };
            assert_eq!(said, paced_text(10));
        }
        assert_eq!(given.iter().filter(|answer| answer.optional_header(REPLAYED).is_none()).count(), 1);
        for answer in told {
            // Five of them read the running answer along; there is no place for more.
            match answer.status {
                429 => assert_eq!(answer.problem(429, "rate_limited")["scope"], "readers"),
                _ => drop(answer.problem(409, "generation_in_progress")),
            }
        }
        visitor.settled(&session, "assistant").await;
        assert_eq!(visitor.model_calls().await.len(), calls + 1, "exactly one upstream call");
        assert_eq!(visitor.messages(&session).await.len(), 2, "one question, one answer");
        charged(&visitor, used + 1).await;
    }
    visitor.leaves().await;
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Sends until there is a decision: on a busy machine Redis can take longer than its timeout.
async fn decided(visitor: &Visitor, session: &str, text: &str, stream: bool, key: &str) -> Answer {
    for _ in 0..20 {
        let answer = send(visitor, session, text, stream, key).await;
        if answer.status != 503 {
            return answer;
        }
        answer.problem(503, "storage_unavailable");
    }
    panic!("no decision in 20 tries")
}

#[tokio::test]
async fn a_turn_that_fails_gives_its_key_back() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let text = visitor.text("later");
    for (face, fault, status) in [
        ("model", json!({"status": 400, "body": "{}"}), 502),
        ("sql", json!({"status": 500, "body": "{\"message\":\"Control plane request failed\"}"}), 503),
        ("redis", json!({"refuse": true}), 503),
    ] {
        let key = format!("key-{face}");
        let fault = control::fault(face, &visitor.id.to_string(), fault, None).await;
        assert_eq!(send(&visitor, &session, &text, true, &key).await.status, status, "{face}");
        assert!(fault.lift().await >= 1);
        // What gives it back may come a moment after the error where a store was down.
        let sent = eventually("the key is free", || async {
            let sent = send(&visitor, &session, &text, true, &key).await;
            if sent.status == 409 { Err(sent.text()) } else { Ok(sent) }
        })
        .await
        .expect(200);
        assert_eq!(sent.optional_header(REPLAYED), None, "{face}: nothing was answered before");
        visitor.settled(&session, "assistant").await;
        let again = send(&visitor, &session, &text, true, &key).await.expect(200);
        assert_eq!((again.header(REPLAYED), again.said()), ("true", sent.said()));
    }
    charged(&visitor, 3).await;
    let messages = visitor.messages(&session).await;
    assert_eq!(messages.len(), 6, "each question stands there once: {messages:?}");
    visitor.leaves().await;
}

/// Lets the model refuse a visitor's next calls.
async fn model_refuses(visitor: &Visitor, times: u64) -> control::Fault {
    control::fault("model", &visitor.id.to_string(), json!({"status": 400, "body": "{}"}), Some(times)).await
}

/// Fails a request before its first byte and makes it again: the answer of the second try.
async fn at_second_try(visitor: &Visitor, method: &str, path: &str, content: &str) -> Answer {
    let body = json!({"content": content});
    let key = format!("second-{path}");
    let fault = model_refuses(visitor, 2).await;
    for _ in 0..2 {
        visitor.keyed(method, path, &body, &key).await.problem(502, "provider_error");
        visitor.at_rest().await;
    }
    assert_eq!(fault.lift().await, 2);
    visitor.keyed(method, path, &body, &key).await.expect(200)
}

#[tokio::test]
async fn a_request_that_failed_and_comes_again_says_its_message_once() {
    let visitor = Visitor::new().await;
    let question = |answer: &Answer| answer.header("x-user-message-id").to_owned();
    // It starts a session.
    let sent = at_second_try(&visitor, "POST", "/chat/messages", &visitor.text("first")).await;
    let session = sent.header("x-session-id").to_owned();
    visitor.settled(&session, "assistant").await;
    assert_eq!(visitor.get("/chat/sessions").await.json()["total"], 1, "one session");
    // It continues in one.
    let second = at_second_try(&visitor, "POST", &messages(&session), &visitor.text("second")).await;
    visitor.settled(&session, "assistant").await;
    let known = visitor.messages(&session).await;
    let shape: Vec<_> = known.iter().map(|message| (&message["role"], &message["status"])).collect();
    let (user, assistant) = ((&json!("user"), &json!("complete")), (&json!("assistant"), &json!("complete")));
    assert_eq!(shape, [user, assistant, user, assistant]);
    assert_eq!(known[2]["id"], question(&second).as_str());
    assert_eq!(known[2]["parent_id"], known[1]["id"], "it follows what it followed at the first try");
    // It says one in other words.
    let edited =
        at_second_try(&visitor, "PUT", &message_path(&session, &question(&second)), &visitor.text("third")).await;
    visitor.settled(&session, "assistant").await;
    let known = visitor.messages(&session).await;
    assert_eq!((known.len(), &known[4]["id"]), (6, &json!(question(&edited))));
    assert_eq!(known[4]["parent_id"], known[1]["id"]);
    assert!(known.iter().all(|message| message["status"] == "complete"), "{known:?}");
    charged(&visitor, 3).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn after_something_else_was_said_a_failed_message_follows_that_when_it_comes_again() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let text = visitor.text("late");
    let fault = model_refuses(&visitor, 1).await;
    send(&visitor, &session, &text, true, "late").await.problem(502, "provider_error");
    visitor.at_rest().await;
    fault.lift().await;
    let between = visitor.send(Some(&session), &visitor.text("between")).await.expect(200).json();
    let again = send(&visitor, &session, &text, true, "late").await.expect(200);
    visitor.settled(&session, "assistant").await;
    let known = visitor.messages(&session).await;
    let statuses: Vec<_> = known.iter().map(|message| message["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["failed", "complete", "complete", "complete", "complete"]);
    assert_eq!(known[3]["id"], again.header("x-user-message-id"));
    assert_eq!(known[3]["parent_id"], between["message"]["id"]);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_key_that_is_free_again_may_stand_for_something_else() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let fault = model_refuses(&visitor, 1).await;
    send(&visitor, &session, &visitor.text("one"), true, "free").await.problem(502, "provider_error");
    visitor.at_rest().await;
    fault.lift().await;
    send(&visitor, &session, &visitor.text("other"), false, "free").await.expect(200);
    let known = visitor.messages(&session).await;
    let statuses: Vec<_> = known.iter().map(|message| message["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["failed", "complete", "complete"]);
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_broke_off_is_given_again_as_it_is() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scene = visitor.scene(json!({"chunks": 20, "chunk_text": "w{i} ", "close_at": 6})).await;
    let text = scene.text("broken");
    let first = send(&visitor, &session, &text, true, "broken").await.expect(200);
    visitor.settled(&session, "assistant").await;
    let again = send(&visitor, &session, &text, true, "broken").await.expect(200);
    assert_eq!((again.said(), again.header(REPLAYED)), (first.said(), "true"));
    assert!(again.text().contains("event: error"), "{}", again.text());
    let whole = send(&visitor, &session, &text, false, "broken").await.expect(200).json();
    assert_eq!(
        (&whole["message"]["status"], &whole["message"]["content"]),
        (&json!("interrupted"), &json!(first.said()))
    );
    assert_eq!(visitor.model_calls().await.len(), 1);
    visitor.leaves().await;
}

#[tokio::test]
async fn edit_regenerate_and_continue_take_a_key_too() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scene = visitor.scene(json!({"chunks": 20, "chunk_text": "w{i} ", "close_at": 6})).await;
    let sent = visitor.stream(Some(&session), &scene.text("first")).await.expect(200);
    let (question, answer) = (sent.header("x-user-message-id").to_owned(), sent.header("x-message-id").to_owned());
    visitor.settled(&session, "assistant").await;
    scene.afterwards(paced(4, 0)).await;
    control::scenario(scene.tag(), &paced(4, 0)).await;
    let at = |message: &str, action: &str| format!("{}{action}", message_path(&session, message));
    for (count, method, path, body) in [
        (2, "PUT", at(&question, ""), json!({"content": scene.text("edited")})),
        (3, "POST", at(&answer, "/regenerate"), json!({})),
        (4, "POST", at(&answer, "/continue"), json!({})),
    ] {
        let first = visitor.keyed(method, &path, &body, &path).await.expect(200);
        assert_eq!(first.optional_header(REPLAYED), None);
        eventually("no answer is running", || async {
            let messages = visitor.messages(&session).await;
            let running = messages.iter().filter(|message| message["status"] == "streaming").count();
            if running == 0 { Ok(()) } else { Err(running.to_string()) }
        })
        .await;
        let before = visitor.messages(&session).await;
        let again = visitor.keyed(method, &path, &body, &path).await.expect(200);
        assert_eq!((again.header(REPLAYED), again.header("x-message-id")), ("true", first.header("x-message-id")));
        assert_eq!(visitor.messages(&session).await, before);
        assert_eq!(visitor.model_calls().await.len(), count);
        charged(&visitor, count as i64).await;
    }
    visitor.leaves().await;
}
