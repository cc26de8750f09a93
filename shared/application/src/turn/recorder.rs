//! Steps 4 and 5 of a turn: one answer from its first byte to its stored end, beside the response that carries it.

use std::time::Duration;

use domain::{
    AnswerEnd, AnswerTimes, CallOutcome, Ending, Fault, NewTurn, Received, SAVE_EVERY, SILENCE_LIMIT, StopWish,
    TurnEnd, kept_bytes,
};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, join, join3, select};
use infrastructure::model::{Transcript, own_ending, token_usage};
use jiff::Timestamp;
use platform::{Field, Leaving, Level, RelayEnd, Tape, within};

use super::charge::{Charge, EndedCall};
use super::last_events::{Closing, fault};
use super::naming::Naming;
use super::replay_buffer::ReplayBuffer;
use super::reply::{Accepted, AnswerBody, Reply, Timings};
use crate::{App, SendError, storage};

/// How long the model may be silent after the last word of an answer: only its usage and `[DONE]` are waited for.
const SILENCE_AFTER_FINISH: Duration = Duration::from_secs(2);

/// Pauses before further tries to store an answer's end; together below the 30 s that Workers give after a disconnect.
const SAVE_AGAIN_AFTER: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(10)];

/// How long the end of a response waits for the answer to be stored, and for its charge to be settled: after it a reader finds the answer
/// stored, or was told `not_saved`, and what they ask next finds neither slot nor key held by what is over.
const ENDED_WITHIN: Duration = Duration::from_millis(1500);

/// What is known of an answer when it begins.
pub(super) struct Recording {
    pub turn: NewTurn,
    pub charge: Charge,
    /// The model that was chosen, or else the first, where another one answers.
    pub instead_of: Option<String>,
    /// Tokens of the prompt, estimated.
    pub prompt_tokens: u64,
    /// What calls before this one may have cost that brought no answer, in micro-dollars.
    pub lost: u64,
    /// Models that were found gone before this one.
    pub gone_models: Vec<String>,
    /// What becomes of the answer when its reader leaves.
    pub leaving: Leaving,
    /// When the model was asked.
    pub began: Timestamp,
    /// When its first event had come.
    pub first_byte: Timestamp,
    /// What the steps before it took.
    pub timings: Timings,
}

impl Recording {
    /// How long the answer has taken by `now`; 0 where the clock was set back.
    fn times(&self, now: Timestamp) -> AnswerTimes {
        let since_began = |to: Timestamp| u64::try_from(to.as_millisecond() - self.began.as_millisecond()).unwrap_or(0);
        AnswerTimes { first_byte: since_began(self.first_byte), whole: since_began(now) }
    }

    /// What the sender is told.
    pub fn accepted(&self, body: AnswerBody) -> Accepted {
        Accepted {
            session: self.turn.session,
            question: Some(self.turn.question),
            answer: self.turn.answer,
            model: Some(self.turn.model.clone()),
            instead_of: self.instead_of.clone(),
            standing: self.charge.standing(),
            is_replayed: false,
            timings: Some(self.timings),
            body,
        }
    }
}

/// Records one answer.
pub(super) struct Recorder<'a> {
    app: &'a App,
    pub recording: Recording,
    transcript: Transcript,
    tape: Box<dyn Tape>,
    buffer: ReplayBuffer,
}

impl<'a> Recorder<'a> {
    /// `transcript` has taken the bytes `first`; the rest is on the `tape`.
    pub fn new(app: &'a App, recording: Recording, transcript: Transcript, tape: Box<dyn Tape>, first: &[u8]) -> Self {
        let buffer = ReplayBuffer::new(app, &recording.turn, recording.began, first);
        Self { app, recording, transcript, tape, buffer }
    }

    /// Closes upstream without recording anything.
    pub fn give_up(self) -> Recording {
        self.recording
    }

