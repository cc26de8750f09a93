//! One message, from the visitor's text to the beginning of the answer (design §4, steps 2 and 3). What follows is `recorder`'s.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::{
    Limits, Message, MessageId, MessageText, Prompt, SessionId, Standing, TokenUsage, User, pause_before_retry,
    title_from,
};
use futures::channel::oneshot;
use futures::future::{Either, join, select};
use infrastructure::model::{Transcript, error_in_stream, write_event};
use infrastructure::postgres::{Begun, NewTurn, TurnContext};
use infrastructure::redis::{Admission, ChargeId, Settlement};
use infrastructure::{ModelError, StoreError};
use platform::{Elapsed, Level, ReaderBody, RelayEnd, Tape, within};

use crate::config::QuotaFailMode;
use crate::recorder::{self, Recording};
use crate::{App, SendError};

/// What a visitor sends.
pub struct SendMessage {
    /// Who sends it.
    pub caller: User,
    /// Where to; `None` starts a session.
    pub session: Option<SessionId>,
    /// The text.
    pub text: MessageText,
    /// How the answer should come.
    pub answer: AnswerForm,
}

/// How an answer should come.
pub enum AnswerForm {
    /// As it is generated. `broken_off` is what the reader is told after upstream's last byte if upstream breaks off.
    Stream {
        /// One event, complete.
        broken_off: Bytes,
    },
    /// Whole, at the end.
    Plain,
}

/// A message that was taken, and its answer.
pub struct Accepted {
    /// The session, new or not.
    pub session: SessionId,
    /// The visitor's message.
    pub question: MessageId,
    /// The answer.
    pub answer: MessageId,
    /// Where the caller stands after it; `None`: Redis is down and sends pass uncounted.
    pub standing: Option<Standing>,
    /// The answer itself.
    pub body: AnswerBody,
}

/// An answer on its way or whole.
pub enum AnswerBody {
    /// Upstream's own bytes.
    Stream(ReaderBody),
    /// Both messages as they are stored.
    Plain {
        /// The visitor's message.
        question: Box<Message>,
        /// The answer.
        answer: Box<Message>,
        /// What the model counted.
        usage: Option<TokenUsage>,
    },
}

pub(crate) type Outcome = oneshot::Sender<Result<Accepted, SendError>>;

/// Sends a message.
///
/// The turn runs as background work from its first call on: when the reader leaves, the runtime drops the handler and with it
/// the receiving end, which the turn sees; what was charged is then given back and what was written is put right all the same.
///
/// # Errors
/// [`SendError`]; in every case nothing is charged.
pub async fn send(app: &App, command: SendMessage) -> Result<Accepted, SendError> {
    let (outcome, answered) = oneshot::channel();
    let app = app.clone();
    let tasks = Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move { run(&app, command, outcome).await }));
    answered.await.unwrap_or(Err(SendError::Lost))
}

