//! The copy of the figures, which many read and one renews: whoever that is, and although the last answer's row has its end after Redis has heard of it.

use serde_json::json;
use tests::{Call, Reader, Server, Visitor, clock, control, eventually, stores};

const METRICS_TOKEN: &str = "the token of the admission's own collector";

const COPY: &str = "chat:overview";

fn metrics() -> Call {
    Call::new("GET", "/metrics").token(METRICS_TOKEN)
}

/// Answers that came to their end, of the last day, as the next minute's first reader is told.
async fn completed(server: &Server) -> u64 {
    stores::redis(&["DEL", "chat:overview:turn"]).await;
    let text = server.send(metrics()).await.expect(200).text();
    let line = r#"edgewise_messages{window="24h",outcome="completed"} "#;
    text.lines().find_map(|known| known.strip_prefix(line)).unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_operator_is_told_of_the_last_answer_and_who_leaves_keeps_nobody_from_being_told() {
    let _alone = clock::still_and_alone().await;
    let server = Server::started_with(&[("METRICS_TOKEN", METRICS_TOKEN), ("CHAT_USER_STORAGE_MB", "0")]).await;
    stores::redis(&["DEL", COPY, "chat:overview:turn"]).await;

    // Who had the minute's turn leaves while Postgres is asked.
    let since = control::newest().await;
    let (statement, slow) = (control::tag("read_overview"), json!({"latency_ms": 500}));
    let slow = control::fault("sql", &statement, slow, None).await;
    let leaving = Reader::begin_call(server.base(), &metrics()).await;
    eventually("Postgres is asked", || async {
        let calls = control::calls("sql", &statement, since).await.len();
        if calls > 0 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    leaving.reset();
    eventually("the copy is there", || async {
        let copy = stores::redis(&["GET", COPY]).await;
        if copy.is_string() { Ok(()) } else { Err(copy.to_string()) }
    })
    .await;
    slow.lift().await;

    // Redis knows that the answer is over, and its row does not yet. Nobody writes after it.
    let before = completed(&server).await;
    let visitor = Visitor::of(&server, "guest").await;
    let session = visitor.session().await;
    let late = control::fault_at("sql", &[&control::tag("finish_answer")], json!({"latency_ms": 3000}), Some(1)).await;
    let (answer, ()) = futures::future::join(visitor.stream(Some(&session), &visitor.text("the last")), async {
        eventually("the answer is settled", || async {
            let user = stores::user(&visitor.id.to_string()).await;
            let settled = user["settled"].as_object().is_some_and(|settled| !settled.is_empty());
            if settled { Ok(()) } else { Err(user.to_string()) }
        })
        .await;
        assert_eq!(completed(&server).await, before);
    })
    .await;
    answer.expect(200);
    assert_eq!(visitor.settled(&session, "assistant").await["status"], "complete");
    assert_eq!((late.lift().await, completed(&server).await), (1, before + 1));
    visitor.leaves().await;
}
