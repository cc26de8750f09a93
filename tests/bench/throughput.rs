//! What a streamed chunk costs: a stream at full speed, direct, through a bare Worker, through one that records it and through ours; and processor time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Visitor, stores, tokens, variable};
use uuid::Uuid;

use crate::inspector::Inspector;
use crate::store_trips::{MODEL, model_request};
use crate::workerd::Inspector::{Listens, Off};
use crate::workerd::Workerd;
use crate::{Line, median, millis};

/// Of the stream at full speed.
pub const CHUNKS: usize = 20_000;

/// Bytes of each chunk.
const CHUNK_SIZE: usize = 160;

const ROUNDS: usize = 7;

/// Messages for the processor time of one: enough to be far above the clock's ticks of 10 ms.
const MESSAGES: u32 = 200;

/// Messages before them: until then V8 is still compiling what is hot, beside the message and in the same process.
const WARM_UP: u32 = 300;

/// Time and processor time.
pub async fn measure(worker: &Workerd, bare: &Workerd, model: &str) -> Vec<Line> {
    let plain = Workerd::calls_only(model, Off);
    plain.answers().await;
    let mut lines = full_speed([worker, bare, &plain]).await;
    drop(plain);
    lines.extend(processor(worker, bare, model).await);
    lines
}

/// Where a stream is fetched from.
pub struct Source {
    url: String,
    token: String,
    body: String,
    headers: Vec<(&'static str, String)>,
}

impl Source {
    /// Straight from the model.
    pub fn model(text: &str) -> Self {
        Self {
            url: format!("{}/chat/completions", variable("SAMBANOVA_API_BASE")),
            token: variable("SAMBANOVA_API_KEY"),
            body: model_request(text),
            headers: Vec::new(),
        }
    }

