//! One turn, step by step; the steps stand in `turn`'s documentation.

use std::net::IpAddr;
use std::rc::Rc;

use domain::{
    Action, BeginOutcome, Beginning, CallOutcome, Fault, IdempotencyKey, Limits, NewTurn, Plan, PromptLimits, Standing,
    TokenUsage, TurnContext, TurnEnd, TurnIds, User,
};
use futures::FutureExt;
use futures::future::join;
use infrastructure::StoreError;
use infrastructure::model::Wishes;
use platform::{Leaving, Level};

use super::admission::{LetIn, NotAdmitted, let_in};
use super::charge::{Charge, EndedCall};
use super::opening::{Call, GoneModel, NotOpened, OpenedAnswer, Opening, open_unless_left};
use super::recorder::{Recorder, Recording};
use super::repeated;
use super::reply::{Accepted, AnswerBody, AnswerForm, Reply, Timings};
use crate::answer::recovery;
use crate::{App, SendError};

/// What a visitor wants answered, and how.
pub struct SendMessage {
    /// Who asks.
    pub caller: User,
    /// What they may do.
    pub limits: Limits,
    /// Where from, as the platform saw it.
    pub address: Option<IpAddr>,
    /// What for.
    pub action: Action,
    /// How the answer should come.
    pub answer: AnswerForm,
    /// The name under which the request may be repeated.
    pub key: Option<IdempotencyKey>,
    /// Proof of work, as it was sent.
    pub proof: Option<String>,
    /// What is wanted of the model.
    pub wishes: Wishes,
}

/// Sends a message.
///
/// The turn runs as background work from its first call on: when the reader leaves, the runtime drops the handler and with it
/// the receiving end, which the turn sees; what was written is put right all the same, and the message stays used.
///
/// # Errors
/// [`SendError`]; what it costs is `domain::TurnEnd`'s.
pub async fn send(app: &App, command: SendMessage) -> Result<Accepted, SendError> {
    let (reply, told) = Reply::new();
    let app = app.clone();
    let tasks = Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move { run(&app, command, reply).await }));
    told.await.unwrap_or(Err(SendError::Lost))
}

/// The steps before the answer are boxed, and what only they need is given back: a running answer takes no more memory than its recorder, and an
/// instance has many of them. As `dyn` they are functions of their own, too, which V8 compiles when they are first called: a turn in one function took it
/// milliseconds (docs/performance.md).
async fn run(app: &App, command: SendMessage, mut reply: Reply) {
    let SendMessage { caller, limits, address, action, answer: form, key, proof, mut wishes } = command;
    let ids = app.new_turn_ids(&action);
    let mut charge = Charge { proof, limits, ..Charge::new(app, &caller, address, key) };

    // 2. One round trip, two calls side by side.
    let (let_in, admit) = timed(app, let_in(app, &mut charge, &caller, &action, ids).boxed_local()).await;
    let (let_in, chosen) = match let_in {
        Ok(mut let_in) => {
            // The session keeps what a message of it has named.
            let chosen = wishes.model.clone();
            let kept = let_in.model.take().filter(|_| app.config.model_choice);
            wishes.model = wishes.model.or(kept);
            (let_in, chosen)
        }
        Err(NotAdmitted::Refused(error)) => return reply.refuse(error),
        Err(NotAdmitted::Repeated(before)) => {
            let told = match action {
                Action::Temporary { .. } => repeated::temporary(app, &caller, &charge, before).boxed_local().await,
                _ => repeated::answer(app, &caller, &charge, form, before).boxed_local().await,
            };
            let _is_there = reply.tell(told);
            return;
        }
        Err(NotAdmitted::Undone(error)) => return refuse(app, reply, &charge, error).boxed_local().await,
    };
    let gone = charge.gone_models().to_vec();
    let wished = wishes.model.clone();
    // The one that tries again tries the model that has failed.
    wishes.model = wishes.model.filter(|_| !charge.is_probe());
    charge.is_of_other_model = app.config.models.is_other(&gone, wishes.model.as_deref());
    let asked_first = app.config.models.to_ask(&gone, wishes.model.as_deref()).first().map_or("", |model| &model.id);
    let models = (asked_first, chosen);
    let Plan { mut turn, prompt } = match plan(app, &caller, &charge, action, ids, let_in, models).boxed_local().await {
        Ok(plan) => plan,
        Err(error) => return refuse(app, reply, &charge, error).boxed_local().await,
    };

    // Nobody comes back for what cannot be read again.
    let comes_back = turn.is_kept() || (turn.can_be_read_again() && app.config.resume_every.is_some());
    let leaving = if comes_back { app.config.on_disconnect } else { Leaving::ClosesUpstream };

    // 3. Side by side again: the write hides behind the model's first byte.
    let began = app.platform.clock.now();
    let held = app.config.spending(charge.has_account).held;
    let call = Call { prompt: &prompt, form, wishes: &wishes, leaving, gone: &gone, is_probe: charge.is_probe(), held };
    let opening = timed(app, open_unless_left(app, &call, &mut reply));
    let writing = timed(app, app.postgres.begin_turn(&turn));
    let ((Opening { outcome: opened, found_gone, lost }, model), (written, db)) =
        join(opening, writing).boxed_local().await;
    let timings = Timings { admit, db, model };
    let gone = report_gone(app, found_gone);
    let prompt_tokens = prompt.tokens();
    drop((prompt, wishes));
    let of_answer = opened
        .as_ref()
        .map_or(0, |opened| app.config.cost(&opened.model, TokenUsage { prompt: prompt_tokens, completion: 0 }));
    let cost = lost + of_answer;
    let bytes = if written == Ok(BeginOutcome::Written) { turn.question_bytes() } else { 0 };
    let outcome = outcome_so_far(&opened);
    let is_fault = matches!(&written, Err(error) if !error.is_refusal());
    let call = EndedCall { outcome, is_fault, cost, bytes, gone_models: gone };
    let opened = match opened_if_written(&turn, charge.takes_up(), opened, written) {
        Ok(opened) => opened,
        Err((end, error)) => {
            let undoing = undo(app, &turn, &charge, end, &call, error.fault()).boxed_local();
            return reply.refuse_after(app, undoing, |standing| error.standing_at(standing)).await;
        }
    };

    // 4 and 5.
    let OpenedAnswer { reader, tape, transcript, model, first } = opened;
    let instead_of = app.config.models.instead_of(wished.as_deref(), &model);
    turn.model = model;
    let recording = Recording {
        turn,
        charge,
        instead_of,
        prompt_tokens,
        lost,
        gone_models: call.gone_models.clone(),
        leaving,
        began,
        first_byte: app.platform.clock.now(),
        timings,
    };
    let recorder = Recorder::new(app, recording, transcript, tape, &first);
    drop(first);
    let Some(reader) = reader else { return recorder.run(Some(reply)).await };
    let body = AnswerBody::Stream(reader);
    if !reply.tell(Ok(recorder.recording.accepted(body))) && leaving == Leaving::ClosesUpstream {
        // The reader left while the last of the two calls came back.
        let Recording { turn, charge, .. } = recorder.give_up();
        undo(app, &turn, &charge, TurnEnd::ReaderLeft, &call, None).boxed_local().await;
        return;
    }
    recorder.run(None).await;
}

