//! A reader on a socket of its own: it sees each byte when it arrives, and when it goes, the connection is really gone.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Call, said};

/// How long a reader waits for the next bytes: longer than any pause the suites ask for.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer being read.
pub struct Reader {
    stream: TcpStream,
    patience: Duration,
    /// Bytes that are not decoded yet.
    pending: Vec<u8>,
    framing: Framing,
    ended: bool,
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body so far.
    pub body: Vec<u8>,
}

/// How the end of a body is known.
enum Framing {
    Chunked,
    Length(usize),
    UntilClosed,
}

impl Reader {
    /// Posts `body` and reads the answer's head.
    pub async fn open(base: &str, path: &str, token: &str, body: &Value) -> Self {
        Self::of(base, &Call::new("POST", path).token(token).json(body)).await
    }

    /// Posts `body` and does not wait for an answer.
    pub async fn begin(base: &str, path: &str, token: &str, body: &Value) -> Self {
        Self::begin_call(base, &Call::new("POST", path).token(token).json(body)).await
    }

    /// Makes a call and does not wait for an answer.
    pub async fn begin_call(base: &str, call: &Call) -> Self {
        Self::ask(base, call).await.expect("a request sent")
    }

    /// Goes away so that the other side sees a reset at once, whatever it still has to send or to read.
    pub fn reset(self) {
        self.stream.set_zero_linger().expect("a socket");
    }

    /// Makes a call and reads the answer's head.
    pub async fn of(base: &str, call: &Call) -> Self {
        Self::try_of(base, call).await.unwrap_or_else(|error| panic!("{}: {error}", call.path()))
    }

    /// As [`Reader::of`], for a server that may be gone.
    ///
    /// # Errors
    /// No connection, or it closed before the head.
    pub async fn try_of(base: &str, call: &Call) -> io::Result<Self> {
        let mut reader = Self::ask(base, call).await?;
        reader.read_head().await?;
        Ok(reader)
    }

    /// As [`Reader::begin_call`], for a server that may be gone.
    ///
    /// # Errors
    /// No connection.
    pub async fn try_begin(base: &str, call: &Call) -> io::Result<Self> {
        Self::ask(base, call).await
    }

    /// Whether the answer's head comes within `limit`; what has come of it by then is kept.
    ///
    /// # Errors
    /// The connection closed before it.
    pub async fn has_head_within(&mut self, limit: Duration) -> io::Result<bool> {
        match tokio::time::timeout(limit, self.read_head()).await {
            Ok(read) => read.map(|()| true),
            Err(_) => Ok(false),
        }
    }

    async fn ask(base: &str, call: &Call) -> io::Result<Self> {
        let address = base.strip_prefix("http://").expect("an http address");
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&call.on_the_wire(address)).await?;
        Ok(Self {
            stream,
            patience: PATIENCE,
            pending: Vec::new(),
            framing: Framing::UntilClosed,
            ended: false,
            status: 0,
            headers: HashMap::new(),
            body: Vec::new(),
        })
    }

    /// Waits `patience` for the next bytes.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn read_head(&mut self) -> io::Result<()> {
        let end = loop {
            if let Some(end) = find(&self.pending, b"\r\n\r\n") {
                break end;
            }
            if !self.fill().await {
                let seen = String::from_utf8_lossy(&self.pending).into_owned();
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("closed before the head: {seen:?}")));
            }
        };
        let head = String::from_utf8(self.pending.drain(..end + 4).collect()).expect("a head in ASCII");
        let mut lines = head.lines();
        self.status =
            lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status");
        let header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        self.headers = lines.filter_map(header).collect();
        let length = self.headers.get("content-length").and_then(|length| length.parse().ok());
        self.framing = match (self.headers.get("transfer-encoding"), length) {
            (Some(coding), _) if coding.contains("chunked") => Framing::Chunked,
            (_, Some(length)) => Framing::Length(length),
            _ => Framing::UntilClosed,
        };
        self.decode();
        Ok(())
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

    /// The bytes so far, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What the answer says so far.
    pub fn said(&self) -> String {
        said(&self.body)
    }

    async fn fill(&mut self) -> bool {
        let mut part = [0; 16 * 1024];
        let read = tokio::time::timeout(self.patience, self.stream.read(&mut part)).await;
        match read.unwrap_or_else(|_| panic!("no bytes within {:?}", self.patience)) {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.pending.extend_from_slice(&part[..count]);
                true
            }
        }
    }

    /// Moves what is complete from `pending` to `body`.
    fn decode(&mut self) {
        if !matches!(self.framing, Framing::Chunked) {
            self.body.append(&mut self.pending);
            self.ended = matches!(self.framing, Framing::Length(length) if self.body.len() >= length);
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
