//! What the other doors cost beside the page's stream: OpenAI's completions, which are a native pipe, too; its responses, whose events
//! Wasm writes; and an answer in a WebSocket.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::{Visitor, tokens};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::inspector::Inspector;
use crate::throughput::{CHUNKS, Source, full_speed_text};
use crate::workerd::Inspector::Listens;
use crate::workerd::{Workerd, variables};
use crate::{Line, median, millis};

/// Streams of which the first byte is measured, of each.
const FIRST_BYTES: usize = 60;

/// Streams at full speed of each.
const STREAMS: usize = 7;

/// Answers of 500 chunks of each, for processor time; as many before them.
const ANSWERS: u32 = 100;

/// What a socket is closed after.
const ANSWERS_A_SOCKET: u32 = 2;

/// How much more a native pipe may take than the page's: noise, not a chunk's price.
const NOISE: f64 = 1.1;

/// Time and processor time.
pub async fn measure(worker: &Workerd) -> Vec<Line> {
    let visitor = Visitor::new().await;
    let short = visitor.scene(json!({"chunks": 3, "pace_ms": 0})).await.text("short");
    let first = interleaved(worker, &short, FIRST_BYTES, async |source, client| {
        source.open(client).await.first().await;
    });
    let [page, completions, responses] = first.await.map(millis);
    let mut lines = vec![
        Line::plain("first byte of an answer, the page's", format!("{page:.2} ms")),
        beside("the same, OpenAI's completions", completions, page, "ms"),
        Line::plain("the same, OpenAI's responses", format!("{responses:.2} ms")),
    ];
    let (text, _) = full_speed_text(&visitor).await;
    let whole = interleaved(worker, &text, STREAMS, async |source, client| {
        source.open(client).await.read().await;
    });
    let [page, completions, responses] = whole.await.map(|time| time.as_secs_f64());
    lines.extend([
        Line::plain(format!("{CHUNKS} chunks, the page's"), format!("{page:.3} s")),
        beside("the same, OpenAI's completions", completions, page, "s"),
        Line::plain("the same, OpenAI's responses", format!("{responses:.3} s, {:.1}×", responses / page)),
    ]);
    lines.extend(processor(&visitor).await);
    visitor.leaves().await;
    lines
}

fn beside(what: &str, figure: f64, page: f64, unit: &str) -> Line {
    let ratio = figure / page;
    Line::timed(what, format!("{figure:.3} {unit}, {ratio:.2}×"), "at most the page's, + 10 %", ratio <= NOISE)
}

/// The doors that are asked by a plain request: the page's, completions and responses.
fn doors(base: &str, text: &str) -> [Source; 3] {
    [Source::functions(base, text), Source::completions(base, text), Source::responses(base, text)]
}

/// How long each takes, asked in turn.
async fn interleaved(
    worker: &Workerd,
    text: &str,
    rounds: usize,
    take: impl AsyncFn(&Source, &reqwest::Client),
) -> [Duration; 3] {
    let client = reqwest::Client::new();
    let sources = doors(&worker.base, text);
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..rounds {
        for (source, times) in sources.iter().zip(&mut times) {
            let began = Instant::now();
            take(source, &client).await;
            times.push(began.elapsed());
        }
    }
    times.map(median)
}

/// Processor time of an answer in the isolate, by a workerd of its own, because an inspector that listens costs time.
async fn processor(visitor: &Visitor) -> Vec<Line> {
    let client = reqwest::Client::new();
    let text = visitor.scene(json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 0})).await.text("processor");
    let mut variables = variables();
    variables.push(("FEATURE_WEBSOCKET".to_owned(), "true".to_owned()));
    let server = Workerd::with(&variables, Listens);
    server.answers().await;
    let mut lines = Vec::new();
    let names = ["the page's", "OpenAI's completions", "OpenAI's responses"];
    for (name, source) in names.into_iter().zip(doors(&server.base, &text)) {
        let ask = async || {
            for _ in 0..ANSWERS {
                source.open(&client).await.read().await;
            }
        };
        let took = profiled(&server, ask).await;
        lines.push(Line::plain(format!("processor time of an answer of 500 chunks, {name}"), format!("{took:.2} ms")));
    }
    let took = profiled(&server, async || {
        for _ in 0..ANSWERS / ANSWERS_A_SOCKET {
            talk(&server.base, &text).await;
        }
    });
    lines.push(Line::plain(
        "processor time of an answer of 500 chunks, in a WebSocket",
        format!("{:.2} ms", took.await),
    ));
    lines
}

/// Milliseconds in the isolate of one of [`ANSWERS`], once V8 has compiled what is hot.
async fn profiled(server: &Workerd, ask: impl AsyncFn()) -> f64 {
    ask().await;
    let mut inspector = Inspector::attach(&server.inspector).await;
    inspector.begin_profile().await;
    ask().await;
    millis(inspector.end_profile().await) / f64::from(ANSWERS)
}

/// As many answers as a socket gives, from its opening on.
async fn talk(base: &str, text: &str) {
    let url = format!("{}/api/v1/chat/ws", base.replace("http:", "ws:"));
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "edgewise.v1".parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let token = tokens::valid(Uuid::now_v7(), "guest");
    say(&mut socket, &json!({"type": "auth", "token": token})).await;
    hear(&mut socket, "quota").await;
    for _ in 0..ANSWERS_A_SOCKET {
        say(&mut socket, &json!({"type": "send", "id": Uuid::now_v7(), "content": text})).await;
        hear(&mut socket, "done").await;
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn say(socket: &mut Socket, frame: &Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

/// Reads up to a frame of this kind.
async fn hear(socket: &mut Socket, kind: &str) {
    loop {
        let message = socket.next().await.expect("an open socket").unwrap();
        let Message::Text(text) = message else { panic!("no frame of text: {message:?}") };
        let frame: Value = serde_json::from_str(&text).unwrap();
        assert_ne!(frame["type"], "error", "{frame}");
        if frame["type"] == kind {
            return;
        }
    }
}
