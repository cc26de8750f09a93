//! The copy of what Postgres has said of late, as it stands in Redis.

use domain::{Figures, ModelFigures, Percentiles};
use serde::{Deserialize, Serialize};

/// Figures that were read before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptFigures {
    /// When Postgres was asked, in milliseconds since 1970.
    pub at: i64,
    /// What of Redis says whether anything has happened since.
    pub seen: String,
    /// The 24 hours before; neither hours nor users nor votes stand in it.
    pub day: Figures,
    /// The five minutes before, as the day.
    pub lately: Figures,
}

impl KeptFigures {
    /// Reads a copy; `None`: another version has written it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Kept { at, seen, day, lately } = serde_json::from_str(text).ok()?;
        Some(Self { at, seen, day: day.into(), lately: lately.into() })
    }

    /// As it is kept.
    pub(super) fn text(&self) -> String {
        let Self { at, seen, day, lately } = self;
        let kept = Kept { at: *at, seen: seen.clone(), day: day.into(), lately: lately.into() };
        // Numbers and texts: serialising them has no way to fail.
        serde_json::to_string(&kept).unwrap_or_default()
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    at: i64,
    seen: String,
    day: Window,
    lately: Window,
}

/// Of the figures what is told so.
#[derive(Serialize, Deserialize)]
struct Window {
    completed: u64,
    stopped: u64,
    interrupted: u64,
    failed: u64,
    /// The version before does not say.
    #[serde(default)]
    running: u64,
    active_users: u64,
    first_byte: Option<[u64; 3]>,
    whole: Option<[u64; 3]>,
    failures: Vec<(String, u64)>,
    models: Vec<(String, u64, u64, u64)>,
    rows: u64,
    bytes: u64,
}

impl From<&Figures> for Window {
    fn from(figures: &Figures) -> Self {
        let parts = |Percentiles { p50, p95, p99 }| [p50, p95, p99];
        let model = |of: &ModelFigures| (of.model.clone(), of.answers, of.prompt_tokens, of.completion_tokens);
        Self {
            completed: figures.completed,
            stopped: figures.stopped,
            interrupted: figures.interrupted,
            failed: figures.failed,
            running: figures.running,
            active_users: figures.active_users,
            first_byte: figures.first_byte.map(parts),
            whole: figures.whole.map(parts),
            failures: figures.failures.clone(),
            models: figures.models.iter().map(model).collect(),
            rows: figures.rows,
            bytes: figures.bytes,
        }
    }
}

impl From<Window> for Figures {
    fn from(window: Window) -> Self {
        let parts = |[p50, p95, p99]: [u64; 3]| Percentiles { p50, p95, p99 };
        let model = |(model, answers, prompt_tokens, completion_tokens)| ModelFigures {
            model,
            answers,
            prompt_tokens,
            completion_tokens,
        };
        Self {
            completed: window.completed,
            stopped: window.stopped,
            interrupted: window.interrupted,
            failed: window.failed,
            running: window.running,
            active_users: window.active_users,
            first_byte: window.first_byte.map(parts),
            whole: window.whole.map(parts),
            failures: window.failures,
            models: window.models.into_iter().map(model).collect(),
            rows: window.rows,
            bytes: window.bytes,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_says_what_was_read_and_another_versions_says_nothing() {
        let day = Figures {
            completed: 3,
            failed: 1,
            running: 1,
            active_users: 2,
            first_byte: Some(Percentiles { p50: 1, p95: 2, p99: 3 }),
            failures: vec![("provider_error".to_owned(), 1)],
            models: vec![ModelFigures { model: "m".to_owned(), answers: 3, prompt_tokens: 4, completion_tokens: 5 }],
            rows: 6,
            bytes: 7,
            ..Figures::default()
        };
        let kept = KeptFigures { at: 1_000, seen: "a".to_owned(), day, lately: Figures::default() };
        assert_eq!(KeptFigures::parse(&kept.text()), Some(kept));
        assert_eq!(KeptFigures::parse("{\"at\":1}"), None);
    }
}
