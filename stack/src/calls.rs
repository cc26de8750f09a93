//! The call log: what came in over each face, how it ended, and how much of the answer was sent.

use crate::face::Face;
use serde::Serialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Calls kept; older ones are forgotten. A load test makes a few ten thousand.
const KEPT: usize = 50_000;

/// One call as the control plane shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Counts up from 1 over all faces.
    pub seq: u64,
    /// Which face was called.
    pub face: Face,
    /// The path and query as sent.
    pub path: String,
    /// When the request had arrived in full, in microseconds since 1970.
    pub started_us: u64,
    /// When the answer had been handed over or given up.
    pub ended_us: Option<u64>,
    /// The body: JSON where it is JSON, else its text.
    pub request: Value,
    /// Bytes of the body that came in.
    pub request_bytes: u64,
    /// Redis commands that the call has run, those within scripts among them. Null where that is not known: on the other faces, for
    /// what never reached the store, and for scripts on a real Redis.
    pub commands: Option<u64>,
    /// The status sent.
    pub status: Option<u16>,
    /// `ok`, `client_closed` or `fault:…`; null while the call runs.
    pub outcome: Option<String>,
    /// Pieces of the body handed to the connection.
    pub chunks_sent: u64,
    /// Bytes of the body handed to the connection.
    pub bytes_sent: u64,
}

/// Which calls are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those after this number.
    pub since: u64,
    /// Those to the face of this name.
    pub face: Option<String>,
    /// Those with this text in their request.
    pub contains: Option<String>,
}

impl Wanted {
    fn fits(&self, record: &Record) -> bool {
        record.seq > self.since
            && self.face.as_ref().is_none_or(|name| record.face.name() == name)
            && self.contains.as_ref().is_none_or(|text| record.request.to_string().contains(text.as_str()))
    }
}

#[derive(Default)]
struct Log {
    last: u64,
    records: VecDeque<Record>,
    open: [u64; Face::COUNT],
}

impl Log {
    fn record(&mut self, seq: u64) -> Option<&mut Record> {
        let first = self.records.front()?.seq;
        self.records.get_mut(usize::try_from(seq.checked_sub(first)?).ok()?)
    }
}

/// All calls. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    log: Arc<Mutex<Log>>,
    ended: watch::Sender<u64>,
    keeps: bool,
}

impl Calls {
    /// With `keeps` false only the numbers of open calls are kept, for a stack without a control plane.
    pub fn new(keeps: bool) -> Self {
        Self { log: Arc::default(), ended: watch::Sender::new(0), keeps }
    }

    /// Notes that a call has arrived.
    pub fn begin(&self, face: Face, path: &str, body: &[u8]) -> Call {
        let request = if self.keeps { parsed(body) } else { Value::Null };
        let mut log = self.lock();
        log.last += 1;
        let seq = log.last;
        if let Some(open) = log.open.get_mut(face as usize) {
            *open += 1;
        }
        if self.keeps {
            if log.records.len() == KEPT {
                log.records.pop_front();
            }
            log.records.push_back(Record {
                seq,
                face,
                path: path.to_owned(),
                started_us: now_us(),
                ended_us: None,
                request,
                request_bytes: body.len() as u64,
                commands: None,
                status: None,
                outcome: None,
                chunks_sent: 0,
                bytes_sent: 0,
            });
        }
        Call { calls: self.clone(), seq, face, ended: false }
    }

    /// The calls that are asked for, and the number of the newest of all.
    pub fn wanted(&self, wanted: &Wanted) -> (Vec<Record>, u64) {
        let log = self.lock();
        (log.records.iter().filter(|record| wanted.fits(record)).cloned().collect(), log.last)
    }

    /// Forgets all calls; numbers go on.
    pub fn clear(&self) {
        self.lock().records.clear();
    }

    /// Call `seq` once it has ended; as it stands when `limit` is over; `None` for a call not known then.
    pub async fn ended(&self, seq: u64, limit: Duration) -> Option<Record> {
        let mut changes = self.ended.subscribe();
        let ended = async {
            loop {
                changes.borrow_and_update();
                if let Some(record) = self.lock().record(seq).filter(|record| record.ended_us.is_some()) {
                    return Some(record.clone());
                }
                if changes.changed().await.is_err() {
                    return None;
                }
            }
        };
        match tokio::time::timeout(limit, ended).await {
            Ok(record) => record,
            Err(_) => self.lock().record(seq).cloned(),
        }
    }

    /// How many calls of each face are open.
    pub fn open(&self) -> Vec<(Face, u64)> {
        let log = self.lock();
        Face::ALL.iter().map(|face| (*face, log.open.get(*face as usize).copied().unwrap_or(0))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call under way. Dropped without [`Call::end`], it was the client that ended it.
pub struct Call {
    calls: Calls,
    seq: u64,
    face: Face,
    ended: bool,
}

impl Call {
    /// The status that is about to be sent.
    pub fn status(&self, status: u16) {
        if let Some(record) = self.calls.lock().record(self.seq) {
            record.status = Some(status);
        }
    }

    /// How many commands of Redis it has run.
    pub fn commands(&self, count: u64) {
        if let Some(record) = self.calls.lock().record(self.seq) {
            record.commands = Some(count);
        }
    }

    /// How much of the body has been handed over.
    pub fn progress(&self, chunks: u64, bytes: u64) {
        if !self.calls.keeps {
            return;
        }
        if let Some(record) = self.calls.lock().record(self.seq) {
            record.chunks_sent = chunks;
            record.bytes_sent = bytes;
        }
    }

    /// The call is over. The first word counts.
    pub fn end(&mut self, outcome: &str) {
        if self.ended {
            return;
        }
        self.ended = true;
        {
            let mut log = self.calls.lock();
            if let Some(open) = log.open.get_mut(self.face as usize) {
                *open = open.saturating_sub(1);
            }
            if let Some(record) = log.record(self.seq) {
                record.ended_us = Some(now_us());
                record.outcome = Some(outcome.to_owned());
            }
        }
        self.calls.ended.send_modify(|count| *count += 1);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end("client_closed");
    }
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
