//! Visitors choose among the models: a session keeps what was chosen, and each answer says who gave it.

use serde_json::{Value, json};
use tests::{Answer, Server, Visitor};
use uuid::Uuid;

const FIRST: &str = "test-choice-first";
const SECOND: &str = "test-choice-second";
/// No other test asks it: that it is gone is remembered for all.
const GONE: &str = "test-choice-gone";

async fn server() -> Server {
    let models = format!("{FIRST}=The First@1/2,{SECOND}@1/2,{GONE}@1/2");
    let more = [("CHAT_MODEL_CHOICE", "true"), ("SAMBANOVA_MODELS", &models), ("SAMBANOVA_MODEL", "")];
    Server::started_with(&more).await
}

/// The model that was asked last for a visitor.
async fn asked(visitor: &Visitor) -> Value {
    visitor.model_calls().await.last().expect("a call").request()["model"].clone()
}

/// What a session is to be answered by, as it reads alone and in the list.
async fn chosen(visitor: &Visitor, session: &str) -> Value {
    let read = visitor.get(&format!("/chat/sessions/{session}")).await.expect(200).json();
    let list = visitor.get("/chat/sessions").await.expect(200).json();
    let listed = list["sessions"].as_array().unwrap().iter().find(|listed| listed["id"] == session).unwrap();
    assert_eq!(read["session"]["model"], listed["model"]);
    listed["model"].clone()
}

/// Checks who has given a plain answer, by its row, its head and the model's own log.
async fn check_given_by(visitor: &Visitor, answer: &Answer, model: &str) {
    assert_eq!(answer.json()["message"]["model"], model);
    assert_eq!((answer.header("x-model"), asked(visitor).await), (model, json!(model)));
}

#[tokio::test]
async fn a_session_keeps_the_model_that_was_chosen_until_another_is() {
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    // Whoever names none is answered by the first.
    let other = visitor.send(None, &visitor.text("other")).await.expect(200);
    check_given_by(&visitor, &other, FIRST).await;
    assert_eq!(chosen(&visitor, other.header("x-session-id")).await, Value::Null);

    let begun = json!({"content": visitor.text("hello"), "stream": false, "model": SECOND});
    let begun = visitor.post("/chat/messages", &begun).await.expect(200);
    check_given_by(&visitor, &begun, SECOND).await;
    let session = begun.header("x-session-id").to_owned();
    let path = format!("/chat/sessions/{session}/messages");
    assert_eq!(chosen(&visitor, &session).await, SECOND);

    let short = json!({"chunks": 2, "chunk_text": "w{i} ", "finish": "length", "done": true});
    let scene = visitor.scene(short).await;
    let sent = visitor.send(Some(&session), &scene.text("more")).await.expect(200);
    check_given_by(&visitor, &sent, SECOND).await;
    scene.afterwards(json!({"chunks": 1, "chunk_text": "end", "finish": "stop", "done": true})).await;
    let goes_on = format!("{path}/{}/continue", sent.header("x-message-id"));
    let goes_on = visitor.post(&goes_on, &json!({"stream": false})).await.expect(200);
    check_given_by(&visitor, &goes_on, SECOND).await;
    let edited = json!({"content": visitor.text("edited"), "stream": false});
    let edited = visitor.call("PUT", &format!("{path}/{}", sent.header("x-user-message-id")), Some(&edited)).await;
    check_given_by(&visitor, &edited.expect(200), SECOND).await;
    assert_eq!(chosen(&visitor, &session).await, SECOND);

    // Another one answers the same question, and what is said from then on.
    let again = format!("{path}/{}/regenerate", begun.header("x-message-id"));
    let again = visitor.post(&again, &json!({"stream": false, "model": FIRST})).await.expect(200);
    check_given_by(&visitor, &again, FIRST).await;
    assert_eq!(chosen(&visitor, &session).await, FIRST);
    let streamed = visitor.stream(Some(&session), &visitor.text("streamed")).await.expect(200);
    assert_eq!((streamed.header("x-model"), asked(&visitor).await), (FIRST, json!(FIRST)));
    visitor.leaves().await;
}

