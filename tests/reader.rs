//! A reader on a socket of its own: it sees each byte when it arrives, and when it goes, the connection is really gone.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::said;

/// An answer being read.
pub struct Reader {
    stream: TcpStream,
    /// Bytes that are not decoded yet.
    pending: Vec<u8>,
    chunked: bool,
    ended: bool,
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body so far.
    pub body: Vec<u8>,
}

impl Reader {
    /// Posts `body` and reads the answer's head.
    pub async fn open(base: &str, path: &str, token: &str, body: &Value) -> Self {
        let mut reader = Self::begin(base, path, token, body).await;
        reader.read_head().await;
        reader
    }

    /// Posts `body` and does not wait for an answer.
    pub async fn begin(base: &str, path: &str, token: &str, body: &Value) -> Self {
        let address = base.strip_prefix("http://").expect("an http address");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.expect("a request sent");
        Self {
            stream,
            pending: Vec::new(),
            chunked: false,
            ended: false,
            status: 0,
            headers: HashMap::new(),
            body: Vec::new(),
        }
    }

    async fn read_head(&mut self) {
        let end = loop {
            if let Some(end) = find(&self.pending, b"\r\n\r\n") {
                break end;
            }
            assert!(
                self.fill().await,
                "the connection closed before the head: {:?}",
                String::from_utf8_lossy(&self.pending)
            );
        };
        let head = String::from_utf8(self.pending.drain(..end + 4).collect()).expect("a head in ASCII");
        let mut lines = head.lines();
        self.status =
            lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status");
        let header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        self.headers = lines.filter_map(header).collect();
        self.chunked = self.headers.get("transfer-encoding").is_some_and(|value| value.contains("chunked"));
        self.decode();
    }

    /// A header that must be there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers))
    }

    /// Reads on until `enough` says so; false when the answer ended before.
    pub async fn read_until(&mut self, mut enough: impl FnMut(&[u8]) -> bool) -> bool {
        loop {
            if enough(&self.body) {
                return true;
            }
            if self.ended || !self.fill().await {
                return false;
            }
            self.decode();
        }
    }

    /// Reads on until `count` content chunks have arrived whole.
    pub async fn read_chunks(&mut self, count: usize) -> bool {
        self.read_until(|body| content_chunks(body) >= count).await
    }

    /// Reads to the end.
    pub async fn read_to_end(&mut self) {
        self.read_until(|_| false).await;
    }

    /// Whether the answer came to its proper end.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The text so far.
    pub fn said(&self) -> String {
        said(&self.body)
    }

    async fn fill(&mut self) -> bool {
        let mut part = [0; 16 * 1024];
        let read = tokio::time::timeout(Duration::from_secs(30), self.stream.read(&mut part)).await;
        match read.expect("bytes within 30 s") {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.pending.extend_from_slice(&part[..count]);
                true
            }
        }
    }

    /// Moves what is complete from `pending` to `body`.
    fn decode(&mut self) {
        if !self.chunked {
            self.body.append(&mut self.pending);
            return;
        }
        while let Some(line) = find(&self.pending, b"\r\n") {
            let size = std::str::from_utf8(&self.pending[..line]).expect("a chunk size");
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16).expect("a chunk size");
            let data = line + 2;
            if self.pending.len() < data + size + 2 {
                return;
            }
            self.body.extend_from_slice(&self.pending[data..data + size]);
            self.pending.drain(..data + size + 2);
            if size == 0 {
                self.ended = true;
                return;
            }
        }
    }
}

/// Chunks with text in them that have arrived whole.
fn content_chunks(body: &[u8]) -> usize {
    let lines = body.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let chunks = lines.filter_map(|line| serde_json::from_slice::<Value>(line.strip_prefix(b"data:")?).ok());
    chunks.filter(|chunk| chunk["choices"][0]["delta"]["content"].as_str().is_some_and(|text| !text.is_empty())).count()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
