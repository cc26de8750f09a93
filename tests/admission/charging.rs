//! What a message costs, however it ends: nothing reaches the model without a charge or a used place in the minute.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::clock::{self, MovedClock};
use tests::{Answer, PATIENT, Reader, Server, Visitor, control, eventually, stores};

/// Limits that nobody here meets but those a test is about.
const ROOMY: [(&str, &str); 4] = [
    ("CHAT_RATE_LIMIT_PER_MINUTE", "1000"),
    ("CHAT_DAILY_MESSAGE_QUOTA", "1000"),
    ("CHAT_MAX_CONCURRENT_STREAMS", "1000"),
    PATIENT,
];

/// Faults of ours or of the model's that a user is not charged for a day.
const RETURNS_PER_DAY: i64 = 10;

async fn roomy() -> Server {
    Server::started_with(&ROOMY).await
}

/// Messages of the day and of the minute that are used.
async fn used(visitor: &Visitor) -> (i64, i64) {
    let quota = visitor.quota().await;
    (quota["day"]["used"].as_i64().unwrap(), quota["minute"]["used"].as_i64().unwrap())
}

/// Waits for what is used of day and minute.
async fn uses(visitor: &Visitor, day: i64, minute: i64) {
    eventually("the charges", || async {
        let used = used(visitor).await;
        if used == (day, minute) { Ok(()) } else { Err(format!("{used:?} instead of {:?}", (day, minute))) }
    })
    .await;
}

/// Asks under a key, gives up as soon as the model is asked, or an answer is there, and waits for the turn's end.
async fn give_up(visitor: &Visitor, path: &str, body: &Value, key: &str) {
    let call = visitor.asks("POST", path, Some(body)).header("idempotency-key", key);
    let before = visitor.model_calls().await.len();
    let mut reader = Reader::begin_call(visitor.server().base(), &call).await;
    let glance = Duration::from_millis(20);
    while !reader.has_head_within(glance).await.unwrap() && visitor.model_calls().await.len() == before {}
    reader.reset();
    eventually("the turn has ended", || async {
        let quota = visitor.quota().await;
        if quota["streams"]["active"] == 0 { Ok(()) } else { Err(quota.to_string()) }
    })
    .await;
}

/// Sends until there is a decision: on a busy machine Redis can take longer than its timeout.
async fn decided(visitor: &Visitor, text: &str) -> Answer {
    loop {
        let answer = visitor.send(None, text).await;
        if answer.status != 503 || answer.any_problem()["code"] != "storage_unavailable" {
            return answer;
        }
    }
}

#[tokio::test]
async fn who_resets_every_connection_before_the_first_byte_pays_until_the_limits_refuse() {
    let _clock = clock::still().await;
    let mut variables = ROOMY;
    variables[0].1 = "20";
    let server = Server::started_with(&variables).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 1_500})).await;
    let mut sent = 0;
    while sent < 20 {
        let at_once = (20 - sent).min(3);
        let body = json!({"content": scene.text("gone"), "stream": sent % 2 == 0});
        let begun = (0..at_once).map(|_| Reader::begin(server.base(), "/api/v1/chat/messages", &visitor.token, &body));
        let readers = join_all(begun).await;
        sent += at_once;
        eventually("the model is asked", || async {
            let calls = visitor.model_calls().await.len();
            if calls == sent { Ok(()) } else { Err(format!("{calls} instead of {sent}")) }
        })
        .await;
        readers.into_iter().for_each(Reader::reset);
    }
    for answer in join_all((0..40).map(|_| decided(&visitor, "one more"))).await {
        answer.problem(429, "rate_limited");
    }
    uses(&visitor, 20, 20).await;
    assert_eq!(visitor.model_calls().await.len(), 20);
    visitor.leaves().await;
}

#[tokio::test]
async fn who_gives_up_before_the_first_byte_and_asks_again_under_the_key_pays_once_ten_times_a_day() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let scene = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 2_000})).await;
    let body = json!({"content": scene.text("again")});
    for sent in 1..=RETURNS_PER_DAY + 3 {
        // A runtime that does not tell of a reader who left keeps the answer, and gives it to the next one.
        give_up(&visitor, "/chat/messages", &body, "lost").await;
        let calls = i64::try_from(visitor.model_calls().await.len()).unwrap();
        let charged = (calls - RETURNS_PER_DAY).max(1);
        assert_eq!(used(&visitor).await.0, charged, "after {sent}, {calls} of which were asked");
    }
    visitor.leaves().await;
}

