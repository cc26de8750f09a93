//! What the frames of an answer bring, and of a refusal: all that the API itself says of them, and nothing of another's.

use serde_json::{Value, json};
use tests::{Server, Visitor, fresh_address, proof};
use uuid::Uuid;

use super::{Socket, WITH_SOCKETS, has_sockets, message, paced, resume, said, server, whole};

async fn server_with(more: &[(&str, &str)]) -> Server {
    Server::started_with(&[more, &WITH_SOCKETS].concat()).await
}

#[tokio::test]
async fn a_session_goes_on_and_the_frames_name_what_is_kept_and_left() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let scene = visitor.scene(paced(3, 10)).await;
    let quota = visitor.quota().await;
    let mut socket = Socket::open(visitor.server()).await;
    socket.send(&json!({"type": "auth", "token": visitor.token})).await;
    let fresh = socket.next().await;
    for window in ["minute", "day"] {
        let limit = &quota[window]["limit"];
        assert_eq!((&fresh[window]["limit"], &fresh[window]["remaining"]), (limit, limit), "{fresh}");
    }
    socket.send(&message(&scene.text("one"))).await;
    let first = socket.answer().await;
    let session = first[0]["session_id"].as_str().unwrap();
    visitor.settled(session, "assistant").await;
    let mut second = message(&scene.text("two"));
    second["session_id"] = json!(session);
    socket.send(&second).await;
    let second = socket.answer().await;
    assert_eq!(second[0]["session_id"], session);
    for (used, frames) in [(1_i64, &first), (2, &second)] {
        assert_eq!((&frames[0]["replayed"], said(frames)), (&json!(false), whole(3)));
        let limit = fresh["day"]["limit"].as_i64().unwrap();
        assert_eq!((&frames[1]["type"], &frames[1]["day"]["remaining"]), (&json!("quota"), &json!(limit - used)));
        let limit = fresh["minute"]["limit"].as_i64().unwrap();
        assert_eq!(frames[1]["minute"]["remaining"], limit - used);
    }
    visitor.settled(session, "assistant").await;
    let named = [&first[0], &second[0]].map(|accepted| [&accepted["user_message_id"], &accepted["message_id"]]);
    let stored = visitor.messages(session).await;
    assert_eq!(stored.iter().map(|message| &message["id"]).collect::<Vec<_>>(), named.concat());

    // Why an answer ended is the model's to say, and an admin has no day.
    let admin = Visitor::of(visitor.server(), "admin").await;
    let mut short = paced(2, 10);
    short["finish"] = json!("length");
    let scene = admin.scene(short).await;
    let mut socket = Socket::of(&admin).await;
    socket.send(&message(&scene.text("short"))).await;
    let frames = socket.answer().await;
    assert_eq!((&frames[1]["type"], &frames[1]["day"]), (&json!("quota"), &Value::Null));
    assert_eq!((said(&frames), &frames.last().unwrap()["finish_reason"]), (whole(2), &json!("length")));
    admin.leaves().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_frame_names_the_model_and_the_first_of_the_answer_says_who_gives_it() {
    if !has_sockets() {
        return;
    }
    // No other test asks the first: that it is gone is remembered for all.
    let [gone, first, second] = ["test-socket-gone", "test-socket-one", "test-socket-two"];
    let models = [gone, first, second].map(|model| format!("{model}@1/2")).join(",");
    let more = [("CHAT_MODEL_CHOICE", "true"), ("SAMBANOVA_MODELS", &models), ("SAMBANOVA_MODEL", "")];
    let server = server_with(&more).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(json!({"chunks": 2, "chunk_text": "w{i} ", "retired": [gone], "done": true})).await;
    let mut socket = Socket::of(&visitor).await;
    let named = |model: Value| {
        let mut frame = message(&scene.text("hello"));
        if !model.is_null() {
            frame["model"] = model;
        }
        frame
    };
    socket.say(&named(json!(1)).to_string()).await;
    assert_eq!(socket.next().await["error"]["field"], "model");
    socket.send(&named(json!("another"))).await;
    assert_eq!(socket.next().await["error"]["field"], "model");
    for (named, model, instead_of) in [
        (named(json!(second)), second, Value::Null),
        (named(json!(gone)), first, json!(gone)),
        // Whoever names none means the first.
        (named(Value::Null), first, json!(gone)),
    ] {
        // One has room for two.
        let mut socket = Socket::of(&visitor).await;
        socket.send(&named).await;
        let frames = socket.answer().await;
        assert_eq!((&frames[0]["type"], &frames[0]["model"]), (&json!("accepted"), &json!(model)));
        assert_eq!(frames[0]["instead_of"], instead_of);
        assert_eq!(visitor.model_calls().await.last().unwrap().request()["model"], model);
    }
    assert_eq!(visitor.used_today().await, 3);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_refusal_of_the_core_says_all_that_it_says_elsewhere() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server_with(&[("CHAT_DAILY_MESSAGE_QUOTA", "1")]).await, "guest").await;
    let scene = visitor.scene(paced(3, 10)).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("the only one"))).await;
    assert_eq!(said(&socket.answer().await), whole(3));
    let send = message(&scene.text("one more"));
    socket.send(&send).await;
    let told = socket.next().await;
    let elsewhere = visitor.send(None, &scene.text("one more")).await.problem(429, "quota_exceeded");
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &send["id"]));
    let told = told["error"].as_object().unwrap();
    assert!(told["request_id"].is_string());
    assert_eq!(told.keys().collect::<Vec<_>>(), elsewhere.as_object().unwrap().keys().collect::<Vec<_>>());
    for field in ["code", "message", "limit", "remaining", "reset_at"] {
        assert_eq!(told.get(field), elsewhere.get(field), "{field}");
    }
    // It ends nothing.
    socket.send(&json!({"type": "ping"})).await;
    assert_eq!(socket.next().await["type"], "pong");
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    visitor.leaves().await;
}

