//! A plain answer that is stored and paid for, and cannot be read back.

use serde_json::json;
use tests::{Server, Visitor, control};

use crate::{ALONE, VARIABLES};

#[tokio::test]
async fn a_plain_answer_that_cannot_be_read_is_not_said_to_be_free_and_comes_at_the_next_try() {
    let _alone = ALONE.lock().await;
    let server = Server::started_with(&VARIABLES).await;
    let visitor = Visitor::of(&server, "guest").await;
    let body = json!({"content": visitor.text("unread"), "stream": false});
    let fault = control::fault("sql", &control::tag("read_turn"), json!({"refuse": true}), None).await;
    let told = visitor.keyed("POST", "/chat/messages", &body, "unread").await;
    let problem = told.problem(503, "storage_unavailable");
    assert!(fault.lift().await >= 1);
    let words = problem["message"].as_str().unwrap();
    assert!(words.contains("is there") && !words.contains("charged"), "{words}");
    assert_eq!(visitor.used_today().await, 1);
    let again = visitor.keyed("POST", "/chat/messages", &body, "unread").await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json()["message"]["content"], "w0 w1 w2 ");
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    visitor.leaves().await;
}