/// The turn, numbered as in design §4.
async fn run(app: &App, command: SendMessage, outcome: Outcome) {
    let charge = ChargeId { user: command.caller.id, request: app.request };
    let limits = app.limits(&command.caller);

    // 2. One round trip, two calls side by side.
    let (admission, context) = join(app.redis.admit(charge, limits), open_turn(app, &command)).await;
    let (standing, context) = match admit(app, admission, context) {
        Ok(admitted) => admitted,
        Err(error @ SendError::Refused(_)) => return tell(outcome, Err(error)),
        Err(error) => {
            let refunding = settle(app, charge, limits, Settlement::Refund);
            return tell_after(app, refunding, outcome, |_| error).await;
        }
    };

    // 3. Side by side again: the write hides behind the model's first byte.
    let began = app.platform.clock.now();
    let (question, answer) = app.turn_ids();
    let turn = NewTurn {
        session: command.session.unwrap_or_else(|| app.session_id()),
        starts_session: command.session.is_none(),
        owner: command.caller.id,
        title: title_from(command.text.as_str()),
        parent: context.last,
        question,
        text: command.text,
        answer,
        model: app.config.models.first().cloned().unwrap_or_default(),
    };
    let prompt = Prompt::new(&app.config.system_prompt, context.messages, turn.text.as_str());
    let mut outcome = outcome;
    let opening = open_unless_left(app, &prompt, &command.answer, &mut outcome);
    let (opened, written) = join(opening, app.postgres.begin_turn(&turn)).await;

    let written = match written {
        Ok(Begun::Written) => Ok(()),
        Ok(Begun::NoSuchSession) => Err(SendError::NoSuchSession),
        Err(error) => Err(SendError::Store(error)),
    };
    let opened = match (opened, written) {
        (Ok(opened), Ok(())) => opened,
        // The write's fault comes first: without it there is nothing to mark as failed.
        (_, Err(error)) => {
            return tell_after(app, undo(app, &turn, charge, limits), outcome, |_| error).await;
        }
        (Err(not_opened), Ok(())) => {
            let session = turn.session;
            let error = |standing| match not_opened {
                NotOpened::Model(cause) => SendError::Model { cause, session, standing },
                NotOpened::ReaderLeft => SendError::ReaderLeft,
            };
            return tell_after(app, undo(app, &turn, charge, limits), outcome, error).await;
        }
    };

    let recording = Recording {
        turn,
        charge,
        limits,
        transcript: opened.transcript,
        tape: opened.tape,
        began,
        first_byte: app.platform.clock.now(),
        broken_off: match command.answer {
            AnswerForm::Stream { broken_off } => broken_off,
            AnswerForm::Plain => Bytes::new(),
        },
    };
    let Some(reader) = opened.reader else {
        return recorder::answer_plainly(app, recording, standing, outcome).await;
    };
    let accepted =
        Accepted { session: recording.turn.session, question, answer, standing, body: AnswerBody::Stream(reader) };
    if outcome.send(Ok(accepted)).is_err() {
        // The reader left while the last of the two calls came back: nothing was delivered.
        drop(recording.tape);
        undo(app, &recording.turn, charge, limits).await;
        return;
    }
    recorder::record(app, recording).await;
}

/// Ownership and context; a new session has neither and costs no call.
async fn open_turn(app: &App, command: &SendMessage) -> Result<Option<TurnContext>, StoreError> {
    match command.session {
        Some(session) => app.postgres.open_turn(session, command.caller.id, app.config.context_messages).await,
        None => Ok(Some(TurnContext::default())),
    }
}

/// What both calls of step 2 say together.
fn admit(
    app: &App,
    admission: Result<Admission, StoreError>,
    context: Result<Option<TurnContext>, StoreError>,
) -> Result<(Option<Standing>, TurnContext), SendError> {
    let admitted = match admission {
        Ok(Admission::Admitted(standing)) => Ok(Some(standing)),
        Ok(Admission::Refused(refusal)) => Err(SendError::Refused(refusal)),
        Err(error) if app.config.quota_fail_mode == QuotaFailMode::Open => {
            app.log(Level::Warn, "message not counted", vec![("cause", error.to_string().into())]);
            Ok(None)
        }
        Err(error) => Err(SendError::Store(error)),
    };
    let context = match context {
        Ok(Some(context)) => Ok(context),
        Ok(None) => Err(SendError::NoSuchSession),
        Err(error) => Err(SendError::Store(error)),
    };
    match (admitted, context) {
        (Ok(standing), Ok(context)) => Ok((standing, context)),
        (Err(error @ SendError::Refused(_)), _) => Err(error),
        (Ok(_) | Err(_), Err(error)) | (Err(error), Ok(_)) => Err(error),
    }
}

/// An answer whose first byte has arrived.
struct Opened {
    reader: Option<ReaderBody>,
    tape: Box<dyn Tape>,
    transcript: Transcript,
}

/// Why no answer was opened.
enum NotOpened {
    Model(ModelError),
    ReaderLeft,
}

async fn open_unless_left(
    app: &App,
    prompt: &Prompt,
    form: &AnswerForm,
    outcome: &mut Outcome,
) -> Result<Opened, NotOpened> {
    let opening = std::pin::pin!(open(app, prompt, form));
    match select(opening, outcome.cancellation()).await {
        Either::Left((opened, _)) => opened.map_err(NotOpened::Model),
        Either::Right(((), _)) => Err(NotOpened::ReaderLeft),
    }
}