    /// Records the answer to its end, stores it and settles its charge. For a stream (`plain` is `None`) only the last bytes remain to be sent. A
    /// plain answer's caller gets the whole answer through `plain`.
    pub async fn run(mut self, mut plain: Option<Reply>) {
        // 4. The bytes go to the reader by themselves; the tape holds a copy.
        let (ending, wish) = self.until_the_end(plain.as_mut()).boxed_local().await;
        self.transcript.finish();

        // 5. After upstream's last byte.
        let Self { app, recording, transcript, mut tape, buffer } = self;
        let closing = Closing::new(&transcript, ending);
        let is_withheld = plain.is_some() && !recording.turn.is_kept() && ending == Ending::Interrupted;
        let turn_end = if is_withheld { TurnEnd::Withheld } else { TurnEnd::Answered };
        let naming = Naming::after(app, &recording.turn, &recording.charge, ending, &transcript);
        let mut ended = Ended::new(app, &recording, transcript, ending, wish);
        ended.call.cost += naming.as_ref().map_or(0, |naming| naming.cost(app));
        let (saved, is_saved) = oneshot::channel();
        let saving = async {
            // The receiver may have stopped waiting.
            let _heard = saved.send(!recording.turn.is_kept() || save(app, &ended.end).await);
        };
        let (settled, is_settled) = oneshot::channel();
        let settling = async {
            settle(app, turn_end, &ended, &recording.charge, &buffer).boxed_local().await;
            let _heard = settled.send(());
        };
        // Both are waited for; its reader is told whether it is saved.
        let ended_soon = async {
            let saved = within(&*app.platform.clock, ENDED_WITHIN, is_saved);
            let settled = within(&*app.platform.clock, ENDED_WITHIN, is_settled);
            join(saved, settled).await.0.is_ok_and(|saved| saved == Ok(true))
        };
        let responding = async {
            let Some(plain) = plain else {
                let event = fault(ending, ended_soon.await).map(|fault| app.fault_event(fault)).unwrap_or_default();
                tape.close_with(closing.with(&event)).await;
                return;
            };
            // Closes upstream if it still runs.
            drop(tape);
            let body = plain_body(app, &recording.turn, ended.end.clone(), ended_soon.await).await;
            let _is_there = plain.tell(body.map(|body| recording.accepted(body)));
        };
        join3(saving, settling, responding).await;
        if let Some(naming) = naming {
            naming.run(app).boxed_local().await;
        }
    }

    /// Reads the tape to its end, or until a reader asks for the end.
    async fn until_the_end(&mut self, plain: Option<&mut Reply>) -> (Ending, StopWish) {
        let Self { app, recording, transcript, tape, buffer } = self;
        let wish = {
            // The breaker hears of the first text beside the listening.
            let (has_text, first_text) = oneshot::channel();
            let hearing = async {
                if first_text.await.is_ok() {
                    recording.charge.report_first_text(app).await;
                }
            };
            let listening = listen(app, recording, transcript, &mut **tape, buffer, has_text);
            let listening = std::pin::pin!(async { join(listening, hearing).await.0 });
            let stopping = std::pin::pin!(async {
                match plain {
                    // A stream's tape tells of its reader.
                    Some(reply) => {
                        let left = std::pin::pin!(reply.reader_left());
                        match select(std::pin::pin!(buffer.flush_until_stopped(app)), left).await {
                            Either::Left((wish, _)) => wish,
                            Either::Right(((), _)) if recording.leaving == Leaving::ClosesUpstream => StopWish::Now,
                            Either::Right(((), flushing)) => {
                                buffer.note_reader_left();
                                flushing.await
                            }
                        }
                    }
                    None => buffer.flush_until_stopped(app).await,
                }
            });
            match select(listening, stopping).await {
                // A page that is told to stop wishes it and leaves: the wish says how much of the answer was seen.
                Either::Left((Ending::Stopped, _)) => return (Ending::Stopped, buffer.last_wish(app).await),
                Either::Left((ending, _)) => return (ending, StopWish::Now),
                Either::Right((wish, _)) => wish,
            }
        };
        // The reader may have seen what the tape has not brought yet.
        tape.stop();
        while let Some(bytes) = tape.next().await {
            transcript.push(&bytes);
            buffer.append(&bytes);
        }
        (Ending::Stopped, wish)
    }
}

