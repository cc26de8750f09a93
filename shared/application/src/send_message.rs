//! One message, from what the visitor wants answered to the beginning of the answer (docs/ARCHITECTURE.md, "One message", steps 2 and 3). What follows is `recorder`'s.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::{
    CallOutcome, IdempotencyKey, Message, MessageId, SessionId, Standing, TokenUsage, TurnEnd, TurnLine, User,
};
use futures::channel::oneshot;
use futures::future::{Either, join, select};
use infrastructure::StoreError;
use infrastructure::model::write_event;
use infrastructure::postgres::{Begun, NewTurn};
use infrastructure::redis::{Admission, AdmissionRequest, ChargeId, Claim, Repeated};
use platform::{Leaving, Level, ReaderBody};

pub use crate::opening::{AnswerForm, LastWords};
pub use crate::turn::Action;

use crate::charge::Charge;
use crate::config::QuotaFailMode;
use crate::opening::{Call, NotOpened, Opened, open_unless_left};
use crate::recorder::{self, Recording};
use crate::turn::{Plan, TurnIds};
use crate::{App, SendError, address, recovery, repetition};

/// What a visitor wants answered, and how.
pub struct SendMessage {
    /// Who asks.
    pub caller: User,
    /// Where from, as the platform saw it.
    pub address: Option<IpAddr>,
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
/// the receiving end, which the turn sees; what was written is put right all the same, and the message stays used.
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
    let SendMessage { caller, address, action, answer: form, key } = command;
    let ids = action.ids(app);
    let mut charge = Charge {
        id: ChargeId { user: caller.id, request: app.request },
        limits: app.limits(&caller),
        address: address::hash(app, address),
        continues: action.continues(),
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
        Err(Stop::Undone(error)) => return tell_after(app, not_asked(app, &charge), outcome, |_| error).await,
    };
    let branch = recovery::recover_branch(app, &caller, &action, branch).await;
    let failed_try = charge.ticket.and_then(|ticket| ticket.failed_try);
    let (ids, branch) = action.take_up(ids, failed_try, branch);
    let Plan { turn, prompt } = match action.plan(app, &caller, ids, branch) {
        Ok(plan) => plan,
        Err(error) => return tell_after(app, not_asked(app, &charge), outcome, |_| error).await,
    };

    // 3. Side by side again: the write hides behind the model's first byte.
    let began = app.platform.clock.now();
    let call = Call { prompt: &prompt, form: &form, is_probe: charge.is_probe() };
    let opening = open_unless_left(app, &call, &mut outcome);
    let (opened, written) = join(opening, app.postgres.begin_turn(&turn)).await;

    let call_outcome = heard(&opened);
    let opened = match begun(&turn, opened, written) {
        Ok(opened) => opened,
        Err((end, error)) => {
            let undone = undo(app, &turn, &charge, end, call_outcome);
            return tell_after(app, undone, outcome, |standing| error.standing_at(standing)).await;
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
        // The reader left while the last of the two calls came back.
        drop(recording.tape);
        undo(app, &recording.turn, &recording.charge, TurnEnd::ReaderLeft, call_outcome).await;
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
    let request = AdmissionRequest {
        charge: charge.id,
        limits: charge.limits,
        first_byte: app.config.first_byte,
        breaker_failures: app.config.breaker_failures,
        address: &charge.address,
        continues: charge.continues,
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
        Ok(Admission::Gone) => return Err(Stop::Told(SendError::Gone)),
        Ok(Admission::Continued) => return Err(Stop::Told(SendError::InProgress)),
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
fn heard(opened: &Result<Opened, NotOpened>) -> CallOutcome {
    match opened {
        Ok(opened) if opened.transcript.text().is_empty() => CallOutcome::Inconclusive,
        Ok(_) => CallOutcome::Answered,
        Err(NotOpened::Model(error)) => error.outcome(),
        Err(NotOpened::ReaderLeft) => CallOutcome::Inconclusive,
    }
}

/// The opened answer of a turn that is written; or how the turn ends without one, and what its sender is told.
fn begun(
    turn: &NewTurn,
    opened: Result<Opened, NotOpened>,
    written: Result<Begun, StoreError>,
) -> Result<Opened, (TurnEnd, SendError)> {
    match (written, opened) {
        (Ok(Begun::Written), Ok(opened)) => Ok(opened),
        // The write's fault comes first: without it there is nothing to mark as failed.
        (Err(error), _) => Err((TurnEnd::Failed, SendError::Store(error))),
        // Somebody else goes on with the answer: its row is theirs.
        (Ok(Begun::TooLate), _) if turn.continues() => Err((TurnEnd::Failed, SendError::InProgress)),
        (Ok(Begun::TooLate), _) => Err((TurnEnd::SessionDeleted, SendError::NoSuchSession)),
        // Others were started at the same moment.
        (Ok(Begun::TooManySessions), _) => Err((TurnEnd::NoRoom, SendError::TooManySessions)),
        (Ok(Begun::Written), Err(NotOpened::ReaderLeft)) => Err((TurnEnd::ReaderLeft, SendError::ReaderLeft)),
        (Ok(Begun::Written), Err(NotOpened::Model(cause))) => {
            Err((cause.turn_end(), SendError::Model { cause, session: turn.session, standing: None }))
        }
    }
}

/// The model was not asked: nothing is charged. Says where the caller stands then.
async fn not_asked(app: &App, charge: &Charge) -> Option<Standing> {
    charge.end(app, TurnEnd::NotAsked, CallOutcome::Inconclusive).await
}

/// No answer has begun: the visitor's words stay, marked failed, and the charge is settled. Says where the caller stands then.
async fn undo(app: &App, turn: &NewTurn, charge: &Charge, end: TurnEnd, outcome: CallOutcome) -> Option<Standing> {
    let marking = async {
        if let Err(error) = app.postgres.fail_turn(turn).await {
            app.log(Level::Error, "turn not marked as failed", vec![("cause", error.to_string().into())]);
        }
    };
    join(marking, charge.end(app, end, outcome)).await.1
}

/// How long an error waits for what undoes it: a caller who tries again at once should find it undone. With a store that is down it goes on afterwards.
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
