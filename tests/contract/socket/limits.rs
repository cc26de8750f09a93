//! What one socket may have, each limit at its edge, and what it is closed with beyond.

use std::time::{Duration, Instant};

use futures::future::join;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::{Visitor, control, tokens};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::{Socket, has_sockets, message, opening, paced, resume, said, server, whole};

/// As `functions/worker/socket.js` has them.
const PINGS: usize = 60;
const REFUSED_FRAMES: usize = 20;
/// Each takes three of twenty calls of the stores, and the opening one.
const REFUSED_REQUESTS: usize = 7;

#[tokio::test]
async fn what_one_socket_may_cost_is_counted_whatever_it_is_spent_for() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let mut socket = Socket::of(&visitor).await;
    for _ in 0..PINGS {
        socket.send(&json!({"type": "ping"})).await;
        assert_eq!(socket.next().await, json!({"type": "pong"}));
    }
    socket.send(&json!({"type": "ping"})).await;
    assert_eq!(socket.next_or_code().await, Err(4001), "a ping too many");

    let mut socket = Socket::of(&visitor).await;
    for number in 0..=REFUSED_FRAMES {
        socket.say(&json!({"type": "dance", "id": number.to_string()}).to_string()).await;
        if number < REFUSED_FRAMES {
            let error = socket.next().await;
            assert_eq!((&error["id"], &error["error"]["field"]), (&json!(number.to_string()), &json!("type")));
        }
    }
    assert_eq!(socket.next_or_code().await, Err(4400), "who is refused that often is no client");

    // What the core refuses is answered, and has cost calls of the stores.
    let mut socket = Socket::of(&visitor).await;
    for _ in 0..REFUSED_REQUESTS {
        socket.send(&message("")).await;
        assert_eq!(socket.next().await["error"]["field"], "content");
    }
    assert_eq!(socket.next_or_code().await, Err(4001), "requests that came to nothing");

    // All of it counts together: after four such requests there is no room for a second answer, but for the whole of the first.
    let mut socket = Socket::of(&visitor).await;
    for _ in 0..4 {
        socket.send(&message("")).await;
        assert_eq!(socket.next().await["type"], "error");
    }
    let scene = visitor.scene(paced(3, 10)).await;
    socket.send(&message(&scene.text("the last"))).await;
    assert_eq!(said(&socket.answer().await), whole(3));
    assert_eq!(socket.next_or_code().await, Err(4001));
    assert_eq!(visitor.used_today().await, 1, "only the answer was paid for");
    visitor.leaves().await;
}

