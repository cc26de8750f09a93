//! What one turn will be, drawn before it begins.

use serde_json::{Value, json};

use super::dice::Dice;
use crate::aim::{Kind, Part};

/// A turn.
#[derive(Clone, Debug)]
pub struct Plan {
    pub action: Action,
    pub streams: bool,
    pub reading: Reading,
    pub answer: Answer,
    pub fault: Option<(Part, Kind, u64)>,
    /// The same request once more afterwards.
    pub again: bool,
    /// Which instance is asked.
    pub place: usize,
}

/// What is asked for; where there is nothing to edit, regenerate or continue, a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Send,
    SendInNewSession,
    Edit,
    Regenerate,
    Continue,
}

/// What the reader does, after a number of chunks where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    ToTheEnd,
    /// Goes away before the first byte, once the model is asked.
    LeaveUnread,
    Leave(usize),
    Stop(usize),
    Follow(usize),
}

/// What the model does.
#[derive(Clone, Debug)]
pub struct Answer {
    pub chunks: usize,
    pace_ms: u64,
    ending: Ending,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Proper,
    Cut(usize),
    Error(usize),
    Empty,
    Filtered,
}

impl Plan {
    pub fn draw(dice: &mut Dice) -> Self {
        let action = match dice.below(100) {
            0..45 => Action::Send,
            45..51 => Action::SendInNewSession,
            51..63 => Action::Edit,
            63..77 => Action::Regenerate,
            _ => Action::Continue,
        };
        let streams = dice.percent(85);
        let answer = Answer::draw(dice);
        let at = 1 + dice.below(answer.chunks.div_ceil(2));
        let reading = match dice.below(100) {
            _ if !streams => Reading::ToTheEnd,
            0..38 => Reading::ToTheEnd,
            38..48 => Reading::LeaveUnread,
            48..64 => Reading::Leave(at),
            64..84 => Reading::Stop(at),
            _ => Reading::Follow(at),
        };
        let fault = dice.percent(60).then(|| fault(dice));
        Self { action, streams, reading, answer, fault, again: dice.percent(25), place: dice.below(2) }
    }

    /// Without anything that goes wrong: what is left is the same request.
    pub fn repeated(&self, place: usize) -> Self {
        Self { fault: None, reading: Reading::ToTheEnd, again: false, place, ..self.clone() }
    }
}

/// A fault and how many calls in a row it strikes. A statement that hangs costs ten seconds, so these are rare; and a settlement
/// must succeed in the end, or nobody could ever make it up.
fn fault(dice: &mut Dice) -> (Part, Kind, u64) {
    const PARTS: [Part; 7] = [
        Part::Model,
        Part::PostgresRead,
        Part::PostgresWrite,
        Part::PostgresSave,
        Part::RedisAdmit,
        Part::RedisAppend,
        Part::RedisSettle,
    ];
    let part = dice.pick(&PARTS);
    let mut kind = dice.pick(&Kind::ALL);
    let is_patient = matches!(part, Part::PostgresRead | Part::PostgresWrite | Part::PostgresSave);
    if kind == Kind::Hang && is_patient && !dice.percent(5) {
        kind = Kind::Slow;
    }
    let most = match part {
        Part::RedisSettle | Part::PostgresSave => 2,
        _ => 3,
    };
    (part, kind, 1 + u64::try_from(dice.below(most)).unwrap())
}

impl Answer {
    pub fn draw(dice: &mut Dice) -> Self {
        // Some are slow, so that there is always one for a kill to strike.
        let (chunks, pace_ms) =
            if dice.percent(6) { (40, 60) } else { (2 + dice.below(20), dice.pick(&[0, 5, 20, 40])) };
        let at = dice.below(chunks);
        let ending = match dice.below(100) {
            0..80 => Ending::Proper,
            80..87 => Ending::Cut(at),
            87..93 => Ending::Error(at),
            93..97 => Ending::Empty,
            _ => Ending::Filtered,
        };
        Self { chunks, pace_ms, ending }
    }

    /// Whether anything comes of it before it fails.
    pub fn begins(&self) -> bool {
        !matches!(self.ending, Ending::Cut(0) | Ending::Error(0))
    }

    pub fn scenario(&self, turn: usize) -> Value {
        let mut scenario =
            json!({"chunks": self.chunks, "chunk_text": format!("t{turn}w{{i}} "), "pace_ms": self.pace_ms});
        match self.ending {
            Ending::Proper => {}
            Ending::Cut(at) => scenario["close_at"] = json!(at),
            Ending::Error(at) => scenario["error_at"] = json!(at),
            Ending::Filtered => scenario["finish"] = json!("content_filter"),
            Ending::Empty => scenario = json!({"raw": "data: [DONE]\n\n"}),
        }
        scenario
    }
}
