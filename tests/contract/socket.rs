//! The chat over a WebSocket: who may open one, what is said in it, and that nothing of an answer is lost with the connection.

mod answers;
mod limits;
mod losses;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use futures::future::join_all;
use futures::{SinkExt, StreamExt, stream};
use jsonschema::Validator;
use serde_json::{Value, json};
use tests::{Call, PATIENT, Server, Visitor, control, eventually, variable};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};
use uuid::Uuid;

const PATH: &str = "/api/v1/chat/ws";

/// Longer than a server takes for anything here.
const PATIENCE: Duration = Duration::from_secs(30);

/// What docs/websocket.md says of frames.
struct Frames {
    client: Validator,
    server: Validator,
}

static FRAMES: LazyLock<Frames> = LazyLock::new(|| {
    let page = include_str!("../../docs/websocket.md");
    let (_, schema) = page.split_once("```json\n").unwrap();
    let schema: Value = serde_json::from_str(schema.split_once("```").unwrap().0).unwrap();
    let of = |side: &str| {
        let mut schema = schema.clone();
        schema["$ref"] = json!(format!("#/$defs/{side}"));
        jsonschema::options().build(&schema).unwrap()
    };
    Frames { client: of("client"), server: of("server") }
});

fn has_sockets() -> bool {
    !variable("DEV_COMMAND").contains("spin")
}

/// What each server here has.
const WITH_SOCKETS: [(&str, &str); 2] = [("FEATURE_WEBSOCKET", "true"), PATIENT];

async fn server() -> Server {
    Server::started_with(&WITH_SOCKETS).await
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(server: &Server) -> Self {
        let (socket, answer) = connect_async(opening(server)).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "edgewise.v1");
        Self(socket)
    }

    /// From an address of this machine, one of 127.0.0.0/8.
    async fn open_from(server: &Server, address: Ipv4Addr) -> Self {
        let place = server.base().trim_start_matches("http://");
        let there = lookup_host(place).await.unwrap().find(SocketAddr::is_ipv4).expect("an address");
        let here = TcpSocket::new_v4().unwrap();
        here.bind(SocketAddr::from((address, 0))).unwrap();
        let stream = MaybeTlsStream::Plain(here.connect(there).await.unwrap());
        let (socket, _) = client_async(opening(server), stream).await.unwrap();
        Self(socket)
    }

    /// Somebody's, who is in.
    async fn of(visitor: &Visitor) -> Self {
        let mut socket = Self::open(visitor.server()).await;
        socket.send(&json!({"type": "auth", "token": visitor.token})).await;
        let quota = socket.next().await;
        assert_eq!(quota["type"], "quota", "{quota}");
        socket
    }

    /// Somebody's who reads an answer on from a cursor, and what that is accepted with. Comes back while the places of readers who have just left
    /// are still held.
    async fn resumed(visitor: &Visitor, answer: &Value, cursor: &Value) -> (Self, Value) {
        let (socket, accepted) = eventually("a place among the readers", || async {
            let mut socket = Self::of(visitor).await;
            socket.send(&resume(answer, cursor)).await;
            let first = socket.next().await;
            if first["error"]["code"] == "rate_limited" { Err(first.to_string()) } else { Ok((socket, first)) }
        })
        .await;
        assert_eq!((&accepted["type"], &accepted["message_id"]), (&json!("accepted"), answer), "{accepted}");
        assert_eq!(accepted["cursor"], *cursor);
        (socket, accepted)
    }

    async fn send(&mut self, frame: &Value) {
        assert!(FRAMES.client.is_valid(frame), "not as documented: {frame}");
        self.say(&frame.to_string()).await;
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    async fn hear(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame").expect("an open socket").unwrap()
    }

    async fn next(&mut self) -> Value {
        self.next_or_code().await.unwrap_or_else(|code| panic!("no frame: closed with {code}"))
    }

    /// The next frame, or the code that the socket is closed with.
    async fn next_or_code(&mut self) -> Result<Value, u16> {
        match self.hear().await {
            Message::Text(text) => {
                let frame = serde_json::from_str(&text).unwrap();
                assert!(FRAMES.server.is_valid(&frame), "not as documented: {frame}");
                Ok(frame)
            }
            Message::Close(Some(close)) => Err(close.code.into()),
            other => panic!("no frame of text: {other:?}"),
        }
    }

    /// The code that it is closed with, whatever was said before.
    async fn close_code(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next_or_code().await {
                return code;
            }
        }
    }

    /// Reads on to the answer's last frame: all of them.
    async fn answer(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            let is_over = is_last(&frame);
            frames.push(frame);
            if is_over {
                return frames;
            }
        }
    }
}

/// The request that asks a server for a socket.
fn opening(server: &Server) -> Request {
    let url = format!("{}{PATH}", server.base().replace("http:", "ws:"));
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "edgewise.v1".parse().unwrap());
    request
}