#[tokio::test]
async fn where_a_proof_is_asked_for_the_same_send_comes_again_with_it() {
    if !has_sockets() {
        return;
    }
    let server = server_with(&[("CHAT_ADDRESS_DAILY_MESSAGES", "1"), ("GUEST_CHALLENGE", "work")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(paced(3, 10)).await;
    let mut socket = Socket::open_from(&server, fresh_address()).await;
    socket.send(&json!({"type": "auth", "token": visitor.token})).await;
    assert_eq!(socket.next().await["type"], "quota");
    socket.send(&message(&scene.text("free"))).await;
    assert_eq!(said(&socket.answer().await), whole(3));
    let mut send = message(&scene.text("worked for"));
    socket.send(&send).await;
    let asked = socket.next().await;
    assert_eq!((&asked["id"], &asked["error"]["code"]), (&send["id"], &json!("challenge_required")), "{asked}");
    send["proof"] = json!(proof::solve(&asked["error"]).await);
    socket.send(&send).await;
    let frames = socket.answer().await;
    assert_eq!((&frames[0]["type"], &frames[0]["id"]), (&json!("accepted"), &send["id"]), "{}", frames[0]);
    assert_eq!(said(&frames), whole(3));
    assert_eq!(visitor.used_today().await, 2);
    visitor.leaves().await;
}

#[tokio::test]
async fn anothers_answer_looks_like_none_and_a_malformed_wish_is_named() {
    if !has_sockets() {
        return;
    }
    let server = server().await;
    let (visitor, stranger) = (Visitor::of(&server, "guest").await, Visitor::of(&server, "guest").await);
    let scene = visitor.scene(paced(3, 10)).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("mine"))).await;
    let frames = socket.answer().await;
    let (answer, cursor) = (&frames[0]["message_id"], &frames[0]["cursor"]);
    let none = Uuid::now_v7();
    let mut other = Socket::of(&stranger).await;
    let mut codes = Vec::new();
    for wish in [resume(answer, cursor), resume(&json!(none), &json!(format!("{none}.0")))] {
        other.send(&wish).await;
        let error = other.next().await;
        assert_eq!(error["type"], "error", "{error}");
        codes.push((error["error"]["code"].clone(), error["error"]["message"].clone()));
    }
    assert_eq!(codes[0], codes[1]);
    let send = message("x");
    let with = |name: &str, value: Value| {
        let mut frame = send.clone();
        frame[name] = value;
        frame
    };
    for (frame, field) in [
        (with("id", json!("x".repeat(256))), "id"),
        (with("id", json!("")), "id"),
        (with("id", json!("two words")), "id"),
        (with("id", json!(7)), "id"),
        (with("session_id", json!(7)), "session_id"),
        (with("proof", json!("é")), "proof"),
        (with("turnstile", json!("a\nb")), "proof"),
        (json!({"type": "resume"}), "message_id"),
        (json!({"type": "resume", "message_id": answer}), "cursor"),
        (json!({"type": "resume", "message_id": answer, "cursor": 7}), "cursor"),
        (json!({"type": "resume", "message_id": answer, "cursor": none}), "cursor"),
    ] {
        other.say(&frame.to_string()).await;
        let error = other.next().await;
        assert_eq!((&error["type"], &error["error"]["field"]), (&json!("error"), &json!(field)), "{frame}");
        let id = frame["id"].as_str().map_or(Value::Null, Value::from);
        assert_eq!(error["id"], id, "{frame}");
    }
    assert_eq!((stranger.used_today().await, stranger.model_calls().await.len()), (0, 0));
    stranger.leaves().await;
    visitor.leaves().await;
}
