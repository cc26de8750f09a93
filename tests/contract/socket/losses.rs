//! What becomes of an answer whose connection is lost, whose reader leaves, which is stopped, or which breaks off.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Server, Visitor, control, eventually};

use super::{Socket, WITH_SOCKETS, cursor, has_sockets, is_last, message, of_type, paced, resume, said, server, whole};

/// Where an answer goes on when its reader is gone, so that a client who comes back finds all of it.
async fn finishing_server() -> Server {
    Server::started_with(&[&WITH_SOCKETS[..], &[("CHAT_ON_DISCONNECT", "finish")]].concat()).await
}

/// Reads on for as many frames; whether the last of them was the answer's.
async fn read_on(socket: &mut Socket, read: &mut Vec<Value>, count: usize) -> bool {
    for _ in 0..count {
        let frame = socket.next().await;
        let is_over = is_last(&frame);
        read.push(frame);
        if is_over {
            return true;
        }
    }
    false
}

/// Loses the connection after as many frames of an answer, and the next one while that is resumed; whether there were no more.
async fn lost_after(server: &Server, count: usize) -> bool {
    let visitor = Visitor::of(server, "guest").await;
    let scene = visitor.scene(paced(200, 10)).await;
    let send = message(&scene.text("hello"));
    let mut socket = Socket::of(&visitor).await;
    socket.send(&send).await;
    let mut read = Vec::new();
    let was_whole = read_on(&mut socket, &mut read, count).await;
    drop(socket);
    assert_eq!((&read[0]["type"], &read[0]["id"]), (&json!("accepted"), &send["id"]));
    let answer = read[0]["message_id"].clone();
    // At once, or after up to three frames more.
    let (mut second, _) = Socket::resumed(&visitor, &answer, cursor(&read)).await;
    read_on(&mut second, &mut read, count % 4).await;
    drop(second);
    let (mut third, _) = Socket::resumed(&visitor, &answer, cursor(&read)).await;
    let rest = third.answer().await;
    assert_eq!(said(&read) + &said(&rest), whole(200), "lost after {count} frames, and after {} more", count % 4);
    let done = rest.last().unwrap();
    assert_eq!((&done["type"], &done["finish_reason"]), (&json!("done"), &json!("stop")));
    // The same message once more is the same answer, also to who resumes that: the second of this socket, which closes.
    let mut same = Socket::of(&visitor).await;
    same.send(&send).await;
    let again = same.answer().await;
    assert_eq!((&again[0]["replayed"], said(&again)), (&json!(true), whole(200)));
    assert_eq!(again[0]["message_id"], answer);
    same.send(&resume(&answer, &again[0]["cursor"])).await;
    assert_eq!(said(&same.answer().await), whole(200));
    assert_eq!(same.close_code().await, 4001);
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1), "it was paid for once");
    visitor.leaves().await;
    was_whole
}

#[tokio::test]
async fn whatever_frame_the_connection_is_lost_after_nothing_of_the_answer_is() {
    if !has_sockets() {
        return;
    }
    let server = finishing_server().await;
    // How many frames an answer has is its machine's to say: on until one has no more.
    let mut counts = 1..;
    loop {
        let some = counts.by_ref().take(4).map(|count| lost_after(&server, count));
        if join_all(some).await.contains(&true) {
            break;
        }
    }
}

/// The connection is lost after every frame of every resume: what was read before counts, and nothing is read twice.
#[tokio::test]
async fn a_client_who_loses_each_connection_at_its_first_words_reads_the_whole_answer() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&finishing_server().await, "guest").await;
    let scene = visitor.scene(paced(40, 60)).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("unlucky"))).await;
    let accepted = socket.next().await;
    drop(socket);
    let answer = accepted["message_id"].clone();
    let mut read = vec![accepted];
    while !read.last().is_some_and(is_last) {
        // One brings no word, so that the next is asked for the same place.
        drop(Socket::resumed(&visitor, &answer, cursor(&read)).await);
        let (mut socket, _) = Socket::resumed(&visitor, &answer, cursor(&read)).await;
        read.push(socket.next().await);
    }
    assert_eq!(said(&read), whole(40));
    let done = read.last().unwrap();
    assert_eq!((&done["type"], &done["finish_reason"]), (&json!("done"), &json!("stop")));
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    visitor.leaves().await;
}

/// Such a client knows no answer that it could resume: the same `send` finds it.
#[tokio::test]
async fn a_message_whose_socket_is_lost_before_any_frame_is_answered_once() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&finishing_server().await, "guest").await;
    let mut late = paced(20, 20);
    late["first_byte_delay_ms"] = json!(1_500);
    let scene = visitor.scene(late).await;
    let send = message(&scene.text("early"));
    let mut socket = Socket::of(&visitor).await;
    socket.send(&send).await;
    eventually("the model is asked", || async {
        let asked = visitor.model_calls().await.len();
        if asked == 1 { Ok(()) } else { Err(asked.to_string()) }
    })
    .await;
    drop(socket);
    let frames = eventually("the answer", || async {
        let mut next = Socket::of(&visitor).await;
        next.send(&send).await;
        let frames = next.answer().await;
        // Its row is written while the model is asked.
        let is_early = frames[0]["error"]["code"] == "generation_in_progress";
        if is_early { Err(frames[0].to_string()) } else { Ok(frames) }
    })
    .await;
    assert_eq!((&frames[0]["type"], &frames[0]["replayed"]), (&json!("accepted"), &json!(true)), "{}", frames[0]);
    assert_eq!(said(&frames), whole(20));
    assert_eq!(frames.last().unwrap()["finish_reason"], "stop");
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    visitor.leaves().await;
}

