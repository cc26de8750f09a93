//! Redis admits, and its answer is lost on the way.

use serde_json::json;
use tests::{Visitor, clock, control};

#[tokio::test]
async fn a_lost_reply_to_the_admission_does_not_charge_twice() {
    let _clock = clock::still().await;
    for stream in [false, true] {
        let visitor = Visitor::new().await;
        let session = visitor.session().await;
        control::fault("redis", &visitor.id.to_string(), json!({"lost_reply": true}), Some(1)).await;
        let body = json!({"content": visitor.text("lost"), "stream": stream});
        visitor.post(&format!("/chat/sessions/{session}/messages"), &body).await.expect(200);
        let quota = visitor.quota().await;
        assert_eq!((&quota["day"]["used"], &quota["minute"]["used"]), (&json!(1), &json!(1)));
        assert_eq!(visitor.model_calls().await.len(), 1);
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn replies_lost_for_good_leave_no_charge_behind() {
    let _clock = clock::still().await;
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    // Both tries of the admission are executed and both replies are lost.
    control::fault("redis", &visitor.id.to_string(), json!({"lost_reply": true}), Some(2)).await;
    visitor.send(Some(&session), &visitor.text("lost twice")).await.problem(503, "storage_unavailable");
    tests::eventually("the unknown charge is given back", || async {
        let quota = visitor.quota().await;
        let standing = (&quota["day"]["used"], &quota["minute"]["used"], &quota["streams"]["active"]);
        if standing == (&json!(0), &json!(0), &json!(0)) { Ok(()) } else { Err(quota.to_string()) }
    })
    .await;
    assert!(visitor.model_calls().await.is_empty());
    visitor.leaves().await;
}
