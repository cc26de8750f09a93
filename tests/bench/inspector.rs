//! An isolate's own memory and processor time, asked of workerd's inspector (the Chrome DevTools protocol).

use std::collections::HashSet;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::median;

/// How often a profile looks. Oftener costs more than it tells.
const SAMPLED_EVERY: Duration = Duration::from_micros(200);

/// A session with one Worker's inspector.
pub struct Inspector {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
}

impl Inspector {
    /// Attaches to the only Worker of the workerd whose inspector listens at `address`.
    pub async fn attach(address: &str) -> Self {
        let list = reqwest::get(format!("http://{address}/json")).await.unwrap().bytes().await.unwrap();
        let list: Value = serde_json::from_slice(&list).unwrap();
        let url = list[0]["webSocketDebuggerUrl"].as_str().expect("an inspected Worker");
        let (socket, _) = connect_async(url).await.unwrap();
        Self { socket, asked: 0 }
    }

    /// Bytes that the isolate holds: the heap as V8 has reserved it, what the runtime keeps for its objects, and the contents of
    /// buffers, Wasm's linear memory among them.
    pub async fn held(&mut self) -> u64 {
        let usage = self.ask("Runtime.getHeapUsage", json!({})).await;
        let part = |name: &str| usage[name].as_u64().unwrap_or_else(|| panic!("no {name} in {usage}"));
        part("totalSize") + part("embedderHeapUsedSize") + part("backingStorageSize")
    }

    /// Begins to look where the isolate is, at intervals.
    pub async fn begin_profile(&mut self) {
        self.ask("Profiler.enable", json!({})).await;
        self.ask("Profiler.setSamplingInterval", json!({"interval": SAMPLED_EVERY.as_micros() as u64})).await;
        self.ask("Profiler.start", json!({})).await;
    }

    /// The time since then in which the isolate was executing: the Worker's code, what of the runtime it called, and collecting its
    /// garbage. That is what Cloudflare counts as processor time; the runtime's own sockets are not in it.
    ///
    /// V8 looks only while the isolate is entered, so a longer pause between two looks is time outside of it. Each look stands for the
    /// median pause, which is rather too much: looking takes time, too.
    pub async fn end_profile(&mut self) -> Duration {
        let profile = &self.ask("Profiler.stop", json!({})).await["profile"];
        // "(program)" is the runtime outside of any script.
        let elsewhere = ["(program)", "(idle)", "(root)"];
        let nodes = profile["nodes"].as_array().expect("nodes").iter();
        let elsewhere: HashSet<u64> = nodes
            .filter(|node| elsewhere.iter().any(|name| node["callFrame"]["functionName"] == *name))
            .filter_map(|node| node["id"].as_u64())
            .collect();
        let numbers = |name: &str| -> Vec<u64> {
            profile[name].as_array().expect("numbers").iter().filter_map(Value::as_u64).collect()
        };
        let executing = numbers("samples").iter().filter(|node| !elsewhere.contains(node)).count();
        let pause = median(numbers("timeDeltas").into_iter().map(Duration::from_micros).collect());
        pause * u32::try_from(executing).expect("a number of looks")
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let request = json!({"id": self.asked, "method": method, "params": params}).to_string();
        self.socket.send(Message::text(request)).await.unwrap();
        loop {
            let message = self.socket.next().await.expect("an answer of the inspector").unwrap();
            let Message::Text(text) = message else { continue };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"].as_u64() == Some(self.asked) {
                return answer["result"].clone();
            }
        }
    }
}
