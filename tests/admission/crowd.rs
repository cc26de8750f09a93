//! Two hundred callers at once and seven messages left.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Answer, PATIENT, Reader, Server, Visitor, clock, control, eventually, fresh_address, stores};

use crate::money::empty_ledger;

/// Everything that Redis counts of a visitor.
async fn counters(visitor: &Visitor) -> Value {
    stores::user(&visitor.id.to_string()).await
}

#[tokio::test]
async fn of_200_callers_at_once_with_7_left_exactly_7_are_admitted() {
    let _clock = clock::still_and_alone().await;
    let server = Server::started_with(&[
        ("CHAT_DAILY_MESSAGE_QUOTA", "7"),
        ("CHAT_RATE_LIMIT_PER_MINUTE", "100000"),
        ("CHAT_MAX_CONCURRENT_STREAMS", "1000"),
        PATIENT,
    ])
    .await;
    let visitor = Visitor::of(&server, "guest").await;
    let session = visitor.session().await;
    let text = visitor.text("me first");
    let calls = (0..200).map(|_| visitor.send(Some(&session), &text));
    let answers = futures::future::join_all(calls).await;
    let admitted = answers.iter().filter(|answer| answer.status == 200).count();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    let mut outcomes = BTreeMap::new();
    for answer in &answers {
        *outcomes
            .entry((answer.status, answer.status.ge(&400).then(|| answer.any_problem()["code"].to_string())))
            .or_insert(0) += 1;
    }
    assert_eq!((admitted, refused.len()), (7, 193), "{outcomes:?}");
    // A user who is refused 20 times is out for a while, whatever is left to them.
    let (by_the_day, out): (Vec<&Answer>, Vec<&Answer>) =
        refused.iter().copied().partition(|answer| answer.any_problem()["code"] == "quota_exceeded");
    assert_eq!(by_the_day.len(), 20, "{outcomes:?}");
    for answer in by_the_day {
        let error = answer.problem(429, "quota_exceeded");
        answer.check_quota_headers();
        assert_eq!((error["limit"].as_i64(), error["remaining"].as_i64()), (Some(7), Some(0)));
    }
    for answer in out {
        let error = answer.problem(429, "rate_limited");
        answer.check_quota_headers();
        assert_eq!((error["scope"].as_str(), error["limit"].as_i64()), (Some("user"), Some(20)));
        assert!((500..=600).contains(&answer.number("retry-after")), "{error}");
    }
    assert_eq!(visitor.model_calls().await.len(), 7);
    assert_eq!(visitor.used_today().await, 7);
    eventually("seven answers are kept", || async {
        let messages = visitor.messages(&session).await;
        let complete = messages.iter().filter(|message| message["status"] == "complete").count();
        if (messages.len(), complete) == (14, 14) {
            Ok(())
        } else {
            Err(format!("{} messages, {complete} complete", messages.len()))
        }
    })
    .await;

    // Refused callers change no counter, not even all of them once more.
    eventually("all leases have ended", || async {
        let active = visitor.quota().await["streams"]["active"].clone();
        if active == json!(0) { Ok(()) } else { Err(active.to_string()) }
    })
    .await;
    let before = counters(&visitor).await;
    let again = futures::future::join_all((0..50).map(|_| visitor.send(Some(&session), &text))).await;
    assert!(again.iter().all(|answer| answer.status == 429));
    assert_eq!(counters(&visitor).await, before);

    // An instance that knows of it refuses them by itself, in the same words; another one asks once.
    let refused = again.first().unwrap();
    eventually("no store is asked", || async {
        let (_, since) = calls_of(&visitor, 0).await;
        let answer = visitor.send(Some(&session), &text).await;
        assert_eq!(answer.problem(429, "rate_limited")["scope"], "user");
        answer.check_quota_headers();
        let waited = refused.number("retry-after") - answer.number("retry-after");
        assert!((-1..=15).contains(&waited), "{waited} s less: {}", answer.shown());
        let (asked, _) = calls_of(&visitor, since).await;
        if asked == 0 { Ok(()) } else { Err(asked.to_string()) }
    })
    .await;
    // An answer that is there already is given again all the same: a request with a key goes by.
    let (_, since) = calls_of(&visitor, 0).await;
    let keyed = visitor.keyed("POST", "/chat/messages", &json!({"content": text}), "lost").await;
    keyed.problem(429, "rate_limited");
    assert!(calls_of(&visitor, since).await.0 > 0, "nobody was asked");
    visitor.leaves().await;
}