/// The model was asked for the try that was left: what becomes of its repeat before the model is asked again gives nothing back.
#[tokio::test]
async fn who_gives_up_and_deletes_the_session_has_used_the_message_whatever_comes_of_the_repeat() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let session = visitor.session().await;
    let scene = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 2_000})).await;
    let path = format!("/chat/sessions/{session}/messages");
    let body = json!({"content": scene.text("left, then deleted")});
    give_up(&visitor, &path, &body, "left-and-deleted").await;
    assert_eq!((used(&visitor).await.0, visitor.model_calls().await.len()), (1, 1));
    // A store that is down for the repeat leaves the charge and the key as they are.
    let fault = control::fault_at(
        "sql",
        &[&visitor.id.to_string(), &control::tag("open_turn")],
        json!({"status": 500, "body": "{}"}),
        None,
    )
    .await;
    for _ in 0..2 {
        let again = visitor.keyed("POST", &path, &body, "left-and-deleted").await;
        // A runtime that does not tell of a reader who left has kept the answer.
        assert!([200, 503].contains(&again.status), "{}", again.text());
        visitor.at_rest().await;
    }
    fault.lift().await;
    assert_eq!(used(&visitor).await.0, 1);
    visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    for _ in 0..2 {
        visitor.keyed("POST", &path, &body, "left-and-deleted").await.problem(410, "gone");
    }
    assert_eq!((used(&visitor).await.0, visitor.model_calls().await.len()), (1, 1));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_fault_gives_the_day_back_ten_times_and_never_the_minute() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let scene = visitor.scene(json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    let mut told = 0;
    for sent in 1..=RETURNS_PER_DAY + 2 {
        let answer = decided(&visitor, &scene.text("fails")).await;
        answer.problem(502, "provider_error");
        let charged = (sent - RETURNS_PER_DAY).max(0);
        uses(&visitor, charged, sent).await;
        // An error that did not wait for what undoes its turn knows no standing.
        if answer.optional_header("x-daily-quota-remaining").is_some() {
            told += 1;
            assert_eq!(answer.number("x-daily-quota-remaining"), 1000 - charged, "the headers say what was charged");
        }
    }
    assert!(told > 0, "no error says what was charged");
    assert_eq!(stores::user(&visitor.id.to_string()).await["returned"], RETURNS_PER_DAY);
    visitor.leaves().await;
}

/// Both stores were asked for it, and nothing of it was used: only the number of such requests can end it.
#[tokio::test]
async fn who_asks_for_what_is_not_there_again_and_again_is_out_for_a_while() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let missing = uuid::Uuid::now_v7().to_string();
    for _ in 0..20 {
        visitor.send(Some(&missing), "hello").await.problem(404, "session_not_found");
    }
    // Each is counted when its charge is undone.
    visitor.settled_in_redis().await;
    visitor.send(Some(&missing), "hello").await.problem(429, "rate_limited");
    uses(&visitor, 0, 0).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_conversation_that_is_too_long_costs_the_minute_and_is_no_fault() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let long = visitor.scene(json!({"error": {"status": 400, "code": "context_length_exceeded"}})).await;
    for sent in 1..=RETURNS_PER_DAY + 2 {
        decided(&visitor, &long.text("long")).await.any_problem();
        uses(&visitor, 0, sent).await;
    }
    // Faults are given back all the same.
    let failing = visitor.scene(json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    decided(&visitor, &failing.text("fails")).await.problem(502, "provider_error");
    uses(&visitor, 0, RETURNS_PER_DAY + 3).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_without_a_word_or_a_filtered_one_is_an_answer() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let filtered = |chunks: usize| json!({"chunks": chunks, "chunk_text": "w{i} ", "finish": "content_filter"});
    let role_only = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"finish_reason\":\"stop\"}]}\n\n";
    let mut charged = 0;
    for scenario in [json!({"raw": "data: [DONE]\n\n"}), json!({"raw": role_only}), filtered(0), filtered(2)] {
        let scene = visitor.scene(scenario.clone()).await;
        for stream in [true, false] {
            let session = visitor.session().await;
            let path = format!("/chat/sessions/{session}/messages");
            let body = json!({"content": scene.text("say nothing"), "stream": stream});
            let answer = visitor.keyed("POST", &path, &body, &format!("key-{charged}")).await.expect(200);
            charged += 1;
            uses(&visitor, charged, charged).await;
            let stored = visitor.settled(&session, "assistant").await;
            assert!(stored["status"] == "complete" || stored["status"] == "filtered", "{scenario}: {stored}");
            let text = if stream { json!(answer.said()) } else { answer.json()["message"]["content"].clone() };
            assert_eq!(stored["content"], text, "{scenario}");
            // Asked for again, it is given again.
            let again = visitor.keyed("POST", &path, &body, &format!("key-{}", charged - 1)).await.expect(200);
            assert_eq!(again.header("idempotent-replayed"), "true");
        }
    }
    uses(&visitor, charged, charged).await;
    assert_eq!(visitor.model_calls().await.len() as i64, charged);
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_no_stream_of_answers_is_a_fault_of_the_models() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let page = visitor.scene(json!({"raw": "<html>Please sign in</html>", "raw_content_type": "text/html"})).await;
    decided(&visitor, &page.text("hello")).await.problem(502, "provider_error");
    uses(&visitor, 0, 1).await;
    visitor.leaves().await;
}