/// What comes of `work`, and how long it took, in milliseconds; 0 where the clock was set back.
async fn timed<T>(app: &App, work: impl Future<Output = T>) -> (T, u64) {
    let began = app.platform.clock.now().as_millisecond();
    let done = work.await;
    (done, u64::try_from(app.platform.clock.now().as_millisecond() - began).unwrap_or(0))
}

/// The model is not asked, for this reason.
async fn refuse(app: &App, reply: Reply, charge: &Charge, error: SendError) {
    let is_fault = matches!(&error, SendError::Store(cause) if !cause.is_refusal());
    let (end, error) = error.before_the_call(charge.takes_up());
    let call = EndedCall { is_fault, ..EndedCall::default() };
    reply.refuse_after(app, charge.end(app, end, &call), |_| error).await;
}

/// What is written and sent, on a branch whose dead answers are settled. Of the two models the first is asked first, the second named by the request.
async fn plan(
    app: &App,
    caller: &User,
    charge: &Charge,
    action: Action,
    ids: TurnIds,
    let_in: LetIn,
    (model, chosen): (&str, Option<String>),
) -> Result<Plan, SendError> {
    let LetIn { mut branch, context: own, .. } = let_in;
    if let Some(session) = action.session() {
        branch = recovery::recover_branch(app, caller, session, branch).await;
    }
    let failed_try = charge.ticket.as_ref().and_then(|ticket| ticket.failed_try);
    let (ids, branch) = action.take_up(ids, failed_try, branch);
    let context = TurnContext {
        owner: caller.id,
        run: app.request,
        system: &app.config.system_prompt,
        own: &own,
        limits: PromptLimits {
            messages: usize::try_from(app.config.context_messages).unwrap_or(usize::MAX),
            tokens: app.config.context_tokens,
        },
        model,
        chosen: chosen.as_deref(),
    };
    Ok(context.plan(action, ids, branch)?)
}

/// Tells the log of models that are gone; gives their ids for the settlement, with which all instances learn of them.
fn report_gone(app: &App, found_gone: Vec<GoneModel>) -> Vec<String> {
    let report = |GoneModel { id, cause }: GoneModel| {
        app.log(Level::Warn, "model gone", vec![("model", id.clone().into()), ("cause", cause.into())]);
        id
    };
    found_gone.into_iter().map(report).collect()
}

/// What a call's beginning says about the model.
fn outcome_so_far(opened: &Result<OpenedAnswer, NotOpened>) -> CallOutcome {
    match opened {
        Ok(opened) => CallOutcome::of_beginning(!opened.transcript.text().is_empty()),
        Err(NotOpened::Model(error)) => error.outcome(),
        Err(NotOpened::ReaderLeft) => CallOutcome::Inconclusive,
    }
}

