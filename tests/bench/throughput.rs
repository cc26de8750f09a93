//! What a streamed chunk costs: a stream at full speed, direct, through a bare Worker and through ours; processor time; memory.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Visitor, stores, tokens, variable};
use uuid::Uuid;

use crate::store_trips::model_request;
use crate::workerd::Workerd;
use crate::{Line, median, millis};

const CHUNKS: u64 = 20_000;
const ROUNDS: usize = 7;

/// Messages for the processor time of one: enough to be far above the clock's ticks of 10 ms.
const MESSAGES: u32 = 100;

/// Slow streams at once.
const STREAMS: usize = 1_000;

/// Chunks of each of them, two a second: 30 s are longer than it takes to open them all.
const SLOW_CHUNKS: u64 = 60;

/// How many are opened at once: it is the streams that are many, not the admissions.
const OPENED_AT_ONCE: usize = 50;

/// Time, processor time and memory.
pub async fn measure(worker: &Workerd, bare: &Workerd) -> Vec<Line> {
    let mut lines = full_speed(worker, bare).await;
    lines.extend(processor(worker, bare).await);
    lines.extend(many_at_once(worker).await);
    lines
}

/// Where a stream is fetched from.
struct Source {
    url: String,
    token: String,
    body: String,
}

impl Source {
    fn model(text: &str) -> Self {
        Self {
            url: format!("{}/chat/completions", variable("SAMBANOVA_API_BASE")),
            token: variable("SAMBANOVA_API_KEY"),
            body: model_request(text),
        }
    }

    fn bare(bare: &Workerd, text: &str) -> Self {
        Self { url: bare.base.clone(), ..Self::model(text) }
    }

    fn worker(worker: &Workerd, text: &str) -> Self {
        Self {
            url: format!("{}/api/v1/chat/messages", worker.base),
            token: tokens::valid(Uuid::now_v7(), "guest"),
            body: json!({"content": text}).to_string(),
        }
    }

    /// Reads the stream to its end; gives the time, the bytes and the answer's id, if it has one.
    async fn read(&self, client: &reqwest::Client) -> (Duration, u64, Option<String>) {
        let began = Instant::now();
        let request = client.post(&self.url).bearer_auth(&self.token).header("content-type", "application/json");
        let mut answer = request.body(self.body.clone()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let id = answer.headers().get("x-message-id").map(|id| id.to_str().unwrap().to_owned());
        let mut bytes = 0;
        while let Some(chunk) = answer.chunk().await.unwrap() {
            bytes += u64::try_from(chunk.len()).unwrap();
        }
        (began.elapsed(), bytes, id)
    }
}

async fn full_speed(worker: &Workerd, bare: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": CHUNKS, "chunk_text": "w{i} ", "pace_ms": 0})).await;
    let text = scene.text("full speed");
    let sources = [Source::model(&text), Source::bare(bare, &text), Source::worker(worker, &text)];
    let mut times: [Vec<Duration>; 3] = Default::default();
    let mut sizes = [0; 3];
    let mut last = None;
    for _ in 0..ROUNDS {
        for ((source, times), size) in sources.iter().zip(&mut times).zip(&mut sizes) {
            let (time, bytes, id) = source.read(&client).await;
            times.push(time);
            *size = bytes;
            last = id.or(last);
        }
    }
    let stored = stored_chunks(&last.expect("an answer's id")).await;
    visitor.leaves().await;
    let [direct, bare, ours] = times.map(|times| median(times).as_secs_f64());
    vec![
        Line::plain(format!("{CHUNKS} chunks, direct ({} kB)", sizes[0] / 1000), format!("{direct:.3} s")),
        Line::plain("the same through a bare Worker", format!("{bare:.3} s")),
        Line::plain("the same through ours", format!("{ours:.3} s")),
        Line::timed("ours against the bare Worker", format!("{:.2}×", ours / bare), "at most 1.7×", ours <= bare * 1.7),
        Line::exact(
            "of its chunks delivered and stored",
            format!("{} B of {} B, {stored} chunks", sizes[2], sizes[0]),
            "all",
            stored == CHUNKS && sizes[2] == sizes[0],
        ),
    ]
}

/// Words in the stored answer: one a chunk.
async fn stored_chunks(answer: &str) -> u64 {
    tests::eventually("the answer is stored", || async {
        let rows = stores::rows("select content, status from chat_messages where id = $1::uuid", &[answer]).await;
        let row = rows.first().ok_or("no such row")?;
        if row[1].as_deref() == Some("complete") {
            let text = row[0].clone().unwrap_or_default();
            Ok(u64::try_from(text.split_whitespace().count()).unwrap())
        } else {
            Err(format!("{:?}", row[1]))
        }
    })
    .await
}

async fn processor(worker: &Workerd, bare: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 0})).await;
    let text = scene.text("processor");
    let (ours, passing) = (Source::worker(worker, &text), Source::bare(bare, &text));
    ours.read(&client).await;
    passing.read(&client).await;
    let mut used = Vec::new();
    for (server, source) in [(worker, &ours), (bare, &passing)] {
        let before = server.processor_time();
        let mut last = None;
        for _ in 0..MESSAGES {
            last = source.read(&client).await.2;
        }
        if let Some(last) = last {
            stored_chunks(&last).await;
        }
        used.push(millis(server.processor_time() - before) / f64::from(MESSAGES));
    }
    visitor.leaves().await;
    vec![
        Line::timed(
            "processor time of a message of 500 chunks",
            format!("{:.2} ms", used[0]),
            "at most 5 ms",
            used[0] <= 5.0,
        ),
        Line::plain("the same, bare Worker", format!("{:.2} ms", used[1])),
    ]
}

