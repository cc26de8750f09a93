//! The model's answer up to its first byte: which model, how often, how long (docs/ARCHITECTURE.md, "One message").

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use domain::{OfferedModel, Prompt, TokenUsage, pause_before_retry};
use futures::future::{Either, select};
use infrastructure::ModelError;
use infrastructure::model::{Transcript, Wishes, error_in_stream};
use platform::{Elapsed, Leaving, Level, ReaderBody, RelayEnd, Tape, within};

use super::reply::{AnswerForm, Reply};
use crate::App;

/// An answer whose first byte has arrived.
pub(super) struct OpenedAnswer {
    pub reader: Option<ReaderBody>,
    pub tape: Box<dyn Tape>,
    pub transcript: Transcript,
    /// The id of the model that answers.
    pub model: String,
    /// The bytes that the transcript has taken.
    pub first: Bytes,
}

/// Why no answer was opened.
pub(super) enum NotOpened {
    Model(ModelError),
    ReaderLeft,
}

/// What is asked, and in which way.
pub(super) struct Call<'a> {
    pub prompt: &'a Prompt,
    pub form: AnswerForm,
    /// What its client wants of the model.
    pub wishes: &'a Wishes,
    /// What becomes of the answer when its reader leaves.
    pub leaving: Leaving,
    /// Ids of models that the instances remember as gone.
    pub gone: &'a [String],
    /// A model that did not answer before is tried once, or twice where the connection is lost.
    pub is_probe: bool,
    /// Micro-dollars reserved for all calls of this turn; 0 without a budget.
    pub held: u64,
}

/// A body of this many bytes without an event is no model's stream: a first event has a few hundred.
const BEFORE_FIRST_EVENT: usize = 256 * 1024;

/// What came of opening an answer.
pub(super) struct Opening {
    pub outcome: Result<OpenedAnswer, NotOpened>,
    /// The models that were found gone meanwhile, whatever the outcome: what the instances should remember.
    pub found_gone: Vec<GoneModel>,
    /// What calls may have cost that brought no answer, in micro-dollars.
    pub lost: u64,
}

/// What is learned before an answer is opened, also when the waiting is given up.
#[derive(Default)]
struct Attempts {
    found_gone: RefCell<Vec<GoneModel>>,
    lost: Cell<u64>,
}

/// A model that is not offered any more, or not to us: without quota, without payment.
pub(super) struct GoneModel {
    pub id: String,
    pub cause: String,
}

/// Opens an answer, unless its reader leaves meanwhile and is not to be answered without.
pub(super) async fn open_unless_left(app: &App, call: &Call<'_>, reply: &mut Reply) -> Opening {
    let attempts = Attempts::default();
    let outcome = {
        let opening = std::pin::pin!(open(app, call, &attempts));
        if call.leaving == Leaving::ChangesNothing {
            opening.await.map_err(NotOpened::Model)
        } else {
            match select(opening, std::pin::pin!(reply.reader_left())).await {
                Either::Left((opened, _)) => opened.map_err(NotOpened::Model),
                Either::Right(((), _)) => Err(NotOpened::ReaderLeft),
            }
        }
    };
    let Attempts { found_gone, lost } = attempts;
    Opening { outcome, found_gone: found_gone.into_inner(), lost: lost.get() }
}

/// Asks the models in their order until one is there, and waits for its first byte. The limit holds for all tries together.
async fn open(app: &App, call: &Call<'_>, attempts: &Attempts) -> Result<OpenedAnswer, ModelError> {
    let limit = app.config.first_byte;
    let asking = async {
        let mut last = ModelError::Empty;
        for OfferedModel { id, .. } in app.config.models.to_ask(call.gone, call.wishes.model.as_deref()) {
            if !is_covered(app, id, call, attempts) {
                break;
            }
            match open_patiently(app, id, call, attempts).await {
                Err(error) if error.is_model_gone() => {
                    attempts.found_gone.borrow_mut().push(GoneModel { id: id.clone(), cause: error.to_string() });
                    last = error;
                }
                outcome => return outcome,
            }
        }
        Err(last)
    };
    match within(&*app.platform.clock, limit, asking).await {
        Ok(outcome) => outcome,
        Err(Elapsed) => Err(ModelError::Timeout(limit.as_secs())),
    }
}