/// Reads the tape to its end.
async fn listen(
    app: &App,
    recording: &Recording,
    transcript: &mut Transcript,
    tape: &mut dyn Tape,
    buffer: &ReplayBuffer,
    has_text: oneshot::Sender<()>,
) -> Ending {
    // Its row was written before the model was asked, and counts as dead a minute after its last save.
    let mut saved_at = recording.began;
    let mut has_text = Some(has_text);
    // At its last word the answer is over, however long upstream keeps its connection open.
    while !transcript.is_over() {
        if !transcript.text().is_empty()
            && let Some(has_text) = has_text.take()
        {
            // The receiver is in the same future.
            let _heard = has_text.send(());
        }
        let limit = if own_ending(transcript).is_some() { SILENCE_AFTER_FINISH } else { SILENCE_LIMIT };
        match within(&*app.platform.clock, limit, tape.next()).await {
            Ok(Some(bytes)) => {
                transcript.push(&bytes);
                buffer.append(&bytes);
                if tape.reader_has_left() {
                    buffer.note_reader_left();
                }
            }
            Ok(None) => break,
            Err(_) => {
                transcript.finish();
                return own_ending(transcript).unwrap_or(Ending::Interrupted);
            }
        }
        let now = app.platform.clock.now();
        if now.duration_since(saved_at).unsigned_abs() >= SAVE_EVERY {
            saved_at = now;
            let text = format!("{}{}", recording.turn.before(), transcript.text());
            if let Err(error) = app.postgres.save_progress(&recording.turn, &text).await {
                app.log_cause(Level::Warn, "progress not saved", &error);
            }
        }
    }
    transcript.finish();
    ending(own_ending(transcript), tape.end())
}

/// How an answer ended, by what it says itself and by how its bytes ended.
fn ending(own: Option<Ending>, relay: RelayEnd) -> Ending {
    match (own, relay) {
        (Some(ending), _) => ending,
        (None, RelayEnd::ReaderLeft) => Ending::Stopped,
        (None, RelayEnd::Complete | RelayEnd::Broken) => Ending::Interrupted,
    }
}

