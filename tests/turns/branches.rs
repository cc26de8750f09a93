//! Regenerate and edit: nothing is destroyed, and the model is told the branch that was chosen and nothing else.

use serde_json::{Value, json};
use tests::{Answer, Visitor, control, eventually};

use crate::message_path;

/// What the model was told in its last call, without the operator's instructions.
pub async fn told(visitor: &Visitor) -> Vec<(String, String)> {
    let call = visitor.model_calls().await.pop().expect("a model call");
    let messages = call.request()["messages"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let said = messages.iter().filter(|message| message["role"] != "system");
    said.map(|message| (text(&message["role"]), text(&message["content"]))).collect()
}

pub fn user(text: &str) -> (String, String) {
    ("user".to_owned(), text.to_owned())
}

pub fn assistant(text: &str) -> (String, String) {
    ("assistant".to_owned(), text.to_owned())
}

/// The messages of a session as (id, parent, role, status, content).
pub async fn rows(visitor: &Visitor, session: &str) -> Vec<(String, Value, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |message: &Value| {
        let [id, role, status, content] = ["id", "role", "status", "content"].map(|name| text(&message[name]));
        (id, message["parent_id"].clone(), role, status, content)
    };
    visitor.messages(session).await.iter().map(row).collect()
}

/// Waits until nothing of a session is `streaming`, and nothing of the visitor holds a place.
pub async fn at_rest(visitor: &Visitor, session: &str) {
    eventually("no answer is running", || async {
        let messages = visitor.messages(session).await;
        if messages.iter().all(|message| message["status"] != "streaming") {
            Ok(())
        } else {
            Err(format!("{messages:?}"))
        }
    })
    .await;
    visitor.settled_in_redis().await;
}

/// One turn whose answer says `answer`; its ids.
pub async fn turn(visitor: &Visitor, session: &str, question: &str, answer: &str) -> Turn {
    let scene = visitor.scene(one(answer)).await;
    let question = scene.text(question);
    let sent = visitor.stream(Some(session), &question).await.expect(200);
    assert_eq!(sent.said(), answer);
    at_rest(visitor, session).await;
    Turn { tag: scene.tag().to_owned(), question, ids: ids(&sent) }
}

pub struct Turn {
    /// Of its scene.
    pub tag: String,
    pub question: String,
    /// The question's id and the answer's.
    pub ids: (String, String),
}

pub fn ids(answer: &Answer) -> (String, String) {
    (answer.header("x-user-message-id").to_owned(), answer.header("x-message-id").to_owned())
}

/// An answer of one chunk.
pub fn one(text: &str) -> Value {
    json!({"chunks": 1, "chunk_text": text, "pace_ms": 0, "usage": true, "finish": "stop", "done": true})
}

async fn regenerate(visitor: &Visitor, session: &str, message: &str, body: Option<Value>) -> Answer {
    visitor.call("POST", &format!("{}/regenerate", message_path(session, message)), body.as_ref()).await
}

pub async fn go_on(visitor: &Visitor, session: &str, message: &str, body: Option<Value>) -> Answer {
    visitor.call("POST", &format!("{}/continue", message_path(session, message)), body.as_ref()).await
}

#[tokio::test]
async fn a_regenerated_answer_stands_beside_the_first_and_either_can_be_gone_on_from() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let first = turn(&visitor, &session, "question", "first answer").await;
    for (stream, number) in [(true, 2), (false, 3)] {
        let text = format!("answer {number}");
        control::scenario(&first.tag, &one(&text)).await;
        let again = regenerate(&visitor, &session, &first.ids.1, Some(json!({"stream": stream}))).await.expect(200);
        at_rest(&visitor, &session).await;
        assert_eq!(again.header("x-user-message-id"), first.ids.0);
        assert_ne!(again.header("x-message-id"), first.ids.1);
        if !stream {
            assert_eq!(again.json()["message"]["content"], text);
        }
        assert_eq!(told(&visitor).await, [user(&first.question)], "the first answer is not told");
        let stored = rows(&visitor, &session).await;
        assert_eq!(stored.len(), number + 1);
        assert!(stored[1..].iter().all(|row| row.1 == json!(first.ids.0) && row.3 == "complete"), "{stored:?}");
        assert_eq!((&stored[1].4, &stored[number].4), (&"first answer".to_owned(), &text));
    }
    // Without a parent a message follows the newest answer, with one it follows that.
    let newest = rows(&visitor, &session).await.pop().unwrap();
    let next = turn(&visitor, &session, "and then", "fine").await;
    let expected = [user(&first.question), assistant("answer 3"), user(&next.question)];
    assert_eq!(told(&visitor).await, expected);
    assert_eq!(rows(&visitor, &session).await[4].1, json!(newest.0));
    let aside = visitor.text("back to the first");
    let body = json!({"content": aside, "parent_id": first.ids.1});
    let sent = visitor.post(&format!("/chat/sessions/{session}/messages"), &body).await.expect(200);
    assert_eq!(told(&visitor).await, [user(&first.question), assistant("first answer"), user(&aside)]);
    at_rest(&visitor, &session).await;
    let stored = rows(&visitor, &session).await;
    let question = stored.iter().find(|row| row.0 == sent.header("x-user-message-id")).unwrap();
    assert_eq!(question.1, json!(first.ids.1));
    assert_eq!(visitor.used_today().await, 5, "each answer is paid for");
    visitor.leaves().await;
}

