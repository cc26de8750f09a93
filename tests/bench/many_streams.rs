//! A thousand slow streams at once in one isolate: every byte of each, and the memory they take.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures::future::{Either, join_all, select};
use futures::stream::unfold;
use futures::{Stream, StreamExt};
use serde_json::{Value, json};
use tests::{Visitor, variable};

use crate::Line;
use crate::inspector::Inspector;
use crate::throughput::{Source, spoken, stored_text};
use crate::workerd::Inspector::Listens;
use crate::workerd::Workerd;

const STREAMS: usize = 1_000;

/// Chunks of each.
const CHUNKS: u64 = 60;

/// Half a second between two: 30 s are longer than it takes to open them all.
const PACE_MS: u64 = 500;

/// How many are opened at once: it is the streams that are many, not the admissions.
const OPENED_AT_ONCE: usize = 50;

/// How often the isolate is asked for its size.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Each Worker in a process of its own, which has done nothing before: memory that earlier measurements left would hide some.
pub async fn measure(model: &str) -> Vec<Line> {
    let (worker, bare) = (Workerd::edgewise(Listens), Workerd::bare(model, Listens));
    let ours = run(&worker, Source::worker).await;
    let peer = run(&bare, Source::bare).await;
    vec![
        Line::exact(
            format!("{STREAMS} slow streams: open at once, whole, stored"),
            format!("{}, {}, {}", ours.open, ours.whole, ours.stored),
            "all",
            [ours.open, ours.whole, ours.stored] == [STREAMS; 3],
        ),
        Line::exact(
            "the isolate held at most",
            format!("{} MB", ours.isolate / 1_000_000),
            "at most 128 MB",
            ours.isolate <= 128_000_000,
        ),
        Line::plain("the same, bare Worker", format!("{} MB", peer.isolate / 1_000_000)),
        Line::plain("the process around it, sockets and all", format!("{} MiB", ours.process)),
        Line::plain("the same, bare Worker", format!("{} MiB", peer.process)),
    ]
}

struct Run {
    /// Streams that the model had open when the last had begun.
    open: usize,
    /// Streams that ended with all their text.
    whole: usize,
    /// Answers stored with the very text that was read.
    stored: usize,
    /// Bytes that the isolate held at most, looked at every [`LOOK_EVERY`].
    isolate: u64,
    /// MiB that the whole process held at most.
    process: u64,
}

async fn run(server: &Workerd, source: impl Fn(&Workerd, &str) -> Source) -> Run {
    server.answers().await;
    let visitor = Visitor::new().await;
    let first = visitor.scene(json!({"chunks": 3, "pace_ms": 0})).await.text("first");
    // A connection for each stream, as a thousand readers would have.
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    source(server, &first).open(&client).await.read().await;
    let mut inspector = Inspector::attach(&server.inspector).await;

    let scene = visitor.scene(json!({"chunks": CHUNKS, "chunk_text": "w{i} ", "pace_ms": PACE_MS})).await;
    let text = scene.text("slow");
    let expected: String = (0..CHUNKS).map(|number| format!("w{number} ")).collect();
    let began = Instant::now();
    let reading = async {
        let mut streams = Vec::new();
        for _ in 0..STREAMS / OPENED_AT_ONCE {
            // Each of another guest: what is known of a user has one value, and a user has three answers at once.
            let sources: Vec<_> = (0..OPENED_AT_ONCE).map(|_| source(server, &text)).collect();
            streams.extend(join_all(sources.iter().map(|source| source.open(&client))).await);
        }
        assert!(
            began.elapsed() < Duration::from_millis(CHUNKS * PACE_MS),
            "opening {STREAMS} streams takes longer than they last"
        );
        let open = open_model_calls().await;
        let read = join_all(streams.into_iter().map(|stream| async move {
            let answer = stream.answer.clone();
            (answer, stream.read().await)
        }))
        .await;
        (open, read)
    };
    let ((open, read), isolate) = beside(reading, largest(&mut inspector)).await;
    let (mut whole, mut stored) = (0, 0);
    for (answer, body) in &read {
        let text = spoken(body);
        whole += usize::from(text == expected && body.ends_with(b"data: [DONE]\n\n"));
        if let Some(answer) = answer {
            stored += usize::from(stored_text(answer).await == text);
        }
    }
    let process = server.peak_memory();
    visitor.leaves().await;
    Run { open, whole, stored, isolate, process }
}

/// The most that the isolate held, told whenever there is more.
fn largest(inspector: &mut Inspector) -> impl Stream<Item = u64> {
    unfold((inspector, 0), |(inspector, most)| async move {
        tokio::time::sleep(LOOK_EVERY).await;
        let most = inspector.held().await.max(most);
        Some((most, (inspector, most)))
    })
}

/// The outcome of `work`, and the last that `watching` said until then.
async fn beside<T>(work: impl Future<Output = T>, watching: impl Stream<Item = u64>) -> (T, u64) {
    let (mut work, mut watching) = (pin!(work), pin!(watching));
    let mut last = 0;
    loop {
        match select(work, watching.next()).await {
            Either::Left((outcome, _)) => return (outcome, last),
            Either::Right((seen, unfinished)) => {
                last = seen.unwrap_or(last);
                work = unfinished;
            }
        }
    }
}

/// How many answers the model is giving.
async fn open_model_calls() -> usize {
    let url = format!("{}/control/connections", variable("STACK_URL"));
    let answer = reqwest::get(url).await.unwrap().bytes().await.unwrap();
    let connections: Value = serde_json::from_slice(&answer).unwrap();
    usize::try_from(connections["open"]["model"].as_u64().unwrap()).unwrap()
}
