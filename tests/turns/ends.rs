//! What is true once the end of an answer has been told, however late one of the two stores is.

use serde_json::json;
use tests::{Visitor, control};

use crate::branches::{assistant, one, told, user};

#[tokio::test]
async fn whose_answer_has_ended_holds_no_slot_though_its_settlement_is_late() {
    for is_stream in [true, false] {
        let visitor = Visitor::new().await;
        let scene = visitor.scene(one("well")).await;
        let (tag, id) = (control::tag("settle"), visitor.id.to_string());
        let late = control::fault_at("redis", &[&tag, &id], json!({"latency_ms": 600}), None).await;
        let text = scene.text("late settlement");
        let sent = if is_stream { visitor.stream(None, &text).await } else { visitor.send(None, &text).await };
        let leases = visitor.leases().await;
        sent.expect(200);
        assert!(leases.is_empty(), "stream: {is_stream}: {leases:?}");
        assert_eq!(late.lift().await, 1, "stream: {is_stream}");
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn the_next_question_knows_the_answer_before_it_though_its_row_is_late() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(one("a river")).await;
    let (tag, id) = (control::tag("finish_answer"), visitor.id.to_string());
    let late = control::fault_at("sql", &[&tag, &id], json!({"hang": true}), Some(1)).await;
    let question = scene.text("what is the Ebro?");
    let sent = visitor.stream(None, &question).await.expect(200);
    assert!(sent.text().contains("not_saved"), "{}", sent.text());
    let next = visitor.scene(one("in Spain")).await;
    let asked = next.text("where?");
    visitor.send(Some(sent.header("x-session-id")), &asked).await.expect(200);
    assert_eq!(told(&visitor).await, [user(&question), assistant("a river"), user(&asked)]);
    late.lift().await;
    visitor.leaves().await;
}
