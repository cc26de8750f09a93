//! The list of sessions is asked for again by its `ETag`: 304 as long as it shows the same, to the same caller.

use serde_json::{Value, json};
use tests::{Answer, Server, Visitor};

use crate::accounts::{call, server, sign_up};

const LIST: &str = "/chat/sessions?page=1&per_page=20";

async fn ask(visitor: &Visitor, path: &str, known: &str) -> Answer {
    visitor.server().send(visitor.asks("GET", path, None).header("if-none-match", known)).await
}

/// The tag of the list as it is now; fails where it is still `known`.
async fn changed(visitor: &Visitor, known: &str, what: &str) -> String {
    let answer = ask(visitor, LIST, known).await;
    assert_eq!(answer.status, 200, "{what}");
    let tag = answer.header("etag").to_owned();
    assert_ne!(tag, known, "{what}");
    tag
}

async fn check_same(visitor: &Visitor, known: &str, what: &str) {
    let answer = ask(visitor, LIST, known).await;
    assert_eq!((answer.status, answer.optional_header("etag")), (304, Some(known)), "{what}");
    assert!(answer.body.is_empty(), "{what}");
}

#[tokio::test]
async fn a_list_that_is_known_is_not_sent_again() {
    let visitor = Visitor::new().await;
    // Of who has nothing, too.
    let nothing = visitor.get(LIST).await.expect(200).header("etag").to_owned();
    check_same(&visitor, &nothing, "nothing").await;
    visitor.session().await;
    let listed = visitor.get(LIST).await.expect(200);
    let tag = listed.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag != nothing, "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let same = ask(&visitor, LIST, &known).await.expect(304);
        assert_eq!((same.header("etag"), same.header("cache-control")), (tag.as_str(), listed.header("cache-control")));
        assert!(same.body.is_empty() && same.optional_header("content-type").is_none());
    }
    for other in ["\"other\"", "W/\"other\"", "\"*\"", "\"1.*\"", "nonsense", &nothing] {
        assert_eq!(ask(&visitor, LIST, other).await.expect(200).json(), listed.json(), "{other}");
    }
    // Who may not ask is told so, whatever they know.
    let nobody = call("GET", LIST).header("if-none-match", &tag);
    visitor.server().send(nobody).await.problem(401, "unauthenticated");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_tag_is_of_one_page_and_of_one_caller() {
    let visitor = Visitor::new().await;
    for _ in 0..2 {
        visitor.session().await;
    }
    let mut tags: Vec<String> = Vec::new();
    for path in [LIST, "/chat/sessions?page=1&per_page=1", "/chat/sessions?page=2&per_page=1", "/chat/sessions?page=3"]
    {
        let tag = visitor.get(path).await.expect(200).header("etag").to_owned();
        for other in &tags {
            assert_ne!(&tag, other, "{path}");
            ask(&visitor, path, other).await.expect(200);
        }
        ask(&visitor, path, &tag).await.expect(304);
        tags.push(tag);
    }
    let other = Visitor::new().await;
    let nothing = other.get(LIST).await.expect(200).header("etag").to_owned();
    assert_eq!(ask(&other, LIST, &tags.join(", ")).await.expect(200).json()["total"], 0);
    other.session().await;
    assert_eq!(ask(&visitor, LIST, &nothing).await.expect(200).json()["total"], 2);
    visitor.leaves().await;
    other.leaves().await;
}

