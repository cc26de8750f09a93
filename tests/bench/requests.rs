//! What a request costs that asks no store, beside a bare Worker: answered by a process that is warm, and by one that has only just been started.

use std::time::{Duration, Instant};

use crate::workerd::{Inspector, Workerd};
use crate::{Line, median, millis};

/// Requests one after the other, of each Worker in turn.
const BLOCK: usize = 50;

/// Blocks of each.
const BLOCKS: usize = 40;

/// Requests before them: until then V8 is still compiling what is hot.
const WARM_UP: usize = 1_500;

/// Processes that are started of each.
const STARTS: usize = 15;

/// Both times, and how often the bare Worker's each is.
pub async fn measure(worker: &Workerd, bare: &Workerd, model: &str) -> Vec<Line> {
    let client = reqwest::Client::new();
    let [ours, bare] = warm(&client, [worker, bare]).await.map(millis);
    let mut lines = vec![
        Line::plain("a request that asks no store, warm, ours", format!("{ours:.3} ms")),
        Line::plain("the same, bare Worker", format!("{bare:.3} ms")),
        Line::timed("ours against the bare Worker", format!("{:.2}×", ours / bare), "at most 2×", ours <= bare * 2.0),
    ];
    let [ours, bare, carrying] = cold(model).await.map(millis);
    lines.extend([
        Line::plain("from the start of a process to its first answer, ours", format!("{ours:.1} ms")),
        Line::plain("the same, bare Worker", format!("{bare:.1} ms")),
        Line::plain("the same, one that has our modules and does not call them", format!("{carrying:.1} ms")),
        Line::timed("ours against the bare Worker", format!("{:.2}×", ours / bare), "at most 1.6×", ours <= bare * 1.6),
        Line::timed(
            "ours against the one that does not call them",
            format!("{:.2}×", ours / carrying),
            "at most 1.5×",
            ours <= carrying * 1.5,
        ),
    ]);
    lines
}

async fn warm(client: &reqwest::Client, servers: [&Workerd; 2]) -> [Duration; 2] {
    let urls = servers.map(Workerd::health);
    for url in &urls {
        for _ in 0..WARM_UP {
            get(client, url).await;
        }
    }
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..BLOCKS {
        for (url, times) in urls.iter().zip(&mut times) {
            for _ in 0..BLOCK {
                let began = Instant::now();
                get(client, url).await;
                times.push(began.elapsed());
            }
        }
    }
    times.map(median)
}

async fn get(client: &reqwest::Client, url: &str) {
    let answer = client.get(url).send().await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.bytes().await.unwrap();
}

async fn cold(model: &str) -> [Duration; 3] {
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..STARTS {
        times[0].push(Workerd::edgewise(Inspector::Off).first_answer().await);
        times[1].push(Workerd::bare(model, Inspector::Off).first_answer().await);
        times[2].push(Workerd::carrying().first_answer().await);
    }
    times.map(median)
}