/// An answer that has ended and is not stored yet.
struct Ended {
    end: AnswerEnd,
    /// The log's record of it.
    fields: Vec<(&'static str, Field)>,
    /// The reader had not seen all that arrived.
    is_cut: bool,
    /// What it says about the model, and what it has cost.
    call: EndedCall,
}

impl Ended {
    fn new(app: &App, recording: &Recording, mut transcript: Transcript, ending: Ending, wish: StopWish) -> Self {
        let turn = &recording.turn;
        let outcome = CallOutcome::of_answer(ending, !transcript.text().is_empty());
        let usage = transcript.usage().and_then(token_usage);
        let mut text = transcript.take_text();
        let reasoning = transcript.reasoning();
        let reasoning = (reasoning.ascii, reasoning.other);
        let received = Received { text: &text, reasoning, chunks: transcript.chunks() };
        let billed = app.config.asked(recording.prompt_tokens).billed(usage, received);
        // If the stream names no model, the opened one answered. The row may still name the first that was asked.
        let model = transcript.model().unwrap_or(&turn.model).to_owned();
        let cost = recording.lost + app.config.cost(&model, billed);
        let is_cut = wish.cut(&mut text);
        let bytes = if turn.is_kept() { turn.question_bytes() + kept_bytes(&text) } else { 0 };
        let end = AnswerEnd {
            answer: turn.answer,
            run: Some(turn.run),
            owner: turn.owner,
            ending,
            usage,
            model: Some(model),
            text: format!("{}{text}", turn.before()),
            times: Some(recording.times(app.platform.clock.now())),
            fault: (ending == Ending::Interrupted).then_some(Fault::Model),
        };
        let fields = log_fields(recording, &transcript, &end);
        Self {
            end,
            fields,
            is_cut,
            call: EndedCall {
                outcome,
                is_fault: ending == Ending::Interrupted,
                cost,
                bytes,
                gone_models: recording.gone_models.clone(),
            },
        }
    }
}

/// The fields of `stream_end` (docs/LOGGING.md).
fn log_fields(recording: &Recording, transcript: &Transcript, end: &AnswerEnd) -> Vec<(&'static str, Field)> {
    let turn = &recording.turn;
    let mut fields: Vec<(&'static str, Field)> = vec![
        ("event", "stream_end".into()),
        ("provider", "sambanova".into()),
        ("model", end.model.clone().unwrap_or_else(|| turn.model.clone()).into()),
        ("chunks", transcript.chunks().into()),
        ("bytes", transcript.bytes().into()),
        ("malformed", transcript.malformed().into()),
        ("outcome", end.ending.status().name().into()),
    ];
    if let Some(times) = end.times {
        fields.push(("ttft_ms", times.first_byte.into()));
        fields.push(("latency_ms", times.whole.into()));
    }
    if turn.is_kept() {
        fields.push(("session_id", turn.session.to_string().into()));
    }
    if let Some(usage) = end.usage {
        fields.push(("prompt_tokens", usage.prompt.into()));
        fields.push(("completion_tokens", usage.completion.into()));
    }
    fields
}

/// Ends lease, charge and replay buffer, and says in the log how the answer went.
async fn settle(app: &App, end: TurnEnd, ended: &Ended, charge: &Charge, buffer: &ReplayBuffer) {
    let rest = buffer.unflushed().filter(|_| !ended.is_cut);
    charge.keep(app, end, &ended.call, buffer.end(rest.as_deref(), ended.end.ending.status())).await;
    app.log(Level::Info, "answer ended", ended.fields.clone());
}

/// Stores the end; the statement changes a row once, so it is safe to repeat. Says whether it is stored.
async fn save(app: &App, end: &AnswerEnd) -> bool {
    let words = ["answer not stored yet", "answer not stored"];
    let finish = async || app.postgres.finish_answer(end, app.config.storage.low()).await;
    let Some(stored) = app.keep_trying(&SAVE_AGAIN_AFTER, words, finish).await else { return false };
    storage::warn_if_low(app, Ok(stored.is_storage_low));
    true
}

/// What the sender of a plain answer is given: both messages as they are stored, or the answer's end where nothing is.
async fn plain_body(app: &App, turn: &NewTurn, end: AnswerEnd, is_saved: bool) -> Result<AnswerBody, SendError> {
    if !turn.is_kept() {
        return Ok(AnswerBody::Unkept(Box::new(end)));
    }
    let (question, mut answer) =
        app.postgres.read_turn(turn.question, turn.answer).await.map_err(SendError::AnswerNotRead)?;
    if !is_saved {
        // It is paid for and whole: that its row is behind is no reason to keep it from its reader.
        answer.status = end.ending.status();
        answer.content = end.text;
    }
    Ok(AnswerBody::Plain { question: Box::new(question), answer: Box::new(answer), usage: end.usage })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_of_its_end_wins_over_how_its_bytes_ended() {
        for (own, relay, expected) in [
            (Some(Ending::Complete), RelayEnd::Complete, Ending::Complete),
            (Some(Ending::Truncated), RelayEnd::Broken, Ending::Truncated),
            (Some(Ending::Filtered), RelayEnd::ReaderLeft, Ending::Filtered),
            (None, RelayEnd::ReaderLeft, Ending::Stopped),
            (None, RelayEnd::Complete, Ending::Interrupted),
            (None, RelayEnd::Broken, Ending::Interrupted),
        ] {
            assert_eq!(ending(own, relay), expected, "{own:?}, {relay:?}");
        }
    }
}