#[tokio::test]
async fn an_edited_question_stands_beside_the_old_one() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let first = turn(&visitor, &session, "one", "answer one").await;
    let second = turn(&visitor, &session, "two", "answer two").await;
    let third = turn(&visitor, &session, "three", "answer three").await;
    let scene = visitor.scene(one("another answer")).await;
    let edited = scene.text("two, but better");
    let path = message_path(&session, &second.ids.0);
    let sent = visitor.call("PUT", &path, Some(&json!({"content": edited}))).await.expect(200);
    at_rest(&visitor, &session).await;
    assert_eq!(told(&visitor).await, [user(&first.question), assistant("answer one"), user(&edited)]);
    let stored = rows(&visitor, &session).await;
    assert_eq!(stored.len(), 8, "nothing is destroyed");
    let new = stored.iter().find(|row| row.0 == sent.header("x-user-message-id")).unwrap();
    assert_eq!((&new.1, new.4.as_str()), (&json!(first.ids.1), edited.as_str()));
    let old: Vec<_> = stored.iter().filter(|row| row.0 == second.ids.0 || row.0 == third.ids.1).collect();
    assert_eq!((old[0].4.as_str(), old[1].4.as_str()), (second.question.as_str(), "answer three"));
    // The first question of a session has no parent, and no more has its edit.
    let path = message_path(&session, &first.ids.0);
    let again = scene.text("one, but better");
    let body = json!({"content": again, "stream": false});
    let sent = visitor.call("PUT", &path, Some(&body)).await.expect(200).json();
    assert_eq!((&sent["user_message"]["parent_id"], told(&visitor).await), (&Value::Null, vec![user(&again)]));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_question_that_failed_gets_its_answer_later() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scene = visitor.scene(json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    let question = scene.text("try");
    visitor.stream(Some(&session), &question).await.problem(502, "provider_error");
    at_rest(&visitor, &session).await;
    let failed = rows(&visitor, &session).await;
    assert_eq!((failed.len(), failed[0].3.as_str()), (1, "failed"));
    // Failing again changes nothing, also for an answer that is regenerated.
    regenerate(&visitor, &session, &failed[0].0, None).await.problem(502, "provider_error");
    at_rest(&visitor, &session).await;
    assert_eq!(rows(&visitor, &session).await, failed);
    control::scenario(scene.tag(), &one("at last")).await;
    let sent = regenerate(&visitor, &session, &failed[0].0, None).await.expect(200);
    assert_eq!((sent.said().as_str(), sent.header("x-user-message-id")), ("at last", failed[0].0.as_str()));
    at_rest(&visitor, &session).await;
    let stored = rows(&visitor, &session).await;
    let states: Vec<&str> = stored.iter().map(|row| row.3.as_str()).collect();
    assert_eq!(states, ["complete", "complete"]);
    assert_eq!(stored[1].1, json!(failed[0].0));
    // Where there is an answer, a failing regeneration leaves question and answer alone.
    control::scenario(scene.tag(), &json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    regenerate(&visitor, &session, &stored[1].0, None).await.problem(502, "provider_error");
    at_rest(&visitor, &session).await;
    assert_eq!(rows(&visitor, &session).await, stored);
    eventually("one answer, one charge", || async {
        let used = visitor.used_today().await;
        if used == 1 { Ok(()) } else { Err(used.to_string()) }
    })
    .await;
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_not_there_or_not_of_the_kind_is_refused_and_changes_nothing() {
    let (visitor, stranger) = (Visitor::new().await, Visitor::new().await);
    let session = visitor.session().await;
    let other_session = visitor.session().await;
    let first = turn(&visitor, &session, "question", "answer").await;
    let none = uuid::Uuid::now_v7().to_string();
    let content = json!({"content": visitor.text("edit")});
    let before = rows(&visitor, &session).await;

    let edit_of_answer = visitor.call("PUT", &message_path(&session, &first.ids.1), Some(&content)).await;
    assert_eq!(edit_of_answer.problem(400, "invalid_request")["field"], "message_id");
    visitor.call("PUT", &message_path(&session, &none), Some(&content)).await.problem(404, "not_found");
    visitor.call("PUT", &message_path(&other_session, &first.ids.0), Some(&content)).await.problem(404, "not_found");
    regenerate(&visitor, &session, &none, None).await.problem(404, "not_found");
    go_on(&visitor, &session, &none, None).await.problem(404, "not_found");
    let messages = format!("/chat/sessions/{session}/messages");
    let astray = json!({"content": visitor.text("astray"), "parent_id": none});
    visitor.post(&messages, &astray).await.problem(404, "not_found");
    let elsewhere = json!({"content": visitor.text("astray"), "parent_id": first.ids.1});
    visitor.post(&format!("/chat/sessions/{other_session}/messages"), &elsewhere).await.problem(404, "not_found");
    let unknown_field =
        visitor.call("PUT", &message_path(&session, &first.ids.0), Some(&json!({"content": "x", "y": 1}))).await;
    unknown_field.problem(400, "invalid_request");
    for (method, path) in [
        ("PUT", message_path(&session, &first.ids.0)),
        ("POST", format!("{}/regenerate", message_path(&session, &first.ids.1))),
        ("POST", format!("{}/continue", message_path(&session, &first.ids.1))),
    ] {
        let body = if method == "PUT" { content.clone() } else { json!({}) };
        stranger.call(method, &path, Some(&body)).await.problem(404, "session_not_found");
    }

    assert_eq!(rows(&visitor, &session).await, before);
    assert_eq!(visitor.model_calls().await.len(), 1, "the model is not asked");
    eventually("nothing of it is charged", || async {
        let (mine, theirs) = (visitor.used_today().await, stranger.used_today().await);
        if (mine, theirs) == (1, 0) { Ok(()) } else { Err(format!("{mine}, {theirs}")) }
    })
    .await;
    visitor.leaves().await;
    stranger.leaves().await;
}

#[tokio::test]
async fn what_was_said_while_an_earlier_answer_was_waited_for_outlives_that_ones_failure() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let refusal = json!({"error": {"status": 400, "code": "invalid_type"}, "first_byte_delay_ms": 5000});
    let scene = visitor.scene(refusal).await;
    let first = scene.text("first");
    let failing = visitor.stream(Some(&session), &first);
    let meanwhile = async {
        eventually("the first one waits for its answer", || async {
            match visitor.messages(&session).await.len() {
                2 => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
        turn(&visitor, &session, "second", "answered").await
    };
    let (failed, second) = futures::future::join(failing, meanwhile).await;
    failed.problem(502, "provider_error");
    let rows = rows(&visitor, &session).await;
    let kept: Vec<_> = rows.iter().map(|row| (row.2.as_str(), row.3.as_str(), row.4.as_str())).collect();
    let expected = [
        ("user", "failed", first.as_str()),
        ("user", "complete", second.question.as_str()),
        ("assistant", "complete", "answered"),
    ];
    assert_eq!(kept, expected);
    assert_eq!(rows[1].1, rows[0].0.as_str(), "it follows the message that got no answer");
    turn(&visitor, &session, "third", "and on").await;
    assert_eq!(told(&visitor).await.len(), 3, "the second turn and the third question");
    visitor.leaves().await;
}
