//! What can fail, how, and when: the axes of the matrix.

use std::fmt;

use serde_json::{Value, json};
use tests::control::{self, Fault};

/// A call that a turn makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Model,
    PostgresRead,
    PostgresWrite,
    PostgresSave,
    RedisAdmit,
    RedisAppend,
    RedisRefund,
    RedisSettle,
}

/// What goes wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Refused,
    Status500,
    Status429,
    Hang,
    Cut,
    LostReply,
    Garbage,
    Slow,
    /// An answer of the model's without a word.
    Empty,
}

/// How far the answer has come by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    BeforeTheFirstByte,
    MidStream,
    AtTheEnd,
}

impl Part {
    pub const ALL: [Self; 8] = [
        Self::Model,
        Self::PostgresRead,
        Self::PostgresWrite,
        Self::PostgresSave,
        Self::RedisAdmit,
        Self::RedisAppend,
        Self::RedisRefund,
        Self::RedisSettle,
    ];

    fn face(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::PostgresRead | Self::PostgresWrite | Self::PostgresSave => "sql",
            Self::RedisAdmit | Self::RedisAppend | Self::RedisRefund | Self::RedisSettle => "redis",
        }
    }

    /// The statement or script. Where it has another name, the fault strikes nothing and its cell fails.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Model | Self::RedisAppend => None,
            Self::PostgresRead => Some("open_turn"),
            Self::PostgresWrite => Some("begin_answer"),
            Self::PostgresSave => Some("finish_answer"),
            Self::RedisAdmit => Some("admit"),
            Self::RedisRefund | Self::RedisSettle => Some("settle"),
        }
    }

    /// The phases of an answer in which this call is made.
    pub fn phases(self) -> &'static [Phase] {
        match self {
            Self::Model => &[Phase::BeforeTheFirstByte, Phase::MidStream, Phase::AtTheEnd],
            Self::PostgresRead | Self::PostgresWrite | Self::RedisAdmit | Self::RedisRefund => {
                &[Phase::BeforeTheFirstByte]
            }
            Self::RedisAppend => &[Phase::MidStream],
            Self::PostgresSave | Self::RedisSettle => &[Phase::AtTheEnd],
        }
    }

    /// How many calls in a row fail: all until the client has its answer, but a settlement that failed for good could never be made
    /// up for, so that the third try of it succeeds.
    pub fn times(self) -> Option<u64> {
        match self {
            Self::RedisRefund | Self::RedisSettle => Some(2),
            _ => None,
        }
    }

    /// Makes this call of one visitor go wrong.
    pub async fn strike(self, visitor: &str, kind: Kind, times: Option<u64>) -> Fault {
        let tag = match self {
            // No script: it is told by its first command.
            Self::RedisAppend => r#""MGET","chat:stop:"#.to_owned(),
            _ => self.name().map(control::tag).unwrap_or_default(),
        };
        control::fault_at(self.face(), &[visitor, &tag], kind.fault(self), times).await
    }
}

impl Kind {
    /// What can happen to any call.
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::Status500,
        Self::Status429,
        Self::Hang,
        Self::Cut,
        Self::LostReply,
        Self::Garbage,
        Self::Slow,
    ];

    /// As the stack's control plane takes it.
    fn fault(self, part: Part) -> Value {
        match self {
            Self::Refused => json!({"refuse": true}),
            Self::Status500 => json!({"status": 500, "body": body(part, "internal_server_error")}),
            Self::Status429 => json!({"status": 429, "body": body(part, "queue_full")}),
            Self::Hang => json!({"hang": true}),
            // The model's head has come and nothing else; a store's answer breaks off within itself.
            Self::Cut => json!({"cut_after_bytes": if part == Part::Model { 0 } else { 5 }}),
            Self::LostReply => json!({"lost_reply": true}),
            Self::Garbage => json!({"garbage": true}),
            Self::Slow => json!({"latency_ms": if part.face() == "redis" { SLOW_REDIS_MS } else { SLOW_MS }}),
            Self::Empty => panic!("an empty answer is a scenario of the model's"),
        }
    }

    /// Whether a call that has begun to answer can fail like this.
    pub fn is_possible_within(self, phase: Phase) -> bool {
        match phase {
            Phase::BeforeTheFirstByte => true,
            Phase::MidStream => !matches!(self, Self::Refused | Self::LostReply | Self::Empty),
            Phase::AtTheEnd => !matches!(self, Self::Refused | Self::LostReply | Self::Slow | Self::Empty),
        }
    }
}

