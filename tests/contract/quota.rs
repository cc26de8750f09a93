//! `GET /chat/quota` and the quota headers of every chat answer.

use serde_json::{Value, json};
use tests::{Server, Visitor};

#[tokio::test]
async fn the_quota_goes_down_by_one_with_each_message() {
    let visitor = Visitor::new().await;
    let answer = visitor.get("/chat/quota").await.expect(200);
    answer.check_quota_headers();
    let fresh = answer.json();
    assert_eq!(
        (&fresh["minute"]["used"], &fresh["day"]["used"], &fresh["streams"]["active"]),
        (&json!(0), &json!(0), &json!(0))
    );
    for sent in 1..=3_i64 {
        let answer = visitor.send(None, &visitor.text("count")).await.expect(200);
        let quota = visitor.quota().await;
        for (window, header) in [("minute", "x-ratelimit"), ("day", "x-daily-quota")] {
            let limit = quota[window]["limit"].as_i64().unwrap();
            assert_eq!(quota[window]["used"], sent);
            assert_eq!(quota[window]["remaining"], limit - sent);
            assert_eq!(answer.number(&format!("{header}-limit")), limit);
            assert_eq!(answer.number(&format!("{header}-remaining")), limit - sent);
            let reset: jiff::Timestamp = quota[window]["reset_at"].as_str().unwrap().parse().unwrap();
            assert!((reset.as_second() - answer.number(&format!("{header}-reset"))).abs() <= 1);
        }
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_used_up_minute_is_refused_with_words_numbers_and_headers() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let limit = visitor.quota().await["minute"]["limit"].as_i64().unwrap();
    for _ in 0..limit {
        visitor.send(Some(&session), &visitor.text("fill")).await.expect(200);
    }
    visitor.settled(&session, "assistant").await;
    let before = visitor.quota().await;
    let asked = visitor.model_calls().await.len();
    let kept = visitor.messages(&session).await;
    for stream in [true, false] {
        let refused = visitor
            .post(
                &format!("/chat/sessions/{session}/messages"),
                &json!({"content": visitor.text("more"), "stream": stream}),
            )
            .await;
        let error = refused.problem(429, "rate_limited");
        refused.check_quota_headers();
        assert_eq!((error["limit"].as_i64(), error["remaining"].as_i64()), (Some(limit), Some(0)));
        let retry_after = error["retry_after"].as_i64().unwrap();
        assert!((1..=60).contains(&retry_after));
        assert_eq!(refused.number("retry-after"), retry_after);
        let reset: jiff::Timestamp = error["reset_at"].as_str().unwrap().parse().unwrap();
        assert!((reset.as_second() - refused.number("x-ratelimit-reset")).abs() <= 1);
    }
    assert_eq!(visitor.quota().await, before, "a refused call changes no counter");
    assert_eq!(visitor.model_calls().await.len(), asked);
    assert_eq!(visitor.messages(&session).await, kept, "a refused call writes nothing");
    visitor.leaves().await;
}

#[tokio::test]
async fn one_answer_too_many_at_once_is_refused_and_the_place_is_free_again() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 5_000, "chunk_text": "w{i} ", "pace_ms": 20})).await;
    let limit = visitor.quota().await["streams"]["limit"].as_u64().unwrap();
    let mut open = Vec::new();
    for _ in 0..limit {
        let mut reader = visitor.open_stream(None, &scene.text("hold")).await;
        assert_eq!(reader.status, 200);
        assert!(reader.read_chunks(1).await);
        open.push(reader);
    }
    let before = visitor.quota().await;
    assert_eq!(before["streams"]["active"].as_u64(), Some(limit));
    let refused = visitor.send(None, &visitor.text("one more")).await;
    refused.problem(429, "rate_limited");
    refused.check_quota_headers();
    assert_eq!(visitor.quota().await["day"], before["day"]);
    drop(open.pop());
    tests::eventually("a place is free again", || async {
        let active = visitor.quota().await["streams"]["active"].as_u64();
        if active == Some(limit - 1) { Ok(()) } else { Err(format!("{active:?}")) }
    })
    .await;
    visitor.send(None, &visitor.text("now it fits")).await.expect(200);
    drop(open);
    visitor.leaves().await;
}

#[tokio::test]
async fn an_admin_has_no_daily_limit() {
    let admin = Visitor::of(&Server::under_test(), "admin").await;
    let quota = admin.quota().await;
    assert_eq!((&quota["day"]["limit"], &quota["day"]["remaining"]), (&Value::Null, &Value::Null));
    assert!(quota["minute"]["limit"].as_i64().unwrap() > 0);
    admin.send(None, &admin.text("hello")).await.expect(200);
    assert_eq!(admin.used_today().await, 1);
    admin.leaves().await;
}