/// The opened answer of a turn that is written; or how the turn ends without one, and what its sender is told.
fn opened_if_written<T>(
    turn: &NewTurn,
    takes_up: bool,
    opened: Result<T, NotOpened>,
    written: Result<BeginOutcome, StoreError>,
) -> Result<T, (TurnEnd, SendError)> {
    // The write's fault comes first: without it there is nothing to mark as failed.
    match written.map_err(|error| (TurnEnd::Failed, SendError::Store(error)))? {
        BeginOutcome::Written => {}
        BeginOutcome::SessionDeleted if takes_up => return Err((TurnEnd::SessionDeleted, SendError::Gone)),
        BeginOutcome::SessionDeleted => return Err((TurnEnd::SessionDeleted, SendError::NoSuchSession)),
        BeginOutcome::ContinuedByAnother => return Err((TurnEnd::Failed, SendError::InProgress)),
        // Other sessions were started at the same moment.
        BeginOutcome::TooManySessions => return Err((TurnEnd::NoRoom, SendError::TooManySessions)),
    }
    opened.map_err(|not_opened| match not_opened {
        NotOpened::ReaderLeft => (TurnEnd::ReaderLeft, SendError::ReaderLeft),
        NotOpened::Model(cause) if turn.beginning == Beginning::Unkept && cause.is_about_wishes() => {
            (cause.turn_end(), SendError::WishesRefused { standing: None })
        }
        NotOpened::Model(cause) => {
            let session = turn.is_kept().then_some(turn.session);
            (cause.turn_end(), SendError::Model { cause, session, standing: None })
        }
    })
}

/// No answer has begun: the visitor's words stay, marked failed, and the charge is settled. Says where the caller stands then.
async fn undo(
    app: &App,
    turn: &NewTurn,
    charge: &Charge,
    end: TurnEnd,
    call: &EndedCall,
    fault: Option<Fault>,
) -> Option<Standing> {
    let marking = async {
        if let Err(error) = app.postgres.fail_turn(turn, fault).await {
            app.log_cause(Level::Error, "turn not marked as failed", &error);
        }
    };
    join(marking, charge.end(app, end, call)).await.1
}

#[cfg(test)]
mod tests {
    use domain::{MessageId, RequestId, SessionId, UserId};
    use infrastructure::ModelError;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_call_without_an_answer_is_heard_by_the_breaker_as_its_error_says() {
        for (not_opened, expected) in [
            (NotOpened::ReaderLeft, CallOutcome::Inconclusive),
            (NotOpened::Model(ModelError::Timeout(30)), CallOutcome::Failed),
            (NotOpened::Model(ModelError::Empty), CallOutcome::Inconclusive),
        ] {
            assert_eq!(outcome_so_far(&Err(not_opened)), expected);
        }
    }

    #[test]
    fn a_turn_without_an_answer_ends_with_its_first_cause() {
        let zero = Timestamp::UNIX_EPOCH;
        let turn = NewTurn {
            session: SessionId::new(zero, [0; 10]),
            owner: UserId::new(zero, [0; 10]),
            question: MessageId::new(zero, [0; 10]),
            answer: MessageId::new(zero, [1; 10]),
            run: RequestId::new(zero, [0; 10]),
            model: String::new(),
            chosen: None,
            beginning: domain::Beginning::Regeneration,
        };
        let opened = || Ok(());
        let left = || Err(NotOpened::ReaderLeft);
        let failed = || Err(NotOpened::Model(ModelError::Timeout(30)));
        let unwritten = || Err(StoreError::Unexpected { store: "postgres", what: "an id" });
        let cases = [
            (opened(), Ok(BeginOutcome::Written), None),
            (left(), Ok(BeginOutcome::Written), Some((TurnEnd::ReaderLeft, "the reader left"))),
            (failed(), Ok(BeginOutcome::Written), Some((TurnEnd::Failed, "no answer from the model"))),
            (opened(), unwritten(), Some((TurnEnd::Failed, "unexpected value"))),
            (failed(), unwritten(), Some((TurnEnd::Failed, "unexpected value"))),
            (opened(), Ok(BeginOutcome::SessionDeleted), Some((TurnEnd::SessionDeleted, "no such session"))),
            (left(), Ok(BeginOutcome::SessionDeleted), Some((TurnEnd::SessionDeleted, "no such session"))),
            (opened(), Ok(BeginOutcome::ContinuedByAnother), Some((TurnEnd::Failed, "still on its way"))),
            (failed(), Ok(BeginOutcome::TooManySessions), Some((TurnEnd::NoRoom, "too many sessions"))),
        ];
        for (at, (opened, written, expected)) in cases.into_iter().enumerate() {
            let ended = opened_if_written(&turn, false, opened, written).err();
            let ended = ended.map(|(end, error)| (end, error.to_string()));
            let is_as_expected = match (&ended, expected) {
                (None, None) => true,
                (Some((end, text)), Some((expected, part))) => *end == expected && text.contains(part),
                (None, Some(_)) | (Some(_), None) => false,
            };
            assert!(is_as_expected, "case {at}: {ended:?}");
        }
    }
}