    /// Through another gateway, which takes the model's own requests.
    pub fn gateway(base: &str, headers: Vec<(&'static str, String)>, text: &str) -> Self {
        Self { url: format!("{base}/v1/chat/completions"), headers, ..Self::model(text) }
    }

    /// Through a Worker that only passes it on.
    pub fn bare(bare: &Workerd, text: &str) -> Self {
        Self { url: bare.base.clone(), ..Self::model(text) }
    }

    /// Through ours, as an answer in a new session of a new user.
    pub fn worker(worker: &Workerd, text: &str) -> Self {
        Self::functions(&worker.base, text)
    }

    /// Through our functions wherever they are served.
    pub fn functions(base: &str, text: &str) -> Self {
        Self {
            url: format!("{base}/api/v1/chat/messages"),
            token: tokens::valid(Uuid::now_v7(), "guest"),
            body: json!({"content": text}).to_string(),
            headers: Vec::new(),
        }
    }

    /// Through our functions as OpenAI's API, of a new guest: nothing of it is stored.
    pub fn completions(base: &str, text: &str) -> Self {
        let token = tokens::valid(Uuid::now_v7(), "guest");
        Self { url: format!("{base}/v1/chat/completions"), token, ..Self::model(text) }
    }

    /// The same as OpenAI's newer API.
    pub fn responses(base: &str, text: &str) -> Self {
        let body = json!({"model": MODEL, "input": text, "stream": true, "store": false}).to_string();
        Self { url: format!("{base}/v1/responses"), body, ..Self::completions(base, text) }
    }

    /// Asks for the stream, whatever the answer.
    pub async fn ask(&self, client: &reqwest::Client) -> reqwest::Result<reqwest::Response> {
        let mut request = client.post(&self.url).bearer_auth(&self.token).header("content-type", "application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(self.body.clone()).send().await
    }

    /// Begins the stream, up to its head.
    pub async fn open(&self, client: &reqwest::Client) -> Stream {
        let response = self.ask(client).await.unwrap();
        if response.status().as_u16() != 200 {
            panic!("opening a stream at {}: {} {:?}", self.url, response.status(), response.text().await);
        }
        let answer = response.headers().get("x-message-id").map(|id| id.to_str().unwrap().to_owned());
        Stream { response, answer }
    }
}

/// A stream that has begun.
pub struct Stream {
    response: reqwest::Response,
    /// The stored answer's id, if there is one.
    pub answer: Option<String>,
}

impl Stream {
    /// Waits for its first bytes.
    pub async fn first(&mut self) {
        assert!(self.response.chunk().await.unwrap().is_some(), "an answer without a byte");
    }

    /// Reads it to its end.
    pub async fn read(mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(chunk) = self.response.chunk().await.unwrap() {
            body.extend_from_slice(&chunk);
        }
        body
    }
}

async fn full_speed([worker, bare, plain]: [&Workerd; 3]) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let (text, sent) = full_speed_text(&visitor).await;
    let sources =
        [Source::model(&text), Source::bare(bare, &text), Source::bare(plain, &text), Source::worker(worker, &text)];
    let mut times: [Vec<Duration>; 4] = Default::default();
    let (mut delivered, mut stored) = (0, 0);
    for _ in 0..ROUNDS {
        for (source, times) in sources.iter().zip(&mut times) {
            let began = Instant::now();
            let stream = source.open(&client).await;
            let answer = stream.answer.clone();
            let body = stream.read().await;
            times.push(began.elapsed());
            if let Some(answer) = answer {
                delivered += usize::from(body == sent.as_bytes());
                stored += usize::from(stored_text(&answer).await == spoken(&body));
            }
        }
    }
    visitor.leaves().await;
    let [direct, bare, plain, ours] = times.map(|times| median(times).as_secs_f64());
    vec![
        Line::plain(format!("{CHUNKS} chunks of {CHUNK_SIZE} B, direct"), format!("{direct:.3} s")),
        Line::plain("the same through a bare Worker", format!("{bare:.3} s")),
        Line::plain("the same through one in JavaScript that records it", format!("{plain:.3} s")),
        Line::plain("the same through ours", format!("{ours:.3} s")),
        Line::timed("ours against the bare Worker", format!("{:.2}×", ours / bare), "at most 1.3×", ours <= bare * 1.3),
        Line::timed(
            "ours against the one in JavaScript",
            format!("{:.2}×", ours / plain),
            "at most 1.2×",
            ours <= plain * 1.2,
        ),
        Line::exact(
            format!("of {ROUNDS} of ours, delivered and stored byte for byte"),
            format!("{delivered}, {stored}"),
            "all",
            (delivered, stored) == (ROUNDS, ROUNDS),
        ),
    ]
}

/// A message of a visitor that the model answers at full speed, and the bytes it answers with.
pub async fn full_speed_text(visitor: &Visitor) -> (String, String) {
    let sent: String = (0..CHUNKS).map(chunk).chain(["data: [DONE]\n\n".to_owned()]).collect();
    let raw = json!({"raw": sent, "raw_content_type": "text/event-stream", "split": CHUNK_SIZE, "pace_ms": 0});
    (visitor.scene(raw).await.text("full speed"), sent)
}

/// A frame of exactly [`CHUNK_SIZE`] bytes. Its `id` fills it up.
fn chunk(number: usize) -> String {
    let frame = |id: &str| {
        let choices = json!([{"index": 0, "delta": {"content": format!("w{number:05} ")}, "finish_reason": null}]);
        let frame = json!({"id": id, "object": "chat.completion.chunk", "choices": choices});
        format!("data: {frame}\n\n")
    };
    let frame = frame(&"0".repeat(CHUNK_SIZE - frame("").len()));
    assert_eq!(frame.len(), CHUNK_SIZE);
    frame
}

/// The text that the frames of a stream carry.
pub fn spoken(body: &[u8]) -> String {
    let frames = std::str::from_utf8(body).unwrap().split("\n\n").filter_map(|frame| frame.strip_prefix("data: "));
    let said = frames.filter(|frame| *frame != "[DONE]").map(|frame| {
        let frame: Value = serde_json::from_str(frame).unwrap();
        frame["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
    });
    said.collect()
}

/// The text of an answer, once it is stored as complete.
pub async fn stored_text(answer: &str) -> String {
    tests::eventually("the answer is stored", || async {
        let rows = stores::rows("select content, status from chat_messages where id = $1::uuid", &[answer]).await;
        let row = rows.first().ok_or("no such row")?;
        if row[1].as_deref() == Some("complete") {
            Ok(row[0].clone().unwrap_or_default())
        } else {
            Err(format!("{:?}", row[1]))
        }
    })
    .await
}

async fn processor(worker: &Workerd, bare: &Workerd, model: &str) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 0})).await;
    let text = scene.text("processor");
    let mut used = Vec::new();
    for (server, source) in [(worker, Source::worker(worker, &text)), (bare, Source::bare(bare, &text))] {
        send(WARM_UP, &source, &client).await;
        let before = server.processor_time();
        send(MESSAGES, &source, &client).await;
        used.push(millis(server.processor_time() - before) / f64::from(MESSAGES));
    }
    let ours_inside = Workerd::edgewise(Listens);
    let inside = isolate(&ours_inside, Source::worker(&ours_inside, &text), &client).await;
    drop(ours_inside);
    let plain = Workerd::calls_only(model, Listens);
    let plain = isolate(&plain, Source::bare(&plain, &text), &client).await;
    visitor.leaves().await;
    let [ours, bare] = [used[0], used[1]];
    vec![
        Line::timed(
            "processor time of a message of 500 chunks, in the isolate",
            format!("{inside:.2} ms"),
            "at most 2.5 ms",
            inside <= 2.5,
        ),
        Line::plain("the same, one in JavaScript that makes its calls and records it", format!("{plain:.2} ms")),
        Line::timed(
            "ours against the one in JavaScript",
            format!("{:.2}×", inside / plain),
            "at most 2×",
            inside <= plain * 2.0,
        ),
        Line::plain("the same, whole workerd process", format!("{ours:.2} ms")),
        Line::plain("the same, bare Worker's process", format!("{bare:.2} ms")),
    ]
}

/// Milliseconds that one message takes in the isolate: by a workerd of its own, because an inspector that listens costs time.
async fn isolate(server: &Workerd, source: Source, client: &reqwest::Client) -> f64 {
    server.answers().await;
    send(WARM_UP, &source, client).await;
    let mut inspector = Inspector::attach(&server.inspector).await;
    inspector.begin_profile().await;
    send(MESSAGES, &source, client).await;
    millis(inspector.end_profile().await) / f64::from(MESSAGES)
}

/// Sends messages one after the other, and waits for what is done after the last byte: it is part of a message.
async fn send(messages: u32, source: &Source, client: &reqwest::Client) {
    let mut answers = Vec::new();
    for _ in 0..messages {
        let stream = source.open(client).await;
        answers.extend(stream.answer.clone());
        stream.read().await;
    }
    for answer in &answers {
        stored_text(answer).await;
    }
}