/// Whether a frame is an answer's last.
fn is_last(frame: &Value) -> bool {
    ["done", "error"].contains(&frame["type"].as_str().unwrap())
}

fn of_type<'a>(frames: &'a [Value], kind: &str) -> Vec<&'a Value> {
    frames.iter().filter(|frame| frame["type"] == kind).collect()
}

fn said(frames: &[Value]) -> String {
    of_type(frames, "delta").iter().map(|delta| delta["text"].as_str().unwrap()).collect()
}

/// How far frames have brought their reader.
fn cursor(frames: &[Value]) -> &Value {
    frames.iter().rev().find_map(|frame| frame.get("cursor")).expect("a cursor")
}

fn resume(answer: &Value, cursor: &Value) -> Value {
    json!({"type": "resume", "message_id": answer, "cursor": cursor})
}

fn message(content: &str) -> Value {
    json!({"type": "send", "id": Uuid::now_v7().to_string(), "content": content})
}

/// What the model says: characters of four bytes among them.
fn paced(chunks: u32, pace: u32) -> Value {
    json!({"chunks": chunks, "chunk_text": "w{i} 🙂 ", "pace_ms": pace, "usage": true, "finish": "stop", "done": true})
}

fn whole(chunks: u32) -> String {
    (0..chunks).map(|chunk| format!("w{chunk} 🙂 ")).collect()
}

