//! One cell of the matrix: a turn with one fault in it, what its client sees, what is kept of it, and the same request once more.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Call, Reader, Server, Visitor, optional_variable, said, within};

use crate::FIRST_BYTE_SECS;
use crate::aim::{CHUNKS, Kind, Part, Phase, answer_of_the_model, text};

/// How long a background repair may take: a statement that hangs is given up after 10 s, and made again.
const REPAIRED_WITHIN: Duration = Duration::from_secs(25);

/// How far both stores are beside what else happens to them, by `STORES_AWAY_MS`: the outcome is the same.
fn stores_away() -> Duration {
    let given = optional_variable("STORES_AWAY_MS").map(|given| given.parse().expect("STORES_AWAY_MS in milliseconds"));
    Duration::from_millis(given.unwrap_or(0))
}

/// A fault.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub part: Part,
    pub kind: Kind,
    pub phase: Phase,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// What the client was told.
    pub client: String,
    /// What is kept, once nothing is running any more.
    pub rows: String,
    /// Messages of the day charged by then.
    pub charged: i64,
    /// Places in the minute used by then.
    pub minute: i64,
    /// How often the model was asked.
    pub model_calls: usize,
    /// What the same request under the same key gives, when the fault is over.
    pub again: String,
    /// How long the client waited.
    pub took: Duration,
    /// What must hold and does not.
    pub violations: Vec<String>,
}

/// What a client has of one request.
struct Received {
    status: u16,
    text: String,
    told: String,
    is_replayed: bool,
    answer: Option<String>,
    took: Duration,
}

impl Cell {
    /// How long a client may wait for the end: the timeout of what hangs, and some time for the machine.
    pub fn limit(self) -> Duration {
        let patience = match (self.part, self.kind, self.phase) {
            (Part::Model, Kind::Hang, Phase::BeforeTheFirstByte) => FIRST_BYTE_SECS,
            // The model's silence within an answer.
            (Part::Model, Kind::Hang, _) => 45,
            // A statement's deadline.
            (Part::PostgresRead | Part::PostgresWrite, Kind::Hang, _) => 10,
            _ => 2,
        };
        // Where all stores are far, an answer waits for a few trips more: two before its first byte, its save, and each repeat.
        Duration::from_secs(patience + 4) + 8 * stores_away()
    }

    /// Plays it at `server`. Where Redis took longer than its timeout, or the save than a stream waits, although nothing was done to it, the machine
    /// was busy, and the cell is played again: that is another cell's outcome.
    pub async fn play(self, server: &Server) -> Outcome {
        let mut outcome = self.play_once(server).await;
        for _ in 0..3 {
            let is_store_slow = outcome.client.contains("storage_unavailable")
                && !matches!(self.part, Part::PostgresRead | Part::PostgresWrite | Part::RedisAdmit);
            let is_save_slow = outcome.client.contains("not_saved") && self.part != Part::PostgresSave;
            if !is_store_slow && !is_save_slow {
                break;
            }
            outcome = self.play_once(server).await;
        }
        outcome
    }

    async fn play_once(self, server: &Server) -> Outcome {
        let visitor = Visitor::of(server, "guest").await;
        let session = visitor.session().await;
        if !stores_away().is_zero() {
            let id = visitor.id.to_string();
            for face in ["sql", "redis"] {
                let latency = json!({"latency_ms": u64::try_from(stores_away().as_millis()).unwrap()});
                tests::control::fault(face, &id, latency, None).await;
            }
        }
        let in_the_model = (self.part == Part::Model).then_some((self.kind, self.phase));
        let mut scenario = answer_of_the_model(in_the_model);
        if self.part == Part::RedisAppend {
            // Nobody follows it: its first append comes after five intervals.
            scenario["pace_ms"] = json!(100);
        }
        if self.part == Part::RedisRefund {
            // Something else must fail for a refund to be made.
            scenario["error"] = json!({"status": 400, "code": "invalid_type"});
        }
        let scene = visitor.scene(scenario).await;
        let body = json!({"content": scene.text("cell")});
        let path = format!("/chat/sessions/{session}/messages");
        let call = visitor.asks("POST", &path, Some(&body)).header("idempotency-key", "the-cell");
        let mut violations = Vec::new();

        let is_by_scenario =
            self.part == Part::Model && (self.phase != Phase::BeforeTheFirstByte || self.kind == Kind::Empty);
        let fault = match is_by_scenario {
            true => None,
            false => Some(self.part.strike(&visitor.id.to_string(), self.kind, self.part.times()).await),
        };
        let first = receive(server, &call, self.limit()).await;
        if first.took > self.limit() {
            violations.push(format!("the client waited {:?}", first.took));
        }
        if self.part.times().is_some() {
            // The settlement is tried beside the answer's end, until it succeeds.
            at_rest(&visitor, &session, i64::from(first.status == 200))
                .await
                .unwrap_or_else(|left| violations.push(left));
        }
        if let Some(fault) = fault
            && fault.lift().await == 0
        {
            violations.push("the fault struck nothing".to_owned());
        }
        let is_delivered = first.status == 200;
        at_rest(&visitor, &session, i64::from(is_delivered)).await.unwrap_or_else(|left| violations.push(left));
        let messages = visitor.messages(&session).await;
        let charged = visitor.used_today().await;
        let model_calls = visitor.model_calls().await.len();
        // Some answers last longer than a minute.
        let minute = if is_delivered { 1 } else { visitor.quota().await["minute"]["used"].as_i64().expect("a number") };
        if minute != i64::from(model_calls > 0) {
            violations.push(format!("{model_calls} model calls and {minute} places in the minute"));
        }
        let rows = rows(&messages);
        if !kept(&messages, &first).starts_with(&first.text) {
            violations.push(format!("read {:?}, kept {messages:?}", first.text));
        }

        // The model is well again, and so are the stores: once more, as a client does that knows not what came of it.
        tests::control::scenario(scene.tag(), &answer_of_the_model(None)).await;
        let second = receive(server, &call, self.limit()).await;
        at_rest(&visitor, &session, 1).await.unwrap_or_else(|left| violations.push(format!("again: {left}")));
        let messages = visitor.messages(&session).await;
        let answers: Vec<&Value> = messages.iter().filter(|message| message["role"] == "assistant").collect();
        if answers.len() != 1 {
            violations.push(format!("{} answers under one key: {messages:?}", answers.len()));
        }
        if second.status != 200 || !kept(&messages, &second).starts_with(&second.text) {
            violations.push(format!("again: {}, kept {messages:?}", second.told));
        }
        if is_delivered && (!second.is_replayed || !second.text.starts_with(&first.text)) {
            violations.push(format!("an answer that was given is not given again: {}", second.told));
        }
        visitor.leaves().await;
        let again = if second.is_replayed { format!("replayed: {}", second.told) } else { second.told };
        Outcome { client: first.told, rows, charged, minute, model_calls, again, took: first.took, violations }
    }
}

