//! One request of a user's as their client makes it: it reads, leaves, stops, or has somebody follow from elsewhere.

use std::io;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Call, Reader, Visitor, control, said};

use super::Run;
use super::instances::Instance;
use super::plan::{Action, Plan, Reading};

/// Nothing lasts longer: a statement that hangs is given up after 10 s.
pub const LONGEST_TURN: Duration = Duration::from_secs(16);

/// A request that is about to be made.
pub struct Asked {
    pub action: Action,
    pub call: Call,
    pub tag: String,
    /// The answer's text before.
    pub base: String,
}

/// What a client has of it.
#[derive(Default)]
pub struct Got {
    pub status: u16,
    /// An answer has begun.
    pub is_delivered: bool,
    /// The reader left before they had any answer, when the model was asked.
    pub is_unread: bool,
    pub is_lost: bool,
    pub is_replayed: bool,
    pub session: Option<String>,
    pub question: Option<String>,
    pub answer: Option<String>,
    pub text: String,
    pub code: String,
    /// When how many characters had been read.
    pub history: Vec<(Instant, usize)>,
    /// Characters read when the answer was stopped.
    pub stopped: Option<usize>,
    pub followed: Option<String>,
    pub is_follower_waiting: bool,
}

/// Its maker.
pub struct Client<'a> {
    pub run: &'a Run,
    pub visitor: &'a Visitor,
}

impl Client<'_> {
    /// Makes a request and reads its answer as the plan says.
    pub async fn receive(&self, instance: &Instance, asked: &Asked, plan: &Plan) -> Got {
        let mut got = Got::default();
        let begun = match plan.reading {
            Reading::LeaveUnread => self.begin_and_leave(instance, asked).await,
            Reading::ToTheEnd | Reading::Leave(_) | Reading::Stop(_) | Reading::Follow(_) => {
                Reader::try_of(instance.server.base(), &asked.call).await.map(Some)
            }
        };
        let Ok(Some(mut reader)) = begun else {
            got.is_lost = begun.is_err();
            got.is_unread = begun.is_ok();
            return got;
        };
        let header = |name: &str| reader.headers.get(name).cloned();
        got.status = reader.status;
        got.is_replayed = header("idempotent-replayed").is_some();
        got.session = header("x-session-id");
        got.question = header("x-user-message-id");
        got.answer = header("x-message-id");
        if reader.status != 200 || !plan.streams {
            reader.read_to_end().await;
            got.is_lost = !reader.ended();
            let body: Value = serde_json::from_slice(&reader.body).unwrap_or_default();
            got.is_delivered = reader.status == 200 && !got.is_lost;
            // A plain answer shows the whole row.
            let text = body["message"]["content"].as_str().unwrap_or_default();
            got.text = text.strip_prefix(asked.base.as_str()).unwrap_or(text).to_owned();
            got.code = body["error"]["code"].as_str().unwrap_or_default().to_owned();
            return got;
        }
        let chunks = match plan.reading {
            Reading::ToTheEnd => plan.answer.chunks,
            Reading::LeaveUnread => 0,
            Reading::Leave(chunks) | Reading::Stop(chunks) | Reading::Follow(chunks) => chunks,
        };
        for chunk in 1..=chunks {
            if !reader.read_chunks(chunk).await {
                break;
            }
            got.history.push((Instant::now(), reader.said().chars().count()));
        }
        let is_running = got.history.len() == chunks && !reader.ended();
        match plan.reading {
            Reading::Leave(_) | Reading::LeaveUnread if is_running => {
                got.is_delivered = true;
                got.text = reader.said();
                return got;
            }
            Reading::Stop(_) if is_running => {
                let seen = reader.said().chars().count();
                got.stopped = Some(seen);
                self.ask_to_stop(&got, seen).await;
                reader.read_to_end().await;
            }
            Reading::Follow(_) if is_running => {
                // A follower of an answer whose instance dies is told so after a minute, which is too long here.
                let following = tokio::time::timeout(LONGEST_TURN, self.follow(&got, asked, plan));
                let (followed, ()) = futures::future::join(following, reader.read_to_end()).await;
                got.is_follower_waiting = followed.is_err();
                got.followed = followed.ok().flatten();
            }
            _ => reader.read_to_end().await,
        }
        got.is_delivered = true;
        got.is_lost = !reader.ended();
        got.text = said(&reader.body);
        let stream = String::from_utf8_lossy(&reader.body).into_owned();
        let last = stream
            .split("event: error\ndata: ")
            .nth(1)
            .and_then(|data| serde_json::from_str::<Value>(data.trim()).ok());
        got.code = last.map_or(String::new(), |last| format!("then {}", last["error"]["code"].as_str().unwrap_or("?")));
        got
    }

    /// Makes a request and leaves as soon as the model is asked, unless there is an answer by then.
    async fn begin_and_leave(&self, instance: &Instance, asked: &Asked) -> io::Result<Option<Reader>> {
        let since = control::newest().await;
        let mut reader = Reader::try_begin(instance.server.base(), &asked.call).await?;
        loop {
            if reader.has_head_within(Duration::from_millis(5)).await? {
                return Ok(Some(reader));
            }
            if self.has_asked_since(since).await {
                reader.reset();
                return Ok(None);
            }
        }
    }

    /// Whether the model was asked for this user since the call of that number.
    pub async fn has_asked_since(&self, since: u64) -> bool {
        !control::calls("model", &self.visitor.id.to_string(), since).await.is_empty()
    }

    async fn ask_to_stop(&self, got: &Got, seen: usize) {
        let (Some(session), Some(answer)) = (&got.session, &got.answer) else { return };
        let path = format!("/chat/sessions/{session}/messages/{answer}/stop");
        let call = self.visitor.asks("POST", &path, Some(&json!({"seen": seen})));
        self.run.instances.ask(call).await.expect(200);
    }

    /// Reads the same answer at another instance; nothing if that is killed meanwhile.
    async fn follow(&self, got: &Got, asked: &Asked, plan: &Plan) -> Option<String> {
        let (session, answer) = (got.session.as_ref()?, got.answer.as_ref()?);
        let from = asked.base.chars().count();
        let path = format!("/chat/sessions/{session}/messages/{answer}/stream?from={from}");
        let other = self.run.instances.at(1 - plan.place);
        let mut reader = Reader::try_of(other.server.base(), &self.visitor.asks("GET", &path, None)).await.ok()?;
        reader.read_to_end().await;
        (reader.status == 200 && reader.ended()).then(|| reader.said())
    }
}