#[tokio::test]
async fn off_there_is_none_and_where_none_can_be_the_other_way_is_named() {
    let call = || Call::new("GET", PATH);
    Server::under_test().send(call()).await.problem(404, "not_found");
    let server = server().await;
    if !has_sockets() {
        let answer = server.send(call()).await;
        answer.problem(501, "not_supported");
        assert!(answer.text().contains("POST /api/v1/chat/messages"), "{}", answer.text());
        return;
    }
    assert_eq!(server.send(call()).await.problem(400, "invalid_request")["field"], "Upgrade");
    let refused = async |query: &str, protocol: Option<&'static str>| {
        let url = format!("{}{PATH}{query}", server.base().replace("http:", "ws:"));
        let mut request = url.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        match connect_async(request).await {
            Err(Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused("?token=x", Some("edgewise.v1")).await, 400, "a token stands in no address");
    assert_eq!(refused("", Some("graphql-ws")).await, 400);
    assert_eq!(refused("", None).await, 400);
}

#[tokio::test]
async fn two_sockets_of_one_user_have_their_own_answers() {
    if !has_sockets() {
        return;
    }
    let visitor = Visitor::of(&server().await, "guest").await;
    let scenes = [visitor.scene(paced(40, 10)).await, visitor.scene(paced(60, 10)).await];
    let talks = join_all(scenes.iter().map(async |scene| {
        let mut socket = Socket::of(&visitor).await;
        let send = message(&scene.text("hello"));
        let asked = Instant::now();
        socket.send(&send).await;
        let frames = socket.answer().await;
        let took = asked.elapsed();
        assert_eq!((&frames[0]["type"], &frames[0]["id"]), (&json!("accepted"), &send["id"]));
        assert_eq!(frames[1]["type"], "quota");
        assert!(frames.iter().all(|frame| frame.get("message_id").is_none_or(|id| *id == frames[0]["message_id"])));
        // Five a second, and what is left at the end: never one a chunk.
        let most = took.as_millis() / 200 + 2;
        assert!(of_type(&frames, "delta").len() as u128 <= most, "{took:?}: {frames:?}");
        frames
    }))
    .await;
    for (frames, chunks) in talks.iter().zip([40, 60]) {
        assert_eq!(said(frames), whole(chunks));
        let done = frames.last().unwrap();
        assert_eq!((&done["type"], &done["finish_reason"]), (&json!("done"), &json!("stop")));
        let session = frames[0]["session_id"].as_str().unwrap();
        assert_eq!(visitor.messages(session).await[1]["content"], json!(whole(chunks)));
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_no_frame_ends_the_socket_and_what_cannot_be_done_costs_nothing() {
    if !has_sockets() {
        return;
    }
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    // The clock of this one runs beside all others.
    let mut silent = Socket::open(&server).await;

    let mut first = Socket::open(&server).await;
    first.send(&message("too early")).await;
    assert_eq!(first.close_code().await, 4401);
    let mut stranger = Socket::open(&server).await;
    stranger.send(&json!({"type": "auth", "token": "nobody"})).await;
    assert_eq!(stranger.next().await["error"]["code"], "unauthenticated");
    assert_eq!(stranger.close_code().await, 4401);
    for no_frame in ["{", "[]", "null", "\"send\""] {
        let mut socket = Socket::of(&visitor).await;
        socket.say(no_frame).await;
        assert_eq!(socket.close_code().await, 4400, "{no_frame}");
    }
    // A frame of 16 kB is heard, one of a byte more is not, whatever its letters.
    let padded = |bytes: usize| {
        let frame = |fill: &str| json!({"type": "ping", "fill": fill}).to_string();
        let rest = bytes - frame("").len();
        frame(&("é".repeat(rest / 2) + &"x".repeat(rest % 2)))
    };
    let mut socket = Socket::of(&visitor).await;
    socket.say(&padded(16 * 1024)).await;
    assert_eq!(socket.next().await["type"], "pong");
    socket.say(&padded(16 * 1024 + 1)).await;
    assert_eq!(socket.close_code().await, 1009);

    let mut socket = Socket::of(&visitor).await;
    for (frame, field) in [
        (json!({"type": "dance"}), "type"),
        (json!({"type": "auth", "token": "x"}), "type"),
        (json!({"type": "send", "content": "no id"}), "id"),
        (json!({"type": "send", "id": "a", "session_id": "../me", "content": "x"}), "session_id"),
        (json!({"type": "resume", "message_id": "x", "cursor": "x"}), "message_id"),
        (json!({"type": "resume", "message_id": Uuid::now_v7(), "cursor": "x/../..5"}), "cursor"),
    ] {
        socket.say(&frame.to_string()).await;
        let error = socket.next().await;
        assert_eq!((&error["error"]["code"], &error["error"]["field"]), (&json!("invalid_request"), &json!(field)));
    }
    // What the core refuses comes with its own words, and another's session is none.
    socket.send(&message("")).await;
    assert_eq!(socket.next().await["error"]["field"], "content");
    let mut foreign = message(&visitor.text("mine now"));
    foreign["session_id"] = json!(Uuid::now_v7());
    socket.send(&foreign).await;
    let error = socket.next().await;
    assert_eq!((&error["id"], &error["error"]["code"]), (&foreign["id"], &json!("session_not_found")));
    // One answer at a time.
    let scene = visitor.scene(paced(300, 10)).await;
    socket.send(&message(&scene.text("hello"))).await;
    assert_eq!(socket.next().await["type"], "accepted");
    socket.send(&message(&scene.text("and this"))).await;
    let frames = socket.answer().await;
    assert_eq!(frames.last().unwrap()["error"]["code"], "generation_in_progress");
    assert_eq!(said(&frames) + &said(&socket.answer().await), whole(300));
    // What was refused is given back, a moment after it was told at the latest.
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 1);

    // One frame waits until it is known who somebody is; others are refused at once, and counted.
    let slow = control::fault("redis", &visitor.id.to_string(), json!({"latency_ms": 2_000}), None).await;
    let auth = json!({"type": "auth", "token": visitor.token});
    let mut socket = Socket::open(&server).await;
    let sends: Vec<Value> = (0..3).map(|_| message(&visitor.text("at once"))).collect();
    for frame in [&auth].into_iter().chain(&sends) {
        socket.send(frame).await;
    }
    for frame in &sends[1..] {
        let error = socket.next().await;
        assert_eq!((&error["id"], &error["error"]["code"]), (&frame["id"], &json!("generation_in_progress")));
    }
    assert_eq!(socket.next().await["type"], "quota");
    let frames = socket.answer().await;
    assert_eq!((&frames[0]["type"], &frames[0]["id"]), (&json!("accepted"), &sends[0]["id"]));
    let mut flood = Socket::open(&server).await;
    flood.send(&auth).await;
    for _ in 0..22 {
        flood.send(&message(&visitor.text("again"))).await;
    }
    assert_eq!(flood.close_code().await, 4400);
    slow.lift().await;
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 2);

    assert_eq!(silent.close_code().await, 4401, "nobody waits for a token for ever");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_thousand_sockets_that_say_nothing_are_no_burden_to_one_that_does() {
    if !has_sockets() {
        return;
    }
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    let before = server.memory();
    // In, or they would be closed: who opens one has five seconds for that.
    let idle = stream::iter(0..1_000).map(async |_| Socket::of(&visitor).await);
    let idle: Vec<Socket> = idle.buffer_unordered(16).collect().await;
    let mut socket = Socket::of(&visitor).await;
    let scene = visitor.scene(paced(10, 10)).await;
    socket.send(&message(&scene.text("hello"))).await;
    assert_eq!(said(&socket.answer().await), whole(10));
    let each = server.memory().saturating_sub(before) / 1_000;
    assert!(each < 200_000, "{each} bytes a socket, with the front of the tests and its buffers");
    for mut one in idle {
        one.send(&json!({"type": "ping"})).await;
        assert_eq!(one.next().await["type"], "pong");
    }
    visitor.leaves().await;
}
