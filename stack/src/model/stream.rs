//! The stream of an answer: SambaNova's frames, paced, cut and broken off as the scenario says.

use super::scenario::{RawAt, Scenario, Split};
use crate::body::{Chunks, Cut};
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// What is the same in all frames of an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `id` of the completion.
    pub id: String,
    /// Seconds since 1970.
    pub created: u64,
    /// Model name.
    pub model: String,
    /// Pieces of text with the tokens each counts for.
    pub pieces: Vec<(String, u64)>,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Why it ended.
    pub finish: String,
}

impl Answer {
    /// Tokens of the answer.
    pub fn completion_tokens(&self) -> u64 {
        self.pieces.iter().map(|(_, tokens)| tokens).sum()
    }

    /// The usage object.
    pub fn usage(&self) -> Value {
        let (prompt, completion) = (self.prompt_tokens, self.completion_tokens());
        json!({
            "completion_tokens": completion,
            "prompt_tokens": prompt,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": { "cached_tokens": 0 },
            "is_last_response": true,
            "stop_reason": self.finish,
        })
    }

    fn frame(&self, choices: &Value, usage: Option<Value>) -> String {
        let mut chunk = json!({
            "choices": choices,
            "created": self.created,
            "id": self.id,
            "model": self.model,
            "object": "chat.completion.chunk",
            "system_fingerprint": "fastcoe",
        });
        if let (Some(usage), Some(chunk)) = (usage, chunk.as_object_mut()) {
            chunk.insert("usage".to_owned(), usage);
        }
        format!("data: {chunk}\n\n")
    }

    /// What stands before and after the text, the same in every frame: only the text is written anew for each.
    fn around_text(&self) -> (String, String) {
        let delta = json!({ "content": "", "role": "assistant" });
        let frame = self.frame(&json!([{ "delta": delta, "finish_reason": null, "index": 0, "logprobs": null }]), None);
        let (before, after) = frame.split_once("\"content\":\"\"").unwrap_or((&frame, ""));
        (format!("{before}\"content\":"), after.to_owned())
    }

    fn last_frame(&self) -> String {
        let delta = json!({ "content": "" });
        self.frame(&json!([{ "delta": delta, "finish_reason": self.finish, "index": 0, "logprobs": null }]), None)
    }
}

enum Step {
    /// Wait this long, then send.
    Send(Duration, Bytes),
    Hang,
    Close,
}

/// The body of a streamed answer.
pub fn frames(
    answer: Answer,
    scenario: Scenario,
    wants_usage: bool,
    pace: impl Fn(u64) -> Duration + Send + 'static,
) -> Chunks {
    let around_text = answer.around_text();
    let mut source = Source { around_text, answer, scenario, wants_usage, next: 0, tail: None };
    let mut queue: VecDeque<Step> = VecDeque::new();
    let mut due = Instant::now();
    let chunks = stream::unfold((), move |()| {
        // Only what the next piece needs is taken out: a stream of any length needs no more memory than one frame.
        while queue.is_empty() {
            match source.step(&pace) {
                Some(Step::Send(wait, bytes)) => cut(&mut queue, wait, bytes, source.scenario.split),
                Some(other) => queue.push_back(other),
                None => break,
            }
        }
        let step = queue.pop_front();
        if let Some(Step::Send(wait, _)) = &step {
            due += *wait;
        }
        let due = due;
        async move {
            match step? {
                Step::Send(_, bytes) => {
                    if due > Instant::now() {
                        tokio::time::sleep_until(due).await;
                    } else {
                        // Pending for once, so that hyper sends what it has: each chunk is a write of its own.
                        tokio::task::yield_now().await;
                    }
                    Some((Ok(bytes), ()))
                }
                Step::Hang => std::future::pending().await,
                Step::Close => Some((Err(Cut), ())),
            }
        }
    });
    Box::pin(chunks)
}