async fn many_at_once(worker: &Workerd) -> Vec<Line> {
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": SLOW_CHUNKS, "chunk_text": "w{i} ", "pace_ms": 500})).await;
    let text = scene.text("slow");
    let before = worker.peak_memory();
    let source = Source::worker(worker, &text);
    let mut readers = Vec::new();
    for _ in 0..STREAMS / OPENED_AT_ONCE {
        let batch = (0..OPENED_AT_ONCE).map(|_| source.begin(&client));
        readers.extend(futures::future::join_all(batch).await);
        if batch_is_over_time(&readers) {
            panic!("opening {STREAMS} streams takes longer than they last");
        }
    }
    let ids: Vec<String> =
        readers.iter().map(|(answer, _)| answer.headers()["x-message-id"].to_str().unwrap().to_owned()).collect();
    let whole = futures::future::join_all(readers.into_iter().map(|(mut answer, _)| async move {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            body.extend_from_slice(&chunk);
        }
        usize::from(body.ends_with(b"data: [DONE]\n\n"))
    }))
    .await
    .into_iter()
    .sum::<usize>();
    let mut stored = 0;
    for id in &ids {
        stored += usize::from(stored_chunks(id).await == SLOW_CHUNKS);
    }
    visitor.leaves().await;
    let grown = worker.peak_memory() - before;
    vec![
        Line::exact(
            format!("{STREAMS} slow streams at once, whole and stored"),
            format!("{whole}, {stored}"),
            "all",
            whole == STREAMS && stored == STREAMS,
        ),
        Line::timed("the process grew by", format!("{grown} MiB"), "at most 128 MiB", grown <= 128),
    ]
}

/// Whether the first stream must have ended already.
fn batch_is_over_time(readers: &[(reqwest::Response, Instant)]) -> bool {
    readers.first().is_some_and(|(_, began)| began.elapsed() > Duration::from_secs(SLOW_CHUNKS / 2 - 2))
}

impl Source {
    /// Opens the stream and leaves it to be read; also says when.
    async fn begin(&self, client: &reqwest::Client) -> (reqwest::Response, Instant) {
        let request = client.post(&self.url).bearer_auth(&self.token).header("content-type", "application/json");
        let answer = request.body(self.body.clone()).send().await.unwrap();
        let status = answer.status().as_u16();
        assert_eq!(status, 200, "opening a slow stream");
        (answer, Instant::now())
    }
}