/// Leaves after as many frames, without a word or in good order, where that ends an answer.
async fn left_after(server: &Server, count: usize, takes_leave: bool) {
    let visitor = Visitor::of(server, "guest").await;
    // The model would go on for long: that its connection closes can only be our doing.
    let scene = visitor.scene(paced(2_000, 10)).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("leave"))).await;
    let mut read = Vec::new();
    assert!(!read_on(&mut socket, &mut read, count).await);
    assert!(!said(&read).is_empty(), "{read:?}");
    let call = visitor.model_calls().await[0].seq();
    if takes_leave {
        socket.0.close(None).await.unwrap();
    }
    drop(socket);
    let ended = control::ended(call, Duration::from_secs(10)).await;
    assert_eq!(ended.outcome(), "client_closed", "{ended:?}");
    let kept = visitor.settled(read[0]["session_id"].as_str().unwrap(), "assistant").await;
    let text = kept["content"].as_str().unwrap();
    assert_eq!((&kept["status"], &kept["id"]), (&json!("stopped"), &read[0]["message_id"]));
    assert!(text.starts_with(&said(&read)) && whole(2_000).starts_with(text), "read {}, kept {text}", said(&read));
    // What is left of it is read like any answer's rest; then there is no more, and no reason.
    for is_read in [false, true] {
        let (mut next, _) = Socket::resumed(&visitor, &kept["id"], cursor(&read)).await;
        let rest = next.answer().await;
        assert!(!is_read || said(&rest).is_empty(), "{rest:?}");
        let done = rest.last().unwrap();
        assert_eq!((&done["type"], &done["finish_reason"]), (&json!("done"), &Value::Null));
        read.extend(rest);
        assert_eq!(said(&read), text);
    }
    assert_eq!(visitor.used_today().await, 1, "who saw text has used a message");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_reader_who_leaves_ends_the_answer_and_what_had_arrived_is_kept() {
    if !has_sockets() {
        return;
    }
    let server = server().await;
    let ways = [(3, false), (3, true), (6, false), (6, true)];
    join_all(ways.map(|(count, takes_leave)| left_after(&server, count, takes_leave))).await;
}

#[tokio::test]
async fn an_answer_that_is_stopped_from_elsewhere_is_done_without_a_reason() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let scene = visitor.scene(paced(2_000, 10)).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("stop"))).await;
    let mut read = Vec::new();
    assert!(!read_on(&mut socket, &mut read, 4).await);
    let [session, answer] = ["session_id", "message_id"].map(|name| read[0][name].as_str().unwrap());
    visitor.post(&format!("/chat/sessions/{session}/messages/{answer}/stop"), &json!({})).await.expect(200);
    let rest = socket.answer().await;
    let done = rest.last().unwrap();
    assert_eq!((&done["type"], &done["finish_reason"]), (&json!("done"), &Value::Null));
    let kept = visitor.settled(session, "assistant").await;
    let text = kept["content"].as_str().unwrap();
    assert_eq!(kept["status"], "stopped");
    assert!(text.starts_with(&said(&read)) && whole(2_000).starts_with(text), "read {}, kept {text}", said(&read));
    // Whoever comes later reads what is kept.
    let (mut next, _) = Socket::resumed(&visitor, &kept["id"], &read[0]["cursor"]).await;
    let again = next.answer().await;
    assert_eq!((said(&again).as_str(), &again.last().unwrap()["finish_reason"]), (text, &Value::Null));
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_says_where_and_says_so_again_to_who_resumes_it() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let mut broken = paced(9, 20);
    broken["close_at"] = json!(4);
    let scene = visitor.scene(broken).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("break"))).await;
    let frames = socket.answer().await;
    let (accepted, text) = (&frames[0], said(&frames));
    assert!(!text.is_empty() && whole(4).starts_with(&text), "{text}");
    visitor.settled(accepted["session_id"].as_str().unwrap(), "assistant").await;
    let error = frames.last().unwrap();
    assert_eq!((&error["type"], &error["error"]["code"]), (&json!("error"), &json!("provider_error")), "{error}");
    let last = *of_type(&frames, "delta").last().unwrap();
    assert_eq!((&error["message_id"], &error["cursor"]), (&accepted["message_id"], &last["cursor"]));
    for (from, rest) in [(&error["cursor"], ""), (&accepted["cursor"], text.as_str())] {
        let (mut next, _) = Socket::resumed(&visitor, &accepted["message_id"], from).await;
        let again = next.answer().await;
        assert_eq!(said(&again), rest);
        let told = again.last().unwrap();
        assert_eq!((&told["error"]["code"], &told["cursor"]), (&json!("provider_error"), &error["cursor"]));
    }
    visitor.leaves().await;
}