/// Asks one model, and again while it fails for a reason that passes.
async fn open_patiently(
    app: &App,
    model: &str,
    call: &Call<'_>,
    attempts: &Attempts,
) -> Result<OpenedAnswer, ModelError> {
    if app.config.daily_budget > 0 && app.config.models.own_price_of(model).is_none() {
        let fields = vec![("event", "price_unknown".into()), ("model", model.to_owned().into())];
        app.log(Level::Warn, "a model without a price costs as much as the dearest", fields);
    }
    let mut failed = 0;
    loop {
        let error = match open_counted(app, model, call, attempts).await {
            Err(error) if error.passes_by_itself() && (!call.is_probe || is_stale(&error, failed)) => error,
            outcome => return outcome,
        };
        failed += 1;
        let pause = pause_before_retry(failed, error.retry_after(), app.random());
        let Some(pause) = pause.filter(|_| is_covered(app, model, call, attempts)) else { return Err(error) };
        let fields = vec![("model", model.to_owned().into()), ("cause", error.to_string().into())];
        app.log(Level::Warn, "model asked again", fields);
        app.platform.clock.sleep(pause).await;
    }
}

/// Whether a kept connection may have been closed while nobody asked, which says nothing about the model.
fn is_stale(error: &ModelError, failed: u32) -> bool {
    failed == 0 && matches!(error, ModelError::Unreachable(_))
}

/// Asks a model once. The prompt counts as lost while the call is open, and no longer once the model has refused or answered.
async fn open_counted(
    app: &App,
    model: &str,
    call: &Call<'_>,
    attempts: &Attempts,
) -> Result<OpenedAnswer, ModelError> {
    let before = attempts.lost.get();
    attempts.lost.set(before + app.config.cost(model, TokenUsage { prompt: call.prompt.tokens(), completion: 0 }));
    let outcome = open_model(app, model, call).await;
    if !outcome.as_ref().is_err_and(ModelError::may_have_cost) {
        attempts.lost.set(before);
    }
    outcome
}

/// Whether the reservation still covers a call of maximal length after the lost ones: the budget holds, however often a model is asked.
fn is_covered(app: &App, model: &str, call: &Call<'_>, attempts: &Attempts) -> bool {
    let lost = attempts.lost.get();
    let next =
        app.config.cost(model, TokenUsage { prompt: call.prompt.tokens(), completion: app.config.max_tokens.into() });
    covers(call.held, lost, next)
}

/// As [`is_covered`], in micro-dollars. Without a reservation, or without a lost call, every call is made.
fn covers(held: u64, lost: u64, next: u64) -> bool {
    held == 0 || lost == 0 || lost + next <= held
}

async fn open_model(app: &App, model: &str, call: &Call<'_>) -> Result<OpenedAnswer, ModelError> {
    // A plain answer is a recorded stream too: it can break off and be kept, and the vendor's head does not wait for its end.
    let body = app.model.open(model, call.prompt, app.config.max_tokens, call.wishes, app.config.first_byte).await?;
    let (reader, mut tape) = match call.form {
        AnswerForm::Stream => {
            let split = body.split(call.leaving);
            (Some(split.reader), split.tape)
        }
        AnswerForm::Plain => (None, body.record()),
    };
    let (transcript, first) = first_event(&mut *tape).await?;
    tape.take_batches();
    match error_in_stream(&transcript) {
        Some(error) if transcript.text().is_empty() => Err(error),
        // An answer without text is valid: the visitor's text may be its cause.
        Some(_) | None => Ok(OpenedAnswer { reader, tape, transcript, model: model.to_owned(), first }),
    }
}

/// Waits for the first event that a model would send. Until then nothing is told apart from a page of some proxy's, which is no
/// answer and not for the reader.
async fn first_event(tape: &mut dyn Tape) -> Result<(Transcript, Bytes), ModelError> {
    let mut transcript = Transcript::new();
    let mut first = Vec::new();
    while transcript.chunks() == 0 && !transcript.done() {
        match tape.next().await {
            Some(_) if first.len() > BEFORE_FIRST_EVENT => return Err(ModelError::Empty),
            Some(bytes) => {
                transcript.push(&bytes);
                first.extend_from_slice(&bytes);
            }
            None if tape.end() == RelayEnd::Broken => {
                return Err(ModelError::Unreachable("lost before the first event".to_owned()));
            }
            None => return Err(ModelError::Empty),
        }
    }
    Ok((transcript, first.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_call_is_made_only_within_the_reservation() {
        for (held, lost, next, expected) in [
            (0, 7, 7, true),
            (10, 0, 11, true),
            (10, 4, 6, true),
            (10, 4, 7, false),
            (10, 10, 0, true),
            (10, 11, 0, false),
        ] {
            assert_eq!(covers(held, lost, next), expected, "{lost} lost of {held}, and {next}");
        }
    }
}
