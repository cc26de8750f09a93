//! What a visitor thinks of an answer: of their own ones, once each, theirs to take back and along.

use serde_json::{Value, json};
use tests::{Visitor, stores};

use crate::accounts::{call, server, sign_up};

#[tokio::test]
async fn a_vote_is_of_ones_own_answers_and_stands_with_them() {
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let sent = visitor.send(None, &visitor.text("hello")).await.expect(200).json();
    assert_eq!(sent["message"]["vote"], Value::Null);
    let session = sent["session_id"].as_str().unwrap();
    let of = |message: &str| format!("/chat/sessions/{session}/messages/{message}/feedback");
    let (question, answer) = (sent["user_message"]["id"].as_str().unwrap(), sent["message"]["id"].as_str().unwrap());
    let vote = async |body: &Value| visitor.call("PUT", &of(answer), Some(body)).await;
    let kept = async || visitor.messages(session).await[1]["vote"].clone();

    let down = json!({"vote": "down", "reason": " too\r\nlong\u{0} "});
    assert_eq!(vote(&down).await.expect(200).json(), json!({"vote": "down", "reason": "too\nlong"}));
    assert_eq!((kept().await, &visitor.messages(session).await[0]["vote"]), (json!("down"), &Value::Null));
    // A later one takes its place, its reason too.
    let up = json!({"vote": "up", "reason": null});
    assert_eq!(vote(&json!({"vote": "up"})).await.expect(200).json(), up);
    assert_eq!(kept().await, "up");
    assert_eq!(vote(&json!({"vote": null})).await.expect(200).json(), json!({"vote": null, "reason": null}));
    assert_eq!(kept().await, Value::Null);

    for (body, field) in [
        (json!({}), "vote"),
        (json!({"vote": "sideways"}), "vote"),
        (json!({"vote": "down", "reason": "x".repeat(501)}), "reason"),
        (json!({"vote": "down", "message_id": answer}), "message_id"),
    ] {
        assert_eq!(vote(&body).await.problem(400, "invalid_request")["field"], field, "{body}");
    }
    let refused = visitor.call("PUT", &of(question), Some(&up)).await.problem(400, "invalid_request");
    assert_eq!(refused["field"], "message_id");
    visitor.call("PUT", &of(&uuid::Uuid::now_v7().to_string()), Some(&up)).await.problem(404, "not_found");
    vote(&down).await.expect(200);

    // Who is claimed takes it along, and it is handed out with all else; it goes with its chat's owner.
    let member = sign_up(&server, Some(&visitor.token)).await;
    let export = server.send(call("GET", "/me/export").token(&member.token)).await.expect(200).text();
    let line = export.lines().find(|line| line.contains("reason")).expect("a reason");
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["message"]["vote"], &line["reason"]), (&json!("down"), &json!("too\nlong")));
    let of_member = "select count(*) from chat_feedback where user_id = $1::uuid";
    assert_eq!(stores::number(of_member, &[&member.id]).await, 1);
    visitor.leaves().await;
}