/// Slower than any healthy service, and quicker than every timeout but Redis'.
const SLOW_MS: u64 = 1_000;

/// More than `REDIS_TIMEOUT_MS`, and less than what no visitor waits for may take.
const SLOW_REDIS_MS: u64 = 2_500;

/// An error body as the service writes it.
fn body(part: Part, code: &str) -> String {
    match part.face() {
        "model" => json!({"error": {"message": "m", "type": "t", "param": null, "code": code}}).to_string(),
        "sql" => json!({"message": "something is wrong", "code": null}).to_string(),
        _ => json!({"error": "ERR something is wrong"}).to_string(),
    }
}

/// Chunks of every answer here.
pub const CHUNKS: usize = 10;

/// The answer's text after this many chunks.
pub fn text(chunks: usize) -> String {
    (0..chunks).map(|i| format!("wört{i} ")).collect()
}

/// What the model does when `kind` happens to it in `phase`, once it has begun to answer.
pub fn answer_of_the_model(kind: Option<(Kind, Phase)>) -> Value {
    let mut scenario = json!({"chunks": CHUNKS, "chunk_text": "wört{i} ", "pace_ms": 20, "usage": true});
    let Some((kind, phase)) = kind else { return scenario };
    let at = match phase {
        Phase::BeforeTheFirstByte if kind == Kind::Empty => return json!({"raw": "data: [DONE]\n\n"}),
        Phase::BeforeTheFirstByte => return scenario,
        Phase::MidStream => CHUNKS / 2,
        Phase::AtTheEnd => CHUNKS,
    };
    match kind {
        Kind::Status500 => scenario["error_at"] = json!(at),
        Kind::Hang => scenario["hang_at"] = json!(at),
        Kind::Cut => scenario["close_at"] = json!(at),
        Kind::Slow => scenario["pace_ms"] = json!(300),
        Kind::Status429 => {
            return raw(at, &format!("data: {}\n\n", body(Part::Model, "queue_full")));
        }
        Kind::Garbage => return raw(at, "data: <<< this is not what you asked for\n\n"),
        Kind::Refused | Kind::LostReply | Kind::Empty => panic!("{kind:?} does not happen to an answer that has begun"),
    }
    scenario
}

/// This many chunks, then `last`, and nothing after it.
fn raw(chunks: usize, last: &str) -> Value {
    let chunk = |i: usize| format!("data: {}\n\n", json!({"choices": [{"delta": {"content": format!("wört{i} ")}}]}));
    let stream: String = (0..chunks).map(chunk).collect();
    json!({"raw": stream + last, "pace_ms": 20, "split": 60})
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Model => "model",
            Self::PostgresRead => "Postgres, read",
            Self::PostgresWrite => "Postgres, write",
            Self::PostgresSave => "Postgres, final save",
            Self::RedisAdmit => "Redis, admit",
            Self::RedisAppend => "Redis, append",
            Self::RedisRefund => "Redis, settle (refund)",
            Self::RedisSettle => "Redis, settle",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Refused => "refused",
            Self::Status500 => "500",
            Self::Status429 => "429",
            Self::Hang => "hang",
            Self::Cut => "cut before reply",
            Self::LostReply => "reply lost after effect",
            Self::Garbage => "garbage",
            Self::Slow => "slow",
            Self::Empty => "empty",
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::BeforeTheFirstByte => "before the first byte",
            Self::MidStream => "mid-stream",
            Self::AtTheEnd => "at the end",
        })
    }
}