/// Sends under a key to a session that is deleted while the message is being written; the answer, and whether the model was asked.
async fn send_and_delete(visitor: &Visitor, session: &str, body: &Value) -> Answer {
    let path = format!("/chat/sessions/{session}/messages");
    let late = json!({"latency_ms": 1_500});
    let fault =
        control::fault_at("sql", &[&visitor.id.to_string(), &control::tag("begin_answer")], late, Some(1)).await;
    let sending = visitor.keyed("POST", &path, body, "send-and-delete");
    let deleting = async {
        eventually("the model is asked", || async {
            if visitor.model_calls().await.is_empty() { Err("no call".to_owned()) } else { Ok(()) }
        })
        .await;
        visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    };
    let (answer, ()) = futures::future::join(sending, deleting).await;
    assert_eq!(fault.lift().await, 1);
    answer
}

#[tokio::test]
async fn who_deletes_the_session_of_a_message_under_way_has_used_the_message() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let session = visitor.session().await;
    let body = json!({"content": visitor.text("send and delete"), "stream": false});
    send_and_delete(&visitor, &session, &body).await.problem(404, "session_not_found");
    visitor.at_rest().await;
    uses(&visitor, 1, 1).await;
    // Neither its key nor the session's return gives another answer for it.
    let path = format!("/chat/sessions/{session}/messages");
    for restores in [false, true] {
        if restores {
            visitor.post(&format!("/chat/sessions/{session}/restore"), &json!({})).await.expect(200);
        }
        let gone = visitor.keyed("POST", &path, &body, "send-and-delete").await;
        gone.problem(410, "gone");
        assert_eq!(gone.header("x-should-retry"), "false");
    }
    uses(&visitor, 1, 1).await;
    assert_eq!(visitor.model_calls().await.len(), 1);
    visitor.leaves().await;
}

