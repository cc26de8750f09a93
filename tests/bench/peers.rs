//! Other gateways on the same work in the same run: what a message costs through each.
//!
//! None of them does what ours does: they pass a stream on, with their own checks; ours also admits, charges, stores and keeps a replay buffer
//! for other readers. The bare Worker is the floor.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Visitor, optional_variable, variable};

use crate::store_trips::MODEL;
use crate::throughput::{CHUNKS, Source, full_speed_text};
use crate::workerd::{Workerd, folder, free_addresses, processor_time};
use crate::{Line, median, millis};

/// A Python server of this size imports for a minute on a busy machine.
const UP_WITHIN: Duration = Duration::from_secs(300);

/// Streams at full speed of each.
const STREAMS: usize = 3;

/// Messages of 500 chunks of each, one after the other; as many before them.
const MESSAGES: u32 = 100;

/// Streams of which the first byte is measured.
const FIRST_BYTES: usize = 40;

/// A gateway on its way to the model.
struct Gateway {
    name: &'static str,
    base: String,
    headers: Vec<(&'static str, String)>,
    child: Child,
}

/// Portkey's gateway gives back a response that Node's fetch has made, whose headers cannot be changed, and then changes them: without
/// this, 1.15.2 answers each stream with 500 on Node 20 and 22.
const PORTKEY_BEFORE: &str = "const fetched = globalThis.fetch;
globalThis.fetch = async (...asked) => {
  const { body, status, headers } = await fetched(...asked);
  return new Response(body, { status, headers: new Headers(headers) });
};
";

impl Gateway {
    /// `@portkey-ai/gateway` on Node.
    fn portkey(script: &str) -> Self {
        let [address, _] = free_addresses();
        let folder = folder("portkey");
        let before = folder.join("before.mjs");
        fs::write(&before, PORTKEY_BEFORE).unwrap();
        let mut command = Command::new(variable("PEER_NODE"));
        command.arg("--import").arg(before).arg(script);
        command.args([&format!("--port={}", port(&address)), "--headless"]).env("NODE_ENV", "production");
        let headers = vec![
            ("x-portkey-provider", "openai".to_owned()),
            ("x-portkey-custom-host", variable("SAMBANOVA_API_BASE")),
        ];
        Self { name: "@portkey-ai/gateway", base: format!("http://{address}"), headers, child: start(command) }
    }

    /// `litellm[proxy]` on Python, one process.
    fn litellm(program: &str) -> Self {
        let [address, _] = free_addresses();
        let config = folder("litellm").join("config.yaml");
        let parameters = json!({
            "model": format!("openai/{MODEL}"),
            "api_base": variable("SAMBANOVA_API_BASE"),
            "api_key": variable("SAMBANOVA_API_KEY"),
        });
        // JSON is YAML. Without the setting it would look for a tokenizer on the network at each message.
        let models = json!({
            "model_list": [{"model_name": MODEL, "litellm_params": parameters}],
            "litellm_settings": {"disable_hf_tokenizer_download": true},
        });
        fs::write(&config, models.to_string()).unwrap();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", port(&address), "--num_workers", "1", "--telemetry", "False"]);
        command.arg("--config").arg(config);
        command.envs([
            // It would fetch a list of prices first.
            ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
            // It listens on loopback only.
            ("LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY", "true"),
            ("HF_HUB_OFFLINE", "1"),
            ("LITELLM_LOG", "ERROR"),
        ]);
        // What is meant for our functions is not for it.
        command.env_remove("DATABASE_URL");
        Self { name: "litellm[proxy]", base: format!("http://{address}"), headers: Vec::new(), child: start(command) }
    }

