//! Scenarios: what the model is to do, by script.

use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How a body is cut into the pieces that are sent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "SplitWord")]
pub enum Split {
    /// Each frame by itself.
    Frame,
    /// This many bytes at a time, wherever that falls.
    Bytes(usize),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SplitWord {
    Word(String),
    Bytes(usize),
}

impl TryFrom<SplitWord> for Split {
    type Error = String;

    fn try_from(word: SplitWord) -> Result<Self, String> {
        match word {
            SplitWord::Word(word) if word == "frame" => Ok(Self::Frame),
            SplitWord::Word(word) if word == "byte" => Ok(Self::Bytes(1)),
            SplitWord::Bytes(count) if count > 0 => Ok(Self::Bytes(count)),
            _ => Err("split is \"frame\", \"byte\" or a number of bytes".to_owned()),
        }
    }
}

/// One scenario. Every field may be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// How many chunks with text; without it, the demo answer is sent.
    pub chunks: Option<usize>,
    /// The text of each; `{i}` becomes its number, from 0.
    pub chunk_text: String,
    /// Time between two chunks; 0 is as fast as it goes.
    pub pace_ms: Option<u64>,
    /// Tokens a chunk counts for in the usage.
    pub tokens_per_chunk: u64,
    /// How the body is cut.
    pub split: Split,
    /// This exact body instead of made frames.
    pub raw: Option<String>,
    /// Its content type.
    pub raw_content_type: Option<String>,
    /// Whether a usage chunk is sent. Absent: when the request asks for it, as the real one does.
    pub usage: Option<bool>,
    /// The finish reason.
    pub finish: String,
    /// Whether `[DONE]` is sent.
    pub done: bool,
    /// After this many chunks, an error inside the 200 stream.
    pub error_at: Option<usize>,
    /// After this many chunks, silence.
    pub hang_at: Option<usize>,
    /// After this many chunks, the connection is cut.
    pub close_at: Option<usize>,
    /// The connection stays open after the last byte.
    pub stays_open: bool,
    /// What happens to `raw` after this many bytes as the last user message says between `@` and `;`.
    pub raw_at: Option<RawAt>,
    /// How long the head of the answer takes.
    pub first_byte_delay_ms: u64,
    /// An error answer instead: status and `code`.
    pub error: Option<ErrorAnswer>,
    /// Models that answer 410 `model_deprecated`.
    pub retired: Vec<String>,
}

/// What happens in the middle of a body.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum RawAt {
    /// The rest comes in a piece of its own.
    Split,
    /// The connection is cut.
    Close,
    /// An error event comes instead of the rest.
    Error,
}

/// An answer as SambaNova refuses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// Status.
    pub status: u16,
    /// `error.code`
    pub code: String,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u64>,
    /// The models that refuse; without a name, all do.
    #[serde(default)]
    pub models: Vec<String>,
}

impl ErrorAnswer {
    /// Whether this is what `model` answers.
    pub fn is_of(&self, model: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|name| name == model)
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            chunks: None,
            chunk_text: "chunk {i} ".to_owned(),
            pace_ms: None,
            tokens_per_chunk: 3,
            split: Split::Frame,
            raw: None,
            raw_content_type: None,
            usage: None,
            finish: "stop".to_owned(),
            done: true,
            error_at: None,
            hang_at: None,
            close_at: None,
            stays_open: false,
            raw_at: None,
            first_byte_delay_ms: 0,
            error: None,
            retired: Vec::new(),
        }
    }
}

/// A scenario and the calls it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRule {
    #[serde(default, rename = "match")]
    matches: ScenarioMatch,
    scenario: Scenario,
}

#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
struct ScenarioMatch {
    /// A text in the last message of the user.
    contains: Option<String>,
    /// A text in any message: for a call whose last message is not the visitor's own.
    anywhere: Option<String>,
}

/// The scenarios in force.
#[derive(Default)]
pub struct Scenarios {
    rules: Mutex<Vec<ScenarioRule>>,
}

impl Scenarios {
    /// Adds a scenario. One for the same text, or for all calls, takes the place of the one before.
    pub fn set(&self, rule: ScenarioRule) {
        let mut rules = self.lock();
        rules.retain(|other| other.matches != rule.matches);
        rules.push(rule);
    }

    /// Back to the demo.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The scenario for a call with these messages, of which `last` is the user's last: one that asks for a text in it before one that
    /// asks for a text anywhere, and both before one for all.
    pub fn for_messages(&self, last: &str, all: &[String]) -> Scenario {
        let rules = self.lock();
        let in_last = |matches: &ScenarioMatch| matches.contains.as_ref().is_some_and(|part| last.contains(part));
        let anywhere = |matches: &ScenarioMatch| {
            matches.anywhere.as_ref().is_some_and(|part| all.iter().any(|text| text.contains(part)))
        };
        let for_all = |matches: &ScenarioMatch| *matches == ScenarioMatch::default();
        let find = |fits: &dyn Fn(&ScenarioMatch) -> bool| rules.iter().find(|rule| fits(&rule.matches));
        let found = find(&in_last).or_else(|| find(&anywhere)).or_else(|| find(&for_all));
        found.map(|rule| rule.scenario.clone()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ScenarioRule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