/// Both take their time: the minute is the script's own, and an answer's calls are those of its seconds.
#[tokio::test]
async fn a_socket_is_closed_after_a_minute_without_a_request_and_after_a_long_answer() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let idle = async {
        let mut socket = Socket::of(&visitor).await;
        let began = Instant::now();
        // A ping is no request: the minute goes on.
        for _ in 0..2 {
            let early = timeout(Duration::from_secs(20), socket.0.next()).await;
            assert!(early.is_err(), "after {:?}: {early:?}", began.elapsed());
            socket.send(&json!({"type": "ping"})).await;
            assert_eq!(socket.next().await["type"], "pong");
        }
        let code = timeout(Duration::from_secs(60), socket.0.next()).await.expect("an end").unwrap().unwrap();
        // Its clock began a moment before this one; had a ping stopped it, it would go to 100 s.
        let took = began.elapsed();
        assert!(Duration::from_secs(55) < took && took < Duration::from_secs(95), "{took:?}");
        assert!(matches!(&code, Message::Close(Some(close)) if u16::from(close.code) == 4001), "{code:?}");
    };
    let long = async {
        // Twelve calls of the stores for its seconds, eight of each answer's, one of the opening.
        let scene = visitor.scene(paced(125, 100)).await;
        let mut socket = Socket::of(&visitor).await;
        socket.send(&message(&scene.text("long"))).await;
        assert_eq!(said(&socket.answer().await), whole(125));
        assert_eq!(socket.next_or_code().await, Err(4001), "the next answer is another's");
    };
    join(idle, long).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn nobody_is_in_before_a_good_token_is_shown_in_the_first_frame() {
    if !has_sockets() {
        return;
    }
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let none = json!(visitor.id);
    for first in [json!({"type": "ping"}), json!({"type": "dance"}), json!({}), resume(&none, &none)] {
        let mut socket = Socket::open(&server).await;
        socket.say(&first.to_string()).await;
        assert_eq!(socket.next_or_code().await, Err(4401), "{first}");
    }
    // What could be no token is not looked at.
    for token in [Value::Null, json!(7), json!(""), json!("two words"), json!("é"), json!("x".repeat(4_097))] {
        let mut socket = Socket::open(&server).await;
        socket.say(&json!({"type": "auth", "token": token}).to_string()).await;
        assert_eq!(socket.next_or_code().await, Err(4401), "{token}");
    }
    let mut claims = tokens::claims(visitor.id, "guest");
    let now = claims["iat"].as_i64().unwrap();
    (claims["iat"], claims["exp"]) = (json!(now - 7_200), json!(now - 3_600));
    let mut expired = Socket::open(&server).await;
    expired.send(&json!({"type": "auth", "token": tokens::signed(&claims, &tokens::secret())})).await;
    assert_eq!(expired.next().await["error"]["code"], "token_expired");
    assert_eq!(expired.next_or_code().await, Err(4401));
    // A token beside the talk is none.
    let mut request = opening(&server);
    request.headers_mut().insert("authorization", format!("Bearer {}", visitor.token).parse().unwrap());
    let mut socket = Socket(connect_async(request).await.unwrap().0);
    socket.send(&message(&visitor.text("hello"))).await;
    assert_eq!(socket.next_or_code().await, Err(4401));
    // Nothing of a stranger's is read that is no frame, either.
    for (frame, code) in [("x".repeat(16 * 1024 + 1), 1009), ("{".to_owned(), 4400)] {
        let mut socket = Socket::open(&server).await;
        socket.say(&frame).await;
        assert_eq!(socket.next_or_code().await, Err(code));
    }
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (0, 0));

    // A good token that cannot be looked at is not called a bad one: the client comes again.
    let down = control::fault("redis", &visitor.id.to_string(), json!({"refuse": true}), None).await;
    let mut socket = Socket::open(&server).await;
    socket.send(&json!({"type": "auth", "token": visitor.token})).await;
    assert_eq!(socket.next().await["error"]["code"], "storage_unavailable");
    assert_eq!(socket.next_or_code().await, Err(4001));
    down.lift().await;
    drop(Socket::of(&visitor).await);
    visitor.leaves().await;
}

/// Whatever the bytes say: frames are texts.
#[tokio::test]
async fn a_frame_of_bytes_ends_the_socket() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let bytes = |frame: &Value| Message::binary(frame.to_string().into_bytes());
    let mut stranger = Socket::open(visitor.server()).await;
    stranger.0.send(bytes(&json!({"type": "auth", "token": visitor.token}))).await.unwrap();
    assert_eq!(stranger.next_or_code().await, Err(4400));
    let mut socket = Socket::of(&visitor).await;
    socket.0.send(bytes(&message(&visitor.text("hello")))).await.unwrap();
    assert_eq!(socket.next_or_code().await, Err(4400));
    // Within an answer, too: its reader has left then.
    let scene = visitor.scene(paced(2_000, 10)).await;
    let mut socket = Socket::of(&visitor).await;
    socket.send(&message(&scene.text("and then bytes"))).await;
    let session = socket.next().await["session_id"].clone();
    socket.0.send(bytes(&json!({"type": "ping"}))).await.unwrap();
    assert_eq!(socket.close_code().await, 4400);
    assert_eq!(visitor.settled(session.as_str().unwrap(), "assistant").await["status"], "stopped");
    assert_eq!(visitor.model_calls().await.len(), 1, "bytes ask nobody");
    visitor.leaves().await;
}