/// How many calls of a visitor's the stores have had since, and the number of the last one.
async fn calls_of(visitor: &Visitor, since: u64) -> (usize, u64) {
    let id = visitor.id.to_string();
    let mut calls = control::calls("sql", &id, since).await;
    calls.extend(control::calls("redis", &id, since).await);
    (calls.len(), calls.iter().map(control::LoggedCall::seq).max().unwrap_or(since))
}

#[tokio::test]
async fn a_full_minute_admits_its_limit_at_once_and_no_more() {
    let _clock = clock::still_and_alone().await;
    let server =
        Server::started_with(&[("CHAT_RATE_LIMIT_PER_MINUTE", "5"), ("CHAT_MAX_CONCURRENT_STREAMS", "1000"), PATIENT])
            .await;
    let visitor = Visitor::of(&server, "guest").await;
    let text = visitor.text("burst");
    let answers = futures::future::join_all((0..60).map(|_| visitor.send(None, &text))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(429, "rate_limited");
    }
    assert_eq!(visitor.get("/chat/sessions").await.json()["total"], 5, "a refused caller starts no session");
    visitor.leaves().await;
}

/// The places of all: an address has a fifth of them, and who finds none has paid nothing.
#[tokio::test]
async fn running_answers_have_ten_places_and_those_of_an_address_two_of_them() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let server =
        &Server::started_with(&[("CHAT_MAX_RUNNING_ANSWERS", "10"), ("CLIENT_ADDRESS_HEADER", "X-Real-IP")]).await;
    let addresses: Vec<String> = (0..6).map(|_| fresh_address().to_string()).collect();
    let (last, first) = (&addresses[5], &addresses[0]);
    let from = |visitor: &Visitor, address: &str, content: &str, stream: bool| {
        let body = json!({"content": content, "stream": stream});
        visitor.asks("POST", "/chat/messages", Some(&body)).header("x-real-ip", address)
    };
    // It is known of each how it stands, and that nobody has asked the model for it.
    let is_refused = async |address: &str| {
        let visitor = Visitor::of(server, "guest").await;
        let refused = server.send(from(&visitor, address, &visitor.text("no place"), false)).await;
        refused.problem(503, "overloaded");
        assert_eq!(refused.number("retry-after"), 5);
        let quota = visitor.quota().await;
        assert_eq!((&quota["day"]["used"], &quota["minute"]["used"]), (&json!(0), &json!(0)));
        assert_eq!(visitor.model_calls().await.len(), 0);
        visitor.leaves().await;
    };
    let mut running = Vec::new();
    for address in &addresses[..5] {
        for _ in 0..2 {
            let visitor = Visitor::of(server, "guest").await;
            let scene = visitor.scene(json!({"chunks": 600, "chunk_text": "w{i} ", "pace_ms": 100})).await;
            let mut reader = Reader::of(server.base(), &from(&visitor, address, &scene.text("run"), true)).await;
            assert_eq!(reader.status, 200, "{} from {address}", running.len());
            assert!(reader.read_chunks(1).await);
            running.push((visitor, reader));
        }
        is_refused(address).await;
    }
    is_refused(last).await;
    // A place is free again with an answer's end: one of all, and one of its address.
    let (visitor, reader) = running.remove(0);
    let stop =
        format!("/chat/sessions/{}/messages/{}/stop", reader.header("x-session-id"), reader.header("x-message-id"));
    visitor.post(&stop, &json!({})).await.expect(200);
    drop(reader);
    visitor.leaves().await;
    for address in [last, first] {
        let visitor = Visitor::of(server, "guest").await;
        eventually("a place", || async {
            let answer = server.send(from(&visitor, address, &visitor.text("a place"), false)).await;
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
        visitor.leaves().await;
    }
    for (visitor, reader) in running {
        reader.reset();
        visitor.leaves().await;
    }
}
