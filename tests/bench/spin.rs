//! The same functions as Spin's components, beside the Worker's figures: time to the first byte, a stream at full speed, sizes.
//!
//! They run on the host of `tests/spin-host`, which is compiled for quick builds: Spin itself is no slower.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Visitor, variable, within};

use crate::throughput::{CHUNKS, Source, full_speed_text, spoken, stored_text};
use crate::workerd::{Workerd, free_addresses, variables};
use crate::{Line, median, millis};

/// Streams of each kind.
const ROUNDS: usize = 5;

/// Messages for the time to the first byte.
const MESSAGES: usize = 60;

/// What a component may take.
const COMPONENT_BYTES: u64 = 900_000;

/// How long the host may take to compile the components: twenty seconds on two cores with nothing else to do.
const COMPILED_WITHIN: Duration = Duration::from_secs(120);

/// The components on the host.
pub struct SpinHost {
    /// `http://127.0.0.1:port`.
    pub base: String,
    child: Child,
}

impl SpinHost {
    /// With these variables.
    pub async fn start(variables: &[(String, String)]) -> Self {
        let [address, _] = free_addresses();
        let mut command = Command::new(variable("SPIN_HOST"));
        command.args(["--manifest", &variable("SPIN_MANIFEST"), "--listen", &address]);
        for (name, value) in variables {
            command.env(format!("SPIN_VARIABLE_{name}"), value);
        }
        for (host, url) in
            [("DATABASE", "DATABASE_HTTP_URL"), ("REDIS", "UPSTASH_REDIS_REST_URL"), ("MODEL", "SAMBANOVA_API_BASE")]
        {
            let url = reqwest::Url::parse(&variable(url)).unwrap();
            command.env(format!("SPIN_VARIABLE_{host}_HOST"), url.origin().ascii_serialization());
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the host starts");
        let host = Self { base: format!("http://{address}"), child };
        let health = format!("{}/api/v1/health", host.base);
        // After a build it compiles the components first.
        let answered = within(
            || COMPILED_WITHIN,
            || async { reqwest::get(&health).await.map(drop).map_err(|error| error.to_string()) },
        );
        answered.await.expect("the host answers");
        host
    }
}

impl Drop for SpinHost {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Speed beside the Worker's, and sizes.
pub async fn measure(worker: &Workerd) -> Vec<Line> {
    let host = SpinHost::start(&variables()).await;
    let mut lines = first_byte(worker, &host).await;
    lines.extend(full_speed(worker, &host).await);
    drop(host);
    lines.extend(sizes());
    lines
}

/// From the request to the first bytes of the answer, with a model that answers at once.
async fn first_byte(worker: &Workerd, host: &SpinHost) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let text = visitor.scene(json!({"chunks": 5, "chunk_text": "w{i} ", "pace_ms": 0})).await.text("first byte");
    let sources = [Source::model(&text), Source::functions(&worker.base, &text), Source::functions(&host.base, &text)];
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..MESSAGES {
        for (source, times) in sources.iter().zip(&mut times) {
            let began = Instant::now();
            let mut stream = source.open(&client).await;
            stream.first().await;
            times.push(began.elapsed());
            stream.read().await;
        }
    }
    visitor.leaves().await;
    let [direct, workers, spin] = times.map(|times| format!("{:.1} ms", millis(median(times))));
    vec![
        Line::plain("first byte of an answer, direct from the model", direct),
        Line::plain("the same through ours on workerd", workers),
        Line::plain("the same through ours on Spin's host", spin),
    ]
}

async fn full_speed(worker: &Workerd, host: &SpinHost) -> Vec<Line> {
    let client = reqwest::Client::new();
    let visitor = Visitor::new().await;
    let (text, sent) = full_speed_text(&visitor).await;
    let sources = [Source::functions(&worker.base, &text), Source::functions(&host.base, &text)];
    let mut times: [Vec<Duration>; 2] = Default::default();
    let (mut delivered, mut stored) = (0, 0);
    for _ in 0..ROUNDS {
        for (source, times) in sources.iter().zip(&mut times) {
            let began = Instant::now();
            let stream = source.open(&client).await;
            let answer = stream.answer.clone().expect("an answer's id");
            let body = stream.read().await;
            times.push(began.elapsed());
            delivered += usize::from(body == sent.as_bytes());
            stored += usize::from(stored_text(&answer).await == spoken(&body));
        }
    }
    visitor.leaves().await;
    let [workers, spin] = times.map(|times| median(times).as_secs_f64());
    let all = 2 * ROUNDS;
    vec![
        Line::plain(format!("{CHUNKS} chunks through ours on workerd"), format!("{workers:.3} s")),
        Line::plain("the same on Spin's host", format!("{spin:.3} s")),
        Line::exact(
            format!("of {all}, delivered and stored byte for byte"),
            format!("{delivered}, {stored}"),
            "all",
            (delivered, stored) == (all, all),
        ),
    ]
}

fn sizes() -> Vec<Line> {
    let components = variable("SPIN_COMPONENTS");
    let sizes = components.split_whitespace().map(|path| {
        let bytes = fs::metadata(path).unwrap_or_else(|error| panic!("{path}: {error}")).len();
        let name = path.rsplit('/').next().unwrap_or(path);
        let figure = format!("{:.1} kB", bytes as f64 / 1000.0);
        Line::exact(format!("component {name}"), figure, "at most 900 kB", bytes <= COMPONENT_BYTES)
    });
    sizes.collect()
}