/// A body that is given word for word. `at`: what happens after this many of its bytes.
pub fn raw(body: String, scenario: &Scenario, at: Option<(RawAt, usize)>) -> Chunks {
    let bytes = Bytes::from(body);
    let at = at.map(|(what, place)| (what, place.min(bytes.len())));
    let (pieces, end) = match at {
        Some((RawAt::Split, place)) => (vec![bytes.slice(..place), bytes.slice(place..)], None),
        Some((RawAt::Close, place)) => (vec![bytes.slice(..place)], Some(Step::Close)),
        Some((RawAt::Error, place)) => (vec![bytes.slice(..place), error_event().into()], None),
        None => {
            let size = match scenario.split {
                Split::Frame => bytes.len().max(1),
                Split::Bytes(size) => size,
            };
            let count = bytes.len().div_ceil(size);
            (
                (0..count).map(|piece| bytes.slice(piece * size..bytes.len().min((piece + 1) * size))).collect(),
                scenario.stays_open.then_some(Step::Hang),
            )
        }
    };
    let pace = Duration::from_millis(scenario.pace_ms.unwrap_or_default());
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).map(move |piece| Step::Send(pace, piece));
    let steps: VecDeque<Step> = pieces.chain(end).collect();
    let chunks = stream::unfold(steps, move |mut steps| async move {
        match steps.pop_front()? {
            Step::Send(Duration::ZERO, piece) => {
                tokio::task::yield_now().await;
                Some((Ok(piece), steps))
            }
            Step::Send(pace, piece) => {
                tokio::time::sleep(pace).await;
                Some((Ok(piece), steps))
            }
            Step::Hang => std::future::pending().await,
            Step::Close => Some((Err(Cut), steps)),
        }
    });
    Box::pin(chunks)
}

fn error_event() -> String {
    let error = json!({ "error": {
        "message": "the model failed while it answered", "type": "server_error", "param": null, "code": "internal_server_error",
    } });
    format!("data: {error}\n\n")
}

struct Source {
    around_text: (String, String),
    answer: Answer,
    scenario: Scenario,
    wants_usage: bool,
    next: usize,
    tail: Option<VecDeque<Step>>,
}

impl Source {
    fn step(&mut self, pace: &impl Fn(u64) -> Duration) -> Option<Step> {
        if let Some(tail) = &mut self.tail {
            return tail.pop_front();
        }
        let at = Some(self.next);
        if self.scenario.error_at == at {
            self.tail = Some(VecDeque::new());
            return Some(Step::Send(Duration::ZERO, error_event().into()));
        }
        if self.scenario.hang_at == at {
            return Some(Step::Hang);
        }
        if self.scenario.close_at == at {
            self.tail = Some(VecDeque::new());
            return Some(Step::Close);
        }
        if let Some((text, tokens)) = self.answer.pieces.get(self.next) {
            self.next += 1;
            let (before, after) = &self.around_text;
            let mut frame = Vec::with_capacity(before.len() + text.len() + after.len() + 8);
            frame.extend_from_slice(before.as_bytes());
            // Writing a string to a Vec cannot fail.
            let _ = serde_json::to_writer(&mut frame, text);
            frame.extend_from_slice(after.as_bytes());
            return Some(Step::Send(pace(*tokens), frame.into()));
        }
        let mut tail = VecDeque::new();
        tail.push_back(self.answer.last_frame());
        if self.scenario.usage.unwrap_or(self.wants_usage) {
            tail.push_back(self.answer.frame(&json!([]), Some(self.answer.usage())));
        }
        if self.scenario.done {
            tail.push_back("data: [DONE]\n\n".to_owned());
        }
        let frames = tail.into_iter().map(|frame| Step::Send(Duration::ZERO, frame.into()));
        let tail = self.tail.insert(frames.chain(self.scenario.stays_open.then_some(Step::Hang)).collect());
        tail.pop_front()
    }
}

fn cut(queue: &mut VecDeque<Step>, wait: Duration, mut frame: Bytes, split: Split) {
    let size = match split {
        Split::Frame => frame.len(),
        Split::Bytes(size) => size,
    };
    let mut wait = wait;
    while !frame.is_empty() {
        let piece = frame.split_to(size.min(frame.len()));
        queue.push_back(Step::Send(wait, piece));
        wait = Duration::ZERO;
    }
}
