//! One answer, from its first byte to its stored end (design §4, steps 4 and 5): after the response has begun, beside it.

use std::time::Duration;

use bytes::Bytes;
use domain::{Ending, Limits, Standing};
use futures::future::{Either, join, select};
use infrastructure::model::{Transcript, token_usage};
use infrastructure::postgres::{AnswerEnd, NewTurn};
use infrastructure::redis::{ChargeId, Settlement};
use jiff::Timestamp;
use platform::{Level, RelayEnd, Tape, within};

use crate::send_message::{Accepted, AnswerBody, Outcome, settle, tell};
use crate::{App, SendError};

/// How often what has arrived is written during an answer: an instance that dies loses no more than this, and a row without progress for 60 s is known to be dead.
const SAVE_EVERY: Duration = Duration::from_secs(15);

/// How long the model may be silent in the midst of an answer. It is below the 60 s after which the row would read as interrupted anyway.
const SILENCE_LIMIT: Duration = Duration::from_secs(45);

/// Pauses before further tries to store an answer's end; together below the 30 s that Workers give after a disconnect.
const SAVE_AGAIN_AFTER: [Duration; 3] = [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(4)];

/// An answer that has begun.
pub(crate) struct Recording {
    pub turn: NewTurn,
    pub charge: ChargeId,
    pub limits: Limits,
    pub transcript: Transcript,
    pub tape: Box<dyn Tape>,
    pub began: Timestamp,
    pub first_byte: Timestamp,
    pub broken_off: Bytes,
}

/// Records a streamed answer to its end and stores it.
pub(crate) async fn record(app: &App, mut recording: Recording) {
    // 4. The bytes go to the reader by themselves; the tape holds a copy.
    let ending = listen(app, &mut recording).await;
    let last = if ending == Ending::Interrupted { recording.broken_off.clone() } else { Bytes::new() };
    // 5. After upstream's last byte. A reader who is slow to take it does not hold the save up.
    let Recording { turn, charge, limits, transcript, mut tape, began, first_byte, .. } = recording;
    let ended = Ended { turn, charge, limits, transcript, ending, began, first_byte };
    join(tape.close_with(last), store(app, ended)).await;
}

/// Records a plain answer to its end, stores it, and only then answers.
pub(crate) async fn answer_plainly(
    app: &App,
    mut recording: Recording,
    standing: Option<Standing>,
    mut outcome: Outcome,
) {
    let ending = {
        let listening = std::pin::pin!(listen(app, &mut recording));
        match select(listening, outcome.cancellation()).await {
            Either::Left((ending, _)) => ending,
            Either::Right(((), _)) => Ending::Stopped,
        }
    };
    let Recording { turn, charge, limits, transcript, began, first_byte, .. } = recording;
    let usage = transcript.usage().map(token_usage);
    let (session, question, answer) = (turn.session, turn.question, turn.answer);
    store(app, Ended { turn, charge, limits, transcript, ending, began, first_byte }).await;
    let answered = match app.postgres.read_turn(question, answer).await {
        Ok((stored_question, stored_answer)) => Ok(Accepted {
            session,
            question,
            answer,
            standing,
            body: AnswerBody::Plain { question: Box::new(stored_question), answer: Box::new(stored_answer), usage },
        }),
        Err(error) => Err(SendError::Store(error)),
    };
    tell(outcome, answered);
}

/// Reads the tape to its end.
async fn listen(app: &App, recording: &mut Recording) -> Ending {
    let mut saved_at = recording.first_byte;
    loop {
        match within(&*app.platform.clock, SILENCE_LIMIT, recording.tape.next()).await {
            Ok(Some(bytes)) => recording.transcript.push(&bytes),
            Ok(None) => break,
            Err(_) => return Ending::Interrupted,
        }
        let now = app.platform.clock.now();
        if now.duration_since(saved_at).unsigned_abs() >= SAVE_EVERY {
            saved_at = now;
            if let Err(error) = app.postgres.save_progress(recording.turn.answer, recording.transcript.text()).await {
                app.log(Level::Warn, "progress not saved", vec![("cause", error.to_string().into())]);
            }
        }
    }
    recording.transcript.finish();
    let transcript = &recording.transcript;
    // Some vendors leave out `[DONE]` at the end of a whole answer; the finish reason says as much.
    let is_whole = transcript.error().is_none() && (transcript.done() || transcript.finish_reason().is_some());
    match recording.tape.end() {
        _ if is_whole => Ending::Complete,
        RelayEnd::ReaderLeft => Ending::Stopped,
        RelayEnd::Complete | RelayEnd::Broken => Ending::Interrupted,
    }
}

/// An answer that has ended and is not stored yet.
struct Ended {
    turn: NewTurn,
    charge: ChargeId,
    limits: Limits,
    transcript: Transcript,
    ending: Ending,
    began: Timestamp,
    first_byte: Timestamp,
}

/// Stores the end, settles the charge, and says in the log how it went.
async fn store(app: &App, ended: Ended) {
    let Ended { turn, charge, limits, mut transcript, ending, began, first_byte } = ended;
    let usage = transcript.usage().map(token_usage);
    let end = AnswerEnd {
        answer: turn.answer,
        owner: turn.owner,
        ending,
        usage,
        model: transcript.model().map(str::to_owned),
        text: transcript.take_text(),
    };
    join(save(app, &end), settle(app, charge, limits, Settlement::Keep)).await;

    let now = app.platform.clock.now();
    let millis =
        |from: Timestamp, to: Timestamp| u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0);
    let mut fields = vec![
        ("event", "stream_end".into()),
        ("user_id", end.owner.to_string().into()),
        ("session_id", turn.session.to_string().into()),
        ("provider", "sambanova".into()),
        ("model", end.model.unwrap_or(turn.model).into()),
        ("ttft_ms", millis(began, first_byte).into()),
        ("latency_ms", millis(began, now).into()),
        ("chunks", transcript.chunks().into()),
        ("bytes", transcript.bytes().into()),
        ("outcome", ending.status().name().into()),
    ];
    if let Some(usage) = usage {
        fields.push(("prompt_tokens", usage.prompt.into()));
        fields.push(("completion_tokens", usage.completion.into()));
    }
    app.log(Level::Info, "answer ended", fields);
}

/// Stores the end; the statement changes a row once, so it is safe to repeat.
async fn save(app: &App, end: &AnswerEnd) {
    let mut pauses = SAVE_AGAIN_AFTER.into_iter();
    loop {
        let error = match app.postgres.finish_answer(end).await {
            Ok(_) => return,
            Err(error) => error,
        };
        let Some(pause) = pauses.next() else {
            return app.log(Level::Error, "answer not stored", vec![("cause", error.to_string().into())]);
        };
        app.log(Level::Warn, "answer not stored yet", vec![("cause", error.to_string().into())]);
        app.platform.clock.sleep(pause).await;
    }
}
