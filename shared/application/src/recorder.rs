//! One answer, from its first byte to its stored end (docs/ARCHITECTURE.md, "One message", steps 4 and 5): after the response has begun, beside it.

use std::time::Duration;

use bytes::Bytes;
use domain::{CallOutcome, DEAD_AFTER, Ending};
use futures::channel::oneshot;
use futures::future::{Either, join, select};
use infrastructure::model::{Transcript, own_ending, token_usage, write_event};
use infrastructure::postgres::{AnswerEnd, NewTurn};
use infrastructure::redis::StopWish;
use jiff::Timestamp;
use platform::{Leaving, Level, RelayEnd, Tape, within};

use crate::charge::Charge;
use crate::copyist::Copyist;
use crate::opening::LastWords;
use crate::send_message::{Accepted, AnswerBody, Outcome, tell};
use crate::{App, SendError};

/// How often what has arrived is written during an answer: an instance that dies loses no more than this, and a row without progress for [`DEAD_AFTER`] is known to be dead.
pub(crate) const SAVE_EVERY: Duration = Duration::from_secs(15);

/// How long the model may be silent within an answer: its row, saved at most [`SAVE_EVERY`] before its last words, is not read as dead by then.
const SILENCE_LIMIT: Duration = DEAD_AFTER.saturating_sub(SAVE_EVERY);

/// Pauses before further tries to store an answer's end; together below the 30 s that Workers give after a disconnect.
const SAVE_AGAIN_AFTER: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(10)];

/// How long the end of a stream waits for the answer to be stored: a reader who has seen the end finds it stored, or is told that it is not yet.
const SAVED_WITHIN: Duration = Duration::from_millis(1500);

/// An answer that has begun.
pub(crate) struct Recording {
    pub turn: NewTurn,
    pub charge: Charge,
    pub transcript: Transcript,
    /// The bytes that the transcript has taken.
    pub first: Bytes,
    pub tape: Box<dyn Tape>,
    pub began: Timestamp,
    pub first_byte: Timestamp,
    pub last_words: LastWords,
}

/// Records a streamed answer to its end and stores it.
pub(crate) async fn record(app: &App, recording: Recording) {
    let copyist = Copyist::new(app, &recording.turn, &recording.first);
    // 4. The bytes go to the reader by themselves; the tape holds a copy.
    let Recording { turn, charge, mut transcript, mut tape, began, first_byte, last_words, .. } = recording;
    let running = Running { turn: &turn, charge: &charge, copyist: &copyist, first_byte };
    let (ending, wish) = until_the_end(app, &running, &mut transcript, &mut *tape).await;
    transcript.finish();

    // 5. After upstream's last byte.
    let closing = Closing::new(&transcript, ending);
    let ended = Ended::new(app, turn, transcript, ending, wish, began, first_byte);
    let saving = async {
        let saving = std::pin::pin!(save(app, &ended.end));
        match select(saving, app.platform.clock.sleep(SAVED_WITHIN)).await {
            Either::Left((true, _)) if ending == Ending::Interrupted => {
                tape.close_with(closing.with(&last_words.broken_off)).await;
            }
            Either::Left((true, _)) => tape.close_with(closing.with(b"")).await,
            Either::Left((false, _)) => tape.close_with(closing.with(&last_words.not_saved)).await,
            Either::Right(((), saving)) => {
                join(tape.close_with(closing.with(&last_words.not_saved)), saving).await;
            }
        }
    };
    join(saving, settle(app, &ended, &charge, &copyist)).await;
}

