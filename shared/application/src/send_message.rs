//! One message, from what the visitor wants answered to the beginning of the answer (docs/ARCHITECTURE.md, "One message", steps 2 and 3). What follows is `recorder`'s.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::{CallOutcome, IdempotencyKey, Message, MessageId, SessionId, Standing, TokenUsage, TurnLine, User};
use futures::channel::oneshot;
use futures::future::{Either, join, select};
use infrastructure::StoreError;
use infrastructure::model::write_event;
use infrastructure::postgres::{Begun, NewTurn};
use infrastructure::redis::{Admission, ChargeId, Claim, Repeated, Request};
use platform::{Leaving, Level, ReaderBody};

pub use crate::opening::{AnswerForm, LastWords};
pub use crate::turn::Action;

use crate::charge::Charge;
use crate::config::QuotaFailMode;
use crate::opening::{Call, NotOpened, open_unless_left};
use crate::recorder::{self, Recording};
use crate::turn::{Plan, TurnIds};
use crate::{App, SendError, recovery, repetition};

/// What a visitor wants answered, and how.
pub struct SendMessage {
    /// Who asks.
    pub caller: User,
    /// What for.
    pub action: Action,
    /// How the answer should come.
    pub answer: AnswerForm,
    /// The name under which the request may be repeated.
    pub key: Option<IdempotencyKey>,
}

/// A message that was taken, and its answer.
pub struct Accepted {
    /// The session, new or not.
    pub session: SessionId,
    /// The visitor's message.
    pub question: Option<MessageId>,
    /// The answer.
    pub answer: MessageId,
    /// Where the caller stands after it; `None`: Redis is down and sends pass uncounted.
    pub standing: Option<Standing>,
    /// It was made by an earlier request with the same idempotency key.
    pub is_replayed: bool,
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
/// [`SendError`], which says what is charged.
pub async fn send(app: &App, command: SendMessage) -> Result<Accepted, SendError> {
    let (outcome, answered) = oneshot::channel();
    let app = app.clone();
    let tasks = Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move { run(&app, command, outcome).await }));
    answered.await.unwrap_or(Err(SendError::Lost))
}

/// The turn, numbered as in docs/ARCHITECTURE.md, "One message".
async fn run(app: &App, command: SendMessage, mut outcome: Outcome) {
    let SendMessage { caller, action, answer: form, key } = command;
    let ids = action.ids(app);
    let mut charge = Charge {
        id: ChargeId { user: caller.id, request: app.request },
        limits: app.limits(&caller),
        key,
        ticket: None,
    };

    // 2. One round trip, two calls side by side.
    let (admission, branch) = join(admit(app, &charge, &action, ids), action.open(app, &caller)).await;
    let branch = match let_in(app, &mut charge, admission, branch) {
        Ok(branch) => branch,
        Err(Stop::Told(error)) => return tell(outcome, Err(error)),
        Err(Stop::Repeated(before)) => {
            let answered = repetition::answer(app, &caller, &charge, &form, before).await;
            return tell(outcome, answered);
        }
        Err(Stop::Undone(error)) => {
            return tell_after(app, charge.refund(app, CallOutcome::Inconclusive), outcome, |_| error).await;
        }
    };
    let branch = recovery::recover_branch(app, &caller, &action, branch).await;
    let failed_try = charge.ticket.and_then(|ticket| ticket.failed_try);
    let (ids, branch) = action.take_up(ids, failed_try, branch);
    let Plan { turn, prompt } = match action.plan(app, &caller, ids, branch) {
        Ok(plan) => plan,
        Err(error) => {
            return tell_after(app, charge.refund(app, CallOutcome::Inconclusive), outcome, |_| error).await;
        }
    };

    // 3. Side by side again: the write hides behind the model's first byte.
    let began = app.platform.clock.now();
    let call = Call { prompt: &prompt, form: &form, is_probe: charge.is_probe() };
    let opening = open_unless_left(app, &call, &mut outcome);
    let (opened, written) = join(opening, app.postgres.begin_turn(&turn)).await;

    let call_outcome = heard(&opened);
    let written = match written {
        Ok(Begun::Written) => Ok(()),
        // Somebody else goes on with the answer: its row is theirs.
        Ok(Begun::TooLate) if turn.continues() => {
            drop(opened);
            return tell_after(app, charge.refund(app, call_outcome), outcome, |_| SendError::InProgress).await;
        }
        Ok(Begun::TooLate) => Err(SendError::NoSuchSession),
        // Others were started at the same moment. The model has been asked, so the message is used: nobody asks it for nothing this way.
        Ok(Begun::TooManySessions) => {
            drop(opened);
            let kept = async {
                charge.keep(app, call_outcome, None).await;
                charge.standing()
            };
            return tell_after(app, kept, outcome, |_| SendError::TooManySessions).await;
        }
        Err(error) => Err(SendError::Store(error)),
    };
    let opened = match (opened, written) {
        (Ok(opened), Ok(())) => opened,
        // The write's fault comes first: without it there is nothing to mark as failed.
        (_, Err(error)) => {
            return tell_after(app, undo(app, &turn, &charge, call_outcome), outcome, |_| error).await;
        }
        (Err(not_opened), Ok(())) => {
            let session = turn.session;
            let error = |standing| match not_opened {
                NotOpened::Model(cause) => SendError::Model { cause, session, standing },
                NotOpened::ReaderLeft => SendError::ReaderLeft,
            };
            return tell_after(app, undo(app, &turn, &charge, call_outcome), outcome, error).await;
        }
    };

    let recording = Recording {
        turn,
        charge,
        transcript: opened.transcript,
        first: opened.first,
        tape: opened.tape,
        began,
        first_byte: app.platform.clock.now(),
        last_words: match form {
            AnswerForm::Stream(last_words) => last_words,
            AnswerForm::Plain => LastWords::default(),
        },
    };
    let Some(reader) = opened.reader else {
        return recorder::answer_plainly(app, recording, outcome).await;
    };
    let accepted = Accepted {
        session: recording.turn.session,
        question: Some(recording.turn.question),
        answer: recording.turn.answer,
        standing: recording.charge.standing(),
        is_replayed: false,
        body: AnswerBody::Stream(reader),
    };
    if outcome.send(Ok(accepted)).is_err() && app.config.on_disconnect == Leaving::ClosesUpstream {
        // The reader left while the last of the two calls came back: nothing was delivered.
        drop(recording.tape);
        undo(app, &recording.turn, &recording.charge, CallOutcome::Answered).await;
        return;
    }
    recorder::record(app, recording).await;
}