#[tokio::test]
async fn whatever_the_list_shows_has_another_tag() {
    let visitor = Visitor::new().await;
    let patch = async |session: &str, change: Value| {
        visitor.call("PATCH", &format!("/chat/sessions/{session}"), Some(&change)).await.expect(200);
    };
    let mut tag = visitor.get(LIST).await.expect(200).header("etag").to_owned();
    let session = visitor.session().await;
    tag = changed(&visitor, &tag, "a new session").await;
    let cut = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "finish": "length", "done": true})).await;
    let sent = visitor.send(Some(&session), &cut.text("hello")).await.expect(200).json();
    tag = changed(&visitor, &tag, "a message").await;
    let (question, answer) = (sent["user_message"]["id"].as_str().unwrap(), sent["message"]["id"].as_str().unwrap());
    let messages = format!("/chat/sessions/{session}/messages");
    let plainly = json!({"stream": false});
    cut.afterwards(json!({"chunks": 1, "chunk_text": "end", "finish": "stop", "done": true})).await;
    visitor.post(&format!("{messages}/{answer}/continue"), &plainly).await.expect(200);
    tag = changed(&visitor, &tag, "an answer goes on").await;
    visitor.post(&format!("{messages}/{question}/regenerate"), &plainly).await.expect(200);
    tag = changed(&visitor, &tag, "another answer").await;
    patch(&session, json!({"title": "Another"})).await;
    tag = changed(&visitor, &tag, "another title").await;
    for pinned in [true, false] {
        patch(&session, json!({"pinned": pinned})).await;
        tag = changed(&visitor, &tag, "a pin").await;
    }
    visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    tag = changed(&visitor, &tag, "a deletion").await;
    visitor.post(&format!("/chat/sessions/{session}/restore"), &json!({})).await.expect(200);
    tag = changed(&visitor, &tag, "a restored one").await;
    visitor.send(None, &visitor.text("in a new one")).await.expect(200);
    tag = changed(&visitor, &tag, "a message that starts a session").await;

    // What is no change of the list.
    patch(&session, json!({"pinned": false})).await;
    check_same(&visitor, &tag, "a pin that was none").await;
    let vote = format!("{messages}/{answer}/feedback");
    visitor.call("PUT", &vote, Some(&json!({"vote": "up"}))).await.expect(200);
    check_same(&visitor, &tag, "a vote").await;
    visitor.post(&format!("/chat/sessions/{session}/restore"), &json!({})).await.expect(200);
    check_same(&visitor, &tag, "restored without a deletion").await;
    visitor.leaves().await;
}

#[tokio::test]
async fn the_words_of_an_answer_are_no_change_of_the_list() {
    let visitor = Visitor::new().await;
    let slow =
        json!({"chunks": 20, "chunk_text": "w{i} ", "pace_ms": 50, "usage": true, "finish": "stop", "done": true});
    let scene = visitor.scene(slow).await;
    let mut reader = visitor.open_stream(None, &scene.text("slowly")).await;
    let session = reader.header("x-session-id").to_owned();
    assert!(reader.read_chunks(1).await);
    let tag = visitor.get(LIST).await.expect(200).header("etag").to_owned();
    reader.read_to_end().await;
    assert_eq!(visitor.settled(&session, "assistant").await["status"], "complete");
    check_same(&visitor, &tag, "the words").await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_claim_changes_the_list_of_both() {
    let server = server().await;
    let guest = Visitor::of(&server, "guest").await;
    let member = sign_up(&server, None).await;
    let list = async |token: &str, known: &str| {
        server.send(call("GET", LIST).token(token).header("if-none-match", known)).await
    };
    let tag = list(&member.token, "\"none\"").await.expect(200).header("etag").to_owned();
    list(&member.token, &tag).await.expect(304);
    guest.session().await;
    let of_guest = guest.get(LIST).await.expect(200).header("etag").to_owned();
    let signed_in = server.send(member.login().token(&guest.token)).await.expect(200).json();
    let token = signed_in["token"].as_str().unwrap();
    let listed = list(token, &format!("{tag}, {of_guest}")).await.expect(200);
    assert_eq!(listed.json()["total"], 1);
    list(token, listed.header("etag")).await.expect(304);
    // The guest's own token proves nothing any more, with a tag or without.
    list(&guest.token, &of_guest).await.problem(401, "token_claimed");
    guest.leaves().await;
}

#[tokio::test]
async fn another_model_has_another_tag() {
    let models = [
        ("CHAT_MODEL_CHOICE", "true"),
        ("SAMBANOVA_MODELS", "test-tags-a@1/2,test-tags-b@1/2"),
        ("SAMBANOVA_MODEL", ""),
    ];
    let chosen = Server::started_with(&models).await;
    let visitor = Visitor::of(&chosen, "guest").await;
    let session = visitor.session().await;
    let mut tag = visitor.get(LIST).await.expect(200).header("etag").to_owned();
    for model in ["test-tags-a", "test-tags-b"] {
        let message = json!({"content": visitor.text("hello"), "stream": false, "model": model});
        visitor.post(&format!("/chat/sessions/{session}/messages"), &message).await.expect(200);
        tag = changed(&visitor, &tag, model).await;
    }
    visitor.leaves().await;
}
