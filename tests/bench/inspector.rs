//! An isolate's own memory, asked of workerd's inspector (the Chrome DevTools protocol).

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

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
        let usage = self.ask("Runtime.getHeapUsage").await;
        let part = |name: &str| usage[name].as_u64().unwrap_or_else(|| panic!("no {name} in {usage}"));
        part("totalSize") + part("embedderHeapUsedSize") + part("backingStorageSize")
    }

    async fn ask(&mut self, method: &str) -> Value {
        self.asked += 1;
        let request = json!({"id": self.asked, "method": method}).to_string();
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
