//! As much of HTTP/1.1 as wrangler speaks to an API: one request a connection, its length in its head.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, read to its end.
pub struct Request {
    /// `GET` and the like.
    pub method: String,
    /// Where it goes, without a query.
    pub path: String,
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// Reads one. `None`: the connection ended before.
    pub async fn read(connection: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let head_length = loop {
            if let Some(at) = position(&bytes, b"\r\n\r\n") {
                break at;
            }
            more(connection, &mut bytes).await?;
        };
        let body = bytes.split_off(head_length + 4);
        let head = String::from_utf8(bytes).expect("a head");
        let mut words = head.split(' ').map(str::to_owned);
        let (method, target) = (words.next()?, words.next()?);
        let path = target.split('?').next().unwrap_or_default().to_owned();
        let mut request = Self { method, path, head, body };
        assert_eq!(request.header("transfer-encoding"), "", "{}", request.head);
        let length = request.header("content-length").parse().unwrap_or(0);
        while request.body.len() < length {
            more(connection, &mut request.body).await?;
        }
        Some(request)
    }

    /// A header's value; empty without it.
    pub fn header(&self, name: &str) -> &str {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The body, which is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The parts of a form, by their names.
    pub fn parts(&self) -> BTreeMap<String, Vec<u8>> {
        let (_, boundary) = self.header("content-type").split_once("boundary=").expect("a form");
        let mark = format!("--{boundary}").into_bytes();
        let marks: Vec<usize> = (0..self.body.len()).filter(|at| self.body[*at..].starts_with(&mark)).collect();
        marks.windows(2).map(|pair| part(&self.body[pair[0] + mark.len()..pair[1]])).collect()
    }
}

/// Answers it with JSON; the connection is not used again.
pub async fn answer(connection: &mut TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} As Told\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    // Who has asked may have gone.
    let _heard = connection.write_all(answer.as_bytes()).await;
}

async fn more(connection: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let read = connection.read_buf(bytes).await.unwrap_or(0);
    (read != 0).then_some(())
}

fn part(bytes: &[u8]) -> (String, Vec<u8>) {
    let head_length = position(bytes, b"\r\n\r\n").expect("a part's head");
    let head = String::from_utf8_lossy(&bytes[..head_length]);
    let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a part's name");
    let content = bytes[head_length + 4..].strip_suffix(b"\r\n").expect("a part's end");
    (name.to_owned(), content.to_vec())
}

fn position(bytes: &[u8], sign: &[u8]) -> Option<usize> {
    bytes.windows(sign.len()).position(|window| window == sign)
}