#[tokio::test]
async fn another_model_answers_for_one_that_is_gone_and_says_so() {
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "retired": [GONE], "done": true})).await;
    let body = json!({"content": scene.text("hello"), "stream": false, "model": GONE});
    let answer = visitor.post("/chat/messages", &body).await.expect(200);
    check_given_by(&visitor, &answer, FIRST).await;
    assert_eq!(answer.header("x-model-instead-of"), GONE);
    // It is asked again once it is there, so the session keeps it.
    let session = answer.header("x-session-id");
    assert_eq!(chosen(&visitor, session).await, GONE);
    let next = visitor.stream(Some(session), &visitor.text("next")).await.expect(200);
    assert_eq!((next.header("x-model"), next.header("x-model-instead-of")), (FIRST, GONE));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_temporary_chat_is_answered_by_the_model_that_is_named_under_the_same_head() {
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "retired": [GONE], "done": true})).await;
    let named = |model: &str| json!({"messages": [], "content": scene.text("hello"), "model": model});
    let refused = visitor.post("/chat/temporary", &named("another")).await.problem(400, "invalid_request");
    assert_eq!(refused["field"], "model");
    for (named, model, instead_of) in [(named(SECOND), SECOND, None), (named(GONE), FIRST, Some(GONE))] {
        let answer = visitor.post("/chat/temporary", &named).await.expect(200);
        assert_eq!((answer.header("x-model"), asked(&visitor).await), (model, json!(model)));
        assert_eq!(answer.optional_header("x-model-instead-of"), instead_of);
        let kept = visitor.stream(None, &visitor.text("kept")).await.expect(200);
        let [of_unkept, of_kept] = [&answer, &kept].map(|answer| steps(answer.header("server-timing")));
        assert_eq!(of_unkept, of_kept);
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn without_a_choice_another_model_says_that_it_answers_for_the_first() {
    // That the first is gone is remembered for all, so each run has one of its own.
    let (gone, other) = (format!("test-usual-gone-{}", Uuid::now_v7()), "test-usual-other");
    let models = format!("{gone}=The Gone@1/2,{other}@1/2");
    let server = Server::started_with(&[("SAMBANOVA_MODELS", &models), ("SAMBANOVA_MODEL", "")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let next = async || visitor.get("/chat/quota").await.expect(200).header("x-model").to_owned();
    let told = |answer: &Answer, instead_of: &str| {
        assert_eq!((answer.header("x-model"), answer.header("x-model-instead-of")), (other, instead_of));
    };
    assert_eq!(next().await, gone);
    let usual = visitor.send(None, &visitor.text("usual")).await.expect(200);
    assert_eq!((usual.header("x-model"), usual.optional_header("x-model-instead-of")), (&*gone, None));

    let scene = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "retired": [gone], "done": true})).await;
    let plain = visitor.send(None, &scene.text("plain")).await.expect(200);
    check_given_by(&visitor, &plain, other).await;
    told(&plain, &gone);
    // It is known by now, and not asked again; whoever asks where they stand hears who is.
    assert_eq!(next().await, other);
    let session = plain.header("x-session-id");
    told(&visitor.stream(Some(session), &scene.text("streamed")).await.expect(200), &gone);
    assert_eq!(chosen(&visitor, session).await, Value::Null);
    let unkept = json!({"messages": [], "content": scene.text("unkept")});
    told(&visitor.post("/chat/temporary", &unkept).await.expect(200), &gone);
    // A program has named one.
    for stream in [true, false] {
        let said = json!([{"role": "user", "content": scene.text("program")}]);
        let body = json!({"model": gone, "messages": said, "stream": stream});
        told(&visitor.post("/openai/chat/completions", &body).await.expect(200), &gone);
    }
    let body = json!({"model": gone, "input": scene.text("program")});
    told(&visitor.post("/openai/responses", &body).await.expect(200), &gone);
    visitor.leaves().await;
}

/// The names of the steps that a head tells of.
fn steps(timing: &str) -> Vec<String> {
    timing.split(", ").map(|step| step.split(';').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn only_what_is_offered_can_be_chosen_and_only_where_there_is_a_choice() {
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let named = |model: &str| json!({"content": visitor.text("hello"), "stream": false, "model": model});
    let refused = visitor.post("/chat/messages", &named("another")).await.problem(400, "invalid_request");
    assert_eq!(refused["field"], "model");
    let words = refused["message"].as_str().unwrap();
    assert!([FIRST, SECOND, GONE].iter().all(|model| words.contains(model)), "{words}");
    let none = Visitor::new().await;
    let body = json!({"content": none.text("hello"), "stream": false, "model": FIRST});
    let refused = none.post("/chat/messages", &body).await.problem(400, "unsupported_parameter");
    assert_eq!(refused["field"], "model");
    assert_eq!((visitor.used_today().await, none.used_today().await), (0, 0));

    // Sent again it is the same message, whichever model it names then.
    let sent = visitor.keyed("POST", "/chat/messages", &named(SECOND), "one-key").await.expect(200);
    check_given_by(&visitor, &sent, SECOND).await;
    let again = visitor.keyed("POST", "/chat/messages", &named(FIRST), "one-key").await.expect(200);
    assert_eq!((again.header("x-model"), again.header("idempotent-replayed")), (SECOND, "true"));
    assert_eq!(visitor.model_calls().await.len(), 1);
    visitor.leaves().await;
    none.leaves().await;
}