/// Makes a request and reads its answer to the end.
async fn receive(server: &Server, call: &Call, limit: Duration) -> Received {
    let asked = Instant::now();
    let mut reader = Reader::of(server.base(), call).await.patient(limit + Duration::from_secs(10));
    reader.read_to_end().await;
    let took = asked.elapsed();
    let is_stream = reader.status == 200;
    let text = if is_stream { said(&reader.body) } else { String::new() };
    let whole = String::from_utf8_lossy(&reader.body).into_owned();
    let told = match is_stream {
        true => told_by_stream(&whole, &text, reader.ended()),
        false => {
            let problem: Value = serde_json::from_str(&whole).unwrap_or_default();
            format!("{} `{}`", reader.status, problem["error"]["code"].as_str().unwrap_or("?"))
        }
    };
    let header = |name: &str| reader.headers.get(name).cloned();
    Received {
        status: reader.status,
        is_replayed: header("idempotent-replayed").is_some(),
        answer: header("x-message-id"),
        text,
        told,
        took,
    }
}

fn told_by_stream(stream: &str, read: &str, has_ended: bool) -> String {
    let mut told = match read.split_whitespace().count() {
        CHUNKS if read == text(CHUNKS) => "the whole answer".to_owned(),
        count => format!("{count} of {CHUNKS} chunks"),
    };
    if !stream.contains("data: [DONE]") {
        told += ", no `[DONE]`";
    }
    let errors = stream.split("\n\n").filter_map(|event| event.split_once("event: error\ndata: "));
    for (_, data) in errors {
        let problem: Value = serde_json::from_str(data).unwrap_or_default();
        told += &format!(", then `{}`", problem["error"]["code"].as_str().unwrap_or("?"));
    }
    if !has_ended {
        told += ", cut off";
    }
    told
}

/// The text kept of the answer that a client received.
fn kept(messages: &[Value], received: &Received) -> String {
    let id = received.answer.as_deref().unwrap_or_default();
    let answer = messages.iter().find(|message| message["id"] == id);
    answer.and_then(|answer| answer["content"].as_str()).unwrap_or_default().to_owned()
}

/// What is kept, in words.
fn rows(messages: &[Value]) -> String {
    let row = |message: &Value| {
        let (role, status) = (message["role"].as_str().unwrap_or("?"), message["status"].as_str().unwrap_or("?"));
        let chunks = message["content"].as_str().unwrap_or_default().split_whitespace().count();
        match (role, status) {
            ("user", "complete") => "question".to_owned(),
            ("user", status) => format!("question `{status}`"),
            (_, status) => format!("answer `{status}` ({chunks} of {CHUNKS})"),
        }
    };
    let rows: Vec<String> = messages.iter().map(row).collect();
    if rows.is_empty() { "none".to_owned() } else { rows.join(", ") }
}

/// Waits until nothing is running: no answer is, no place is held, and the charge is what it should be.
async fn at_rest(visitor: &Visitor, session: &str, charged: i64) -> Result<(), String> {
    within(
        || REPAIRED_WITHIN,
        || async {
            let messages = visitor.messages(session).await;
            let streaming = messages.iter().filter(|message| message["status"] == "streaming").count();
            let leases = visitor.leases().await.len();
            let used = visitor.used_today().await;
            match streaming == 0 && leases == 0 && used == charged {
                true => Ok(()),
                false => Err(format!(
                    "{streaming} rows `streaming`, {leases} places held, {used} charged instead of {charged}"
                )),
            }
        },
    )
    .await
}