async fn admit(app: &App, charge: &Charge, action: &Action, ids: TurnIds) -> Result<Admission, StoreError> {
    let fingerprint = charge.key.as_ref().map(|_| action.fingerprint()).unwrap_or_default();
    let claim = charge.key.as_ref().map(|key| Claim {
        key,
        fingerprint: &fingerprint,
        session: ids.session,
        question: ids.question,
        answer: ids.answer,
    });
    let request = Request {
        charge: charge.id,
        limits: charge.limits,
        first_byte: app.config.first_byte,
        breaker_failures: app.config.breaker_failures,
        copies: app.config.resume_every.is_some(),
        claim,
    };
    app.redis.admit(&request).await
}

/// Why a turn goes no further.
enum Stop {
    /// Nothing was charged.
    Told(SendError),
    /// It may have been charged.
    Undone(SendError),
    /// It was answered before.
    Repeated(Repeated),
}

/// What both calls of step 2 say together.
fn let_in(
    app: &App,
    charge: &mut Charge,
    admission: Result<Admission, StoreError>,
    branch: Result<Option<Vec<TurnLine>>, SendError>,
) -> Result<Vec<TurnLine>, Stop> {
    let counted = match admission {
        Ok(Admission::Admitted(ticket)) => {
            charge.ticket = Some(ticket);
            Ok(())
        }
        Ok(Admission::Refused(refusal)) => return Err(Stop::Told(SendError::Refused(refusal))),
        Ok(Admission::Paused(pause)) => return Err(Stop::Told(SendError::Paused(pause))),
        Ok(Admission::Mismatch) => return Err(Stop::Told(SendError::KeyUsedOtherwise)),
        Ok(Admission::Repeated(before)) => return Err(Stop::Repeated(before)),
        Err(error) if app.config.quota_fail_mode == QuotaFailMode::Open => {
            app.log(Level::Warn, "message not counted", vec![("cause", error.to_string().into())]);
            Ok(())
        }
        Err(error) => Err(SendError::Store(error)),
    };
    match (branch, counted) {
        (Ok(Some(branch)), Ok(())) => Ok(branch),
        (Ok(None), _) => Err(Stop::Undone(SendError::NoSuchSession)),
        // A try that failed has left its session, so this adds none.
        (Err(SendError::TooManySessions), Ok(())) if charge.ticket.is_some_and(|it| it.failed_try.is_some()) => {
            Ok(Vec::new())
        }
        (Err(error), _) => Err(Stop::Undone(error)),
        (Ok(Some(_)), Err(error)) => Err(Stop::Undone(error)),
    }
}

/// What a call's beginning says about the model.
fn heard<T>(opened: &Result<T, NotOpened>) -> CallOutcome {
    match opened {
        Ok(_) => CallOutcome::Answered,
        Err(NotOpened::Model(error)) => error.outcome(),
        Err(NotOpened::ReaderLeft) => CallOutcome::Inconclusive,
    }
}

/// Nothing was delivered: the visitor's words stay, marked failed, and the charge is given back. Says where the caller stands then.
async fn undo(app: &App, turn: &NewTurn, charge: &Charge, outcome: CallOutcome) -> Option<Standing> {
    let marking = async {
        if let Err(error) = app.postgres.fail_turn(turn).await {
            app.log(Level::Error, "turn not marked as failed", vec![("cause", error.to_string().into())]);
        }
    };
    join(marking, charge.refund(app, outcome)).await.1
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

/// Tells the handler, if it is still there.
pub(crate) fn tell(outcome: Outcome, answer: Result<Accepted, SendError>) {
    // Without a handler there is no reader either: nobody is left to be told.
    drop(outcome.send(answer));
}

/// The event that ends a stream in which something went wrong; `data` is our error as JSON.
#[must_use]
pub fn error_event(data: &str) -> Bytes {
    write_event("error", data).into()
}