#[tokio::test]
async fn the_key_of_a_failed_try_is_gone_with_its_conversation() {
    let _clock = clock::still().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    let failing = visitor.scene(json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    for starts_session in [true, false] {
        let session = visitor.session().await;
        let path =
            if starts_session { "/chat/messages".to_owned() } else { format!("/chat/sessions/{session}/messages") };
        let key = format!("failed-{starts_session}");
        let body = json!({"content": failing.text("fails"), "stream": false});
        let failed = visitor.keyed("POST", &path, &body, &key).await;
        failed.problem(502, "provider_error");
        visitor.at_rest().await;
        let session = failed.header("x-session-id").to_owned();
        visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
        for _ in 0..2 {
            visitor.keyed("POST", &path, &body, &key).await.problem(410, "gone");
        }
        visitor.get(&format!("/chat/sessions/{session}")).await.problem(404, "session_not_found");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn the_key_of_a_deleted_conversation_is_gone_and_charges_nothing_more() {
    let clock = MovedClock::take().await;
    let visitor = Visitor::of(&roomy().await, "guest").await;
    for starts_session in [true, false] {
        let session = visitor.session().await;
        let path =
            if starts_session { "/chat/messages".to_owned() } else { format!("/chat/sessions/{session}/messages") };
        let (key, calls) = (format!("deleted-{starts_session}"), visitor.model_calls().await.len());
        let body = json!({"content": visitor.text("keep nothing"), "stream": false});
        let sent = visitor.keyed("POST", &path, &body, &key).await.expect(200);
        let (day, _) = used(&visitor).await;
        let session = sent.header("x-session-id").to_owned();
        visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
        // However long it is asked for.
        for minutes in [0, 2, 60] {
            clock.set(Duration::from_secs(minutes * 60)).await;
            for stream in [false, true] {
                let body = json!({"content": body["content"], "stream": stream});
                let gone = visitor.keyed("POST", &path, &body, &key).await;
                gone.problem(410, "gone");
                assert_eq!(gone.header("x-should-retry"), "false");
            }
        }
        clock.set(Duration::ZERO).await;
        assert_eq!((used(&visitor).await.0, visitor.model_calls().await.len()), (day, calls + 1));
        // When the conversation is back, so is the answer.
        visitor.post(&format!("/chat/sessions/{session}/restore"), &json!({})).await.expect(200);
        let again = visitor.keyed("POST", &path, &body, &key).await.expect(200);
        assert_eq!(again.header("x-message-id"), sent.header("x-message-id"));
        assert_eq!(used(&visitor).await.0, day);
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_request_whose_instance_died_before_it_wrote_anything_is_paid_once() {
    let clock = MovedClock::take().await;
    let (mortal, alive) = (roomy().await, roomy().await);
    let visitor = Visitor::of(&mortal, "guest").await;
    let session = visitor.session().await;
    let body = json!({"content": visitor.text("die first"), "stream": false});
    let path = format!("/chat/sessions/{session}/messages");
    let call = visitor.asks("POST", &path, Some(&body)).header("idempotency-key", "died");
    let id = visitor.id.to_string();
    let fault = control::fault_at("sql", &[&id, &control::tag("open_turn")], json!({"hang": true}), Some(1)).await;
    let waiting = Reader::begin_call(mortal.base(), &call).await;
    let standing = || async {
        let quota = alive.send(visitor.asks("GET", "/chat/quota", None)).await.expect(200).json();
        (quota["day"]["used"].as_i64().unwrap(), quota["minute"]["used"].as_i64().unwrap())
    };
    eventually("it is let in", || async {
        let standing = standing().await;
        if standing == (1, 1) { Ok(()) } else { Err(format!("{standing:?}")) }
    })
    .await;
    mortal.kill();
    drop(waiting);
    fault.lift().await;
    alive.send(call.clone()).await.problem(409, "generation_in_progress");
    clock.set(Duration::from_secs(61)).await;
    alive.send(call.clone()).await.problem(409, "generation_in_progress");
    let again = alive.send(call.clone()).await.expect(200);
    assert_eq!(again.optional_header("idempotent-replayed"), None, "nothing was there to be told again");
    assert_eq!(standing().await, (1, 1), "one charge for one answer, in the minute that it was made");
    let replayed = alive.send(call).await.expect(200);
    assert_eq!(replayed.header("x-message-id"), again.header("x-message-id"));
    assert_eq!((standing().await.0, visitor.model_calls().await.len()), (1, 1));
    visitor.leaves().await;
}

#[tokio::test]
async fn the_place_of_a_reader_who_left_before_the_first_byte_is_free_after_ten_seconds() {
    let clock = MovedClock::take().await;
    let mut variables = ROOMY;
    variables[2].1 = "1";
    let server = Server::started_with(&variables).await;
    let visitor = Visitor::of(&server, "guest").await;
    let silent = visitor.scene(json!({"chunks": 3, "first_byte_delay_ms": 7_000})).await;
    let body = json!({"content": silent.text("leave")});
    let reader = Reader::begin(server.base(), "/api/v1/chat/messages", &visitor.token, &body).await;
    eventually("the model is asked", || async {
        if visitor.model_calls().await.is_empty() { Err("no call".to_owned()) } else { Ok(()) }
    })
    .await;
    reader.reset();
    clock.set(Duration::from_secs(11)).await;
    decided(&visitor, &visitor.text("next")).await.expect(200);
    assert_eq!(used(&visitor).await.0, 2, "who leaves has used the message");
    // A reader who stays keeps their place, however long the first byte took.
    let slow = visitor.scene(json!({"chunks": 120, "pace_ms": 100, "first_byte_delay_ms": 500})).await;
    let mut reader = visitor.open_stream(None, &slow.text("stay")).await;
    assert!(reader.read_chunks(2).await);
    eventually("the running answer holds its place", || async {
        clock.set(Duration::from_secs(30)).await;
        let active = visitor.quota().await["streams"]["active"].clone();
        if active == 1 { Ok(()) } else { Err(active.to_string()) }
    })
    .await;
    decided(&visitor, &visitor.text("refused")).await.problem(429, "rate_limited");
    reader.read_to_end().await;
    visitor.leaves().await;
}