/// Records a plain answer to its end, stores it, and only then answers.
pub(crate) async fn answer_plainly(app: &App, recording: Recording, mut outcome: Outcome) {
    let copyist = Copyist::new(app, &recording.turn, &recording.first);
    let Recording { turn, charge, mut transcript, mut tape, began, first_byte, .. } = recording;
    let running = Running { turn: &turn, charge: &charge, copyist: &copyist, first_byte };
    let (ending, wish) = {
        let recording = until_the_end(app, &running, &mut transcript, &mut *tape);
        match app.config.on_disconnect {
            Leaving::ChangesNothing => recording.await,
            Leaving::ClosesUpstream => match select(std::pin::pin!(recording), outcome.cancellation()).await {
                Either::Left((ended, _)) => ended,
                Either::Right(((), _)) => (Ending::Stopped, StopWish::Now),
            },
        }
    };
    // Closes upstream if it still runs.
    drop(tape);
    transcript.finish();
    let usage = transcript.usage().map(token_usage);
    let (session, question, answer) = (turn.session, turn.question, turn.answer);
    let ended = Ended::new(app, turn, transcript, ending, wish, began, first_byte);
    let mut saving = std::pin::pin!(save(app, &ended.end));
    let soon = async {
        match select(saving.as_mut(), app.platform.clock.sleep(SAVED_WITHIN)).await {
            Either::Left((is_saved, _)) => Some(is_saved),
            Either::Right(((), _)) => None,
        }
    };
    let (is_saved, ()) = join(soon, settle(app, &ended, &charge, &copyist)).await;
    let answered = match app.postgres.read_turn(question, answer).await {
        Ok((stored_question, mut stored_answer)) => {
            if is_saved != Some(true) {
                // It is paid for and whole: that its row is behind is no reason to keep it from its reader.
                stored_answer.content.clone_from(&ended.end.text);
                stored_answer.status = ending.status();
            }
            Ok(Accepted {
                session,
                question: Some(question),
                answer,
                standing: charge.standing(),
                is_replayed: false,
                body: AnswerBody::Plain { question: Box::new(stored_question), answer: Box::new(stored_answer), usage },
            })
        }
        Err(error) => Err(SendError::AnswerNotRead(error)),
    };
    tell(outcome, answered);
    if is_saved.is_none() {
        saving.await;
    }
}

/// What belongs to an answer while it runs.
struct Running<'a> {
    turn: &'a NewTurn,
    charge: &'a Charge,
    copyist: &'a Copyist,
    first_byte: Timestamp,
}

/// Reads the tape to its end, or until somebody wants the answer to end.
async fn until_the_end(
    app: &App,
    running: &Running<'_>,
    transcript: &mut Transcript,
    tape: &mut dyn Tape,
) -> (Ending, StopWish) {
    let wish = {
        // The breaker hears the first words beside the listening, which goes on.
        let (spoken, speaks) = oneshot::channel();
        let listening = async {
            let hearing = async {
                if speaks.await.is_ok() {
                    running.charge.hear_first_words(app).await;
                }
            };
            join(listen(app, running, transcript, tape, spoken), hearing).await.0
        };
        let listening = std::pin::pin!(listening);
        match select(listening, std::pin::pin!(running.copyist.run(app))).await {
            Either::Left((ending, _)) => return (ending, StopWish::Now),
            Either::Right((wish, _)) => wish,
        }
    };
    // The reader may have seen what the tape has not brought yet.
    tape.stop();
    while let Some(bytes) = tape.next().await {
        transcript.push(&bytes);
        running.copyist.take(&bytes);
    }
    transcript.finish();
    (Ending::Stopped, wish)
}

/// Reads the tape to its end.
async fn listen(
    app: &App,
    running: &Running<'_>,
    transcript: &mut Transcript,
    tape: &mut dyn Tape,
    spoken: oneshot::Sender<()>,
) -> Ending {
    let mut saved_at = running.first_byte;
    let mut spoken = Some(spoken);
    // At its last word the answer is over, however long upstream keeps its connection open.
    while !transcript.is_over() {
        if !transcript.text().is_empty()
            && let Some(spoken) = spoken.take()
        {
            // Who waits for it waits in the same future.
            let _heard = spoken.send(());
        }
        match within(&*app.platform.clock, SILENCE_LIMIT, tape.next()).await {
            Ok(Some(bytes)) => {
                transcript.push(&bytes);
                running.copyist.take(&bytes);
            }
            Ok(None) => break,
            Err(_) => return Ending::Interrupted,
        }
        let now = app.platform.clock.now();
        if now.duration_since(saved_at).unsigned_abs() >= SAVE_EVERY {
            saved_at = now;
            let text = format!("{}{}", running.turn.before(), transcript.text());
            if let Err(error) = app.postgres.save_progress(running.turn, &text).await {
                app.log(Level::Warn, "progress not saved", vec![("cause", error.to_string().into())]);
            }
        }
    }
    transcript.finish();
    match (own_ending(transcript), tape.end()) {
        (Some(ending), _) => ending,
        (None, RelayEnd::ReaderLeft) => Ending::Stopped,
        (None, RelayEnd::Complete | RelayEnd::Broken) => Ending::Interrupted,
    }
}