/// Asks the models in their order until one is there, and waits for its first byte. The limit holds for all tries together.
async fn open(app: &App, prompt: &Prompt, form: &AnswerForm) -> Result<Opened, ModelError> {
    let limit = app.config.first_byte;
    let asking = async {
        let mut last = ModelError::Empty;
        for model in &app.config.models {
            match open_patiently(app, model, prompt, form).await {
                Err(ModelError::Refused { error, retry_after }) if error.is_model_gone() => {
                    app.log(Level::Warn, "model gone", vec![("model", model.clone().into())]);
                    last = ModelError::Refused { error, retry_after };
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
async fn open_patiently(app: &App, model: &str, prompt: &Prompt, form: &AnswerForm) -> Result<Opened, ModelError> {
    let mut failed = 0;
    loop {
        let error = match open_model(app, model, prompt, form).await {
            Err(error) if error.passes_by_itself() => error,
            outcome => return outcome,
        };
        failed += 1;
        let Some(pause) = pause_before_retry(failed, error.retry_after(), app.random()) else { return Err(error) };
        let fields = vec![("model", model.to_owned().into()), ("cause", error.to_string().into())];
        app.log(Level::Warn, "model asked again", fields);
        app.platform.clock.sleep(pause).await;
    }
}

async fn open_model(app: &App, model: &str, prompt: &Prompt, form: &AnswerForm) -> Result<Opened, ModelError> {
    // A plain answer is a recorded stream too: it can break off and be kept, and the vendor's head does not wait for its end.
    let body = app.model.open(model, prompt, app.config.max_tokens, app.config.first_byte).await?;
    let (reader, mut tape) = match form {
        AnswerForm::Stream { .. } => {
            let split = body.split();
            (Some(split.reader), split.tape)
        }
        AnswerForm::Plain => (None, body.record()),
    };
    let mut transcript = Transcript::new();
    match tape.next().await {
        Some(bytes) => transcript.push(&bytes),
        None if tape.end() == RelayEnd::Broken => {
            return Err(ModelError::Unreachable("lost before the first byte".to_owned()));
        }
        None => return Err(ModelError::Empty),
    }
    match error_in_stream(&transcript) {
        Some(error) if transcript.text().is_empty() => Err(error),
        _ if transcript.done() && transcript.text().is_empty() => Err(ModelError::Empty),
        _ => Ok(Opened { reader, tape, transcript }),
    }
}

/// Nothing was delivered: the visitor's words stay, marked failed, and the charge is given back. Says where the caller stands then.
async fn undo(app: &App, turn: &NewTurn, charge: ChargeId, limits: Limits) -> Option<Standing> {
    let marking = async {
        if let Err(error) = app.postgres.fail_turn(turn.question, turn.answer).await {
            app.log(Level::Error, "turn not marked as failed", vec![("cause", error.to_string().into())]);
        }
    };
    join(marking, settle(app, charge, limits, Settlement::Refund)).await.1
}

/// How long an error waits for what undoes it: a caller who tries again at once should find the refund made. With a store that is down it goes on afterwards.
const UNDO_FIRST: Duration = Duration::from_millis(700);

/// Tells the handler of an error once `undoing` is done, at the latest after [`UNDO_FIRST`].
async fn tell_after(
    app: &App,
    undoing: impl Future<Output = Option<Standing>>,
    outcome: Outcome,
    error: impl FnOnce(Option<Standing>) -> SendError,
) {
    match select(std::pin::pin!(undoing), app.platform.clock.sleep(UNDO_FIRST)).await {
        Either::Left((standing, _)) => tell(outcome, Err(error(standing))),
        Either::Right(((), undoing)) => {
            tell(outcome, Err(error(None)));
            undoing.await;
        }
    }
}

/// Pauses before further tries to settle; it is safe to repeat.
const SETTLE_AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// Ends the lease, and refunds if nothing was delivered.
pub(crate) async fn settle(app: &App, charge: ChargeId, limits: Limits, settlement: Settlement) -> Option<Standing> {
    let mut pauses = SETTLE_AGAIN_AFTER.into_iter();
    loop {
        let error = match app.redis.settle(charge, settlement, limits).await {
            Ok(standing) => return Some(standing),
            Err(error) => error,
        };
        let Some(pause) = pauses.next() else {
            app.log(Level::Error, "charge not settled", vec![("cause", error.to_string().into())]);
            return None;
        };
        app.platform.clock.sleep(pause).await;
    }
}

/// Tells the handler, if it is still there.
pub(crate) fn tell(outcome: Outcome, answer: Result<Accepted, SendError>) {
    // Without a handler there is no reader either: nobody is left to be told.
    drop(outcome.send(answer));
}

/// The event that ends a stream which upstream broke off; `data` is our error as JSON.
#[must_use]
pub fn error_event(data: &str) -> Bytes {
    write_event("error", data).into()
}