    /// Waits until it passes a stream on. Without one within [`UP_WITHIN`], what it said instead.
    async fn serves(&self, text: &str) -> Result<(), String> {
        let (client, began) = (reqwest::Client::new(), Instant::now());
        loop {
            let said = match self.source(text).ask(&client).await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => format!("{} {}", answer.status(), answer.text().await.unwrap_or_default()),
                Err(error) => error.to_string(),
            };
            if began.elapsed() > UP_WITHIN {
                return Err(said);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn source(&self, text: &str) -> Source {
        Source::gateway(&self.base, self.headers.clone(), text)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the gateway starts")
}

/// One that is measured.
struct Peer<'a> {
    name: &'a str,
    /// How it is asked for an answer to a text.
    source: Box<dyn Fn(&str) -> Source + 'a>,
    processor: Box<dyn Fn() -> Duration + 'a>,
}

/// Time and processor time of each peer, ours and the bare Worker among them.
pub async fn measure(worker: &Workerd, bare: &Workerd) -> Vec<Line> {
    let visitor = Visitor::new().await;
    let short = visitor.scene(json!({"chunks": 3, "pace_ms": 0})).await.text("short");
    let (mut gateways, mut lines) = (Vec::new(), Vec::new());
    for (name, place, starting) in [
        ("@portkey-ai/gateway", "PEER_PORTKEY", Gateway::portkey as fn(&str) -> Gateway),
        ("litellm[proxy]", "PEER_LITELLM", Gateway::litellm),
    ] {
        let Some(program) = optional_variable(place) else {
            let why = optional_variable(&format!("{place}_MISSING")).unwrap_or_default();
            lines.push(Line::plain(format!("{name}: not installed here ({why})"), "–"));
            continue;
        };
        let gateway = starting(&program);
        match gateway.serves(&short).await {
            Ok(()) => gateways.push(gateway),
            Err(said) => lines.push(Line::plain(format!("{name}: does not serve here ({said})"), "–")),
        }
    }
    let mut peers = vec![
        Peer {
            name: "a bare Worker",
            source: Box::new(|text| Source::bare(bare, text)),
            processor: Box::new(|| bare.processor_time()),
        },
        Peer {
            name: "ours, with all it does beside",
            source: Box::new(|text| Source::worker(worker, text)),
            processor: Box::new(|| worker.processor_time()),
        },
        Peer {
            name: "ours as OpenAI's API",
            source: Box::new(|text| Source::completions(&worker.base, text)),
            processor: Box::new(|| worker.processor_time()),
        },
    ];
    peers.extend(gateways.iter().map(|gateway| Peer {
        name: gateway.name,
        source: Box::new(|text| gateway.source(text)),
        processor: Box::new(|| processor_time(&gateway.child)),
    }));
    lines.extend(first_byte(&peers, &short).await);
    lines.extend(processor(&peers, &visitor).await);
    lines.extend(full_speed(&peers, &visitor).await);
    drop(peers);
    drop(gateways);
    visitor.leaves().await;
    lines
}

fn lines(what: &str, peers: &[Peer<'_>], figures: Vec<f64>, unit: &str) -> Vec<Line> {
    let floor = figures.first().copied().unwrap_or(f64::NAN);
    let line = |(peer, figure): (&Peer<'_>, f64)| {
        Line::plain(format!("{what}: {}", peer.name), format!("{figure:.2} {unit}, {:.1}×", figure / floor))
    };
    peers.iter().zip(figures).map(line).collect()
}

async fn first_byte(peers: &[Peer<'_>], text: &str) -> Vec<Line> {
    let client = reqwest::Client::new();
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); peers.len()];
    for _ in 0..FIRST_BYTES {
        for (peer, times) in peers.iter().zip(&mut times) {
            let source = (peer.source)(text);
            let began = Instant::now();
            let mut stream = source.open(&client).await;
            stream.first().await;
            times.push(began.elapsed());
            stream.read().await;
        }
    }
    let figures = times.into_iter().map(|times| millis(median(times))).collect();
    lines("first byte of an answer", peers, figures, "ms")
}

async fn processor(peers: &[Peer<'_>], visitor: &Visitor) -> Vec<Line> {
    let client = reqwest::Client::new();
    let text = visitor.scene(json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 0})).await.text("processor");
    let mut figures = Vec::new();
    for peer in peers {
        let source = (peer.source)(&text);
        let send = async || {
            for _ in 0..MESSAGES {
                source.open(&client).await.read().await;
            }
        };
        send().await;
        let before = (peer.processor)();
        send().await;
        figures.push(millis((peer.processor)() - before) / f64::from(MESSAGES));
    }
    lines("processor time of a message of 500 chunks, whole process", peers, figures, "ms")
}

async fn full_speed(peers: &[Peer<'_>], visitor: &Visitor) -> Vec<Line> {
    let client = reqwest::Client::new();
    let (text, _) = full_speed_text(visitor).await;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); peers.len()];
    for _ in 0..STREAMS {
        for (peer, times) in peers.iter().zip(&mut times) {
            let began = Instant::now();
            (peer.source)(&text).open(&client).await.read().await;
            times.push(began.elapsed());
        }
    }
    let figures = times.into_iter().map(|times| median(times).as_secs_f64()).collect();
    lines(&format!("{CHUNKS} chunks"), peers, figures, "s")
}