/// What a stream still lacks after upstream's last byte.
struct Closing {
    /// The end of upstream's last event.
    gap: &'static str,
    /// Upstream ended a whole answer without `[DONE]`: readers take it for broken off.
    lacks_done: bool,
    /// The answer ended before upstream did, so the reader may have more of its bytes than the recorder.
    is_cut_short: bool,
}

impl Closing {
    fn new(transcript: &Transcript, ending: Ending) -> Self {
        let is_whole = match ending {
            Ending::Complete | Ending::Truncated | Ending::Filtered => true,
            Ending::Stopped | Ending::Interrupted => false,
        };
        Self { gap: transcript.gap(), lacks_done: is_whole && !transcript.done(), is_cut_short: transcript.is_over() }
    }

    /// The last bytes, with our own last event if there is one.
    fn with(&self, event: &[u8]) -> Bytes {
        let mut last = self.gap.to_owned();
        if self.lacks_done {
            last += &write_event("", "[DONE]");
        }
        if self.is_cut_short && !event.is_empty() {
            last += "\n\n";
        }
        let mut last = last.into_bytes();
        last.extend_from_slice(event);
        last.into()
    }
}

/// An answer that has ended and is not stored yet.
struct Ended {
    end: AnswerEnd,
    /// The log's record of it.
    fields: Vec<(&'static str, platform::Field)>,
    is_cut: bool,
    /// What it says about the model.
    outcome: CallOutcome,
}

impl Ended {
    fn new(
        app: &App,
        turn: NewTurn,
        mut transcript: Transcript,
        ending: Ending,
        wish: StopWish,
        began: Timestamp,
        first_byte: Timestamp,
    ) -> Self {
        let usage = transcript.usage().map(token_usage);
        let outcome = CallOutcome::of_answer(ending, !transcript.text().is_empty());
        let mut text = transcript.take_text();
        let is_cut = match wish {
            StopWish::Now => false,
            // What the reader has not seen is not what they stopped at.
            StopWish::At(seen) => match text.char_indices().nth(seen) {
                Some((end, _)) => {
                    text.truncate(end);
                    true
                }
                None => false,
            },
        };
        let model = transcript.model().map(str::to_owned);
        let now = app.platform.clock.now();
        let millis =
            |from: Timestamp, to: Timestamp| u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0);
        let mut fields = vec![
            ("event", "stream_end".into()),
            ("session_id", turn.session.to_string().into()),
            ("provider", "sambanova".into()),
            ("model", model.clone().unwrap_or_else(|| turn.model.clone()).into()),
            ("ttft_ms", millis(began, first_byte).into()),
            ("latency_ms", millis(began, now).into()),
            ("chunks", transcript.chunks().into()),
            ("bytes", transcript.bytes().into()),
            ("malformed", transcript.malformed().into()),
            ("outcome", ending.status().name().into()),
        ];
        if let Some(usage) = usage {
            fields.push(("prompt_tokens", usage.prompt.into()));
            fields.push(("completion_tokens", usage.completion.into()));
        }
        let end = AnswerEnd {
            answer: turn.answer,
            run: Some(turn.run),
            owner: turn.owner,
            ending,
            usage,
            model,
            text: format!("{}{text}", turn.before()),
        };
        Self { end, fields, is_cut, outcome }
    }
}

/// Ends lease, charge and copy, and says in the log how the answer went.
async fn settle(app: &App, ended: &Ended, charge: &Charge, copyist: &Copyist) {
    let rest = copyist.rest().filter(|_| !ended.is_cut);
    charge.keep(app, ended.outcome, copyist.end(rest.as_deref(), ended.end.ending.status())).await;
    app.log(Level::Info, "answer ended", ended.fields.clone());
}

/// Stores the end; the statement changes a row once, so it is safe to repeat. Says whether it is stored.
async fn save(app: &App, end: &AnswerEnd) -> bool {
    let mut pauses = SAVE_AGAIN_AFTER.into_iter();
    loop {
        let error = match app.postgres.finish_answer(end).await {
            Ok(_) => return true,
            Err(error) => error,
        };
        let Some(pause) = pauses.next() else {
            app.log(Level::Error, "answer not stored", vec![("cause", error.to_string().into())]);
            return false;
        };
        app.log(Level::Warn, "answer not stored yet", vec![("cause", error.to_string().into())]);
        app.platform.clock.sleep(pause).await;
    }
}
